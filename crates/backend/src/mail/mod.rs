//! The door to SES: one message, and what a failure means. The words are in `invitation/`, `notice/` and `alert/`.

pub(crate) mod alert;
pub(crate) mod invitation;
pub(crate) mod notice;
mod probe;
mod template;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use aws_config::timeout::TimeoutConfig;
use aws_sdk_sesv2::{
    Client,
    types::{
        Body, ConfigurationOverrides, Content, Destination, EmailContent, FeatureStatus, Message as SesMessage, MessageTag,
        TrackingConfigurationOverrides,
    },
};
use model::invitations::Hold;
pub use probe::{Account, Identity};
pub(crate) use template::Rendered;
use tokio::sync::Mutex;

use crate::{
    Settings,
    aws::{self, AwsFault},
    budget::{Operation, Slot},
    settings::SettingError,
};

/// Sends mail. SDK retries are off: a repeated SendEmail may be a second mail.
#[derive(Debug, Clone)]
pub struct Mailer {
    client: Client,
    from: String,
    /// The sender without the name before it.
    address: String,
    reply_to: Option<String>,
    configuration_set: Option<String>,
    /// The sending rate, and until when it is believed.
    rate: Arc<Mutex<Option<(Instant, f64)>>>,
}

/// One mail, to one person or to some who may see each other's addresses.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub to: Vec<String>,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// What it is, and which one: a tag of SES's, which comes back in its events.
    pub tag: (&'static str, String),
}

/// What a failed sending means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SendFault {
    /// SES did not take it and asks us to slow down, or was not reached at all.
    Busy,
    /// SES did not take it and says why.
    Refused { code: String, message: String },
    /// Likewise, and it would take no other mail either.
    Held { code: String, message: String },
    /// It may or may not be on its way.
    Unknown(String),
}

/// How long the account's sending rate is believed.
const RATE_LIFETIME: Duration = Duration::from_secs(600);
/// How long SES is not asked again after it did not tell the rate.
const UNKNOWN_RATE_LIFETIME: Duration = Duration::from_secs(60);
/// The rate of an account in the SES sandbox: what is kept to while the real one is not known.
const SLOWEST_RATE: f64 = 1.0;

impl Mailer {
    /// # Errors
    /// The sender's address can't be used.
    pub fn open(settings: &Settings, aws: &aws::Aws) -> Result<Self, SettingError> {
        let address = settings.mail.address();
        if model::people::mail_obstacle(Some(address)).is_some() {
            return Err(SettingError::new("mail.from", "write it as Name <address@domain>"));
        }
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(3))
            .operation_timeout(settings.aws.timeouts.operation)
            .build();
        let config = aws_sdk_sesv2::config::Builder::from(&aws.config)
            .retry_config(aws_config::retry::RetryConfig::disabled())
            .timeout_config(timeouts)
            .build();
        Ok(Self {
            client: Client::from_conf(config),
            from: settings.mail.from.clone(),
            address: address.to_owned(),
            reply_to: settings.mail.reply_to.clone(),
            configuration_set: settings.mail.configuration_set.clone(),
            rate: Arc::default(),
        })
    }

    /// SES's MessageId: accepted, which is not yet delivered.
    pub(crate) async fn send(&self, slot: Slot, message: &Message) -> Result<String, SendFault> {
        let content = |data: &str| Content::builder().data(data).charset("UTF-8").build();
        let build = || -> Result<_, aws_smithy_types::error::operation::BuildError> {
            let body = Body::builder().text(content(&message.text)?).html(content(&message.html)?).build();
            let simple = SesMessage::builder().subject(content(&message.subject)?).body(body).build();
            Ok((simple, MessageTag::builder().name(message.tag.0).value(&message.tag.1).build()?))
        };
        let (simple, tag) =
            build().map_err(|error| SendFault::Refused { code: "Frontdesk.Message".to_owned(), message: error.to_string() })?;
        let call = self
            .client
            .send_email()
            .from_email_address(&self.from)
            .set_reply_to_addresses(self.reply_to.clone().map(|address| vec![address]))
            .destination(Destination::builder().set_to_addresses(Some(message.to.clone())).build())
            .content(EmailContent::builder().simple(simple).build())
            .email_tags(tag)
            .set_configuration_set_name(self.configuration_set.clone())
            .configuration_overrides(untracked())
            .send();
        match slot.call(Operation::SendEmail, call).await {
            Ok(answer) => Ok(answer.message_id().unwrap_or_default().to_owned()),
            Err(AwsFault::Throttled) => Err(SendFault::Busy),
            Err(AwsFault::NotSent(why)) => {
                tracing::warn!(why, "SES was not reached");
                Err(SendFault::Busy)
            }
            Err(AwsFault::Refused { code, message }) => match Hold::from_refusal(&code, &message, &self.address) {
                Some(_) => Err(SendFault::Held { code, message }),
                None => Err(SendFault::Refused { code, message }),
            },
            Err(AwsFault::Unknown(why)) => Err(SendFault::Unknown(why)),
        }
    }

    /// Mails a second that the account may send (GetAccount, MaxSendRate).
    pub(crate) async fn rate(&self) -> f64 {
        let mut known = self.rate.lock().await;
        if let Some((until, rate)) = *known
            && Instant::now() < until
        {
            return rate;
        }
        let (rate, lifetime) = match self.client.get_account().send().await {
            Ok(account) => {
                let rate = account.send_quota().map_or(SLOWEST_RATE, |quota| quota.max_send_rate());
                (rate.max(SLOWEST_RATE), RATE_LIFETIME)
            }
            Err(error) => {
                tracing::warn!(fault = %aws::fault(error), "SES did not tell the sending rate; one mail a second until it does");
                (SLOWEST_RATE, UNKNOWN_RATE_LIFETIME)
            }
        };
        *known = Some((Instant::now() + lifetime, rate));
        rate
    }
}

/// Tracking would have SES rewrite the welcome link, which holds the token, and add a picture. This wins over the settings
/// of the account and of the configuration set (SES API v2, TrackingConfigurationOverrides).
fn untracked() -> ConfigurationOverrides {
    let tracking = TrackingConfigurationOverrides::builder()
        .open_tracking_enabled(FeatureStatus::Disabled)
        .click_tracking_enabled(FeatureStatus::Disabled)
        .build();
    ConfigurationOverrides::builder().tracking(tracking).build()
}
