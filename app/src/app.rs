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
    budget::BudgetPage,
    directories::DirectoriesPage,
    invitations::InvitationsPage,
    launches::{self, CheckPage, DesktopPage, DirectoryPage, LaunchPage, LaunchesPage, NewLaunchPage},
    people::{PeoplePage, PersonPage},
    today::TodayPage,
    ui,
    workspaces::{WorkspacePage, WorkspacesPage},
};

/// All of Frontdesk but the welcome page, which is plain HTML.
///
/// Every route renders whole on the server ([`SsrMode::Async`]), so that each page works without JavaScript and carries its
/// true HTTP status.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    ui::Posts::provide();
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
                    <Route path=path!("/settings/api") view=BudgetPage ssr=SsrMode::Async />
                    <Route path=path!("/audit") view=AuditPage ssr=SsrMode::Async />
                    <Route path=path!("/people") view=PeoplePage ssr=SsrMode::Async />
                    <Route path=path!("/people/:guid") view=PersonPage ssr=SsrMode::Async />
                    <Route path=path!("/launches") view=LaunchesPage ssr=SsrMode::Async />
                    <Route path=path!("/launches/new") view=NewLaunchPage ssr=SsrMode::Async />
                    <Route path=path!("/launches/new/:draft/directory") view=DirectoryPage ssr=SsrMode::Async />
                    <Route path=path!("/launches/new/:draft/people") view=launches::PeoplePage ssr=SsrMode::Async />
                    <Route path=path!("/launches/new/:draft/list") view=launches::ListPage ssr=SsrMode::Async />
                    <Route path=path!("/launches/new/:draft/desktop") view=DesktopPage ssr=SsrMode::Async />
                    <Route path=path!("/launches/new/:draft/check") view=CheckPage ssr=SsrMode::Async />
                    <Route path=path!("/launches/:id") view=LaunchPage ssr=SsrMode::Async />
                    <Route path=path!("/workspaces") view=WorkspacesPage ssr=SsrMode::Async />
                    <Route path=path!("/workspaces/:id") view=WorkspacePage ssr=SsrMode::Async />
                    <Route path=path!("/invitations") view=InvitationsPage ssr=SsrMode::Async />
                    <Route path=path!("/directories") view=DirectoriesPage ssr=SsrMode::Async />
                </Routes>
            </ui::Frame>
        </Router>
    }
}
