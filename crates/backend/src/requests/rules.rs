//! The rules that say who decides: a set is written as a draft, tried out on past requests, and then switched on as a whole.

use model::{
    Conflict, Error, RuleId,
    access::{Act, Actor},
    audit::{Action, Outcome},
    requests::{
        Known, MOST_RULES, RuleForm, RulePage, RulesPage, Trial, TrialRow,
        rules::{Named, Outcome as Ruled, Ruling, rule},
    },
};
use uuid::Uuid;

use super::{open_offers, store::rules as rows};
use crate::{Fault, Services, audit, cost_centres, fault::told, people};

/// How many earlier sets are shown.
const EARLIER: i64 = 5;
/// How many past requests a draft is tried out on.
const PAST: i64 = 100;

/// The rules that count, those being written, and some earlier ones.
///
/// # Errors
/// [`Error::NotAllowed`] unless the actor is an admin of all directories: the rules are for all requests.
pub async fn page(services: &Services, actor: &Actor) -> model::Result<RulesPage> {
    actor.authorize_everywhere(Act::ManageRules)?;
    let sets = async |state, limit| rows::sets(services, state, limit).await.map_err(told);
    Ok(RulesPage {
        on: sets("on", 1).await?.pop(),
        draft: sets("draft", 1).await?.pop(),
        earlier: sets("off", EARLIER).await?,
        patience: services.settings.requests.sentence(),
    })
}

/// One rule of the draft, with what can be chosen in it.
///
/// # Errors
/// [`Error::NotFound`] if it is not the draft's (any more), [`Error::NotAllowed`].
pub async fn one(services: &Services, actor: &Actor, id: RuleId) -> model::Result<RulePage> {
    actor.authorize_everywhere(Act::ManageRules)?;
    let (form, errors, version) = rows::one(services, id).await.map_err(told)?.ok_or(Error::NotFound)?;
    let known = choices(services).await?;
    let offerings = known.offerings.into_iter().map(|offering| (offering.id.to_string(), offering.name)).collect();
    let cost_centres = known.cost_centres.into_iter().map(|centre| (centre.id.to_string(), centre.name)).collect();
    Ok(RulePage { id, form, errors, offerings, cost_centres, version })
}

/// What a rule can name without asking Active Directory.
async fn choices(services: &Services) -> model::Result<Known> {
    let offers = open_offers(services, "").await?;
    let centres = cost_centres::all_open(services).await?;
    Ok(Known {
        offerings: offers.into_iter().map(|offer| Named { id: offer.version.offering, name: offer.version.name }).collect(),
        cost_centres: centres.into_iter().map(|centre| Named { id: centre.id, name: centre.title() }).collect(),
        ..Known::default()
    })
}

/// One change of the draft, which begins as what counts now; `seen` is its version as it was looked at.
async fn change(
    services: &Services,
    actor: &Actor,
    seen: Option<i64>,
    detail: &str,
    work: impl AsyncFnOnce(&mut sqlx::PgConnection, model::RuleSetId) -> Result<(), Fault>,
) -> model::Result<()> {
    actor.authorize_everywhere(Act::ManageRules)?;
    let mut tx = services.db.begin().await.map_err(told)?;
    let (set, version) = rows::hold_draft(&mut tx, services, actor).await.map_err(told)?;
    if seen.is_some_and(|seen| seen != version) {
        return Err(Error::conflict(Conflict::RulesChanged));
    }
    rows::touch(&mut tx, services, actor, set).await.map_err(told)?;
    work(&mut tx, set).await.map_err(told)?;
    let object = audit::Object { kind: "rules", id: set.to_string(), name: "Rules of requests".to_owned() };
    let record = audit::Record { action: Action::ChangeRules, object, person: None, detail: Some(detail.to_owned()) };
    audit::noted(&mut tx, services, actor, &record, Outcome::Succeeded).await.map_err(told)?;
    tx.commit().await.map_err(told)
}

/// Begins a draft of the rules that count now, if there is none.
///
/// # Errors
/// [`Error::NotAllowed`].
pub async fn begin(services: &Services, actor: &Actor) -> model::Result<()> {
    change(services, actor, None, "began to change them", async |_, _| Ok(())).await
}

/// Adds a rule at the end of the draft.
///
/// # Errors
/// [`Error::Conflict`] if the draft was changed since, [`Error::Invalid`] if it is full, [`Error::NotAllowed`].
pub async fn add(services: &Services, actor: &Actor, seen: i64) -> model::Result<RuleId> {
    let id = RuleId(Uuid::now_v7());
    change(services, actor, Some(seen), "added a rule", async |tx, set| {
        if usize::try_from(rows::count(tx, set).await?).is_ok_and(|count| count >= MOST_RULES) {
            return Err(Fault::Told(Error::invalid("rules", "There are 50 rules, which is the most. Nothing was added.")));
        }
        let form = RuleForm { outcome: "stages".to_owned(), ..RuleForm::default() };
        rows::add(tx, set, id, &form).await
    })
    .await?;
    Ok(id)
}

