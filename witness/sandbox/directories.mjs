// A connector from ConnectDirectory to DeleteDirectory, over Directory Service and WorkSpaces.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as ds from "@aws-sdk/client-directory-service";
import * as ws from "@aws-sdk/client-workspaces";
import { REGISTERED, UNREGISTERED, assertError, behave, directoryService, fault, refusal, workspaces } from "./support.mjs";

const SUBNETS = ["subnet-0a1b2c3d", "subnet-0b1c2d3e"];
const NOWHERE = "d-0000000000";

const settings = (more = {}) => ({
  VpcId: "vpc-0a1b2c3d",
  SubnetIds: SUBNETS,
  CustomerDnsIps: ["127.0.0.1"],
  CustomerUserName: "svc-adconnector",
  ...more,
});
const request = (more = {}) => ({
  Name: "corp.example.com",
  Password: "sandbox-connector-password",
  Size: "Small",
  ConnectSettings: settings(),
  ...more,
});
const connect = async (more) => (await directoryService.send(new ds.ConnectDirectoryCommand(request(more)))).DirectoryId;
const found = async (id) =>
  (await directoryService.send(new ds.DescribeDirectoriesCommand({ DirectoryIds: [id] }))).DirectoryDescriptions[0];
const told = async (id) =>
  (await workspaces.send(new ws.DescribeWorkspaceDirectoriesCommand({ DirectoryIds: [id] }))).Directories[0];
const register = (id, more) => workspaces.send(new ws.RegisterWorkspaceDirectoryCommand({ DirectoryId: id, SubnetIds: SUBNETS, ...more }));
const deregister = (id) => workspaces.send(new ws.DeregisterWorkspaceDirectoryCommand({ DirectoryId: id }));
const remove = (id) => directoryService.send(new ds.DeleteDirectoryCommand({ DirectoryId: id }));

/** The connector of the round over all operations. */
let round;

/** Right calls, in the order in which they make sense. */
export const OPERATIONS = {
  "ds:ConnectDirectory": async () => {
    const answer = await directoryService.send(new ds.ConnectDirectoryCommand(request()));
    round = answer.DirectoryId;
    return answer;
  },
  "ds:AddTagsToResource": () =>
    directoryService.send(new ds.AddTagsToResourceCommand({ ResourceId: round, Tags: [{ Key: "a", Value: "b" }] })),
  "ds:ListTagsForResource": () => directoryService.send(new ds.ListTagsForResourceCommand({ ResourceId: round })),
  "ds:RemoveTagsFromResource": () =>
    directoryService.send(new ds.RemoveTagsFromResourceCommand({ ResourceId: round, TagKeys: ["a"] })),
  "workspaces:RegisterWorkspaceDirectory": () => register(round),
  "workspaces:ModifySelfservicePermissions": () =>
    workspaces.send(new ws.ModifySelfservicePermissionsCommand({ ResourceId: round, SelfservicePermissions: {} })),
  "workspaces:ModifyWorkspaceAccessProperties": () =>
    workspaces.send(new ws.ModifyWorkspaceAccessPropertiesCommand({ ResourceId: round, WorkspaceAccessProperties: {} })),
  "workspaces:ModifyWorkspaceCreationProperties": () =>
    workspaces.send(new ws.ModifyWorkspaceCreationPropertiesCommand({ ResourceId: round, WorkspaceCreationProperties: {} })),
  "workspaces:ModifyClientProperties": () =>
    workspaces.send(new ws.ModifyClientPropertiesCommand({ ResourceId: round, ClientProperties: {} })),
  "workspaces:DescribeClientProperties": () => workspaces.send(new ws.DescribeClientPropertiesCommand({ ResourceIds: [round] })),
  "workspaces:ModifySamlProperties": () => workspaces.send(new ws.ModifySamlPropertiesCommand({ ResourceId: round })),
  "workspaces:CreateTags": () => workspaces.send(new ws.CreateTagsCommand({ ResourceId: round, Tags: [{ Key: "a", Value: "b" }] })),
  "workspaces:DeleteTags": () => workspaces.send(new ws.DeleteTagsCommand({ ResourceId: round, TagKeys: ["a"] })),
};
export const LAST_OPERATIONS = {
  "workspaces:DeregisterWorkspaceDirectory": () => deregister(round),
  "ds:DeleteDirectory": () => remove(round),
};

