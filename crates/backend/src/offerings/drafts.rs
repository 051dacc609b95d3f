//! Offerings being made or changed: everything typed is kept in a row, right or wrong, until it is published as the next version.

use model::{
    Conflict, DraftId, Error, FieldError, OfferingId,
    access::{Act, Actor},
    audit::Outcome,
    offerings::{Draft, Offer, OfferingForm, OfferingVersion, Preview, Seen},
};
use uuid::Uuid;

use super::{NAME_TAKEN, newest, one_name, prices, record, store};
use crate::{Services, audit, directories, fault::told, workspaces};

/// Begins a new offering, or the change of one.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn begin(services: &Services, actor: &Actor, of: Option<OfferingId>) -> model::Result<DraftId> {
    actor.authorize(Act::ManageOfferings)?;
    let (of, form) = match of {
        None => (None, OfferingForm::begin()),
        Some(id) => {
            let version = newest(services, id).await?.version;
            actor.authorize_in(Act::ManageOfferings, &version.directory)?;
            (Some((id, version.version)), version.form())
        }
    };
    let id = DraftId(Uuid::now_v7());
    store::drafts::insert(services, actor, id, of, &form).await.map_err(told)?;
    Ok(id)
}

/// The actor's own draft.
///
/// # Errors
/// [`Error::NotFound`] for an unknown draft and for somebody else's; [`Error::NotAllowed`].
pub async fn get(services: &Services, actor: &Actor, id: DraftId) -> model::Result<Draft> {
    actor.authorize(Act::ManageOfferings)?;
    store::drafts::one(services, actor, id).await.map_err(told)?.ok_or(Error::NotFound)
}

/// The actor's own draft, still open to change.
async fn open(services: &Services, actor: &Actor, id: DraftId) -> model::Result<Draft> {
    let draft = get(services, actor, id).await?;
    if draft.published.is_some() { Err(Error::conflict(Conflict::OfferingPublished)) } else { Ok(draft) }
}

/// Keeps the form as typed, with what is wrong with it. True when nothing is.
///
/// # Errors
/// As [`get`]; [`Error::Conflict`] once it was published; [`Error::Unavailable`] if Active Directory can't be asked for the groups: what
/// was typed is kept.
pub async fn save(services: &Services, actor: &Actor, id: DraftId, form: OfferingForm) -> model::Result<bool> {
    let draft = open(services, actor, id).await?;
    let (errors, outcome) = match judge(services, actor, &draft, &form).await {
        Ok(_) => (Vec::new(), Ok(true)),
        Err(Error::Invalid { fields }) => (fields, Ok(false)),
        Err(other) => (Vec::new(), Err(other)),
    };
    store::drafts::save(services, id, &form, &errors).await.map_err(told)?;
    outcome
}

/// The version that the form would make: numbered, with its groups as Active Directory writes them and its bundle as it is now.
///
/// # Errors
/// [`Error::Invalid`] with all that is wrong, [`Error::NotAllowed`] in a directory that the actor does not look after,
/// [`Error::Unavailable`] if Active Directory can't be asked.
async fn judge(services: &Services, actor: &Actor, draft: &Draft, form: &OfferingForm) -> model::Result<OfferingVersion> {
    let mut change = form.parse().map_err(|fields| Error::Invalid { fields })?;
    let mut fields = Vec::new();
    let mut wrong = |field: &str, message: &str| fields.push(FieldError { field: field.to_owned(), message: message.to_owned() });
    if directories::get(services, &change.directory).await.is_err() {
        wrong("directory", "This directory is not there any more. Choose another one.");
    } else {
        actor.authorize_in(Act::ManageOfferings, &change.directory)?;
    }
    if store::name_is_taken(services, &change.name, becomes(draft).0).await.map_err(told)? {
        wrong("name", NAME_TAKEN);
    }
    let bundles = workspaces::store::bundles(services).await.map_err(told)?;
    let bundle = bundles.iter().find(|bundle| bundle.id == change.desktop.bundle).map(Seen::from);
    fields.extend(change.desktop.fit(&bundles).err().unwrap_or_default());
    match directories::desk::known_groups(services, "groups", change.who.groups).await {
        Ok(groups) => change.who.groups = groups,
        Err(Error::Invalid { fields: unknown }) => {
            fields.extend(unknown);
            return Err(Error::Invalid { fields });
        }
        Err(other) => return Err(other),
    }
    match bundle {
        Some(bundle) if fields.is_empty() => {
            let (offering, number) = becomes(draft);
            Ok(change.into_version(offering, number, bundle))
        }
        _ => Err(Error::Invalid { fields }),
    }
}

