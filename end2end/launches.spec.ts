// The main job, from an empty list to an opened invitation, as a helpdesk agent does it, with scripts and without.
import { accessible, accountAt, control, expect, open, ready, scripted, signInAs, stays, test, toPeople } from "./support/fixtures";

/** Each run takes its own people: one WorkSpace a person. 33 share the name, and three of them can't be chosen. */
const family = () => (scripted() ? "Nordwind" : "Seewald");

test("a launch from search to welcome page", async ({ page, browser }) => {
  const name = family();
  const accounts = (mail: { to: string[] }) => mail.to.filter((to) => to.endsWith(`.${name.toLowerCase()}@corp.example.com`));
  // AWS refuses two of them.
  for (const given of ["anna", "ben"]) {
    await control.fault({
      operation: "CreateWorkspaces",
      kind: "fail_item",
      code: "ResourceNotFound.User",
      message: "The specified user could not be found in the directory.",
      items: [`${given}.${name.toLowerCase()}`],
      times: 1,
    });
  }
  await signInAs(page, "hkeller");
  await accessible(page);

  await page.getByRole("link", { name: "New launch" }).first().click();
  await page.getByRole("button", { name: "Begin a new launch" }).click();
  await expect(page.getByRole("heading", { name: "Where do the desktops belong?" })).toBeVisible();
  await expect(page.getByRole("radio", { name: /lab\.example\.com/ })).toBeDisabled();
  await expect(page.getByText("It is not registered with WorkSpaces.").first()).toBeVisible();
  await accessible(page);
  await toPeople(page);

  await page.getByRole("searchbox").fill(name);
  await page.getByRole("button", { name: "Apply" }).click();
  for (const number of [1, 2]) {
    await expect(page.getByText(`Page ${number}`, { exact: true })).toBeVisible();
    // Nobody is selected who was not just chosen, whatever the page before had.
    await expect(page.locator("[data-select]:checked")).toHaveCount(0);
    for (const box of await page.getByRole("checkbox", { name: new RegExp(`^Select .* ${name}$`) }).all()) {
      if (await box.isEnabled()) await box.check();
    }
    await page.getByRole("button", { name: "Add selected", exact: true }).click();
    await expect(page.getByText(/^\d+ added\./)).toBeVisible();
    if (number === 1) await page.getByRole("link", { name: "Next" }).click();
  }
  for (const reason of ["no email address in Active Directory", "account disabled", "must change password at next sign-in"]) {
    await expect(page.getByText(reason).first()).toBeVisible();
  }
  await expect(page.getByRole("heading", { name: "Chosen: 30" })).toBeVisible();
  await accessible(page);
  // What was chosen is kept on reload and on the way back.
  await page.reload();
  await expect(page.getByRole("heading", { name: "Chosen: 30" })).toBeVisible();
  await ready(page);
  await page.getByRole("link", { name: "Continue to desktop" }).click();

  await page.getByRole("radio", { name: /Office-Desk/ }).check();
  await page.getByLabel("Hours until AutoStop").fill("1.5");
  await page.getByRole("button", { name: "Continue to check" }).click();
  await expect(page.getByText("AutoStop takes whole hours").first()).toBeVisible();
  await expect(page.getByLabel("Hours until AutoStop")).toHaveValue("1.5");
  await expect(page.getByRole("radio", { name: /Office-Desk/ })).toBeChecked();
  await accessible(page);
  await page.getByLabel("Hours until AutoStop").fill("2");
  await page.getByRole("button", { name: "Continue to check" }).click();

  await expect(page.getByRole("heading", { name: "Check and launch" })).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Launch 30 WorkSpaces" }).click();
  await expect(page.getByRole("heading", { name: "Launch of 30 people" })).toBeVisible();
  // Looked at again while rows are on their way, it still goes on by itself.
  await page.reload();
  await ready(page);

  // The page turns by itself, with scripts and without.
  await expect(page.getByText("28 of 30 available, 2 failed").first()).toBeVisible({ timeout: 90_000 });
  await expect(page.getByText("AWS does not find this account in the directory").first()).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Retry all failed" }).click();
  await expect(page.getByText("30 of 30 available").first()).toBeVisible({ timeout: 90_000 });

  const theirMails = async () => (await control.inbox()).filter((mail) => accounts(mail).length > 0);
  await expect.poll(async () => (await theirMails()).length, { timeout: 60_000 }).toBe(30);
  const mails = await theirMails();
  expect(new Set(mails.flatMap(accounts)).size).toBe(30);
  const link = mails[0]?.text.match(/http:\/\/\S+\/welcome\/\S+/)?.[0] ?? "";

  // The invited person has no session, and a phone.
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, javaScriptEnabled: scripted() });
  const theirs = await phone.newPage();
  const answer = await theirs.goto(link);
  expect(answer?.status()).toBe(200);
  await expect(theirs.getByText("WSfra+7KQ2MD")).toBeVisible();
  await expect(theirs.getByRole("button", { name: "Copy" })).toBeVisible({ visible: scripted() });
  expect((await theirs.content()).includes(".wasm")).toBe(false);
  await accessible(theirs);
  await phone.close();

  await open(page, `/invitations?q=${accounts(mails[0] ?? { to: [] })[0]}`);
  await expect(page.getByText("Opened", { exact: true }).first()).toBeVisible();
  await accessible(page);
});

