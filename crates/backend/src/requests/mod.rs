//! Requests: a manager asks for desktops (`drafts`, `submit`), the rules say who decides (`rules`, `stages`), those decide (`decide`),
//! and what was approved is launched (`fulfil`). `patience` sees to what waits too long, `absence` says who decides in whose place;
//! `numbers` tells what became of all of it. What a decision leads to is said once, by `model::requests::process`.

pub mod absence;
pub mod decide;
pub mod drafts;
pub(crate) mod fulfil;
pub mod numbers;
pub(crate) mod patience;
pub mod rules;
mod stages;
mod store;
pub mod submit;
mod survey;

use model::{
    Error, Page, PageRequest, PersonGuid, RequestId,
    access::{Act, Actor, Person, Role, Scope},
    audit::Action,
    notices::Kind,
    offerings::Offer,
    requests::{
        Can, EventKind, Filter, ItemState, Move, RequestPage, State, Summary, Waiting,
        process::{StageState, Undecided},
    },
};
pub(crate) use stages::asked;
pub(crate) use store::views::dated;
use store::{drafts as draft_rows, process as rows, views};

use crate::{Services, audit, cost_centres, directories::scope_ids, endings, fault::told, notices, offerings};

/// Roles that see everybody's requests.
const STAFF: [Role; 3] = [Role::Helpdesk, Role::Admin, Role::Auditor];

/// One page of requests that were handed in, the newest first: one's own, or everybody's for those who look after them.
///
/// # Errors
/// [`Error::NotAllowed`].
pub async fn list(services: &Services, actor: &Actor, filter: Filter, page: PageRequest) -> model::Result<Page<Summary>> {
    actor.authorize(Act::SeeRequests)?;
    let q = filter.q.trim();
    let narrowing = views::Narrowing {
        pattern: (!q.is_empty()).then(|| crate::db::contains(q)),
        state: filter.state.filter(|state| *state != State::Draft),
        ..seen_by(actor)
    };
    views::list(services, &narrowing, page).await.map_err(told)
}

/// What of all requests the actor sees in lists.
fn seen_by(actor: &Actor) -> views::Narrowing {
    match staff_scope(actor) {
        Some(scope) => views::Narrowing { scope: scope_ids(&scope), ..views::Narrowing::default() },
        None => views::Narrowing { owner: Some(actor.key().to_owned()), ..views::Narrowing::default() },
    }
}

fn staff_scope(actor: &Actor) -> Option<Scope> {
    match actor {
        Actor::Person(person) => person.scope_of(&STAFF),
        Actor::Invitee => None,
        Actor::System { .. } => Some(Scope::Everywhere),
    }
}

/// One page of requests that wait for the actor's decision, the one that waits longest first.
///
/// # Errors
/// [`Error::NotAllowed`].
pub async fn to_decide(services: &Services, actor: &Actor, page: PageRequest) -> model::Result<Page<Summary>> {
    actor.authorize(Act::SeeApprovals)?;
    match decider(services, actor).await? {
        Some(who) => views::to_decide(services, &who, page).await.map_err(told),
        None => Ok(Page { rows: Vec::new(), total: 0, request: page }),
    }
}

/// Without an entry in Active Directory nothing can be decided.
async fn decider(services: &Services, actor: &Actor) -> model::Result<Option<views::Decider>> {
    let Actor::Person(Person { guid: Some(guid), .. }) = actor else { return Ok(None) };
    let within = |roles: &[Role]| {
        person_of(actor).map(|person| person.scope_of(roles).map_or(Some(Vec::new()), |scope| scope_ids(&scope)))
    };
    let (approvers, admins) = (within(&[Role::Approver, Role::Admin])?, within(&[Role::Admin])?);
    let in_place_of = absence::in_place_of(services, *guid).await.map_err(told)?;
    Ok(Some(views::Decider { guid: *guid, in_place_of, approvers, admins }))
}

