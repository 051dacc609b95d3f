//! What may be asked for: who may ask for it, what it costs today, and what is the matter with it. How an offering is made and changed
//! is in `drafts`, prices are in `prices`.

pub mod drafts;
mod parse;
pub mod prices;
mod store;

use model::{
    Conflict, Error, OfferingId,
    access::{Act, Actor, Grant},
    audit::{Action, Outcome},
    offerings::{Flag, Flagged, Offer, Offering, OfferingPage, OfferingVersion, Overview, Sheet, State, VersionRow, Who},
    workspaces::Bundle,
};
use store::{Known, Which};

use crate::{Services, audit, directories, fault::told, people, workspaces};

/// Everything that the actor may ask for, by name, with today's price. What can't be asked for just now is among it and says why.
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::Unavailable`] when Active Directory has to be asked who the actor is and is away.
pub async fn open_to(services: &Services, actor: &Actor) -> model::Result<Vec<Offer>> {
    let scope = actor.scope(Act::Ask)?;
    let mut known = store::versions(services, Which::Newest).await.map_err(told)?;
    known.retain(|known| known.state == State::Open && scope.covers(&known.version.directory));
    let asker = Asker::of(services, actor, known.iter().map(|known| &known.version.who)).await?;
    known.retain(|known| asker.fits(&known.version));
    offers(services, known).await
}

/// An offering that the actor asks for, in its newest version.
///
/// # Errors
/// [`Error::NotFound`] if there is none, it is closed, or not for the actor; [`Error::Invalid`] on the field `offering` if it can't be
/// asked for just now; else as [`open_to`].
pub async fn askable(services: &Services, actor: &Actor, id: OfferingId) -> model::Result<Offer> {
    let scope = actor.scope(Act::Ask)?;
    let known = newest(services, id).await?;
    let asker = Asker::of(services, actor, [&known.version.who]).await?;
    if known.state == State::Closed || !scope.covers(&known.version.directory) || !asker.fits(&known.version) {
        return Err(Error::NotFound);
    }
    let offer = one_offer(services, known).await?;
    match offer.why_not {
        Some(why) => Err(Error::invalid("offering", why)),
        None => Ok(offer),
    }
}

/// Any version of an offering with today's price, for use cases that have authorized. `why_not` also says that it was closed since.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn version(services: &Services, id: OfferingId, version: u32) -> model::Result<Offer> {
    let known = store::versions(services, Which::One(id, version)).await.map_err(told)?.pop().ok_or(Error::NotFound)?;
    one_offer(services, known).await
}

async fn newest(services: &Services, id: OfferingId) -> model::Result<Known> {
    store::versions(services, Which::NewestOf(id)).await.map_err(told)?.pop().ok_or(Error::NotFound)
}

async fn one_offer(services: &Services, known: Known) -> model::Result<Offer> {
    offers(services, vec![known]).await?.pop().ok_or(Error::NotFound)
}

async fn offers(services: &Services, known: Vec<Known>) -> model::Result<Vec<Offer>> {
    let sheet = prices::in_force(services).await?;
    let bundles = workspaces::store::bundles(services).await.map_err(told)?;
    let directories = directories::all(services).await?;
    let offer = |known: Known| {
        let directory = directories.iter().find(|directory| directory.id == known.version.directory);
        let why_not = match (known.state, Flag::of(&known.version, &bundles), directory) {
            (State::Closed, ..) => Some("This desktop is not offered any more.".to_owned()),
            (_, Some(_), _) => Some("This desktop is being looked at by the administrators. Try again later.".to_owned()),
            (.., None) => Some("This desktop\u{2019}s directory is not there any more.".to_owned()),
            (.., Some(directory)) => directory.why_not(),
        };
        Offer { price: price(&known.version, sheet.as_ref()), why_not, version: known.version }
    };
    Ok(known.into_iter().map(offer).collect())
}

fn price(version: &OfferingVersion, sheet: Option<&Sheet>) -> Option<model::offerings::Price> {
    sheet?.price(version.wanted()?)
}

/// Who asks, as far as it matters.
struct Asker {
    /// `None` is the system, which may ask for everything.
    grants: Option<Vec<Grant>>,
    groups: Vec<String>,
    department: Option<String>,
}

impl Asker {
    /// Active Directory is asked only if one of these depends on it. Who has no entry there is in no group and no department.
    async fn of<'a>(services: &Services, actor: &Actor, whos: impl IntoIterator<Item = &'a Who>) -> model::Result<Self> {
        let Actor::Person(person) = actor else {
            return Ok(Self { grants: None, groups: Vec::new(), department: None });
        };
        let entry = match person.guid {
            Some(guid) if whos.into_iter().any(Who::needs_directory) => people::with_groups(services, guid).await?,
            _ => None,
        };
        let (department, groups) = entry.map(|(entry, groups)| (entry.department, groups)).unwrap_or_default();
        Ok(Self { grants: Some(person.grants.clone()), groups, department })
    }

    /// Roles count where they hold.
    fn fits(&self, version: &OfferingVersion) -> bool {
        let Some(grants) = &self.grants else { return true };
        let holds = |grant: &&Grant| grant.scope.covers(&version.directory);
        let roles: Vec<_> = grants.iter().filter(holds).map(|grant| grant.role).collect();
        version.who.takes(&roles, &self.groups, self.department.as_deref())
    }
}

/// All offerings in the directories that the actor looks after, open ones first, and the actor's own drafts.
///
/// # Errors
/// [`Error::NotAllowed`].
pub async fn overview(services: &Services, actor: &Actor) -> model::Result<Overview> {
    let scope = actor.scope(Act::ManageOfferings)?;
    let mut known = store::versions(services, Which::Newest).await.map_err(told)?;
    known.retain(|known| scope.covers(&known.version.directory));
    let sheet = prices::in_force(services).await?;
    let bundles = workspaces::store::bundles(services).await.map_err(told)?;
    let offerings = known.into_iter().map(|known| shown(services, known, &bundles, sheet.as_ref())).collect();
    Ok(Overview { offerings, drafts: store::drafts::open(services, actor).await.map_err(told)? })
}

fn shown(services: &Services, known: Known, bundles: &[Bundle], sheet: Option<&Sheet>) -> Offering {
    let flag = Flag::of(&known.version, bundles);
    let (desktop, who) = (known.version.in_short(), known.version.who.sentence());
    let price = price(&known.version, sheet);
    Offering {
        card: Offer { price, why_not: None, version: known.version }.card(),
        state: known.state,
        directory_name: known.directory_name,
        desktop,
        who,
        flag,
        changed: services.stamp(known.changed_at),
        changed_by: known.changed_by,
    }
}

/// One offering with its versions.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn get(services: &Services, actor: &Actor, id: OfferingId) -> model::Result<OfferingPage> {
    actor.authorize(Act::ManageOfferings)?;
    let all = store::versions(services, Which::AllOf(id)).await.map_err(told)?;
    let newest = all.first().cloned().ok_or(Error::NotFound)?;
    actor.authorize_in(Act::ManageOfferings, &newest.version.directory)?;
    let before = |place: usize| all.get(place + 1).map(|known| &known.version);
    let row = |(place, known): (usize, &Known)| VersionRow {
        version: known.version.version,
        name: known.version.name.clone(),
        desktop: known.version.in_short(),
        made: services.stamp(known.made_at),
        made_by: known.made_by.clone(),
        change: before(place).and_then(|before| known.version.difference(before)).unwrap_or_else(|| "the first".to_owned()),
    };
    let versions = all.iter().enumerate().map(row).collect();
    let facts = newest.version.facts(&newest.directory_name);
    let sheet = prices::in_force(services).await?;
    let bundles = workspaces::store::bundles(services).await.map_err(told)?;
    Ok(OfferingPage { offering: shown(services, newest, &bundles, sheet.as_ref()), facts, versions })
}

/// Closes an offering, or opens it again. `seen` is the version that the actor looked at.
///
/// # Errors
/// [`Error::Conflict`] if it was changed since, [`Error::Invalid`] on `name` if another one is open under it, [`Error::NotFound`],
/// [`Error::NotAllowed`].
pub async fn set_state(services: &Services, actor: &Actor, id: OfferingId, state: State, seen: u32) -> model::Result<()> {
    actor.authorize(Act::ManageOfferings)?;
    let known = newest(services, id).await?;
    actor.authorize_in(Act::ManageOfferings, &known.version.directory)?;
    if known.version.version != seen {
        return Err(Error::conflict(Conflict::OfferingChanged));
    }
    if known.state == state {
        return Ok(());
    }
    let mut tx = services.db.begin().await.map_err(told)?;
    store::set_state(&mut tx, services, actor, id, state).await.map_err(one_name)?;
    let detail = if state == State::Open { "opened again" } else { "closed" };
    audit::noted(&mut tx, services, actor, &record(&known.version, detail), Outcome::Succeeded).await.map_err(told)?;
    tx.commit().await.map_err(told)
}

/// Two that can be asked for under one name can't be told apart.
fn one_name(error: impl Into<crate::Fault>) -> Error {
    let fault = error.into();
    match &fault {
        crate::Fault::Database(sqlx::Error::Database(database)) if database.constraint() == Some("offering_open_name") => {
            Error::invalid("name", NAME_TAKEN)
        }
        _ => told(fault),
    }
}

const NAME_TAKEN: &str = "Another offering is open under this name. Choose another name, or close that one first.";

fn record(version: &OfferingVersion, detail: &str) -> audit::Record<'static> {
    audit::Record {
        action: Action::ChangeOffering,
        object: audit::Object { kind: "offering", id: version.offering.to_string(), name: version.name.clone() },
        person: None,
        detail: Some(format!("version {}: {detail}", version.version)),
    }
}

/// Open offerings that can't be asked for until an admin has looked at them, for the start page of those who look after them.
pub(crate) async fn flagged(services: &Services, actor: &Actor) -> model::Result<Vec<Flagged>> {
    let Ok(scope) = actor.scope(Act::ManageOfferings) else { return Ok(Vec::new()) };
    let known = store::versions(services, Which::Newest).await.map_err(told)?;
    let open = known.into_iter().filter(|known| known.state == State::Open && scope.covers(&known.version.directory));
    let bundles = workspaces::store::bundles(services).await.map_err(told)?;
    let flagged = |known: Known| {
        let flag = Flag::of(&known.version, &bundles)?;
        let (state, what_to_do) = (flag.label().to_owned(), flag.sentence());
        Some(Flagged { offering: known.version.offering, name: known.version.name, state, what_to_do })
    };
    Ok(open.filter_map(flagged).collect())
}
