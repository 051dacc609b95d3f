//! The volumes of a WorkSpace: how large, and encrypted with which key.

use serde::{Deserialize, Serialize};

use super::Bundle;
use crate::{Error, FieldError, Result};

/// Sizes in GiB of the root and the user volume; what is `None` is the bundle's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volumes {
    pub root_gib: Option<u32>,
    pub user_gib: Option<u32>,
}

/// The largest volume (WorkSpaces Admin Guide, `modify-workspaces`).
const LARGEST_GIB: u32 = 2_000;
/// What AWS takes for the user volume beside a root volume of 80 GiB.
const BESIDE_80_GIB: [u32; 3] = [10, 50, 100];

impl Volumes {
    /// Parses the fields `root_gib` and `user_gib`; an empty one is the bundle's.
    ///
    /// # Errors
    /// [`Error::Invalid`] on both fields at once.
    pub fn parse(root: &str, user: &str) -> Result<Self> {
        let mut fields = Vec::new();
        let mut size = |field: &str, typed: &str| match typed.trim() {
            "" => None,
            typed => {
                let size = typed.parse().ok().filter(|size| (10..=LARGEST_GIB).contains(size));
                if size.is_none() {
                    let message = format!("Whole GB up to {LARGEST_GIB}, or nothing for the bundle\u{2019}s own.");
                    fields.push(FieldError { field: field.to_owned(), message });
                }
                size
            }
        };
        let volumes = Self { root_gib: size("root_gib", root), user_gib: size("user_gib", user) };
        if fields.is_empty() { Ok(volumes) } else { Err(Error::Invalid { fields }) }
    }

    /// The sizes that a WorkSpace from the bundle gets, root and user, as far as they are known.
    pub fn of(self, bundle: &Bundle) -> (Option<u32>, Option<u32>) {
        let own = |gib: Option<i32>| gib.and_then(|gib| u32::try_from(gib).ok());
        (self.root_gib.or_else(|| own(bundle.root_gib)), self.user_gib.or_else(|| own(bundle.user_gib)))
    }

    /// `root volume 175 GB, user volume as in the bundle`; `None` if both are the bundle's.
    pub fn sentence(self) -> Option<String> {
        let size = |gib: Option<u32>| gib.map_or_else(|| "as in the bundle".to_owned(), |gib| format!("{gib} GB"));
        (self != Self::default()).then(|| format!("root volume {}, user volume {}", size(self.root_gib), size(self.user_gib)))
    }

    /// Whether AWS takes these sizes for the bundle: pairs that it offers, and never less than the bundle has. What the mirror
    /// does not know of the bundle, AWS decides.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `root_gib` or `user_gib`.
    pub fn fit(self, bundle: &Bundle) -> Result<()> {
        let (Some(root), Some(user)) = self.of(bundle) else { return Ok(()) };
        let (Some(least_root), Some(least_user)) = Self::default().of(bundle) else { return Ok(()) };
        let smaller = |field: &str, least: u32| {
            let message = format!("The bundle {} has {least} GB, and AWS takes no less.", bundle.name);
            Err(Error::invalid(field, message))
        };
        if root < least_root {
            return smaller("root_gib", least_root);
        }
        if user < least_user {
            return smaller("user_gib", least_user);
        }
        let large = |least: u32| (least..=LARGEST_GIB).contains(&root) && (100..=LARGEST_GIB).contains(&user);
        let (offered, words) = if bundle.compute.starts_with("GRAPHICS") {
            (large(100), "For this bundle AWS takes 100 to 2000 GB for each of the two.")
        } else {
            (
                root == 80 && BESIDE_80_GIB.contains(&user) || large(175),
                "AWS takes 80 GB with a user volume of 10, 50 or 100 GB, or 175 to 2000 GB with one of 100 to 2000 GB.",
            )
        };
        // The account's own bundles may have what AWS offers no more.
        if offered || (root, user) == (least_root, least_user) { Ok(()) } else { Err(Error::invalid("root_gib", words)) }
    }
}

/// Which volumes are encrypted, and the KMS key. It can be chosen only when a WorkSpace is made (WorkSpaces Admin Guide,
/// `encrypt-workspaces`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encryption {
    pub root: bool,
    pub user: bool,
    /// ARN or alias; `None` is AWS's own key for WorkSpaces.
    pub key: Option<String>,
}

impl Encryption {
    /// AWS's own key for WorkSpaces.
    const AWS_KEY: &'static str = "alias/aws/workspaces";

    /// Parses the field `encryption_key` beside the two ticks.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what is no key's ARN or alias, and for a key without a volume.
    pub fn parse(root: bool, user: bool, key: &str) -> Result<Self> {
        let key = key.trim();
        if !key.is_empty() && !is_key(key) {
            let words = "Write the key\u{2019}s ARN (arn:aws:kms:\u{2026}) or its alias (alias/\u{2026}), or nothing for AWS\u{2019}s own key.";
            return Err(Error::invalid("encryption_key", words));
        }
        if !key.is_empty() && !root && !user {
            return Err(Error::invalid("encryption_key", "Tick which volume this key is for, or leave the key empty."));
        }
        Ok(Self { root, user, key: (!key.is_empty()).then(|| key.to_owned()) })
    }

