//! Whether everything outside is ready: what was looked at, what it came to, and the cure. One report has two readers, the page
//! and `frontdesk doctor`.

use serde::{Deserialize, Serialize};

use crate::{Error, Result, Stamp};

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

/// The quota "WorkSpaces" as AWS told it at the check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuotaTold {
    Granted(u32),
    /// Frontdesk is not allowed to ask.
    NotAllowed,
    /// Why it was not told.
    NotTold(String),
}

/// The quota as an admin entered it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnteredQuota {
    pub granted: u32,
    pub by: String,
    pub at: Stamp,
}

/// WorkSpaces that count against the quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demand {
    /// In the mirror.
    pub there: i64,
    /// Rows of launches that AWS has not taken yet.
    pub waiting: i64,
}

/// "WorkSpaces", by which Service Quotas knows the quota; 1 in each account and Region until AWS grants more (WorkSpaces Admin
/// Guide, `workspaces-limits`).
pub const WORKSPACES_QUOTA: &str = "L-34278094";
const MOST: u32 = 100_000;

/// The form's number.
///
/// # Errors
/// [`Error::Invalid`] on `quota`.
pub fn parse_quota(typed: &str) -> Result<u32> {
    typed.trim().parse().ok().filter(|number| (1..=MOST).contains(number)).ok_or_else(|| {
        Error::invalid("quota", "Enter how many WorkSpaces AWS allows, from 1 to 100000, in digits only. Nothing was changed.")
    })
}

/// Whether the quota is enough for what there is and what launches want; `demand` is `None` where the database does not tell.
pub fn quota_finding(told: &QuotaTold, entered: Option<&EnteredQuota>, demand: Option<Demand>, region: &str) -> Finding {
    let (limit, source) = match (told, entered) {
        (QuotaTold::Granted(limit), _) => (*limit, String::new()),
        (_, Some(entered)) => (entered.granted, format!(", as {} entered {}", entered.by, entered.at.ago)),
        (told, None) => return unknown_quota(told, region),
    };
    let allowed = format!("AWS allows {limit}{source}");
    let Some(Demand { there, waiting }) = demand else { return Finding::pass(WORKSPACES, allowed) };
    let seen = format!("{allowed}; {there} are there and {waiting} wait in launches");
    let (limit, wanted) = (i64::from(limit), there.saturating_add(waiting));
    let more = "Ask AWS for more before a launch: it takes hours or days.";
    if wanted > limit {
        let cure = format!("{} more than AWS allows. {more} Launches pause until then.", wanted - limit);
        Finding::fail(WORKSPACES, seen, cure)
    } else if limit == 1 {
        Finding::note(WORKSPACES, seen, format!("1 is what every account begins with: enough to try. {more}"))
    } else if wanted == limit {
        Finding::note(WORKSPACES, seen, format!("There is no room for another. {more}"))
    } else {
        return Finding::pass(WORKSPACES, seen);
    }
    .at(OPEN_QUOTAS, quotas_page(region))
}

const WORKSPACES: &str = "Quota of WorkSpaces";
const OPEN_QUOTAS: &str = "Open Service Quotas";

fn unknown_quota(told: &QuotaTold, region: &str) -> Finding {
    let (seen, cure) = match told {
        QuotaTold::NotTold(why) => (format!("AWS does not tell: {why}"), "Check again, or enter the number below."),
        _ => ("Frontdesk may not ask".to_owned(), "Allow servicequotas:GetServiceQuota, or enter the number below."),
    };
    Finding::cant_tell(WORKSPACES, seen, format!("{cure} Until AWS grants more it is 1.")).at(OPEN_QUOTAS, quotas_page(region))
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

/// The page of the quota, on which more can be asked for.
fn quotas_page(region: &str) -> String {
    console(region, &format!("servicequotas/home/services/workspaces/quotas/{WORKSPACES_QUOTA}"))
}

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

    fn entered(granted: u32) -> EnteredQuota {
        let at = Stamp { local: String::new(), ago: "2 days ago".into(), utc: String::new(), machine: String::new() };
        EnteredQuota { granted, by: "Alice Moreau".into(), at }
    }

    fn judged(told: &QuotaTold, entered: Option<&EnteredQuota>, there: i64, waiting: i64) -> Finding {
        quota_finding(told, entered, Some(Demand { there, waiting }), "eu-central-1")
    }

    #[test]
    fn a_quota_is_held_against_what_is_there_and_what_waits() {
        let granted = QuotaTold::Granted;
        let outcome = |limit, there, waiting| judged(&granted(limit), None, there, waiting).outcome;
        assert_eq!(outcome(50, 3, 10), Outcome::Pass);
        assert_eq!(outcome(1, 0, 0), Outcome::Note);
        assert_eq!(outcome(50, 49, 1), Outcome::Note);
        assert_eq!(outcome(50, 49, 2), Outcome::Fail);
        let short = judged(&granted(1), None, 0, 3);
        assert!(short.cure.unwrap().starts_with("2 more than AWS allows. Ask AWS for more"), "{}", short.seen);
        assert_eq!(
            short.link.unwrap().href,
            "https://eu-central-1.console.aws.amazon.com/servicequotas/home/services/workspaces/quotas/L-34278094"
        );
        let without_database = quota_finding(&granted(1), None, None, "eu-central-1");
        assert_eq!((without_database.outcome, without_database.seen.as_str()), (Outcome::Pass, "AWS allows 1"));
    }

    #[test]
    fn clocks_may_be_a_moment_apart() {
        let outcome = |theirs, ours| clock_finding("a clock", theirs, ours).outcome;
        assert_eq!((outcome(100, 97), outcome(100, 140), outcome(0, 600)), (Outcome::Pass, Outcome::Note, Outcome::Fail));
        assert_eq!(clock_finding("a clock", 0, 600).seen, "600 s apart from this machine");
    }

    #[test]
    fn what_somebody_entered_counts_where_aws_does_not_tell() {
        let silent = QuotaTold::NotAllowed;
        assert_eq!(judged(&silent, None, 0, 0).outcome, Outcome::CantTell);
        let finding = judged(&silent, Some(&entered(200)), 3, 0);
        assert_eq!(finding.seen, "AWS allows 200, as Alice Moreau entered 2 days ago; 3 are there and 0 wait in launches");
        assert!(judged(&QuotaTold::Granted(5), Some(&entered(200)), 3, 0).seen.starts_with("AWS allows 5; "));
    }

    #[test]
    fn only_a_number_that_aws_can_have_granted_is_taken() {
        assert_eq!((parse_quota(" 200 "), parse_quota("1")), (Ok(200), Ok(1)));
        for wrong in ["", "0", "-1", "many", "1.5", "1,000", "100001", "1000000000", "99999999999999"] {
            assert!(matches!(parse_quota(wrong), Err(Error::Invalid { .. })), "{wrong}");
        }
    }

    #[test]
    fn an_address_keeps_what_is_chosen() {
        let some = PolicyChoice { terminate: false, quota: false, ..PolicyChoice::EVERYTHING };
        let query = some.query();
        assert_eq!(PolicyChoice::from_query(|name| query.iter().any(|(key, _)| key == name)), some);
        assert!(PolicyChoice::default().query().is_empty());
    }

    #[test]
    fn china_and_govcloud_have_their_own_consoles() {
        assert_eq!(console("cn-northwest-1", "ec2"), "https://cn-northwest-1.console.amazonaws.cn/ec2");
        assert_eq!(partition("us-gov-west-1"), "aws-us-gov");
        assert_eq!((partition("us-east-1"), partition("")), ("aws", "aws"));
    }
}
