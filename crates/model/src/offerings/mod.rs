//! What may be asked for, in people's words. An offering has versions that never change: a running request keeps the one it asked
//! for. `form` is what admins type, `shown` what pages show, `price` what a desktop costs, `sheet` what prices are read from.

mod form;
mod price;
mod sheet;
mod shown;

use serde::{Deserialize, Serialize};

pub use self::{
    form::{Change, Draft, OfferingForm},
    price::{AutoStop, Hourly, Line, MOST_HOURS, Price, PriceTag, Sheet, Wanted, date},
    sheet::{LineRow, MOST_LINES, SheetDraft, SheetForm, SheetHead, SheetPage, Standing, Terms},
    shown::{Card, DraftHead, Offering, OfferingPage, Overview, Preview, VersionRow},
};
use crate::{
    DirectoryId, OfferingId,
    access::{Act, Role},
    launches::Desktop,
    workspaces::Bundle,
};

/// Whether an offering is there to be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Open,
    Closed,
}

impl State {
    /// As the database writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        [Self::Open, Self::Closed].into_iter().find(|state| state.as_str() == text)
    }
}

/// One version of an offering; it never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferingVersion {
    pub offering: OfferingId,
    /// 1, 2, …
    pub version: u32,
    pub name: String,
    pub description: String,
    pub picture: Picture,
    pub directory: DirectoryId,
    pub desktop: Desktop,
    /// The bundle as it was when the version was made.
    pub bundle: Seen,
    /// Expected in a month; 0 for AlwaysOn, whose price has no hours.
    pub hours: u32,
    pub who: Who,
    pub needs_approval: bool,
    /// Most desktops of it that one manager may have asked for; `None` is no limit.
    pub most_per_manager: Option<u32>,
}

/// What a version saw of its bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub name: String,
    /// As AWS writes it: `STANDARD`, …
    pub compute: String,
    pub root_gib: Option<i32>,
    pub user_gib: Option<i32>,
}

impl From<&Bundle> for Seen {
    fn from(bundle: &Bundle) -> Self {
        Self { name: bundle.name.clone(), compute: bundle.compute.clone(), root_gib: bundle.root_gib, user_gib: bundle.user_gib }
    }
}

impl Seen {
    /// `STANDARD, 80 GB + 50 GB`
    pub fn sizes(&self) -> String {
        match (self.root_gib, self.user_gib) {
            (Some(root), Some(user)) => format!("{}, {root} GB + {user} GB", self.compute),
            _ => self.compute.clone(),
        }
    }
}

/// A picture that stands beside an offering.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Picture {
    #[default]
    Desktop,
    Code,
    Phone,
    Paper,
    Gauge,
    People,
}

impl Picture {
    pub const ALL: [Self; 6] = [Self::Desktop, Self::Code, Self::Phone, Self::Paper, Self::Gauge, Self::People];

    /// As forms and the database write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Code => "code",
            Self::Phone => "phone",
            Self::Paper => "paper",
            Self::Gauge => "gauge",
            Self::People => "people",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|picture| picture.as_str() == text)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Desktop => "Screen",
            Self::Code => "Brackets",
            Self::Phone => "Phone",
            Self::Paper => "Paper",
            Self::Gauge => "Gauge",
            Self::People => "People",
        }
    }
}

/// Who may ask for an offering: whoever fits one of these. All empty: everybody who may ask at all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    pub roles: Vec<Role>,
    /// As Active Directory writes them: common names or distinguished names.
    pub groups: Vec<String>,
    /// As Active Directory's `department` has them; compared without case.
    pub departments: Vec<String>,
}

impl Who {
    pub fn everybody(&self) -> bool {
        self.roles.is_empty() && self.groups.is_empty() && self.departments.is_empty()
    }

    /// Whether Active Directory has to be asked to know.
    pub fn needs_directory(&self) -> bool {
        !self.groups.is_empty() || !self.departments.is_empty()
    }

    /// Whether somebody with these roles, of these groups (each by both of its names) and this department fits.
    pub fn takes(&self, roles: &[Role], groups: &[String], department: Option<&str>) -> bool {
        let same = |one: &str, other: &str| one.trim().to_lowercase() == other.trim().to_lowercase();
        self.everybody()
            || self.roles.iter().any(|role| roles.contains(role))
            || self.groups.iter().any(|wanted| groups.iter().any(|group| same(wanted, group)))
            || department.is_some_and(|department| self.departments.iter().any(|wanted| same(wanted, department)))
    }

