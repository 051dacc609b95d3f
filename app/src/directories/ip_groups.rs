//! `/directories/ip-groups`.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use model::directories::{Freshness, IpGroup};

use super::api::{CreateIpGroup, DeleteIpGroup, SetIpRules, ip_groups};
use crate::ui::{
    Back, Button, Checkbox, Code, Disclosure, Empty, FreshnessLine, Gloss, Look, Notice, Page, PageHeader, PostForm, Section,
    TextArea, TextField, Tone, loaded, reading,
};

/// From which addresses people reach their WorkSpaces: the groups that directories have.
#[component]
pub fn IpGroupsPage() -> impl IntoView {
    let page = reading(|| (), |()| ip_groups());
    view! {
        <Page title="IP access groups" narrow=true>
            {loaded(page, |(groups, freshness): (Vec<IpGroup>, Freshness)| view! { <Content groups freshness /> })}
        </Page>
    }
}

const RULES_HINT: &str = "One network a line, what it is after a space: 203.0.113.0/24 Berlin office. At most 10. These are the public addresses that AWS sees: of your internet lines, VPN or NAT.";

#[component]
fn Content(groups: Vec<IpGroup>, freshness: Freshness) -> impl IntoView {
    let back = Back::to("/directories", "Directories");
    let list = if groups.is_empty() {
        Either::Left(view! {
            <Empty title="No IP access group yet">
                <p>"Without one, people reach their WorkSpaces from everywhere. Make a group of your offices\u{2019} addresses here and attach it in the settings of a directory."</p>
            </Empty>
        })
    } else {
        Either::Right(groups.into_iter().map(|group| view! { <Group group /> }).collect_view())
    };
    view! {
        <PageHeader
            title="IP access groups"
            lead="From which public addresses people may reach their WorkSpaces. A group counts once it is attached in the settings of a directory."
            back
        />
        {list}
        <Section title="Make a group">
            <PostForm action=CreateIpGroup::PATH label="Make a group">
                <TextField name="form[name]" id="name" label="Name" autocomplete="off" required=true />
                <TextField name="form[description]" label="Description (optional)" autocomplete="off" />
                <TextArea name="form[rules]" label="Networks" hint=RULES_HINT rows=4 />
                <div class="form-actions">
                    <Button look=Look::Primary>"Make the group"</Button>
                </div>
            </PostForm>
        </Section>
        <FreshnessLine freshness />
    }
}

#[component]
fn Group(group: IpGroup) -> impl IntoView {
    let (id, lines, free, ours) = (group.id.to_string(), group.lines(), group.is_free(), group.elsewhere == 0);
    let attached = attached(&group);
    let shut = group.locks_out();
    let tone = if free { Tone::Info } else { Tone::Danger };
    let rules = group
        .rules
        .into_iter()
        .map(|rule| {
            let caution = rule.caution();
            view! {
                <li>
                    <Code>{rule.cidr}</Code>
                    " "
                    {rule.description}
                    {caution.map(|caution| view! { <Gloss>{caution}</Gloss> })}
                </li>
            }
        })
        .collect_view();
    view! {
        <Section title=group.name lead=format!("{} {attached}", group.description)>
            {if shut {
                Either::Left(view! { <Notice tone title="No rules: it lets nobody in">"Everybody in a directory that has it is locked out."</Notice> })
            } else {
                Either::Right(view! { <ul>{rules}</ul> })
            }}
            {if ours {
                Either::Left(view! { <Change id lines free /> })
            } else {
                Either::Right(view! { <p class="quiet">"Only who looks after all of its directories can change it."</p> })
            }}
        </Section>
    }
}

/// Where the group counts; directories that the reader does not look after are not named.
fn attached(group: &IpGroup) -> String {
    let others = match group.elsewhere {
        0 => None,
        1 => Some("a directory that you don\u{2019}t look after".to_owned()),
        many => Some(format!("{many} directories that you don\u{2019}t look after")),
    };
    let all: Vec<_> = group.directories.iter().cloned().chain(others).collect();
    if all.is_empty() { "Attached to no directory.".to_owned() } else { format!("Attached to {}.", all.join(", ")) }
}

#[component]
fn Change(id: String, lines: String, free: bool) -> impl IntoView {
    let for_deletion = id.clone();
    let field = format!("rules-{id}");
    view! {
        <Disclosure summary="Change the networks">
            <PostForm action=SetIpRules::PATH>
                <input type="hidden" name="id" value=id />
                <TextArea name="form[rules]" id=field label="Networks" value=lines hint=RULES_HINT rows=4 />
                <p class="quiet">"Who works from an address that is no longer named is disconnected at once."</p>
                {(!free).then(|| view! { <Checkbox name="lock_out" value="true" label="Lock everybody out on purpose" hint="Only with no network at all." /> })}
                <div class="form-actions">
                    <Button>"Save the networks"</Button>
                </div>
            </PostForm>
        </Disclosure>
        {free
            .then(|| {
                view! {
                    <PostForm action=DeleteIpGroup::PATH>
                        <input type="hidden" name="id" value=for_deletion />
                        <Button look=Look::Quiet>"Delete the group"</Button>
                    </PostForm>
                }
            })}
    }
}
