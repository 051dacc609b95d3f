// What journeys share: a console that has to stay empty, sign-in through the provider's own page, axe, and the sandbox.
import AxeBuilder from "@axe-core/playwright";
import { type Locator, type Page, expect, test as base } from "@playwright/test";

const sandbox = process.env.SANDBOX_URL ?? "";

export interface Mail {
  id: string;
  to: string[];
  subject: string;
  text: string;
  html: string;
  tags: [string, string][];
}

export interface Person {
  account: string;
  name: string;
}

async function post(path: string, body: Record<string, unknown>, method = "POST"): Promise<Response> {
  const answer = await fetch(`${sandbox}/_sandbox/api/${path}`, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(answer.ok).toBe(true);
  return answer;
}

async function change(directory: string, to: Record<string, unknown>): Promise<void> {
  await post(`directories/${directory}`, to, "PATCH");
}

/** WorkSpaces that are there. */
async function desktops(): Promise<{ id: string; user_name: string }[]> {
  const all = await (await fetch(`${sandbox}/_sandbox/api/workspaces`)).json();
  return all.filter((desktop: { terminated_at: string | null }) => desktop.terminated_at === null);
}

/** What time the sandbox says it is, moved on before it is read. */
async function moved(by: { days?: number; seconds?: number }): Promise<Date> {
  return new Date((await (await post("clock", by)).json()).now);
}

/** The sandbox's controls. */
export const control = {
  async inbox(): Promise<Mail[]> {
    return (await fetch(`${sandbox}/_sandbox/api/inbox`)).json();
  },
  /** How many invitations went to these: Frontdesk sends other mails too, whenever it has something to tell. */
  async invitations(accounts: string[]): Promise<number> {
    const addresses = accounts.map(address);
    const invitations = (await control.inbox()).filter((mail) => mail.tags.some(([name]) => name === "invitation"));
    return invitations.filter((mail) => mail.to.some((to) => addresses.includes(to))).length;
  },
  /** People who have no desktop and whom nothing keeps from one. */
  async people(): Promise<Person[]> {
    const all: (Person & { ordinary: boolean })[] = await (await fetch(`${sandbox}/_sandbox/api/people`)).json();
    const have = new Set((await desktops()).map((desktop) => desktop.user_name.toLowerCase()));
    const alone = (account: string) => all.filter((other) => other.account.startsWith(account)).length === 1;
    return all.filter((person) => person.ordinary && !have.has(person.account.toLowerCase()) && alone(person.account));
  },
  async fault(fault: Record<string, unknown>): Promise<void> {
    await post("faults", fault);
  },
  /** Moves the time on by so many days, and to the next time that it is five in the morning (UTC). */
  async morning(days: number): Promise<void> {
    const now = await moved({ days });
    const at = new Date(now);
    at.setUTCHours(5, 0, 0, 0);
    const seconds = Math.round((at.getTime() - now.getTime()) / 1_000);
    await moved({ seconds: seconds < 0 ? seconds + 86_400 : seconds });
  },
  /** Lets so many minutes pass. */
  async minutes(minutes: number): Promise<void> {
    await moved({ seconds: minutes * 60 });
  },
  /** The day that it is so many days from now, as date fields take it. */
  async day(days: number): Promise<string> {
    const now = await moved({});
    return new Date(now.getTime() + days * 86_400_000).toISOString().slice(0, 10);
  },
  /** Disables an account of Active Directory, or enables it. */
  async disable(account: string, disabled: boolean): Promise<void> {
    await post(`people/${account}`, { disabled }, "PATCH");
  },
  /** Has somebody sign in to their WorkSpace, as its user does with a client. */
  async signIn(account: string): Promise<void> {
    const own = (await desktops()).find((desktop) => desktop.user_name === account);
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

/** Where somebody of the example company gets mail. */
export const address = (account: string): string => `${account}@corp.example.com`;

/** Whose WorkSpace the row of a box is. */
export async function accountAt(box: Locator): Promise<string> {
  return ((await box.locator("xpath=..").textContent()) ?? "").replace("Select", "").trim();
}

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
