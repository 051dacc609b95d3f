//! What handing a request in depends on, read afresh: the check shows it, and handing in goes by it.

use std::collections::HashMap;

use model::{
    CostCentreId, DirectoryId, Error, FieldError, OfferingId, PersonGuid, RequestId, RequestItemId,
    access::Actor,
    cost_centres::{CostCentre, Standing},
    money::Money,
    offerings::Offer,
    people::Hit,
    requests::{
        DraftHead, NotYours, Wanted, limit_error, people_error,
        process::Stage,
        rules::{DesktopFacts, Facts, Outcome as Ruled, Ruling, rule},
    },
};

use super::{
    drafts, person_of, stages,
    store::{
        items::{self, Item},
        rules as rule_rows,
    },
    submit::today_of,
};
use crate::{Services, cost_centres, fault::told, offerings, people};

/// Everything that handing in depends on, read afresh.
pub(super) struct Survey {
    pub draft: DraftHead,
    pub items: Vec<Item>,
    /// What new desktops would be.
    pub offers: HashMap<OfferingId, Offer>,
    /// What those desktops are that are to be kept for longer, with today's price: nobody chooses that, and it may not be offered any more.
    pub kept: HashMap<RequestItemId, Offer>,
    pub hits: HashMap<PersonGuid, Hit>,
    pub plan: Option<Plan>,
    pub problems: Vec<FieldError>,
}

/// What would be handed in, where nothing stands against it so far.
pub(super) struct Plan {
    pub wanted: Wanted,
    pub requester: PersonGuid,
    pub centre: CostCentre,
    pub standing: Standing,
    pub facts: Facts,
    pub ruling: Ruling,
    pub stages: Vec<Stage>,
}

impl Survey {
    /// What is chosen for somebody who gets a new desktop.
    fn offering_of(&self, item: &Item) -> Option<OfferingId> {
        let chosen = || item.own_offering.or_else(|| self.draft.form.offering.parse().ok());
        if item.extends.is_some() { None } else { chosen() }
    }

    pub fn offer_of(&self, item: &Item) -> Option<&Offer> {
        self.kept.get(&item.id).or_else(|| self.offers.get(&self.offering_of(item)?))
    }

    /// Everything that somebody would get or keep.
    pub fn all_offers(&self) -> impl Iterator<Item = &Offer> {
        self.offers.values().chain(self.kept.values())
    }

    /// The rows as they will be pinned.
    pub fn pinned(&self) -> Vec<Item> {
        let pin = |item: &Item| {
            let version = self.offer_of(item).map(|offer| (offer.version.offering, offer.version.version));
            Item { offering: version, ..item.clone() }
        };
        self.items.iter().map(pin).collect()
    }

    /// Versions and prices, so that what is handed in is what was looked at.
    pub fn shown(&self) -> String {
        let mut shown: Vec<_> = self
            .all_offers()
            .map(|offer| {
                let price = offer.price.as_ref().map(|price| price.monthly.to_string()).unwrap_or_default();
                format!("{}.{}={price}", offer.version.offering, offer.version.version)
            })
            .collect();
        shown.sort_unstable();
        shown.dedup();
        shown.join(";")
    }
}

pub(super) async fn survey(services: &Services, actor: &Actor, id: RequestId) -> model::Result<Survey> {
    let draft = drafts::head(services, actor, id).await?;
    let mut connection = services.db.acquire().await.map_err(told)?;
    let items = items::all(&mut connection, id).await.map_err(told)?;
    drop(connection);
    let (offers, kept, hits) = (HashMap::new(), HashMap::new(), HashMap::new());
    let mut survey = Survey { draft, items, offers, kept, hits, plan: None, problems: Vec::new() };
    let guid = person_of(actor)?.guid;
    if guid.is_none() {
        survey.problems.push(FieldError { field: "people".into(), message: NotYours::NoEntry.explain().into() });
    }
    let oneself = survey.items.iter().any(|item| Some(item.person) == guid);
    survey.problems.extend(people_error(survey.items.len(), oneself));
    look_up_offers(services, actor, &mut survey).await?;
    look_up_kept(services, &mut survey).await?;
    look_up_people(services, &mut survey).await?;
    limits(services, actor, id, &mut survey).await?;
    match survey.draft.form.parse(today_of(services, guid).await?) {
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

/// The desktops that are to be kept for longer, as they were asked for when they came.
async fn look_up_kept(services: &Services, survey: &mut Survey) -> model::Result<()> {
    let roots: Vec<_> = survey.items.iter().filter_map(|item| Some((item.id, item.extends?))).collect();
    let pinned = items::pinned_of(services, &roots).await.map_err(told)?;
    for (item, (offering, version)) in pinned {
        survey.kept.insert(item, offerings::version(services, offering, version).await?);
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
    // Who is to keep a desktop has it already; what stands against making one does not matter.
    for item in survey.items.iter().filter(|item| item.extends.is_some()) {
        if let Some(hit) = survey.hits.get_mut(&item.person) {
            hit.obstacles.clear();
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
pub(super) async fn further(services: &Services, item: &Item, centre: CostCentreId, price: Money) -> model::Result<Money> {
    let Some(root) = item.extends else { return Ok(price) };
    let before = items::committed_for(services, root, centre, &price.currency.to_string()).await.map_err(told)?;
    Ok(Money { amount: price.amount - price.amount.min(before), ..price })
}
