//! Identifiers. Ours are UUIDs, one type a noun; AWS's and Active Directory's are checked against their own grammar.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not an identifier of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {kind}: {text:?}")]
pub struct ParseIdError {
    kind: &'static str,
    text: String,
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                Uuid::try_parse(text)
                    .map(Self)
                    .map_err(|_| ParseIdError { kind: stringify!($name), text: text.chars().take(64).collect() })
            }
        }
    };
}

uuid_id!(
    /// A launch being put together. It becomes the launch's id, which makes it the idempotency key of the submit.
    DraftId
);
uuid_id!(
    /// A batch of people becoming WorkSpaces.
    LaunchId
);
uuid_id!(
    /// One person's row in a launch; also the value of the tag `frontdesk:item` on the WorkSpace.
    ItemId
);
uuid_id!(
    /// One registration-code mail to one person; also its SES email tag.
    InvitationId
);
uuid_id!(
    /// An action on some WorkSpaces: its draft, which waits for a yes, and the batch that it becomes.
    BatchId
);
uuid_id!(
    /// A connector being set up: its draft, and the one call of ConnectDirectory that it becomes.
    ConnectId
);
uuid_id!(
    /// A change of one DNS address of a connector.
    DnsChangeId
);
uuid_id!(
    /// A desktop that is to end.
    EndingId
);
uuid_id!(
    /// A desktop that may be asked for.
    OfferingId
);
uuid_id!(
    /// A list of prices for a Region, from a date on.
    PriceSheetId
);
uuid_id!(
    /// Desktops that somebody asks for.
    RequestId
);
uuid_id!(
    /// One person's row in a request.
    RequestItemId
);
uuid_id!(
    /// A set of rules that say who decides on requests.
    RuleSetId
);
uuid_id!(
    /// One rule of a set.
    RuleId
);
uuid_id!(
    /// Who pays for desktops.
    CostCentreId
);
uuid_id!(
    /// A person in Active Directory: `objectGUID`, which survives renames and moves.
    PersonGuid
);

macro_rules! aws_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $lengths:expr, $digits:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                let digits: fn(u8) -> bool = $digits;
                match text.strip_prefix($prefix) {
                    Some(rest) if $lengths.contains(&rest.len()) && rest.bytes().all(digits) => Ok(Self(text.to_owned())),
                    _ => Err(ParseIdError { kind: stringify!($name), text: text.chars().take(64).collect() }),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = ParseIdError;

            fn try_from(text: String) -> Result<Self, ParseIdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

fn lower_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

fn lower_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_digit() || byte.is_ascii_lowercase()
}

aws_id!(
    /// An AD Connector: `^d-[0-9a-f]{10}$` (ds service model, DirectoryId).
    DirectoryId, "d-", 10..=10, lower_hex
);
aws_id!(
    /// A bundle: `^wsb-[0-9a-z]{8,63}$` (workspaces service model, BundleId). Bundle ids are regional.
    BundleId, "wsb-", 8..=63, lower_alphanumeric
);
aws_id!(
    /// A WorkSpace: `^ws-[0-9a-z]{8,63}$` (workspaces service model, WorkspaceId).
    WorkspaceId, "ws-", 8..=63, lower_alphanumeric
);

aws_id!(
    /// A VPC: `^vpc-([0-9a-f]{8}|[0-9a-f]{17})$` (ds service model, VpcId).
    VpcId, "vpc-", [8, 17], lower_hex
);
aws_id!(
    /// A subnet: `^subnet-([0-9a-f]{8}|[0-9a-f]{17})$` (ds and workspaces service models, SubnetId).
    SubnetId, "subnet-", [8, 17], lower_hex
);

aws_id!(
    /// An IP access control group: `wsipg-[0-9a-z]{8,63}$` (workspaces service model, IpGroupId).
    IpGroupId, "wsipg-", 8..=63, lower_alphanumeric
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_ids_hold_only_what_aws_accepts() {
        assert!("d-906731a2b4".parse::<DirectoryId>().is_ok());
        for wrong in ["", "d-", "d-906731A2B4", "d-906731a2b", "d-906731a2b45", "x-906731a2b4", "d-906731a2bg"] {
            assert!(wrong.parse::<DirectoryId>().is_err(), "{wrong}");
        }
        assert!("wsb-clj85qzj1".parse::<BundleId>().is_ok());
        assert!("wsb-CLJ85QZJ1".parse::<BundleId>().is_err());
        assert!("ws-0a1b2c3d4".parse::<WorkspaceId>().is_ok());
        assert!("ws-short".parse::<WorkspaceId>().is_err());
        assert!(serde_json::from_str::<BundleId>("\"wsb-';drop\"").is_err());
    }

    #[test]
    fn a_wrong_id_is_cut_in_its_error() {
        let error = "x".repeat(10_000).parse::<LaunchId>().unwrap_err();
        assert!(error.to_string().len() < 120);
    }
}
