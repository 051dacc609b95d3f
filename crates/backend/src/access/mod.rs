//! Who is signed in, and what they may do: sessions hold identity only, roles are read from groups of Active Directory or of
//! the provider's token.
//!
//! The sign-in itself, which is HTTP, is in `server`.

mod holders;
mod renewal;
mod roles;
mod store;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use model::{
    Error, Page, PageRequest, PersonGuid,
    access::{Act, Actor, OpenSession, Person},
    audit::{Action, Outcome},
};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub(crate) use holders::{holders, may};
pub use roles::{Freshness, RoleCache, person};

use crate::{Services, audit, fault::told};

/// Somebody whom the provider has just vouched for.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Unique and stable: the provider's `sub`.
    pub subject: String,
    pub name: String,
    /// The person's entry in Active Directory, if the configured claim finds one.
    pub entry: Option<Entry>,
    /// With which the provider is asked again, where groups come from its token.
    pub refresh: Option<SecretString>,
}

/// Where the person stands in Active Directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub domain: String,
    pub guid: PersonGuid,
    pub account: String,
}

/// An open session.
#[derive(Debug, Clone)]
pub struct Session {
    pub handle: Uuid,
    pub subject: String,
    pub name: String,
    pub entry: Option<Entry>,
    pub expires_at: DateTime<Utc>,
    /// The value of its cookie, which is nowhere else: the database has the hash.
    pub cookie: SecretString,
}

/// How exactly the time of the last request is kept.
const TOUCH: TimeDelta = TimeDelta::minutes(1);

fn hash(cookie: &str) -> Vec<u8> {
    Sha256::digest(cookie.as_bytes()).to_vec()
}

/// Finds the person whom the configured claim names.
///
/// # Errors
/// [`Error::Unavailable`] when a domain can't be asked.
pub async fn find_entry(services: &Services, value: &str) -> model::Result<Option<Entry>> {
    let attribute = services.settings.access.person_claim.attribute;
    for domain in services.ad.iter() {
        if let Some(person) = domain.by_attribute(attribute, value).await.map_err(told)? {
            return Ok(Some(Entry { domain: person.domain, guid: person.guid, account: person.account }));
        }
    }
    Ok(None)
}

/// Opens a session with a value that nobody knew before.
///
/// # Errors
/// [`Error::Unavailable`] when the database is away.
pub async fn open_session(services: &Services, identity: Identity) -> model::Result<Session> {
    let now = services.clock.now();
    let session = Session {
        handle: Uuid::now_v7(),
        subject: identity.subject,
        name: identity.name,
        entry: identity.entry,
        expires_at: now + services.settings.access.absolute,
        cookie: SecretString::from(BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())),
    };
    let mut tx = services.db.begin().await.map_err(told)?;
    store::insert(&mut tx, &hash(session.cookie.expose_secret()), &session, now).await.map_err(told)?;
    if let Some(token) = &identity.refresh {
        let sealed = renewal::seal(&session.cookie, session.handle, token).map_err(told)?;
        store::insert_renewal(&mut tx, session.handle, &sealed, now).await.map_err(told)?;
    }
    note(&mut tx, services, &session, Action::SignIn).await.map_err(told)?;
    tx.commit().await.map_err(told)?;
    Ok(session)
}

/// The session behind a cookie, if it is open: neither ended, nor idle too long, nor too old.
///
/// # Errors
/// [`Error::Unavailable`] when the database is away.
pub async fn session(services: &Services, cookie: &str) -> model::Result<Option<Session>> {
    let now = services.clock.now();
    let idle_since = now - services.settings.access.idle;
    let found = store::open(services, &hash(cookie), cookie, now, idle_since).await.map_err(told)?;
    let Some((session, last_seen)) = found else { return Ok(None) };
    if last_seen + TOUCH <= now {
        store::touch(services, &session, now).await.map_err(told)?;
    }
    Ok(Some(session))
}

/// Whether the session is still open; event streams ask now and then.
///
/// # Errors
/// [`Error::Unavailable`] when the database is away.
pub async fn is_open(services: &Services, session: &Session) -> model::Result<bool> {
    store::is_open(services, session, services.clock.now()).await.map_err(told)
}