/// Keeps a rule as typed, right or wrong. True when nothing is wrong with it.
///
/// # Errors
/// [`Error::Conflict`] if the draft was changed since, [`Error::NotFound`], [`Error::NotAllowed`], [`Error::Unavailable`] when Active
/// Directory has to be asked for people or groups and is away.
pub async fn save(services: &Services, actor: &Actor, id: RuleId, form: RuleForm, seen: i64) -> model::Result<bool> {
    actor.authorize_everywhere(Act::ManageRules)?;
    let form = plain(form);
    let parsed = form.parse(&known(services, &form).await?);
    let right = parsed.is_ok();
    change(services, actor, Some(seen), &format!("rule {}", form.name.trim()), async |tx, set| {
        if rows::save(tx, set, id, &form, &parsed).await? { Ok(()) } else { Err(Fault::Told(Error::NotFound)) }
    })
    .await?;
    Ok(right)
}

/// PostgreSQL's JSON can't hold NUL, and nobody needs a field of a megabyte.
fn plain(form: RuleForm) -> RuleForm {
    let text = |text: String| text.replace('\0', "").chars().take(4_000).collect::<String>();
    RuleForm {
        name: text(form.name),
        request_price: text(form.request_price),
        person_price: text(form.person_price),
        people: text(form.people),
        departments: text(form.departments),
        requesters: text(form.requesters),
        refusal: text(form.refusal),
        offerings: form.offerings.into_iter().take(200).map(text).collect(),
        cost_centres: form.cost_centres.into_iter().take(200).map(text).collect(),
        stages: form
            .stages
            .into_iter()
            .take(10)
            .map(|stage| model::requests::StageForm { kind: text(stage.kind), who: text(stage.who) })
            .collect(),
        ..form
    }
}

/// What the names in a form stand for.
async fn known(services: &Services, form: &RuleForm) -> model::Result<Known> {
    let mut known = choices(services).await?;
    let accounts = form.accounts();
    if !accounts.is_empty() {
        for (account, found) in people::named(services, accounts).await? {
            if let [person] = found.as_slice() {
                known.people.push((account, Named { id: person.guid, name: person.name.clone() }));
            }
        }
    }
    for typed in form.groups() {
        for domain in services.ad.iter() {
            if let Some(group) = domain.group(&typed).await.map_err(told)? {
                known.groups.push((typed.clone(), (group.dn, group.name)));
                break;
            }
        }
    }
    Ok(known)
}

/// Moves a rule one place up.
///
/// # Errors
/// As [`add`].
pub async fn raise(services: &Services, actor: &Actor, id: RuleId, seen: i64) -> model::Result<()> {
    change(services, actor, Some(seen), "changed the order", async |tx, set| Ok(rows::raise(tx, set, id).await?)).await
}

/// Takes a rule out of the draft.
///
/// # Errors
/// As [`add`].
pub async fn remove(services: &Services, actor: &Actor, id: RuleId, seen: i64) -> model::Result<()> {
    change(services, actor, Some(seen), "took a rule out", async |tx, set| Ok(rows::remove(tx, set, id).await?)).await
}

/// Throws the draft away.
///
/// # Errors
/// As [`add`].
pub async fn discard(services: &Services, actor: &Actor, seen: i64) -> model::Result<()> {
    change(services, actor, Some(seen), "threw the draft away", async |tx, set| Ok(rows::discard(tx, set).await?)).await
}

/// Has the draft count from now on. Requests that wait keep the stages they have.
///
/// # Errors
/// [`Error::Invalid`] if a rule is not right yet; else as [`add`].
pub async fn switch_on(services: &Services, actor: &Actor, seen: i64) -> model::Result<()> {
    change(services, actor, Some(seen), "switched the new rules on", async |tx, set| {
        let wrong = rows::wrong(tx, set).await?;
        if wrong > 0 {
            let message = format!("{wrong} of the rules are not right yet. Nothing was switched on. Open them and look.");
            return Err(Fault::Told(Error::invalid("rules", message)));
        }
        Ok(rows::switch_on(tx, services, actor, set).await?)
    })
    .await
}

/// What the draft would have said of past requests, beside what the rules say that count now.
///
/// # Errors
/// [`Error::NotAllowed`].
pub async fn trial(services: &Services, actor: &Actor) -> model::Result<Trial> {
    actor.authorize_everywhere(Act::ManageRules)?;
    let (on, drafted) = (rows::on(services).await.map_err(told)?, rows::drafted(services).await.map_err(told)?);
    let past = rows::past(services, PAST).await.map_err(told)?;
    let rows: Vec<_> = past
        .into_iter()
        .map(|past| {
            let (now, then) = (rule(&on, &past.facts), rule(&drafted, &past.facts));
            TrialRow {
                request: past.id,
                title: past.title,
                requester: past.owner_name,
                asked: services.stamp(past.submitted_at),
                different: now.outcome != then.outcome,
                now: in_short(&now),
                then: in_short(&then),
            }
        })
        .collect();
    let different = rows.iter().filter(|row| row.different).count();
    Ok(Trial { rows, different: i64::try_from(different).unwrap_or(i64::MAX) })
}

/// `approved at once`, or who decides.
fn in_short(ruling: &Ruling) -> String {
    match &ruling.outcome {
        Ruled::AtOnce => "approved at once".to_owned(),
        Ruled::Refuse(why) => format!("refused: {why}"),
        Ruled::Stages(stages) => {
            let names: Vec<_> = stages.iter().map(model::requests::StageKind::sentence).collect();
            format!("decided by {}", names.join(", then by "))
        }
    }
}
