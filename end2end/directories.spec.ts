// The life of an AD Connector, as an admin leads it from here: set up from nothing with what goes wrong on the way, registered, set,
// launched into, given another DNS server, and taken down.
import { type Page } from "@playwright/test";

import { accessible, control, expect, open, ready, says, scripted, signInAs, test } from "./support/fixtures";

// What the first journey makes the last one takes down.
test.describe.configure({ mode: "serial" });
let made = "";

/** The last step of the wizard, with the account that the sandbox knows. */
async function create(page: Page, password: string): Promise<void> {
  await page.getByLabel("Service account").fill("svc-adconnector");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByLabel("Password again").fill(password);
  await page.getByRole("button", { name: "Create the AD Connector" }).click();
}

test("one is set up from nothing, registered and set", async ({ page, refusals }) => {
  test.setTimeout(360_000);
  // The password is wrong at first.
  refusals.push(422);
  await signInAs(page, "amoreau");
  await open(page, "/directories");
  await page.getByRole("button", { name: "New AD Connector" }).click();

  await expect(page.getByRole("heading", { name: "Where does it stand?" })).toBeVisible();
  await ready(page);
  await expect(page.locator("input[value='vpc-0dedcafe']")).toBeDisabled();
  await page.locator("input[value='vpc-0a1b2c3d']").check();
  await page.getByRole("button", { name: "Show its subnets" }).click();
  await expect(page.getByText("Two subnets of vpc-0a1b2c3d")).toBeVisible();
  await ready(page);
  await page.getByRole("button", { name: "Continue to directory" }).click();
  await expect(page.getByText("Choose two subnets, in different zones.").first()).toBeVisible();
  await ready(page);
  await expect(page.locator("input[value='subnet-0d1e2f30']")).toBeDisabled();
  await expect(page.getByText("WorkSpaces does not work in its zone euc1-az1")).toBeVisible();
  await page.locator("input[value='subnet-0a1b2c3d']").check();
  await page.locator("input[value='subnet-0b1c2d3e']").check();
  await accessible(page);
  await page.getByRole("button", { name: "Continue to directory" }).click();

  await expect(page.getByRole("heading", { name: "Which domain does it connect?" })).toBeVisible();
  await ready(page);
  await page.getByLabel("Organisation name (optional)").fill("Example Corp, Berlin");
  await page.getByLabel("Directory DNS name").fill("corp.example.com");
  await page.getByLabel("Directory NetBIOS name (optional)").fill("CORP");
  await page.getByLabel("DNS address", { exact: true }).fill("10.0.0.256");
  await page.getByRole("button", { name: "Continue to preflight" }).click();
  await expect(page.getByText("four numbers from 0 to 255").first()).toBeVisible();
  await ready(page);
  await expect(page.getByLabel("Organisation name (optional)")).toHaveValue("Example Corp, Berlin");
  await page.getByLabel("DNS address", { exact: true }).fill("127.0.0.1");
  await accessible(page);
  await page.getByRole("button", { name: "Continue to preflight" }).click();

  await expect(page.getByRole("heading", { name: "Will it work?" })).toBeVisible();
  await ready(page);
  await page.getByRole("button", { name: "Look now" }).click();
  await expect(page.getByText(/^\d+ pass, 0 fail/)).toBeVisible();
  await ready(page);
  await accessible(page);
  await page.getByRole("link", { name: "Continue to check" }).click();

  await expect(page.getByRole("heading", { name: "Check and create" })).toBeVisible();
  await ready(page);
  await expect(page.getByText("There is a connector to this domain in this VPC")).toBeVisible();
  await create(page, "not the password");
  await expect(page.getByText(/Active Directory refuses the account/).first()).toBeVisible();
  expect(page.url()).not.toContain("not%20the");
  await ready(page);
  await accessible(page);
  await create(page, "sandbox-connector-password");

  await expect(page).toHaveURL(/\/directories\/d-[0-9a-f]{10}$/);
  await ready(page);
  await expect(page.getByText("Example Corp, Berlin")).toBeVisible();
  await accessible(page);
  made = new URL(page.url()).pathname.split("/").pop() ?? "";
  await says(page, /Stage\s*Active/);

  await page.getByRole("link", { name: "Register with WorkSpaces" }).click();
  await expect(page.getByRole("heading", { name: "Register with WorkSpaces" })).toBeVisible();
  await ready(page);
  await expect(page.locator("input[value='subnet-0a1b2c3d']")).toBeChecked();
  await page.locator("input[value='subnet-0a1b2c3d']").uncheck();
  await page.getByRole("button", { name: "Register" }).click();
  await expect(page.getByText("Choose two subnets, in different zones.").first()).toBeVisible();
  await ready(page);
  await accessible(page);
  await page.locator("input[value='subnet-0a1b2c3d']").check();
  await page.getByRole("button", { name: "Register" }).click();
  await expect(page).toHaveURL(/\/directories\/d-[0-9a-f]{10}$/);
  await ready(page);
  await expect(page.getByText("WorkSpaces takes the directory into use.")).toBeVisible();
  await says(page, /WorkSpaces\s*REGISTERED\s*Registration code\s*WSfra\+/);
  await page.getByRole("link", { name: "Settings" }).click();

  await expect(page.getByRole("heading", { name: "Settings of corp.example.com" })).toBeVisible();
  const fresh = page.getByRole("form", { name: "New WorkSpaces" });
  await ready(page);
  await accessible(page);
  await fresh.getByLabel("Organizational unit").selectOption("OU=WorkSpaces,DC=corp,DC=example,DC=com");
  await page.getByLabel("Security group (optional)").fill("group");
  await fresh.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("A security group is written sg-").first()).toBeVisible();
  await ready(page);
  await fresh.getByLabel("Organizational unit").selectOption("OU=WorkSpaces,DC=corp,DC=example,DC=com");
  await page.getByLabel("Security group (optional)").fill("sg-0a1b2c3d");
  await fresh.getByRole("button", { name: "Save" }).click();
  await expect(fresh).toContainText("Saved");
  await ready(page);
  await page.getByRole("checkbox", { name: /^Web browser/ }).check();
  await page.getByRole("form", { name: "Devices" }).getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("form", { name: "Devices" })).toContainText("Saved");
  const settingsPath = new URL(page.url()).pathname;
  await open(page, settingsPath);
  await expect(page.getByRole("checkbox", { name: /^Web browser/ })).toBeChecked();
  await expect(page.getByRole("checkbox", { name: /^Linux/ })).not.toBeChecked();
  await expect(page.getByLabel("Security group (optional)")).toHaveValue("sg-0a1b2c3d");
  await expect(fresh.getByLabel("Organizational unit")).toHaveValue("OU=WorkSpaces,DC=corp,DC=example,DC=com");

  const own = page.getByRole("form", { name: "Frontdesk itself" });
  await own.getByLabel("Helpdesk mail").fill("desk");
  await own.getByRole("button", { name: "Save" }).click();
  if (scripted()) await expect(own.getByLabel("Helpdesk mail")).toHaveValue("desk");
  await open(page, settingsPath);
  await own.getByLabel("Helpdesk phone").fill("+49 89 777");
  await own.getByLabel("Language of its people").selectOption("de");
  await own.getByLabel("Groups that are helpdesk here").fill("Nobody at all");
  await own.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Active Directory has no group Nobody at all").first()).toBeVisible();
  await open(page, settingsPath);
  await own.getByLabel("Helpdesk phone").fill("+49 89 777");
  await own.getByLabel("Language of its people").selectOption("de");
  await own.getByLabel("Groups that are helpdesk here").fill("Service Desk Berlin");
  await own.getByRole("button", { name: "Save" }).click();
  await expect(own).toContainText("Saved");
  await open(page, settingsPath);
  await expect(own.getByLabel("Helpdesk phone")).toHaveValue("+49 89 777");
  await accessible(page);

  const offices = scripted() ? "Offices" : "Branches";
  await page.getByRole("link", { name: "Make and change groups" }).click();
  await expect(page.getByRole("heading", { name: "IP access groups" })).toBeVisible();
  await ready(page);
  const making = page.getByRole("form", { name: "Make a group" });
  await making.getByLabel("Name").fill(offices);
  await making.getByLabel("Networks").fill("203.0.113.5/24 Berlin");
  await making.getByRole("button", { name: "Make the group" }).click();
  await expect(page.getByText("do you mean 203.0.113.0/24").first()).toBeVisible();
  await ready(page);
  await making.getByLabel("Name").fill(offices);
  await making.getByLabel("Networks").fill("203.0.113.0/24 Berlin");
  await making.getByRole("button", { name: "Make the group" }).click();
  await expect(page.getByRole("heading", { name: offices })).toBeVisible();
  await ready(page);
  await accessible(page);
  await open(page, settingsPath);
  await page.getByRole("checkbox", { name: new RegExp(`^${offices}`) }).check();
  await page.getByRole("form", { name: "IP access groups" }).getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("form", { name: "IP access groups" })).toContainText("Saved");
  await open(page, "/directories/ip-groups");
  const section = page.locator("section", { hasText: offices }).first();
  await expect(section).toContainText("Attached to corp.example.com");
});