    /// Which of the two.
    pub fn volumes(&self) -> &'static str {
        match (self.root, self.user) {
            (true, true) => "root and user volume",
            (true, false) => "root volume",
            (false, true) => "user volume",
            (false, false) => "none",
        }
    }

    /// The key that AWS is told; `None` where nothing is encrypted.
    pub fn key_for_aws(&self) -> Option<&str> {
        (self.root || self.user).then(|| self.key.as_deref().unwrap_or(Self::AWS_KEY))
    }
}

/// `root and user volume, with alias/desktops`
impl std::fmt::Display for Encryption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.volumes())?;
        match self.key_for_aws() {
            None => Ok(()),
            Some(_) => write!(f, ", with {}", self.key.as_deref().unwrap_or("AWS\u{2019}s own key")),
        }
    }
}

/// A key's ARN, an alias's ARN, or an alias (KMS Developer Guide, "Key identifiers").
fn is_key(text: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty() && part.len() <= 256 && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte))
    };
    let alias = |part: &str| part.strip_prefix("alias/").is_some_and(plain);
    let Some(arn) = text.strip_prefix("arn:") else { return alias(text) };
    match arn.split(':').collect::<Vec<_>>()[..] {
        [partition, "kms", region, account, key] => {
            partition.starts_with("aws")
                && plain(region)
                && account.len() == 12
                && account.bytes().all(|byte| byte.is_ascii_digit())
                && (alias(key) || key.strip_prefix("key/").is_some_and(plain))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspaces::{Protocol, System};

    fn bundle(compute: &str, root: i32, user: i32) -> Bundle {
        Bundle {
            id: "wsb-100000100".parse().unwrap(),
            name: "Desk".into(),
            owner: "AMAZON".into(),
            description: None,
            compute: compute.into(),
            root_gib: Some(root),
            user_gib: Some(user),
            system: System::Unknown,
            protocol: Protocol::Dcv,
        }
    }

    fn wrong(bundle: &Bundle, root: &str, user: &str) -> Option<String> {
        match Volumes::parse(root, user).and_then(|volumes| volumes.fit(bundle)) {
            Err(Error::Invalid { mut fields }) => Some(fields.remove(0).field),
            _ => None,
        }
    }

    #[test]
    fn sizes_are_those_that_aws_offers_and_no_less_than_the_bundles() {
        let standard = bundle("STANDARD", 80, 50);
        for (root, user) in [("", ""), ("80", "50"), ("80", "100"), ("", "100"), ("175", "100"), ("2000", "2000")] {
            assert_eq!(wrong(&standard, root, user), None, "{root}/{user}");
        }
        for (root, user) in [("175", ""), ("100", "100"), ("80", "175"), ("", "75"), ("80", "60")] {
            assert_eq!(wrong(&standard, root, user).as_deref(), Some("root_gib"), "{root}/{user}");
        }
        assert_eq!(wrong(&standard, "", "10").as_deref(), Some("user_gib"), "the bundle has 50");
        assert_eq!(wrong(&bundle("POWER", 175, 100), "80", "").as_deref(), Some("root_gib"));
        let graphics = bundle("GRAPHICS_G4DN", 100, 100);
        assert_eq!(wrong(&graphics, "150", "200"), None);
        assert_eq!(wrong(&graphics, "80", "100").as_deref(), Some("root_gib"));
        assert_eq!(wrong(&bundle("STANDARD", 90, 60), "", ""), None, "an own bundle as it is");
        for typed in ["2001", "9", "-80", "80.5", "80 GB", "99999999999"] {
            assert_eq!(wrong(&standard, "80", typed).as_deref(), Some("user_gib"), "{typed}");
        }
    }

    #[test]
    fn a_key_is_an_arn_or_an_alias_and_has_a_volume() {
        let arn = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        for key in [arn, "arn:aws:kms:eu-central-1:123456789012:alias/desktops", "alias/desktops", " alias/aws/workspaces "] {
            assert_eq!(Encryption::parse(true, false, key).unwrap().key.as_deref(), Some(key.trim()));
        }
        for key in ["desktops", "alias/", "arn:aws:s3:::bucket", "arn:aws:kms:eu-central-1:12:key/a", "alias/a b", "1234abcd"] {
            assert!(Encryption::parse(true, true, key).is_err(), "{key}");
        }
        assert!(Encryption::parse(false, false, "alias/desktops").is_err());
        assert_eq!(Encryption::parse(false, true, "").unwrap().key_for_aws(), Some("alias/aws/workspaces"));
        assert_eq!(Encryption::default().key_for_aws(), None);
    }
}
