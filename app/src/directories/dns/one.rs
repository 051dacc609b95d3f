//! `/directories/{id}/dns/{change}`: the steps of one change.

use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    Error,
    directories::{DnsChange, DnsChangePage as Found, DnsFilter, DnsState, Told},
};

use super::{
    Which,
    api::{AbandonDns, Drawn, FreezeDns, get},
    connector::{Connector, Verify},
    ids, path,
    workspaces::Workspaces,
};
use crate::{
    Failure,
    ui::{
        Back, Button, Checkbox, Disclosure, FreshnessLine, LinkButton, Live, Look, Page, PageHeader, PostForm, Section, StepLink,
        StepState, Steps, TextField, live, loaded, page_request, reading, text, use_query_map,
    },
};

#[component]
pub fn DnsChangePage() -> impl IntoView {
    let (ids, query) = (ids(), use_query_map());
    let filter =
        Memo::new(move |_| query.with(|query| DnsFilter { q: text(query, "q"), told: Told::from_db(&text(query, "outcome")) }));
    let turn = live::every(10);
    let page = reading(
        move || (ids.get(), filter.get(), query.with(page_request), turn.get()),
        |((directory, id), filter, request, _)| async move {
            match directory.zip(id) {
                Some((directory, id)) => get(directory, id, filter, request).await,
                None => Err(Failure(Error::NotFound)),
            }
        },
    );
    view! {
        <Page title="DNS change">
            {loaded(page, move |(found, drawn): (Found, Drawn)| view! { <Content found drawn filter=filter.get_untracked() /> })}
        </Page>
    }
}

#[component]
fn Content(found: Found, drawn: Drawn, filter: DnsFilter) -> impl IntoView {
    let change = found.change.clone();
    let back = Back::to(format!("/directories/{}/dns", change.directory), format!("DNS servers of {}", change.domain));
    let lead = format!("{} is replaced by {} for {}.", change.old, change.new, change.domain);
    let step = match change.state {
        DnsState::Workspaces => view! {
            <div class="drawn" inner_html=drawn.step></div>
            <Freeze change=change.clone() />
        }
        .into_any(),
        DnsState::Frozen if change.may_change => view! { <Connector found=found.clone() /> }.into_any(),
        DnsState::Changed => view! { <Verify change=change.clone() looked=drawn.looked /> }.into_any(),
        DnsState::Frozen | DnsState::Done | DnsState::Abandoned => {
            view! { <div class="drawn" inner_html=drawn.step></div> }.into_any()
        }
    };
    let (state, record) = (change.state, format!("{}/record", path(&change)));
    view! {
        <PageHeader title=change.title() back lead>
            <LinkButton href=record.clone()>"Record to print"</LinkButton>
        </PageHeader>
        <Steps steps=steps(state) />
        <div class="drawn" inner_html=drawn.wrong></div>
        <Live>
            <div class="drawn" inner_html=drawn.frozen></div>
        </Live>
        {step}
        <Workspaces found=found.clone() progress=drawn.progress outcomes=drawn.outcomes filter />
        {state.is_live().then(|| view! { <Abandon change=change.clone() /> })}
        <FreshnessLine freshness=found.freshness />
    }
}

fn steps(state: DnsState) -> Vec<StepLink> {
    let here = match state {
        DnsState::Workspaces => 0,
        DnsState::Frozen => 1,
        DnsState::Changed => 2,
        DnsState::Done => 3,
        // Nothing of it is done, or current.
        DnsState::Abandoned => return labels().map(|label| step(label, StepState::Todo)).collect(),
    };
    let place = |place: usize| match place {
        place if place < here => StepState::Done,
        place if place == here => StepState::Current,
        _ => StepState::Todo,
    };
    labels().enumerate().map(|(at, label)| step(label, place(at))).collect()
}

fn labels() -> impl Iterator<Item = &'static str> {
    ["WorkSpaces", "Freeze and change", "Verify"].into_iter()
}

fn step(label: &str, state: StepState) -> StepLink {
    StepLink { label: label.to_owned(), href: None, state }
}

/// The step "Freeze".
#[component]
fn Freeze(change: DnsChange) -> impl IntoView {
    let left = change.counts.left();
    let unready = (left > 0).then(|| {
        view! {
            <div id="meant" tabindex="-1">
                <Checkbox
                    name="meant"
                    value="true"
                    label=format!("Go on although {left} of the WorkSpaces are not done")
                    hint="They use the old server until they are told and restarted, and lose the domain if it is turned off before."
                />
            </div>
        }
    });
    view! {
        <Section
            title="Then freeze launches"
            lead="Nothing may be launched in the 15 minutes before and after the connector is changed. Rows of launches wait and go on by themselves; starting a launch stays possible. 15 minutes after the freeze this page opens the way to the AWS console."
        >
            <PostForm action=FreezeDns::PATH label="Freeze launches">
                <Which change=change.clone() />
                {unready}
                <div class="form-actions">
                    <Button look=Look::Primary>"Freeze launches now"</Button>
                </div>
            </PostForm>
        </Section>
    }
}

#[component]
fn Abandon(change: DnsChange) -> impl IntoView {
    let gloss = match change.state {
        DnsState::Workspaces => "Nothing was changed at AWS by this. WorkSpaces that know the new server already keep it.",
        _ => {
            "Launches go on at once if AWS shows the old addresses as ever, and else 15 minutes after it last showed others. If you have changed the connector in the console already, wait until it is seen here, and put the old address back."
        }
    };
    view! {
        <Disclosure summary="Give this change up" look=Look::Quiet>
            <p class="quiet">{gloss}</p>
            <PostForm action=AbandonDns::PATH label="Give this change up">
                <Which change />
                <TextField name="reason" label="Why" autocomplete="off" required=true hint="The record keeps it." />
                <div class="form-actions">
                    <Button look=Look::Danger>"Give it up"</Button>
                </div>
            </PostForm>
        </Disclosure>
    }
}
