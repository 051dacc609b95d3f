// What became of requests, by the month: pictures, tables and files, for those who look after requests and for others.
import { type Browser, type Page } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { accessible, expect, open, ready, scripted, signInAs, test } from "./support/fixtures";

/** Each run takes its own offering and cost centre: both share a Frontdesk. */
const offering = () => (scripted() ? "Desk to count" : "Desk to count without scripts");
const centre = () => (scripted() ? "48-1" : "48-2");
const given = () => (scripted() ? "Clara" : "Emil");

/** Somebody in a browser of their own. */
async function somebody(browser: Browser, account: string): Promise<Page> {
  const page = await (await browser.newContext({ javaScriptEnabled: scripted() })).newPage();
  await signInAs(page, account);
  return page;
}

/** What may be asked for, and who pays. */
async function furnish(page: Page): Promise<void> {
  await open(page, "/offerings");
  await page.getByRole("button", { name: "New offering" }).click();
  await expect(page.getByRole("heading", { name: "New offering" })).toBeVisible();
  await ready(page);
  await page.getByLabel("Name", { exact: true }).fill(offering());
  await page.getByLabel("Description").fill("For mail, documents and meetings.");
  await page.getByLabel("Directory").selectOption("d-906731a2b4");
  await page.getByRole("radio", { name: /Office-Desk/ }).check();
  await page.getByRole("button", { name: "Continue to preview" }).click();
  await expect(page.getByRole("heading", { name: "Look before it is published" })).toBeVisible();
  await ready(page);
  await page.getByRole("button", { name: "Publish" }).click();
  await expect(page.getByRole("heading", { name: offering(), level: 1 })).toBeVisible();
  await open(page, "/cost-centres");
  await page.getByText("Read a list").click();
  await page.getByLabel("Paste it here").fill(`${centre()},Counting,ncostas,,EUR`);
  await page.getByRole("button", { name: "Read the list" }).click();
  await expect(page.getByRole("row").filter({ hasText: `${centre()} Counting` })).toBeVisible();
}

/** Asks for somebody. */
async function ask(page: Page): Promise<void> {
  await open(page, "/requests/new");
  await page.getByRole("button", { name: "Begin" }).click();
  await expect(page.getByRole("heading", { name: "Who gets a desktop?" })).toBeVisible();
  await ready(page);
  await page.getByRole("checkbox", { name: `Select ${given()} Nordwind` }).check();
  await page.getByRole("button", { name: "Add selected" }).click();
  await expect(page.getByRole("heading", { name: "Chosen: 1" })).toBeVisible();
  await ready(page);
  await page.getByRole("link", { name: "Continue to what and why" }).click();
  await expect(page.getByRole("heading", { name: "What do they need, and why?" })).toBeVisible();
  await ready(page);
  await page.getByRole("radio", { name: new RegExp(`^${offering()}`) }).first().check();
  await page.getByLabel("Why they are needed").fill("=1+1");
  await page.getByRole("combobox", { name: "Cost centre" }).selectOption({ label: `${centre()} Counting` });
  await page.getByLabel("Needed by").fill(new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10));
  await page.getByRole("button", { name: "Continue to check" }).click();
  await expect(page.getByRole("heading", { name: "Check and hand in" })).toBeVisible();
  await ready(page);
  await page.getByRole("button", { name: "Hand it in" }).click();
  await expect(page.getByRole("heading", { name: `1 \u00d7 ${offering()}` })).toBeVisible();
}

/** Follows a link to a file: its name and what stands in it. */
async function taken(page: Page, link: string): Promise<[string, string]> {
  const waiting = page.waitForEvent("download");
  await page.getByRole("link", { name: link }).first().click();
  const download = await waiting;
  return [download.suggestedFilename(), await readFile(await download.path(), "utf8")];
}

test("what was asked for and refused is counted, shown, and taken away as files", async ({ page, browser }) => {
  await signInAs(page, "amoreau");
  await furnish(page);
  await ask(await somebody(browser, "mgarcia"));
  const approver = await somebody(browser, "plindqvist");
  await open(approver, "/approvals");
  await approver.getByRole("row").filter({ hasText: offering() }).getByRole("link").first().click();
  await expect(approver.getByRole("heading", { name: "Your decision" })).toBeVisible();
  await ready(approver);
  await approver.getByLabel("Words to who asks").fill("Not this year");
  await approver.getByRole("button", { name: "Refuse" }).click();
  await expect(approver.getByText("Not this year").first()).toBeVisible();

  await open(page, "/requests");
  await page.getByRole("link", { name: "Numbers", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Numbers", level: 1 })).toBeVisible();
  await expect(page.getByText(/^In twelve months [1-9]\d* requested, \d+ approved, [1-9]\d* refused\./)).toBeVisible();
  await expect(page.getByText(/: [1-9]\d* requests?, half of them within under a minute/)).toBeVisible();
  await ready(page);
  await accessible(page);
  await page.getByText("The same as a table").first().click();
  const table = page.getByRole("table", { name: "Desktops requested, approved and refused by the month" });
  await expect(table.getByRole("row")).toHaveCount(13);
  await accessible(page);
  const [name, numbers] = await taken(page, "These numbers as CSV");
  expect(name).toBe("requested.csv");
  expect(numbers).toMatch(/^month,requested,approved,refused\r\n/);
  const [all, desktops] = await taken(page, "All desktops as CSV");
  expect(all).toBe("desktops.csv");
  expect(desktops).toContain(`${given().toLowerCase()}.nordwind,${offering()},'=1+1,${centre()},Counting,`);

  // The owner of the cost centre sees what it pays for, others are told what would stand here.
  const owner = await somebody(browser, "ncostas");
  await open(owner, "/requests/numbers");
  await expect(owner.getByText("Only your cost centres")).toBeVisible();
  await expect(owner.getByText(/^In twelve months [1-9]\d* requested/)).toBeVisible();
  await open(approver, "/requests/numbers");
  await expect(approver.getByRole("heading", { name: "Nothing to count yet" })).toBeVisible();
  await accessible(approver);
});
