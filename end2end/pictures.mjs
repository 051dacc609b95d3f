// Takes the README's pictures from a running demo: `cargo xtask demo --fresh`, then `node end2end/pictures.mjs`.
// With a folder as argument it takes every page there, at 390 and 1440 pixels, to be looked at.
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
  await page.getByRole("button", { name: "Add selected" }).click();
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
const desk = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
await desk.goto(url);
await desk.getByRole("link", { name: "Sign in with your company account" }).click();
await desk.getByRole("button", { name: "amoreau" }).click();
await desk.waitForURL(`${url}/`);
const directory = `${url}/directories/d-906731a2b4`;
const hydrated = () => desk.locator("html[data-hydrated]").waitFor();
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
for (const name of ["register", "settings"]) {
  if (!review) break;
  await desk.goto(`${directory}/${name}`);
  await everySize(`directory-${name}`, desk);
}
await desk.goto(`${url}/directories/ip-groups`);
await everySize("ip-groups", desk);
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
if (review) {
  await desk.goto(`${url}/cost-centres`);
  await hydrated();
  await everySize("cost-centres-empty", desk);
  await desk.getByRole("link", { name: "Read a list" }).click();
  await desk.getByLabel("Paste it here").fill("4711,Engineering,mgarcia,5000,EUR\n4712,Sales,skowalska,,EUR\n4716,Logistics,ncostas,2400.50,EUR");
  await everySize("cost-centres-list", desk);
  await desk.getByRole("button", { name: "Read the list" }).click();
  await desk.getByText("List read:").waitFor();
  await everySize("cost-centres", desk);
  await desk.getByRole("link", { name: "4716 Logistics" }).click();
  await desk.getByRole("heading", { name: "4716 Logistics" }).waitFor();
  await hydrated();
  await desk.getByLabel("Look for the owner").fill("nordwind");
  await desk.getByRole("button", { name: "Look", exact: true }).click();
  await desk.getByRole("radio", { name: /Anna Nordwind/ }).waitFor();
  await everySize("cost-centre", desk);
}
if (review) {
  // A request from the empty page to the decision.
  const signedIn = async (account) => {
    const other = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
    await other.goto(url);
    await other.getByRole("link", { name: "Sign in with your company account" }).click();
    await other.getByRole("button", { name: account }).click();
    await other.waitForURL(`${url}/`);
    return other;
  };
  const live = (target) => target.locator("html[data-hydrated]").waitFor({ state: "attached" });
  const manager = await signedIn("mgarcia");
  await everySize("manager-today", manager);
  await manager.goto(`${url}/requests`);
  await everySize("requests-empty", manager);
  await manager.goto(`${url}/requests/new`);
  await live(manager);
  await everySize("request-new", manager);
  await manager.getByRole("button", { name: "Begin" }).click();
  await manager.getByRole("heading", { name: "Who gets a desktop?" }).waitFor();
  await live(manager);
  for (const name of ["Greta", "Hannes", "Karla"]) await manager.getByRole("checkbox", { name: `Select ${name} Nordwind` }).check();
  await manager.getByRole("button", { name: "Add selected" }).click();
  await manager.getByRole("heading", { name: "Chosen: 3" }).waitFor();
  await everySize("request-people", manager);
  await manager.getByRole("link", { name: "Continue to what and why" }).click();
  await manager.getByRole("heading", { name: "What do they need, and why?" }).waitFor();
  await live(manager);
  await manager.getByRole("button", { name: "Continue to check" }).click();
  await manager.getByText("Please look at this again").waitFor();
  await live(manager);
  await everySize("request-desktop", manager);
  await manager.locator("input[name=offering]:enabled").first().check();
  await manager.getByLabel("Why they are needed").fill("Three colleagues join the team in Hamburg.");
  await manager.getByRole("combobox", { name: "Cost centre" }).selectOption({ index: 1 });
  await manager.getByLabel("Needed by").fill(new Date(Date.now() + 14 * 86_400_000).toISOString().slice(0, 10));
  await manager.getByRole("button", { name: "Continue to check" }).click();
  await manager.getByRole("heading", { name: "Check and hand in" }).waitFor();
  await live(manager);
  await everySize("request-check", manager);
  await manager.getByRole("button", { name: "Hand it in" }).click();
  await manager.getByText("Who decides").waitFor();
  await everySize("request-waiting", manager);
  const approver = await signedIn("plindqvist");
  await everySize("approver-today", approver);
  await approver.goto(`${url}/approvals`);
  await everySize("approvals", approver);
  await approver.goto(manager.url());
  await live(approver);
  await approver.getByText("Decide person by person").click();
  await everySize("request-decide", approver);
  await manager.goto(`${url}/requests`);
  await everySize("requests", manager);
  // What is told of it by mail, a minute later; and who decides while somebody is away.
  let told = [];
  while (told.length === 0) {
    await manager.waitForTimeout(2_000);
    told = (await (await fetch(`${sandbox}/_sandbox/api/inbox`)).json()).filter((mail) => mail.subject.startsWith("To decide: "));
  }
  await mail.setContent(told[0].html);
  await everySize("mail-to-decide", mail);
  await manager.goto(`${url}/settings/mail`);
  await everySize("my-mails", manager);
  await approver.goto(`${url}/approvals/absence`);
  await live(approver);
  await everySize("absence-empty", approver);
  await approver.getByLabel("Account or mail address").fill("jbergman");
  await approver.getByLabel("Last day").fill(new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10));
  await approver.getByRole("button", { name: "Let them decide" }).click();
  await approver.getByText(/decides in your place/).waitFor();
  await everySize("absence", approver);
  await approver.goto(manager.url());
  for (const [name, path] of [["numbers", "/requests/numbers"], ["endings-empty", "/endings"]]) {
    await desk.goto(url + path);
    await everySize(name, desk);
  }
  await desk.goto(`${url}/requests/rules`);
  await live(desk);
  await desk.getByRole("button", { name: "Change the rules" }).click();
  await desk.getByRole("button", { name: "Add a rule" }).click();
  await desk.getByRole("heading", { name: "New rule" }).waitFor();
  await live(desk);
  await everySize("rule", desk);
  await desk.goto(`${url}/requests/rules`);
  await live(desk);
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
