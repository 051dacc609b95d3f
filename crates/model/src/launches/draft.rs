//! A launch being put together: the wizard's steps, what was typed there, and the check before the start.

use serde::{Deserialize, Serialize};

use crate::{
    BundleId, DirectoryId, DraftId, FieldError, LaunchId, Page, PersonGuid, Stamp,
    directories::Freeze,
    people,
    workspaces::{Bundle, Encryption, RunningMode, Tag, Volumes},
};

/// A draft of the actor's that was not launched yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftSummary {
    pub id: DraftId,
    pub directory_name: Option<String>,
    pub people: i64,
    pub changed: Stamp,
}

/// What came of adding people to a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    pub added: u32,
    /// Not eligible, or not found any more.
    pub refused: u32,
}

/// The wizard's steps, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Directory,
    People,
    Desktop,
    Check,
}

impl Step {
    pub const ALL: [Self; 4] = [Self::Directory, Self::People, Self::Desktop, Self::Check];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::People => "people",
            Self::Desktop => "desktop",
            Self::Check => "check",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Directory => "Directory",
            Self::People => "People",
            Self::Desktop => "Desktop",
            Self::Check => "Check",
        }
    }
}

/// A launch being put together: what was typed, right or wrong, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub id: DraftId,
    pub directory: Option<DirectoryId>,
    pub directory_name: Option<String>,
    /// How many people are on it.
    pub people: i64,
    pub desktop: DesktopForm,
    /// What the last save of the desktop step found.
    pub errors: Vec<FieldError>,
    /// The launch this draft became.
    pub launch: Option<LaunchId>,
    /// Another one after each change.
    pub version: i64,
}

impl Draft {
    /// The first step that is not complete; `Check` when all are.
    pub fn furthest(&self) -> Step {
        if self.directory.is_none() {
            Step::Directory
        } else if self.people == 0 {
            Step::People
        } else if self.desktop.bundle.is_empty() || !self.errors.is_empty() {
            Step::Desktop
        } else {
            Step::Check
        }
    }

    /// The step before which something was left out.
    pub fn may_open(&self, step: Step) -> bool {
        step <= self.furthest()
    }
}

/// A person in a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftPerson {
    pub guid: PersonGuid,
    pub account: String,
    pub name: String,
    pub mail: Option<String>,
    pub department: Option<String>,
    /// Another bundle than the default.
    pub bundle: Option<BundleId>,
    /// Beside the launch's; of the same key, the person's counts.
    pub tags: Vec<Tag>,
}

/// The desktop step exactly as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DesktopForm {
    pub bundle: String,
    /// `ALWAYS_ON` or `AUTO_STOP`.
    pub running_mode: String,
    pub auto_stop_hours: String,
    /// GiB; empty is the bundle's.
    pub root_gib: String,
    pub user_gib: String,
    pub encrypt_root: bool,
    pub encrypt_user: bool,
    /// ARN or alias; empty is AWS's own.
    pub encryption_key: String,
    /// Lines of `key=value`.
    pub tags: String,
}

/// The desktop step, right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desktop {
    pub bundle: BundleId,
    pub running_mode: RunningMode,
    pub volumes: Volumes,
    pub encryption: Encryption,
    pub tags: Vec<Tag>,
}

impl DesktopForm {
    /// # Errors
    /// All fields that are wrong, at once.
    pub fn parse(&self) -> Result<Desktop, Vec<FieldError>> {
        let mut fields = Vec::new();
        let mut keep = |error: crate::Error| match error {
            crate::Error::Invalid { fields: some } => fields.extend(some),
            other => fields.push(FieldError { field: "desktop".into(), message: other.to_string() }),
        };
        let bundle = self.bundle.parse().map_err(|_| keep(crate::Error::invalid("bundle", "Choose a bundle.")));
        let running_mode = RunningMode::parse(&self.running_mode, &self.auto_stop_hours).map_err(&mut keep);
        let volumes = Volumes::parse(&self.root_gib, &self.user_gib).map_err(&mut keep);
        let encryption = Encryption::parse(self.encrypt_root, self.encrypt_user, &self.encryption_key).map_err(&mut keep);
        let tags = Tag::parse_lines(&self.tags).map_err(&mut keep);
        match (bundle, running_mode, volumes, encryption, tags) {
            (Ok(bundle), Ok(running_mode), Ok(volumes), Ok(encryption), Ok(tags)) => {
                Ok(Desktop { bundle, running_mode, volumes, encryption, tags })
            }
            _ => Err(fields),
        }
    }
}

