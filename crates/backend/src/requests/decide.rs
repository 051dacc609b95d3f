//! Deciding: whole or person by person, by POST only, with the role as it is at that moment. Of two who decide at once one gets a clear
//! answer; the same decision sent again finds the first.

use model::{
    Conflict, Error, OfferingId, PersonGuid, RequestId, RequestItemId,
    access::{Act, Actor, Person},
    audit::{Action, Outcome},
    cost_centres::{CostCentre, Fit},
    money::Money,
    offerings::Offer,
    requests::{
        EventKind, ItemState, ItemView, Move, NotYours,
        process::{Decision, Process, Undecided},
        rules::Named,
        words,
    },
};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::{
    absence, fulfil, goes_on, held, open_offers, person_of, record, some_people, stages,
    store::{
        items::{self, Item, Pin},
        process::{self as rows, Held, Told},
    },
    tell_by_mail,
};
use crate::{Services, audit, cost_centres, fault::told};

/// What one of those who decide says.
#[derive(Debug, Clone)]
pub struct Said {
    pub decision: Decision,
    /// Who gets something else, no dearer, than was asked for.
    pub swaps: Vec<(RequestItemId, OfferingId)>,
    /// Wanted where somebody is refused or asked back.
    pub note: String,
    /// The version of the request that was looked at.
    pub seen: i64,
}

/// Decides on a request.
///
/// # Errors
/// [`Error::Invalid`] on `note` and `swaps`, [`Error::Conflict`] if it has gone on since it was looked at, [`Error::Refused`] with why
/// the actor may not decide here, [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn decide(services: &Services, actor: &Actor, id: RequestId, said: &Said) -> model::Result<()> {
    actor.authorize(Act::DecideRequests)?;
    let person = person_of(actor)?;
    let event = match said.decision {
        Decision::Approve { .. } => EventKind::Approve,
        Decision::Refuse => EventKind::Refuse,
        Decision::AskBack => EventKind::AskBack,
    };
    if rows::is_replay(services, actor, id, event, said.seen).await.map_err(told)? {
        return Ok(());
    }
    let before = held(services, id).await?;
    may_decide(&before, person, said.seen)?;
    absence::still_stands(services, person.guid.and_then(|guid| before.process.in_place_of(guid))).await?;
    if matches!(said.decision, Decision::Approve { .. }) && before.is_past(services) {
        let why = "The last day that was asked for is over. Refuse it, or ask for which days the desktops are needed now.";
        return Err(Error::Refused { why: why.to_owned() });
    }
    let note = note(said)?;
    let swaps = swaps(services, &before, said).await?;
    let (owner, next, uncapped) = match before.cost_centre {
        Some(centre) => {
            let centre = cost_centres::get(services, centre).await?;
            let next = next(services, &before, &centre).await?;
            (stages::owner(services, &centre).await?, next, centre.cap.is_none())
        }
        None => (Vec::new(), None, true),
    };
    let prepared = match &said.decision {
        Decision::Approve { except } => {
            let chosen = chosen(services, id, except, &swaps).await?;
            fulfil::prepare(services, chosen, (before.needed_by, before.zone)).await
        }
        Decision::Refuse | Decision::AskBack => None,
    };

    let mut tx = services.db.begin().await.map_err(told)?;
    let mut held = rows::hold(&mut tx, services, id).await.map_err(told)?.ok_or(Error::NotFound)?;
    may_decide(&held, person, said.seen)?;
    if let Some(candidates) = next {
        held.process.name_next(candidates);
    }
    let asked = items::all(&mut tx, id).await.map_err(told)?;
    for (item, pin) in &swaps {
        swap(&mut tx, services, actor, &held, item, pin).await?;
    }
    let fits = fits(&mut tx, services, &held, (person, &said.decision), uncapped).await?;
    let by = name(&held, person);
    let moved = held.process.decide(person, &said.decision, fits, &owner).map_err(|why| refusal(why, true))?;
    let spoken = Spoken { by: &by, event, moved, said, note: note.as_deref() };
    write(&mut tx, services, actor, (&held, &asked), &spoken).await?;
    if moved == Move::Approve {
        fulfil::begin(&mut tx, services, &held, held.needed_by, prepared).await.map_err(told)?;
    }
    tell_by_mail(&mut tx, services, id, moved).await.map_err(told)?;
    tx.commit().await.map_err(told)
}

