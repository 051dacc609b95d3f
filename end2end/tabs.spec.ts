// Many tabs on one launch: a browser opens six connections to a server, and each watching tab keeps one.
import { type Page, type Request } from "@playwright/test";
import { expect, open, ready, scripted, signInAs, test } from "./support/fixtures";

const TABS = 8;

/** What the browser does when another tab comes to the front. Headless pages are never hidden by themselves. */
const setHidden = (tab: Page, hidden: boolean) =>
  tab.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  }, hidden);

test("eight tabs watch a launch, and only the one in front holds a stream", async ({ page, context }) => {
  await signInAs(page, "hkeller");
  await open(page, "/launches");
  await page.locator("a[href^='/launches/']:not([href='/launches/new'])").first().click();
  await expect(page).toHaveURL(/\/launches\/[0-9a-f-]{36}$/);
  const launch = new URL(page.url()).pathname;

  const streams = new Map<Request, Page>();
  context.on("request", (request) => request.resourceType() === "eventsource" && streams.set(request, request.frame().page()));
  for (const over of ["requestfinished", "requestfailed"] as const) context.on(over, (request) => streams.delete(request));
  const tabs: Page[] = [];
  for (let number = 0; number < TABS; number += 1) {
    const before = tabs.at(-1);
    if (before && scripted()) await setHidden(before, true);
    const tab = await context.newPage();
    tabs.push(tab);
    await open(tab, launch);
    await expect(tab.getByRole("heading", { level: 1 })).toBeVisible();
  }
  const front = tabs.at(-1) as Page;
  if (scripted()) {
    await expect.poll(() => [...streams.values()].filter((tab) => tabs.includes(tab))).toEqual([front]);
    // Looked at again, a tab watches again.
    await setHidden(front, true);
    await setHidden(tabs[0], false);
    await expect.poll(() => [...streams.values()].filter((tab) => tabs.includes(tab))).toEqual([tabs[0]]);
  }
  for (const tab of tabs) {
    await tab.reload();
    await ready(tab);
    if (scripted()) await setHidden(tab, true);
  }
  for (const tab of tabs) await tab.close();
});