/// One request with its people, its stages and its story, for who asked, those who decide, and those who look after it.
///
/// # Errors
/// [`Error::NotFound`], also for those who may not see it; [`Error::NotAllowed`].
pub async fn get(services: &Services, actor: &Actor, id: RequestId) -> model::Result<RequestPage> {
    actor.authorize(Act::SeeRequests)?;
    let head = views::head(services, id).await.map_err(told)?.ok_or(Error::NotFound)?;
    let held = held(services, id).await?;
    let (mine, staff) = (head.owner == actor.key(), is_staff(actor, &held.process.directories));
    let decision = match actor {
        Actor::Person(person) if person.may(Act::DecideRequests) => Some(held.process.may_decide(person)),
        _ => None,
    };
    let asked = matches!(actor, Actor::Person(person) if person.guid.is_some_and(|guid| head.deciders.contains(&guid.0)));
    if !(mine || staff || asked || matches!(decision, Some(Ok(_)))) {
        return Err(Error::NotFound);
    }
    let narrowing = views::Narrowing { id: Some(id), ..views::Narrowing::default() };
    let summary = views::list(services, &narrowing, PageRequest::default()).await.map_err(told)?.rows.pop();
    let summary = summary.ok_or(Error::NotFound)?;
    let decides = matches!(decision, Some(Ok(_)));
    let mut items = views::items(services, id, summary.state, staff).await.map_err(told)?;
    let offers = open_offers(services, &head.owner).await?;
    if decides {
        decide::offer_instead(services, id, &offers, &mut items).await?;
    }
    let events = views::events(services, id).await.map_err(told)?;
    let question = events.iter().find(|event| event.what == EventKind::AskBack).and_then(|event| event.note.clone());
    let open = matches!(summary.state, State::Waiting | State::AskedBack);
    let centre = match head.cost_centre {
        Some(centre) => Some(cost_centres::get(services, model::CostCentreId(centre)).await?),
        None => None,
    };
    let budget = match &centre {
        Some(centre) if decides || staff => Some(submit::budget_words(&cost_centres::standing(services, centre.id).await?)),
        _ => None,
    };
    Ok(RequestPage {
        cost_centre: centre.map(|centre| centre.title()).unwrap_or_default(),
        budget,
        until: head.ends_on.map(views::day),
        rule: head.rule_text,
        stages: views::stages(services, id).await.map_err(told)?,
        question: question.filter(|_| summary.state == State::AskedBack),
        launch_day: head.launch_at.filter(|at| *at > services.clock.now()).map(|at| services.stamp(at).local),
        notes: notes(&items, &offers, open),
        can: Can { decide: decides, answer: mine && summary.state == State::AskedBack, change: mine && open, copy: mine },
        why_not: match decision {
            Some(Err(Undecided::NotYours(why))) if open && !mine && !staff => Some(why.explain().to_owned()),
            _ => None,
        },
        summary,
        items,
        events,
        endings: endings::of_request(services, id).await?,
    })
}

/// Everything that is offered now, whoever may ask for it.
async fn open_offers(services: &Services, owner: &str) -> model::Result<Vec<Offer>> {
    offerings::open_to(services, &Actor::System { on_behalf_of: Some(owner.to_owned()) }).await
}

/// What became of what was asked for since: a request keeps the version it asked for, and those who decide should know.
fn notes(items: &[model::requests::ItemView], offers: &[Offer], open: bool) -> Vec<String> {
    let mut notes = Vec::new();
    for item in items.iter().filter(|_| open) {
        let offer = offers.iter().find(|offer| offer.version.offering == item.offering);
        let note = match offer {
            None => {
                format!("\u{201c}{}\u{201d} is not offered any more. This request keeps what it asked for.", item.offering_name)
            }
            Some(offer) => match &offer.why_not {
                Some(why) => format!("\u{201c}{}\u{201d}: {why}", item.offering_name),
                None => continue,
            },
        };
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}

fn is_staff(actor: &Actor, directories: &[model::DirectoryId]) -> bool {
    staff_scope(actor).is_some_and(|scope| directories.iter().all(|directory| scope.covers(directory)))
}

/// The request as it is now, without keeping others from changing it.
async fn held(services: &Services, id: RequestId) -> model::Result<rows::Held> {
    let mut connection = services.db.acquire().await.map_err(told)?;
    rows::read(&mut connection, services, id).await.map_err(told)?.ok_or(Error::NotFound)
}

/// How many of a kind the start page shows.
const FEW: u32 = 5;

/// What waits for the actor, for the start page, which has authorized.
///
/// # Errors
/// [`Error::Unavailable`] when the database is away.
pub async fn waiting(services: &Services, actor: &Actor) -> model::Result<Waiting> {
    actor.authorize(Act::SeeToday)?;
    let few = PageRequest { number: 1, size: FEW };
    let mut waiting = Waiting { drafts: draft_rows::mine(services, actor).await.map_err(told)?, ..Waiting::default() };
    let mine =
        |state| views::Narrowing { owner: Some(actor.key().to_owned()), state: Some(state), ..views::Narrowing::default() };
    if actor.authorize(Act::SeeApprovals).is_ok() {
        let page = to_decide(services, actor, few).await?;
        (waiting.to_decide, waiting.to_decide_total) = (page.rows, page.total);
    }
    waiting.asked_back = views::list(services, &mine(State::AskedBack), few).await.map_err(told)?.rows;
    for state in [State::Waiting, State::Approved] {
        let rows = views::list(services, &mine(state), few).await.map_err(told)?.rows;
        let under_way = |summary: &Summary| summary.state == State::Waiting || !summary.counts.is_over();
        waiting.mine.extend(rows.into_iter().filter(under_way));
    }
    if staff_scope(actor).is_some() {
        let overdue = views::Narrowing { overdue_on: Some(submit::today(services)), ..seen_by(actor) };
        waiting.overdue = views::list(services, &overdue, few).await.map_err(told)?.rows;
    }
    Ok(waiting)
}

/// The person who acts: what is asked for and decided is never a job's.
fn person_of(actor: &Actor) -> model::Result<&Person> {
    match actor {
        Actor::Person(person) => Ok(person),
        Actor::Invitee | Actor::System { .. } => Err(Error::SignIn),
    }
}

fn record(action: Action, id: RequestId, requester: &str, detail: String) -> audit::Record<'static> {
    audit::Record {
        action,
        object: audit::Object { kind: "request", id: id.to_string(), name: format!("Request of {requester}") },
        person: None,
        detail: Some(detail),
    }
}