/// Whom Active Directory names now for the stage after the one that waits: who was named when the request was handed in may have left.
async fn next(services: &Services, held: &Held, centre: &CostCentre) -> model::Result<Option<Vec<Named<PersonGuid>>>> {
    let Some((kind, requester)) = held.process.next().zip(held.process.requester) else { return Ok(None) };
    stages::candidates(services, kind, requester, centre).await.map(Some)
}

/// Those who would be approved, with what they would get.
async fn chosen(services: &Services, id: RequestId, except: &[RequestItemId], swaps: &[(Item, Pin)]) -> model::Result<Vec<Item>> {
    let mut connection = services.db.acquire().await.map_err(told)?;
    let mut items = items::all(&mut connection, id).await.map_err(told)?;
    items.retain(|item| item.state == ItemState::Asked && !except.contains(&item.id));
    for item in &mut items {
        if let Some((_, pin)) = swaps.iter().find(|(swapped, _)| swapped.id == item.id) {
            item.offering = Some((pin.offering, pin.version));
        }
    }
    Ok(items)
}

/// Whether the person may decide on what they looked at.
fn may_decide(held: &Held, person: &Person, seen: i64) -> model::Result<()> {
    held.process.may_decide(person).map_err(|why| refusal(why, held.version != seen))?;
    if held.version == seen { Ok(()) } else { Err(Error::conflict(Conflict::RequestChanged)) }
}

/// Why nothing was decided. Those who were asked when they looked, and are not any more, are told that it has gone on.
fn refusal(why: Undecided, moved: bool) -> Error {
    match why {
        Undecided::NotWaiting => Error::conflict(Conflict::RequestChanged),
        Undecided::NotYours(NotYours::OthersDecide | NotYours::Barred) if moved => Error::conflict(Conflict::RequestChanged),
        Undecided::NotYours(why) => Error::Refused { why: why.explain().to_owned() },
    }
}

fn note(said: &Said) -> model::Result<Option<String>> {
    let needed = !matches!(&said.decision, Decision::Approve { except } if except.is_empty());
    if !needed && said.note.trim().is_empty() {
        return Ok(None);
    }
    words(&said.note).map(Some).map_err(|message| Error::invalid("note", message))
}

/// What the swaps come to: offerings of the same directory whose price is known and not higher.
async fn swaps(services: &Services, held: &Held, said: &Said) -> model::Result<Vec<(Item, Pin)>> {
    if said.swaps.is_empty() || !matches!(said.decision, Decision::Approve { .. }) {
        return Ok(Vec::new());
    }
    let offers = open_offers(services, &held.owner).await?;
    let mut connection = services.db.acquire().await.map_err(told)?;
    let items = items::all(&mut connection, held.id).await.map_err(told)?;
    let mut swaps = Vec::new();
    for (id, offering) in &said.swaps {
        let item = items.iter().find(|item| item.id == *id && may_change(item));
        let item = item.ok_or_else(|| {
            Error::invalid("swaps", "Somebody of the list is not asked for any more, or keeps a desktop. Reload the page.")
        })?;
        if item.offering.is_some_and(|(now, _)| now == *offering) {
            continue;
        }
        let directory = directory_of(&offers, item);
        let offer = offers.iter().find(|offer| offer.version.offering == *offering);
        let offer = offer.filter(|offer| may_take(offer, item.price, directory.as_ref())).ok_or_else(|| {
            Error::invalid("swaps", "Only something that is offered now and costs the same or less can be given instead.")
        })?;
        swaps.push((item.clone(), Pin::of(offer)));
    }
    Ok(swaps)
}

