//! What admins type about an offering, and what comes of it.

use serde::{Deserialize, Serialize};

use super::{MOST_HOURS, OfferingVersion, Picture, Seen, Who, asking_roles};
use crate::{
    DirectoryId, DraftId, FieldError, OfferingId,
    access::Role,
    launches::{Desktop, DesktopForm},
};

/// The form, exactly as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OfferingForm {
    pub name: String,
    pub description: String,
    pub picture: String,
    pub directory: String,
    pub desktop: DesktopForm,
    /// Whole hours a month; counts for AutoStop.
    pub hours: String,
    pub roles: Vec<String>,
    /// One a line.
    pub groups: String,
    pub departments: String,
    pub needs_approval: bool,
    /// Empty is no limit.
    pub most_per_manager: String,
}

/// An offering being made or changed: what was typed, right or wrong, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub id: DraftId,
    /// Which offering it changes, and the version that the change began with.
    pub of: Option<(OfferingId, u32)>,
    pub form: OfferingForm,
    pub errors: Vec<FieldError>,
    /// What it became.
    pub published: Option<OfferingId>,
    /// Another one after each change.
    pub seen: i64,
}

/// The form, right: a version that is not numbered yet, and did not look at its bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub name: String,
    pub description: String,
    pub picture: Picture,
    pub directory: DirectoryId,
    pub desktop: Desktop,
    pub hours: u32,
    pub who: Who,
    pub needs_approval: bool,
    pub most_per_manager: Option<u32>,
}

/// The longest name, in characters.
const LONGEST_NAME: usize = 60;
/// The longest description, in characters.
const LONGEST_DESCRIPTION: usize = 500;
/// Groups, and departments; and how long one may be: a distinguished name.
const MOST_NAMES: usize = 20;
const LONGEST_LINE: usize = 500;
/// The largest limit that makes sense.
const MOST_DESKTOPS: u32 = 10_000;
/// What a new form says of a month: four hours on each working day.
const USUAL_HOURS: &str = "80";

impl OfferingForm {
    /// What a new offering begins with.
    pub fn begin() -> Self {
        let desktop =
            DesktopForm { running_mode: "AUTO_STOP".to_owned(), auto_stop_hours: "1".to_owned(), ..DesktopForm::default() };
        Self {
            picture: Picture::default().as_str().to_owned(),
            desktop,
            hours: USUAL_HOURS.to_owned(),
            needs_approval: true,
            ..Self::default()
        }
    }

    /// Checks what can be checked without asking. That bundle, directory and groups are there, others have to tell.
    ///
    /// # Errors
    /// All fields that are wrong, at once.
    pub fn parse(&self) -> Result<Change, Vec<FieldError>> {
        let mut fields = Vec::new();
        let mut wrong =
            |field: &str, message: &str| fields.push(FieldError { field: field.to_owned(), message: message.to_owned() });
        let (name, description) = (self.name.trim(), self.description.trim());
        if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            wrong("name", "Give it a name of at most 60 characters that managers understand.");
        }
        if description.chars().count() > LONGEST_DESCRIPTION || description.chars().any(|c| c.is_control() && !c.is_whitespace())
        {
            wrong("description", "At most 500 characters.");
        }
        let picture = Picture::parse(&self.picture);
        if picture.is_none() {
            wrong("picture", "Choose one of the pictures.");
        }
        let directory = self.directory.parse().ok();
        if directory.is_none() {
            wrong("directory", "Choose a directory.");
        }
        let is_auto_stop = self.desktop.running_mode == "AUTO_STOP";
        let hours = if is_auto_stop { number(&self.hours, MOST_HOURS) } else { Some(0) };
        if hours.is_none() {
            wrong("hours", "Whole hours from 1 to 744, the longest month.");
        }
        let most_per_manager = Some(self.most_per_manager.trim()).filter(|typed| !typed.is_empty());
        let most_per_manager = most_per_manager.map(|typed| number(typed, MOST_DESKTOPS));
        if most_per_manager == Some(None) {
            wrong("most_per_manager", "A whole number from 1 to 10000, or nothing for no limit.");
        }
        let (groups, departments) = (lines(&self.groups), lines(&self.departments));
        for (field, names) in [("groups", &groups), ("departments", &departments)] {
            let unusable = |name: &String| name.chars().count() > LONGEST_LINE || name.chars().any(char::is_control);
            if names.len() > MOST_NAMES || names.iter().any(unusable) {
                wrong(field, "At most 20, one a line.");
            }
        }
        let roles = self.roles(&mut wrong);
        let desktop = self.desktop.parse().map_err(|errors| fields.extend(errors)).ok();
        match (picture, directory, hours, desktop) {
            (Some(picture), Some(directory), Some(hours), Some(desktop)) if fields.is_empty() => Ok(Change {
                name: name.to_owned(),
                description: description.replace("\r\n", "\n"),
                picture,
                directory,
                desktop,
                hours,
                who: Who { roles, groups, departments },
                needs_approval: self.needs_approval,
                most_per_manager: most_per_manager.flatten(),
            }),
            _ => Err(fields),
        }
    }

    fn roles(&self, wrong: &mut impl FnMut(&str, &str)) -> Vec<Role> {
        let known = |role: &&Role| self.roles.iter().any(|typed| typed == role.as_str());
        let roles: Vec<_> = asking_roles().iter().filter(known).copied().collect();
        if self.roles.iter().any(|typed| !roles.iter().any(|role| role.as_str() == typed)) {
            wrong("roles", "Only requester, helpdesk and admin may ask for desktops.");
        }
        roles
    }
}

