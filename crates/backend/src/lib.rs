//! Frontdesk's use cases, one room a noun, and the four doors to the outside: `aws`, `ldap`, `mail` and `oidc`.
//!
//! A use case takes the [`Services`] and the actor first, authorizes, then reads or writes. No transaction is open while
//! AWS, Active Directory or SES is called: intent is written first, then the call is made, then the outcome is written.

pub mod access;
pub mod audit;
pub mod aws;
pub mod budget;
mod clock;
pub mod cost_centres;
pub mod db;
pub mod directories;
mod dns;
pub mod endings;
mod fault;
pub mod figures;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
pub mod invitations;
pub mod launches;
pub mod ldap;
pub mod mail;
pub mod notices;
pub mod offerings;
pub mod oidc;
pub mod people;
pub mod request;
pub mod requests;
pub mod settings;
mod sheet;
mod stamp;
pub mod tls;
pub mod worker;
pub mod workspaces;

use std::sync::Arc;

pub use clock::Clock;
pub use fault::Fault;
pub use settings::Settings;

/// Everything a use case may need. Cheap to clone; one in each process.
#[derive(Clone)]
pub struct Services {
    pub db: sqlx::PgPool,
    pub clock: Clock,
    pub settings: Arc<Settings>,
    pub aws: Arc<aws::Aws>,
    pub ad: ldap::Domains,
    pub mail: Arc<mail::Mailer>,
    pub oidc: oidc::Oidc,
    pub roles: access::RoleCache,
}

impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Services").finish_non_exhaustive()
    }
}

impl Services {
    /// Opens the doors: the pool is lazy and nobody outside is spoken to before a use case needs them, so this
    /// fails only on settings that can't work.
    ///
    /// # Errors
    /// A setting that can't be used, naming it.
    pub async fn open(settings: Settings, clock: Clock) -> Result<Self, settings::SettingError> {
        let settings = Arc::new(settings);
        let aws = aws::Aws::open(&settings.aws).await;
        Ok(Self {
            db: db::pool(&settings.database.url)?,
            ad: ldap::Domains::open(&settings.ad, &settings.directories, clock.clone())?,
            mail: mail::Mailer::open(&settings, &aws)?.into(),
            oidc: oidc::Oidc::open(&settings)?,
            roles: access::RoleCache::default(),
            aws: aws.into(),
            clock,
            settings,
        })
    }
}
