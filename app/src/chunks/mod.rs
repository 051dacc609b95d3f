//! Pages whose code the browser loads when they are first asked for.
//!
//! `cargo xtask` cuts the browser's half into a main part and one chunk for each function below that is marked
//! `wasm_split`: everything that only its pages need. The server has all of them at hand. A page that opens with such a
//! route comes with its chunk announced (`site`); later ones are loaded as soon as a link to them is pointed at (`address`).

mod address;

use leptos::{
    prelude::*,
    wasm_split::{SplitLoaderError, wasm_split},
};
use leptos_router::{ChooseView, hooks::use_url};

pub use address::{Chunk, load_ahead};

use crate::{
    access::SessionsPage,
    audit::AuditPage,
    budget::BudgetPage,
    cost_centres::{CostCentreListPage, CostCentrePage, CostCentresPage, NewCostCentrePage},
    directories::{
        self, DirectoriesPage, DomainPage, IpGroupsPage, NetworkPage, PreflightPage, ReadinessPage, RegisterPage, SettingsPage,
        TakeDownPage,
    },
    endings::{EndingPage, EndingsPage},
    invitations::InvitationsPage,
    launches::{self, CheckPage, DesktopPage, DirectoryPage, LaunchPage, LaunchesPage, NewLaunchPage},
    notices::MailPage,
    offerings::{EditPage, OfferingPage, OfferingsPage, PreviewPage, PricesPage, SheetDraftPage, SheetPage},
    people::{PeoplePage, PersonPage},
    requests::{self, AbsencePage, ApprovalsPage, NewRequestPage, NumbersPage, RequestPage, RequestsPage, RulePage, RulesPage},
    workspaces::{BatchPage, BatchesPage, ConfirmPage, WorkspacePage, WorkspacesPage},
};

/// A route's view that stands in a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Later {
    Wizard(Wizard),
    Choosing(Choosing),
    Gathering,
    Listing,
    People,
    Person,
    Desktops(Desktops),
    Acting(Acting),
    Directories(Directories),
    Setting(Setting),
    Connecting(Connecting),
    Ending,
    Dns(Dns),
    Changing,
    Readying,
    Requests(Requests),
    Asking(Asking),
    Wanting(Wanting),
    Ruling(Ruling),
    Endings(Endings),
    Offerings(Offerings),
    CostCentres(CostCentres),
    Overview(Overview),
    Looking(Looking),
}

/// Beginning a launch, and looking at it before it starts; the steps between stand in chunks of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wizard {
    Start,
    Directory,
    Check,
}

/// Saying what a desktop is to be: for a launch, and for an offering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choosing {
    Launch,
    Offering,
}

/// WorkSpaces, and the mails about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Desktops {
    All,
    One,
    Invitations,
}

/// What is done to WorkSpaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acting {
    Confirm,
    All,
    One,
}

/// AD Connectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Directories {
    All,
    One,
}

/// What is set for AD Connectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    Register,
    Directory,
    IpGroups,
}

/// Setting an AD Connector up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connecting {
    Network,
    Domain,
    Preflight,
    Create,
}

/// Changes of an AD Connector's DNS servers; one that is under way stands in a chunk of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dns {
    All,
    Record,
}

/// What was asked for, and what waits for a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requests {
    All,
    One,
    Approvals,
    Absence,
    Numbers,
}

/// Desktops that are to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endings {
    All,
    One,
}

/// Asking for desktops: for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    Start,
    People,
}

/// Asking for desktops: which, and the last look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanting {
    Desktop,
    Check,
}

/// The rules that say who decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    All,
    One,
}

/// What may be asked for, and its prices; the form of an offering is in [`Choosing`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offerings {
    All,
    One,
    Preview,
    Prices,
    Sheet,
    SheetDraft,
}

/// Who pays for desktops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostCentres {
    All,
    New,
    List,
    One,
}

/// Launches, all and one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overview {
    Launches,
    Launch,
}

/// What was done, by whom, what it took, and who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looking {
    Record,
    Sessions,
    Budget,
    Mail,
}

#[wasm_split(wizard, wasm_split_path = ::leptos::wasm_split, preload(load_wizard), fallible)]
fn wizard(page: Wizard) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Wizard::Start => NewLaunchPage().into_any(),
        Wizard::Directory => DirectoryPage().into_any(),
        Wizard::Check => CheckPage().into_any(),
    })
}

#[wasm_split(choosing, wasm_split_path = ::leptos::wasm_split, preload(load_choosing), fallible)]
fn choosing(page: Choosing) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Choosing::Launch => DesktopPage().into_any(),
        Choosing::Offering => EditPage().into_any(),
    })
}

#[wasm_split(gathering, wasm_split_path = ::leptos::wasm_split, preload(load_gathering), fallible)]
fn gathering() -> Result<AnyView, SplitLoaderError> {
    Ok(launches::PeoplePage().into_any())
}

