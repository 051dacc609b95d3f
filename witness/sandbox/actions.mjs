// What is done to WorkSpaces: the states that each operation starts from, those in between, and what it refuses by entry.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateWorkspacesCommand,
  DescribeWorkspacesCommand,
  InvalidResourceStateException,
  ModifyWorkspaceStateCommand,
  RebootWorkspacesCommand,
  ResourceNotFoundException,
  StartWorkspacesCommand,
  StopWorkspacesCommand,
  TerminateWorkspacesCommand,
} from "@aws-sdk/client-workspaces";
import { BUNDLE, REGISTERED, assertError, behave, fault, refusal, workspaces } from "./support.mjs";

const UNKNOWN = "ws-000000000";
const entries = (ids) => ids.map((id) => ({ WorkspaceId: id }));
const start = (...ids) => workspaces.send(new StartWorkspacesCommand({ StartWorkspaceRequests: entries(ids) }));
const stop = (...ids) => workspaces.send(new StopWorkspacesCommand({ StopWorkspaceRequests: entries(ids) }));
const reboot = (...ids) => workspaces.send(new RebootWorkspacesCommand({ RebootWorkspaceRequests: entries(ids) }));
const terminate = (...ids) => workspaces.send(new TerminateWorkspacesCommand({ TerminateWorkspaceRequests: entries(ids) }));
const modify = (id, state) => workspaces.send(new ModifyWorkspaceStateCommand({ WorkspaceId: id, WorkspaceState: state }));

async function state(id) {
  const { Workspaces } = await workspaces.send(new DescribeWorkspacesCommand({ WorkspaceIds: [id] }));
  return Workspaces[0]?.State;
}

async function create(user, mode = "AUTO_STOP") {
  const request = { DirectoryId: REGISTERED, UserName: user, BundleId: BUNDLE, WorkspaceProperties: { RunningMode: mode } };
  const made = await workspaces.send(new CreateWorkspacesCommand({ Workspaces: [request] }));
  return made.PendingRequests[0].WorkspaceId;
}

/** Looks until the WorkSpace is in the state. */
async function becomes(id, wanted) {
  for (let look = 0; look < 100; look += 1) {
    if ((await state(id)) === wanted) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.fail(`${id} is ${await state(id)}, not ${wanted}`);
}

/** Who failed, and that each says why. */
function failed(answer) {
  assert.equal(answer.$metadata.httpStatusCode, 200);
  assert.ok(answer.FailedRequests.every((one) => one.ErrorCode.length > 0 && one.ErrorMessage.length > 0));
  return answer.FailedRequests.map((one) => one.WorkspaceId);
}

/** The WorkSpace of the round over all operations. */
let round;

export const OPERATIONS = {
  "workspaces:StartWorkspaces": () => start(UNKNOWN),
  "workspaces:StopWorkspaces": () => stop(UNKNOWN),
  "workspaces:RebootWorkspaces": () => reboot(UNKNOWN),
  "workspaces:ModifyWorkspaceState": async () => {
    round ??= await create("jonas.nordwind");
    return modify(round, "ADMIN_MAINTENANCE");
  },
};

test("an AutoStop WorkSpace stops, starts and restarts through the states in between", async () => {
  await behave({ starting_ms: 1_500, stopping_ms: 1_500, rebooting_ms: 1_500 });
  const id = await create("greta.nordwind");
  for (const [act, through, into] of [
    [stop, "STOPPING", "STOPPED"],
    [start, "STARTING", "AVAILABLE"],
    [reboot, "REBOOTING", "AVAILABLE"],
  ]) {
    assert.deepEqual(failed(await act(id)), []);
    assert.equal(await state(id), through);
    await becomes(id, into);
  }
  assert.deepEqual(failed(await start(id)), [id], "it runs");
  assert.deepEqual(failed(await stop(id)), []);
  assert.deepEqual(failed(await stop(id)), [id], "it is stopping");
  await becomes(id, "STOPPED");
  assert.deepEqual(failed(await reboot(id)), [id], "it does not run");
  await terminate(id);
  assert.deepEqual(failed(await terminate(id)), [id], "it is going");
});

test("each entry of a call stands by itself", async () => {
  const [always, auto] = [await create("hannes.nordwind", "ALWAYS_ON"), await create("karla.nordwind")];
  assert.deepEqual(failed(await stop(always, auto, UNKNOWN)), [always, UNKNOWN]);
  assert.equal(await state(always), "AVAILABLE");
  await becomes(auto, "STOPPED");
  await fault("StartWorkspaces", "fail_item", { code: "InternalServerError", message: "Not now.", items: [auto] });
  const refused = (await start(auto)).FailedRequests;
  assert.deepEqual(refused, [{ WorkspaceId: auto, ErrorCode: "InternalServerError", ErrorMessage: "Not now." }]);
  await fault("StartWorkspaces", "end_in_error", { items: ["karla.nordwind"] });
  assert.deepEqual(failed(await start(auto)), []);
  await becomes(auto, "ERROR");
  assert.deepEqual(failed(await stop(auto)), [], "AWS lets one in ERROR be stopped");
  await terminate(always, auto);
});

test("maintenance closes a running WorkSpace for everything else", async () => {
  const id = await create("leon.nordwind");
  await modify(id, "ADMIN_MAINTENANCE");
  assert.equal(await state(id), "ADMIN_MAINTENANCE");
  for (const act of [start, stop, reboot]) {
    assert.deepEqual(failed(await act(id)), [id]);
  }
  const twice = await refusal(modify(id, "ADMIN_MAINTENANCE"));
  assert.ok(twice instanceof InvalidResourceStateException);
  assertError(twice, "InvalidResourceStateException", 400, /ADMIN_MAINTENANCE/);
  await modify(id, "AVAILABLE");
  assert.equal(await state(id), "AVAILABLE");
  await stop(id);
  await becomes(id, "STOPPED");
  assertError(await refusal(modify(id, "ADMIN_MAINTENANCE")), "InvalidResourceStateException", 400, /STOPPED/);
  const nobody = await refusal(modify(UNKNOWN, "AVAILABLE"));
  assert.ok(nobody instanceof ResourceNotFoundException);
  await terminate(id);
});

test("what the model refuses of an action is a validation error", async () => {
  const many = Array.from({ length: 26 }, () => UNKNOWN);
  for (const act of [start, stop, reboot]) {
    assertError(await refusal(act(...many)), "ValidationException", 400, /less than or equal to 25/);
    assertError(await refusal(act()), "ValidationException", 400);
  }
  assertError(await refusal(modify(UNKNOWN, "STOPPED")), "ValidationException", 400, /workspaceState/);
});
