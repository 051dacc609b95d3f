//! What can be the matter with a directory, and what to do about it.

use serde::{Deserialize, Serialize};

use super::{Addresses, Directory, stage_gloss};
use crate::DirectoryId;

/// A directory that somebody has to see to, as the start page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    pub id: DirectoryId,
    pub name: String,
    /// The stage, the registration's state, or how many addresses are free.
    pub state: String,
    pub what_to_do: String,
}

/// Something that is the matter with a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concern {
    pub kind: TroubleKind,
    /// The stage, the registration's state, or how many addresses are free.
    pub state: String,
    pub what_to_do: String,
}

/// What a trouble is about. A directory has one of each at most. The database's check constraint lists the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Matter {
    /// The connector itself.
    Connector,
    /// Its registration with WorkSpaces.
    Registration,
    /// AWS is about to end the registration.
    Deregistration,
    /// The free addresses of its subnets.
    Addresses,
}

impl Matter {
    pub const ALL: [Self; 4] = [Self::Connector, Self::Registration, Self::Deregistration, Self::Addresses];

    /// As the database writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connector => "connector",
            Self::Registration => "registration",
            Self::Deregistration => "deregistration",
            Self::Addresses => "addresses",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|matter| matter.as_str() == text)
    }

    /// What is said when it is over.
    pub fn over(self) -> &'static str {
        match self {
            Self::Connector => "works again",
            Self::Registration => "is registered with WorkSpaces",
            Self::Deregistration => "has WorkSpaces again; AWS keeps it registered",
            Self::Addresses => "has enough free addresses again",
        }
    }
}

/// What the trouble is, of one matter from what is bearable to what is worst. The database's check constraint lists the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TroubleKind {
    /// AWS sees part of it fail.
    Impaired,
    /// It does not work.
    Inoperable,
    /// The domain does not take the connector's account: most often its password was changed in Active Directory alone.
    Account,
    /// It could not be made.
    Failed,
    /// WorkSpaces could not register it.
    Registration,
    /// AWS deregisters it within [`super::Deregistration::SOON_DAYS`].
    Deregistration,
    /// Fewer addresses are free than [`Addresses::FEW`].
    FewAddresses,
    /// Launches that were started want more addresses than are free.
    NoAddresses,
}

impl TroubleKind {
    pub const ALL: [Self; 8] = [
        Self::Impaired,
        Self::Inoperable,
        Self::Account,
        Self::Failed,
        Self::Registration,
        Self::Deregistration,
        Self::FewAddresses,
        Self::NoAddresses,
    ];

    /// As the database writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Impaired => "impaired",
            Self::Inoperable => "inoperable",
            Self::Account => "account",
            Self::Failed => "failed",
            Self::Registration => "registration",
            Self::Deregistration => "deregistration",
            Self::FewAddresses => "few_addresses",
            Self::NoAddresses => "no_addresses",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    pub fn matter(self) -> Matter {
        match self {
            Self::Impaired | Self::Inoperable | Self::Account | Self::Failed => Matter::Connector,
            Self::Registration => Matter::Registration,
            Self::Deregistration => Matter::Deregistration,
            Self::FewAddresses | Self::NoAddresses => Matter::Addresses,
        }
    }

    /// What is said of a directory that has it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Impaired => "the connector has trouble",
            Self::Inoperable => "the connector does not work",
            Self::Account => "the domain refuses the connector\u{2019}s account",
            Self::Failed => "AWS could not make the connector",
            Self::Registration => "WorkSpaces could not register it",
            Self::Deregistration => "AWS will deregister it soon",
            Self::FewAddresses => "few addresses are free",
            Self::NoAddresses => "launches want more addresses than are free",
        }
    }

    /// What it means for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Impaired => "Some people may not be able to sign in to their WorkSpaces, and nobody can be launched.",
            Self::Inoperable | Self::Account => "Nobody can sign in to a WorkSpace of it, and nobody can be launched.",
            Self::Failed | Self::Registration => "Nobody can be launched in it.",
            Self::Deregistration => "Its registration code ends then, and a new registration has another one.",
            Self::FewAddresses => "Each WorkSpace takes one, and a subnet can\u{2019}t be made larger.",
            Self::NoAddresses => "AWS lets a WorkSpace for which there is no address end in ERROR.",
        }
    }

    /// How long it has to last before somebody is mailed, in minutes: AWS's own maintenance makes connectors Impaired for up to 40
    /// (Directory Service Admin Guide, `ad_connector_directory_status`).
    pub fn patience_minutes(self) -> i64 {
        if self == Self::Impaired { 40 } else { 0 }
    }
}