    /// `Everybody who may ask`, or who.
    pub fn sentence(&self) -> String {
        if self.everybody() {
            return "Everybody who may ask".to_owned();
        }
        let mut parts: Vec<String> = self.roles.iter().map(|role| format!("role {}", role.as_str())).collect();
        parts.extend(self.groups.iter().map(|group| format!("group {group}")));
        parts.extend(self.departments.iter().map(|department| format!("department {department}")));
        let mut sentence = parts.join(" or ");
        if let Some(first) = sentence.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        sentence
    }
}

/// The roles that may ask for desktops at all.
pub fn asking_roles() -> &'static [Role] {
    Act::Ask.roles()
}

/// Why an offering can't be asked for until an admin has looked at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// AWS shows its bundle no more.
    Vanished,
    /// Its bundle is not what the version saw.
    Changed { was: Seen, is: Seen },
}

impl Flag {
    /// What is the matter with a version, by the bundles that can be launched now.
    pub fn of(version: &OfferingVersion, bundles: &[Bundle]) -> Option<Self> {
        let Some(bundle) = bundles.iter().find(|bundle| bundle.id == version.desktop.bundle) else { return Some(Self::Vanished) };
        let (was, is) = (&version.bundle, Seen::from(bundle));
        let same = (&was.compute, was.root_gib, was.user_gib) == (&is.compute, is.root_gib, is.user_gib);
        (!same).then(|| Self::Changed { was: was.clone(), is })
    }

    pub fn label(&self) -> &'static str {
        match self {
            Self::Vanished => "Bundle gone",
            Self::Changed { .. } => "Bundle changed",
        }
    }

    /// What happened, and what an admin does about it.
    pub fn sentence(&self) -> String {
        match self {
            Self::Vanished => {
                "AWS shows its bundle no more, so nobody can ask for it. Choose another bundle, or close the offering.".to_owned()
            }
            Self::Changed { was, is } => format!(
                "Its bundle was {} and is {} now, so nobody can ask for it. Look at it again and publish it anew, or close it.",
                was.sizes(),
                is.sizes()
            ),
        }
    }
}

/// An offering with trouble, for the start page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flagged {
    pub offering: OfferingId,
    pub name: String,
    /// The flag's label and its sentence.
    pub state: String,
    pub what_to_do: String,
}

/// A version of an offering with what it costs today, for those who ask and decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub version: OfferingVersion,
    /// `None`: not known.
    pub price: Option<Price>,
    /// Why it can't be asked for now, for people who are no admins.
    pub why_not: Option<String>,
}

impl OfferingVersion {
    /// What a price is asked with; `None` where the sizes of its bundle are not known.
    pub fn wanted(&self) -> Option<Wanted<'_>> {
        let size = |chosen: Option<u32>, own: Option<i32>| chosen.or_else(|| u32::try_from(own?).ok());
        let volumes = self.desktop.volumes;
        Some(Wanted {
            compute: &self.bundle.compute,
            root_gib: size(volumes.root_gib, self.bundle.root_gib)?,
            user_gib: size(volumes.user_gib, self.bundle.user_gib)?,
            running_mode: self.desktop.running_mode,
            hours: self.hours,
        })
    }

    /// All that it says, name by name, but for what its card shows.
    pub fn facts(&self, directory_name: &str) -> Vec<(String, String)> {
        let desktop = &self.desktop;
        let size = |gib: Option<u32>, own: Option<i32>| match (gib, own) {
            (Some(gib), _) => format!("{gib} GB"),
            (None, Some(own)) => format!("{own} GB, as in the bundle"),
            (None, None) => "as in the bundle".to_owned(),
        };
        let tags = desktop.tags.iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect::<Vec<_>>().join(", ");
        let limit = self.most_per_manager.map_or_else(|| "none".to_owned(), |most| format!("{most} desktops for each manager"));
        let mut facts = vec![
            ("Directory", directory_name.to_owned()),
            ("Bundle", format!("{} ({})", self.bundle.name, self.bundle.sizes())),
            ("Running mode", desktop.running_mode.to_string()),
            ("Root volume", size(desktop.volumes.root_gib, self.bundle.root_gib)),
            ("User volume", size(desktop.volumes.user_gib, self.bundle.user_gib)),
            ("Encryption", desktop.encryption.to_string()),
        ];
        if self.hours > 0 {
            facts.push(("Expected hours", format!("{} a month", self.hours)));
        }
        if !tags.is_empty() {
            facts.push(("Tags", tags));
        }
        facts.push(("Who may ask", self.who.sentence()));
        facts.push(("Limit", limit));
        facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// `Office-Desk · AutoStop after 1 hour`
    pub fn in_short(&self) -> String {
        format!("{} \u{b7} {}", self.bundle.name, self.desktop.running_mode)
    }
}

#[cfg(test)]
mod tests;