impl Desktop {
    /// The form that says the same.
    pub fn form(&self) -> DesktopForm {
        let size = |gib: Option<u32>| gib.map(|gib| gib.to_string()).unwrap_or_default();
        let hours = self.running_mode.auto_stop_minutes().map(|minutes| (minutes / 60).to_string());
        DesktopForm {
            bundle: self.bundle.to_string(),
            running_mode: self.running_mode.as_aws().to_owned(),
            auto_stop_hours: hours.unwrap_or_default(),
            root_gib: size(self.volumes.root_gib),
            user_gib: size(self.volumes.user_gib),
            encrypt_root: self.encryption.root,
            encrypt_user: self.encryption.user,
            encryption_key: self.encryption.key.clone().unwrap_or_default(),
            tags: self.tags.iter().map(|tag| format!("{}={}\n", tag.key, tag.value)).collect(),
        }
    }

    pub fn not_in_region() -> FieldError {
        let message = "This bundle is not in this Region. Choose one of the list.".to_owned();
        FieldError { field: "bundle".to_owned(), message }
    }

    /// Whether it can be made from these bundles, which are all that can be launched.
    ///
    /// # Errors
    /// What is wrong with the bundle or the volumes.
    pub fn fit(&self, bundles: &[Bundle]) -> Result<(), Vec<FieldError>> {
        let Some(bundle) = bundles.iter().find(|bundle| bundle.id == self.bundle) else {
            return Err(vec![Self::not_in_region()]);
        };
        match self.volumes.fit(bundle) {
            Err(crate::Error::Invalid { fields }) => Err(fields),
            _ => Ok(()),
        }
    }
}

/// What the check step shows: everything that will be sent, and what stands against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub draft: Draft,
    /// Names of the bundles in use, by id.
    pub bundles: Vec<(BundleId, String)>,
    /// How many people became ineligible since they were added, and the first of them.
    pub blocked: i64,
    pub obstacles: Vec<(DraftPerson, people::Obstacles)>,
    pub people: Page<DraftPerson>,
    pub running_mode: Option<RunningMode>,
    pub volumes: Volumes,
    pub encryption: Encryption,
    pub tags: Vec<Tag>,
    pub directory_problem: Option<String>,
    /// Volumes that one of the bundles can't have.
    pub desktop_problem: Option<String>,
    /// Why some of them may get no address. AWS decides, so it keeps nobody from launching.
    pub warning: Option<String>,
    /// What is launched waits for a change of DNS servers.
    pub freeze: Option<Freeze>,
}

impl Check {
    pub fn can_launch(&self) -> bool {
        self.blocked == 0
            && self.directory_problem.is_none()
            && self.desktop_problem.is_none()
            && self.draft.furthest() == Step::Check
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desktop_form_reports_every_wrong_field_at_once() {
        let form = DesktopForm {
            bundle: "x".into(),
            running_mode: "AUTO_STOP".into(),
            auto_stop_hours: "1.5".into(),
            root_gib: "much".into(),
            encryption_key: "mine".into(),
            tags: "=v".into(),
            ..DesktopForm::default()
        };
        let fields: Vec<_> = form.parse().unwrap_err().into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["bundle", "auto_stop_hours", "root_gib", "encryption_key", "tags"]);
    }

    #[test]
    fn a_desktop_and_its_form_say_the_same() {
        let form = DesktopForm {
            bundle: "wsb-100000100".into(),
            running_mode: "AUTO_STOP".into(),
            auto_stop_hours: "2".into(),
            root_gib: "175".into(),
            user_gib: "100".into(),
            encrypt_root: false,
            encrypt_user: true,
            encryption_key: "alias/desktops".into(),
            tags: "team=Sales\n".into(),
        };
        assert_eq!(form.parse().unwrap().form(), form);
    }

    #[test]
    fn steps_open_in_order() {
        let mut draft = Draft {
            id: DraftId(uuid::Uuid::nil()),
            directory: None,
            directory_name: None,
            people: 0,
            desktop: DesktopForm::default(),
            errors: vec![],
            launch: None,
            version: 0,
        };
        assert_eq!(draft.furthest(), Step::Directory);
        draft.directory = "d-906731a2b4".parse().ok();
        assert!(draft.may_open(Step::People) && !draft.may_open(Step::Desktop));
    }
}
