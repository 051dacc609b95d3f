// Looking after directories: room for WorkSpaces, a connector in trouble, and the mail that admins get.
import { accessible, control, expect, open, ready, scripted, signInAs, test } from "./support/fixtures";

const id = "d-90673c5d6e";

test("a directory shows how much room it has", async ({ page }) => {
  await signInAs(page, "amoreau");
  await open(page, "/directories/d-906731a2b4");
  const room = page.locator("section", { hasText: "Room for WorkSpaces" });
  await expect
    .poll(
      async () => {
        await page.reload();
        return room.textContent();
      },
      { timeout: 150_000, intervals: [3_000] },
    )
    .toContain("subnet-0a1b2c3d");
  await ready(page);
  await expect(room.getByText(/addresses are free together/).first()).toBeVisible();
  await expect(room.getByRole("row", { name: /workspaces-b.*eu-central-1b.*10\.0\.64\.0\/18/ })).toBeVisible();
  await accessible(page);
});

test("admins are mailed about a connector whose account is refused", async ({ page }) => {
  test.setTimeout(360_000);
  await signInAs(page, "amoreau");
  const told = (subject: string) => async () =>
    (await control.inbox()).filter((mail) => mail.subject === subject && mail.to.includes("frontdesk-admins@corp.example.com")).length;
  const refused = "lab.example.com: the domain refuses the connector\u2019s account";
  await control.stage(id, "Inoperable", "The credentials of the service account are not valid.");
  try {
    // The sweep's minute, and the watch's. Where this runs a second time it may be the same trouble still, which is told once.
    await expect.poll(told(refused), { timeout: 180_000, intervals: [3_000] }).toBeGreaterThan(0);
    const row = page.getByRole("row", { name: /lab\.example\.com.*Inoperable.*Check its name and password/ });
    const seen = async () => {
      await open(page, "/");
      return row.count();
    };
    await expect.poll(seen, { timeout: 150_000, intervals: [3_000] }).toBe(1);
    await accessible(page);
    const mail = (await control.inbox()).filter((mail) => mail.subject === refused).pop();
    expect(mail?.text).toContain(`/directories/${id}`);
    await open(page, `/directories/${id}`);
    await expect(page.getByText("The domain does not take the account.").first()).toBeVisible();
    if (scripted()) await accessible(page);
  } finally {
    await control.stage(id, "Active");
  }
});