/** Asks until the answer is the wanted one. */
async function until(ask, wanted) {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await ask()) === wanted) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.equal(await ask(), wanted);
}

test("a connector is created, registered, set up and taken down", async () => {
  await behave({ connector_creating_ms: 4_000, registering_ms: 4_000 });
  const id = await connect({ ShortName: "CORP", Description: "Berlin desktops", Tags: [{ Key: "frontdesk:request", Value: "one" }] });
  assert.match(id, /^d-[0-9a-f]{10}$/);
  const creating = await found(id);
  assert.deepEqual([creating.Stage, creating.Type, creating.ShortName, creating.Description], ["Creating", "ADConnector", "CORP", "Berlin desktops"]);
  assert.deepEqual(creating.ConnectSettings.AvailabilityZones, ["eu-central-1a", "eu-central-1b"]);
  assert.ok(creating.LaunchTime instanceof Date && Math.abs(creating.LaunchTime - Date.now()) < 60_000);
  const early = await refusal(register(id));
  assert.ok(early instanceof ws.InvalidResourceStateException);
  assertError(early, "InvalidResourceStateException", 400);
  await until(async () => (await found(id)).Stage, "Active");

  const answer = await register(id, { EnableSelfService: true, Tags: [{ Key: "team", Value: "Vertrieb" }] });
  assert.deepEqual([answer.DirectoryId, answer.State], [id, "REGISTERING"]);
  await until(async () => (await told(id)).State, "REGISTERED");
  await behave({ connector_creating_ms: 0, registering_ms: 0 });
  const directory = await told(id);
  assert.deepEqual([directory.DirectoryType, directory.SubnetIds, directory.Tenancy], ["AD_CONNECTOR", SUBNETS, "SHARED"]);
  assert.match(directory.RegistrationCode, /^WSfra\+[A-Z0-9]{6}$/);
  assert.equal(directory.SelfservicePermissions.RebuildWorkspace, "ENABLED");

  await settled(id);

  const held = await refusal(remove(id));
  assert.ok(held instanceof ds.ClientException);
  assertError(held, "ClientException", 400, /still has authorized applications/);
  await deregister(id);
  assert.equal(await told(id), undefined);
  await remove(id);
  const gone = await refusal(found(id));
  assert.ok(gone instanceof ds.EntityDoesNotExistException);
});

/** Changes every setting and reads it back. */
async function settled(id) {
  const access = { DeviceTypeWeb: "ALLOW", DeviceTypeZeroClient: "DENY" };
  await workspaces.send(new ws.ModifyWorkspaceAccessPropertiesCommand({ ResourceId: id, WorkspaceAccessProperties: access }));
  const permissions = { SwitchRunningMode: "DISABLED" };
  await workspaces.send(new ws.ModifySelfservicePermissionsCommand({ ResourceId: id, SelfservicePermissions: permissions }));
  const creation = { DefaultOu: "OU=WorkSpaces,DC=corp,DC=example,DC=com", EnableMaintenanceMode: false };
  await workspaces.send(new ws.ModifyWorkspaceCreationPropertiesCommand({ ResourceId: id, WorkspaceCreationProperties: creation }));
  const saml = { Status: "ENABLED", UserAccessUrl: "https://sso.example.com/x" };
  await workspaces.send(new ws.ModifySamlPropertiesCommand({ ResourceId: id, SamlProperties: saml }));
  await workspaces.send(new ws.ModifyClientPropertiesCommand({ ResourceId: id, ClientProperties: { ReconnectEnabled: "DISABLED" } }));
  const { ClientPropertiesList } = await workspaces.send(new ws.DescribeClientPropertiesCommand({ ResourceIds: [id] }));
  assert.deepEqual(ClientPropertiesList, [
    { ResourceId: id, ClientProperties: { ReconnectEnabled: "DISABLED", LogUploadEnabled: "ENABLED" } },
  ]);
  const directory = await told(id);
  assert.deepEqual({ ...directory.WorkspaceAccessProperties, ...access }, directory.WorkspaceAccessProperties);
  assert.equal(directory.SelfservicePermissions.SwitchRunningMode, "DISABLED");
  assert.deepEqual({ ...directory.WorkspaceCreationProperties, ...creation }, directory.WorkspaceCreationProperties);
  assert.deepEqual(directory.SamlProperties, saml);
  await workspaces.send(new ws.CreateTagsCommand({ ResourceId: id, Tags: [{ Key: "a", Value: "1" }] }));
  await workspaces.send(new ws.DeleteTagsCommand({ ResourceId: id, TagKeys: ["team"] }));
  const { TagList } = await workspaces.send(new ws.DescribeTagsCommand({ ResourceId: id }));
  assert.deepEqual(TagList, [{ Key: "a", Value: "1" }]);
}

