//! What goes wrong below a use case. The cause is logged once, here, with the request id; people get a [`model::Error`].

use model::{Error, Part};

use crate::aws::AwsFault;

/// A failure of something outside the domain's rules.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("Active Directory: {0}")]
    Ldap(#[from] crate::ldap::LdapFault),
    #[error("AWS: {0}")]
    Aws(#[from] AwsFault),
    #[error("sign-in provider: {0}")]
    Oidc(#[from] crate::oidc::OidcFault),
    /// A row holds what the code does not know, or a template does not render: our mistake.
    #[error("{0}")]
    Bug(String),
    /// A rule of the domain, on its way to a person.
    #[error(transparent)]
    Told(#[from] Error),
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let part = match &fault {
            Fault::Told(error) => return error.clone(),
            Fault::Aws(AwsFault::Throttled) => return Error::Busy { retry_after_seconds: 5 },
            // It does answer; what it refuses is for an administrator to see in the log.
            Fault::Aws(AwsFault::Refused { .. }) => None,
            Fault::Database(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Tls(_)) => {
                Some(Part::Database)
            }
            Fault::Database(sqlx::Error::Database(error)) if error.code().is_some_and(|code| code.starts_with("57P")) => {
                Some(Part::Database)
            }
            Fault::Ldap(_) => Some(Part::ActiveDirectory),
            Fault::Aws(_) => Some(Part::Aws),
            Fault::Oidc(_) => Some(Part::SignInProvider),
            Fault::Database(_) | Fault::Bug(_) => None,
        };
        let request_id = crate::request::id().unwrap_or_else(|| "none".to_owned());
        tracing::error!(%request_id, %fault, "a use case failed");
        match part {
            Some(part) => Error::Unavailable { part },
            None => Error::Internal { request_id },
        }
    }
}

/// Lets `?` carry SQL errors straight to people's errors where nothing else can fail.
pub(crate) fn told(fault: impl Into<Fault>) -> Error {
    fault.into().into()
}
