//! EC2: reads of the network. Query protocol of its own kind: lists are `Name.N` in the form and `item`s in the XML.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{Answer, AwsError, Operations, network, workspaces::cut};
use crate::{Inner, html::escape, state::Memory};

/// EC2's API version, by which its calls are told from STS's.
pub(super) const VERSION: &str = "2016-11-15";
/// Rows in a page if the call names no number.
const PAGE: usize = 1_000;

pub(super) const OPERATIONS: Operations = &[
    ("DescribeVpcs", |inner, request| VPCS.describe(inner, request.input)),
    ("DescribeSubnets", |inner, request| SUBNETS.describe(inner, request.input)),
    ("DescribeRouteTables", |inner, request| ROUTE_TABLES.describe(inner, request.input)),
    ("DescribeSecurityGroups", |inner, request| SECURITY_GROUPS.describe(inner, request.input)),
];

/// A form as the object that it stands for: `Filter.1.Value.2=x` is the second value of the first filter. Everything is text.
pub(super) fn read_form(form: &[(String, String)]) -> Value {
    let mut tree = Node::default();
    for (key, value) in form {
        key.split('.').fold(&mut tree, |node, part| node.child(part)).text = Some(value.clone());
    }
    tree.value()
}

#[derive(Default)]
struct Node {
    text: Option<String>,
    children: Vec<(String, Node)>,
}

impl Node {
    fn child(&mut self, name: &str) -> &mut Self {
        let place = self.children.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            self.children.push((name.to_owned(), Self::default()));
            self.children.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "it was found, or pushed just now")]
        &mut self.children[place].1
    }

    fn value(self) -> Value {
        if self.children.is_empty() {
            return self.text.map_or(Value::Null, Value::String);
        }
        let mut numbered: Vec<(u32, Self)> = Vec::new();
        let mut named = Map::new();
        for (name, child) in self.children {
            match name.parse() {
                Ok(number) => numbered.push((number, child)),
                Err(_) => drop(named.insert(name, child.value())),
            }
        }
        if numbered.is_empty() {
            return Value::Object(named);
        }
        numbered.sort_by_key(|(number, _)| *number);
        numbered.into_iter().map(|(_, child)| child.value()).collect()
    }
}

/// An answer in EC2's XML.
pub(super) fn xml(operation: &str, request_id: &str, answer: &Value) -> String {
    let mut body = String::new();
    write(answer, &mut body);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{operation}Response xmlns=\"http://ec2.amazonaws.com/doc/{VERSION}/\">\
         <requestId>{request_id}</requestId>{body}</{operation}Response>"
    )
}

fn write(value: &Value, body: &mut String) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                body.push_str(&format!("<{name}>"));
                write(member, body);
                body.push_str(&format!("</{name}>"));
            }
        }
        Value::Array(entries) => {
            for entry in entries {
                body.push_str("<item>");
                write(entry, body);
                body.push_str("</item>");
            }
        }
        Value::String(text) => body.push_str(&escape(text)),
        other => body.push_str(&other.to_string()),
    }
}

/// An error in EC2's XML.
pub(super) fn xml_error(error: &AwsError, request_id: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{}</Code><Message>{}</Message></Error></Errors>\
         <RequestID>{request_id}</RequestID></Response>",
        escape(&error.code),
        escape(&error.message)
    )
}

/// What can be described of one kind.
struct Kind {
    /// The list's member in the answer.
    set: &'static str,
    /// The member of the request that lists ids, and the one of the answer that holds it.
    ids: (&'static str, &'static str),
    /// AWS's error for an id that is not there, and the kind's name in it.
    missing: (&'static str, &'static str),
    /// The most rows that a page may have.
    most: usize,
    /// Filters and where the answer holds what they compare: a path; over lists it means any entry.
    filters: &'static [(&'static str, &'static [&'static str])],
    all: fn(&Memory, DateTime<Utc>) -> Vec<Value>,
}

