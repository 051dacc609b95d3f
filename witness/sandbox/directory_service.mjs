// Directory Service: JSON 1.1, with its own ways of naming errors.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DescribeDirectoriesCommand,
  EntityDoesNotExistException,
  GetDirectoryLimitsCommand,
  paginateDescribeDirectories,
} from "@aws-sdk/client-directory-service";
import { REGISTERED, UNREGISTERED, assertError, directoryService, refusal } from "./support.mjs";

const describe = (input) => directoryService.send(new DescribeDirectoriesCommand(input));

test("directories are described", async () => {
  const pages = [];
  for await (const page of paginateDescribeDirectories({ client: directoryService }, {})) {
    pages.push(page.DirectoryDescriptions);
  }
  const all = pages.flat();
  assert.deepEqual(all.map((one) => [one.DirectoryId, one.Type, one.Stage]), [
    [REGISTERED, "ADConnector", "Active"],
    [UNREGISTERED, "ADConnector", "Active"],
  ]);
  assert.ok(all.every((one) => one.LaunchTime instanceof Date && one.StageLastUpdatedDateTime instanceof Date));
  assert.ok(all.every((one) => one.ConnectSettings.ConnectIps.length === 2 && one.DnsIpAddrs.length > 0));
  const one = await describe({ DirectoryIds: [UNREGISTERED] });
  assert.deepEqual(one.DirectoryDescriptions, [all[1]]);
});

test("a directory that is not there is an error of its own class", async () => {
  const error = await refusal(describe({ DirectoryIds: [REGISTERED, "d-0000000000"] }));
  assert.ok(error instanceof EntityDoesNotExistException);
  assertError(error, "EntityDoesNotExistException", 400, /d-0000000000/);
  // Directory Service repeats the request's id in the body.
  assert.equal(error.RequestId, error.$metadata.requestId);
});

test("ids that can't be any are validation errors", async () => {
  assertError(await refusal(describe({ DirectoryIds: ["corp"] })), "ValidationException", 400, /directoryIds/);
});

test("the account's limits are numbers", async () => {
  const { DirectoryLimits } = await directoryService.send(new GetDirectoryLimitsCommand({}));
  assert.deepEqual(
    [DirectoryLimits.ConnectedDirectoriesLimit, DirectoryLimits.ConnectedDirectoriesCurrentCount],
    [10, 2],
  );
  assert.equal(DirectoryLimits.ConnectedDirectoriesLimitReached, false);
});
