//! Asking: what is typed is kept in the request's own row, right or wrong, until it is handed in; and what was handed in can be taken
//! back until it is decided.

use model::{
    Conflict, Error, FieldError, OfferingId, Page, PageRequest, PersonGuid, RequestId,
    access::{Act, Actor},
    audit::{Action, Outcome},
    people::{Hits, Report, Search},
    requests::{
        DesktopStep, DraftHead, DraftLine, EventKind, MOST_PEOPLE, Move, PeopleStep, RequestForm, State, people_error, words,
    },
};
use uuid::Uuid;

use super::{
    held, record,
    store::{drafts as rows, items, patience, process},
    submit, tell_by_mail,
};
use crate::{Fault, Services, audit, cost_centres, fault::told, offerings, people};

/// Begins a request.
///
/// # Errors
/// [`Error::NotAllowed`].
pub async fn begin(services: &Services, actor: &Actor) -> model::Result<RequestId> {
    actor.authorize(Act::Ask)?;
    let id = RequestId(Uuid::now_v7());
    rows::insert(services, actor, id).await.map_err(told)?;
    Ok(id)
}

/// The actor's drafts, the newest first.
///
/// # Errors
/// [`Error::NotAllowed`].
pub async fn mine(services: &Services, actor: &Actor) -> model::Result<Vec<DraftLine>> {
    actor.authorize(Act::Ask)?;
    rows::mine(services, actor).await.map_err(told)
}

/// The actor's own request, draft or not.
///
/// # Errors
/// [`Error::NotFound`] for an unknown one and for somebody else's, [`Error::NotAllowed`].
pub async fn head(services: &Services, actor: &Actor, id: RequestId) -> model::Result<DraftHead> {
    actor.authorize(Act::Ask)?;
    rows::head(services, actor, id).await.map_err(told)?.ok_or(Error::NotFound)
}

/// The actor's own request, still a draft.
pub(super) async fn open(services: &Services, actor: &Actor, id: RequestId) -> model::Result<DraftHead> {
    let head = head(services, actor, id).await?;
    if head.state == State::Draft { Ok(head) } else { Err(Error::conflict(Conflict::RequestDecided)) }
}

/// Whom somebody looks for in the step "For whom", and which pages are wanted.
#[derive(Debug, Clone, Default)]
pub struct Look {
    pub q: String,
    pub reports: PageRequest,
    pub chosen: PageRequest,
}

/// How many people a search shows.
const FOUND: u32 = 25;

/// The step "For whom": one's own people first, and whom a search finds. Each is judged by the directory of the offering that is
/// chosen, or of the first that may be asked for.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`]. That Active Directory is away is told on the page.
pub async fn people_step(services: &Services, actor: &Actor, id: RequestId, look: &Look) -> model::Result<PeopleStep> {
    let draft = head(services, actor, id).await?;
    let basis = basis(services, actor, &draft).await?;
    let (reports, reports_note) = own_people(services, actor, look.reports, basis.as_ref()).await?;
    let (found, search_problem) = match look.q.trim() {
        "" => (None, None),
        q => match search(services, q, basis.as_ref()).await {
            Ok(hits) => (Some(hits), None),
            Err(error) => (None, Some(error.to_string())),
        },
    };
    let shown = reports.rows.iter().map(|(report, _)| report.person.guid.0);
    let shown: Vec<Uuid> = shown.chain(found.iter().flat_map(|hits| hits.hits.iter().map(|hit| hit.person.guid.0))).collect();
    Ok(PeopleStep {
        ticked: rows::among(services, id, &shown).await.map_err(told)?,
        chosen: rows::asked(services, id, look.chosen).await.map_err(told)?,
        draft,
        reports,
        reports_note,
        found,
        search_problem,
    })
}

/// The directory by which people are judged before an offering is chosen for them.
async fn basis(services: &Services, actor: &Actor, draft: &DraftHead) -> model::Result<Option<model::DirectoryId>> {
    let offers = offerings::open_to(services, actor).await?;
    let chosen: Option<OfferingId> = draft.form.offering.parse().ok();
    let offer = offers.iter().find(|offer| Some(offer.version.offering) == chosen).or(offers.first());
    Ok(offer.map(|offer| offer.version.directory.clone()))
}

type OwnPeople = Page<(Report, model::people::Obstacles)>;

