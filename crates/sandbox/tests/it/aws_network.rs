//! EC2's reads of the network, in its Query protocol, and Service Quotas.

use chrono::TimeDelta;
use sandbox::faults::{Fault, Kind};
use serde_json::json;

use crate::aws_clients::{Aws, SUBNETS, VPC, connect};

/// Members of a form.
type Members<'a> = &'a [(&'a str, &'a str)];

/// Posts a form to EC2; the status and the XML.
async fn ask(aws: &Aws, action: &str, members: Members<'_>) -> (u16, String) {
    let mut form = vec![("Action", action), ("Version", "2016-11-15")];
    form.extend_from_slice(members);
    let response = aws.http.post(aws.sandbox.url()).form(&form).send().await.unwrap();
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/xml"));
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn right(aws: &Aws, action: &str, members: Members<'_>) -> String {
    let (status, xml) = ask(aws, action, members).await;
    assert_eq!(status, 200, "{xml}");
    assert!(xml.contains(&format!("<{action}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>")), "{xml}");
    xml
}

/// The texts of all elements of a name.
fn texts<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&open).skip(1).map(|rest| rest.split(&close).next().unwrap()).collect()
}

fn text<'a>(xml: &'a str, name: &str) -> &'a str {
    texts(xml, name).first().copied().unwrap_or_else(|| panic!("no {name} in {xml}"))
}

async fn subnet(aws: &Aws, id: &str) -> String {
    let xml = right(aws, "DescribeSubnets", &[("SubnetId.1", id)]).await;
    assert_eq!(texts(&xml, "subnetId"), [id]);
    xml
}

