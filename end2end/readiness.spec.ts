// An admin asks whether everything outside is ready, enters a quota that AWS does not tell, and takes the policy along.
import { readFile } from "node:fs/promises";
import { accessible, control, expect, open, ready, signInAs, test } from "./support/fixtures";

test("readiness is checked, each thing with its cure, and the policy downloaded", async ({ page, refusals }) => {
  // A quota that is no number.
  refusals.push(422);
  await signInAs(page, "amoreau");
  await open(page, "/directories");
  await page.getByRole("link", { name: "Readiness" }).click();
  await expect(page.getByRole("heading", { name: "Readiness", level: 1 })).toBeVisible();
  await ready(page);
  await accessible(page);

  await control.fault({ operation: "GetServiceQuota", kind: "refuse", code: "AccessDeniedException", message: "not authorized", times: 1 });
  await page.getByRole("button", { name: "Check now" }).click();
  await expect(page.getByText(/Checked by .*just now/)).toBeVisible({ timeout: 60_000 });
  await ready(page);
  for (const area of ["AWS account", "Quotas", "Network", "Active Directory", "Mail"]) {
    await expect(page.getByRole("heading", { name: area, level: 2 })).toBeVisible();
  }
  const quota = page.getByRole("row").filter({ hasText: "Quota of WorkSpaces" });
  // Entered before, where this runs a second time.
  await expect(quota).toContainText(/Frontdesk may not ask|entered/);
  const role = page.getByRole("row").filter({ hasText: "Role workspaces_DefaultRole" });
  await expect(role).toContainText("Ready");
  await accessible(page);

  const form = page.getByRole("form", { name: "Quota of WorkSpaces" });
  await form.getByLabel("WorkSpaces that AWS allows").fill("many");
  await form.getByRole("button", { name: "Save the quota" }).click();
  await expect(page.getByText("in digits only").first()).toBeVisible();
  await ready(page);
  await form.getByLabel("WorkSpaces that AWS allows").fill("5000");
  await form.getByRole("button", { name: "Save the quota" }).click();
  await expect(quota).toContainText("AWS allows 5000, as ");
  await expect(form).toContainText("Saved");
  await ready(page);
  await accessible(page);

  await page.getByRole("checkbox", { name: /^Terminate WorkSpaces/ }).uncheck();
  await page.getByRole("checkbox", { name: /^Take directories down/ }).uncheck();
  await page.getByRole("button", { name: "Show the policy" }).click();
  await ready(page);
  const shown = page.getByRole("region", { name: "IAM policy" });
  await expect(shown).toContainText("workspaces:StopWorkspaces");
  await expect(shown).not.toContainText("workspaces:TerminateWorkspaces");
  await expect(shown).toContainText("arn:aws:workspaces:eu-central-1:123456789012:workspace/*");
  await expect(page.getByRole("checkbox", { name: /^Terminate WorkSpaces/ })).not.toBeChecked();
  const coming = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download it" }).click();
  const file = await coming;
  expect(file.suggestedFilename()).toBe("frontdesk-iam-policy.json");
  expect(JSON.parse(await readFile(await file.path(), "utf8"))).toEqual(JSON.parse((await shown.textContent()) ?? ""));
});

test("the helpdesk is not led there and not let in", async ({ page, refusals }) => {
  refusals.push(403);
  await signInAs(page, "hkeller");
  await open(page, "/directories");
  await expect(page.getByRole("heading", { name: "Directories", level: 1 })).toBeVisible();
  await expect(page.getByRole("link", { name: "Readiness" })).toHaveCount(0);
  await open(page, "/directories/readiness");
  await expect(page.getByRole("heading", { name: "Not for your role" })).toBeVisible();
});