/// Whether something else can be given: a desktop that is kept for longer stays what it is.
fn may_change(item: &Item) -> bool {
    item.state == ItemState::Asked && item.extends.is_none()
}

fn directory_of(offers: &[Offer], item: &Item) -> Option<model::DirectoryId> {
    let (offering, _) = item.offering?;
    offers.iter().find(|offer| offer.version.offering == offering).map(|offer| offer.version.directory.clone())
}

/// Whether an offering can be given in place of one that costs so much.
fn may_take(offer: &Offer, price: Option<Money>, directory: Option<&model::DirectoryId>) -> bool {
    let cheaper = match (offer.price.as_ref().map(|price| price.monthly), price) {
        (Some(new), Some(old)) => new.currency == old.currency && new.amount <= old.amount,
        _ => false,
    };
    cheaper && offer.why_not.is_none() && directory.is_none_or(|directory| offer.version.directory == *directory)
}

/// What may be given instead, for the page of those who decide.
pub(super) async fn offer_instead(
    services: &Services,
    id: RequestId,
    offers: &[Offer],
    views: &mut [ItemView],
) -> model::Result<()> {
    let mut connection = services.db.acquire().await.map_err(told)?;
    let items = items::all(&mut connection, id).await.map_err(told)?;
    for view in views.iter_mut() {
        let Some(item) = items.iter().find(|item| item.id == view.id && may_change(item)) else { continue };
        let directory = directory_of(offers, item);
        let fitting = offers
            .iter()
            .filter(|offer| offer.version.offering != view.offering && may_take(offer, item.price, directory.as_ref()));
        view.instead = fitting
            .map(|offer| {
                let price = offer.price.as_ref();
                let price = price.map(|price| super::dated(&price.monthly.to_string(), Some(price.valid_from), price.example));
                (offer.version.offering, format!("{} ({})", offer.version.name, price.unwrap_or_default()))
            })
            .collect();
    }
    Ok(())
}

async fn swap(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    held: &Held,
    item: &Item,
    pin: &Pin,
) -> model::Result<()> {
    items::pin(tx, item.id, pin).await.map_err(told)?;
    if let (Some(price), Some(centre)) = (pin.price, held.cost_centre) {
        cost_centres::reserve(tx, services, centre, item.id, price).await.map_err(told)?;
    }
    let note = format!("{}: {}", item.name, pin.name);
    let said = Told::note(&note);
    rows::tell(tx, services, actor, held.id, EventKind::Swap, said).await.map_err(told)
}

/// Whether the budget takes what would be approved now: it is committed if it does, and untouched if it does not. Anything but the
/// last approval takes nothing. `uncapped`: the cost centre had no cap, so that another currency than its own does not matter.
///
/// Nothing in here may take a second connection: fifty of these wait for one row, each with a connection of its own.
async fn fits(
    tx: &mut PgConnection,
    services: &Services,
    held: &Held,
    (person, decision): (&Person, &Decision),
    uncapped: bool,
) -> model::Result<bool> {
    let mut trial: Process = held.process.clone();
    if trial.decide(person, decision, true, &[]).map_err(|why| refusal(why, true))? != Move::Approve {
        return Ok(true);
    }
    let over = trial.asks_owner();
    let mut attempt = tx.begin().await.map_err(told)?;
    for (item, _) in trial.items.iter().filter(|(_, state)| *state == ItemState::Approved) {
        let mut fit = cost_centres::commit(&mut attempt, services, *item, over).await.map_err(told)?;
        if uncapped && matches!(fit, Fit::OtherCurrency { .. }) {
            fit = cost_centres::commit(&mut attempt, services, *item, true).await.map_err(told)?;
        }
        let taken = over || fit.is_yes() || (uncapped && matches!(fit, Fit::OtherCurrency { .. }));
        if !taken {
            attempt.rollback().await.map_err(told)?;
            return Ok(false);
        }
    }
    attempt.commit().await.map_err(told)?;
    Ok(true)
}