/// What is told of a request by mail, to one reader.
pub(crate) struct About {
    pub summary: Summary,
    pub until: Option<String>,
    /// The stage that waits, if the reader is asked at it.
    pub asked_at: Option<i32>,
    /// In whose place.
    pub in_place_of: Option<String>,
    /// Why it was passed on, and since when it waits.
    pub stage_note: Option<String>,
    pub waits_since: Option<String>,
    /// Who decided or asked back last, and their words.
    pub by: Option<String>,
    pub words: Option<String>,
}

/// A request as it is now, for `notices`, which tells those whom it concerns.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Unavailable`] when the database is away.
pub(crate) async fn about(services: &Services, id: RequestId, reader: PersonGuid) -> model::Result<About> {
    let head = views::head(services, id).await.map_err(told)?.ok_or(Error::NotFound)?;
    let process = held(services, id).await?.process;
    let narrowing = views::Narrowing { id: Some(id), ..views::Narrowing::default() };
    let summary = views::list(services, &narrowing, PageRequest::default()).await.map_err(told)?.rows.pop();
    let stages = views::stages(services, id).await.map_err(told)?;
    let waits = (0_i32..).zip(stages).find(|(_, stage)| stage.state == StageState::Waiting);
    let said = [EventKind::Approve, EventKind::Refuse, EventKind::AskBack];
    let last = views::events(services, id).await.map_err(told)?.into_iter().find(|event| said.contains(&event.what));
    let (by, words) = last.map_or((None, None), |event| (Some(event.by), event.note));
    Ok(About {
        summary: summary.ok_or(Error::NotFound)?,
        until: head.ends_on.map(views::day),
        asked_at: waits.as_ref().map(|(position, _)| *position).filter(|_| process.asks(reader)),
        in_place_of: process.in_place_of(reader).map(|absent| absent.name.clone()),
        waits_since: waits.as_ref().and_then(|(_, stage)| stage.since.as_ref()).map(|since| since.local.clone()),
        stage_note: waits.and_then(|(_, stage)| stage.note),
        by,
        words,
    })
}

/// Has told whom a move concerns: who asked, and those who can decide now.
async fn tell_by_mail(tx: &mut sqlx::PgConnection, services: &Services, id: RequestId, moved: Move) -> sqlx::Result<()> {
    match moved {
        Move::Submit => {
            notices::to_owner(tx, services, id, Kind::Submitted).await?;
            notices::to_deciders(tx, services, id, Kind::ToDecide).await
        }
        Move::Pass | Move::Answer => notices::to_deciders(tx, services, id, Kind::ToDecide).await,
        Move::Approve | Move::Refuse => notices::to_owner(tx, services, id, Kind::Decided).await,
        Move::AskBack => notices::to_owner(tx, services, id, Kind::AskedBack).await,
        Move::Reopen | Move::Withdraw => Ok(()),
    }
}

/// Adds something of a desktop's end to the story of the request by which it came.
pub(crate) async fn tell_ending(
    tx: &mut sqlx::PgConnection,
    services: &Services,
    actor: &Actor,
    request: RequestId,
    note: &str,
) -> sqlx::Result<()> {
    let said = rows::Told::note(note);
    rows::tell(tx, services, actor, request, EventKind::Ending, said).await
}

/// `3 people`.
pub(crate) fn some_people(count: usize) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}

/// Rows that are still on their way to a desktop.
fn goes_on(state: ItemState) -> bool {
    matches!(state, ItemState::Asked | ItemState::Approved)
}
