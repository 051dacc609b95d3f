//! The start page.

use leptos::prelude::*;
use model::{access::Act, launches::Today, requests::Waiting};

use super::{
    api::today,
    parts::{Drafts, Failed, Fleet, Invitations, Launches, Requests, Troubles},
};
use crate::ui::{Allowed, Empty, Icon, IconName, LinkButton, Look, Page, PageHeader, live, loaded, reading};

/// What waits for me, and the fleet at a glance.
#[component]
pub fn TodayPage() -> impl IntoView {
    let turn = live::every(15);
    let page = reading(move || turn.get(), |_| today());
    view! {
        <Page title="Today">
            {loaded(
                page,
                |(today, requests): (Today, Waiting)| {
                    view! {
                        <PageHeader title="Today">
                            <Allowed act=Act::Launch>
                                <LinkButton href="/launches/new" look=Look::Primary>
                                    <Icon name=IconName::Plus />
                                    "New launch"
                                </LinkButton>
                            </Allowed>
                        </PageHeader>
                        <Content today requests />
                    }
                },
            )}
        </Page>
    }
}

#[component]
fn Content(today: Today, requests: Waiting) -> impl IntoView {
    let quiet = is_quiet(&today) && requests.is_empty();
    let Today { running, paused, failed, invitations, connectors, offerings, drafts, fleet, freshness } = today;
    let connectors: Vec<_> = connectors
        .into_iter()
        .map(|trouble| [format!("/directories/{}", trouble.id), trouble.name, trouble.state, trouble.what_to_do])
        .collect();
    let offerings: Vec<_> = offerings
        .into_iter()
        .map(|flagged| [format!("/offerings/{}", flagged.offering), flagged.name, flagged.state, flagged.what_to_do])
        .collect();
    view! {
        {quiet
            .then(|| {
                view! {
                    <Empty title="Nothing waits">
                        <p>
                            "What needs you will stand here: requests to decide, what was asked back, launches under way, rows that failed and invitations that need a look."
                        </p>
                    </Empty>
                }
            })}
        <Requests requests />
        <Troubles
            title="Directories in trouble"
            lead="People may not be able to sign in there, or to get a WorkSpace."
            column="Directory"
            rows=connectors
        />
        <Troubles title="Offerings to look at" lead="AWS has changed what they are made from." column="Offering" rows=offerings />
        {(!paused.is_empty()).then(|| view! { <Launches title="Paused until somebody sees to it" launches=paused /> })}
        {(!failed.is_empty()).then(|| view! { <Failed failed /> })}
        <Invitations waiting=invitations />
        {(!running.is_empty()).then(|| view! { <Launches title="Under way" launches=running /> })}
        {(!drafts.is_empty()).then(|| view! { <Drafts drafts /> })}
        <Allowed act=Act::SeeDesktops>
            <Fleet fleet=fleet.clone() freshness=freshness.clone() />
        </Allowed>
    }
}

fn is_quiet(today: &Today) -> bool {
    today.running.is_empty()
        && today.paused.is_empty()
        && today.failed.is_empty()
        && today.connectors.is_empty()
        && today.offerings.is_empty()
        && today.drafts.is_empty()
        && today.invitations.held.is_none()
        && today.invitations.undecided_total + today.invitations.refused_total + today.invitations.never_opened == 0
}
