// Every page, with axe and an empty console; and who may not.
import { accessible, expect, open, signInAs, test } from "./support/fixtures";

test("pages of the helpdesk", async ({ page }) => {
  await signInAs(page, "hkeller");
  for (const path of ["/", "/launches", "/launches/new", "/people", "/people?q=kim", "/workspaces", "/invitations", "/directories"]) {
    await open(page, path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await accessible(page);
  }
});

test("pages of admins", async ({ page }) => {
  await signInAs(page, "amoreau");
  for (const path of ["/audit", "/settings/sessions"]) {
    await open(page, path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await accessible(page);
  }
});

test("somebody without a role is told which one it would take", async ({ page, refusals }) => {
  refusals.push(403);
  await page.goto("/launches");
  await page.getByRole("link", { name: "Sign in with your company account" }).click();
  await page.getByRole("button", { name: "jsmith" }).click();
  await expect(page).toHaveURL(/\/launches$/);
  await expect(page.getByRole("heading", { name: "Not for your role" })).toBeVisible();
  await expect(page.getByText("helpdesk")).toBeVisible();
  await accessible(page);
});

test("a person with troubles has the reason on the row", async ({ page }) => {
  await signInAs(page, "hkeller");
  await open(page, "/people?q=trouble");
  for (const reason of ["account disabled", "account expired", "account locked out", "smart card required", "no email address"]) {
    await expect(page.getByText(reason).first()).toBeAttached();
  }
});

test("an unknown welcome link says the same for every guess", async ({ page, refusals }) => {
  refusals.push(404);
  await page.goto(`/welcome/${"A".repeat(43)}`);
  await expect(page.getByRole("heading", { name: "This link does not open anything" })).toBeVisible();
  await accessible(page);
});
