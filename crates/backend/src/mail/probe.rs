//! What a check asks of SES.

use std::time::Duration;

use super::{Mailer, aws};
use crate::aws::AwsFault;

/// How the account may send.
#[derive(Debug, Clone)]
pub struct Account {
    /// Out of the SES sandbox, in which mail goes to verified addresses only.
    pub production: bool,
    pub sending: bool,
    /// `HEALTHY`, `PROBATION` or `SHUTDOWN`.
    pub enforcement: String,
    pub per_second: f64,
    pub per_day: f64,
    pub sent_today: f64,
}

/// The identity that the sender's address stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The address itself, or its domain.
    pub name: String,
    pub verified: bool,
}

/// SES takes one call a second of all that send nothing (SES Developer Guide, "Service quotas").
const PAUSE: Duration = Duration::from_millis(1_100);

impl Mailer {
    /// GetAccount.
    ///
    /// # Errors
    /// SES can't be asked.
    pub async fn account(&self) -> Result<Account, AwsFault> {
        let account = self.client.get_account().send().await.map_err(aws::fault)?;
        let quota = account.send_quota();
        Ok(Account {
            production: account.production_access_enabled(),
            sending: account.sending_enabled(),
            enforcement: account.enforcement_status().unwrap_or_default().to_owned(),
            per_second: quota.map_or(0.0, |quota| quota.max_send_rate()),
            per_day: quota.map_or(0.0, |quota| quota.max24_hour_send()),
            sent_today: quota.map_or(0.0, |quota| quota.sent_last24_hours()),
        })
    }

    /// GetEmailIdentity for the sender's address, and for its domain if the address is none; `None` if neither is one.
    ///
    /// # Errors
    /// SES can't be asked.
    pub async fn identity(&self) -> Result<Option<Identity>, AwsFault> {
        let address = self.address.as_str();
        let domain = address.rsplit_once('@').map_or(address, |(_, domain)| domain);
        for name in [address, domain] {
            tokio::time::sleep(PAUSE).await;
            match self.client.get_email_identity().email_identity(name).send().await.map_err(aws::fault) {
                Ok(found) => {
                    return Ok(Some(Identity { name: name.to_owned(), verified: found.verified_for_sending_status() }));
                }
                Err(AwsFault::Refused { code, .. }) if code == "NotFoundException" => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(None)
    }

    /// GetConfigurationSet for the one that mails are sent with; `None` if they are sent with none.
    ///
    /// # Errors
    /// SES can't be asked, or there is no such set.
    pub async fn configuration_set(&self) -> Result<Option<String>, AwsFault> {
        let Some(name) = &self.configuration_set else { return Ok(None) };
        tokio::time::sleep(PAUSE).await;
        self.client.get_configuration_set().configuration_set_name(name).send().await.map_err(aws::fault)?;
        Ok(Some(name.clone()))
    }
}
