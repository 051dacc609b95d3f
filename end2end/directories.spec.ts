// An admin sets up an AD Connector from nothing, with what goes wrong on the way.
import { accessible, expect, open, ready, scripted, signInAs, test } from "./support/fixtures";

test("an AD Connector is set up from nothing", async ({ page, refusals }) => {
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
  const type = async (password: string) => {
    await page.getByLabel("Service account").fill("svc-adconnector");
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByLabel("Password again").fill(password);
    await page.getByRole("button", { name: "Create the AD Connector" }).click();
  };
  await type("not the password");
  await expect(page.getByText(/Active Directory refuses the account/).first()).toBeVisible();
  expect(page.url()).not.toContain("not%20the");
  await ready(page);
  await accessible(page);
  await type("sandbox-connector-password");

  await expect(page).toHaveURL(/\/directories\/d-[0-9a-f]{10}$/);
  await ready(page);
  await expect(page.getByText("Example Corp, Berlin")).toBeVisible();
  await accessible(page);
  const stage = page.locator(".fact", { hasText: "Stage" }).first();
  await expect
    .poll(
      async () => {
        if (!scripted()) await page.reload();
        return stage.textContent();
      },
      { timeout: 150_000, intervals: [3_000] },
    )
    .toContain("Active");

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
  const settings = page.getByRole("link", { name: "Settings" });
  await expect
    .poll(
      async () => {
        if (!scripted()) await page.reload();
        return settings.count();
      },
      { timeout: 120_000, intervals: [3_000] },
    )
    .toBe(1);
  await expect(page.locator(".fact", { hasText: "Registration code" })).toContainText(/WSfra\+/);
  await settings.click();

  await expect(page.getByRole("heading", { name: "Settings of corp.example.com" })).toBeVisible();
  await ready(page);
  await accessible(page);
  await page.getByLabel("Organizational unit").selectOption("OU=WorkSpaces,DC=corp,DC=example,DC=com");
  await page.getByLabel("Security group (optional)").fill("group");
  await page.getByRole("form", { name: "New WorkSpaces" }).getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("A security group is written sg-").first()).toBeVisible();
  await ready(page);
  await page.getByLabel("Organizational unit").selectOption("OU=WorkSpaces,DC=corp,DC=example,DC=com");
  await page.getByLabel("Security group (optional)").fill("sg-0a1b2c3d");
  await page.getByRole("form", { name: "New WorkSpaces" }).getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("form", { name: "New WorkSpaces" })).toContainText("Saved");
  await ready(page);
  await page.getByRole("checkbox", { name: /^Web browser/ }).check();
  await page.getByRole("form", { name: "Devices" }).getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("form", { name: "Devices" })).toContainText("Saved");
  const settingsPath = new URL(page.url()).pathname;
  await open(page, settingsPath);
  await expect(page.getByRole("checkbox", { name: /^Web browser/ })).toBeChecked();
  await expect(page.getByRole("checkbox", { name: /^Linux/ })).not.toBeChecked();
  await expect(page.getByLabel("Security group (optional)")).toHaveValue("sg-0a1b2c3d");
  await expect(page.getByLabel("Organizational unit")).toHaveValue("OU=WorkSpaces,DC=corp,DC=example,DC=com");

  const offices = scripted() ? "Offices" : "Branches";
  await page.getByRole("link", { name: "Make and change groups" }).click();
  await expect(page.getByRole("heading", { name: "IP access groups" })).toBeVisible();
  await ready(page);
  const made = page.getByRole("form", { name: "Make a group" });
  await made.getByLabel("Name").fill(offices);
  await made.getByLabel("Networks").fill("203.0.113.5/24 Berlin");
  await made.getByRole("button", { name: "Make the group" }).click();
  await expect(page.getByText("do you mean 203.0.113.0/24").first()).toBeVisible();
  await ready(page);
  await made.getByLabel("Name").fill(offices);
  await made.getByLabel("Networks").fill("203.0.113.0/24 Berlin");
  await made.getByRole("button", { name: "Make the group" }).click();
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
