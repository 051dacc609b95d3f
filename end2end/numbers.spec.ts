// What became of requests, by the month: pictures, tables and files, for those who look after requests and for others.
import { readFile } from "node:fs/promises";
import { accessible, expect, open, ready, signInAs, test } from "./support/fixtures";

test("the numbers are shown, and taken away as files", async ({ page }) => {
  await signInAs(page, "hkeller");
  await open(page, "/requests");
  await page.getByRole("link", { name: "Numbers", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Numbers", level: 1 })).toBeVisible();
  await ready(page);
  await accessible(page);
  // Other journeys may have asked for desktops before this one.
  const counted = page.getByRole("heading", { name: "Requested, approved, refused" });
  await expect(counted.or(page.getByRole("heading", { name: "Nothing to count yet" }))).toBeVisible();
  if (!(await counted.isVisible())) return;
  await expect(page.getByText(/^In twelve months \d+ requested, \d+ approved, \d+ refused\./)).toBeVisible();
  await page.getByText("The same as a table").first().click();
  await expect(page.getByRole("table", { name: "Desktops requested, approved and refused by the month" }).getByRole("row")).toHaveCount(13);
  await accessible(page);
  for (const [link, name, columns] of [
    ["All desktops as CSV", "desktops.csv", "request,requester,person,account,"],
    ["These numbers as CSV", "requested.csv", "month,requested,approved,refused"],
  ]) {
    const waiting = page.waitForEvent("download");
    await page.getByRole("link", { name: link }).first().click();
    const download = await waiting;
    expect(download.suggestedFilename()).toBe(name);
    expect((await readFile(await download.path(), "utf8")).startsWith(columns)).toBe(true);
  }
});

test("who owns no cost centre is told what would stand here", async ({ page }) => {
  await signInAs(page, "plindqvist");
  await open(page, "/requests/numbers");
  await expect(page.getByRole("heading", { name: "Nothing to count yet" })).toBeVisible();
  await expect(page.getByText("Only your cost centres")).toBeVisible();
  await accessible(page);
});
