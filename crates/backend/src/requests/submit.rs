//! Handing a request in: everything is read first, then one transaction pins it, reserves its price and hands it to those who decide.

use chrono::NaiveDate;
use model::{
    Conflict, Error, PersonGuid, RequestId,
    access::{Act, Actor},
    audit::{Action, Outcome},
    cost_centres::{Fit, Standing},
    offerings::Price,
    people::Obstacle,
    requests::{
        Barred, CheckRow, CheckStep, EventKind, Move, StageView, State, deciders,
        process::{Process, Stage, StageState},
        rules::Outcome as Ruled,
    },
};
use sqlx::PgConnection;

use super::{
    fulfil, record, some_people,
    store::{
        items::{self, Item, Pin},
        process::{self as rows, Pinned, Told},
        views,
    },
    survey::{Plan, Survey, further, survey},
    tell_by_mail,
};
use crate::{Services, audit, cost_centres, fault::told, notices};

/// The day it is where the installation is.
pub(super) fn today(services: &Services) -> NaiveDate {
    services.clock.now().with_timezone(&services.settings.time_zone).date_naive()
}

/// The day it is where somebody is, if they have said where that is.
pub(super) async fn today_of(services: &Services, person: Option<PersonGuid>) -> model::Result<NaiveDate> {
    Ok(services.clock.now().with_timezone(&notices::zone(services, person).await?).date_naive())
}

/// How a budget stands, in words.
pub(super) fn budget_words(standing: &Standing) -> String {
    match standing.left() {
        None => "no cap".to_owned(),
        Some(left) if left.amount.is_sign_negative() => format!("used up, {} over the cap", -left.amount),
        Some(left) => format!("{left} a month left"),
    }
}

/// The check: what would be handed in, which rule decides and who, and what stands against it.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`], [`Error::Unavailable`] when Active Directory is away.
pub async fn check(services: &Services, actor: &Actor, id: RequestId) -> model::Result<CheckStep> {
    actor.authorize(Act::Ask)?;
    let survey = survey(services, actor, id).await?;
    let row = |item: &Item| {
        let offer = survey.offer_of(item);
        let price = offer.and_then(|offer| offer.price.as_ref());
        let obstacles = match (survey.hits.get(&item.person), offer) {
            (Some(hit), _) => hit.obstacles.clone(),
            (None, Some(_)) => vec![Obstacle::NotInDirectory],
            (None, None) => Vec::new(),
        };
        CheckRow {
            person: item.person,
            name: item.name.clone(),
            account: item.account.clone(),
            offering: offer.map(|offer| offer.version.name.clone()).unwrap_or_default(),
            price: views::price_words(price.map(|price| price.monthly), price.map(|price| price.valid_from), is_example(price)),
            obstacles,
        }
    };
    let plan = survey.plan.as_ref();
    let prices = || survey.all_offers().filter_map(|offer| offer.price.as_ref());
    let (from, example) = (prices().map(|price| price.valid_from).max(), prices().any(|price| price.example));
    let total = plan.and_then(|plan| plan.facts.total());
    Ok(CheckStep {
        rows: survey.items.iter().map(row).collect(),
        needed_by: plan.map(|plan| views::day(plan.wanted.needed_by)).unwrap_or_default(),
        until: plan.and_then(|plan| plan.wanted.until).map(views::day),
        reason: plan.map(|plan| plan.wanted.reason.clone()).unwrap_or_default(),
        cost_centre: plan.map(|plan| plan.centre.title()).unwrap_or_default(),
        total: total
            .map_or_else(|| "price not known".to_owned(), |total| views::dated(&format!("{total} a month"), from, example)),
        budget: plan.map(|plan| budget_words(&plan.standing)).unwrap_or_default(),
        rule: plan.map(|plan| plan.ruling.text.clone()).unwrap_or_default(),
        stages: plan.map(|plan| views_of(plan, &survey.items)).unwrap_or_default(),
        problems: survey.problems.clone(),
        shown: survey.shown(),
        draft: survey.draft,
    })
}

fn is_example(price: Option<&Price>) -> bool {
    price.is_some_and(|price| price.example)
}

/// Who would decide at each stage, as far as that can be said before.
fn views_of(plan: &Plan, items: &[Item]) -> Vec<StageView> {
    let barred = Barred::new(items.iter().map(|item| item.person).chain([plan.requester]));
    let view = |stage: &Stage| {
        let (who, note) = deciders(&stage.kind, &stage.candidates, &barred);
        let (kind, who) = (stage.kind.sentence(), Some(who.sentence()));
        StageView { kind, who, state: StageState::Later, since: None, note, decided_by: None }
    };
    plan.stages.iter().map(view).collect()
}

/// How often a budget may move between the look at it and the reservation before somebody has to look again.
const TRIES: usize = 8;

/// Hands the request in as it was looked at: `seen` is the draft's version, `shown` what the check showed. Sent again, it finds the
/// first.
///
/// # Errors
/// [`Error::Invalid`] naming what stands against it, [`Error::Conflict`] if the draft or what it asks for was changed since,
/// [`Error::NotFound`], [`Error::NotAllowed`], [`Error::Unavailable`] when Active Directory is away; the draft is kept.
pub async fn submit(services: &Services, actor: &Actor, id: RequestId, seen: i64, shown: &str) -> model::Result<()> {
    actor.authorize(Act::Ask)?;
    for _ in 0..TRIES {
        if rows::is_replay(services, actor, id, EventKind::Submit, seen).await.map_err(told)? {
            return Ok(());
        }
        let survey = survey(services, actor, id).await?;
        if survey.draft.state != State::Draft {
            return Err(Error::conflict(Conflict::RequestDecided));
        }
        if survey.draft.version != seen {
            return Err(Error::conflict(Conflict::RequestChanged));
        }
        if survey.shown() != shown {
            return Err(Error::conflict(Conflict::RequestPriced));
        }
        if !survey.problems.is_empty() {
            return Err(Error::Invalid { fields: survey.problems });
        }
        if hand_in(services, actor, id, &survey).await? {
            return Ok(());
        }
    }
    Err(Error::conflict(Conflict::RequestPriced))
}

