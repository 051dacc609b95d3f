//! The door to AWS: clients, what their failures mean, and one file a service with the calls that Frontdesk makes.
//!
//! SDK retries are off: every attempt at WorkSpaces takes a slot of the shared budget, and a call that may have done its
//! work is never repeated blindly.

pub mod actions;
pub mod directory_service;
pub mod ip_groups;
pub(crate) mod network;
mod probe;
mod quotas;
mod registration;
pub mod workspaces;

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use model::{invitations::is_used_up, launches::Hold};
pub(crate) use probe::NO_TURN;
pub use probe::{CallerIdentity, Permission, PermissionOutcome, Permissions};

use crate::settings;

/// The clients, on one shared connection pool and credential cache.
#[derive(Debug, Clone)]
pub struct Aws {
    /// For further clients (mail).
    pub config: SdkConfig,
    pub(crate) workspaces: aws_sdk_workspaces::Client,
    pub(crate) directory_service: aws_sdk_directory::Client,
    network: ::network::Network,
    quotas: aws_sdk_servicequotas::Client,
    sts: aws_sdk_sts::Client,
}

/// What a failed call means for what we know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AwsFault {
    /// AWS did nothing and asks us to slow down.
    #[error("throttled")]
    Throttled,
    /// No connection came about, so AWS heard nothing.
    #[error("not sent: {0}")]
    NotSent(String),
    /// AWS did nothing and says why.
    #[error("{code}: {message}")]
    Refused { code: String, message: String },
    /// The call may or may not have done its work.
    #[error("no answer: {0}")]
    Unknown(String),
}

impl AwsFault {
    /// Whether AWS knows who asks and does not let them.
    pub(crate) fn is_access_denied(&self) -> bool {
        matches!(self, Self::Refused { code, .. }
            if matches!(code.as_str(), "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "NotAuthorized"))
    }

    /// The code for the log, where AWS's words may name a person.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Throttled => "throttled",
            Self::NotSent(why) | Self::Unknown(why) => why,
            Self::Refused { code, .. } => code,
        }
    }
}

impl Aws {
    pub async fn open(settings: &settings::Aws) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(3).min(settings.timeouts.operation))
            .operation_timeout(settings.timeouts.operation)
            .build();
        let mut loader =
            aws_config::defaults(BehaviorVersion::latest()).retry_config(RetryConfig::disabled()).timeout_config(timeouts);
        if let Some(region) = &settings.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(endpoint) = &settings.endpoint_url {
            loader = loader.endpoint_url(endpoint);
        }
        Self::new(loader.load().await)
    }

    /// The clients of a configuration; tests hand in one with fixed credentials, because the SDK's default chain would look
    /// for some on the machine.
    pub fn new(config: SdkConfig) -> Self {
        Self {
            workspaces: aws_sdk_workspaces::Client::new(&config),
            directory_service: aws_sdk_directory::Client::new(&config),
            network: ::network::Network::new(&config),
            quotas: aws_sdk_servicequotas::Client::new(&config),
            sts: aws_sdk_sts::Client::new(&config),
            config,
        }
    }
}

/// Codes that AWS services answer when they are asked too often (aws-runtime's list).
pub(crate) const THROTTLING: [&str; 6] =
    ["ThrottlingException", "Throttling", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"];

/// Works out what a failed call means. A service that answers with a 5xx may have done the work.
///
/// The texts are for logs too, so no answer's body is in them: it may name people.
pub(crate) fn fault<E>(error: SdkError<E, HttpResponse>) -> AwsFault
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let code = error.code().unwrap_or_default().to_owned();
    let message = error.message().unwrap_or_default().to_owned();
    match &error {
        SdkError::ServiceError(_) if THROTTLING.contains(&code.as_str()) && !is_used_up(&message) => AwsFault::Throttled,
        SdkError::ServiceError(context) if context.raw().status().as_u16() < 500 && !code.is_empty() => {
            AwsFault::Refused { code, message }
        }
        SdkError::ConstructionFailure(_) => AwsFault::Refused { code: Hold::NO_CREDENTIALS.to_owned(), message: words(&error) },
        SdkError::DispatchFailure(_) if never_connected(&error) => AwsFault::NotSent(words(&error)),
        // What AWS wrote into its answer may name people, and this stands in logs.
        SdkError::ServiceError(context) => {
            AwsFault::Unknown(format!("HTTP {} {code}", context.raw().status().as_u16()).trim_end().to_owned())
        }
        _ => {
            let status = error.raw_response().map(|raw| format!("HTTP {}: ", raw.status().as_u16())).unwrap_or_default();
            AwsFault::Unknown(format!("{status}{}", words(&error)))
        }
    }
}

/// What each error of the chain says. The SDK's own way of writing it down adds the whole answer with its headers, and this
/// stands on pages.
fn words(error: &(dyn std::error::Error + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    for text in std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string) {
        // Some say what the next one says.
        if !said.last().is_some_and(|last| last.ends_with(&text)) {
            said.push(text);
        }
    }
    said.join(": ")
}

/// Whether the call failed before there was a connection: name not found, refused, no TLS, connect timeout. The SDK tells
/// such an error only as one of IO, like one in the middle of an answer; hyper's own error is in the chain below it.
fn never_connected(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source())
        .filter_map(|error| error.downcast_ref::<hyper_util::client::legacy::Error>())
        .any(hyper_util::client::legacy::Error::is_connect)
}