test("one that failed is explained, begun again with its values, and taken down", async ({ page }) => {
  test.setTimeout(420_000);
  await signInAs(page, "amoreau");
  await open(page, "/directories");
  await page.getByRole("button", { name: "New AD Connector" }).click();
  await expect(page.getByRole("heading", { name: "Where does it stand?" })).toBeVisible();
  await ready(page);
  await page.locator("input[value='vpc-0a1b2c3d']").check();
  await page.getByRole("button", { name: "Show its subnets" }).click();
  await expect(page.getByText("Two subnets of vpc-0a1b2c3d")).toBeVisible();
  await ready(page);
  await page.locator("input[value='subnet-0a1b2c3d']").check();
  await page.locator("input[value='subnet-0b1c2d3e']").check();
  await page.getByRole("button", { name: "Continue to directory" }).click();
  await expect(page.getByRole("heading", { name: "Which domain does it connect?" })).toBeVisible();
  await ready(page);
  await page.getByLabel("Organisation name (optional)").fill("Behind the firewall");
  await page.getByLabel("Directory DNS name").fill("corp.example.com");
  // A DNS server behind which AWS reaches no domain controller.
  await page.getByLabel("DNS address", { exact: true }).fill("10.20.0.88");
  await page.getByRole("button", { name: "Continue to preflight" }).click();
  await expect(page.getByRole("heading", { name: "Will it work?" })).toBeVisible();
  await ready(page);
  await page.getByRole("link", { name: "Continue all the same" }).click();
  await expect(page.getByRole("heading", { name: "Check and create" })).toBeVisible();
  await ready(page);
  await create(page, "sandbox-connector-password");
  await expect(page).toHaveURL(/\/directories\/d-[0-9a-f]{10}$/);
  const failed = new URL(page.url()).pathname;
  await says(page, /AWS could not make this connector/);
  await expect(page.getByText("Open TCP and UDP ports 53, 88 and 389 from both subnets").first()).toBeVisible();
  await accessible(page);

  await page.getByRole("button", { name: "Start again with these values" }).click();
  await expect(page.getByRole("heading", { name: "Where does it stand?" })).toBeVisible();
  await ready(page);
  await expect(page.locator("input[value='subnet-0a1b2c3d']")).toBeChecked();
  await page.getByRole("button", { name: "Continue to directory" }).click();
  await expect(page.getByLabel("Organisation name (optional)")).toHaveValue("Behind the firewall");

  await open(page, failed);
  await page.getByRole("link", { name: "Take down" }).click();
  await expect(page.getByText("There are no WorkSpaces in it.")).toBeVisible();
  await ready(page);
  await page.getByLabel("Why").fill("it never worked");
  await page.getByLabel(/^Type the directory/).fill("corp.example.com");
  await page.getByRole("button", { name: "Take it down" }).click();
  await says(page, /corp\.example\.com is taken down/, 240_000);
});