/// Everything in one transaction; false if the budget has moved since it was looked at, or somebody else was faster.
async fn hand_in(services: &Services, actor: &Actor, id: RequestId, survey: &Survey) -> model::Result<bool> {
    let Some(plan) = &survey.plan else { return Ok(false) };
    let prepared = match plan.ruling.outcome {
        Ruled::AtOnce => {
            let zone = notices::zone(services, Some(plan.requester)).await?;
            fulfil::prepare(services, survey.pinned(), (Some(plan.wanted.needed_by), zone)).await
        }
        Ruled::Stages(_) | Ruled::Refuse(_) => None,
    };
    let mut tx = services.db.begin().await.map_err(told)?;
    let mut held = rows::hold(&mut tx, services, id).await.map_err(told)?.ok_or(Error::NotFound)?;
    if held.version != survey.draft.version || held.process.state != State::Draft {
        return Ok(false);
    }
    let refused = matches!(plan.ruling.outcome, Ruled::Refuse(_));
    if pin(&mut tx, services, survey, plan, refused).await? != plan.facts.fits() && plan.facts.total().is_some() && !refused {
        return Ok(false);
    }
    let moved = start(&mut held.process, plan).ok_or(Error::conflict(Conflict::RequestDecided))?;
    let pinned = Pinned {
        reason: &plan.wanted.reason,
        cost_centre: plan.centre.id,
        needed_by: plan.wanted.needed_by,
        ends_on: plan.wanted.until,
        directories: directories(survey),
        facts: &plan.facts,
        rule_text: &plan.ruling.text,
    };
    rows::pin(&mut tx, services, actor, id, &pinned).await.map_err(told)?;
    rows::keep(&mut tx, services, id, &held.process, actor.name()).await.map_err(told)?;
    let said = Told {
        seen: Some(survey.draft.version),
        note: Some(&plan.wanted.reason),
        rule_text: Some(&plan.ruling.text),
        ..Told::default()
    };
    rows::tell(&mut tx, services, actor, id, EventKind::Submit, said).await.map_err(told)?;
    by_rule(&mut tx, services, id, plan, moved).await?;
    tell_by_mail(&mut tx, services, id, moved).await.map_err(told)?;
    let detail = format!("{}; {}", some_people(survey.items.len()), plan.ruling.text);
    let entry = record(Action::SubmitRequest, id, actor.name(), detail);
    audit::noted(&mut tx, services, actor, &entry, Outcome::Succeeded).await.map_err(told)?;
    if moved == Move::Approve {
        for item in &survey.items {
            // Nobody decides, so nothing goes over a cap.
            let capped = plan.facts.left.is_some();
            let fit = cost_centres::commit(&mut tx, services, item.id, !capped).await.map_err(told)?;
            if capped && !fit.is_yes() {
                return Ok(false);
            }
        }
        held.owner_name = actor.name().to_owned();
        fulfil::begin(&mut tx, services, &held, Some(plan.wanted.needed_by), prepared).await.map_err(told)?;
    }
    tx.commit().await.map_err(told)?;
    Ok(true)
}

/// Pins every row to its offering and reserves its price; whether the budget has room for all of them.
async fn pin(tx: &mut PgConnection, services: &Services, survey: &Survey, plan: &Plan, refused: bool) -> model::Result<bool> {
    let mut fits = true;
    for item in &survey.items {
        let Some(offer) = survey.offer_of(item) else { continue };
        let pinned = Pin::of(offer);
        items::pin(tx, item.id, &pinned).await.map_err(told)?;
        if let Some(hit) = survey.hits.get(&item.person) {
            items::refresh(tx, item.id, &hit.person).await.map_err(told)?;
        }
        if let (Some(price), false) = (pinned.price, refused) {
            let price = further(services, item, plan.centre.id, price).await?;
            fits &= match cost_centres::reserve(tx, services, plan.centre.id, item.id, price).await.map_err(told)? {
                Fit::Yes { .. } => true,
                Fit::Over { .. } => false,
                Fit::OtherCurrency { .. } => plan.facts.left.is_none(),
            };
        }
    }
    Ok(fits)
}

fn start(process: &mut Process, plan: &Plan) -> Option<Move> {
    process.requester = Some(plan.requester);
    process.submit(&plan.ruling.outcome, plan.stages.clone())
}

fn directories(survey: &Survey) -> Vec<String> {
    let mut directories: Vec<_> = survey.all_offers().map(|offer| offer.version.directory.to_string()).collect();
    directories.sort_unstable();
    directories.dedup();
    directories
}

/// What a rule decides by itself stands on the record as Frontdesk's word.
async fn by_rule(tx: &mut PgConnection, services: &Services, id: RequestId, plan: &Plan, moved: Move) -> model::Result<()> {
    let (what, note) = match (moved, &plan.ruling.outcome) {
        (Move::Approve, _) => (EventKind::Approve, None),
        (Move::Refuse, Ruled::Refuse(why)) => (EventKind::Refuse, Some(why.as_str())),
        _ => return Ok(()),
    };
    let frontdesk = Actor::System { on_behalf_of: None };
    let said = Told { seen: None, note, rule_text: Some(&plan.ruling.text), ..Told::default() };
    rows::tell(tx, services, &frontdesk, id, what, said).await.map_err(told)
}
