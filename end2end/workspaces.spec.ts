// What is done to WorkSpaces: chosen in the list, said yes to, followed to its end; and terminated by the name of its user.
import { accessible, expect, open, ready, signInAs, test } from "./support/fixtures";

test("two desktops are stopped, and one of them is terminated", async ({ page, refusals }) => {
  refusals.push(422);
  await signInAs(page, "amoreau");
  await open(page, "/workspaces?state=AVAILABLE");
  const boxes = page.locator("[data-select]:enabled");
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  await page.getByLabel("What to do with the selected").selectOption("stop");
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByRole("heading", { name: "Stop 2 WorkSpaces?" })).toBeVisible();
  await ready(page);
  await accessible(page);
  await page.getByLabel("Why").fill("a change of the network");
  await page.getByRole("button", { name: "Stop 2 WorkSpaces" }).click();
  await expect(page).toHaveURL(/\/workspaces\/batches\//);
  await expect(page.getByText("2 of 2 done").first()).toBeAttached({ timeout: 60_000 });
  await ready(page);
  await accessible(page);

  await page.locator("tbody a[href^='/workspaces/ws-']").first().click();
  await expect(page.getByText("STOPPED", { exact: true })).toBeVisible();
  await ready(page);
  await accessible(page);
  await page.getByRole("button", { name: "Terminate" }).click();
  await expect(page.getByRole("heading", { name: "Terminate 1 WorkSpace?" })).toBeVisible();
  await expect(page.getByText("The user volume (D:)")).toBeVisible();
  await ready(page);
  await accessible(page);
  const name = page.getByLabel(/^Type the user name /);
  const asked = await page.locator("label").filter({ hasText: /^Type the user name / }).textContent();
  await page.getByLabel("Why").fill("left the company");
  await name.fill("somebody.else");
  await page.getByRole("button", { name: "Terminate 1 WorkSpace" }).click();
  await expect(page.getByText(/Nothing was done\.$/)).toBeVisible();
  await expect(page.getByLabel("Why")).toHaveValue("left the company");
  await name.fill((asked ?? "").trim().replace("Type the user name ", ""));
  await page.getByRole("button", { name: "Terminate 1 WorkSpace" }).click();
  await expect(page).toHaveURL(/\/workspaces\/batches\//);
  await expect(page.getByText("1 of 1 done").first()).toBeAttached({ timeout: 60_000 });
  await open(page, "/workspaces/batches");
  await expect(page.getByRole("link", { name: "Terminate 1 WorkSpace" }).first()).toBeVisible();
  await accessible(page);
});