/// The offering and the version that a draft becomes; a new offering gets the draft's id.
fn becomes(draft: &Draft) -> (OfferingId, u32) {
    draft.of.map_or((OfferingId(draft.id.0), 1), |(offering, base)| (offering, base + 1))
}

/// The draft as managers would see it, and what it changes; nothing of that once it was published.
///
/// # Errors
/// As [`get`], and as [`save`] where Active Directory is away.
pub async fn preview(services: &Services, actor: &Actor, id: DraftId) -> model::Result<Preview> {
    let draft = get(services, actor, id).await?;
    let nothing = |draft| Preview { draft, card: None, facts: Vec::new(), difference: None };
    if draft.published.is_some() {
        return Ok(nothing(draft));
    }
    let version = match judge(services, actor, &draft, &draft.form).await {
        Ok(version) => version,
        Err(Error::Invalid { fields }) => return Ok(nothing(Draft { errors: fields, ..draft })),
        Err(other) => return Err(other),
    };
    let difference = match draft.of {
        Some((offering, _)) => version.difference(&newest(services, offering).await?.version),
        None => None,
    };
    let directory_name = directories::get(services, &version.directory).await?.name;
    let price = prices::in_force(services).await?.and_then(|sheet| sheet.price(version.wanted()?));
    let facts = version.facts(&directory_name);
    Ok(Preview { draft, card: Some(Offer { price, why_not: None, version }.card()), facts, difference })
}

/// Publishes the draft as the offering's next version, if it says something new. A second submit finds the first. `seen` is the draft
/// as the actor looked at it.
///
/// # Errors
/// [`Error::Conflict`] if the draft or the offering was changed since, [`Error::Invalid`] with all that is wrong now,
/// [`Error::Unavailable`] if Active Directory can't be asked for the groups, [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn publish(services: &Services, actor: &Actor, id: DraftId, seen: i64) -> model::Result<OfferingId> {
    let draft = get(services, actor, id).await?;
    if let Some(offering) = draft.published {
        return Ok(offering);
    }
    if draft.seen != seen {
        return Err(Error::conflict(Conflict::DraftChanged));
    }
    let version = judge(services, actor, &draft, &draft.form).await?;
    let before = match draft.of {
        Some((offering, _)) => Some(newest(services, offering).await?.version),
        None => None,
    };
    if let Some(before) = &before {
        actor.authorize_in(Act::ManageOfferings, &before.directory)?;
    }
    let mut tx = services.db.begin().await.map_err(told)?;
    if let Some(offering) = store::drafts::lock(&mut tx, id).await.map_err(told)? {
        return Ok(offering);
    }
    if let Some((offering, base)) = draft.of {
        let newest = store::lock(&mut tx, offering).await.map_err(told)?;
        if newest.and_then(|newest| u32::try_from(newest).ok()) != Some(base) {
            return Err(Error::conflict(Conflict::OfferingChanged));
        }
    }
    let difference = before.as_ref().map_or(Some("the first".to_owned()), |before| version.difference(before));
    if let Some(difference) = difference {
        store::insert(&mut tx, services, actor, &version).await.map_err(one_name)?;
        audit::noted(&mut tx, services, actor, &record(&version, &difference), Outcome::Succeeded).await.map_err(told)?;
    }
    store::drafts::published(&mut tx, id, version.offering).await.map_err(told)?;
    tx.commit().await.map_err(told)?;
    Ok(version.offering)
}

/// Throws the draft away.
///
/// # Errors
/// As [`get`]; [`Error::Conflict`] once it was published.
pub async fn discard(services: &Services, actor: &Actor, id: DraftId) -> model::Result<()> {
    open(services, actor, id).await?;
    store::drafts::discard(services, id).await.map_err(told)
}
