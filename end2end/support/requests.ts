// What journeys of requests share: people whom no other journey takes, something to ask for, and deciding.
import { type Browser, type Page } from "@playwright/test";
import { type Person, control, expect, open, ready, scripted, signInAs } from "./fixtures";

/** Somebody in a browser of their own. */
export async function somebody(browser: Browser, account: string): Promise<Page> {
  const page = await (await browser.newContext({ javaScriptEnabled: scripted() })).newPage();
  await signInAs(page, account);
  return page;
}

/** So many people who can get a desktop, others for each journey's `place` and for each run of it. */
export async function people(place: number, count: number): Promise<Person[]> {
  // From the end: journeys of launches take whole families, which stand in front.
  const free = (await control.people()).reverse();
  const from = (place * 2 + (scripted() ? 0 : 1)) * 10;
  return free.slice(from, from + count);
}

/** What is asked for: a temporary desktop where it has a last day. */
export interface Wish {
  chosen: Person[];
  offering: string;
  /** As the list of cost centres names it. */
  centre: string;
  day: string;
  until?: string;
}

/** Asks for desktops, hands that in, and says where the request is. */
export async function ask(page: Page, { chosen, offering, centre, day, until }: Wish): Promise<string> {
  await open(page, "/requests/new");
  await page.getByRole("button", { name: "Begin" }).click();
  await choose(page, chosen);
  await page.getByRole("radio", { name: new RegExp(`^${offering}`) }).first().check();
  await page.getByLabel("Why they are needed").fill("A project");
  await page.getByRole("combobox", { name: "Cost centre" }).selectOption({ label: centre });
  await page.getByLabel("Needed by").fill(day);
  if (until !== undefined) await page.getByLabel("Until").fill(until);
  await page.getByRole("button", { name: "Continue to check" }).click();
  await expect(page.getByRole("heading", { name: "Check and hand in" })).toBeVisible();
  await ready(page);
  await page.getByRole("button", { name: "Hand it in" }).click();
  await expect(page.getByRole("heading", { name: `${chosen.length} \u00d7 ${offering}` })).toBeVisible();
  return page.url();
}

/** Has an admin publish what may be asked for, and name a cost centre that pays, with a cap or without. */
export async function furnish(page: Page, offering: string, number: string, centre: string, cap = ""): Promise<void> {
  await open(page, "/offerings");
  await page.getByRole("button", { name: "New offering" }).click();
  await expect(page.getByRole("heading", { name: "New offering" })).toBeVisible();
  await ready(page);
  await page.getByLabel("Name", { exact: true }).fill(offering);
  await page.getByLabel("Description").fill("For mail, documents and meetings.");
  await page.getByLabel("Directory").selectOption("d-906731a2b4");
  // A Frontdesk that has just started has not read AWS yet.
  await expect(async () => {
    await page.getByRole("button", { name: "Narrow" }).click();
    await expect(page.getByRole("radio", { name: /Office-Desk/ })).toBeVisible({ timeout: 3_000 });
  }).toPass({ timeout: 120_000 });
  await ready(page);
  // The last narrowing may still be on its way; nothing else is posted before its answer is there.
  await expect(async () => {
    await page.getByRole("radio", { name: /Office-Desk/ }).check();
    await page.getByRole("button", { name: "Continue to preview" }).click();
    await expect(page.getByRole("heading", { name: "Look before it is published" })).toBeVisible({ timeout: 10_000 });
  }).toPass({ timeout: 60_000 });
  await ready(page);
  await page.getByRole("button", { name: "Publish" }).click();
  await expect(page.getByRole("heading", { name: offering, level: 1 })).toBeVisible();
  await open(page, "/cost-centres");
  await page.getByRole("link", { name: "Read a list" }).click();
  await page.getByLabel("Paste it here").fill(`${number},${centre},ncostas,${cap},EUR`);
  await page.getByRole("button", { name: "Read the list" }).click();
  await expect(page.getByRole("row").filter({ hasText: `${number} ${centre}` })).toBeVisible();
}

/** Finds people in the step "For whom", adds them, and goes on. */
export async function choose(page: Page, chosen: Person[]): Promise<void> {
  await expect(page.getByRole("heading", { name: "Who gets a desktop?" })).toBeVisible();
  await ready(page);
  for (const [before, person] of chosen.entries()) {
    await page.getByLabel("Name, account or mail address").fill(person.account);
    await page.getByRole("button", { name: "Apply" }).click();
    await expect(page).toHaveURL(new RegExp(`q=${person.account}`));
    await page.getByRole("checkbox", { name: `Select ${person.name}` }).check();
    await page.getByRole("button", { name: "Add selected", exact: true }).click();
    await expect(page.getByRole("heading", { name: `Chosen: ${before + 1}` })).toBeVisible();
    await ready(page);
  }
  await page.getByRole("link", { name: "Continue to what and why" }).click();
  await expect(page.getByRole("heading", { name: "What do they need, and why?" })).toBeVisible();
  await ready(page);
}

/** Opens what waits for the reader's decision. */
export async function waiting(page: Page, offering: string): Promise<void> {
  await open(page, "/approvals");
  await page.getByRole("row").filter({ hasText: offering }).getByRole("link").first().click();
  await expect(page.getByRole("heading", { name: "Your decision" })).toBeVisible();
  await ready(page);
}
