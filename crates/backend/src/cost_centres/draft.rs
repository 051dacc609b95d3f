//! A cost centre being typed: kept while it is not right, written when it is.

use model::{
    CostCentreId, Error, FieldError, PersonGuid,
    access::{Act, Actor},
    cost_centres::{Candidate, CostCentre, CostCentreDraft, CostCentreForm, Current, Owner, Values},
    people::Search,
};
use uuid::Uuid;

use super::store::{self, drafts::Kept};
use crate::{Services, fault::told, people};

/// People whom the search for an owner shows.
const MOST_FOUND: u32 = 10;

/// The form of one that is there, or of a new one; with what the actor typed, if that was not right yet.
///
/// # Errors
/// [`Error::NotFound`] for one that is neither there nor typed, [`Error::NotAllowed`].
pub async fn draft(services: &Services, actor: &Actor, id: Option<CostCentreId>) -> model::Result<CostCentreDraft> {
    actor.authorize_everywhere(Act::ManageCostCentres)?;
    let Some(id) = id else { return fresh(services).await };
    let centre = store::get(services, id).await.map_err(told)?;
    let kept = store::drafts::get(services, actor, id).await.map_err(told)?;
    if centre.is_none() && kept.is_none() {
        return Err(Error::NotFound);
    }
    let was_kept = kept.is_some();
    let Kept { seen, form, mut problems } = kept.or_else(|| centre.as_ref().map(typed)).ok_or(Error::NotFound)?;
    let (found, more) = match look(services, &form.q).await {
        Ok(found) => found,
        Err(fields) => {
            problems.extend(fields);
            (Vec::new(), false)
        }
    };
    let owner = chosen(services, &form, centre.as_ref(), &found).await;
    let now = centre.map(|centre| Current { title: centre.title(), open: centre.open, version: centre.version });
    Ok(CostCentreDraft { id, seen, now, kept: was_kept, form, problems, owner, found, more })
}

async fn fresh(services: &Services) -> model::Result<CostCentreDraft> {
    let currency = store::last_currency(services).await.map_err(told)?.unwrap_or_else(|| "EUR".to_owned());
    Ok(CostCentreDraft {
        id: CostCentreId(Uuid::now_v7()),
        seen: 0,
        now: None,
        kept: false,
        form: CostCentreForm { currency, ..CostCentreForm::default() },
        problems: Vec::new(),
        owner: None,
        found: Vec::new(),
        more: false,
    })
}

/// One that is there, as its form has it.
fn typed(centre: &CostCentre) -> Kept {
    let form = CostCentreForm {
        number: centre.number.clone(),
        name: centre.name.clone(),
        q: String::new(),
        owner: centre.owner.guid.to_string(),
        cap: centre.cap.map(|cap| cap.amount.to_string()).unwrap_or_default(),
        currency: centre.currency.to_string(),
    };
    Kept { seen: centre.version, form, problems: Vec::new() }
}

/// Whom the search finds; what is wrong with it, or that nobody answers.
async fn look(services: &Services, q: &str) -> Result<(Vec<Candidate>, bool), Vec<FieldError>> {
    if q.trim().is_empty() {
        return Ok((Vec::new(), false));
    }
    let found = match Search::parse(q) {
        Ok(search) => people::first(services, &search, MOST_FOUND).await,
        Err(error) => Err(error),
    };
    match found {
        Ok((people, more)) => Ok((people.into_iter().map(Candidate::from).collect(), more)),
        Err(Error::Invalid { fields }) => Err(fields),
        Err(other) => Err(vec![FieldError { field: "q".into(), message: other.to_string() }]),
    }
}

/// Who is chosen, by whoever knows their name.
async fn chosen(services: &Services, form: &CostCentreForm, centre: Option<&CostCentre>, found: &[Candidate]) -> Option<Owner> {
    let guid: PersonGuid = form.owner.parse().ok()?;
    let known = found.iter().map(|candidate| &candidate.owner).chain(centre.map(|centre| &centre.owner));
    match known.into_iter().find(|owner| owner.guid == guid) {
        Some(owner) => Some(owner.clone()),
        None => people::one(services, guid).await.ok().map(Owner::from),
    }
}