/// What a reason that AWS gives for a stage is about. Only parts of AWS's texts are documented (Directory Service Admin Guide,
/// `ad_connector_troubleshooting`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageReason {
    DnsAway,
    /// The DNS server does not know the domain's controllers.
    NoRecords,
    ControllersAway,
    /// The account's name, its password or its state.
    Account,
    Zone,
    Other,
}

impl StageReason {
    pub fn read(text: &str) -> Self {
        let text = text.to_lowercase();
        let has = |part: &str| text.contains(part);
        if has("dns unavailable") {
            Self::DnsAway
        } else if has("srv record for ldap") || has("srv record for kerberos") {
            Self::NoRecords
        } else if has("ldap unavailable") || has("kerberos/authentication unavailable") || has("connectivity issues") {
            Self::ControllersAway
        } else if has("credential") || has("password") || has("authenticat") || has("username") || has("user name") {
            Self::Account
        } else if has("constrained") || has("availability zone") {
            Self::Zone
        } else {
            Self::Other
        }
    }

    /// What it comes to, and what to do. AWS's whole text stands beside it.
    pub fn cure(self) -> &'static str {
        match self {
            Self::DnsAway => {
                "A DNS server does not answer AWS. Check its address, and that both subnets reach it on TCP and UDP port 53."
            }
            Self::NoRecords => {
                "The DNS server does not know the domain's controllers. Give the address of a DNS server of the domain itself."
            }
            Self::ControllersAway => {
                "AWS does not reach the domain controllers. Open TCP and UDP ports 53, 88 and 389 from both subnets, and check VPN or Direct Connect."
            }
            Self::Account => {
                "The domain does not take the account. Check its name and password, and that it is not disabled or expired. If its password was changed in Active Directory, give AWS the new one too."
            }
            Self::Zone => "AWS can't put a connector into one of the zones. Choose a subnet in another zone.",
            Self::Other => "The AWS console may say more, under Directory Service.",
        }
    }
}

impl Directory {
    /// What somebody has to see to, the connector's own trouble first; nothing while all is well, or while it is taken down. `addresses` are those of its
    /// subnets, if they are known.
    pub fn concerns(&self, addresses: Option<&Addresses>) -> Vec<Concern> {
        if self.taken_down {
            return Vec::new();
        }
        let all = [self.connector_trouble(), self.registration_trouble(), self.deregistration_trouble()];
        let addresses = addresses.filter(|_| self.is_registered()).and_then(Addresses::concern);
        all.into_iter().flatten().chain(addresses).collect()
    }

    /// The same as the start page shows it.
    pub fn troubles(&self, addresses: Option<&Addresses>) -> Vec<Trouble> {
        let told = |concern: Concern| Trouble {
            id: self.id.clone(),
            name: self.name.clone(),
            state: concern.state,
            what_to_do: concern.what_to_do,
        };
        self.concerns(addresses).into_iter().map(told).collect()
    }

    fn connector_trouble(&self) -> Option<Concern> {
        let reason = self.stage_reason.as_deref().map(StageReason::read);
        let kind = match self.stage.as_str() {
            "Failed" => TroubleKind::Failed,
            "Active" | "Updating" | "Impaired" | "Inoperable" if reason == Some(StageReason::Account) => TroubleKind::Account,
            "Inoperable" => TroubleKind::Inoperable,
            "Impaired" => TroubleKind::Impaired,
            _ => return None,
        };
        let what_to_do = reason.map_or_else(|| stage_gloss(&self.stage), StageReason::cure).to_owned();
        Some(Concern { kind, state: self.stage.clone(), what_to_do })
    }

    fn registration_trouble(&self) -> Option<Concern> {
        let state = self.registration.clone().filter(|state| state == "ERROR")?;
        let why = self.registration_error.as_deref().unwrap_or("AWS gave no reason.");
        let what_to_do = format!("WorkSpaces could not register it: {why}");
        Some(Concern { kind: TroubleKind::Registration, state, what_to_do })
    }

