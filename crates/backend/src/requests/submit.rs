//! Handing a request in: everything is read first, then one transaction pins it, reserves its price and hands it to those who decide.

use std::collections::HashMap;

use chrono::NaiveDate;
use model::{
    Conflict, CostCentreId, DirectoryId, Error, FieldError, OfferingId, PersonGuid, RequestId,
    access::{Act, Actor},
    audit::{Action, Outcome},
    cost_centres::{CostCentre, Fit, Standing},
    money::Money,
    offerings::{Offer, Price},
    people::{Hit, Obstacle},
    requests::{
        Barred, CheckRow, CheckStep, DraftHead, EventKind, Move, NotYours, StageView, State, Wanted, deciders, limit_error,
        people_error,
        process::{Process, Stage, StageState},
        rules::{DesktopFacts, Facts, Outcome as Ruled, Ruling, rule},
    },
};
use sqlx::PgConnection;

use super::{
    drafts, fulfil, person_of, record, stages,
    store::{
        items::{self, Item, Pin},
        process::{self as rows, Pinned, Told},
        rules as rule_rows, views,
    },
};
use crate::{Services, audit, cost_centres, fault::told, offerings, people};

/// The day it is where the installation is.
pub(super) fn today(services: &Services) -> NaiveDate {
    services.clock.now().with_timezone(&services.settings.time_zone).date_naive()
}

/// Everything that handing in depends on, read afresh.
struct Survey {
    draft: DraftHead,
    items: Vec<Item>,
    /// By the person: what they would get.
    offers: HashMap<OfferingId, Offer>,
    hits: HashMap<PersonGuid, Hit>,
    plan: Option<Plan>,
    problems: Vec<FieldError>,
}

/// What would be handed in, where nothing stands against it so far.
struct Plan {
    wanted: Wanted,
    requester: PersonGuid,
    centre: CostCentre,
    standing: Standing,
    facts: Facts,
    ruling: Ruling,
    stages: Vec<Stage>,
}

impl Survey {
    fn offering_of(&self, item: &Item) -> Option<OfferingId> {
        item.own_offering.or_else(|| self.draft.form.offering.parse().ok())
    }

    fn offer_of(&self, item: &Item) -> Option<&Offer> {
        self.offers.get(&self.offering_of(item)?)
    }

    /// The rows as they will be pinned.
    fn pinned(&self) -> Vec<Item> {
        let pin = |item: &Item| {
            let version = self.offer_of(item).map(|offer| (offer.version.offering, offer.version.version));
            Item { offering: version, ..item.clone() }
        };
        self.items.iter().map(pin).collect()
    }

    /// Versions and prices, so that what is handed in is what was looked at.
    fn shown(&self) -> String {
        let mut shown: Vec<_> = self
            .offers
            .values()
            .map(|offer| {
                let price = offer.price.as_ref().map(|price| price.monthly.to_string()).unwrap_or_default();
                format!("{}.{}={price}", offer.version.offering, offer.version.version)
            })
            .collect();
        shown.sort_unstable();
        shown.join(";")
    }
}

async fn survey(services: &Services, actor: &Actor, id: RequestId) -> model::Result<Survey> {
    let draft = drafts::head(services, actor, id).await?;
    let mut connection = services.db.acquire().await.map_err(told)?;
    let items = items::all(&mut connection, id).await.map_err(told)?;
    drop(connection);
    let mut survey = Survey { draft, items, offers: HashMap::new(), hits: HashMap::new(), plan: None, problems: Vec::new() };
    let guid = person_of(actor)?.guid;
    if guid.is_none() {
        survey.problems.push(FieldError { field: "people".into(), message: NotYours::NoEntry.explain().into() });
    }
    let oneself = survey.items.iter().any(|item| Some(item.person) == guid);
    survey.problems.extend(people_error(survey.items.len(), oneself));
    look_up_offers(services, actor, &mut survey).await?;
    look_up_people(services, &mut survey).await?;
    limits(services, actor, id, &mut survey).await?;
    match survey.draft.form.parse(today(services)) {
        Ok(wanted) => plan(services, guid, wanted, &mut survey).await?,
        Err(errors) => survey.problems.extend(errors),
    }
    Ok(survey)
}