test("a lost code is sent again from the person's page", async ({ page, refusals }) => {
  // The first try gives no reason.
  refusals.push(422);
  const name = family();
  await signInAs(page, "tbrandt");
  await open(page, `/people?q=zoe.${name.toLowerCase()}`);
  await page.getByRole("link", { name: `Zoe ${name}` }).click();
  await expect(page.getByRole("heading", { name: `Zoe ${name}` })).toBeVisible();
  await expect(page.getByText("WSfra+7KQ2MD").first()).toBeVisible();
  await accessible(page);
  const zoe = [`zoe.${name.toLowerCase()}`];
  const before = await control.invitations(zoe);
  await page.getByText("Send again").first().click();
  await page.getByRole("button", { name: "Send again" }).click();
  await expect(page.getByText("Say in a few words why.").first()).toBeVisible();
  await ready(page);
  // Where scripts post, the form is still open.
  if (!scripted()) await page.getByText("Send again").first().click();
  await page.getByLabel("Why it is sent").fill("lost the mail");
  await page.getByRole("button", { name: "Send again" }).click();
  await expect(page.getByText("lost the mail").first()).toBeVisible();
  await expect.poll(() => control.invitations(zoe), { timeout: 60_000 }).toBe(before + 1);
});

test("those launched elsewhere are invited from the fleet", async ({ page }) => {
  await signInAs(page, "hkeller");
  await open(page, "/workspaces?not_invited=1");
  const boxes = page.locator("[data-select]:enabled");
  const accounts = [await accountAt(boxes.nth(0)), await accountAt(boxes.nth(1))];
  const before = await control.invitations(accounts);
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  await page.getByLabel("Why it is sent").fill("launched in the AWS console");
  await page.getByRole("button", { name: "Send invitation to selected" }).click();
  await expect.poll(() => control.invitations(accounts), { timeout: 60_000 }).toBe(before + 2);
});

test("a list is read, and its report says what became of each line", async ({ page }) => {
  await signInAs(page, "hkeller");
  await open(page, "/launches/new");
  await page.getByRole("button", { name: "Begin a new launch" }).click();
  await toPeople(page);
  await page.getByRole("link", { name: "Paste or upload a list" }).click();
  await page.getByRole("button", { name: "Read the list" }).click();
  await expect(page.getByText("Paste a list or choose a file first.").first()).toBeVisible();
  await ready(page);
  const rows = Array.from({ length: 60 }, (_, number) => `nobody${number};Sales`);
  const list = ["account;department", "zoe.nordwind;Sales", "ZOE.NORDWIND@corp.example.com;Sales", "dino.disabled;", ...rows].join("\r\n");
  await page.getByLabel("Or choose a file").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(list, "utf16le") });
  await page.getByRole("button", { name: "Read the list" }).click();
  await expect(page.getByRole("heading", { name: "people.csv" })).toBeVisible();
  await expect(page.getByText(/^63 lines: /)).toBeVisible();
  await accessible(page);
  await page.getByLabel("Lines").selectOption("not_eligible");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText("account disabled")).toBeVisible();
  await expect(page.getByText("nobody0", { exact: true })).toBeHidden();
});

test("a queued row is taken back", async ({ page }) => {
  // AWS throttles: whatever the worker claims goes back to the queue, and the queue lasts long enough for a person.
  await control.fault({ operation: "CreateWorkspaces", kind: "throttle", times: 4 });
  await signInAs(page, "hkeller");
  await open(page, "/launches/new");
  await page.getByRole("button", { name: "Begin a new launch" }).click();
  await toPeople(page);
  await page.getByRole("link", { name: "Show everybody" }).click();
  for (const number of scripted() ? [5, 6] : [8, 9]) {
    await open(page, `${new URL(page.url()).pathname}?all=1&page=${number}`);
    for (const box of await page.getByRole("row").filter({ hasText: "Eligible" }).getByRole("checkbox").all()) await box.check();
    await page.getByRole("button", { name: "Add selected", exact: true }).click();
    await expect(page.getByText(/^\d+ added\./)).toBeVisible();
  }
  await page.getByRole("link", { name: "Continue to desktop" }).click();
  await page.getByRole("radio", { name: /Call-Center/ }).check();
  await page.getByRole("button", { name: "Continue to check" }).click();
  const stayed = await stays(page);
  await page.getByRole("button", { name: /^Launch \d+ WorkSpaces$/ }).click();
  if (scripted()) {
    // Whoever is about to press a button keeps it while rows change.
    const button = page.getByRole("button", { name: "Cancel", exact: true }).last();
    await button.focus();
    await page.waitForTimeout(3_000);
    await expect(button).toBeFocused();
  }
  await page.getByRole("button", { name: "Cancel all unsent" }).click();
  await expect(page.getByText(/ canceled/).first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Cancel all unsent" })).toBeHidden();
  // Longer than the pause after which a page without scripts is loaded again.
  await page.waitForTimeout(5_500);
  await stayed();
});
