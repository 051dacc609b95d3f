// What journeys share: a console that has to stay empty, sign-in through the provider's own page, axe, and the sandbox.
import AxeBuilder from "@axe-core/playwright";
import { type Page, expect, test as base } from "@playwright/test";

const sandbox = process.env.SANDBOX_URL ?? "";

export interface Mail {
  id: string;
  to: string[];
  subject: string;
  text: string;
  html: string;
}

async function change(directory: string, to: Record<string, unknown>): Promise<void> {
  const answer = await fetch(`${sandbox}/_sandbox/api/directories/${directory}`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(to),
  });
  expect(answer.ok).toBe(true);
}

/** The sandbox's controls. */
export const control = {
  async inbox(): Promise<Mail[]> {
    return (await fetch(`${sandbox}/_sandbox/api/inbox`)).json();
  },
  async fault(fault: Record<string, unknown>): Promise<void> {
    const answer = await fetch(`${sandbox}/_sandbox/api/faults`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(fault),
    });
    expect(answer.ok).toBe(true);
  },
  /** Has somebody sign in to their WorkSpace, as its user does with a client. */
  async signIn(account: string): Promise<void> {
    const all: { id: string; user_name: string; terminated_at: string | null }[] = await (
      await fetch(`${sandbox}/_sandbox/api/workspaces`)
    ).json();
    const own = all.find((workspace) => workspace.user_name === account && workspace.terminated_at === null);
    const answer = await fetch(`${sandbox}/_sandbox/api/workspaces/${own?.id}/sign-in`, { method: "POST" });
    expect(answer.ok).toBe(true);
  },
  /** Makes a connector's stage, as AWS or fate does. */
  async stage(directory: string, stage: string, reason?: string): Promise<void> {
    await change(directory, { stage, reason });
  },
  /** Gives a connector other DNS servers, as somebody does in AWS's console. */
  async dns(directory: string, dns: string[]): Promise<void> {
    await change(directory, { dns });
  },
};

/** Whether this run has JavaScript. */
export const scripted = (): boolean => test.info().project.use.javaScriptEnabled !== false;

/** Waits until the browser has taken over, where it does. */
export async function ready(page: Page): Promise<void> {
  if (scripted()) {
    await expect(page.locator("html[data-hydrated]")).toBeAttached();
  }
}

/** Opens a path and waits for it. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await ready(page);
}

/** Waits until a page that turns by itself, or is loaded again, says so. */
export async function says(page: Page, words: RegExp, timeout = 150_000): Promise<void> {
  let looked = false;
  const seen = async () => {
    // What was just posted is still on its way at the first look.
    if (looked && !scripted()) await page.reload();
    looked = true;
    return page.locator("main").textContent();
  };
  await expect.poll(seen, { timeout, intervals: [2_000] }).toMatch(words);
  await ready(page);
}

/** Signs in as a person of the example company, as a person would. */
export async function signInAs(page: Page, account: string): Promise<void> {
  await open(page, "/");
  await page.getByRole("link", { name: "Sign in with your company account" }).click();
  await page.getByRole("button", { name: account }).click();
  await expect(page).toHaveURL(/\/$/);
  await ready(page);
}

/** Takes the directory that is there from the start, whatever other journeys have made, and goes on to the people. */
export async function toPeople(page: Page): Promise<void> {
  await page.locator("input[value='d-906731a2b4']").check();
  await page.getByRole("button", { name: "Continue to people" }).click();
}

/** What to ask later whether the browser kept the page and only its parts changed; without scripts pages are loaded again. */
export async function stays(page: Page): Promise<() => Promise<void>> {
  if (!scripted()) return async () => {};
  const mark = await page.evaluateHandle(() => document);
  return async () => expect(await page.evaluate((before) => before === document, mark).catch(() => false)).toBe(true);
}

/** Nothing that axe calls serious or critical. */
export async function accessible(page: Page): Promise<void> {
  if (!scripted()) return;
  const found = await new AxeBuilder({ page }).analyze();
  const grave = found.violations.filter((violation) => violation.impact === "serious" || violation.impact === "critical");
  expect(grave.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target).join(" | ")}`)).toEqual([]);
}

/** The console stays empty; a page that is refused on purpose is announced by its status. */
export const test = base.extend<{ refusals: number[] }>({
  refusals: async ({}, use) => use([]),
  page: async ({ page, refusals }, use) => {
    const said: string[] = [];
    page.on("console", (message) => {
      if (message.type() !== "error" && message.type() !== "warning") return;
      // Without scripts nobody uses the wasm that the page announces.
      if (!scripted() && message.text().includes("was preloaded using link preload but not used")) return;
      if (refusals.some((status) => message.text().includes(`status of ${status}`))) return;
      // What the wasm's own loader says of a part that is refused.
      if (refusals.length > 0 && message.text().includes("HTTP status code is not ok")) return;
      said.push(`${page.url()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => said.push(`${page.url()}: ${error.message}`));
    await use(page);
    expect(said).toEqual([]);
  },
});

export { expect };
