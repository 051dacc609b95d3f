//! The start page.

use leptos::prelude::*;
use model::{access::Act, launches::Today, requests::Waiting};

use super::{
    api::today,
    parts::{Connectors, Drafts, Failed, Fleet, Invitations, Launches, Offerings, Requests},
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
        {(!connectors.is_empty()).then(|| view! { <Connectors connectors /> })}
        {(!offerings.is_empty()).then(|| view! { <Offerings offerings /> })}
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