fn number(typed: &str, most: u32) -> Option<u32> {
    typed.trim().parse().ok().filter(|number| (1..=most).contains(number))
}

/// Each name once, in the order in which they were typed.
fn lines(typed: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in typed.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if !found.iter().any(|known| known.to_lowercase() == line.to_lowercase()) {
            found.push(line.to_owned());
        }
    }
    found
}

impl Change {
    pub fn into_version(self, offering: OfferingId, version: u32, bundle: Seen) -> OfferingVersion {
        OfferingVersion {
            offering,
            version,
            name: self.name,
            description: self.description,
            picture: self.picture,
            directory: self.directory,
            desktop: self.desktop,
            bundle,
            hours: self.hours,
            who: self.who,
            needs_approval: self.needs_approval,
            most_per_manager: self.most_per_manager,
        }
    }
}

impl OfferingVersion {
    /// The form that says the same.
    pub fn form(&self) -> OfferingForm {
        OfferingForm {
            name: self.name.clone(),
            description: self.description.clone(),
            picture: self.picture.as_str().to_owned(),
            directory: self.directory.to_string(),
            desktop: self.desktop.form(),
            hours: if self.hours == 0 { USUAL_HOURS.to_owned() } else { self.hours.to_string() },
            roles: self.who.roles.iter().map(|role| role.as_str().to_owned()).collect(),
            groups: self.who.groups.join("\n"),
            departments: self.who.departments.join("\n"),
            needs_approval: self.needs_approval,
            most_per_manager: self.most_per_manager.map(|most| most.to_string()).unwrap_or_default(),
        }
    }

    /// What is different from the version before, in a few words; `None` if nothing is.
    pub fn difference(&self, before: &Self) -> Option<String> {
        let (desktop, was) = (&self.desktop, &before.desktop);
        let changed = [
            (self.name != before.name, "name"),
            (self.description != before.description, "description"),
            (self.picture != before.picture, "picture"),
            (self.directory != before.directory, "directory"),
            (desktop.bundle != was.bundle, "bundle"),
            (desktop.bundle == was.bundle && self.bundle != before.bundle, "bundle looked at anew"),
            (desktop.running_mode != was.running_mode, "running mode"),
            (desktop.volumes != was.volumes, "volumes"),
            (desktop.encryption != was.encryption, "encryption"),
            (desktop.tags != was.tags, "tags"),
            (self.hours != before.hours, "hours"),
            (self.who != before.who, "who may ask"),
            (self.needs_approval != before.needs_approval, "approval"),
            (self.most_per_manager != before.most_per_manager, "limit"),
        ];
        let words: Vec<_> = changed.into_iter().filter_map(|(differs, word)| differs.then_some(word)).collect();
        (!words.is_empty()).then(|| words.join(", "))
    }
}