test("somebody is launched into it, its DNS server is changed, and it is taken down with all that is in it", async ({ page, refusals }) => {
  test.setTimeout(900_000);
  // The number of WorkSpaces is wrong at first.
  refusals.push(422);
  await signInAs(page, "amoreau");
  await open(page, "/launches/new");
  await page.getByRole("button", { name: "Begin a new launch" }).click();
  await expect(page.getByRole("heading", { name: "Where do the desktops belong?" })).toBeVisible();
  await ready(page);
  await page.locator(`input[value='${made}']`).check();
  await page.getByRole("button", { name: "Continue to people" }).click();
  // Nobody of those whose mails another journey counts.
  await page.getByRole("searchbox").fill("alex.kim");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByRole("checkbox", { name: "Select Alex Kim" }).first().check();
  await page.getByRole("button", { name: "Add selected", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Chosen: 1" })).toBeVisible();
  await ready(page);
  await page.getByRole("link", { name: "Continue to desktop" }).click();
  await page.getByRole("radio", { name: /Office-Desk/ }).check();
  await page.getByRole("button", { name: "Continue to check" }).click();
  await expect(page.getByRole("heading", { name: "Check and launch" })).toBeVisible();
  await ready(page);
  await page.getByRole("button", { name: "Launch 1 WorkSpace" }).click();
  await expect(page.getByText("1 of 1 available").first()).toBeVisible({ timeout: 90_000 });
  // In the language that was set for the directory, and with its own number.
  const german = async () => (await control.inbox()).filter((mail) => mail.text.includes("Registrierungscode") && mail.text.includes("+49 89 777")).length;
  await expect.poll(german, { timeout: 60_000 }).toBeGreaterThan(0);

  await open(page, `/directories/${made}`);
  await page.getByRole("link", { name: "Change DNS servers" }).click();
  await expect(page.getByRole("heading", { name: "Change DNS servers" })).toBeVisible();
  await ready(page);
  const form = page.getByRole("form", { name: "Begin a change" });
  await form.getByRole("radio").first().check();
  await form.getByLabel("Address of the new server").fill("10.20.0.11");
  // It stands in the company's network, which this machine does not reach.
  await form.getByRole("button", { name: "Check the server and begin" }).click();
  await expect(page.getByText(/Nothing was begun. Check the address/).first()).toBeVisible({ timeout: 60_000 });
  await ready(page);
  await form.getByRole("radio").first().check();
  await form.getByLabel("Address of the new server").fill("10.20.0.11");
  await form.getByRole("checkbox", { name: /^Go on although it/ }).check();
  await form.getByRole("button", { name: "Check the server and begin" }).click();
  await expect(page.getByRole("heading", { name: "127.0.0.1 \u2192 10.20.0.11" })).toBeVisible({ timeout: 60_000 });
  await ready(page);
  await page.getByRole("row").nth(1).getByRole("checkbox").check();
  await page.getByRole("button", { name: "Mark the selected" }).click();
  await says(page, /1 of 1 done/);
  await page.getByRole("button", { name: "Freeze launches now" }).click();
  await says(page, /Launches in this directory stand still/);
  await control.dns(made, ["10.20.0.11"]);
  await says(page, /AWS shows the new address/);
  await page.getByRole("button", { name: "Verify now" }).click();
  await expect(page.getByText("Nothing is wrong.")).toBeVisible({ timeout: 60_000 });
  await ready(page);
  await page.getByRole("button", { name: "Close this change" }).click();
  await says(page, /This change is done/);

  await open(page, `/directories/${made}`);
  await page.getByRole("link", { name: "Take down" }).click();
  await expect(page.getByText("1 WorkSpace, with everything on it.")).toBeVisible();
  await ready(page);
  await accessible(page);
  const agree = async (count: string) => {
    await page.getByLabel("Why").fill("the branch is closed");
    await page.getByLabel(/^Type the directory/).fill("corp.example.com");
    await page.getByLabel(/^Type 1, the number/).fill(count);
    await page.getByRole("button", { name: "Take it down" }).click();
  };
  await agree("2");
  await expect(page.getByText(/Type 1 if that is meant/).first()).toBeVisible();
  await ready(page);
  await agree("1");
  await expect(page.getByRole("heading", { name: "Taking corp.example.com down" })).toBeVisible();
  await ready(page);
  await accessible(page);
  await says(page, /corp\.example\.com is taken down/, 420_000);
  await expect(page.getByText("AWS shows the directory no more.")).toBeVisible();
  await accessible(page);
  await open(page, "/directories");
  await expect(page.locator(`a[href='/directories/${made}']`)).toHaveCount(0);
});
