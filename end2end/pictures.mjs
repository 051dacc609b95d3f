// Takes the README's pictures from a running demo: `cargo xtask demo --fresh`, then `node end2end/pictures.mjs`.
// With a folder as argument it takes every page there, at 390 and 1440 pixels, to be looked at.
// It takes some ten minutes: desktops are made, a connector fails, and an end comes near.
import { mkdirSync } from "node:fs";
import { chromium } from "@playwright/test";

const url = process.env.FRONTDESK_URL ?? "http://127.0.0.1:3000";
const sandbox = process.env.SANDBOX_URL ?? "http://127.0.0.1:4566";
const review = process.argv[2];
const folder = review ?? new URL("../docs/pictures", import.meta.url).pathname;
mkdirSync(folder, { recursive: true });

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
const schemes = ["light", "dark"];

async function take(name, target = page, fullPage = false) {
  for (const scheme of schemes) {
    await target.emulateMedia({ colorScheme: scheme });
    await target.waitForTimeout(150);
    await target.screenshot({ path: `${folder}/${name}-${scheme}.png`, fullPage });
  }
}

async function everySize(name, target = page) {
  if (!review) return;
  for (const width of [390, 1440]) {
    await target.setViewportSize({ width, height: 900 });
    await take(`${name}-${width}`, target, true);
  }
  await target.setViewportSize({ width: 1440, height: 900 });
}

/** A picture for the documents from the top of a page, in both schemes; `narrow`: as a phone shows it, too. */
async function show(name, target = page, { narrow = false, whole = false } = {}) {
  await target.evaluate(() => window.scrollTo(0, 0));
  await take(name, target, whole);
  if (narrow && !review) {
    await target.setViewportSize({ width: 390, height: 844 });
    await target.emulateMedia({ colorScheme: "light" });
    await target.waitForTimeout(150);
    await target.screenshot({ path: `${folder}/${name}-390-light.png`, fullPage: whole });
    await target.setViewportSize({ width: 1440, height: 900 });
  }
  await everySize(name, target);
}

/** Waits until the browser has taken over. */
const live = (target) => target.locator("html[data-hydrated]").waitFor({ state: "attached" });

/** Waits for words on a page that turns by itself. */
const says = (target, words) => target.getByText(words).first().waitFor({ state: "attached", timeout: 420_000 });

/** Goes to a page and waits for it. */
async function open(target, path) {
  await target.goto(url + path);
  await live(target);
}

/** Somebody in a browser of their own. */
async function signedIn(account) {
  const other = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await other.goto(url);
  await other.getByRole("link", { name: "Sign in with your company account" }).click();
  await other.getByRole("button", { name: account }).click();
  await other.waitForURL(`${url}/`);
  return other;
}

/** A day as date fields take it. */
const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