async fn look_up_offers(services: &Services, actor: &Actor, survey: &mut Survey) -> model::Result<()> {
    let mut wanted: Vec<_> = survey.items.iter().filter_map(|item| survey.offering_of(item)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    for offering in wanted {
        match offerings::askable(services, actor, offering).await {
            Ok(offer) => {
                survey.offers.insert(offering, offer);
            }
            Err(Error::NotFound) => {
                let message = "Something that is asked for is not offered to you any more. Go back and choose something else.";
                survey.problems.push(FieldError { field: "offering".into(), message: message.into() });
            }
            Err(Error::Invalid { fields }) => survey.problems.extend(fields),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn look_up_people(services: &Services, survey: &mut Survey) -> model::Result<()> {
    let mut by_directory: HashMap<DirectoryId, Vec<PersonGuid>> = HashMap::new();
    for item in &survey.items {
        if let Some(offer) = survey.offer_of(item) {
            by_directory.entry(offer.version.directory.clone()).or_default().push(item.person);
        }
    }
    for (directory, guids) in by_directory {
        let hits = people::hits(services, &directory, &guids).await?;
        survey.hits.extend(hits.into_iter().map(|hit| (hit.person.guid, hit)));
    }
    // Who gets more time for a desktop has it.
    for item in survey.items.iter().filter(|item| item.extends.is_some()) {
        if let Some(hit) = survey.hits.get_mut(&item.person) {
            hit.obstacles.retain(|obstacle| !matches!(obstacle, Obstacle::AlreadyHas { .. }));
        }
    }
    let blocked = |item: &&Item| {
        survey.offer_of(item).is_some() && survey.hits.get(&item.person).is_none_or(|hit| !hit.obstacles.is_empty())
    };
    let count = survey.items.iter().filter(blocked).count();
    if count > 0 {
        let whom = if count == 1 { "One person".to_owned() } else { format!("{count} people") };
        let message =
            format!("{whom} can\u{2019}t get a desktop now; the list says why. Take them off, or have the cause put right.");
        survey.problems.push(FieldError { field: "people".into(), message });
    }
    Ok(())
}

async fn limits(services: &Services, actor: &Actor, id: RequestId, survey: &mut Survey) -> model::Result<()> {
    for (offering, offer) in &survey.offers {
        let asks = survey.items.iter().filter(|item| survey.offering_of(item) == Some(*offering)).count();
        let asks = u32::try_from(asks).unwrap_or(u32::MAX);
        let has = items::held_by(services, actor, *offering, id).await.map_err(told)?;
        survey.problems.extend(limit_error(&offer.version.name, offer.version.most_per_manager, has, asks));
    }
    Ok(())
}

/// Which rule would decide, and who.
async fn plan(services: &Services, guid: Option<PersonGuid>, wanted: Wanted, survey: &mut Survey) -> model::Result<()> {
    let centre = match cost_centres::get(services, wanted.cost_centre).await {
        Ok(centre) if centre.open => centre,
        Ok(_) | Err(Error::NotFound) => {
            let message = "This cost centre is closed. Choose another one.".to_owned();
            survey.problems.push(FieldError { field: "cost_centre".into(), message });
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let Some(requester) = guid else { return Ok(()) };
    let standing = cost_centres::standing(services, centre.id).await?;
    let desktop = |item: &Item| {
        let offer = survey.offer_of(item)?;
        let department = survey.hits.get(&item.person).and_then(|hit| hit.person.department.clone());
        Some(DesktopFacts {
            offering: offer.version.offering,
            needs_approval: offer.version.needs_approval,
            price: offer.price.as_ref().map(|price| price.monthly),
            department: department.or_else(|| item.department.clone()),
        })
    };
    let desktops: Vec<_> = survey.items.iter().filter_map(desktop).collect();
    let temporary = wanted.until.is_some();
    let left = match standing.left() {
        Some(left) => Some(spared(services, survey, &centre, left).await?),
        None => None,
    };
    let facts = Facts { requester, desktops, cost_centre: centre.id, left, temporary };
    let ruling = rule(&rule_rows::on(services).await.map_err(told)?, &facts);
    let stages = match &ruling.outcome {
        Ruled::Stages(kinds) => stages::stages(services, kinds, requester, &centre).await?,
        Ruled::AtOnce | Ruled::Refuse(_) => Vec::new(),
    };
    survey.plan = Some(Plan { wanted, requester, centre, standing, facts, ruling, stages });
    Ok(())
}

/// What is left of the budget, with what desktops that get more time have taken of it already.
async fn spared(services: &Services, survey: &Survey, centre: &CostCentre, mut left: Money) -> model::Result<Money> {
    for item in survey.items.iter().filter(|item| item.extends.is_some()) {
        let price = survey.offer_of(item).and_then(|offer| offer.price.as_ref()).map(|price| price.monthly);
        if let Some(price) = price.filter(|price| price.currency == left.currency) {
            left.amount += price.amount - further(services, item, centre.id, price).await?.amount;
        }
    }
    Ok(left)
}

/// What a row takes of the budget: its price, less what is committed for the desktop that gets more time.
async fn further(services: &Services, item: &Item, centre: CostCentreId, price: Money) -> model::Result<Money> {
    let Some(root) = item.extends else { return Ok(price) };
    let before = items::committed_for(services, root, centre, &price.currency.to_string()).await.map_err(told)?;
    Ok(Money { amount: price.amount - price.amount.min(before), ..price })
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
    let example = if survey.offers.values().any(|offer| is_example(offer.price.as_ref())) { views::EXAMPLE } else { "" };
    let total = plan.and_then(|plan| plan.facts.total());
    Ok(CheckStep {
        rows: survey.items.iter().map(row).collect(),
        needed_by: plan.map(|plan| views::day(plan.wanted.needed_by)).unwrap_or_default(),
        until: plan.and_then(|plan| plan.wanted.until).map(views::day),
        reason: plan.map(|plan| plan.wanted.reason.clone()).unwrap_or_default(),
        cost_centre: plan.map(|plan| plan.centre.title()).unwrap_or_default(),
        total: total.map_or_else(|| "price not known".to_owned(), |total| format!("{total} a month{example}")),
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
        Ruled::AtOnce => fulfil::prepare(services, survey.pinned(), Some(plan.wanted.needed_by)).await,
        Ruled::Stages(_) | Ruled::Refuse(_) => None,
    };
    let mut tx = services.db.begin().await.map_err(told)?;
    let mut held = rows::hold(&mut tx, id).await.map_err(told)?.ok_or(Error::NotFound)?;
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
    let said = Told { seen: Some(survey.draft.version), note: Some(&plan.wanted.reason), rule_text: Some(&plan.ruling.text) };
    rows::tell(&mut tx, services, actor, id, EventKind::Submit, said).await.map_err(told)?;
    by_rule(&mut tx, services, id, plan, moved).await?;
    let detail = format!("{} people; {}", survey.items.len(), plan.ruling.text);
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
    let mut directories: Vec<_> = survey.offers.values().map(|offer| offer.version.directory.to_string()).collect();
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
    let said = Told { seen: None, note, rule_text: Some(&plan.ruling.text) };
    rows::tell(tx, services, &frontdesk, id, what, said).await.map_err(told)
}