test("tags of Directory Service are apart from those of WorkSpaces", async () => {
  const tags = [{ Key: "frontdesk:request", Value: "Größe" }];
  await directoryService.send(new ds.AddTagsToResourceCommand({ ResourceId: UNREGISTERED, Tags: tags }));
  const list = async () => (await directoryService.send(new ds.ListTagsForResourceCommand({ ResourceId: UNREGISTERED }))).Tags;
  assert.deepEqual(await list(), tags);
  await directoryService.send(new ds.RemoveTagsFromResourceCommand({ ResourceId: UNREGISTERED, TagKeys: ["frontdesk:request"] }));
  assert.deepEqual(await list(), []);
  const nobody = await refusal(directoryService.send(new ds.ListTagsForResourceCommand({ ResourceId: NOWHERE })));
  assert.ok(nobody instanceof ds.EntityDoesNotExistException);
});

test("what can't be connected is refused, or fails later and says why", async () => {
  const one = await refusal(connect({ ConnectSettings: settings({ SubnetIds: [SUBNETS[0]] }) }));
  assert.ok(one instanceof ds.InvalidParameterException);
  assertError(one, "InvalidParameterException", 400, /two subnets/);
  const secret = "geheim".repeat(30);
  const long = await refusal(connect({ Password: secret }));
  assertError(long, "ValidationException", 400, /^1 validation error detected: Value at 'password' failed/);
  assert.ok(!long.message.includes("geheim"));
  const id = await connect({ Password: "wrong" });
  const failed = await found(id);
  assert.equal(failed.Stage, "Failed");
  assert.match(failed.StageReason, /Invalid credentials/);
  await remove(id);
  await behave({ connector_quota: 2 });
  const many = await refusal(connect());
  assert.ok(many instanceof ds.DirectoryLimitExceededException);
  await behave({ connector_quota: 10 });
});

test("what can't be registered is refused by errors of their own classes", async () => {
  await behave({ default_role: false });
  assert.ok((await refusal(register(UNREGISTERED))) instanceof ws.WorkspacesDefaultRoleNotFoundException);
  await behave({ default_role: true });
  const refused = [
    [() => register(NOWHERE), ws.ResourceNotFoundException],
    [() => register(REGISTERED), ws.ResourceAlreadyExistsException],
    [() => register(UNREGISTERED, { SubnetIds: [SUBNETS[0], "subnet-0d1e2f30"] }), ws.OperationNotSupportedException],
    [() => register(UNREGISTERED, { SubnetIds: ["subnet-6f708192", "subnet-708192a3"] }), ws.UnsupportedNetworkConfigurationException],
    [() => register(UNREGISTERED, { Tenancy: "DEDICATED" }), ws.InvalidParameterValuesException],
    [() => deregister(UNREGISTERED), ws.ResourceNotFoundException],
    [() => deregister(REGISTERED), ws.OperationNotSupportedException],
  ];
  for (const [call, kind] of refused) {
    const error = await refusal(call());
    assert.ok(error instanceof kind, error.stack);
    assert.ok(error.message.length > 0);
  }
});

test("a lost reply of ConnectDirectory leaves a connector behind", async () => {
  const all = async () => (await directoryService.send(new ds.DescribeDirectoriesCommand({}))).DirectoryDescriptions;
  const before = (await all()).map((one) => one.DirectoryId);
  await fault("ConnectDirectory", "lose_reply");
  const error = await refusal(connect());
  assert.ok(!(error instanceof ds.DirectoryServiceServiceException), error.stack);
  const made = (await all()).filter((one) => !before.includes(one.DirectoryId));
  assert.deepEqual(made.map((one) => one.Stage), ["Active"]);
  await remove(made[0].DirectoryId);
});
