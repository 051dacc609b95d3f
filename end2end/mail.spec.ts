// What is told by mail, and deciding in somebody's place. Mails to one person are half an hour apart, so this moves the sandbox's clock: it
// runs in the stack of `@days`.
import { type Browser, type Page } from "@playwright/test";
import { type Mail, accessible, control, expect, open, ready, says, scripted, signInAs, test } from "./support/fixtures";
import { ask, furnish, people, somebody } from "./support/requests";

const offering = () => (scripted() ? "Told desk" : "Told desk without scripts");
const centre = () => (scripted() ? "49-1" : "49-2");

/** Mails to somebody that say this, alone or among other things. */
async function mailsTo(account: string, words: string): Promise<Mail[]> {
  const inbox = await control.inbox();
  return inbox.filter((mail) => mail.to.includes(`${account}@corp.example.com`) && mail.text.includes(words));
}

/** The one of them, once it is there. */
async function mailTo(account: string, words: string): Promise<Mail> {
  await expect.poll(async () => (await mailsTo(account, words)).length, { timeout: 150_000, intervals: [2_000] }).toBe(1);
  return (await mailsTo(account, words))[0];
}

/** Somebody who follows the link of a mail. */
async function follow(browser: Browser, account: string, mail: Mail): Promise<Page> {
  const page = await somebody(browser, account);
  const said = mail.text.slice(mail.text.indexOf(offering()));
  const link = /\S+\/requests\/\S+/.exec(said)?.[0] ?? "";
  await open(page, new URL(link).pathname);
  return page;
}

async function approve(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { name: "Your decision" })).toBeVisible();
  await page.getByRole("button", { name: "Approve", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Your decision" })).toHaveCount(0);
}

test("news come by mail, and somebody decides in the place of one who is away @days", async ({ page, browser }) => {
  test.setTimeout(900_000);
  await control.morning(1);
  await signInAs(page, "amoreau");
  // A cap that nothing fits under: its owner is asked too.
  await furnish(page, offering(), centre(), "News", "1");
  const owner = await somebody(browser, "ncostas");
  await open(owner, "/approvals");
  await owner.getByRole("link", { name: "While I am away" }).click();
  await expect(owner.getByRole("heading", { name: "While I am away" })).toBeVisible();
  await ready(owner);
  await accessible(owner);
  await owner.getByLabel("Account or mail address").fill("nobody.at.all");
  await owner.getByLabel("Last day").fill(await control.day(5));
  await owner.getByRole("button", { name: "Let them decide" }).click();
  await expect(owner.getByText("Active Directory knows nobody by this").first()).toBeVisible();
  await ready(owner);
  await owner.getByLabel("Account or mail address").fill("skowalska");
  await owner.getByLabel("Last day").fill(await control.day(5));
  await owner.getByRole("button", { name: "Let them decide" }).click();
  await expect(owner.getByText(/Sofia Kowalska decides in your place/)).toBeVisible();
  await ready(owner);
  await accessible(owner);

  const chosen = await people(3, 1);
  const manager = await somebody(browser, "mgarcia");
  const request = await ask(manager, { chosen, offering: offering(), centre: `${centre()} News`, day: await control.day(0) });
  await control.minutes(31);
  const title = `1 \u00d7 ${offering()}`;
  await mailTo("mgarcia", `Handed in: ${title}`);
  const approver = await follow(browser, "plindqvist", await mailTo("plindqvist", `To decide: ${title}`));
  await open(manager, request);
  await says(manager, /Waiting/);
  await approve(approver);

  await control.minutes(31);
  const standIn = await follow(browser, "skowalska", await mailTo("skowalska", `To decide: ${title}`));
  await says(standIn, /Sofia Kowalska decides in the place of Nadia Costas/);
  await accessible(standIn);
  await approve(standIn);
  await open(manager, request);
  await says(manager, /Sofia Kowalska in the place of Nadia Costas/);
  // As one of the approvers the owner has heard of the first stage; of the second only who is there.
  expect((await mailsTo("ncostas", title)).length).toBe(1);

  await control.minutes(31);
  await mailTo("mgarcia", `Approved: ${title}`);
  const one = manager.getByRole("link", { name: "My mails" }).first();
  await one.click();
  await expect(manager.getByRole("heading", { name: "My mails" })).toBeVisible();
  await ready(manager);
  await says(manager, /The last mails/);
  await accessible(manager);
  await manager.getByLabel("What becomes of my requests").selectOption({ label: "Once a day, at eight in the morning" });
  await manager.getByLabel("Your time zone (optional)").fill("Mars");
  await manager.getByRole("button", { name: "Keep" }).click();
  await expect(manager.getByText("There is no time zone of this name").first()).toBeVisible();
  await ready(manager);
  await manager.getByLabel("What becomes of my requests").selectOption({ label: "Once a day, at eight in the morning" });
  await manager.getByLabel("Your time zone (optional)").fill("Europe/Lisbon");
  await manager.getByRole("button", { name: "Keep" }).click();
  await expect(manager.getByText("It holds for every mail from now on")).toBeVisible();
  await ready(manager);
  await accessible(manager);
  await expect(manager.getByLabel("What becomes of my requests")).toHaveValue("daily");
  await expect(manager.getByLabel("Your time zone (optional)")).toHaveValue("Europe/Lisbon");
  // As it was: the other run shares this Frontdesk.
  await manager.getByLabel("What becomes of my requests").selectOption({ label: "At once, at most every half hour" });
  await manager.getByLabel("Your time zone (optional)").fill("");
  await manager.getByRole("button", { name: "Keep" }).click();
  await expect(manager.getByLabel("What becomes of my requests")).toHaveValue("at_once");

  await open(owner, "/approvals/absence");
  await owner.getByRole("button", { name: "I decide alone again" }).click();
  await expect(owner.getByText(/Sofia Kowalska decides/)).toHaveCount(0);
});
