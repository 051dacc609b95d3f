//! The routes, and the frame around every page.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

use crate::{
    access::{NotFoundPage, SignInPage},
    chunks::{
        self, Acting, Asking, Choosing, Connecting, CostCentres, Desktops, Directories, Dns, Endings, Later, Looking, Offerings,
        Overview, Requests, Ruling, Setting, Wanting, Wizard,
    },
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
    ui::Posts::provide();
    ui::live::announce_hydration();
    ui::keys::listen();
    chunks::load_ahead();
    view! {
        <Title formatter=|title: String| format!("{title} · Frontdesk") />
        <Router>
            <ui::Frame>
                <Routes fallback=NotFoundPage>
                    <Route path=path!("/") view=TodayPage ssr=SsrMode::Async />
                    <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/sessions") view=Later::Looking(Looking::Sessions) ssr=SsrMode::Async />
                    <Route path=path!("/settings/mail") view=Later::Looking(Looking::Mail) ssr=SsrMode::Async />
                    <Route path=path!("/settings/api") view=Later::Looking(Looking::Budget) ssr=SsrMode::Async />
                    <Route path=path!("/audit") view=Later::Looking(Looking::Record) ssr=SsrMode::Async />
                    <Route path=path!("/people") view=Later::People ssr=SsrMode::Async />
                    <Route path=path!("/people/:guid") view=Later::Person ssr=SsrMode::Async />
                    <Route path=path!("/launches") view=Later::Overview(Overview::Launches) ssr=SsrMode::Async />
                    <Route path=path!("/launches/new") view=Later::Wizard(Wizard::Start) ssr=SsrMode::Async />
                    <Route path=path!("/launches/new/:draft/directory") view=Later::Wizard(Wizard::Directory) ssr=SsrMode::Async />
                    <Route path=path!("/launches/new/:draft/people") view=Later::Gathering ssr=SsrMode::Async />
                    <Route path=path!("/launches/new/:draft/list") view=Later::Listing ssr=SsrMode::Async />
                    <Route path=path!("/launches/new/:draft/desktop") view=Later::Choosing(Choosing::Launch) ssr=SsrMode::Async />
                    <Route path=path!("/launches/new/:draft/check") view=Later::Wizard(Wizard::Check) ssr=SsrMode::Async />
                    <Route path=path!("/launches/:id") view=Later::Overview(Overview::Launch) ssr=SsrMode::Async />
                    <Route path=path!("/workspaces") view=Later::Desktops(Desktops::All) ssr=SsrMode::Async />
                    <Route path=path!("/workspaces/batches") view=Later::Acting(Acting::All) ssr=SsrMode::Async />
                    <Route path=path!("/workspaces/batches/:id") view=Later::Acting(Acting::One) ssr=SsrMode::Async />
                    <Route path=path!("/workspaces/act/:id") view=Later::Acting(Acting::Confirm) ssr=SsrMode::Async />
                    <Route path=path!("/workspaces/:id") view=Later::Desktops(Desktops::One) ssr=SsrMode::Async />
                    <Route path=path!("/invitations") view=Later::Desktops(Desktops::Invitations) ssr=SsrMode::Async />
                    <Route path=path!("/cost-centres") view=Later::CostCentres(CostCentres::All) ssr=SsrMode::Async />
                    <Route path=path!("/cost-centres/new") view=Later::CostCentres(CostCentres::New) ssr=SsrMode::Async />
                    <Route path=path!("/cost-centres/list") view=Later::CostCentres(CostCentres::List) ssr=SsrMode::Async />
                    <Route path=path!("/cost-centres/:id") view=Later::CostCentres(CostCentres::One) ssr=SsrMode::Async />
                    <Route path=path!("/directories") view=Later::Directories(Directories::All) ssr=SsrMode::Async />
                    <Route path=path!("/directories/new/:draft/network") view=Later::Connecting(Connecting::Network) ssr=SsrMode::Async />
                    <Route path=path!("/directories/new/:draft/directory") view=Later::Connecting(Connecting::Domain) ssr=SsrMode::Async />
                    <Route path=path!("/directories/new/:draft/preflight") view=Later::Connecting(Connecting::Preflight) ssr=SsrMode::Async />
                    <Route path=path!("/directories/new/:draft/check") view=Later::Connecting(Connecting::Create) ssr=SsrMode::Async />
                    <Route path=path!("/directories/readiness") view=Later::Readying ssr=SsrMode::Async />
                    <Route path=path!("/directories/ip-groups") view=Later::Setting(Setting::IpGroups) ssr=SsrMode::Async />
                    <Route path=path!("/directories/:id/register") view=Later::Setting(Setting::Register) ssr=SsrMode::Async />
                    <Route path=path!("/directories/:id/settings") view=Later::Setting(Setting::Directory) ssr=SsrMode::Async />
                    <Route path=path!("/directories/:id/take-down") view=Later::Ending ssr=SsrMode::Async />
                    <Route path=path!("/directories/:id/dns") view=Later::Dns(Dns::All) ssr=SsrMode::Async />
                    <Route path=path!("/directories/:id/dns/:change") view=Later::Changing ssr=SsrMode::Async />
                    <Route path=path!("/directories/:id/dns/:change/record") view=Later::Dns(Dns::Record) ssr=SsrMode::Async />
                    <Route path=path!("/offerings") view=Later::Offerings(Offerings::All) ssr=SsrMode::Async />
                    <Route path=path!("/offerings/draft/:draft") view=Later::Choosing(Choosing::Offering) ssr=SsrMode::Async />
                    <Route path=path!("/offerings/draft/:draft/preview") view=Later::Offerings(Offerings::Preview) ssr=SsrMode::Async />
                    <Route path=path!("/offerings/prices") view=Later::Offerings(Offerings::Prices) ssr=SsrMode::Async />
                    <Route path=path!("/offerings/prices/draft/:draft") view=Later::Offerings(Offerings::SheetDraft) ssr=SsrMode::Async />
                    <Route path=path!("/offerings/prices/:id") view=Later::Offerings(Offerings::Sheet) ssr=SsrMode::Async />
                    <Route path=path!("/offerings/:id") view=Later::Offerings(Offerings::One) ssr=SsrMode::Async />
                    <Route path=path!("/directories/:id") view=Later::Directories(Directories::One) ssr=SsrMode::Async />
                    <Route path=path!("/approvals") view=Later::Requests(Requests::Approvals) ssr=SsrMode::Async />
                    <Route path=path!("/approvals/absence") view=Later::Requests(Requests::Absence) ssr=SsrMode::Async />
                    <Route path=path!("/requests") view=Later::Requests(Requests::All) ssr=SsrMode::Async />
                    <Route path=path!("/requests/new") view=Later::Asking(Asking::Start) ssr=SsrMode::Async />
                    <Route path=path!("/requests/new/:id/people") view=Later::Asking(Asking::People) ssr=SsrMode::Async />
                    <Route path=path!("/requests/new/:id/desktop") view=Later::Wanting(Wanting::Desktop) ssr=SsrMode::Async />
                    <Route path=path!("/requests/new/:id/check") view=Later::Wanting(Wanting::Check) ssr=SsrMode::Async />
                    <Route path=path!("/requests/rules") view=Later::Ruling(Ruling::All) ssr=SsrMode::Async />
                    <Route path=path!("/requests/rules/:id") view=Later::Ruling(Ruling::One) ssr=SsrMode::Async />
                    <Route path=path!("/requests/numbers") view=Later::Requests(Requests::Numbers) ssr=SsrMode::Async />
                    <Route path=path!("/endings") view=Later::Endings(Endings::All) ssr=SsrMode::Async />
                    <Route path=path!("/endings/:id") view=Later::Endings(Endings::One) ssr=SsrMode::Async />
                    <Route path=path!("/requests/:id") view=Later::Requests(Requests::One) ssr=SsrMode::Async />
                </Routes>
            </ui::Frame>
        </Router>
    }
}
