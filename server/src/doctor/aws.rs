//! AWS: who we are, its clock, and each permission.

use backend::{
    Services,
    aws::{AwsFault, Permission, PermissionOutcome},
};

use super::{Finding, skew};

pub(super) async fn examine(services: &Services) -> Vec<Finding> {
    let before = services.clock.now();
    let identity = match services.aws.caller_identity().await {
        Ok(identity) => identity,
        Err(fault) => {
            let cure = match &fault {
                AwsFault::NotSent(_) => {
                    "Check the Region (aws.region) and the way to AWS: a proxy, a NAT gateway, or VPC endpoints."
                }
                _ => {
                    "Check the credentials of the SDK's default chain (environment, profile, role of the machine) and this machine's clock."
                }
            };
            return vec![Finding::failed("AWS", fault.to_string(), cure)];
        }
    };
    let region = services.aws.config.region().map_or("no Region", |region| region.as_ref());
    let mut findings = vec![Finding::well("AWS", format!("account {} in {region}, as {}", identity.account, identity.arn))];
    if let Some(now) = identity.now {
        findings.push(skew("AWS's clock", now.timestamp(), before.timestamp()));
    }
    findings.extend(services.aws.permissions().await.into_iter().map(permission));
    findings
}

fn permission(Permission { action, outcome }: Permission) -> Finding {
    match outcome {
        PermissionOutcome::Allowed(found) => Finding::well(action, found),
        PermissionOutcome::NotAsked(why) => Finding::not_asked(action, why),
        PermissionOutcome::Refused(fault) => refused(action, &fault),
    }
}

/// A call that did not come to its end.
pub(super) fn refused(action: &str, fault: &AwsFault) -> Finding {
    let cure = match fault {
        AwsFault::Refused { code, .. } if code.contains("AccessDenied") || code.contains("NotAuthorized") => {
            format!("Allow {action} (deploy/iam-policy.json).")
        }
        AwsFault::Throttled => "AWS throttles: something else uses the account's rate. Try again.".to_owned(),
        _ => "Try again; if it stays so, look at AWS's health page for the Region.".to_owned(),
    };
    Finding::failed(action, fault.to_string(), cure)
}