#[wasm_split(listing, wasm_split_path = ::leptos::wasm_split, preload(load_listing), fallible)]
fn listing() -> Result<AnyView, SplitLoaderError> {
    Ok(launches::ListPage().into_any())
}

#[wasm_split(people, wasm_split_path = ::leptos::wasm_split, preload(load_people), fallible)]
fn people() -> Result<AnyView, SplitLoaderError> {
    Ok(PeoplePage().into_any())
}

#[wasm_split(person, wasm_split_path = ::leptos::wasm_split, preload(load_person), fallible)]
fn person() -> Result<AnyView, SplitLoaderError> {
    Ok(PersonPage().into_any())
}

#[wasm_split(desktops, wasm_split_path = ::leptos::wasm_split, preload(load_desktops), fallible)]
fn desktops(page: Desktops) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Desktops::All => WorkspacesPage().into_any(),
        Desktops::One => WorkspacePage().into_any(),
        Desktops::Invitations => InvitationsPage().into_any(),
    })
}

#[wasm_split(acting, wasm_split_path = ::leptos::wasm_split, preload(load_acting), fallible)]
fn acting(page: Acting) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Acting::Confirm => ConfirmPage().into_any(),
        Acting::All => BatchesPage().into_any(),
        Acting::One => BatchPage().into_any(),
    })
}

#[wasm_split(directories, wasm_split_path = ::leptos::wasm_split, preload(load_directories), fallible)]
fn directories(page: Directories) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Directories::All => DirectoriesPage().into_any(),
        Directories::One => directories::DirectoryPage().into_any(),
    })
}

#[wasm_split(setting, wasm_split_path = ::leptos::wasm_split, preload(load_setting), fallible)]
fn setting(page: Setting) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Setting::Register => RegisterPage().into_any(),
        Setting::Directory => SettingsPage().into_any(),
        Setting::IpGroups => IpGroupsPage().into_any(),
    })
}

#[wasm_split(connecting, wasm_split_path = ::leptos::wasm_split, preload(load_connecting), fallible)]
fn connecting(page: Connecting) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Connecting::Network => NetworkPage().into_any(),
        Connecting::Domain => DomainPage().into_any(),
        Connecting::Preflight => PreflightPage().into_any(),
        Connecting::Create => directories::CreatePage().into_any(),
    })
}

#[wasm_split(readying, wasm_split_path = ::leptos::wasm_split, preload(load_readying), fallible)]
fn readying() -> Result<AnyView, SplitLoaderError> {
    Ok(ReadinessPage().into_any())
}

#[wasm_split(ending, wasm_split_path = ::leptos::wasm_split, preload(load_ending), fallible)]
fn ending() -> Result<AnyView, SplitLoaderError> {
    Ok(TakeDownPage().into_any())
}

#[wasm_split(dns, wasm_split_path = ::leptos::wasm_split, preload(load_dns), fallible)]
fn dns(page: Dns) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Dns::All => directories::DnsChangesPage().into_any(),
        Dns::Record => directories::DnsRecordPage().into_any(),
    })
}

#[wasm_split(changing, wasm_split_path = ::leptos::wasm_split, preload(load_changing), fallible)]
fn changing() -> Result<AnyView, SplitLoaderError> {
    Ok(directories::DnsChangePage().into_any())
}

#[wasm_split(requesting, wasm_split_path = ::leptos::wasm_split, preload(load_requesting), fallible)]
fn requesting(page: Requests) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Requests::All => RequestsPage().into_any(),
        Requests::One => RequestPage().into_any(),
        Requests::Approvals => ApprovalsPage().into_any(),
        Requests::Absence => AbsencePage().into_any(),
        Requests::Numbers => NumbersPage().into_any(),
    })
}

#[wasm_split(asking, wasm_split_path = ::leptos::wasm_split, preload(load_asking), fallible)]
fn asking(page: Asking) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Asking::Start => NewRequestPage().into_any(),
        Asking::People => requests::PeoplePage().into_any(),
    })
}

#[wasm_split(wanting, wasm_split_path = ::leptos::wasm_split, preload(load_wanting), fallible)]
fn wanting(page: Wanting) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Wanting::Desktop => requests::DesktopPage().into_any(),
        Wanting::Check => requests::CheckPage().into_any(),
    })
}

#[wasm_split(ruling, wasm_split_path = ::leptos::wasm_split, preload(load_ruling), fallible)]
fn ruling(page: Ruling) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Ruling::All => RulesPage().into_any(),
        Ruling::One => RulePage().into_any(),
    })
}

#[wasm_split(endings, wasm_split_path = ::leptos::wasm_split, preload(load_endings), fallible)]
fn endings(page: Endings) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Endings::All => EndingsPage().into_any(),
        Endings::One => EndingPage().into_any(),
    })
}

