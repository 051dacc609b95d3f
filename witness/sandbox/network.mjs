// EC2: Query with lists in the form and items in the XML; and Service Quotas: JSON 1.1.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  RunInstancesCommand,
  paginateDescribeSubnets,
} from "@aws-sdk/client-ec2";
import { GetServiceQuotaCommand, ListServiceQuotasCommand, NoSuchResourceException } from "@aws-sdk/client-service-quotas";
import { ACCOUNT, assertError, behave, ec2, quotas, refusal } from "./support.mjs";

const VPC = "vpc-0a1b2c3d";
const QUOTA = { ServiceCode: "workspaces", QuotaCode: "L-34278094" };
const filter = (Name, ...Values) => ({ Filters: [{ Name, Values }] });

export const OPERATIONS = {
  "ec2:DescribeVpcs": () => ec2.send(new DescribeVpcsCommand({})),
  "ec2:DescribeSubnets": () => ec2.send(new DescribeSubnetsCommand({})),
  "ec2:DescribeRouteTables": () => ec2.send(new DescribeRouteTablesCommand({})),
  "ec2:DescribeSecurityGroups": () => ec2.send(new DescribeSecurityGroupsCommand({})),
  "servicequotas:GetServiceQuota": () => quotas.send(new GetServiceQuotaCommand(QUOTA)),
  "servicequotas:ListServiceQuotas": () => quotas.send(new ListServiceQuotasCommand({ ServiceCode: "workspaces" })),
};

test("VPCs are read with tenancy, name and what is the default", async () => {
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}));
  assert.deepEqual(Vpcs.map((vpc) => [vpc.InstanceTenancy, vpc.IsDefault, vpc.Tags]), [
    ["default", false, [{ Key: "Name", Value: "corp" }]],
    ["dedicated", false, [{ Key: "Name", Value: "legacy-dedicated" }]],
    ["default", true, []],
  ]);
  const [one] = (await ec2.send(new DescribeVpcsCommand({ VpcIds: [VPC] }))).Vpcs;
  assert.deepEqual([one.VpcId, one.CidrBlock, one.State, one.OwnerId], [VPC, "10.0.0.0/16", "available", ACCOUNT]);
  const unknown = await refusal(ec2.send(new DescribeVpcsCommand({ VpcIds: ["vpc-00000000"] })));
  assertError(unknown, "InvalidVpcID.NotFound", 400, /vpc-00000000/);
});

test("subnets are read by the SDK's paginator, with their zones and free addresses", async () => {
  const pages = [];
  for await (const page of paginateDescribeSubnets({ client: ec2, pageSize: 5 }, filter("vpc-id", VPC))) {
    pages.push(page.Subnets);
  }
  assert.deepEqual(pages.map((page) => page.length), [5, 4]);
  const subnets = pages.flat();
  const by = (id) => subnets.find((subnet) => subnet.SubnetId === id);
  assert.deepEqual([by("subnet-0a1b2c3d").AvailabilityZoneId, by("subnet-0a1b2c3d").AvailabilityZone], ["euc1-az2", "eu-central-1a"]);
  assert.deepEqual([by("subnet-0e1f2031").AssignIpv6AddressOnCreation, by("subnet-0c1d2e3f").MapPublicIpOnLaunch], [true, true]);
  assert.equal(by("subnet-0e1f2031").Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlockState.State, "associated");
  assert.equal(by("subnet-0f203142").AvailableIpAddressCount, 3);
  assert.deepEqual(subnets.map((subnet) => typeof subnet.AvailableIpAddressCount), Array(9).fill("number"));
});

test("route tables tell gateways, and which table is the main one", async () => {
  const table = async (filters) => (await ec2.send(new DescribeRouteTablesCommand(filters))).RouteTables;
  const [isolated] = await table(filter("association.subnet-id", "subnet-1a2b3c4d"));
  assert.deepEqual(isolated.Routes.map((route) => [route.DestinationCidrBlock, route.GatewayId, route.State]), [
    ["10.0.0.0/16", "local", "active"],
  ]);
  const [main] = (await table(filter("vpc-id", VPC))).filter((one) => one.Associations.some((association) => association.Main));
  assert.deepEqual(main.Routes.map((route) => route.NatGatewayId ?? route.GatewayId), ["local", "nat-0a1b2c3d4e5f60718", "vgw-0a1b2c3d"]);
  const [transit] = await table(filter("association.subnet-id", "subnet-2b3c4d5e"));
  assert.equal(transit.Routes[1].TransitGatewayId, "tgw-0a1b2c3d4e5f60718");
});

test("security groups are read with their rules", async () => {
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand(filter("group-name", "d-906731a2b4_controllers")));
  const [group] = SecurityGroups;
  assert.deepEqual([SecurityGroups.length, group.GroupId, group.VpcId, group.IpPermissions], [1, "sg-0a1b2c3d", VPC, []]);
  assert.equal(group.IpPermissionsEgress[0].IpRanges[0].CidrIp, "0.0.0.0/0");
});

test("what EC2 does not take is refused in its own words", async () => {
  assertError(await refusal(ec2.send(new DescribeSubnetsCommand(filter("colour", "red")))), "InvalidParameterValue", 400, /colour/);
  assertError(await refusal(ec2.send(new DescribeSubnetsCommand({ NextToken: "made-up" }))), "InvalidParameterValue", 400);
  const run = new RunInstancesCommand({ MinCount: 1, MaxCount: 1 });
  assertError(await refusal(ec2.send(run)), "InvalidAction", 400, /RunInstances/);
});

test("the quota of WorkSpaces is told", async () => {
  await behave({ quota: 42 });
  const { Quota } = await quotas.send(new GetServiceQuotaCommand(QUOTA));
  assert.deepEqual([Quota.QuotaName, Quota.Value, Quota.Adjustable], ["WorkSpaces", 42, true]);
  await behave({ quota: 10_000 });
  const { Quotas } = await quotas.send(new ListServiceQuotasCommand({ ServiceCode: "workspaces" }));
  assert.deepEqual(Quotas.map((quota) => quota.QuotaCode), [QUOTA.QuotaCode]);
  const unknown = await refusal(quotas.send(new GetServiceQuotaCommand({ ...QUOTA, QuotaCode: "L-00000000" })));
  assert.ok(unknown instanceof NoSuchResourceException);
  assertError(unknown, "NoSuchResourceException", 400);
});