#[tokio::test]
async fn vpcs_are_told_with_tenancy_and_name() {
    let aws = Aws::new().await;
    let all = right(&aws, "DescribeVpcs", &[]).await;
    assert_eq!(texts(&all, "instanceTenancy"), ["default", "dedicated", "default"]);
    assert_eq!(
        (texts(&all, "isDefault"), texts(&all, "value")),
        (vec!["false", "false", "true"], vec!["corp", "legacy-dedicated"])
    );
    let cases: [(Members<'_>, &[&str]); 5] = [
        (&[("VpcId.1", VPC)], &[VPC]),
        (&[("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", "vpc-0dedcafe"), ("Filter.1.Value.2", VPC)], &[VPC, "vpc-0dedcafe"]),
        (&[("Filter.1.Name", "is-default"), ("Filter.1.Value.1", "true")], &["vpc-0de1a017"]),
        (&[("Filter.1.Name", "tag:Name"), ("Filter.1.Value.1", "corp")], &[VPC]),
        (
            &[
                ("Filter.1.Name", "is-default"),
                ("Filter.1.Value.1", "false"),
                ("Filter.2.Name", "tag:Name"),
                ("Filter.2.Value.1", "nothing"),
            ],
            &[],
        ),
    ];
    for (members, wanted) in cases {
        let found = right(&aws, "DescribeVpcs", members).await;
        assert_eq!(texts(&found, "vpcId"), wanted, "{members:?}");
    }
}

#[tokio::test]
async fn subnets_are_of_every_kind_that_people_meet() {
    let aws = Aws::new().await;
    let of_vpc = right(&aws, "DescribeSubnets", &[("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", VPC)]).await;
    assert_eq!(texts(&of_vpc, "subnetId").len(), 9);
    let zones: Vec<_> = texts(&of_vpc, "availabilityZoneId").into_iter().map(ToOwned::to_owned).collect();
    assert!(["euc1-az1", "euc1-az2", "euc1-az3"].iter().all(|zone| zones.iter().any(|known| known == zone)), "{zones:?}");
    for (id, member, value) in [
        (SUBNETS[0], "availabilityZoneId", "euc1-az2"),
        (SUBNETS[1], "availabilityZoneId", "euc1-az3"),
        (SUBNETS[0], "availabilityZone", "eu-central-1a"),
        ("subnet-0c1d2e3f", "mapPublicIpOnLaunch", "true"),
        ("subnet-0d1e2f30", "availabilityZoneId", "euc1-az1"),
        ("subnet-0e1f2031", "assignIpv6AddressOnCreation", "true"),
        ("subnet-0f203142", "availableIpAddressCount", "3"),
        ("subnet-1a2b3c4d", "assignIpv6AddressOnCreation", "false"),
    ] {
        assert_eq!(text(&subnet(&aws, id).await, member), value, "{id} {member}");
    }
}

#[tokio::test]
async fn route_tables_say_which_way_out_a_subnet_has() {
    let aws = Aws::new().await;
    let table = async |subnet: &str| {
        let members = [("Filter.1.Name", "association.subnet-id"), ("Filter.1.Value.1", subnet)];
        right(&aws, "DescribeRouteTables", &members).await
    };
    let private = table(SUBNETS[0]).await;
    assert_eq!(text(&private, "natGatewayId"), "nat-0a1b2c3d4e5f60718");
    assert_eq!(texts(&private, "gatewayId"), ["local", "vgw-0a1b2c3d"]);
    assert_eq!(texts(&table("subnet-0c1d2e3f").await, "gatewayId"), ["local", "igw-0a1b2c3d"]);
    let isolated = table("subnet-1a2b3c4d").await;
    assert_eq!((texts(&isolated, "destinationCidrBlock"), texts(&isolated, "gatewayId")), (vec!["10.0.0.0/16"], vec!["local"]));
    assert_eq!(text(&table("subnet-2b3c4d5e").await, "transitGatewayId"), "tgw-0a1b2c3d4e5f60718");
    assert!(texts(&table("subnet-3c4d5e6f").await, "routeTableId").is_empty(), "it has none of its own");
    let main = [
        ("Filter.1.Name", "vpc-id"),
        ("Filter.1.Value.1", VPC),
        ("Filter.2.Name", "association.main"),
        ("Filter.2.Value.1", "true"),
    ];
    let main = right(&aws, "DescribeRouteTables", &main).await;
    assert_eq!((text(&main, "routeTableId"), text(&main, "main")), ("rtb-0a000000", "true"));
    assert!(main.contains("<natGatewayId>"), "{main}");
}

#[tokio::test]
async fn security_groups_come_and_go_with_directories() {
    let aws = Aws::new().await;
    let names = async || {
        let xml = right(&aws, "DescribeSecurityGroups", &[("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", VPC)]).await;
        texts(&xml, "groupName").into_iter().map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    let before = names().await;
    assert!(
        before.contains(&"d-906731a2b4_workspacesMembers".to_owned()) && before.contains(&"default".to_owned()),
        "{before:?}"
    );
    let id = connect(&aws).await;
    assert!(names().await.contains(&format!("{id}_controllers")));
    aws.directory.delete_directory().directory_id(&id).send().await.unwrap();
    assert_eq!(names().await, before);
    let one = right(&aws, "DescribeSecurityGroups", &[("GroupId.1", "sg-0c1d2e3f")]).await;
    assert_eq!((texts(&one, "groupId"), text(&one, "cidrIp")), (vec!["sg-0c1d2e3f"], "0.0.0.0/0"));
}

#[tokio::test]
async fn pages_have_tokens_and_wrong_requests_have_ec2s_errors() {
    let aws = Aws::new().await;
    let (mut ids, mut sizes, mut token) = (Vec::new(), Vec::new(), String::new());
    loop {
        let mut members = vec![("MaxResults", "5")];
        if !token.is_empty() {
            members.push(("NextToken", &token));
        }
        let page = right(&aws, "DescribeSubnets", &members).await;
        let found: Vec<_> = texts(&page, "subnetId").into_iter().map(ToOwned::to_owned).collect();
        sizes.push(found.len());
        ids.extend(found);
        match texts(&page, "nextToken").first() {
            Some(next) => token = (*next).to_owned(),
            None => break,
        }
    }
    ids.sort();
    ids.dedup();
    assert_eq!((sizes, ids.len()), (vec![5, 5, 4], 14));
    let cases: [(&str, Members<'_>, &str, &str); 10] = [
        ("DescribeVpcs", &[("VpcId.1", VPC), ("VpcId.2", "vpc-00000000")], "InvalidVpcID.NotFound", "vpc-00000000"),
        ("DescribeSubnets", &[("SubnetId.1", "subnet-00000000")], "InvalidSubnetID.NotFound", "subnet-00000000"),
        ("DescribeRouteTables", &[("RouteTableId.1", "rtb-00000000")], "InvalidRouteTableID.NotFound", "rtb-00000000"),
        ("DescribeSecurityGroups", &[("GroupId.1", "sg-<b>")], "InvalidGroup.NotFound", "sg-&lt;b&gt;"),
        ("DescribeSubnets", &[("Filter.1.Name", "colour"), ("Filter.1.Value.1", "red")], "InvalidParameterValue", "colour"),
        ("DescribeSubnets", &[("MaxResults", "4")], "InvalidParameterValue", "maxResults"),
        ("DescribeRouteTables", &[("MaxResults", "101")], "InvalidParameterValue", "maxResults"),
        ("DescribeSubnets", &[("MaxResults", "5"), ("SubnetId.1", SUBNETS[0])], "InvalidParameterCombination", "MaxResults"),
        ("DescribeSubnets", &[("SubnetIds.1", SUBNETS[0])], "UnknownParameter", "SubnetIds"),
        ("RunInstances", &[], "InvalidAction", "RunInstances"),
    ];
    for (action, members, code, words) in cases {
        let (status, xml) = ask(&aws, action, members).await;
        assert_eq!((status, text(&xml, "Code")), (400, code), "{xml}");
        assert!(xml.contains("<Response><Errors><Error>") && text(&xml, "Message").contains(words), "{xml}");
        assert_eq!(text(&xml, "RequestID").len(), 36);
    }
    assert_eq!(text(&ask(&aws, "DescribeVpcs", &[("NextToken", "made-up")]).await.1, "Code"), "InvalidParameterValue");
    let (status, xml) = ask(&aws, "DescribeVpcs", &[("DryRun", "true")]).await;
    assert_eq!((status, text(&xml, "Code")), (412, "DryRunOperation"));
    right(&aws, "DescribeVpcs", &[("DryRun", "false")]).await;
}

#[tokio::test]
async fn workspaces_take_addresses_by_turns_and_give_them_back() {
    let aws = Aws::new().await;
    let free = async || {
        let mut counts = Vec::new();
        for id in SUBNETS {
            counts.push(text(&subnet(&aws, id).await, "availableIpAddressCount").parse::<i32>().unwrap());
        }
        counts
    };
    let before = free().await;
    assert_eq!(before, [16_379 - 6, 16_379 - 6], "a dozen were there before");
    let mut ids = Vec::new();
    for account in aws.free_accounts(4) {
        ids.push(aws.create_for(&account).await);
    }
    assert_eq!(free().await, [before[0] - 2, before[1] - 2]);
    let ending = aws_sdk_workspaces::types::TerminateRequest::builder().workspace_id(&ids[0]).build().unwrap();
    aws.workspaces.terminate_workspaces().terminate_workspace_requests(ending).send().await.unwrap();
    assert_eq!(free().await.iter().sum::<i32>(), before.iter().sum::<i32>() - 3);
}

#[tokio::test]
async fn where_no_address_is_free_a_workspace_ends_in_error() {
    let aws = Aws::new().await;
    let id = connect(&aws).await;
    let register = aws.workspaces.register_workspace_directory().directory_id(&id);
    register.subnet_ids("subnet-0f203142").subnet_ids("subnet-1a2b3c4d").send().await.unwrap();
    let mut requests: Vec<_> = aws.free_accounts(10).iter().map(|account| crate::aws_clients::request(&aws, account)).collect();
    for request in &mut requests {
        request.directory_id.clone_from(&id);
    }
    aws.create(requests).await;
    assert_eq!(text(&subnet(&aws, "subnet-0f203142").await, "availableIpAddressCount"), "0");
    aws.sandbox.clock().advance(TimeDelta::minutes(1));
    let found = aws.workspaces.describe_workspaces().directory_id(&id).send().await.unwrap();
    let broken = found.workspaces().iter().filter(|workspace| workspace.state().unwrap().as_str() == "ERROR").count();
    assert_eq!((found.workspaces().len(), broken), (10, 2), "five each by turns, and three addresses for one five");
}

#[tokio::test]
async fn ec2_is_throttled_by_faults_only_and_in_its_own_words() {
    let aws = Aws::behaving(|behaviour| behaviour.throttle = true).await;
    for _ in 0..20 {
        right(&aws, "DescribeVpcs", &[]).await;
    }
    aws.sandbox.faults().add(Fault::new("DescribeVpcs", Kind::Throttle).times(1));
    let (status, xml) = ask(&aws, "DescribeVpcs", &[]).await;
    assert_eq!((status, text(&xml, "Code")), (503, "RequestLimitExceeded"));
    aws.sandbox.faults().add(Fault::new("DescribeVpcs", Kind::ServerError).times(1));
    let (status, xml) = ask(&aws, "DescribeVpcs", &[]).await;
    assert_eq!((status, text(&xml, "Code")), (500, "InternalError"));
    let denied = Kind::Refuse { code: "UnauthorizedOperation".to_owned(), message: "No.".to_owned() };
    aws.sandbox.faults().add(Fault::new("DescribeSubnets", denied).items(vec![SUBNETS[0].to_owned()]));
    let (_, xml) = ask(&aws, "DescribeSubnets", &[("SubnetId.1", SUBNETS[0])]).await;
    assert_eq!(text(&xml, "Code"), "UnauthorizedOperation");
    subnet(&aws, SUBNETS[1]).await;
    assert_eq!(aws.sandbox.calls().counts()["ec2:DescribeVpcs"].throttled, 1);
}

#[tokio::test]
async fn the_quota_of_workspaces_is_the_one_that_holds() {
    let aws = Aws::behaving(|behaviour| behaviour.quota = 17).await;
    let get = |service: &str, code: &str| json!({ "ServiceCode": service, "QuotaCode": code }).to_string();
    let (status, answer) = aws.post("ServiceQuotasV20190624.GetServiceQuota", get("workspaces", "L-34278094")).await;
    assert_eq!((status, &answer["Quota"]["QuotaName"], &answer["Quota"]["Value"]), (200, &json!("WorkSpaces"), &json!(17)));
    for (service, code) in [("workspaces", "L-00000000"), ("ec2", "L-34278094")] {
        let (status, answer) = aws.post("ServiceQuotasV20190624.GetServiceQuota", get(service, code)).await;
        assert_eq!((status, &answer["__type"]), (400, &json!("NoSuchResourceException")));
        assert!(answer["Message"].is_string());
    }
    let list = |body: serde_json::Value| aws.post("ServiceQuotasV20190624.ListServiceQuotas", body.to_string());
    let (_, answer) = list(json!({ "ServiceCode": "workspaces" })).await;
    assert_eq!((answer["Quotas"].as_array().unwrap().len(), &answer["Quotas"][0]["Adjustable"]), (1, &json!(true)));
    assert_eq!(list(json!({ "ServiceCode": "nothing" })).await.1["__type"], "NoSuchResourceException");
    assert_eq!(
        list(json!({ "ServiceCode": "workspaces", "NextToken": "abc" })).await.1["__type"],
        "InvalidPaginationTokenException"
    );
    assert_eq!(list(json!({})).await.1["__type"], "ValidationException");
    aws.sandbox.faults().add(Fault::new("ListServiceQuotas", Kind::Throttle).times(1));
    assert_eq!(list(json!({ "ServiceCode": "workspaces" })).await.1["__type"], "TooManyRequestsException");
}
