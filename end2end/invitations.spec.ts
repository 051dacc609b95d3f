// Mails whose answer was lost: somebody finds out or sends again, on the page that everybody begins with.
import { accessible, accountAt, address, control, expect, open, ready, scripted, signInAs, test } from "./support/fixtures";

test("a mail that may be lost is decided on Today", async ({ page }) => {
  await signInAs(page, "hkeller");
  await open(page, "/workspaces?not_invited=1");
  const boxes = page.locator("[data-select]:enabled");
  const accounts = [await accountAt(boxes.nth(2)), await accountAt(boxes.nth(3))];
  const before = await control.invitations(accounts);
  await control.fault({ operation: "SendEmail", kind: "lose_reply", items: accounts.map(address), times: 2 });
  await boxes.nth(2).check();
  await boxes.nth(3).check();
  await page.getByLabel("Why it is sent").fill("launched in the AWS console");
  await page.getByRole("button", { name: "Send invitation to selected" }).click();
  // SES took both, and nobody heard of it.
  await expect.poll(() => control.invitations(accounts), { timeout: 60_000 }).toBe(before + 2);

  const rows = page.getByRole("row").filter({ hasText: "Unconfirmed" });
  await expect(async () => {
    await open(page, "/");
    await expect(page.getByRole("heading", { name: "Sent or not?" })).toBeVisible({ timeout: 1_000 });
    expect(await rows.count()).toBe(2);
  }).toPass({ timeout: 60_000 });
  const confirmed = await rows.first().getByText(/@corp\.example\.com$/).textContent();
  await rows.last().getByText("Send again").first().click();
  await rows.last().getByLabel("Why it is sent again").fill("nothing came");
  await rows.first().getByText("It was sent").first().click();
  await rows.first().getByLabel("How you know").fill("has the mail");
  await accessible(page);
  await rows.first().getByRole("button", { name: "It was sent" }).click();
  await expect(rows).toHaveCount(1);

  // What was typed for one person stays with them when another's row goes.
  if (scripted()) {
    await expect(rows.getByLabel("Why it is sent again")).toHaveValue("nothing came");
  } else {
    await rows.getByText("Send again").first().click();
    await rows.getByLabel("Why it is sent again").fill("nothing came");
  }
  await rows.getByRole("button", { name: "Send again" }).click();
  await expect(page.getByRole("heading", { name: "Sent or not?" })).toBeHidden();
  await expect.poll(() => control.invitations(accounts), { timeout: 60_000 }).toBe(before + 3);

  await open(page, `/invitations?q=${confirmed}`);
  await expect(page.getByText(/^taken as sent by Helena Keller, .*: has the mail$/)).toBeVisible();
  await open(page, "/invitations?state=unconfirmed");
  await expect(page.getByText(/^sent again by Helena Keller, .*: nothing came$/).first()).toBeVisible();
  await ready(page);
  await accessible(page);
});