    fn deregistration_trouble(&self) -> Option<Concern> {
        let deregistration = self.deregistration.as_ref().filter(|deregistration| deregistration.soon)?;
        let what_to_do = format!(
            "It has no WorkSpaces since {}. AWS deregisters it by itself about {}, and its registration code ends then. Launch somebody, or take it down.",
            deregistration.empty_since.local, deregistration.at.local
        );
        let state = self.registration.clone().unwrap_or_default();
        Some(Concern { kind: TroubleKind::Deregistration, state, what_to_do })
    }

    /// Whether a matter that was trouble is well, and not merely not to be seen: while AWS changes the directory, nothing can be
    /// told.
    pub fn is_well(&self, matter: Matter) -> bool {
        self.stage == "Active" && (matter == Matter::Connector || self.is_registered())
    }

    fn is_registered(&self) -> bool {
        self.registration.as_deref() == Some("REGISTERED")
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::sample, *};

    fn kinds(directory: &Directory) -> Vec<TroubleKind> {
        directory.concerns(None).into_iter().map(|concern| concern.kind).collect()
    }

    #[test]
    fn words_round_trip_and_belong_to_a_matter() {
        for kind in TroubleKind::ALL {
            assert_eq!(TroubleKind::from_db(kind.as_str()), Some(kind));
        }
        for matter in Matter::ALL {
            assert_eq!(Matter::from_db(matter.as_str()), Some(matter));
            assert!(TroubleKind::ALL.iter().any(|kind| kind.matter() == matter));
        }
        assert!(TroubleKind::ALL.is_sorted(), "what is worse comes later");
    }

    #[test]
    fn a_connector_in_trouble_says_what_to_do() {
        let well = sample();
        assert_eq!(well.concerns(None), []);
        let lost = "Connectivity issues detected: LDAP unavailable (TCP port 389) for IP: 10.0.0.1".to_owned();
        let ill = Directory { stage: "Inoperable".into(), stage_reason: Some(lost), ..well.clone() };
        assert_eq!(kinds(&ill), [TroubleKind::Inoperable]);
        assert!(ill.troubles(None).remove(0).what_to_do.contains("53, 88 and 389"));
        let refused = Directory { registration: Some("ERROR".into()), ..well };
        assert_eq!(kinds(&refused), [TroubleKind::Registration]);
        assert!(refused.troubles(None).remove(0).what_to_do.contains("could not register"));
    }

    #[test]
    fn a_reason_about_the_account_counts_at_any_stage_of_a_connector_that_stands() {
        let at =
            |stage: &str, reason: &str| kinds(&Directory { stage: stage.into(), stage_reason: Some(reason.into()), ..sample() });
        let password = "The service account credentials are invalid: check the password";
        for stage in ["Active", "Updating", "Impaired", "Inoperable"] {
            assert_eq!(at(stage, password), [TroubleKind::Account], "{stage}");
        }
        assert_eq!(at("Failed", password), [TroubleKind::Failed], "that one has to be made anew");
        assert_eq!(at("Creating", password), []);
        let ports = "Kerberos/authentication unavailable (TCP port 88) for IP: 10.0.0.1";
        assert_eq!(at("Impaired", ports), [TroubleKind::Impaired], "a port is no password");
        assert_eq!(at("Active", "DNS unavailable (TCP port 53)"), [], "AWS says that it works");
    }

    #[test]
    fn two_matters_are_two_troubles() {
        let both = Directory { stage: "Impaired".into(), registration: Some("ERROR".into()), ..sample() };
        assert_eq!(kinds(&both), [TroubleKind::Impaired, TroubleKind::Registration]);
    }

    #[test]
    fn what_can_not_be_told_is_not_well() {
        let changing = Directory { stage: "Updating".into(), ..sample() };
        let unregistered = Directory { registration: None, ..sample() };
        assert!(sample().is_well(Matter::Deregistration) && !changing.is_well(Matter::Connector));
        assert!(unregistered.is_well(Matter::Connector) && !unregistered.is_well(Matter::Deregistration));
    }
}