await page.goto(url);
await everySize("sign-in");
await page.getByRole("link", { name: "Sign in with your company account" }).click();
await page.getByRole("button", { name: "hkeller" }).click();
await page.waitForURL(`${url}/`);
if (review) {
  for (const [name, path] of [["today", "/"], ["launches", "/launches"], ["people", "/people?q=kim"], ["workspaces", "/workspaces"], ["invitations", "/invitations"], ["directories", "/directories"], ["api", "/settings/api"], ["missing", "/nowhere"], ["refused", "/audit"]]) {
    await page.goto(url + path);
    await page.waitForTimeout(500);
    await everySize(name);
  }
}
await page.goto(`${url}/launches/new`);
await everySize("wizard-begin");
await page.getByRole("button", { name: "Begin a new launch" }).click();
await page.getByRole("heading", { name: "Where do the desktops belong?" }).waitFor();
await everySize("wizard-directory");
await page.getByRole("button", { name: "Continue to people" }).click();
await page.getByRole("searchbox").fill("Nordwind");
await page.getByRole("button", { name: "Apply" }).click();
for (const number of [1, 2]) {
  await page.getByText(`Page ${number}`, { exact: true }).waitFor();
  await page.locator("html[data-hydrated]").waitFor();
  for (const box of await page.getByRole("checkbox", { name: /^Select .* Nordwind$/ }).all()) if (await box.isEnabled()) await box.check();
  if (number === 2) {
    await take("wizard-people");
    await everySize("wizard-people");
  }
  await page.getByRole("button", { name: "Add selected", exact: true }).click();
  await page.getByText(/^\d+ added\./).waitFor();
  if (number === 1) await page.getByRole("link", { name: "Next" }).click();
}
await page.getByRole("heading", { name: "Chosen: 30" }).waitFor();
await page.getByRole("link", { name: "Continue to desktop" }).click();
await page.getByRole("radio", { name: /Office-Desk/ }).check();
await everySize("wizard-desktop");
await page.getByLabel("Hours until AutoStop").fill("2");
await page.getByLabel("Tags").fill("cost centre=4711");
await page.getByRole("button", { name: "Continue to check" }).click();
await page.getByRole("heading", { name: "Check and launch" }).waitFor();
await everySize("wizard-check");
await fetch(`${sandbox}/_sandbox/api/faults`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ operation: "CreateWorkspaces", kind: "fail_item", code: "ResourceNotFound.User", message: "The specified user could not be found in the directory.", items: ["ben.nordwind"], times: 1 }),
});
await page.getByRole("button", { name: /^Launch \d+ WorkSpaces$/ }).click();
// The first ones are AVAILABLE, the others on their way.
await page.getByRole("heading", { name: "Launch of 30 people" }).waitFor();
while (!/(^|\D)([5-9]|[12]\d) of 30 available/.test(await page.locator("main").textContent())) await page.waitForTimeout(500);
await take("launch");
await everySize("launch");
let mails = [];
while (mails.length === 0) {
  await page.waitForTimeout(500);
  mails = (await (await fetch(`${sandbox}/_sandbox/api/inbox`)).json()).filter((mail) => mail.to[0].includes("nordwind"));
}
const mail = await (await browser.newContext({ viewport: { width: 800, height: 900 } })).newPage();
await mail.setContent(mails[0].html);
await take("mail", mail, true);
const welcome = await (await browser.newContext({ viewport: { width: 800, height: 900 }, userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64)" })).newPage();
await welcome.goto(mails[0].text.match(/http:\/\/\S+\/welcome\/\S+/)[0]);
await take("welcome", welcome, true);
await everySize("welcome", welcome);
if (review) {
  await page.goto(`${url}/people?q=anna.nordwind`);
  await page.getByRole("link", { name: "Anna Nordwind" }).click();
  await page.getByRole("heading", { name: "Anna Nordwind" }).waitFor();
  await everySize("person");
  await page.goto(`${url}/workspaces`);
  await page.locator("a[href^='/workspaces/ws-']").first().click();
  await page.getByRole("heading", { name: /^WorkSpace of/ }).waitFor();
  await everySize("workspace");
  await page.goto(url);
  await everySize("today-after");
}

// What an admin sees of a directory.
const desk = await signedIn("amoreau");
const directory = `${url}/directories/d-906731a2b4`;
const hydrated = () => live(desk);
await desk.goto(`${url}/directories/readiness`);
await everySize("readiness-empty", desk);
await hydrated();
await desk.getByRole("button", { name: "Check now" }).click();
await desk.getByText(/Checked by .*just now/).waitFor({ timeout: 60_000 });
await take("readiness", desk);
await everySize("readiness", desk);
await desk.goto(directory);
await hydrated();
await take("directory", desk);
await everySize("directory", desk);
await open(desk, "/directories/d-906731a2b4/settings");
await show("settings", desk);
// The one that nobody has registered yet.
await open(desk, "/directories/d-90673c5d6e/register");
await show("register", desk);
if (review) {
  await open(desk, "/directories/d-906731a2b4/register");
  await everySize("register-done", desk);
  await open(desk, "/directories/ip-groups");
  await everySize("ip-groups-empty", desk);
  const making = desk.getByRole("form", { name: "Make a group" });
  await making.getByLabel("Name").fill("Offices");
  await making.getByLabel("Networks").fill("203.0.113.0/24 Berlin\n198.51.100.0/25 Hamburg");
  await making.getByRole("button", { name: "Make the group" }).click();
  await desk.getByRole("heading", { name: "Offices" }).waitFor();
  await everySize("ip-groups", desk);
}

// A connector from nothing. Behind this DNS server AWS reaches no domain controller.
await open(desk, "/directories");
await desk.getByRole("button", { name: "New AD Connector" }).click();
await desk.getByRole("heading", { name: "Where does it stand?" }).waitFor();
await hydrated();
await desk.locator("input[value='vpc-0a1b2c3d']").check();
await desk.getByRole("button", { name: "Show its subnets" }).click();
await desk.getByText("Two subnets of vpc-0a1b2c3d").waitFor();
for (const subnet of ["subnet-0a1b2c3d", "subnet-0b1c2d3e"]) await desk.locator(`input[value='${subnet}']`).check();
await show("connector-network", desk, { narrow: true, whole: true });
await desk.getByRole("button", { name: "Continue to directory" }).click();
await desk.getByRole("heading", { name: "Which domain does it connect?" }).waitFor();
await desk.getByLabel("Organisation name (optional)").fill("Example Corp, Hamburg");
await desk.getByLabel("Directory DNS name").fill("corp.example.com");
await desk.getByLabel("DNS address", { exact: true }).fill("10.20.0.88");
await everySize("connector-directory", desk);
await desk.getByRole("button", { name: "Continue to preflight" }).click();
await desk.getByRole("heading", { name: "Will it work?" }).waitFor();
await desk.getByRole("button", { name: "Look now" }).click();
await desk.getByText(/^\d+ pass, \d+ fail/).waitFor({ timeout: 120_000 });
await everySize("connector-preflight", desk);
await desk.getByRole("link", { name: /^Continue (to check|all the same)$/ }).click();
await desk.getByRole("heading", { name: "Check and create" }).waitFor();
await desk.getByLabel("Service account").fill("svc-adconnector");
await show("connector-check", desk);
for (const name of ["Password", "Password again"]) await desk.getByLabel(name, { exact: true }).fill("sandbox-connector-password");
await desk.getByRole("button", { name: "Create the AD Connector" }).click();
await desk.waitForURL(/\/directories\/d-[0-9a-f]{10}$/);
await says(desk, /AWS makes the connector|AWS could not make/);
await everySize("connector-creating", desk);
await says(desk, "AWS could not make this connector");
await show("connector-failed", desk, { narrow: true });
// An offering, priced by the demo's example.
await desk.goto(`${url}/offerings`);
await everySize("offerings-empty", desk);
await hydrated();
await desk.getByRole("button", { name: "New offering" }).click();
await desk.getByRole("heading", { name: "New offering" }).waitFor();
await desk.getByLabel("Name", { exact: true }).fill("Office desktop");
await desk.getByLabel("Description").fill("For mail, documents and meetings. Ready within a day.");
await desk.getByLabel("Directory").selectOption("d-906731a2b4");
await desk.getByRole("radio", { name: /Office-Desk/ }).check();
await desk.getByText("Volumes and encryption").click();
await everySize("offering-form", desk);
await desk.getByRole("button", { name: "Continue to preview" }).click();
await desk.getByRole("heading", { name: "Look before it is published" }).waitFor();
await hydrated();
await everySize("offering-preview", desk);
await desk.getByRole("button", { name: "Publish" }).click();
await desk.getByRole("heading", { name: "Office desktop", level: 1 }).waitFor();
await take("offering", desk);
await everySize("offering", desk);
await desk.goto(`${url}/offerings`);
await everySize("offerings", desk);
await desk.goto(`${url}/offerings/prices`);
await everySize("prices", desk);
await desk.locator("a[href^='/offerings/prices/']").first().click();
await desk.getByRole("link", { name: "Download as CSV" }).waitFor();
await everySize("price-sheet", desk);
await desk.goto(`${url}/offerings/prices`);
await hydrated();
await desk.getByRole("button", { name: "New price sheet" }).click();
await desk.getByRole("heading", { name: "New price sheet" }).waitFor();
await everySize("price-sheet-draft", desk);
// Who pays: in the currency of the demo's prices, so that caps can be held against them.
await open(desk, "/cost-centres");
await everySize("cost-centres-empty", desk);
await desk.getByRole("link", { name: "Read a list" }).click();
await desk.getByLabel("Paste it here").fill("4711,Engineering,mgarcia,5000,USD\n4712,Sales,skowalska,,USD\n4716,Logistics,ncostas,2400.50,USD");
await everySize("cost-centres-list", desk);
await desk.getByRole("button", { name: "Read the list" }).click();
await desk.getByText("List read:").waitFor();
await everySize("cost-centres", desk);
if (review) {
  await desk.getByRole("link", { name: "4716 Logistics" }).click();
  await desk.getByRole("heading", { name: "4716 Logistics" }).waitFor();
  await hydrated();
  await desk.getByLabel("Look for the owner").fill("nordwind");
  await desk.getByRole("button", { name: "Look", exact: true }).click();
  await desk.getByRole("radio", { name: /Anna Nordwind/ }).waitFor();
  await everySize("cost-centre", desk);
}

// Requests, from the empty page to the end. All of the Nordwinds have desktops by now, so another manager asks.
const manager = await signedIn("skowalska");
await everySize("manager-today", manager);
await manager.goto(`${url}/requests`);
await everySize("requests-empty", manager);

/** Asks for people of the manager's team and hands it in; `look` may take a picture of each step. Says where the request is. */
async function ask({ given, reason, needed, until }, look = async () => {}) {
  await open(manager, "/requests/new");
  await look("new");
  await manager.getByRole("button", { name: "Begin" }).click();
  await manager.getByRole("heading", { name: "Who gets a desktop?" }).waitFor();
  await live(manager);
  for (const name of given) await manager.getByRole("checkbox", { name: `Select ${name} Seewald` }).check();
  await manager.getByRole("button", { name: "Add selected", exact: true }).click();
  await manager.getByRole("heading", { name: `Chosen: ${given.length}` }).waitFor();
  await live(manager);
  await look("people");
  await manager.getByRole("link", { name: "Continue to what and why" }).click();
  await manager.getByRole("heading", { name: "What do they need, and why?" }).waitFor();
  await live(manager);
  await manager.locator("input[name=offering]:enabled").first().check();
  await manager.getByLabel("Why they are needed").fill(reason);
  await manager.getByRole("combobox", { name: "Cost centre" }).selectOption({ label: "4716 Logistics" });
  await manager.getByLabel("Needed by").fill(day(needed));
  if (until !== undefined) await manager.getByLabel("Until").fill(day(until));
  await look("desktop");
  await manager.getByRole("button", { name: "Continue to check" }).click();
  await manager.getByRole("heading", { name: "Check and hand in" }).waitFor();
  await live(manager);
  await look("check");
  await manager.getByRole("button", { name: "Hand it in" }).click();
  await manager.waitForURL(/\/requests\/[0-9a-f-]{36}$/);
  await manager.getByText("Ask for the same again").waitFor();
  return new URL(manager.url()).pathname;
}

if (review) {
  // What is wrong with an empty form.
  await open(manager, "/requests/new");
  await manager.getByRole("button", { name: "Begin" }).click();
  await manager.getByRole("heading", { name: "Who gets a desktop?" }).waitFor();
  await live(manager);
  await manager.getByRole("checkbox", { name: "Select David Seewald" }).check();
  await manager.getByRole("button", { name: "Add selected", exact: true }).click();
  await manager.getByRole("link", { name: "Continue to what and why" }).click();
  await manager.getByRole("heading", { name: "What do they need, and why?" }).waitFor();
  await live(manager);
  await manager.getByRole("button", { name: "Continue to check" }).click();
  await manager.getByText("Please look at this again").waitFor();
  await everySize("request-desktop-wrong", manager);
}
const documented = ["desktop", "check"];
const each = (name) => (documented.includes(name) ? show : everySize)(`request-${name}`, manager);
const lasting = { given: ["Greta", "Hannes", "Karla"], reason: "Three colleagues join the team in Hamburg.", needed: 14 };
const waiting = await ask(lasting, each);
await everySize("request-waiting", manager);
const project = await ask({ given: ["Anna", "Ben"], reason: "The move of the warehouse, two weeks of it.", needed: 0, until: 10 });
const second = await ask({ given: ["Clara"], reason: "A second one for the training room.", needed: 21 });

const approver = await signedIn("plindqvist");
await everySize("approver-today", approver);
await open(approver, "/approvals");
await show("approvals", approver, { narrow: true });
await open(approver, waiting);
await approver.getByText("Decide person by person").click();
await everySize("request-decide", approver);
for (const [path, button, words] of [[project, "Approve", ""], [second, "Refuse", "The training room has one of its own."]]) {
  await open(approver, path);
  await approver.getByLabel("Words to who asks").fill(words);
  await approver.getByRole("button", { name: button, exact: true }).click();
  await approver.getByRole("heading", { name: "Your decision" }).waitFor({ state: "detached" });
}

// One of them has signed in, the other one is invited.
await open(manager, project);
await says(manager, /2 invited/);
const made = await (await fetch(`${sandbox}/_sandbox/api/workspaces`)).json();
const anna = made.find((desktop) => desktop.user_name === "anna.seewald" && desktop.terminated_at === null);
await fetch(`${sandbox}/_sandbox/api/workspaces/${anna.id}/sign-in`, { method: "POST" });
await says(manager, /1 of 2 signed in/);
await says(manager, "Desktops that are to end");
await show("request", manager);
await manager.goto(`${url}/requests`);
await show("requests", manager, { narrow: true });
await open(desk, "/requests/numbers");
await show("numbers", desk);

// Both end soon; one of them is held before.
await open(desk, "/endings");
await says(desk, "Ben Seewald");
await desk.getByRole("link", { name: "Ben Seewald" }).click();
await desk.getByRole("heading", { name: "End of Ben Seewald\u2019s desktop" }).waitFor();
await hydrated();
await everySize("ending", desk);
await desk.getByRole("button", { name: "Hold it now" }).click();
await desk.getByRole("button", { name: "Undo the hold" }).waitFor({ timeout: 120_000 });
await says(desk, "nobody can use it; it can be opened again");
await everySize("ending-held", desk);
await open(desk, "/endings");
await show("endings", desk);
await open(manager, "/");
await everySize("manager-today-after", manager);

if (review) {
  // What is told of it by mail, a minute later; and who decides while somebody is away.
  let told = [];
  while (told.length === 0) {
    await manager.waitForTimeout(2_000);
    told = (await (await fetch(`${sandbox}/_sandbox/api/inbox`)).json()).filter((mail) => /to decide/i.test(mail.subject));
  }
  await mail.setContent(told[0].html);
  await everySize("mail-to-decide", mail);
  await open(manager, "/settings/mail");
  await everySize("my-mails", manager);
  await open(approver, "/approvals/absence");
  await everySize("absence-empty", approver);
  await approver.getByLabel("Account or mail address").fill("jbergman");
  await approver.getByLabel("Last day").fill(day(9));
  await approver.getByRole("button", { name: "Let them decide" }).click();
  await approver.getByText(/decides in your place/).waitFor();
  await everySize("absence", approver);
  await open(desk, "/requests/rules");
  await desk.getByRole("button", { name: "Change the rules" }).click();
  await desk.getByRole("button", { name: "Add a rule" }).click();
  await desk.getByRole("heading", { name: "New rule" }).waitFor();
  await hydrated();
  await everySize("rule", desk);
  await open(desk, "/requests/rules");
  await everySize("rules", desk);
}
await desk.goto(`${directory}/dns`);
await everySize("dns-begin", desk);
await hydrated();
await desk.getByRole("radio").first().check();
await desk.getByLabel("Address of the new server").fill("127.0.0.1");
await desk.getByRole("button", { name: "Check the server and begin" }).click();
await desk.getByRole("heading", { name: /127\.0\.0\.1$/ }).waitFor();
await hydrated();
await take("dns", desk);
await everySize("dns", desk);
await desk.goto(`${directory}/take-down`);
await desk.getByRole("heading", { name: /^Take .* down\?$/ }).waitFor();
await take("take-down", desk);
await everySize("take-down", desk);
if (review) {
  // The other directory is empty: it goes.
  await desk.goto(`${url}/directories/d-90673c5d6e/take-down`);
  await hydrated();
  await everySize("take-down-empty", desk);
  await desk.getByLabel("Why").fill("nobody needs it any more");
  await desk.getByLabel(/^Type the directory/).fill("lab.example.com");
  await desk.getByRole("button", { name: "Take it down" }).click();
  await desk.getByRole("heading", { name: "Taking lab.example.com down" }).waitFor();
  await everySize("taking-down", desk);
}
await browser.close();
