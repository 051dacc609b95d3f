//! Active Directory: each domain controller by itself, bound to and read from in pages.

use futures::future::join_all;
use model::directories::Finding;

use super::within;
use crate::{
    Services,
    ldap::{Controller, Domain, LdapFault, Reading},
};

pub(super) async fn look(services: &Services) -> Vec<Finding> {
    let mut domains: Vec<&Domain> = services.ad.iter().collect();
    domains.sort_by(|one, other| one.name().cmp(other.name()));
    if domains.is_empty() {
        return vec![Finding::fail("Active Directory", "no domain is configured", "Add an [[ad]] block for each domain.")];
    }
    let looks = domains.into_iter().map(async |domain| {
        let part = format!("Active Directory {}", domain.name());
        within(&part, async { domain.probe().await.iter().map(|controller| told(domain, controller)).collect() }).await
    });
    join_all(looks).await.concat()
}

fn told(domain: &Domain, controller: &Controller) -> Finding {
    let part = format!("Active Directory {} at {}", domain.name(), controller.url);
    match &controller.outcome {
        Ok(Reading::Pages) => Finding::pass(part, "binds, and reads people in pages"),
        Ok(Reading::FewerThanTwo) => {
            let cure = "Check base_dn, and whether the reading account may read people there.";
            Finding::note(part, format!("binds, but sees fewer than two people under {}", domain.base()), cure)
        }
        Ok(Reading::NoBase) => Finding::fail(part, format!("there is no {}", domain.base()), "Check base_dn of this domain."),
        Err(LdapFault::Refused(why)) if why.starts_with("bind") => Finding::fail(
            part,
            why,
            "Check bind_dn and bind_password of this domain, and whether the account is locked or expired.",
        ),
        Err(LdapFault::Refused(why)) => Finding::fail(part, why, "Let the reading account read people, in pages."),
        Err(LdapFault::Timeout) => Finding::fail(
            part,
            LdapFault::Timeout.to_string(),
            "Check the way there (port 636, or 389 with StartTLS) and timeout_seconds.",
        ),
        Err(fault) => {
            let cure = "Check the name, the way there (port 636, or 389 with StartTLS), and ca_file if its certificate is of your own authority.";
            Finding::fail(part, fault.to_string(), cure)
        }
    }
}
