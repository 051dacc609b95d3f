//! The quota "WorkSpaces": what AWS allows, or somebody says that it does, held against what is there and what waits.

use serde::{Deserialize, Serialize};

use super::{Finding, console};
use crate::{Error, Result, Stamp};

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

/// The page of the quota, on which more can be asked for.
fn quotas_page(region: &str) -> String {
    console(region, &format!("servicequotas/home/services/workspaces/quotas/{WORKSPACES_QUOTA}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directories::Outcome;

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
}
