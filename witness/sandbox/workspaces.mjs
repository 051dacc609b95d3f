// WorkSpaces: JSON 1.1.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateWorkspacesCommand,
  DescribeTagsCommand,
  DescribeWorkspaceBundlesCommand,
  DescribeWorkspaceDirectoriesCommand,
  DescribeWorkspacesCommand,
  DescribeWorkspacesConnectionStatusCommand,
  InvalidParameterValuesException,
  TerminateWorkspacesCommand,
  WorkSpacesServiceException,
  paginateDescribeWorkspaceBundles,
  paginateDescribeWorkspaces,
} from "@aws-sdk/client-workspaces";
import { ACCOUNT, BUNDLE, REGISTERED, UNREGISTERED, assertError, behave, fault, patient, refusal, workspaces } from "./support.mjs";

export const request = (user, more = {}) => ({ DirectoryId: REGISTERED, UserName: user, BundleId: BUNDLE, ...more });
const create = (...requests) => workspaces.send(new CreateWorkspacesCommand({ Workspaces: requests }));
const describe = (input) => workspaces.send(new DescribeWorkspacesCommand(input));
const terminate = (...ids) =>
  workspaces.send(new TerminateWorkspacesCommand({ TerminateWorkspaceRequests: ids.map((id) => ({ WorkspaceId: id })) }));

/** Family names of people that every company of the sandbox has. */
const FIRST = ["anna", "ben", "clara", "david", "emil", "frida", "greta", "hannes", "ida", "jonas", "karla", "leon", "marta"];
const crowd = ["nordwind", "seewald"].flatMap((family) => FIRST.map((first) => `${first}.${family}`));

test("a WorkSpace comes into being and goes", async () => {
  await behave({ pending_ms: 3_600_000 });
  const properties = { RunningMode: "AUTO_STOP", RunningModeAutoStopTimeoutInMinutes: 120, UserVolumeSizeGib: 100 };
  const tags = [{ Key: "team", Value: "Lögistik" }, { Key: "empty", Value: "" }];
  const made = await create(request("marta.nordwind", { WorkspaceProperties: properties, Tags: tags }));
  assert.deepEqual(made.FailedRequests, []);
  const [pending] = made.PendingRequests;
  assert.match(pending.WorkspaceId, /^ws-[0-9a-z]{8,63}$/);
  assert.deepEqual([pending.State, pending.UserName, pending.DirectoryId], ["PENDING", "marta.nordwind", REGISTERED]);
  assert.equal(pending.ComputerName, undefined);
  const found = await describe({ WorkspaceIds: [pending.WorkspaceId] });
  assert.deepEqual(found.Workspaces, [pending]);
  assert.equal(found.NextToken, undefined);
  // The volume that was not asked for is the bundle's.
  assert.deepEqual(found.Workspaces[0].WorkspaceProperties, { ...properties, RootVolumeSizeGib: 80 });

  const told = await workspaces.send(new DescribeTagsCommand({ ResourceId: pending.WorkspaceId }));
  assert.deepEqual(told.TagList, tags);

  const ended = await terminate(pending.WorkspaceId, "ws-000000000");
  assert.equal(ended.FailedRequests.length, 1);
  assert.deepEqual([ended.FailedRequests[0].WorkspaceId, ended.FailedRequests[0].ErrorCode.length > 0], ["ws-000000000", true]);
  assert.equal((await describe({ WorkspaceIds: [pending.WorkspaceId] })).Workspaces[0].State, "TERMINATING");
  await behave({ pending_ms: 0 });
});

