// STS: Query, answered in XML.

import assert from "node:assert/strict";
import { test } from "node:test";
import { GetCallerIdentityCommand, GetSessionTokenCommand } from "@aws-sdk/client-sts";
import { ACCOUNT, assertError, refusal, sts } from "./support.mjs";

test("the caller is told who they are", async () => {
  const identity = await sts.send(new GetCallerIdentityCommand({}));
  assert.equal(identity.Account, ACCOUNT);
  assert.match(identity.Arn, new RegExp(`^arn:aws:sts::${ACCOUNT}:assumed-role/`));
  assert.ok(identity.UserId.length > 0);
  assert.match(identity.$metadata.requestId, /^[0-9a-f-]{36}$/);
});

test("an action that is not there is an error in XML", async () => {
  assertError(await refusal(sts.send(new GetSessionTokenCommand({}))), "InvalidAction", 400, /GetSessionToken/);
});