const VPCS: Kind = Kind {
    set: "vpcSet",
    ids: ("VpcId", "vpcId"),
    missing: ("InvalidVpcID.NotFound", "vpc"),
    most: 1_000,
    filters: &[
        ("vpc-id", &["vpcId"]),
        ("cidr", &["cidrBlock"]),
        ("state", &["state"]),
        ("is-default", &["isDefault"]),
        ("isDefault", &["isDefault"]),
        ("owner-id", &["ownerId"]),
    ],
    all: |_, _| network::VPCS.iter().map(network::vpc).collect(),
};

const SUBNETS: Kind = Kind {
    set: "subnetSet",
    ids: ("SubnetId", "subnetId"),
    missing: ("InvalidSubnetID.NotFound", "subnet"),
    most: 1_000,
    filters: &[
        ("vpc-id", &["vpcId"]),
        ("subnet-id", &["subnetId"]),
        ("availability-zone", &["availabilityZone"]),
        ("availability-zone-id", &["availabilityZoneId"]),
        ("cidr-block", &["cidrBlock"]),
        ("state", &["state"]),
        ("default-for-az", &["defaultForAz"]),
        ("map-public-ip-on-launch", &["mapPublicIpOnLaunch"]),
    ],
    all: |memory, now| network::SUBNETS.iter().map(|subnet| network::subnet_with(subnet, subnet.free(memory, now))).collect(),
};

const ROUTE_TABLES: Kind = Kind {
    set: "routeTableSet",
    ids: ("RouteTableId", "routeTableId"),
    missing: ("InvalidRouteTableID.NotFound", "routeTable"),
    most: 100,
    filters: &[
        ("vpc-id", &["vpcId"]),
        ("route-table-id", &["routeTableId"]),
        ("association.subnet-id", &["associationSet", "subnetId"]),
        ("association.main", &["associationSet", "main"]),
        ("route.gateway-id", &["routeSet", "gatewayId"]),
        ("route.nat-gateway-id", &["routeSet", "natGatewayId"]),
        ("route.transit-gateway-id", &["routeSet", "transitGatewayId"]),
    ],
    all: |_, _| network::route_tables(),
};

const SECURITY_GROUPS: Kind = Kind {
    set: "securityGroupInfo",
    ids: ("GroupId", "groupId"),
    missing: ("InvalidGroup.NotFound", "security group"),
    most: 1_000,
    filters: &[
        ("vpc-id", &["vpcId"]),
        ("group-id", &["groupId"]),
        ("group-name", &["groupName"]),
        ("description", &["groupDescription"]),
    ],
    all: network::security_groups,
};

fn invalid(message: String) -> AwsError {
    AwsError::new("InvalidParameterValue", message)
}

impl Kind {
    #[expect(clippy::indexing_slicing, reason = "a member of the object that is made here")]
    fn describe(&self, inner: &Inner, input: &Value) -> Answer {
        self.check(input)?;
        let rows = (self.all)(&inner.state.memory(), inner.clock.now());
        let ids = texts(&input[self.ids.0]);
        if let Some(id) = ids.iter().find(|id| !rows.iter().any(|row| row[self.ids.1] == **id)) {
            let (code, name) = self.missing;
            return Err(AwsError::new(code, format!("The {name} ID '{id}' does not exist")));
        }
        let filters = self.filters(input)?;
        let wanted = |row: &Value| {
            (ids.is_empty() || ids.iter().any(|id| row[self.ids.1] == **id)) && filters.iter().all(|filter| filter.fits(row))
        };
        let found = rows.into_iter().filter(wanted).collect();
        let size = self.page_size(input, &ids)?;
        let wrong_token = || invalid("Unable to parse pagination token".to_owned());
        let (rows, next) = cut(found, &input["NextToken"], size).ok_or_else(wrong_token)?;
        let mut answer = json!({ self.set: rows });
        if let Some(next) = next {
            answer["nextToken"] = json!(next);
        }
        Ok(answer)
    }

