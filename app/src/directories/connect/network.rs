//! The step "Network": a VPC and two of its subnets.

use leptos::{prelude::*, server_fn::ServerFn};
use model::directories::{ConnectDraft, ConnectForm, ConnectStep, Freshness, Network, Vpc};

use super::step_page;
use crate::{
    directories::{
        api::{DiscardConnect, ReadNetwork, SaveNetwork},
        parts::subnet_card,
    },
    ui::{Button, ChoiceCard, ChoiceCards, Empty, ErrorSummary, FreshnessLine, Gloss, Look, PostForm, error_of},
};

#[component]
pub fn NetworkPage() -> impl IntoView {
    step_page(
        ConnectStep::Network,
        "Where does it stand?",
        "The connector and all of its WorkSpaces stand in one VPC, in two subnets of different zones that reach the company's domain controllers.",
        |draft, network, freshness| view! { <Choice draft network freshness /> }.into_any(),
    )
}

#[component]
fn Choice(draft: ConnectDraft, network: Network, freshness: Freshness) -> impl IntoView {
    let ConnectDraft { id, form, errors, .. } = draft;
    let chosen = network.vpc(&form.vpc).cloned();
    let errors: Vec<_> = errors.into_iter().filter(|error| error.field == "vpc" || error.field == "subnets").collect();
    let (of_vpc, of_subnets) = (error_of(&errors, "vpc").unwrap_or_default(), error_of(&errors, "subnets").unwrap_or_default());
    let region = network.region.clone();
    let none = network.vpcs.is_empty();
    let vpcs = network.vpcs.into_iter().map(|vpc| vpc_card(vpc, &form)).collect_view();
    let subnets = chosen.map(|vpc| {
        let cards = vpc
            .subnets
            .into_iter()
            .map(|subnet| {
                let checked = form.subnets.iter().any(|id| id == subnet.id.as_str());
                subnet_card("subnets[]", subnet, checked, &region)
            })
            .collect_view();
        view! {
            <ChoiceCards name="subnets" legend=format!("Two subnets of {}", vpc.id) error=of_subnets>
                {cards}
            </ChoiceCards>
        }
    });
    let go_on = if subnets.is_some() { "Continue to directory" } else { "Show its subnets" };
    view! {
        <ErrorSummary errors />
        {if none {
            view! {
                <Empty title="EC2 shows no VPC">
                    <p>"This account has none in the Region, or Frontdesk may not read them: it needs ec2:DescribeVpcs, ec2:DescribeSubnets and ec2:DescribeRouteTables."</p>
                </Empty>
            }
                .into_any()
        } else {
            view! {
                <PostForm action=SaveNetwork::PATH>
                    <input type="hidden" name="draft" value=id.to_string() />
                    <ChoiceCards name="vpc" legend="VPC" error=of_vpc>
                        {vpcs}
                    </ChoiceCards>
                    {subnets}
                    <div class="form-actions">
                        <Button look=Look::Primary>{go_on}</Button>
                    </div>
                </PostForm>
            }
                .into_any()
        }}
        <div class="form-actions">
            <PostForm action=DiscardConnect::PATH>
                <input type="hidden" name="draft" value=id.to_string() />
                <Button look=Look::Quiet>"Throw this draft away"</Button>
            </PostForm>
            <PostForm action=ReadNetwork::PATH>
                <input type="hidden" name="draft" value=id.to_string() />
                <Button look=Look::Quiet>"Read the network again"</Button>
            </PostForm>
        </div>
        <FreshnessLine freshness />
    }
}

fn vpc_card(vpc: Vpc, form: &ConnectForm) -> impl IntoView + use<> {
    let obstacle = vpc.obstacle();
    let count = match vpc.subnets.len() {
        1 => "1 subnet".to_owned(),
        count => format!("{count} subnets"),
    };
    let default = if vpc.is_default { " · the account's default VPC" } else { "" };
    view! {
        <ChoiceCard name="vpc" value=vpc.id.to_string() title=vpc.title() checked={form.vpc == vpc.id.as_str()} disabled=obstacle.is_some()>
            <Gloss>{format!("{} · {count}{default}", vpc.cidr)}</Gloss>
            {obstacle.map(|obstacle| view! { <Gloss>{obstacle}</Gloss> })}
        </ChoiceCard>
    }
}
