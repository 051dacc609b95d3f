// Every page, with axe and an empty console; and who may not.
import { accessible, expect, open, ready, signInAs, test, toPeople } from "./support/fixtures";

test("pages of the helpdesk", async ({ page }) => {
  await signInAs(page, "hkeller");
  for (const path of ["/", "/launches", "/launches/new", "/people", "/people?q=kim", "/workspaces", "/invitations", "/directories", "/settings/api"]) {
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

test("an admin looks at a person, and goes on from there", async ({ page }) => {
  await signInAs(page, "amoreau");
  await open(page, "/people?q=anna.nordwind");
  await page.getByRole("link", { name: "Anna Nordwind" }).click();
  await expect(page.getByRole("heading", { name: "Anna Nordwind" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Record" })).toBeVisible();
  // As it is opened from a bookmark: the whole page comes from the server and is taken over.
  for (let turn = 0; turn < 5; turn++) {
    await page.reload();
    await ready(page);
  }
  await accessible(page);
  await page.getByRole("link", { name: "Launches" }).first().click();
  await expect(page.getByRole("heading", { name: "Launches", level: 1 })).toBeVisible();
});

test("somebody on the phone wants a WorkSpace's state now", async ({ page }) => {
  await signInAs(page, "hkeller");
  await open(page, "/workspaces");
  await page.locator("a[href^='/workspaces/ws-']").first().click();
  await expect(page.getByRole("heading", { name: /^WorkSpace of/ })).toBeVisible();
  await ready(page);
  const here = new URL(page.url()).pathname;
  // The call is counted, under the person who waited for it. What a sweep has just read is not asked for again.
  await expect(async () => {
    await open(page, here);
    await page.getByRole("button", { name: "Refresh now" }).click();
    await expect(page.getByText("just now").first()).toBeVisible();
    await accessible(page);
    await open(page, "/settings/api");
    const operation = page.getByRole("row").filter({ hasText: "DescribeWorkspaces" }).filter({ hasText: "A person waiting" });
    await expect(operation.getByRole("cell").nth(1)).toHaveText(/^[1-9]/, { timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
  await expect(page.getByText(/^\d+ WorkSpaces calls in the last hour/)).toBeVisible();
});

test("ticks stay with their people when the list changes in place", async ({ page }) => {
  await signInAs(page, "hkeller");
  await open(page, "/launches/new");
  await page.getByRole("button", { name: "Begin a new launch" }).click();
  await toPeople(page);
  await page.getByRole("searchbox").fill("an");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText("Page 1", { exact: true })).toBeVisible();
  await ready(page);
  const box = page.locator("[data-select]:enabled").first();
  const chosen = await box.getAttribute("value");
  await box.check();
  await page.getByRole("link", { name: "Show everybody" }).click();
  await expect(page).toHaveURL(/all=1/);
  // Other people are listed by now; whoever of them is ticked is the one who was.
  await expect(page.getByRole("searchbox")).toHaveValue("");
  await expect(page.locator(`[data-select]:checked:not([value="${chosen}"])`)).toHaveCount(0);
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
