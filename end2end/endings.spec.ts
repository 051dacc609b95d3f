// Endings, over days: a temporary desktop that gets more time, and a leaver whose hold is undone. These move the sandbox's clock, and
// Frontdesk's with it: `cargo xtask test` gives them a stack of their own.
import { type Page } from "@playwright/test";
import { type Person, accessible, control, expect, open, ready, says, scripted, signInAs, test } from "./support/fixtures";
import { ask, furnish, people, somebody, waiting } from "./support/requests";

/** Each run takes its own offering and cost centre: both share a Frontdesk. */
const offering = () => (scripted() ? "Desk for a while" : "Desk for a while without scripts");
const centre = () => (scripted() ? "48-1" : "48-2");

async function approve(page: Page): Promise<void> {
  await waiting(page, offering());
  await page.getByRole("button", { name: "Approve", exact: true }).click();
  await expect(page.getByText("Approved").first()).toBeVisible();
}

/** The end of somebody's desktop. */
async function end(page: Page, person: Person): Promise<void> {
  await page.getByRole("link", { name: person.name }).last().click();
  await expect(page.getByRole("heading", { name: `End of ${person.name}\u2019s desktop` })).toBeVisible();
  await ready(page);
}

test("a temporary desktop gets more time, and a leaver's hold is undone @days", async ({ page, browser }) => {
  test.setTimeout(900_000);
  const [temporary, leaver] = await people(2, 2);
  await control.morning(0);
  await signInAs(page, "amoreau");
  await furnish(page, offering(), centre(), "Projects");
  let manager = await somebody(browser, "mgarcia");
  const chosen = [temporary, leaver];
  const wish = { chosen, offering: offering(), centre: `${centre()} Projects`, day: await control.day(0), until: await control.day(10) };
  const request = await ask(manager, wish);
  await approve(await somebody(browser, "plindqvist"));
  await says(manager, /2 invited/);

  // Ten days ahead they are asked about; the manager asks for more time for one, with the other of the same request.
  await says(manager, /Desktops that are to end/);
  await accessible(manager);
  await open(manager, "/");
  await says(manager, /Desktops of yours that end/);
  await accessible(manager);
  await end(manager, temporary);
  await says(manager, /Asked/);
  await accessible(manager);
  await manager.getByLabel("New last day").fill(await control.day(20));
  await manager.getByRole("button", { name: "Ask for more time" }).click();
  await expect(manager.getByRole("heading", { name: "Check and hand in" })).toBeVisible();
  await ready(manager);
  await accessible(manager);
  await manager.getByRole("button", { name: "Hand it in" }).click();
  await expect(manager.getByRole("heading", { name: `2 \u00d7 ${offering()}` })).toBeVisible();
  await approve(await somebody(browser, "plindqvist"));
  await open(manager, request);
  await says(manager, /Extended/);

  // One of them leaves. The night's comparison proposes an end, and helpdesk holds the desktop.
  await control.disable(leaver.account, true);
  await control.morning(1);
  const desk = await somebody(browser, "hkeller");
  await says(desk, /Desktops of people who have left/);
  await accessible(desk);
  await open(desk, "/endings");
  await says(desk, new RegExp(leaver.name));
  await accessible(desk);
  await end(desk, leaver);
  await accessible(desk);
  await desk.getByRole("button", { name: "Hold it now" }).click();
  await says(desk, /Held/);
  await ready(desk);
  await accessible(desk);
  // The user is back, and so is the desktop.
  await desk.getByRole("button", { name: "Undo the hold" }).click();
  await says(desk, /Kept/);

  // The end that was moved comes: the desktops are held, and terminated a week later.
  await control.disable(leaver.account, false);
  await manager.context().close();
  await control.morning(20);
  manager = await somebody(browser, "mgarcia");
  await open(manager, request);
  await says(manager, /Held/);
  await accessible(manager);
  await control.morning(8);
  manager = await somebody(browser, "mgarcia");
  await open(manager, request);
  await says(manager, /Terminated/);
  await accessible(manager);
});
