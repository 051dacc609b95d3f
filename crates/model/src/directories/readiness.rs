//! Whether everything outside is ready: what was looked at, what it came to, and the cure. One report has two readers, the page
//! and `frontdesk doctor`.

mod policy;
mod quota;

use serde::{Deserialize, Serialize};

pub use policy::PolicyChoice;
pub use quota::{Demand, EnteredQuota, QuotaTold, WORKSPACES_QUOTA, parse_quota, quota_finding};

use crate::Stamp;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What was looked at.
    pub what: String,
    pub outcome: Outcome,
    /// What was seen.
    pub seen: String,
    /// What to do, unless all is well.
    pub cure: Option<String>,
    /// Where to do it.
    #[serde(default)]
    pub link: Option<Link>,
}

/// What a look came to, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Fail,
    /// It works, but somebody should know.
    Note,
    /// It can't be seen from where Frontdesk runs, or not without doing something.
    CantTell,
    Pass,
}

/// A page of the AWS console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub label: String,
    pub href: String,
}

impl Finding {
    pub fn pass(what: impl Into<String>, seen: impl Into<String>) -> Self {
        Self { what: what.into(), outcome: Outcome::Pass, seen: seen.into(), cure: None, link: None }
    }

    pub fn note(what: impl Into<String>, seen: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { outcome: Outcome::Note, cure: Some(cure.into()), ..Self::pass(what, seen) }
    }

    pub fn fail(what: impl Into<String>, seen: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { outcome: Outcome::Fail, cure: Some(cure.into()), ..Self::pass(what, seen) }
    }

    pub fn cant_tell(what: impl Into<String>, seen: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { outcome: Outcome::CantTell, cure: Some(cure.into()), ..Self::pass(what, seen) }
    }

    /// Asking would do something, or there is nothing to ask about.
    pub fn not_asked(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { outcome: Outcome::CantTell, ..Self::pass(what, why) }
    }

    /// With the page of the console on which the cure is carried out.
    #[must_use]
    pub fn at(self, label: &str, href: String) -> Self {
        Self { link: Some(Link { label: label.to_owned(), href }), ..self }
    }
}

/// How far two clocks are apart, both in seconds since 1970.
pub fn clock_finding(what: &str, theirs: i64, ours: i64) -> Finding {
    let apart = theirs.abs_diff(ours);
    let cure =
        "Synchronise the clocks (NTP). AWS refuses calls that are five minutes off, and sessions and links end by the clock.";
    let seen = format!("{apart} s apart from this machine");
    match apart {
        0..=5 => Finding::pass(what, "agrees with this machine"),
        6..=60 => Finding::note(what, seen, cure),
        _ => Finding::fail(what, seen, cure),
    }
}

impl Outcome {
    /// In the report on readiness.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fail => "Not ready",
            Self::Note => "Look at this",
            Self::CantTell => "Can\u{2019}t be checked from here",
            Self::Pass => "Ready",
        }
    }
}

/// What findings are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    Account,
    Quotas,
    Network,
    ActiveDirectory,
    Mail,
}

impl Area {
    pub const ALL: [Self; 5] = [Self::Account, Self::Quotas, Self::Network, Self::ActiveDirectory, Self::Mail];

    pub fn title(self) -> &'static str {
        match self {
            Self::Account => "AWS account",
            Self::Quotas => "Quotas",
            Self::Network => "Network",
            Self::ActiveDirectory => "Active Directory",
            Self::Mail => "Mail",
        }
    }

    /// What is looked at.
    pub fn gloss(self) -> &'static str {
        match self {
            Self::Account => {
                "whose credentials Frontdesk has, the Region, AWS\u{2019}s clock, what Frontdesk may do, and the role workspaces_DefaultRole"
            }
            Self::Quotas => {
                "how many WorkSpaces and AD Connectors AWS allows, against those that there are and those that launches want"
            }
            Self::Network => "the subnets of each directory: free addresses, and zones in which WorkSpaces works",
            Self::ActiveDirectory => "each domain controller by itself: TLS, the reading account, and people in pages",
            Self::Mail => "whether SES sends to everybody, at which rate, and whether the sender is verified",
        }
    }
}

/// Findings of one area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub area: Area,
    pub findings: Vec<Finding>,
}

/// What a check found, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub at: Stamp,
    /// Who asked for the check.
    pub by: String,
    pub parts: Vec<Part>,
    /// Whether the quota has to be entered, because AWS does not tell it.
    pub asks_for_quota: bool,
}

impl Report {
    pub fn count(&self, outcome: Outcome) -> usize {
        self.parts.iter().flat_map(|part| &part.findings).filter(|finding| finding.outcome == outcome).count()
    }

    /// Whether anything is in the way, in a few words.
    pub fn headline(&self) -> String {
        match self.count(Outcome::Fail) {
            0 => "Nothing stands in the way".to_owned(),
            1 => "1 thing stands in the way".to_owned(),
            several => format!("{several} things stand in the way"),
        }
    }
}

/// All of the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// `None` before the first check.
    pub report: Option<Report>,
    /// What somebody entered last.
    pub entered: Option<EnteredQuota>,
    pub choice: PolicyChoice,
    /// The IAM policy of what is chosen, as JSON.
    pub policy: String,
}

/// What the ARNs of a Region begin with after `arn:`.
pub fn partition(region: &str) -> &'static str {
    match region.split('-').take(2).collect::<Vec<_>>().as_slice() {
        ["cn", ..] => "aws-cn",
        ["us", "gov"] => "aws-us-gov",
        _ => "aws",
    }
}

/// A page of the Region's AWS console.
pub fn console(region: &str, page: &str) -> String {
    let domain = match partition(region) {
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        _ => "console.aws.amazon.com",
    };
    let before = if region.is_empty() { String::new() } else { format!("{region}.") };
    format!("https://{before}{domain}/{page}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_may_be_a_moment_apart() {
        let outcome = |theirs, ours| clock_finding("a clock", theirs, ours).outcome;
        assert_eq!((outcome(100, 97), outcome(100, 140), outcome(0, 600)), (Outcome::Pass, Outcome::Note, Outcome::Fail));
        assert_eq!(clock_finding("a clock", 0, 600).seen, "600 s apart from this machine");
    }

    #[test]
    fn china_and_govcloud_have_their_own_consoles() {
        assert_eq!(console("cn-northwest-1", "ec2"), "https://cn-northwest-1.console.amazonaws.cn/ec2");
        assert_eq!(partition("us-gov-west-1"), "aws-us-gov");
        assert_eq!((partition("us-east-1"), partition("")), ("aws", "aws"));
    }
}