test("what can't be made is told by entry, and the others are made", async () => {
  const made = await create(
    request("anna.nordwind"),
    request("nobody.at.all"),
    request("ben.nordwind", { DirectoryId: UNREGISTERED }),
    request("clara.nordwind", { BundleId: "wsb-999999999" }),
    request("david.nordwind", { WorkspaceProperties: { RunningMode: "ALWAYS_ON", RunningModeAutoStopTimeoutInMinutes: 60 } }),
  );
  assert.deepEqual(made.PendingRequests.map((one) => one.UserName), ["anna.nordwind"]);
  const failed = made.FailedRequests.map((one) => [one.WorkspaceRequest.UserName, one.ErrorCode]);
  assert.deepEqual(failed, [
    ["nobody.at.all", "ResourceNotFound.User"],
    ["ben.nordwind", "ResourceNotFound.Directory"],
    ["clara.nordwind", "ResourceNotFound.Bundle"],
    ["david.nordwind", "AutoStopTimeoutIsNotApplicableForAnAlwaysOnWorkspace"],
  ]);
  assert.ok(made.FailedRequests.every((one) => one.ErrorMessage.length > 0));
  const again = await create(request("anna.nordwind"));
  assert.equal(again.FailedRequests[0].ErrorCode, "ResourceExists.WorkSpace");
  await terminate(made.PendingRequests[0].WorkspaceId);
});

test("a fleet of more than a page is read by the SDK's paginator", async () => {
  const made = [];
  for (const batch of [crowd.slice(0, 25), crowd.slice(25)]) {
    const answer = await create(...batch.map((user) => request(user)));
    assert.deepEqual(answer.FailedRequests, []);
    made.push(...answer.PendingRequests.map((one) => one.WorkspaceId));
  }
  const all = (await allOf({})).flatMap((page) => page.Workspaces);
  assert.equal(new Set(all.map((one) => one.WorkspaceId)).size, all.length);
  assert.ok(made.every((id) => all.some((one) => one.WorkspaceId === id)));
  const small = await allOf({ DirectoryId: REGISTERED, Limit: 10 });
  assert.ok(small.length > 3 && small.slice(0, -1).every((page) => page.Workspaces.length === 10));
  assert.equal(small.flatMap((page) => page.Workspaces).length, all.length);
  const one = await describe({ DirectoryId: REGISTERED, UserName: crowd[3] });
  assert.deepEqual(one.Workspaces.filter((found) => found.State !== "TERMINATING").length, 1);
  await terminate(...made.slice(0, 25));
  await terminate(...made.slice(25));
});

async function allOf(input) {
  const pages = [];
  for await (const page of paginateDescribeWorkspaces({ client: workspaces }, input)) {
    pages.push(page);
  }
  return pages;
}

test("a WorkSpace that runs has a name, an address and a connection", async () => {
  const made = await create(request("emil.nordwind"));
  const id = made.PendingRequests[0].WorkspaceId;
  const [running] = (await describe({ WorkspaceIds: [id] })).Workspaces;
  assert.equal(running.State, "AVAILABLE");
  assert.ok(running.ComputerName.length > 0);
  assert.match(running.IpAddress, /^\d+\.\d+\.\d+\.\d+$/);
  const status = await workspaces.send(new DescribeWorkspacesConnectionStatusCommand({ WorkspaceIds: [id] }));
  const [connection] = status.WorkspacesConnectionStatus;
  assert.deepEqual([connection.WorkspaceId, connection.ConnectionState], [id, "DISCONNECTED"]);
  assert.ok(connection.ConnectionStateCheckTimestamp instanceof Date);
  assert.ok(Math.abs(connection.ConnectionStateCheckTimestamp - Date.now()) < 60_000);
  await terminate(id);
});

test("directories tell their registration", async () => {
  const ask = (input) => workspaces.send(new DescribeWorkspaceDirectoriesCommand(input));
  const { Directories, NextToken } = await ask({});
  assert.deepEqual([Directories.length, NextToken], [1, undefined]);
  const [directory] = Directories;
  assert.deepEqual(
    [directory.DirectoryId, directory.DirectoryType, directory.State, directory.DirectoryName],
    [REGISTERED, "AD_CONNECTOR", "REGISTERED", "corp.example.com"],
  );
  assert.match(directory.RegistrationCode, /^[A-Za-z0-9]+\+[A-Z0-9]+$/);
  assert.deepEqual(directory.ipGroupIds, []);
  assert.equal(directory.WorkspaceAccessProperties.DeviceTypeWindows, "ALLOW");
  assert.deepEqual((await ask({ DirectoryIds: [UNREGISTERED] })).Directories, []);
});