/// Keeps what was typed, for the search for an owner.
///
/// # Errors
/// [`Error::NotAllowed`].
pub async fn find(services: &Services, actor: &Actor, id: CostCentreId, seen: i32, form: CostCentreForm) -> model::Result<()> {
    actor.authorize_everywhere(Act::ManageCostCentres)?;
    keep(services, actor, id, &Kept { seen, form: plain(form), problems: Vec::new() }).await
}

/// Makes it (`seen` is 0) or changes it. False when something is wrong: then it is kept with that. A form that is sent twice finds
/// the first.
///
/// # Errors
/// [`Error::Conflict`] if it was changed since `seen`, [`Error::NotFound`], [`Error::NotAllowed`], [`Error::Unavailable`] if
/// Active Directory can't be asked for the owner; then what was typed is kept.
pub async fn save(services: &Services, actor: &Actor, id: CostCentreId, seen: i32, form: CostCentreForm) -> model::Result<bool> {
    actor.authorize_everywhere(Act::ManageCostCentres)?;
    let mut kept = Kept { seen, form: plain(form), problems: Vec::new() };
    let outcome = match check(services, &kept.form).await {
        Ok(checked) => write(services, actor, id, seen, checked).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => Ok(true),
        Err(Error::Invalid { fields }) => {
            kept.problems = fields;
            keep(services, actor, id, &kept).await.map(|()| false)
        }
        Err(error @ Error::Unavailable { .. }) => {
            keep(services, actor, id, &kept).await?;
            Err(error)
        }
        // What was typed before is of a version that is no more.
        Err(error @ Error::Conflict { .. }) => {
            discard(services, actor, id).await?;
            Err(error)
        }
        Err(error) => Err(error),
    }
}

async fn keep(services: &Services, actor: &Actor, id: CostCentreId, kept: &Kept) -> model::Result<()> {
    store::drafts::keep(services, actor, id, kept).await.map_err(told)
}

/// The values, and the owner as Active Directory has them now.
async fn check(services: &Services, form: &CostCentreForm) -> model::Result<(Values, Owner)> {
    let (values, guid) = (form.parse(), form.parse_owner());
    let (Ok(values), Ok(guid)) = (&values, &guid) else {
        let fields = |error: Option<Error>| match error {
            Some(Error::Invalid { fields }) => fields,
            _ => Vec::new(),
        };
        return Err(Error::Invalid { fields: [fields(values.err()), fields(guid.err())].concat() });
    };
    match people::one(services, *guid).await {
        Ok(person) => Ok((values.clone(), Owner::from(person))),
        Err(Error::NotFound) => {
            Err(Error::invalid("owner", "The owner is not in Active Directory any more. Look for another and choose them."))
        }
        Err(other) => Err(other),
    }
}

async fn write(services: &Services, actor: &Actor, id: CostCentreId, seen: i32, checked: (Values, Owner)) -> model::Result<()> {
    let mut tx = services.db.begin().await.map_err(told)?;
    match store::held(&mut tx, id).await.map_err(told)? {
        None if seen == 0 => super::make(&mut tx, services, actor, id, checked).await?,
        None => return Err(Error::NotFound),
        // The same form, sent again.
        Some(_) if seen == 0 => {}
        Some(before) => drop(super::change(&mut tx, services, actor, (before, seen), checked).await?),
    }
    store::drafts::delete(&mut tx, actor, id).await.map_err(told)?;
    tx.commit().await.map_err(told)
}

/// Forgets what the actor typed.
///
/// # Errors
/// [`Error::NotAllowed`].
pub async fn discard(services: &Services, actor: &Actor, id: CostCentreId) -> model::Result<()> {
    actor.authorize_everywhere(Act::ManageCostCentres)?;
    let mut connection = services.db.acquire().await.map_err(told)?;
    store::drafts::delete(&mut connection, actor, id).await.map_err(told)
}

/// PostgreSQL's text can't hold NUL, which a hand-made form may carry; and nobody types a thousand characters.
fn plain(form: CostCentreForm) -> CostCentreForm {
    let plain = |typed: String| typed.chars().filter(|character| *character != '\0').take(1_000).collect();
    CostCentreForm {
        number: plain(form.number),
        name: plain(form.name),
        q: plain(form.q),
        owner: plain(form.owner),
        cap: plain(form.cap),
        currency: plain(form.currency),
    }
}
