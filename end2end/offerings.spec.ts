// What may be asked for: prices from a sheet, an offering from the form over the preview to its second version, closed in the end.
import { accessible, expect, open, ready, scripted, signInAs, test } from "./support/fixtures";

const HEADER = "compute,root_gib,user_gib,always_on_month,auto_stop_month,auto_stop_hour,volume_gib_month";

/** Each run has an offering of its own: two can't be open under one name. */
const name = () => (scripted() ? "Office desktop" : "Office desk without scripts");

test("prices are taken in whole or not at all", async ({ page }) => {
  await signInAs(page, "amoreau");
  await page.getByRole("link", { name: "Offerings" }).first().click();
  await page.getByRole("link", { name: "Prices" }).click();
  await expect(page.getByRole("heading", { name: "Prices", exact: true })).toBeVisible();
  await expect(page.getByText("volume_gib_month").first()).toBeVisible();
  await ready(page);
  await accessible(page);
  await page.getByRole("button", { name: "New price sheet" }).click();
  await expect(page.getByRole("heading", { name: "New price sheet" })).toBeVisible();
  await expect(page.getByLabel("Region")).toHaveValue("eu-central-1");
  await page.getByLabel("Currency").fill("EUR");
  await page.getByLabel("Valid from").fill("2026-01-01");
  await page.getByLabel("Source").fill("contract 17");
  await page.getByLabel("Prices", { exact: true }).fill(`${HEADER}\nSTANDARD,80,50,44,9.75,0.3,0.10\nPOWER,175,100,-80,,,`);
  await page.getByRole("button", { name: "Take the sheet in" }).click();
  await expect(page.getByText("Line 3: always_on_month is below zero.").first()).toBeVisible();
  await expect(page.getByLabel("Source")).toHaveValue("contract 17");
  await ready(page);
  await accessible(page);
  // As a spreadsheet saves it.
  const sheet = `${HEADER}\r\nSTANDARD,80,50,44,9.75,0.3,0.10\r\n`.replaceAll(",", ";");
  await page.getByLabel("Or choose a file").setInputFiles({ name: "prices.csv", mimeType: "text/csv", buffer: Buffer.from(sheet, "utf16le") });
  await page.getByRole("button", { name: "Take the sheet in" }).click();
  await expect(page.getByRole("heading", { name: "eu-central-1 from 1 Jan 2026" })).toBeVisible();
  await expect(page.getByText("In force")).toBeVisible();
  await ready(page);
  await accessible(page);
  const waiting = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download as CSV" }).click();
  expect((await waiting).suggestedFilename()).toMatch(/^prices-eu-central-1-\d+\.csv$/);
});

test("an offering is made, looked at, published, changed and closed", async ({ page }) => {
  await signInAs(page, "amoreau");
  await open(page, "/offerings");
  await accessible(page);
  await page.getByRole("button", { name: "New offering" }).click();
  await expect(page.getByRole("heading", { name: "New offering" })).toBeVisible();
  await page.getByRole("button", { name: "Continue to preview" }).click();
  await expect(page.getByText("Give it a name of at most 60 characters").first()).toBeVisible();
  await ready(page);
  await accessible(page);
  await page.getByLabel("Name", { exact: true }).fill(name());
  await page.getByLabel("Description").fill("For mail, documents and meetings.");
  await page.getByRole("radio", { name: "Paper" }).check();
  await page.getByLabel("Directory").selectOption("d-906731a2b4");
  await page.getByRole("searchbox").fill("office");
  await page.getByRole("button", { name: "Narrow" }).click();
  await expect(page.getByRole("radio", { name: /PowerPro/ })).toHaveCount(0);
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue(name());
  await ready(page);
  await page.getByRole("radio", { name: /Office-Desk/ }).check();
  await page.getByText("Volumes and encryption").click();
  await page.getByLabel("User volume in GB").fill("60");
  await page.getByRole("button", { name: "Continue to preview" }).click();
  await expect(page.getByText("AWS takes 80 GB with a user volume of 10, 50 or 100 GB").first()).toBeVisible();
  await ready(page);
  await page.getByLabel("User volume in GB").fill("100");
  await page.getByLabel("Encrypt the user volume").check();
  await page.getByLabel("Groups").fill("frontdesk-requesters");
  await page.getByRole("button", { name: "Continue to preview" }).click();

  await expect(page.getByRole("heading", { name: "Look before it is published" })).toBeVisible();
  // 9.75 and 50 GB more, and 80 hours.
  await expect(page.getByText("38.75 EUR").first()).toBeVisible();
  await expect(page.getByText("Prices of 1 Jan 2026.").first()).toBeVisible();
  await expect(page.getByText("Group Frontdesk-Requesters")).toBeVisible();
  await ready(page);
  await accessible(page);
  await page.getByRole("button", { name: "Publish" }).click();
  await expect(page.getByRole("heading", { name: name(), level: 1 })).toBeVisible();
  await ready(page);
  await accessible(page);

  await page.getByRole("button", { name: "Change it" }).click();
  await expect(page.getByRole("heading", { name: "Change an offering" })).toBeVisible();
  await ready(page);
  await page.getByLabel("Hours a month").fill("20");
  await page.getByRole("button", { name: "Continue to preview" }).click();
  await expect(page.getByText("It becomes version 2. Changed: hours.")).toBeVisible();
  await ready(page);
  await page.getByRole("button", { name: "Publish" }).click();
  await expect(page.getByText("Version 2, last changed by")).toBeVisible();
  await ready(page);
  await page.getByRole("button", { name: "Close it" }).click();
  await expect(page.getByText("Nobody can ask for it.")).toBeVisible();
  await open(page, "/offerings");
  await expect(page.getByRole("row").filter({ hasText: name() }).getByText("Closed")).toBeVisible();
  await accessible(page);
});