/// One page of the actor's own people, and why not all of them are there.
async fn own_people(
    services: &Services,
    actor: &Actor,
    page: PageRequest,
    basis: Option<&model::DirectoryId>,
) -> model::Result<(OwnPeople, Option<String>)> {
    let none = Page { rows: Vec::new(), total: 0, request: page };
    let Some(guid) = super::person_of(actor)?.guid else {
        return Ok((none, Some(model::requests::NotYours::NoEntry.explain().to_owned())));
    };
    let reports = match people::reports(services, guid, people::MOST_REPORTS).await {
        Ok(reports) => reports,
        Err(error) => return Ok((none, Some(error.to_string()))),
    };
    let total = i64::try_from(reports.people.len()).unwrap_or(i64::MAX);
    let skip = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let shown: Vec<_> = reports.people.into_iter().skip(skip).take(page.size as usize).collect();
    let judged = judged(services, basis, shown.iter().map(|report| report.person.clone()).collect()).await?;
    let rows = shown.into_iter().zip(judged).map(|(report, hit)| (report, hit.obstacles)).collect();
    Ok((Page { rows, total, request: page }, reports.cut.map(|cut| cut.to_string())))
}

async fn search(services: &Services, q: &str, basis: Option<&model::DirectoryId>) -> model::Result<Hits> {
    let (found, more) = people::first(services, &Search::parse(q)?, FOUND).await?;
    Ok(Hits { hits: judged(services, basis, found).await?, page: 1, more })
}

/// The people with what keeps them from a desktop there, in the same order.
async fn judged(
    services: &Services,
    basis: Option<&model::DirectoryId>,
    found: Vec<model::people::Person>,
) -> model::Result<Vec<model::people::Hit>> {
    match basis {
        Some(directory) => people::with_obstacles(services, directory, found).await,
        None => Ok(found.into_iter().map(|person| model::people::Hit { person, obstacles: Vec::new() }).collect()),
    }
}

/// Adds people, as Active Directory has them now; who is not there is left out, and who may not get a desktop is told at the check.
///
/// # Errors
/// [`Error::Invalid`] on `people` for oneself and for more than 500, [`Error::Conflict`] once it was handed in, [`Error::NotFound`],
/// [`Error::Unavailable`] when Active Directory is away.
pub async fn add(services: &Services, actor: &Actor, id: RequestId, guids: Vec<PersonGuid>) -> model::Result<()> {
    open(services, actor, id).await?;
    let oneself = super::person_of(actor)?.guid;
    if oneself.is_some_and(|oneself| guids.contains(&oneself)) {
        return Err(refused_people(1, true));
    }
    if guids.len() > MOST_PEOPLE {
        return Err(refused_people(guids.len(), false));
    }
    let found = people::known(services, &guids).await?;
    change(services, id, async |tx| {
        if rows::add(tx, id, &found).await? { Ok(()) } else { Err(Fault::Told(refused_people(MOST_PEOPLE + 1, false))) }
    })
    .await
}

fn refused_people(count: usize, oneself: bool) -> Error {
    Error::Invalid { fields: people_error(count, oneself).into_iter().collect() }
}

/// Takes people off the list.
///
/// # Errors
/// [`Error::Conflict`] once it was handed in, [`Error::NotFound`].
pub async fn remove(services: &Services, actor: &Actor, id: RequestId, guids: Vec<PersonGuid>) -> model::Result<()> {
    open(services, actor, id).await?;
    let guids: Vec<Uuid> = guids.into_iter().map(|guid| guid.0).collect();
    change(services, id, async |tx| Ok(rows::remove(tx, id, &guids).await?)).await
}

/// One change of a draft, in a transaction that first takes the draft's row.
async fn change(
    services: &Services,
    id: RequestId,
    work: impl AsyncFnOnce(&mut sqlx::PgConnection) -> Result<(), Fault>,
) -> model::Result<()> {
    let mut tx = services.db.begin().await.map_err(told)?;
    if !rows::touch(&mut tx, services, id).await.map_err(told)? {
        return Err(Error::conflict(Conflict::RequestDecided));
    }
    work(&mut tx).await.map_err(told)?;
    tx.commit().await.map_err(told)
}

