//! WorkSpaces: IP access control groups.

use aws_sdk_workspaces::types::IpRuleItem;
use model::directories::IpRule;

use super::{Aws, AwsFault, workspaces::Listing};
use crate::budget::{Operation, Slot};

/// A group as DescribeIpGroups tells it.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub id: String,
    pub name: String,
    pub description: String,
    pub rules: Vec<IpRule>,
}

impl Aws {
    /// One page of the Region's groups.
    pub(crate) async fn ip_groups(&self, slot: Slot, next: Option<String>) -> Result<Listing<Group>, AwsFault> {
        let call = self.workspaces.describe_ip_groups().max_results(25).set_next_token(next).send();
        let answer = slot.call(Operation::DescribeIpGroups, call).await?;
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let rows = answer.result().iter().filter_map(|found| {
            let rules = found.user_rules().iter();
            let rules = rules.map(|rule| IpRule { cidr: text(rule.ip_rule()), description: text(rule.rule_desc()) });
            Some(Group {
                id: found.group_id()?.to_owned(),
                name: text(found.group_name()),
                description: text(found.group_desc()),
                rules: rules.collect(),
            })
        });
        Ok(Listing { rows: rows.collect(), next: answer.next_token.clone() })
    }

    /// CreateIpGroup: the new group's id. AWS takes a name once, so a second call makes no second group.
    pub(crate) async fn create_ip_group(
        &self,
        slot: Slot,
        name: &str,
        description: &str,
        rules: &[IpRule],
    ) -> Result<String, AwsFault> {
        let call = self.workspaces.create_ip_group().group_name(name).group_desc(description).set_user_rules(Some(items(rules)));
        let answer = slot.call(Operation::CreateIpGroup, call.send()).await?;
        answer.group_id.ok_or_else(|| AwsFault::Unknown("CreateIpGroup named no group".to_owned()))
    }

    /// UpdateRulesOfIpGroup: these instead of those before. Whom a rule let in that is no more is disconnected.
    pub(crate) async fn set_ip_rules(&self, slot: Slot, id: &str, rules: &[IpRule]) -> Result<(), AwsFault> {
        let call = self.workspaces.update_rules_of_ip_group().group_id(id).set_user_rules(Some(items(rules))).send();
        slot.call(Operation::UpdateRulesOfIpGroup, call).await.map(drop)
    }

    /// DeleteIpGroup, which AWS refuses while a directory has it.
    pub(crate) async fn delete_ip_group(&self, slot: Slot, id: &str) -> Result<(), AwsFault> {
        slot.call(Operation::DeleteIpGroup, self.workspaces.delete_ip_group().group_id(id).send()).await.map(drop)
    }

    /// AssociateIpGroups.
    pub(crate) async fn associate_ip_groups(&self, slot: Slot, directory: &str, ids: Vec<String>) -> Result<(), AwsFault> {
        let call = self.workspaces.associate_ip_groups().directory_id(directory).set_group_ids(Some(ids)).send();
        slot.call(Operation::AssociateIpGroups, call).await.map(drop)
    }

    /// DisassociateIpGroups.
    pub(crate) async fn disassociate_ip_groups(&self, slot: Slot, directory: &str, ids: Vec<String>) -> Result<(), AwsFault> {
        let call = self.workspaces.disassociate_ip_groups().directory_id(directory).set_group_ids(Some(ids)).send();
        slot.call(Operation::DisassociateIpGroups, call).await.map(drop)
    }
}

fn items(rules: &[IpRule]) -> Vec<IpRuleItem> {
    let item = |rule: &IpRule| IpRuleItem::builder().ip_rule(&rule.cidr).rule_desc(&rule.description).build();
    rules.iter().map(item).collect()
}
