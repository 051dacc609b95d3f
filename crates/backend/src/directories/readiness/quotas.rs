//! The quotas: WorkSpaces through Service Quotas, AD Connectors through Directory Service.

use model::directories::{
    Finding, Outcome,
    readiness::{QuotaTold, console},
};

use super::untold;
use crate::{
    Services,
    aws::{AwsFault, NO_TURN},
    budget::{Operation, Turns},
};

const CONNECTORS: &str = "Quota of AD Connectors";

/// What Service Quotas says; the page holds it against what launches want.
pub(super) async fn workspaces(services: &Services, turns: Turns<'_>) -> QuotaTold {
    let Ok(slot) = turns.take(Operation::GetServiceQuota).await else { return QuotaTold::NotTold(NO_TURN.to_owned()) };
    match services.aws.workspaces_quota(slot).await {
        Ok(granted) => QuotaTold::Granted(granted),
        Err(fault) if fault.is_access_denied() => QuotaTold::NotAllowed,
        // AWS lists a quota only once it was changed, for some.
        Err(AwsFault::Refused { code, .. }) if code == "NoSuchResourceException" => {
            QuotaTold::NotTold("Service Quotas lists none for this account".to_owned())
        }
        Err(fault) => QuotaTold::NotTold(fault.to_string()),
    }
}

/// Whether there is room for another AD Connector; `used_up` is what it comes to that there is none.
pub(super) async fn connectors(services: &Services, turns: Turns<'_>, used_up: Outcome) -> Finding {
    let Ok(slot) = turns.take(Operation::GetDirectoryLimits).await else { return Finding::not_asked(CONNECTORS, NO_TURN) };
    match services.aws.connector_limit(slot).await {
        Ok(limit) if limit.count < limit.limit => {
            Finding::pass(CONNECTORS, format!("{} of {} AD Connectors are in use", limit.count, limit.limit))
        }
        Ok(limit) => {
            let cure = "Ask for more under Service Quotas, AWS Directory Service, or take one down that nobody needs.";
            let full = Finding::fail(CONNECTORS, format!("all {} AD Connectors are in use", limit.limit), cure);
            let page = console(services.aws.region(), "servicequotas/home/services/ds/quotas");
            Finding { outcome: used_up, ..full.at("Open Service Quotas", page) }
        }
        Err(fault) => untold(CONNECTORS, "ds:GetDirectoryLimits", &fault),
    }
}