/// The step "What and why".
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`], [`Error::Unavailable`] when Active Directory is away.
pub async fn desktop_step(services: &Services, actor: &Actor, id: RequestId, page: PageRequest) -> model::Result<DesktopStep> {
    let mut draft = head(services, actor, id).await?;
    let centres = cost_centres::all_open(services).await?;
    if draft.form.cost_centre.is_empty() {
        // What Active Directory says of who asks is the likely one.
        if let Some(guid) = super::person_of(actor)?.guid
            && let Ok(own) = people::one(services, guid).await
            && let Some(number) = own.cost_centre
            && let Some(centre) = centres.iter().find(|centre| centre.number.eq_ignore_ascii_case(&number))
        {
            draft.form.cost_centre = centre.id.to_string();
        }
    }
    let today = submit::today_of(services, super::person_of(actor)?.guid).await?;
    let last = today.checked_add_months(chrono::Months::new(12)).unwrap_or(today);
    Ok(DesktopStep {
        cards: offerings::open_to(services, actor).await?.iter().map(model::offerings::Offer::card).collect(),
        cost_centres: centres.into_iter().map(|centre| (centre.id.to_string(), centre.title())).collect(),
        people: rows::asked(services, id, page).await.map_err(told)?,
        first_day: today.format("%Y-%m-%d").to_string(),
        last_day: last.format("%Y-%m-%d").to_string(),
        draft,
    })
}

/// What single people are to get, if it is something else than all.
type Own = Vec<(PersonGuid, Option<OfferingId>)>;

/// Keeps the step "What and why" as typed, with what is wrong with it. True when nothing is.
///
/// # Errors
/// [`Error::Conflict`] once it was handed in, [`Error::NotFound`].
pub async fn save(services: &Services, actor: &Actor, id: RequestId, form: RequestForm, own: Own) -> model::Result<bool> {
    let draft = open(services, actor, id).await?;
    // PostgreSQL's JSON can't hold NUL, which a hand-made form may carry.
    let text = |text: String| text.replace('\0', "").chars().take(2_000).collect::<String>();
    let form = RequestForm {
        offering: text(form.offering),
        reason: text(form.reason),
        cost_centre: text(form.cost_centre),
        needed_by: text(form.needed_by),
        until: text(form.until),
    };
    let today = submit::today_of(services, super::person_of(actor)?.guid).await?;
    let mut errors = form.parse(today).err().unwrap_or_default();
    errors.extend(unknown(services, actor, &form, if draft.only_more_time { None } else { Some(&own) }).await?);
    change(services, id, async |tx| rows::save(tx, id, &form, &errors, &own).await).await?;
    Ok(errors.is_empty())
}

/// What is chosen that can't be chosen (any more). `own` is `None` where desktops are kept only, so that nobody chooses one.
async fn unknown(services: &Services, actor: &Actor, form: &RequestForm, own: Option<&Own>) -> model::Result<Vec<FieldError>> {
    let chosen: Vec<OfferingId> = match own {
        Some(own) => form.offering.parse().ok().into_iter().chain(own.iter().filter_map(|(_, offering)| *offering)).collect(),
        None => Vec::new(),
    };
    let offers = offerings::open_to(services, actor).await?;
    let mut errors = Vec::new();
    let mut wrong = |field: &str, message: String| errors.push(FieldError { field: field.to_owned(), message });
    for offering in chosen {
        match offers.iter().find(|offer| offer.version.offering == offering) {
            None => wrong("offering", "This is not offered to you any more. Choose something else.".to_owned()),
            Some(offer) => {
                if let Some(why) = &offer.why_not {
                    wrong("offering", format!("\u{201c}{}\u{201d}: {why}", offer.version.name));
                }
            }
        }
    }
    if let Ok(centre) = form.cost_centre.parse()
        && !cost_centres::all_open(services).await?.iter().any(|known| known.id == centre)
    {
        wrong("cost_centre", "This cost centre is closed. Choose another one.".to_owned());
    }
    errors.dedup();
    Ok(errors)
}

/// Throws a draft away; one that was handed in before is withdrawn.
///
/// # Errors
/// [`Error::Conflict`] if it is no draft any more, [`Error::NotFound`].
pub async fn discard(services: &Services, actor: &Actor, id: RequestId) -> model::Result<()> {
    let draft = open(services, actor, id).await?;
    if draft.again {
        return withdraw(services, actor, id, draft.version).await;
    }
    if rows::discard(services, actor, id).await.map_err(told)? { Ok(()) } else { Err(Error::conflict(Conflict::RequestDecided)) }
}

/// Begins a request that asks for the same as an earlier one of the actor's.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn copy(services: &Services, actor: &Actor, from: RequestId) -> model::Result<RequestId> {
    head(services, actor, from).await?;
    let id = RequestId(Uuid::now_v7());
    let mut tx = services.db.begin().await.map_err(told)?;
    rows::copy(&mut tx, services, actor, from, id).await.map_err(told)?;
    tx.commit().await.map_err(told)?;
    Ok(id)
}

/// Begins a request for more time for those desktops of an earlier one that are about to end, until that day as typed; for
/// `endings`, which has authorized.
pub(crate) async fn extend(services: &Services, actor: &Actor, from: RequestId, until: &str) -> model::Result<RequestId> {
    let id = RequestId(Uuid::now_v7());
    let mut tx = services.db.begin().await.map_err(told)?;
    rows::extend(&mut tx, services, actor, from, id).await.map_err(told)?;
    tx.commit().await.map_err(told)?;
    let form = head(services, actor, id).await?.form;
    let today = submit::today_of(services, super::person_of(actor)?.guid).await?;
    let form = RequestForm { needed_by: today.to_string(), until: until.to_owned(), ..form };
    save(services, actor, id, form, Vec::new()).await?;
    Ok(id)
}

/// Takes a request back into the draft, to be changed. `seen` is the version that the actor looked at.
///
/// # Errors
/// [`Error::Conflict`] if it was decided or has gone on since, [`Error::NotFound`].
pub async fn reopen(services: &Services, actor: &Actor, id: RequestId, seen: i64) -> model::Result<()> {
    take_back(services, actor, (id, seen), Move::Reopen, "").await
}

/// Takes a request back for good.
///
/// # Errors
/// As [`reopen`].
pub async fn withdraw(services: &Services, actor: &Actor, id: RequestId, seen: i64) -> model::Result<()> {
    take_back(services, actor, (id, seen), Move::Withdraw, "").await
}

/// Answers a question of somebody who decides; the same stage waits again.
///
/// # Errors
/// [`Error::Invalid`] on `answer`; else as [`reopen`].
pub async fn answer(services: &Services, actor: &Actor, id: RequestId, seen: i64, answer: &str) -> model::Result<()> {
    let answer = words(answer).map_err(|message| Error::invalid("answer", message))?;
    take_back(services, actor, (id, seen), Move::Answer, &answer).await
}

/// A move of who asks. The same one sent again finds the first.
async fn take_back(
    services: &Services,
    actor: &Actor,
    (id, seen): (RequestId, i64),
    what: Move,
    note: &str,
) -> model::Result<()> {
    actor.authorize(Act::Ask)?;
    let event = match what {
        Move::Reopen => EventKind::Reopen,
        Move::Answer => EventKind::Answer,
        _ => EventKind::Withdraw,
    };
    if held(services, id).await?.owner != actor.key() {
        return Err(Error::NotFound);
    }
    if process::is_replay(services, actor, id, event, seen).await.map_err(told)? {
        return Ok(());
    }
    let mut tx = services.db.begin().await.map_err(told)?;
    let mut held = process::hold(&mut tx, services, id).await.map_err(told)?.ok_or(Error::NotFound)?;
    held.process.state = held.process.state.after(what).ok_or(Error::conflict(Conflict::RequestDecided))?;
    if held.version != seen {
        return Err(Error::conflict(Conflict::RequestChanged));
    }
    if what != Move::Answer {
        for (item, _) in &held.process.items {
            cost_centres::free(&mut tx, services, *item).await.map_err(told)?;
        }
        process::forget_stages(&mut tx, id).await.map_err(told)?;
        held.process.stages.clear();
    }
    process::keep(&mut tx, services, id, &held.process, actor.name()).await.map_err(told)?;
    if what == Move::Reopen {
        items::reset(&mut tx, id).await.map_err(told)?;
    }
    if what == Move::Answer {
        patience::begin_anew(&mut tx, services, id).await.map_err(told)?;
    }
    tell_by_mail(&mut tx, services, id, what).await.map_err(told)?;
    let note = (!note.is_empty()).then_some(note);
    let said = process::Told { seen: Some(seen), note, rule_text: None, ..process::Told::default() };
    process::tell(&mut tx, services, actor, id, event, said).await.map_err(told)?;
    let record = record(Action::ChangeRequest, id, actor.name(), event.label().to_lowercase());
    audit::noted(&mut tx, services, actor, &record, Outcome::Succeeded).await.map_err(told)?;
    tx.commit().await.map_err(told)
}