#[wasm_split(offerings, wasm_split_path = ::leptos::wasm_split, preload(load_offerings), fallible)]
fn offerings(page: Offerings) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Offerings::All => OfferingsPage().into_any(),
        Offerings::One => OfferingPage().into_any(),
        Offerings::Preview => PreviewPage().into_any(),
        Offerings::Prices => PricesPage().into_any(),
        Offerings::Sheet => SheetPage().into_any(),
        Offerings::SheetDraft => SheetDraftPage().into_any(),
    })
}

#[wasm_split(cost_centres, wasm_split_path = ::leptos::wasm_split, preload(load_cost_centres), fallible)]
fn cost_centres(page: CostCentres) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        CostCentres::All => CostCentresPage().into_any(),
        CostCentres::New => NewCostCentrePage().into_any(),
        CostCentres::List => CostCentreListPage().into_any(),
        CostCentres::One => CostCentrePage().into_any(),
    })
}

#[wasm_split(overview, wasm_split_path = ::leptos::wasm_split, preload(load_overview), fallible)]
fn overview(page: Overview) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Overview::Launches => LaunchesPage().into_any(),
        Overview::Launch => LaunchPage().into_any(),
    })
}

#[wasm_split(looking, wasm_split_path = ::leptos::wasm_split, preload(load_looking), fallible)]
fn looking(page: Looking) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Looking::Record => AuditPage().into_any(),
        Looking::Sessions => SessionsPage().into_any(),
        Looking::Budget => BudgetPage().into_any(),
        Looking::Mail => MailPage().into_any(),
    })
}

impl Later {
    fn chunk(self) -> Chunk {
        match self {
            Self::Wizard(_) => Chunk::Wizard,
            Self::Choosing(_) => Chunk::Choosing,
            Self::Gathering => Chunk::Gathering,
            Self::Listing => Chunk::Listing,
            Self::People => Chunk::People,
            Self::Person => Chunk::Person,
            Self::Desktops(_) => Chunk::Desktops,
            Self::Acting(_) => Chunk::Acting,
            Self::Directories(_) => Chunk::Directories,
            Self::Setting(_) => Chunk::Setting,
            Self::Connecting(_) => Chunk::Connecting,
            Self::Ending => Chunk::Ending,
            Self::Dns(_) => Chunk::Dns,
            Self::Changing => Chunk::Changing,
            Self::Readying => Chunk::Readying,
            Self::Requests(_) => Chunk::Requests,
            Self::Asking(_) => Chunk::Asking,
            Self::Wanting(_) => Chunk::Wanting,
            Self::Ruling(_) => Chunk::Ruling,
            Self::Endings(_) => Chunk::Endings,
            Self::Offerings(_) => Chunk::Offerings,
            Self::CostCentres(_) => Chunk::CostCentres,
            Self::Overview(_) => Chunk::Overview,
            Self::Looking(_) => Chunk::Looking,
        }
    }
}

impl ChooseView for Later {
    async fn choose(self) -> AnyView {
        let view = match self {
            Self::Wizard(page) => wizard(page).await,
            Self::Choosing(page) => choosing(page).await,
            Self::Gathering => gathering().await,
            Self::Listing => listing().await,
            Self::People => people().await,
            Self::Person => person().await,
            Self::Desktops(page) => desktops(page).await,
            Self::Acting(page) => acting(page).await,
            Self::Directories(page) => directories(page).await,
            Self::Setting(page) => setting(page).await,
            Self::Connecting(page) => connecting(page).await,
            Self::Ending => ending().await,
            Self::Dns(page) => dns(page).await,
            Self::Changing => changing().await,
            Self::Readying => readying().await,
            Self::Requests(page) => requesting(page).await,
            Self::Asking(page) => asking(page).await,
            Self::Wanting(page) => wanting(page).await,
            Self::Ruling(page) => ruling(page).await,
            Self::Endings(page) => endings(page).await,
            Self::Offerings(page) => offerings(page).await,
            Self::CostCentres(page) => cost_centres(page).await,
            Self::Overview(page) => overview(page).await,
            Self::Looking(page) => looking(page).await,
        };
        match view {
            Ok(view) => view,
            Err(_) => leave().await,
        }
    }

    async fn preload(&self) {
        if self.chunk().load().await.is_err() {
            leave().await
        }
    }
}

/// Has the browser load the page that the router was about to show: the server has its chunk no more, because Frontdesk was
/// replaced since this tab was opened, or can't be reached. What comes then is the new Frontdesk, or the browser's own words.
async fn leave<T>() -> T {
    let address = use_url().with_untracked(|url| {
        let mark = if url.search().is_empty() { "" } else { "?" };
        format!("{}{mark}{}{}", url.path(), url.search(), url.hash())
    });
    drop(window().location().assign(&address));
    std::future::pending().await
}