/// Signs out.
///
/// # Errors
/// [`Error::Unavailable`] when the database is away.
pub async fn end_session(services: &Services, session: &Session) -> model::Result<()> {
    let mut tx = services.db.begin().await.map_err(told)?;
    store::end(&mut tx, session.handle, services.clock.now(), &session.subject).await.map_err(told)?;
    note(&mut tx, services, session, Action::SignOut).await.map_err(told)?;
    tx.commit().await.map_err(told)
}

async fn note(tx: &mut sqlx::PgConnection, services: &Services, session: &Session, action: Action) -> sqlx::Result<()> {
    let record = audit::Record { action, object: object(session.handle, &session.name), person: None, detail: None };
    audit::noted(tx, services, &Actor::Person(bare(session)), &record, Outcome::Succeeded).await
}

/// A sign-in that the provider or Frontdesk refused; `why` is a short code.
///
/// # Errors
/// [`Error::Unavailable`] when the database is away.
pub async fn sign_in_failed(services: &Services, name: &str, why: &str) -> model::Result<()> {
    let mut connection = services.db.acquire().await.map_err(told)?;
    let object = audit::Object { kind: "session", id: "none".to_owned(), name: name.to_owned() };
    let record = audit::Record { action: Action::SignIn, object, person: None, detail: Some(why.to_owned()) };
    let nobody = Actor::System { on_behalf_of: None };
    audit::noted(&mut connection, services, &nobody, &record, Outcome::Failed).await.map_err(told)
}

/// One page of open sessions, the last seen first.
///
/// # Errors
/// [`Error::NotAllowed`] unless the actor is an admin.
pub async fn sessions(services: &Services, actor: &Actor, page: PageRequest) -> model::Result<Page<OpenSession>> {
    actor.authorize(Act::EndSessions)?;
    let idle_since = services.clock.now() - services.settings.access.idle;
    let (rows, total) = store::list(services, idle_since, page).await.map_err(told)?;
    Ok(Page { rows, total, request: page })
}

/// Ends anyone's session.
///
/// # Errors
/// [`Error::NotAllowed`] unless the actor is an admin, [`Error::NotFound`] if it is not open.
pub async fn end_sessions_of(services: &Services, actor: &Actor, handle: Uuid) -> model::Result<()> {
    actor.authorize(Act::EndSessions)?;
    let mut tx = services.db.begin().await.map_err(told)?;
    let name = store::end(&mut tx, handle, services.clock.now(), actor.key()).await.map_err(told)?.ok_or(Error::NotFound)?;
    let record = audit::Record { action: Action::EndSession, object: object(handle, &name), person: None, detail: None };
    audit::noted(&mut tx, services, actor, &record, Outcome::Succeeded).await.map_err(told)?;
    tx.commit().await.map_err(told)
}

fn object(handle: Uuid, name: &str) -> audit::Object<'static> {
    audit::Object { kind: "session", id: handle.to_string(), name: name.to_owned() }
}

/// The person without any role.
fn bare(session: &Session) -> Person {
    Person {
        subject: session.subject.clone(),
        name: session.name.clone(),
        guid: session.entry.as_ref().map(|entry| entry.guid),
        grants: Vec::new(),
    }
}

/// The actor behind a session, allowed the act. Roles are read afresh before acts that launch, decide or destroy; a refusal
/// is recorded.
///
/// # Errors
/// [`Error::NotAllowed`], or [`Error::Unavailable`] if the roles can't be read: then nobody is allowed anything.
pub async fn actor_for(services: &Services, session: &Session, act: Act) -> model::Result<Actor> {
    let freshness = if act.needs_fresh_roles() { Freshness::Now } else { Freshness::Recent };
    let actor = Actor::Person(person(services, session, freshness).await?);
    if let Err(refusal) = actor.authorize(act) {
        let mut connection = services.db.acquire().await.map_err(told)?;
        let name = serde_json::to_value(act).ok().and_then(|name| name.as_str().map(ToOwned::to_owned)).unwrap_or_default();
        let object = audit::Object { kind: "act", id: name.clone(), name: name.replace('_', " ") };
        let record = audit::Record { action: Action::Refused, object, person: None, detail: None };
        audit::noted(&mut connection, services, &actor, &record, Outcome::Failed).await.map_err(told)?;
        return Err(refusal);
    }
    Ok(actor)
}
