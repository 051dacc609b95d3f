//! The AWS account: who we are there, the Region, AWS's clock, each permission, and WorkSpaces' own role.

use model::directories::{Finding, is_offered, readiness::clock_finding};
use tokio::time::timeout;

use super::{CREDENTIALS, PATIENCE, WAY, no_answer, refused};
use crate::{
    Services,
    aws::{AwsFault, CallerIdentity, Permission, PermissionOutcome, directory_service::Connector, workspaces::Registration},
    budget::Turns,
};

const ROLE: &str = "Role workspaces_DefaultRole";

/// What was found, and what AWS told on the way.
pub(super) struct Account {
    pub findings: Vec<Finding>,
    pub number: Option<String>,
    /// `None` where AWS does not tell them.
    pub connectors: Option<Vec<Connector>>,
    /// Those of the first page.
    pub registrations: Option<Vec<Registration>>,
}

pub(super) async fn look(services: &Services, turns: Turns<'_>) -> Account {
    let introduced = async {
        let (identity, now) = services.aws.caller_identity().await;
        (identity, now, services.clock.now())
    };
    let ((identity, theirs, ours), permissions) = futures::join!(introduced, timeout(PATIENCE, services.aws.permissions(turns)));
    let mut findings = vec![who(services, &identity), region(services)];
    findings.extend(theirs.map(|theirs| clock_finding("AWS's clock", theirs.timestamp(), ours.timestamp())));
    let number = identity.ok().map(|identity| identity.account);
    let Ok(permissions) = permissions else {
        findings.push(no_answer("Permissions"));
        return Account { findings, number, connectors: None, registrations: None };
    };
    findings.extend(permissions.asked.into_iter().map(permission));
    findings.push(role(permissions.registrations.as_deref()));
    Account { findings, number, connectors: permissions.connectors, registrations: permissions.registrations }
}

fn who(services: &Services, identity: &Result<CallerIdentity, AwsFault>) -> Finding {
    match identity {
        Ok(identity) => {
            let region = services.aws.config.region().map_or("no Region", |region| region.as_ref());
            Finding::pass("AWS", format!("account {} in {region}, as {}", identity.account, identity.arn))
        }
        Err(fault @ AwsFault::NotSent(_)) => Finding::fail("AWS", fault.to_string(), WAY),
        Err(fault) => Finding::fail("AWS", fault.to_string(), CREDENTIALS),
    }
}

/// Whether a Region is set, and is one with WorkSpaces.
pub(in crate::directories) fn region(services: &Services) -> Finding {
    match services.aws.region() {
        "" => Finding::fail("Region", "none is set", "Set aws.region to the Region in which the WorkSpaces are to be."),
        region if is_offered(region) => Finding::pass("Region", format!("WorkSpaces works in {region}")),
        region => {
            let cure = "Check the Region in AWS's list, or take another one.";
            Finding::cant_tell("Region", format!("Frontdesk does not know whether WorkSpaces works in {region}"), cure)
        }
    }
}

fn permission(Permission { action, outcome }: Permission) -> Finding {
    match outcome {
        PermissionOutcome::Allowed(found) => Finding::pass(action, found),
        PermissionOutcome::NotAsked(why) => Finding::not_asked(action, why),
        PermissionOutcome::Refused(fault) => refused(action, &fault),
    }
}

/// A registered directory proves the role, because WorkSpaces registers none without it. Asking IAM would take a right that
/// nothing else needs.
fn role(registrations: Option<&[Registration]>) -> Finding {
    let proof = registrations.unwrap_or_default().iter().find_map(|found| Some((found.role.as_ref()?, &found.directory)));
    match proof {
        Some((role, directory)) => Finding::pass(ROLE, format!("{role}, proven by {directory}")),
        None => Finding::cant_tell(
            ROLE,
            "can\u{2019}t be told before the first registration",
            "If AWS says then that it is missing, make it in IAM: name workspaces_DefaultRole, trusted service workspaces.amazonaws.com, policies AmazonWorkSpacesServiceAccess and AmazonWorkSpacesSelfServiceAccess. The AWS console makes it too when the first directory is registered there.",
        ),
    }
}
