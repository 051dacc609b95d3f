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

/** Has an admin publish what may be asked for, and name a cost centre that pays. */
export async function furnish(page: Page, offering: string, number: string, centre: string): Promise<void> {
  await open(page, "/offerings");
  await page.getByRole("button", { name: "New offering" }).click();
  await expect(page.getByRole("heading", { name: "New offering" })).toBeVisible();
  await ready(page);
  await page.getByLabel("Name", { exact: true }).fill(offering);
  await page.getByLabel("Description").fill("For mail, documents and meetings.");
  await page.getByLabel("Directory").selectOption("d-906731a2b4");
  await page.getByRole("radio", { name: /Office-Desk/ }).check();
  await page.getByRole("button", { name: "Continue to preview" }).click();
  await expect(page.getByRole("heading", { name: "Look before it is published" })).toBeVisible();
  await ready(page);
  await page.getByRole("button", { name: "Publish" }).click();
  await expect(page.getByRole("heading", { name: offering, level: 1 })).toBeVisible();
  await open(page, "/cost-centres");
  await page.getByText("Read a list").click();
  await page.getByLabel("Paste it here").fill(`${number},${centre},ncostas,,EUR`);
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
    await page.getByRole("button", { name: "Add selected" }).click();
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
