// The sandbox as the AWS SDK for JavaScript sees it: another implementation of AWS's protocols, with its own parsers and error
// classes. All in one file, one after the other, because faults and behaviour are the whole sandbox's.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as ds from "@aws-sdk/client-directory-service";
import * as ses from "@aws-sdk/client-sesv2";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import * as ws from "@aws-sdk/client-workspaces";
import * as actions from "./actions.mjs";
import "./directory_service.mjs";
import * as directories from "./directories.mjs";
import * as ipGroups from "./ip_groups.mjs";
import * as network from "./network.mjs";
import { letter } from "./sesv2.mjs";
import "./sts.mjs";
import { request } from "./workspaces.mjs";
import { assertError, behave, control, directoryService, fault, mail, refusal, sts, workspaces } from "./support.mjs";

const some = "ws-000000000";

/** A right call of each operation, with what the service calls being asked too often. */
const OPERATIONS = {
  "workspaces:CreateWorkspaces": () => workspaces.send(new ws.CreateWorkspacesCommand({ Workspaces: [request("ida.nordwind")] })),
  "workspaces:DescribeWorkspaces": () => workspaces.send(new ws.DescribeWorkspacesCommand({})),
  "workspaces:TerminateWorkspaces": () =>
    workspaces.send(new ws.TerminateWorkspacesCommand({ TerminateWorkspaceRequests: [{ WorkspaceId: some }] })),
  "workspaces:DescribeWorkspaceDirectories": () => workspaces.send(new ws.DescribeWorkspaceDirectoriesCommand({})),
  "workspaces:DescribeWorkspaceBundles": () => workspaces.send(new ws.DescribeWorkspaceBundlesCommand({})),
  "workspaces:DescribeTags": () => workspaces.send(new ws.DescribeTagsCommand({ ResourceId: some })),
  "workspaces:DescribeWorkspacesConnectionStatus": () => workspaces.send(new ws.DescribeWorkspacesConnectionStatusCommand({})),
  "ds:DescribeDirectories": () => directoryService.send(new ds.DescribeDirectoriesCommand({})),
  "ds:GetDirectoryLimits": () => directoryService.send(new ds.GetDirectoryLimitsCommand({})),
  "ses:SendEmail": () => mail.send(new ses.SendEmailCommand(letter())),
  "ses:GetAccount": () => mail.send(new ses.GetAccountCommand({})),
  "ses:GetEmailIdentity": () => mail.send(new ses.GetEmailIdentityCommand({ EmailIdentity: "corp.example.com" })),
  "ses:ListEmailIdentities": () => mail.send(new ses.ListEmailIdentitiesCommand({})),
  "sts:GetCallerIdentity": () => sts.send(new GetCallerIdentityCommand({})),
  ...actions.OPERATIONS,
  ...network.OPERATIONS,
  ...directories.OPERATIONS,
  ...ipGroups.OPERATIONS,
  ...directories.LAST_OPERATIONS,
};
const THROTTLED = {
  workspaces: ["ThrottlingException", 400],
  ds: ["ThrottlingException", 400],
  ec2: ["RequestLimitExceeded", 503],
  servicequotas: ["TooManyRequestsException", 400],
  ses: ["TooManyRequestsException", 429],
  sts: ["Throttling", 400],
};
const PROMPT = {
  connector_requested_ms: 0,
  connector_creating_ms: 0,
  connector_deleting_ms: 0,
  registering_ms: 0,
  deregistering_ms: 0,
  release_ms: 0,
};

before(() => behave({ throttle: false, visibility_lag_ms: 0, pending_ms: 0, ses_rate: 100, ...PROMPT }));

for (const [name, call] of Object.entries(OPERATIONS)) {
  const [service, operation] = name.split(":");
  test(`${name} is answered, throttled and broken as AWS does it`, async () => {
    await fault(operation, "throttle");
    const [code, status] = THROTTLED[service];
    const throttled = await refusal(call());
    assertError(throttled, code, status);
    await fault(operation, "server_error");
    assertError(await refusal(call()), service === "ec2" ? "InternalError" : "InternalFailure", 500);
    const answer = await call();
    assert.equal(answer.$metadata.httpStatusCode, 200);
    assert.match(answer.$metadata.requestId, /^[0-9a-f-]{36}$/);
  });
}

test("operations that are not there are said to be unknown", async () => {
  const rebuild = new ws.RebuildWorkspacesCommand({ RebuildWorkspaceRequests: [{ WorkspaceId: some }] });
  assertError(await refusal(workspaces.send(rebuild)), "UnknownOperationException", 400);
  assertError(await refusal(directoryService.send(new ds.GetSnapshotLimitsCommand({ DirectoryId: "d-906731a2b4" }))), "UnknownOperationException", 400);
  assertError(await refusal(mail.send(new ses.GetSuppressedDestinationCommand({ EmailAddress: "a@b.example" }))), "UnknownOperationException", 404);
});

test("no operation of the sandbox lacks a test", async () => {
  assert.deepEqual(Object.keys(OPERATIONS).sort(), (await control("operations")).sort());
  // And each has one beside the round above, which calls it well once and badly twice.
  const { counts } = await control("calls");
  const alone = Object.keys(OPERATIONS).filter((name) => counts[name].calls <= 3);
  assert.deepEqual(alone, []);
});
