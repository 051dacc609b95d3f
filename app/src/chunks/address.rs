//! Which chunk an address needs, and loading it before somebody goes there.

use leptos::{ev, prelude::*, task::spawn_local, wasm_bindgen::JsCast, wasm_split::SplitLoaderError};
use web_sys::{Element, Event};

use super::{
    load_acting, load_asking, load_changing, load_choosing, load_connecting, load_cost_centres, load_desktops, load_directories,
    load_dns, load_ending, load_endings, load_gathering, load_listing, load_looking, load_offerings, load_overview, load_people,
    load_person, load_readying, load_requesting, load_ruling, load_setting, load_wanting, load_wizard,
};

/// A part of the browser's half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunk {
    Wizard,
    Choosing,
    Gathering,
    Listing,
    People,
    Person,
    Desktops,
    Acting,
    Directories,
    Setting,
    Connecting,
    Ending,
    Dns,
    Changing,
    Readying,
    Requests,
    Asking,
    Wanting,
    Ruling,
    Endings,
    Offerings,
    CostCentres,
    Overview,
    Looking,
}

impl Chunk {
    /// Where the page behind an address stands; `None` for pages of the main part.
    pub fn at(address: &str) -> Option<Self> {
        let path = address.split(['?', '#']).next()?;
        let mut steps = path.trim_matches('/').split('/');
        match (steps.next()?, steps.next()) {
            ("launches", Some("new")) => match steps.nth(1) {
                Some("people") => Some(Self::Gathering),
                Some("list") => Some(Self::Listing),
                Some("desktop") => Some(Self::Choosing),
                _ => Some(Self::Wizard),
            },
            ("people", Some(_)) => Some(Self::Person),
            ("people", None) => Some(Self::People),
            ("workspaces", Some("act" | "batches")) => Some(Self::Acting),
            ("workspaces" | "invitations", _) => Some(Self::Desktops),
            ("directories", Some("new")) => Some(Self::Connecting),
            ("directories", Some("ip-groups")) => Some(Self::Setting),
            ("directories", Some("readiness")) => Some(Self::Readying),
            ("directories", _) => match steps.next() {
                Some("register" | "settings") => Some(Self::Setting),
                Some("take-down") => Some(Self::Ending),
                Some("dns") if steps.next().is_some() && steps.next().is_none() => Some(Self::Changing),
                Some("dns") => Some(Self::Dns),
                _ => Some(Self::Directories),
            },
            ("requests", Some("new")) => match steps.nth(1) {
                Some("desktop" | "check") => Some(Self::Wanting),
                _ => Some(Self::Asking),
            },
            ("requests", Some("rules")) => Some(Self::Ruling),
            ("requests" | "approvals", _) => Some(Self::Requests),
            ("endings", _) => Some(Self::Endings),
            ("offerings", Some("draft")) if steps.nth(1).is_none() => Some(Self::Choosing),
            ("offerings", _) => Some(Self::Offerings),
            ("cost-centres", _) => Some(Self::CostCentres),
            ("launches", _) => Some(Self::Overview),
            ("audit" | "settings", _) => Some(Self::Looking),
            _ => None,
        }
    }

    /// Loads it, unless it is there.
    ///
    /// # Errors
    /// It could not be loaded; the console says why.
    pub async fn load(self) -> Result<(), SplitLoaderError> {
        match self {
            Self::Wizard => load_wizard().await,
            Self::Choosing => load_choosing().await,
            Self::Gathering => load_gathering().await,
            Self::Listing => load_listing().await,
            Self::People => load_people().await,
            Self::Person => load_person().await,
            Self::Desktops => load_desktops().await,
            Self::Acting => load_acting().await,
            Self::Directories => load_directories().await,
            Self::Setting => load_setting().await,
            Self::Connecting => load_connecting().await,
            Self::Ending => load_ending().await,
            Self::Dns => load_dns().await,
            Self::Changing => load_changing().await,
            Self::Readying => load_readying().await,
            Self::Requests => load_requesting().await,
            Self::Asking => load_asking().await,
            Self::Wanting => load_wanting().await,
            Self::Ruling => load_ruling().await,
            Self::Endings => load_endings().await,
            Self::Offerings => load_offerings().await,
            Self::CostCentres => load_cost_centres().await,
            Self::Overview => load_overview().await,
            Self::Looking => load_looking().await,
        }
    }

    /// As the list of chunks calls it.
    #[cfg(feature = "ssr")]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wizard => "wizard",
            Self::Choosing => "choosing",
            Self::Gathering => "gathering",
            Self::Listing => "listing",
            Self::People => "people",
            Self::Person => "person",
            Self::Desktops => "desktops",
            Self::Acting => "acting",
            Self::Directories => "directories",
            Self::Setting => "setting",
            Self::Connecting => "connecting",
            Self::Ending => "ending",
            Self::Dns => "dns",
            Self::Changing => "changing",
            Self::Readying => "readying",
            Self::Requests => "requesting",
            Self::Asking => "asking",
            Self::Wanting => "wanting",
            Self::Ruling => "ruling",
            Self::Endings => "endings",
            Self::Offerings => "offerings",
            Self::CostCentres => "cost_centres",
            Self::Overview => "overview",
            Self::Looking => "looking",
        }
    }
}

