// Cost centres: a list is read, one is made by hand with its owner looked for, changed and closed; an auditor only looks.
import { accessible, expect, open, ready, scripted, signInAs, test } from "./support/fixtures";

test("an admin makes, changes and closes a cost centre, and an auditor sees it", async ({ page, context }) => {
  // All runs share a Frontdesk.
  const number = `${scripted() ? "90" : "91"}-${Date.now() % 1_000_000}`;
  await signInAs(page, "amoreau");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Cost centres" }).first().click();
  await expect(page.getByRole("heading", { name: "Cost centres" })).toBeVisible();
  await ready(page);
  await accessible(page);

  await page.getByRole("link", { name: "New cost centre" }).click();
  await expect(page.getByRole("heading", { name: "New cost centre" })).toBeVisible();
  await ready(page);
  await accessible(page);
  await page.getByLabel("Number").fill(number);
  await page.getByLabel("Name", { exact: true }).fill("Depots");
  await page.getByLabel("Cap a month (optional)").fill("1.000,00");
  // The form proposes the currency of the last one that was made.
  await page.getByLabel("Currency").fill("EUR");
  await page.getByLabel("Look for the owner").fill("costas");
  await page.getByRole("button", { name: "Look", exact: true }).click();
  const nadia = page.getByRole("radio", { name: /Nadia Costas/ });
  await expect(nadia).toBeVisible();
  await ready(page);
  // Nothing that was typed is lost by looking.
  await expect(page.getByLabel("Number")).toHaveValue(number);
  await nadia.check();
  await page.getByRole("button", { name: "Make the cost centre" }).click();
  await expect(page.getByText("digits, and two after a point at most").first()).toBeVisible();
  await ready(page);
  await accessible(page);
  await expect(nadia).toBeChecked();
  await page.getByLabel("Cap a month (optional)").fill("1000.00");
  await page.getByRole("button", { name: "Make the cost centre" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  const row = page.getByRole("row").filter({ hasText: `${number} Depots` });
  await expect(row).toContainText("0.00 EUR of 1000.00 EUR a month");
  await ready(page);
  await accessible(page);

  await row.getByRole("link").click();
  await expect(page.getByRole("heading", { name: `${number} Depots` })).toBeVisible();
  await ready(page);
  await page.getByLabel("Cap a month (optional)").fill("1200");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(row).toContainText("1200.00 EUR left");

  await page.getByRole("link", { name: "Read a list" }).click();
  const list = `${number},Depots & yards,skowalska,1300,EUR\n${number}b,Yards,nobody.there,,EUR`;
  await page.getByLabel("Paste it here").fill(list);
  await page.getByRole("button", { name: "Read the list" }).click();
  await expect(page.getByRole("alert").getByText(/Line 2: Nobody in Active Directory is/)).toBeVisible();
  await expect(page.getByLabel("Paste it here")).toHaveValue(list);
  await ready(page);
  await accessible(page);
  await page.getByLabel("Paste it here").fill(`${number},Depots & yards,skowalska,1300,EUR`);
  await page.getByRole("button", { name: "Read the list" }).click();
  await expect(page.getByText("List read: 0 made, 1 changed, 0 as they were.")).toBeVisible();
  await expect(row).toContainText("Sofia Kowalska");
  await ready(page);

  await row.getByRole("link").click();
  await ready(page);
  await page.getByRole("button", { name: "Close to new requests" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await expect(row).toContainText("Closed");
  await ready(page);
  await accessible(page);

  await context.clearCookies();
  await signInAs(page, "tokafor");
  await open(page, "/cost-centres?closed=1");
  await expect(row).toContainText("1300.00 EUR left");
  await expect(page.getByRole("link", { name: "New cost centre" })).toHaveCount(0);
});
