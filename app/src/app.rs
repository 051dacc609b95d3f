//! The routes, and the frame around every page.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

use crate::{
    access::{NotFoundPage, SessionsPage, SignInPage},
    audit::AuditPage,
    today::TodayPage,
    ui,
};

/// All of Frontdesk but the welcome page, which is plain HTML.
///
/// Every route renders whole on the server ([`SsrMode::Async`]), so that each page works without JavaScript and carries its
/// true HTTP status.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    ui::live::announce_hydration();
    ui::keys::listen();
    view! {
        <Title formatter=|title: String| format!("{title} · Frontdesk") />
        <Router>
            <ui::Frame>
                <Routes fallback=NotFoundPage>
                    <Route path=path!("/") view=TodayPage ssr=SsrMode::Async />
                    <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/sessions") view=SessionsPage ssr=SsrMode::Async />
                    <Route path=path!("/audit") view=AuditPage ssr=SsrMode::Async />
                </Routes>
            </ui::Frame>
        </Router>
    }
}
