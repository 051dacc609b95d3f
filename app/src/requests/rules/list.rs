//! The sets of rules, and what the draft would have decided.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::components::A;
use model::requests::{RuleSetView, RuleView, RulesPage as Whole, Trial, TrialRow};

use super::api::{AddRule, BeginRules, DiscardRules, RaiseRule, RemoveRule, SwitchRulesOn, list};
use crate::ui::{
    Back, Badge, Button, Disclosure, Gloss, Look, Page, PageHeader, PostForm, Posts, Row, Section, Table, Td, Th, Tone, When,
    loaded, reading,
};

/// What holds whatever the rules say.
const ALWAYS: &str = "The first rule that matches decides. Whatever the rules say: nobody decides on their own request or one for themselves, what has no price is approved by somebody, and what goes over a budget by the cost centre\u{2019}s owner too. Where no rule matches, one approver decides.";

#[component]
pub fn RulesPage() -> impl IntoView {
    let page = reading(|| (), |()| list());
    view! {
        <Page title="Rules of requests">
            {loaded(
                page,
                |(rules, trial): (Whole, Option<Trial>)| {
                    let begin = rules.draft.is_none().then(|| {
                        view! {
                            <PostForm action=BeginRules::PATH>
                                <Button look=Look::Primary disabled=Posts::pending(BeginRules::PATH)>"Change the rules"</Button>
                            </PostForm>
                        }
                    });
                    view! {
                        <PageHeader title="Who decides on requests" lead=ALWAYS back=Back::to("/requests", "Requests")>
                            {begin}
                        </PageHeader>
                        {rules.draft.map(|set| view! { <Draft set trial /> })}
                        <On set=rules.on />
                        <Gloss>{rules.patience}</Gloss>
                        {rules.earlier.into_iter().map(|set| view! { <Earlier set /> }).collect_view()}
                    }
                },
            )}
        </Page>
    }
}

#[component]
fn On(set: Option<RuleSetView>) -> impl IntoView {
    match set {
        Some(set) => view! {
            <Section title="These count">
                <Gloss>"Switched on by " {set.by} ", " <When stamp=set.at /></Gloss>
                <Texts rules=set.rules />
            </Section>
        }
        .into_any(),
        None => view! {
            <Section title="No rules count yet">
                <p>"One approver decides on each request."</p>
            </Section>
        }
        .into_any(),
    }
}

#[component]
fn Texts(rules: Vec<RuleView>) -> impl IntoView {
    if rules.is_empty() {
        return view! { <p class="hint">"No rule: one approver decides on each request."</p> }.into_any();
    }
    let rows = rules.into_iter().map(|rule| view! { <li>{rule.text.unwrap_or(rule.name)}</li> }).collect_view();
    view! { <ol class="numbered">{rows}</ol> }.into_any()
}

#[component]
fn Earlier(set: RuleSetView) -> impl IntoView {
    view! {
        <Disclosure summary=format!("Earlier: switched on {}", set.at.local)>
            <Gloss>"by " {set.by}</Gloss>
            <Texts rules=set.rules />
        </Disclosure>
    }
}

#[component]
fn Draft(set: RuleSetView, trial: Option<Trial>) -> impl IntoView {
    let seen = set.version;
    let rows = set.rules.into_iter().map(|rule| view! { <RuleRow rule seen /> }).collect_view();
    view! {
        <Section title="Being written" lead="Nothing of this counts before it is switched on. Requests that wait keep the stages they have.">
            <Gloss>"Changed by " {set.by} ", " <When stamp=set.at /></Gloss>
            <Table caption="Rules being written" keys=false>
                <thead>
                    <tr>
                        <Th>"Rule"</Th>
                        <Th>"What it says"</Th>
                        <Th>"Order"</Th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
            <div class="form-actions">
                <PostForm action=AddRule::PATH>
                    <Seen seen />
                    <Button>"Add a rule"</Button>
                </PostForm>
                <PostForm action=DiscardRules::PATH>
                    <Seen seen />
                    <Button look=Look::Quiet>"Throw the draft away"</Button>
                </PostForm>
                <PostForm action=SwitchRulesOn::PATH>
                    <Seen seen />
                    <Button look=Look::Primary disabled=Posts::pending(SwitchRulesOn::PATH)>"Switch these rules on"</Button>
                </PostForm>
            </div>
        </Section>
        {trial.map(|trial| view! { <TriedOut trial /> })}
    }
}

#[component]
fn Seen(seen: i64) -> impl IntoView {
    view! { <input type="hidden" name="seen" value=seen.to_string() /> }
}

#[component]
fn RuleRow(rule: RuleView, seen: i64) -> impl IntoView {
    let name = if rule.name.trim().is_empty() { "Without a name".to_owned() } else { rule.name };
    let said = match rule.text {
        Some(text) => text.into_any(),
        None => view! { <Badge tone=Tone::Warning text="Not right yet" gloss="open it to see why" /> }.into_any(),
    };
    let id = rule.id;
    let (up, out) = (format!(" {name}"), format!(" {name}"));
    view! {
        <Row>
            <Td label="Rule" main=true>
                <A href=format!("/requests/rules/{id}")>{name}</A>
            </Td>
            <Td label="What it says">{said}</Td>
            <Td label="Order">
                <PostForm action=RaiseRule::PATH>
                    <input type="hidden" name="id" value=id.to_string() />
                    <Seen seen />
                    <Button small=true>"Up" <span class="hidden">{up}</span></Button>
                </PostForm>
                <PostForm action=RemoveRule::PATH>
                    <input type="hidden" name="id" value=id.to_string() />
                    <Seen seen />
                    <Button small=true look=Look::Quiet>"Take out" <span class="hidden">{out}</span></Button>
                </PostForm>
            </Td>
        </Row>
    }
}

/// What the draft would have said of past requests.
#[component]
fn TriedOut(trial: Trial) -> impl IntoView {
    let count = trial.rows.len();
    let lead = match count {
        0 => "There are no requests yet to try them on.".to_owned(),
        _ => format!("Of the last {count} requests {} would have been decided otherwise.", trial.different),
    };
    let rows = trial.rows.into_iter().map(|row| view! { <Tried row /> }).collect_view();
    view! {
        <Section title="Tried out on past requests" lead>
            {(count > 0)
                .then(|| {
                    view! {
                        <Table caption="Past requests under both sets">
                            <thead>
                                <tr>
                                    <Th>"Request"</Th>
                                    <Th>"By the rules that count"</Th>
                                    <Th>"By the new ones"</Th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </Table>
                    }
                })}
        </Section>
    }
}

#[component]
fn Tried(row: TrialRow) -> impl IntoView {
    let then = if row.different {
        view! { <Badge tone=Tone::Warning text="Otherwise" gloss=row.then /> }.into_any()
    } else {
        view! { <Badge tone=Tone::Neutral text="The same" /> }.into_any()
    };
    view! {
        <Row>
            <Td label="Request" main=true>
                <A href=format!("/requests/{}", row.request)>{row.title}</A>
                <Gloss>{row.requester} ", " <When stamp=row.asked brief=true /></Gloss>
            </Td>
            <Td label="By the rules that count">{row.now}</Td>
            <Td label="By the new ones">{then}</Td>
        </Row>
    }
}
