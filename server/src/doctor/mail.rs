//! SES: whether it lets us send, to whom, how fast, and from which address.

use backend::{Services, mail::Account};

use super::{Finding, aws::refused};

pub(super) async fn examine(services: &Services) -> Vec<Finding> {
    let mut findings = match services.mail.account().await {
        Ok(account) => of_account(&account),
        Err(fault) => vec![refused("ses:GetAccount", &fault)],
    };
    let from = &services.settings.mail.from;
    findings.push(match services.mail.identity().await {
        Ok(Some(identity)) if identity.verified => Finding::well("mail.from", format!("{} is verified", identity.name)),
        Ok(Some(identity)) => {
            let cure = "Finish its verification: the DKIM records of the domain, or the link mailed to the address.";
            Finding::failed("mail.from", format!("{} is not verified yet", identity.name), cure)
        }
        Ok(None) => {
            let cure = "Make the domain or the address an identity of SES in this Region, and verify it.";
            Finding::failed("mail.from", format!("neither {from} nor its domain is an identity of SES"), cure)
        }
        Err(fault) => refused("ses:GetEmailIdentity", &fault),
    });
    match services.mail.configuration_set().await {
        Ok(None) => {}
        Ok(Some(name)) => findings.push(Finding::well("mail.configuration_set", name)),
        Err(fault) => findings.push(refused("ses:GetConfigurationSet", &fault)),
    }
    findings.push(Finding::not_asked("ses:SendEmail", "can't be checked without sending a mail"));
    findings
}

fn of_account(account: &Account) -> Vec<Finding> {
    let Account { per_second, per_day, sent_today, .. } = account;
    let rate = format!("{per_second} mails a second, {per_day} a day, {sent_today} sent in the last 24 hours");
    let mut findings = vec![Finding::well("ses:GetAccount", rate)];
    if !account.production {
        let cure = "Ask AWS for production access (SES console, Account dashboard) before you invite people.";
        findings.push(Finding::note("mail", "the account is in the SES sandbox: mail goes to verified addresses only", cure));
    }
    if !account.sending || account.enforcement == "SHUTDOWN" {
        let cure = "SES has stopped this account's mail: see the SES console, Reputation metrics.";
        findings.push(Finding::failed("mail", "SES sends nothing for this account", cure));
    } else if account.enforcement != "HEALTHY" {
        let cure = "Too many mails bounce or are complained about: see the SES console, Reputation metrics.";
        findings.push(Finding::note("mail", format!("SES calls the account {}", account.enforcement), cure));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

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
        let verdicts = |account: &Account| of_account(account).iter().map(|finding| finding.verdict).collect::<Vec<_>>();
        assert_eq!(verdicts(&healthy), [Verdict::Well]);
        assert_eq!(verdicts(&Account { production: false, ..healthy.clone() }), [Verdict::Well, Verdict::Note]);
        assert_eq!(verdicts(&Account { sending: false, ..healthy.clone() }), [Verdict::Well, Verdict::Failed]);
        assert_eq!(verdicts(&Account { enforcement: "PROBATION".to_owned(), ..healthy }), [Verdict::Well, Verdict::Note]);
    }
}