    /// Members that EC2 does not know are no harmless ones: a misspelt list of ids would be answered with everything.
    fn check(&self, input: &Value) -> Result<(), AwsError> {
        let known = ["Action", "Version", "Filter", "MaxResults", "NextToken", "DryRun", self.ids.0];
        let mut members = input.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        if let Some(name) = members.find(|name| !known.contains(name)) {
            return Err(AwsError::new("UnknownParameter", format!("The parameter {name} is not recognized")));
        }
        if input["DryRun"] == "true" {
            let error = AwsError::new("DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
            return Err(error.with_status(StatusCode::PRECONDITION_FAILED));
        }
        Ok(())
    }

    fn filters(&self, input: &Value) -> Result<Vec<Filter>, AwsError> {
        let read = |filter: &Value| {
            let name = filter["Name"].as_str().unwrap_or_default();
            let values = texts(&filter["Value"]).into_iter().map(ToOwned::to_owned).collect();
            if let Some(key) = name.strip_prefix("tag:") {
                return Ok(Filter { path: Path::Tag(key.to_owned()), values });
            }
            let known = self.filters.iter().find(|(known, _)| *known == name);
            let (_, path) = known.ok_or_else(|| invalid(format!("The filter '{name}' is invalid")))?;
            Ok(Filter { path: Path::Members(path), values })
        };
        input["Filter"].as_array().into_iter().flatten().map(read).collect()
    }

    fn page_size(&self, input: &Value, ids: &[&str]) -> Result<usize, AwsError> {
        let Some(given) = input["MaxResults"].as_str() else { return Ok(PAGE) };
        if !ids.is_empty() {
            let text = format!("The parameter {}s cannot be used with the parameter MaxResults", self.ids.0);
            return Err(AwsError::new("InvalidParameterCombination", text));
        }
        let size = given.parse().ok().filter(|size| (5..=self.most).contains(size));
        size.ok_or_else(|| {
            invalid(format!(
                "Value ( {given} ) for parameter maxResults is invalid. Expecting a value between 5 and {}.",
                self.most
            ))
        })
    }
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

enum Path {
    Tag(String),
    Members(&'static [&'static str]),
}

/// Rows fit if they hold any of the values.
struct Filter {
    path: Path,
    values: Vec<String>,
}

impl Filter {
    fn fits(&self, row: &Value) -> bool {
        match &self.path {
            Path::Tag(key) => {
                let tags = row["tagSet"].as_array().into_iter().flatten();
                tags.filter(|tag| tag["key"] == **key).any(|tag| self.holds(&tag["value"]))
            }
            Path::Members([member]) => self.holds(&row[*member]),
            Path::Members([list, member]) => row[*list].as_array().into_iter().flatten().any(|entry| self.holds(&entry[*member])),
            Path::Members(_) => false,
        }
    }

    fn holds(&self, value: &Value) -> bool {
        let known = match value {
            Value::String(text) => text.clone(),
            Value::Null => return false,
            other => other.to_string(),
        };
        self.values.contains(&known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Value {
        read_form(&serde_urlencoded::from_str::<Vec<(String, String)>>(text).unwrap())
    }

    #[test]
    fn numbered_members_are_lists_in_their_order() {
        let read =
            form("Action=X&Filter.2.Name=b&Filter.1.Name=a&Filter.1.Value.2=y&Filter.1.Value.1=x&SubnetId.10=k&SubnetId.9=j");
        let filters = json!([{ "Name": "a", "Value": ["x", "y"] }, { "Name": "b" }]);
        assert_eq!(read, json!({ "Action": "X", "Filter": filters, "SubnetId": ["j", "k"] }));
    }

    #[test]
    fn answers_are_written_with_items_and_escapes() {
        let written =
            xml("DescribeThings", "id-1", &json!({ "thingSet": [{ "name": "a<b", "count": 3, "on": true }], "none": [] }));
        assert!(written.ends_with(
            "<requestId>id-1</requestId><none></none><thingSet><item><count>3</count><name>a&lt;b</name><on>true</on></item></thingSet></DescribeThingsResponse>"
        ), "{written}");
    }
}
