// What became of requests, by the month: pictures, tables and files, for those who look after requests and for others.
import { type Page } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { type Person, accessible, expect, open, ready, scripted, signInAs, test } from "./support/fixtures";
import { choose, furnish, people, somebody, waiting } from "./support/requests";

/** Each run takes its own offering and cost centre: both share a Frontdesk. */
const offering = () => (scripted() ? "Desk to count" : "Desk to count without scripts");
const centre = () => (scripted() ? "49-1" : "49-2");

/** Asks for somebody. */
async function ask(page: Page, chosen: Person[]): Promise<void> {
  await open(page, "/requests/new");
  await page.getByRole("button", { name: "Begin" }).click();
  await choose(page, chosen);
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
  const chosen = await people(1, 1);
  await signInAs(page, "amoreau");
  await furnish(page, offering(), centre(), "Counting");
  await ask(await somebody(browser, "mgarcia"), chosen);
  const approver = await somebody(browser, "plindqvist");
  await waiting(approver, offering());
  await approver.getByLabel("Words to who asks").fill("Not this year");
  await approver.getByRole("button", { name: "Refuse" }).click();
  await expect(approver.getByText("Not this year").first()).toBeVisible();

  await open(page, "/requests");
  await page.getByRole("link", { name: "Numbers", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Numbers", level: 1 })).toBeVisible();
  await expect(page.getByText(/^In twelve months [1-9]\d* requested, \d+ approved, [1-9]\d* refused\./)).toBeVisible();
  await expect(page.getByText(/: [1-9]\d* requests?, half of them within (under a minute|\d+ min)/)).toBeVisible();
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
  expect(desktops).toContain(`${chosen[0].account},${offering()},'=1+1,${centre()},Counting,`);

  // The owner of the cost centre sees what it pays for, others are told what would stand here.
  const owner = await somebody(browser, "ncostas");
  await open(owner, "/requests/numbers");
  await expect(owner.getByText("Only your cost centres")).toBeVisible();
  await expect(owner.getByText(/^In twelve months [1-9]\d* requested/)).toBeVisible();
  await open(approver, "/requests/numbers");
  await expect(approver.getByRole("heading", { name: "Nothing to count yet" })).toBeVisible();
  await accessible(approver);
});
