//! IP access control groups: rules, directories, and their limits.

use aws_sdk_workspaces::types::IpRuleItem;

use crate::{
    aws_clients::{Aws, registered, told},
    refusal,
};

const INVALID: &str = "InvalidParameterValuesException";
const LIMIT: &str = "ResourceLimitExceededException";
const MISSING: &str = "ResourceNotFoundException";
const NOTHING: &str = "wsipg-000000000";

fn rule(cidr: &str) -> IpRuleItem {
    IpRuleItem::builder().ip_rule(cidr).rule_desc(format!("about {cidr}")).build()
}

fn many(count: usize) -> Vec<IpRuleItem> {
    (0..count).map(|number| rule(&format!("203.0.113.{number}/32"))).collect()
}

async fn create(aws: &Aws, name: &str) -> String {
    aws.workspaces.create_ip_group().group_name(name).send().await.unwrap().group_id.unwrap()
}

/// The rules of a group, each with its description.
async fn rules(aws: &Aws, id: &str) -> Vec<(String, String)> {
    let answer = aws.workspaces.describe_ip_groups().group_ids(id).send().await.unwrap();
    let rules = answer.result()[0].user_rules().iter();
    rules.map(|rule| (rule.ip_rule().unwrap().to_owned(), rule.rule_desc().unwrap().to_owned())).collect()
}

#[tokio::test]
async fn rules_are_authorized_revoked_and_replaced() {
    let aws = Aws::new().await;
    let made = aws.workspaces.create_ip_group().group_name("Berlin").group_desc("The office").user_rules(rule("198.51.100.7"));
    let id = made.send().await.unwrap().group_id.unwrap();
    let told = aws.workspaces.describe_ip_groups().send().await.unwrap();
    let [group] = told.result() else { panic!("{told:?}") };
    assert_eq!(
        (group.group_id(), group.group_name(), group.group_desc()),
        (Some(id.as_str()), Some("Berlin"), Some("The office"))
    );
    let pair = |cidr: &str, about: &str| (cidr.to_owned(), format!("about {about}"));
    assert_eq!(rules(&aws, &id).await, [pair("198.51.100.7/32", "198.51.100.7")]);
    aws.workspaces.authorize_ip_rules().group_id(&id).user_rules(rule("203.0.113.0/24")).send().await.unwrap();
    aws.workspaces.revoke_ip_rules().group_id(&id).user_rules("198.51.100.7/32").send().await.unwrap();
    assert_eq!(rules(&aws, &id).await, [pair("203.0.113.0/24", "203.0.113.0/24")]);
    aws.workspaces.update_rules_of_ip_group().group_id(&id).user_rules(rule("192.0.2.0/28")).send().await.unwrap();
    assert_eq!(rules(&aws, &id).await, [pair("192.0.2.0/28", "192.0.2.0/28")]);
}

#[tokio::test]
async fn what_is_no_rule_or_one_too_many_is_refused_and_changes_nothing() {
    let aws = Aws::new().await;
    let id = create(&aws, "Berlin").await;
    let authorize = |rules: Vec<IpRuleItem>| aws.workspaces.authorize_ip_rules().group_id(&id).set_user_rules(Some(rules)).send();
    for wrong in ["", "10.0.0.0/33", "10.0.0/8", "2001:db8::/32", "office"] {
        assert_eq!(refusal!(authorize(vec![rule(wrong)])).0, INVALID, "{wrong}");
    }
    authorize(many(10)).await.unwrap();
    assert_eq!(refusal!(authorize(vec![rule("192.0.2.1")])).0, LIMIT);
    assert_eq!(refusal!(aws.workspaces.update_rules_of_ip_group().group_id(&id).set_user_rules(Some(many(11))).send()).0, LIMIT);
    let too_many = aws.workspaces.create_ip_group().group_name("Vienna").set_user_rules(Some(many(11))).send();
    assert_eq!(refusal!(too_many).0, LIMIT);
    assert_eq!(refusal!(aws.workspaces.revoke_ip_rules().group_id(&id).user_rules("192.0.2.1").send()).0, INVALID);
    assert_eq!(rules(&aws, &id).await.len(), 10);
    let double =
        aws.workspaces.update_rules_of_ip_group().group_id(&id).user_rules(rule("192.0.2.1")).user_rules(rule("192.0.2.1/32"));
    assert_eq!(refusal!(double.send()).0, INVALID);
    assert_eq!(refusal!(aws.workspaces.authorize_ip_rules().group_id(NOTHING).user_rules(rule("192.0.2.1")).send()).0, MISSING);
}

#[tokio::test]
async fn a_hundred_groups_of_different_names_come_in_pages() {
    let aws = Aws::new().await;
    for number in 0..100 {
        create(&aws, &format!("Office {number}")).await;
    }
    let call = |name: &str| aws.workspaces.create_ip_group().group_name(name).send();
    assert_eq!(refusal!(call("Office 7")).0, "ResourceAlreadyExistsException");
    assert_eq!(refusal!(call("One more")).0, LIMIT);
    let (mut count, mut token) = (Vec::new(), None);
    loop {
        let page = aws.workspaces.describe_ip_groups().max_results(20).set_next_token(token).send().await.unwrap();
        count.push(page.result().len());
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(count, [20; 5]);
    assert_eq!(refusal!(aws.workspaces.describe_ip_groups().next_token("made-up").send()).0, INVALID);
}

#[tokio::test]
async fn groups_of_a_directory_are_told_and_hold_their_groups() {
    let aws = Aws::new().await;
    let id = registered(&aws).await;
    let (one, two) = (create(&aws, "Berlin").await, create(&aws, "Vienna").await);
    let associate = |directory: &str, groups: &[&str]| {
        let groups = groups.iter().map(|&group| group.to_owned()).collect();
        aws.workspaces.associate_ip_groups().directory_id(directory).set_group_ids(Some(groups)).send()
    };
    associate(&id, &[&one, &two]).await.unwrap();
    associate(&id, &[&one]).await.unwrap();
    assert_eq!(told(&aws, &id).await.unwrap().ip_group_ids(), [one.as_str(), two.as_str()]);
    let delete = |group: &str| aws.workspaces.delete_ip_group().group_id(group).send();
    assert_eq!(refusal!(delete(&one)).0, "ResourceAssociatedException");
    aws.workspaces.disassociate_ip_groups().directory_id(&id).group_ids(&one).send().await.unwrap();
    delete(&one).await.unwrap();
    assert_eq!(told(&aws, &id).await.unwrap().ip_group_ids(), [two.as_str()]);
    assert_eq!(refusal!(delete(&one)).0, MISSING);
    assert_eq!(refusal!(associate(&id, &[&one])).0, MISSING);
    assert_eq!(refusal!(associate("d-0000000000", &[&two])).0, MISSING);
    let mut crowd = Vec::new();
    for number in 0..25 {
        crowd.push(create(&aws, &format!("Office {number}")).await);
    }
    let crowd: Vec<_> = crowd.iter().map(String::as_str).collect();
    assert_eq!(refusal!(associate(&id, &crowd)).0, LIMIT);
    associate(&id, &crowd[..24]).await.unwrap();
    aws.workspaces.deregister_workspace_directory().directory_id(&id).send().await.unwrap();
    delete(&two).await.expect("the directory that held it is gone");
}
