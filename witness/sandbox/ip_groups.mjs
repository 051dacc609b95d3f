// IP access control groups, whose members have small first letters on the wire.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AssociateIpGroupsCommand,
  AuthorizeIpRulesCommand,
  CreateIpGroupCommand,
  DeleteIpGroupCommand,
  DescribeIpGroupsCommand,
  DescribeWorkspaceDirectoriesCommand,
  DisassociateIpGroupsCommand,
  ResourceAlreadyExistsException,
  ResourceAssociatedException,
  ResourceNotFoundException,
  RevokeIpRulesCommand,
  UpdateRulesOfIpGroupCommand,
} from "@aws-sdk/client-workspaces";
import { REGISTERED, assertError, refusal, workspaces } from "./support.mjs";

const send = (Command, input) => workspaces.send(new Command(input));
const rule = (ipRule, ruleDesc = "") => ({ ipRule, ruleDesc });

/** The group of the round over all operations. */
let round;

export const OPERATIONS = {
  "workspaces:CreateIpGroup": async () => {
    const answer = await send(CreateIpGroupCommand, { GroupName: "Round" });
    round = answer.GroupId;
    return answer;
  },
  "workspaces:DescribeIpGroups": () => send(DescribeIpGroupsCommand, {}),
  "workspaces:AuthorizeIpRules": () => send(AuthorizeIpRulesCommand, { GroupId: round, UserRules: [rule("203.0.113.1")] }),
  "workspaces:RevokeIpRules": () => send(RevokeIpRulesCommand, { GroupId: round, UserRules: ["203.0.113.1/32"] }),
  "workspaces:UpdateRulesOfIpGroup": () => send(UpdateRulesOfIpGroupCommand, { GroupId: round, UserRules: [] }),
  "workspaces:AssociateIpGroups": () => send(AssociateIpGroupsCommand, { DirectoryId: REGISTERED, GroupIds: [round] }),
  "workspaces:DisassociateIpGroups": () => send(DisassociateIpGroupsCommand, { DirectoryId: REGISTERED, GroupIds: [round] }),
  "workspaces:DeleteIpGroup": () => send(DeleteIpGroupCommand, { GroupId: round }),
};

test("a group has rules, holds directories and goes", async () => {
  const made = await send(CreateIpGroupCommand, { GroupName: "Büro", GroupDesc: "Berlin", UserRules: [rule("198.51.100.0/24", "office")] });
  const id = made.GroupId;
  assert.match(id, /^wsipg-[0-9a-z]{8,63}$/);
  await send(AuthorizeIpRulesCommand, { GroupId: id, UserRules: [rule("203.0.113.7", "VPN")] });
  await send(RevokeIpRulesCommand, { GroupId: id, UserRules: ["198.51.100.0/24"] });
  const read = async () => (await send(DescribeIpGroupsCommand, { GroupIds: [id] })).Result;
  assert.deepEqual(await read(), [
    { groupId: id, groupName: "Büro", groupDesc: "Berlin", userRules: [rule("203.0.113.7/32", "VPN")] },
  ]);
  await send(UpdateRulesOfIpGroupCommand, { GroupId: id, UserRules: [rule("192.0.2.0/28", "new")] });
  assert.deepEqual((await read())[0].userRules, [rule("192.0.2.0/28", "new")]);

  await send(AssociateIpGroupsCommand, { DirectoryId: REGISTERED, GroupIds: [id] });
  const told = async () => (await send(DescribeWorkspaceDirectoriesCommand, { DirectoryIds: [REGISTERED] })).Directories[0].ipGroupIds;
  assert.deepEqual(await told(), [id]);
  assert.ok((await refusal(send(DeleteIpGroupCommand, { GroupId: id }))) instanceof ResourceAssociatedException);
  await send(DisassociateIpGroupsCommand, { DirectoryId: REGISTERED, GroupIds: [id] });
  assert.deepEqual(await told(), []);

  assert.ok((await refusal(send(CreateIpGroupCommand, { GroupName: "Büro" }))) instanceof ResourceAlreadyExistsException);
  const wrong = await refusal(send(AuthorizeIpRulesCommand, { GroupId: id, UserRules: [rule("10.0.0.0/40")] }));
  assertError(wrong, "InvalidParameterValuesException", 400, /10\.0\.0\.0\/40/);
  await send(DeleteIpGroupCommand, { GroupId: id });
  assert.ok((await refusal(send(DeleteIpGroupCommand, { GroupId: id }))) instanceof ResourceNotFoundException);
});