test("bundles come in pages, AWS's and the account's own", async () => {
  const bundles = [];
  let pages = 0;
  for await (const page of paginateDescribeWorkspaceBundles({ client: workspaces }, { Owner: "AMAZON" })) {
    bundles.push(...page.Bundles);
    pages += 1;
  }
  assert.equal(pages, 2);
  assert.ok(bundles.every((bundle) => bundle.Owner === "AMAZON" && bundle.CreationTime instanceof Date));
  const own = (await workspaces.send(new DescribeWorkspaceBundlesCommand({}))).Bundles;
  assert.ok(own.length > 0 && own.every((bundle) => bundle.Owner === ACCOUNT));
  const office = (await workspaces.send(new DescribeWorkspaceBundlesCommand({ BundleIds: [BUNDLE] }))).Bundles;
  assert.deepEqual(office.map((bundle) => [bundle.BundleId, bundle.ComputeType.Name, bundle.RootStorage.Capacity]), [
    [BUNDLE, "STANDARD", "80"],
  ]);
  const both = new DescribeWorkspaceBundlesCommand({ BundleIds: [BUNDLE], Owner: "AMAZON" });
  assertError(await refusal(workspaces.send(both)), "InvalidParameterValuesException", 400);
});

test("parameters that do not go together are refused as AWS's model says", async () => {
  const both = await refusal(describe({ DirectoryId: REGISTERED, WorkspaceIds: ["ws-000000000"] }));
  assert.ok(both instanceof InvalidParameterValuesException);
  assertError(both, "InvalidParameterValuesException", 400, /Only one of/);
  assertError(await refusal(describe({ UserName: "ada" })), "InvalidParameterValuesException", 400, /DirectoryId/);
  assertError(await refusal(describe({ NextToken: "made-up" })), "InvalidParameterValuesException", 400, /NextToken/);
});

test("values that the model refuses are validation errors", async () => {
  const many = Array.from({ length: 26 }, () => request("marta.nordwind"));
  assertError(await refusal(create(...many)), "ValidationException", 400, /less than or equal to 25/);
  assertError(await refusal(create(request("x".repeat(64)))), "ValidationException", 400, /userName/);
  assertError(await refusal(create()), "ValidationException", 400, /workspaces/);
  assertError(await refusal(describe({ Limit: 26 })), "ValidationException", 400, /limit/);
  assertError(await refusal(terminate()), "ValidationException", 400, /terminateWorkspaceRequests/);
  assertError(await refusal(workspaces.send(new DescribeTagsCommand({}))), "ValidationException", 400, /resourceId/);
});

test("two calls a second with a burst of five, over all operations", async () => {
  await behave({ throttle: true });
  // Whatever was called before has not emptied the bucket: it counts only while it throttles.
  const calls = await Promise.allSettled(Array.from({ length: 8 }, () => describe({})));
  const refused = calls.filter((call) => call.status === "rejected").map((call) => call.reason);
  assert.ok(refused.length >= 2 && refused.length <= 3, `${refused.length} of 8 were throttled`);
  refused.forEach((error) => assertError(error, "ThrottlingException", 400, /^Rate exceeded$/));
  await behave({ throttle: false });
});

test("the SDK asks again after a throttle and after a 500", async () => {
  await fault("DescribeWorkspaces", "throttle");
  await fault("DescribeWorkspaces", "server_error");
  const answer = await patient.send(new DescribeWorkspacesCommand({}));
  assert.equal(answer.$metadata.attempts, 3);
});

test("a lost reply is no answer, and the work is done", async () => {
  await fault("CreateWorkspaces", "lose_reply");
  const error = await refusal(create(request("frida.nordwind")));
  assert.ok(!(error instanceof WorkSpacesServiceException) && error.$fault === undefined, error.stack);
  const made = (await describe({ DirectoryId: REGISTERED, UserName: "frida.nordwind" })).Workspaces;
  const alive = made.filter((one) => one.State !== "TERMINATING");
  assert.equal(alive.length, 1);
  await terminate(alive[0].WorkspaceId);
});