/// What was said by whom, what it led to, and the words.
struct Spoken<'a> {
    by: &'a str,
    event: EventKind,
    moved: Move,
    said: &'a Said,
    note: Option<&'a str>,
}

/// `Bo Berg in the place of Anna Adler`, where it is not somebody's own turn.
fn name(held: &Held, person: &Person) -> String {
    match person.guid.and_then(|guid| held.process.in_place_of(guid)) {
        Some(absent) => format!("{} in the place of {}", person.name, absent.name),
        None => person.name.clone(),
    }
}

/// Writes what became of the request, frees what is refused, and records it.
async fn write(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    (held, before): (&Held, &[Item]),
    spoken: &Spoken<'_>,
) -> model::Result<()> {
    let Spoken { by, event, moved, said, note } = *spoken;
    rows::keep(tx, services, held.id, &held.process, by).await.map_err(told)?;
    let refused: Vec<Uuid> = before
        .iter()
        .filter(|item| goes_on(item.state))
        .filter(|item| held.process.items.iter().any(|(id, state)| *id == item.id && !goes_on(*state)))
        .map(|item| item.id.0)
        .collect();
    for item in &refused {
        cost_centres::free(tx, services, RequestItemId(*item)).await.map_err(told)?;
    }
    if let Some(note) = note.filter(|_| !refused.is_empty()) {
        items::note(tx, &refused, note).await.map_err(told)?;
    }
    let told_of = Told { by: Some(by), seen: Some(said.seen), note, rule_text: held.rule_text.as_deref() };
    rows::tell(tx, services, actor, held.id, event, told_of).await.map_err(told)?;
    let outcome = match moved {
        Move::Pass => "approved; another stage decides",
        Move::Approve => "approved",
        Move::AskBack => "asked back",
        _ => "refused",
    };
    let detail = match refused.len() {
        0 => outcome.to_owned(),
        count => format!("{outcome}; {} refused", some_people(count)),
    };
    let detail = if by == actor.name() { detail } else { format!("{detail}; {by}") };
    let entry = record(Action::DecideRequest, held.id, &held.owner_name, detail);
    audit::noted(tx, services, actor, &entry, Outcome::Succeeded).await.map_err(told)
}

/// What came of deciding on several at once: how many went well, and why the others did not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bulk {
    pub done: u32,
    pub failed: Vec<(RequestId, Error)>,
}

/// The most requests of one call.
const MOST_AT_ONCE: usize = 100;

/// Decides on several requests in the same way; each stands by itself. With each comes the version that was looked at.
///
/// # Errors
/// [`Error::Invalid`] on `requests` (1 to 100) and `note`, [`Error::NotAllowed`].
pub async fn decide_all(
    services: &Services,
    actor: &Actor,
    requests: Vec<(RequestId, i64)>,
    decision: Decision,
    note_text: String,
) -> model::Result<Bulk> {
    actor.authorize(Act::DecideRequests)?;
    if requests.is_empty() || requests.len() > MOST_AT_ONCE {
        return Err(Error::invalid("requests", "Choose 1 to 100 requests. Nothing was decided."));
    }
    let mut bulk = Bulk::default();
    for (id, seen) in requests {
        let said = Said { decision: decision.clone(), swaps: Vec::new(), note: note_text.clone(), seen };
        match decide(services, actor, id, &said).await {
            Ok(()) => bulk.done += 1,
            // What is wrong with the words is wrong for all.
            Err(error @ Error::Invalid { .. }) if bulk.done == 0 && bulk.failed.is_empty() => return Err(error),
            Err(error) => bulk.failed.push((id, error)),
        }
    }
    Ok(bulk)
}
