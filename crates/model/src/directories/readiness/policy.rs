//! What the IAM policy is to allow.

use serde::{Deserialize, Serialize};

/// What an installation uses beside launching and inviting, which every one does. As a form it holds a box that is ticked as
/// `true` and leaves out the others; without `chosen` nobody has chosen yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyChoice {
    pub chosen: bool,
    pub connect: bool,
    pub register: bool,
    pub encrypt: bool,
    pub act: bool,
    pub terminate: bool,
    pub take_down: bool,
    pub quota: bool,
    pub configuration_set: bool,
}

impl PolicyChoice {
    /// All of it.
    pub const EVERYTHING: Self = Self {
        chosen: true,
        connect: true,
        register: true,
        encrypt: true,
        act: true,
        terminate: true,
        take_down: true,
        quota: true,
        configuration_set: true,
    };

    /// Each box: its name, its words, what it allows, whether it is ticked.
    pub fn boxes(&self) -> [(&'static str, &'static str, &'static str, bool); 8] {
        [
            ("connect", "Set up AD Connectors", "create connectors, see how many more AWS allows", self.connect),
            (
                "register",
                "Register and set directories",
                "registration with WorkSpaces, settings, IP access groups",
                self.register,
            ),
            ("encrypt", "Encrypt volumes", "with AWS KMS, where a launch or an offering wants it", self.encrypt),
            ("act", "Act on WorkSpaces", "start, stop, reboot, maintenance", self.act),
            ("terminate", "Terminate WorkSpaces", "with all that is on them", self.terminate),
            ("take_down", "Take directories down", "terminate what is in them, deregister, delete", self.take_down),
            ("quota", "Read the quota of WorkSpaces", "or else an administrator enters it", self.quota),
            (
                "configuration_set",
                "Send with a configuration set",
                "where mail.configuration_set names one",
                self.configuration_set,
            ),
        ]
    }

    /// As an address has it.
    pub fn query(&self) -> Vec<(String, String)> {
        let ticked = self.boxes().into_iter().filter(|(.., ticked)| *ticked).map(|(name, ..)| name);
        self.chosen.then_some("chosen").into_iter().chain(ticked).map(|name| (name.to_owned(), "true".to_owned())).collect()
    }

    /// What an address says.
    pub fn from_query(is_true: impl Fn(&str) -> bool) -> Self {
        Self {
            chosen: is_true("chosen"),
            connect: is_true("connect"),
            register: is_true("register"),
            encrypt: is_true("encrypt"),
            act: is_true("act"),
            terminate: is_true("terminate"),
            take_down: is_true("take_down"),
            quota: is_true("quota"),
            configuration_set: is_true("configuration_set"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_what_is_chosen() {
        let some = PolicyChoice { terminate: false, quota: false, ..PolicyChoice::EVERYTHING };
        let query = some.query();
        assert_eq!(PolicyChoice::from_query(|name| query.iter().any(|(key, _)| key == name)), some);
        assert!(PolicyChoice::default().query().is_empty());
    }
}
