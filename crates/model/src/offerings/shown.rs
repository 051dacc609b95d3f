//! What pages show of offerings: all in words, made by the server.

use serde::{Deserialize, Serialize};

use super::{Draft, Flag, Offer, Picture, Price, PriceTag, State};
use crate::{DraftId, OfferingId, Stamp};

/// An offering as admins see it: its newest version, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offering {
    /// The newest version as managers see it.
    pub card: Card,
    pub state: State,
    pub directory_name: String,
    /// `Office-Desk · AutoStop after 1 hour`
    pub desktop: String,
    pub who: String,
    /// What is the matter with its bundle.
    pub flag: Option<Flag>,
    pub changed: Stamp,
    pub changed_by: String,
}

/// An offer as pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    pub offering: OfferingId,
    pub version: u32,
    pub name: String,
    pub description: String,
    pub picture: Picture,
    pub needs_approval: bool,
    pub most_per_manager: Option<u32>,
    pub price: Option<PriceTag>,
    pub why_not: Option<String>,
}

impl Offer {
    pub fn card(&self) -> Card {
        let version = &self.version;
        Card {
            offering: version.offering,
            version: version.version,
            name: version.name.clone(),
            description: version.description.clone(),
            picture: version.picture,
            needs_approval: version.needs_approval,
            most_per_manager: version.most_per_manager,
            price: self.price.as_ref().map(Price::tag),
            why_not: self.why_not.clone(),
        }
    }
}

/// A draft as managers would see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    pub draft: Draft,
    /// `None` while something is wrong with the draft.
    pub card: Option<Card>,
    pub facts: Vec<(String, String)>,
    /// What is different from the newest version; `None` for a new offering, and where nothing is.
    pub difference: Option<String>,
}

/// What the list of offerings shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    pub offerings: Vec<Offering>,
    /// One's own that were not published.
    pub drafts: Vec<DraftHead>,
}

/// A draft in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftHead {
    pub id: DraftId,
    /// As typed, so it may be empty.
    pub name: String,
    pub of: Option<OfferingId>,
    pub changed: Stamp,
}

/// One offering with its versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferingPage {
    pub offering: Offering,
    pub facts: Vec<(String, String)>,
    /// The newest first.
    pub versions: Vec<VersionRow>,
}

/// A version in the list of an offering's versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRow {
    pub version: u32,
    pub name: String,
    /// `Office-Desk · AutoStop after 1 hour`
    pub desktop: String,
    pub made: Stamp,
    pub made_by: String,
    /// What is different from the one before.
    pub change: String,
}
