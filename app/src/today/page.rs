//! The start page.

use leptos::prelude::*;
use model::access::Act;

use super::{
    api::{TodayView, today},
    parts::Invitations,
};
use crate::ui::{Allowed, Icon, IconName, LinkButton, Look, Page, PageHeader, live, loaded, reading};

/// What waits for me, and the fleet at a glance.
#[component]
pub fn TodayPage() -> impl IntoView {
    let turn = live::every(15);
    let page = reading(move || turn.get(), |_| today());
    view! {
        <Page title="Today">
            {loaded(
                page,
                |TodayView { above, invitations, below }| {
                    view! {
                        <PageHeader title="Today">
                            <Allowed act=Act::Launch>
                                <LinkButton href="/launches/new" look=Look::Primary>
                                    <Icon name=IconName::Plus />
                                    "New launch"
                                </LinkButton>
                            </Allowed>
                        </PageHeader>
                        <div class="drawn" inner_html=above></div>
                        <Invitations waiting=invitations />
                        <div class="drawn" inner_html=below></div>
                    }
                },
            )}
        </Page>
    }
}