/// Loads chunks as soon as a link to one of their pages is pointed at, touched or focused.
pub fn load_ahead() {
    Effect::new(|_| {
        let pointed = window_event_listener(ev::pointerover, |event| {
            meant(&event);
        });
        let focused = window_event_listener(ev::focusin, |event| {
            meant(&event);
        });
        on_cleanup(move || {
            pointed.remove();
            focused.remove();
        });
    });
}

/// `None` where there is nothing to load.
fn meant(event: &Event) -> Option<()> {
    let link = event.target()?.dyn_into::<Element>().ok()?.closest("a[href^='/']").ok()??;
    let chunk = Chunk::at(&link.get_attribute("href")?)?;
    spawn_local(async move { drop(chunk.load().await) });
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_tells_its_chunk() {
        assert_eq!(Chunk::at("/"), None);
        assert_eq!(Chunk::at("/sign-in?to=/people"), None);
        assert_eq!(Chunk::at("/launches?status=done"), Some(Chunk::Overview));
        assert_eq!(Chunk::at("/launches/01a21116"), Some(Chunk::Overview));
        assert_eq!(Chunk::at("/launches/new"), Some(Chunk::Wizard));
        assert_eq!(Chunk::at("/launches/new/01a21116/directory"), Some(Chunk::Wizard));
        assert_eq!(Chunk::at("/launches/new/01a21116/desktop"), Some(Chunk::Choosing));
        assert_eq!(Chunk::at("/launches/new/01a21116/check"), Some(Chunk::Wizard));
        assert_eq!(Chunk::at("/launches/new/01a21116/list"), Some(Chunk::Listing));
        assert_eq!(Chunk::at("/launches/new/01a21116/people?q=kim#main"), Some(Chunk::Gathering));
        assert_eq!(Chunk::at("/people/"), Some(Chunk::People));
        assert_eq!(Chunk::at("/workspaces/ws-500000007"), Some(Chunk::Desktops));
        assert_eq!(Chunk::at("/workspaces/act/01a21116"), Some(Chunk::Acting));
        assert_eq!(Chunk::at("/workspaces/batches"), Some(Chunk::Acting));
        assert_eq!(Chunk::at("/directories/d-906731a2b4"), Some(Chunk::Directories));
        assert_eq!(Chunk::at("/directories/d-906731a2b4/settings"), Some(Chunk::Setting));
        assert_eq!(Chunk::at("/directories/d-906731a2b4/take-down"), Some(Chunk::Ending));
        assert_eq!(Chunk::at("/directories/d-906731a2b4/dns"), Some(Chunk::Dns));
        assert_eq!(Chunk::at("/directories/d-906731a2b4/dns/01a21116?state=open"), Some(Chunk::Changing));
        assert_eq!(Chunk::at("/directories/d-906731a2b4/dns/01a21116/record"), Some(Chunk::Dns));
        assert_eq!(Chunk::at("/directories/ip-groups"), Some(Chunk::Setting));
        assert_eq!(Chunk::at("/directories/readiness?chosen=true"), Some(Chunk::Readying));
        assert_eq!(Chunk::at("/directories/new/01a21116/network"), Some(Chunk::Connecting));
        assert_eq!(Chunk::at("/requests?state=waiting"), Some(Chunk::Requests));
        assert_eq!(Chunk::at("/requests/01a21116"), Some(Chunk::Requests));
        assert_eq!(Chunk::at("/requests/numbers"), Some(Chunk::Requests));
        assert_eq!(Chunk::at("/approvals"), Some(Chunk::Requests));
        assert_eq!(Chunk::at("/requests/new/01a21116/people"), Some(Chunk::Asking));
        assert_eq!(Chunk::at("/requests/new/01a21116/check"), Some(Chunk::Wanting));
        assert_eq!(Chunk::at("/requests/rules/01a21116"), Some(Chunk::Ruling));
        assert_eq!(Chunk::at("/endings/01a21116"), Some(Chunk::Endings));
        assert_eq!(Chunk::at("/offerings"), Some(Chunk::Offerings));
        assert_eq!(Chunk::at("/offerings/draft/01a21116?bundle_q=power"), Some(Chunk::Choosing));
        assert_eq!(Chunk::at("/offerings/draft/01a21116/preview"), Some(Chunk::Offerings));
        assert_eq!(Chunk::at("/offerings/prices/draft/01a21116"), Some(Chunk::Offerings));
        assert_eq!(Chunk::at("/cost-centres/new"), Some(Chunk::CostCentres));
        assert_eq!(Chunk::at("/settings/sessions"), Some(Chunk::Looking));
    }
}
