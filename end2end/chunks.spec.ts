// The browser's half comes in parts: each page with its own, at first and by links, and what happens when one is gone.
import { type Page, expect, open, ready, signInAs, stays, test } from "./support/fixtures";

/** Where a new draft's steps stand. */
async function beginDraft(page: Page): Promise<string> {
  await open(page, "/launches/new");
  await page.getByRole("button", { name: "Begin a new launch" }).click();
  await expect(page).toHaveURL(/\/directory$/);
  return new URL(page.url()).pathname.replace(/\/directory$/, "");
}

/** The addresses of a new connector's steps. */
async function beginConnector(page: Page): Promise<string[]> {
  await open(page, "/directories");
  await page.getByRole("button", { name: "New AD Connector" }).click();
  await expect(page).toHaveURL(/\/network$/);
  const draft = new URL(page.url()).pathname.replace(/\/network$/, "");
  return ["network", "directory", "preflight", "check"].map((step) => `${draft}/${step}`);
}

/** Where a new offering's form stands. */
async function beginOffering(page: Page): Promise<string> {
  await open(page, "/offerings");
  await page.getByRole("button", { name: "New offering" }).click();
  await expect(page).toHaveURL(/\/offerings\/draft\//);
  return new URL(page.url()).pathname;
}

/** The address of the page that asks whether a reboot is meant. */
async function chooseToReboot(page: Page): Promise<string> {
  const first = page.locator("tbody input[type=checkbox]").first();
  // Right after its start Frontdesk has not read the WorkSpaces yet.
  await expect(async () => {
    await open(page, "/workspaces?state=AVAILABLE");
    await expect(first).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await first.check();
  await page.getByLabel("What to do with the selected").selectOption("reboot");
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page).toHaveURL(/\/workspaces\/act\//);
  return new URL(page.url()).pathname;
}

/** Answers for every part but the main one as a server does that has them no more, until `again` is called. */
async function partsAreGone(page: Page): Promise<() => void> {
  let gone = true;
  await page.route(/\/pkg\/(split|chunk)_/, (route) => (gone ? route.fulfill({ status: 404 }) : route.continue()));
  return () => {
    gone = false;
  };
}

test("each page brings its own part", async ({ page }) => {
  // Some thirty pages, each loaded from the start.
  test.setTimeout(420_000);
  await signInAs(page, "amoreau");
  const draft = await beginDraft(page);
  const pages = {
    overview: ["/launches"],
    looking: ["/audit", "/settings/sessions", "/settings/api"],
    wizard: ["/launches/new", `${draft}/directory`, `${draft}/check`],
    choosing: [`${draft}/desktop`, await beginOffering(page)],
    gathering: [`${draft}/people`],
    listing: [`${draft}/list`],
    people: ["/people", "/people?q=kim"],
    desktops: ["/workspaces", "/invitations"],
    acting: ["/workspaces/batches", await chooseToReboot(page)],
    directories: ["/directories", "/directories/d-906731a2b4"],
    setting: ["/directories/d-906731a2b4/register", "/directories/d-906731a2b4/settings", "/directories/ip-groups"],
    connecting: await beginConnector(page),
    ending: ["/directories/d-906731a2b4/take-down"],
    dns: ["/directories/d-906731a2b4/dns"],
    readying: ["/directories/readiness"],
    offerings: ["/offerings", "/offerings/prices"],
  };
  for (const [part, paths] of Object.entries(pages)) {
    for (const path of paths) {
      const answer = await page.goto(path);
      await ready(page);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      expect(answer?.headers()["link"], path).toContain(`</pkg/split_${part}.`);
    }
  }
});

test("links lead from part to part without leaving the document", async ({ page }) => {
  await signInAs(page, "amoreau");
  const kept = await stays(page);
  for (const name of ["Launches", "People", "WorkSpaces", "Invitations", "Directories", "Offerings", "Record", "Sessions", "Today"]) {
    const link = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true }).first();
    const path = await link.getAttribute("href");
    await link.click();
    await expect(page).toHaveURL((url) => url.pathname === path);
    await expect(link).toHaveAttribute("aria-current", "page");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
  await kept();
});

test("a tab from before a new version goes on with the new one @scripts", async ({ page, refusals }) => {
  refusals.push(404);
  await signInAs(page, "amoreau");
  const again = await partsAreGone(page);
  page.on("request", (request) => {
    if (request.isNavigationRequest()) again();
  });
  const before = await page.evaluateHandle(() => document);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "People", exact: true }).first().click();
  await expect(page).toHaveURL(/\/people$/);
  await expect(page.getByRole("heading", { name: "People", level: 1 })).toBeVisible();
  await ready(page);
  expect(await page.evaluate((document_) => document_ === document, before).catch(() => false)).toBe(false);
});

test("a page whose part can't be had stays as it came, and works @scripts", async ({ page, refusals }) => {
  refusals.push(404);
  await signInAs(page, "amoreau");
  const again = await partsAreGone(page);
  const refused = page.waitForEvent("console", (message) => message.text().includes("HTTP status code is not ok"));
  await page.goto("/people");
  await refused;
  await expect(page.getByRole("heading", { name: "People", level: 1 })).toBeVisible();
  await expect(page.locator("html[data-hydrated]")).not.toBeAttached();
  again();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Launches", exact: true }).first().click();
  await expect(page.getByRole("heading", { name: "Launches", level: 1 })).toBeVisible();
  await ready(page);
});
