// An admin changes DNS servers of connectors: WorkSpaces first, the freeze, the change in AWS's console, verification, record.
import { accessible, control, expect, open, ready, says, signInAs, test } from "./support/fixtures";

const sandbox = process.env.SANDBOX_URL ?? "";
/** The one with WorkSpaces, in which other journeys launch; here nothing may stay frozen. */
const CORP = "d-906731a2b4";
const LAB = "d-90673c5d6e";

async function addresses(directory: string): Promise<string[]> {
  const all: { id: string; dns: string[] }[] = await (await fetch(`${sandbox}/_sandbox/api/directories`)).json();
  return all.find((connector) => connector.id === directory)?.dns ?? [];
}

test("WorkSpaces are told, launches stand still, and giving up releases them", async ({ page, refusals }) => {
  // An address that can't be one.
  refusals.push(422);
  await signInAs(page, "amoreau");
  await open(page, `/directories/${CORP}`);
  await page.getByRole("link", { name: "Change DNS servers" }).click();
  await expect(page.getByRole("heading", { name: "Change DNS servers" })).toBeVisible();
  await ready(page);
  await accessible(page);
  const [old] = await addresses(CORP);
  const form = page.getByRole("form", { name: "Begin a change" });
  const begin = async (address: string) => {
    await form.getByRole("radio").first().check();
    await form.getByLabel("Address of the new server").fill(address);
    await form.getByRole("button", { name: "Check the server and begin" }).click();
  };
  await begin("10.0.0.256");
  await expect(page.getByText("four numbers from 0 to 255").first()).toBeVisible();
  await ready(page);
  await begin("127.0.0.1");
  await expect(page.getByRole("heading", { name: `${old} \u2192 127.0.0.1` })).toBeVisible();
  await ready(page);
  await accessible(page);

  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download change-dns.ps1" }).click();
  expect((await download).suggestedFilename()).toBe("change-dns.ps1");
  await page.getByRole("row").nth(1).getByRole("checkbox").check();
  await page.getByRole("button", { name: "Mark the selected" }).click();
  await says(page, /1 of \d+ done/);
  const id = (await page.getByRole("row").nth(1).locator("code").first().textContent()) ?? "";
  await page.getByText("Import a list of outcomes").click();
  await page.getByLabel("Or paste it here").fill(`computer,result\n${id},skipped\nnobody,done\n`);
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await says(page, /1 taken over, 1 not understood/);
  await expect(page.getByText("No WorkSpace of this change has this name or id.")).toBeVisible();
  await accessible(page);

  await page.getByRole("checkbox", { name: /^Go on although/ }).check();
  await page.getByRole("button", { name: "Freeze launches now" }).click();
  await says(page, /Launches in this directory stand still/);
  await expect(page.getByRole("heading", { name: "Wait before the connector is changed" })).toBeVisible();
  await accessible(page);
  const here = new URL(page.url()).pathname;
  await open(page, `/directories/${CORP}`);
  await expect(page.getByText("Launches wait")).toBeVisible();

  await open(page, here);
  await page.getByText("Give this change up").click();
  await page.getByLabel("Why").fill("the new server comes later");
  await page.getByRole("button", { name: "Give it up" }).click();
  await says(page, /This change was given up/);
  await expect(page.getByText("Launches in this directory stand still")).toHaveCount(0);
  await page.getByRole("link", { name: "Record to print" }).click();
  await expect(page.getByText("the new server comes later")).toBeVisible();
  await ready(page);
  await accessible(page);
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("navigation").first()).toBeHidden();
  await expect(page.getByRole("columnheader", { name: "Outcome" }).last()).toBeVisible();
});

test("a change is seen at AWS, verified and closed", async ({ page, refusals }) => {
  test.setTimeout(300_000);
  // The new server does not answer.
  refusals.push(422);
  await signInAs(page, "amoreau");
  await open(page, `/directories/${LAB}/dns`);
  const [old] = await addresses(LAB);
  const wanted = old === "10.30.0.12" ? "10.30.0.13" : "10.30.0.12";
  const form = page.getByRole("form", { name: "Begin a change" });
  await form.getByRole("radio").first().check();
  await form.getByLabel("Address of the new server").fill(wanted);
  await form.getByRole("button", { name: "Check the server and begin" }).click();
  await expect(page.getByText(/Nothing was begun. Check the address/).first()).toBeVisible({ timeout: 60_000 });
  await ready(page);
  await form.getByRole("radio").first().check();
  await form.getByLabel("Address of the new server").fill(wanted);
  await form.getByRole("checkbox", { name: /^Go on although it/ }).check();
  await form.getByRole("button", { name: "Check the server and begin" }).click();
  await expect(page.getByRole("heading", { name: `${old} \u2192 ${wanted}` })).toBeVisible({ timeout: 60_000 });
  await ready(page);
  await page.getByRole("button", { name: "Freeze launches now" }).click();
  await says(page, /Launches in this directory stand still/);

  await control.dns(LAB, ["10.30.0.99"]);
  await says(page, /AWS shows other addresses than wanted/);
  await accessible(page);
  await control.dns(LAB, [wanted]);
  await says(page, /AWS shows the new address/);
  await expect(page.getByText("before launches had stood still for 15 minutes")).toBeVisible();
  await page.getByRole("button", { name: "Verify now" }).click();
  await expect(page.getByText("Nothing is wrong.")).toBeVisible({ timeout: 60_000 });
  await ready(page);
  await accessible(page);
  await page.getByRole("button", { name: "Close this change" }).click();
  await says(page, /This change is done/);
});
