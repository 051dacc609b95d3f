// Requests: a manager asks, two approvers decide, helpdesk looks on, and the desktops come, up to the first sign-in.
import { type Page } from "@playwright/test";
import { type Person, accessible, control, expect, open, ready, says, scripted, signInAs, test } from "./support/fixtures";
import { choose, furnish, people, somebody, waiting } from "./support/requests";

/** Each run takes its own offering and its own cost centre: both share a Frontdesk. */
const offering = () => (scripted() ? "Desk to ask for" : "Desk to ask for without scripts");
const centre = () => (scripted() ? "47-1" : "47-2");

/** Two stages for what goes to this cost centre, tried out and switched on. */
async function rule(page: Page): Promise<void> {
  await open(page, "/requests/rules");
  await accessible(page);
  await page.getByRole("button", { name: "Change the rules" }).click();
  await expect(page.getByRole("heading", { name: "Being written" })).toBeVisible();
  await ready(page);
  await page.getByRole("button", { name: "Add a rule" }).click();
  await expect(page.getByRole("heading", { name: "New rule" })).toBeVisible();
  await ready(page);
  await accessible(page);
  await page.getByLabel("Stage 1", { exact: true }).selectOption("people");
  await page.getByLabel("Group or accounts of stage 1").fill("nobody.there");
  await page.getByLabel("Stage 2", { exact: true }).selectOption("approver");
  await page.getByRole("checkbox", { name: `${centre()} Logistics` }).check();
  await page.getByRole("button", { name: "Save the rule" }).click();
  await expect(page.getByText("Active Directory has nobody with the account").first()).toBeVisible();
  await ready(page);
  await expect(page.getByRole("checkbox", { name: `${centre()} Logistics` })).toBeChecked();
  await accessible(page);
  await page.getByLabel("Name", { exact: true }).fill(`Two for ${centre()}`);
  await page.getByLabel("Group or accounts of stage 1").fill("plindqvist, jbergman");
  await page.getByRole("button", { name: "Save the rule" }).click();
  await expect(page.getByRole("heading", { name: "Being written" })).toBeVisible();
  await ready(page);
  await accessible(page);
  await page.getByRole("button", { name: "Switch these rules on" }).click();
  await expect(page.getByRole("heading", { name: "These count" })).toBeVisible();
  await expect(page.getByText(`Two for ${centre()}: if cost centre ${centre()} Logistics pays`)).toBeVisible();
}

/** Asks for two people and hands it in. */
async function ask(page: Page, chosen: Person[]): Promise<void> {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Requests" }).first().click();
  await expect(page.getByRole("heading", { name: "Requests", level: 1 })).toBeVisible();
  await ready(page);
  await accessible(page);
  await page.getByRole("link", { name: "Ask for desktops" }).click();
  await page.getByRole("button", { name: "Begin" }).click();
  await expect(page.getByRole("heading", { name: "Who gets a desktop?" })).toBeVisible();
  await ready(page);
  await accessible(page);
  // One's own people stand there without a search; who can't get one says why.
  await expect(page.getByText("account disabled").first()).toBeVisible();
  await choose(page, chosen);
  await accessible(page);
  await page.getByRole("radio", { name: new RegExp(`^${offering()}`) }).first().check();
  await page.getByLabel("Why they are needed").fill("Two new colleagues");
  await page.getByRole("combobox", { name: "Cost centre" }).selectOption({ label: `${centre()} Logistics` });
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel("Needed by").fill(day(1));
  await page.getByLabel("Until").fill(day(0));
  await page.getByRole("button", { name: "Continue to check" }).click();
  await expect(page.getByText("ends after the day on which it is needed").first()).toBeVisible();
  await expect(page.getByLabel("Why they are needed")).toHaveValue("Two new colleagues");
  await ready(page);
  await accessible(page);
  await page.getByLabel("Until").fill("");
  await page.getByRole("button", { name: "Continue to check" }).click();
  await expect(page.getByRole("heading", { name: "Check and hand in" })).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: "Pia Lindqvist or Jonas Bergman" })).toBeVisible();
  await ready(page);
  await accessible(page);
  await page.getByRole("button", { name: "Hand it in" }).click();
  await expect(page.getByRole("heading", { name: `2 \u00d7 ${offering()}` })).toBeVisible();
  await expect(page.getByText("waits for Pia Lindqvist or Jonas Bergman").first()).toBeVisible();
  await ready(page);
  await accessible(page);
}

test("from an empty page to the first sign-in", async ({ page, browser }) => {
  test.setTimeout(420_000);
  const chosen = await people(0, 2);
  await signInAs(page, "amoreau");
  await furnish(page, offering(), centre(), "Logistics");
  await rule(page);

  const manager = await somebody(browser, "mgarcia");
  await ask(manager, chosen);
  const request = manager.url();

  // The first approver wants to know something, and gets an answer.
  const pia = await somebody(browser, "plindqvist");
  await pia.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Approvals" }).first().click();
  await expect(pia.getByRole("heading", { name: "Approvals" })).toBeVisible();
  await ready(pia);
  await accessible(pia);
  await waiting(pia, offering());
  await accessible(pia);
  await pia.getByLabel("Words to who asks").fill("For how long?");
  await pia.getByRole("button", { name: "Ask back" }).click();
  await expect(pia.getByText("waits for an answer").first()).toBeVisible();
  await open(manager, request);
  await accessible(manager);
  await manager.getByLabel("Your answer").fill("For good");
  await manager.getByRole("button", { name: "Answer", exact: true }).click();
  await expect(manager.getByText("waits for Pia Lindqvist or Jonas Bergman").first()).toBeVisible();
  await waiting(pia, offering());
  await pia.getByRole("button", { name: "Approve", exact: true }).click();
  await expect(pia.getByText("waits for an approver").first()).toBeVisible();
  // One pair of eyes is not enough.
  await ready(pia);
  await expect(pia.getByRole("heading", { name: "Your decision" })).toHaveCount(0);
  await expect(pia.getByText("it takes somebody else\u2019s eyes").first()).toBeVisible();

  const jonas = await somebody(browser, "jbergman");
  await waiting(jonas, offering());
  await jonas.getByRole("button", { name: "Approve", exact: true }).click();
  await expect(jonas.getByText("Approved").first()).toBeVisible();

  // Helpdesk sees it and its launch; the manager sees how far each is.
  const desk = await somebody(browser, "hkeller");
  await open(desk, "/requests");
  await accessible(desk);
  await desk.getByRole("row").filter({ hasText: offering() }).getByRole("link").first().click();
  await expect(desk.getByRole("link", { name: "See its launch" }).first()).toBeVisible();
  await open(manager, request);
  await says(manager, /2 invited/);
  await accessible(manager);
  await control.signIn(chosen[0].account);
  await says(manager, /1 of 2 signed in, 1 invited/);
  for (const other of [manager, pia, jonas, desk]) await other.context().close();
});
