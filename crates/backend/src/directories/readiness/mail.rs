//! SES: whether it lets us send, to whom, how fast, and from which address.

use model::directories::{Finding, readiness::console};

use super::refused;
use crate::{Services, mail::Account};

pub(super) async fn look(services: &Services) -> Vec<Finding> {
    let region = services.aws.region();
    let mut findings = match services.mail.account().await {
        Ok(account) => of_account(&account, region),
        Err(fault) => vec![refused("ses:GetAccount", &fault)],
    };
    let from = &services.settings.mail.from;
    findings.push(match services.mail.identity().await {
        Ok(Some(identity)) if identity.verified => Finding::pass("mail.from", format!("{} is verified", identity.name)),
        Ok(Some(identity)) => {
            let cure = "Finish its verification: the DKIM records of the domain, or the link mailed to the address.";
            Finding::fail("mail.from", format!("{} is not verified yet", identity.name), cure)
                .at(IDENTITIES.0, page(region, IDENTITIES.1))
        }
        Ok(None) => {
            let cure = "Make the domain or the address an identity of SES in this Region, and verify it.";
            Finding::fail("mail.from", format!("neither {from} nor its domain is an identity of SES"), cure)
                .at(IDENTITIES.0, page(region, IDENTITIES.1))
        }
        Err(fault) => refused("ses:GetEmailIdentity", &fault),
    });
    match services.mail.configuration_set().await {
        Ok(None) => {}
        Ok(Some(name)) => findings.push(Finding::pass("mail.configuration_set", name)),
        Err(fault) => findings.push(refused("ses:GetConfigurationSet", &fault)),
    }
    findings.push(Finding::not_asked("ses:SendEmail", "can't be checked without sending a mail"));
    findings
}

/// Pages of SES's console: what the link says, and where it leads.
const IDENTITIES: (&str, &str) = ("Open SES identities", "identities");
const ACCOUNT: (&str, &str) = ("Open the SES account", "account");

fn page(region: &str, name: &str) -> String {
    console(region, &format!("ses/home?region={region}#/{name}"))
}

fn of_account(account: &Account, region: &str) -> Vec<Finding> {
    let Account { per_second, per_day, sent_today, .. } = account;
    let rate = format!("{per_second} mails a second, {per_day} a day, {sent_today} sent in the last 24 hours");
    let mut findings = vec![Finding::pass("ses:GetAccount", rate)];
    if !account.production {
        let cure = "Ask AWS for production access (SES console, Account dashboard) before you invite people.";
        findings.push(
            Finding::note("SES account", "the account is in the SES sandbox: mail goes to verified addresses only", cure)
                .at(ACCOUNT.0, page(region, ACCOUNT.1)),
        );
    }
    if !account.sending || account.enforcement == "SHUTDOWN" {
        let cure = "SES has stopped this account's mail: see the SES console, Reputation metrics.";
        findings.push(Finding::fail("SES account", "SES sends nothing for this account", cure));
    } else if account.enforcement != "HEALTHY" {
        let cure = "Too many mails bounce or are complained about: see the SES console, Reputation metrics.";
        findings.push(Finding::note("SES account", format!("SES calls the account {}", account.enforcement), cure));
    }
    findings
}

#[cfg(test)]
mod tests {
    use model::directories::Outcome;

    use super::*;

    #[test]
    fn an_account_that_can_not_send_to_everybody_is_told() {
        let healthy = Account {
            production: true,
            sending: true,
            enforcement: "HEALTHY".to_owned(),
            per_second: 14.0,
            per_day: 50_000.0,
            sent_today: 0.0,
        };
        let outcomes =
            |account: &Account| of_account(account, "eu-central-1").iter().map(|finding| finding.outcome).collect::<Vec<_>>();
        assert_eq!(outcomes(&healthy), [Outcome::Pass]);
        assert_eq!(outcomes(&Account { production: false, ..healthy.clone() }), [Outcome::Pass, Outcome::Note]);
        assert_eq!(outcomes(&Account { sending: false, ..healthy.clone() }), [Outcome::Pass, Outcome::Fail]);
        assert_eq!(outcomes(&Account { enforcement: "PROBATION".to_owned(), ..healthy }), [Outcome::Pass, Outcome::Note]);
    }
}
