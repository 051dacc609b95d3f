//! SQL of the rules that say who decides.

use chrono::{DateTime, Utc};
use model::{
    FieldError, RequestId, RuleId, RuleSetId,
    access::Actor,
    requests::{
        RuleForm, RuleSetView, RuleView,
        rules::{Facts, Rule},
    },
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::drafts::{json, to_json};
use crate::{Fault, Services};

/// The rules that count, in order.
pub(in crate::requests) async fn on(services: &Services) -> Result<Vec<Rule>, Fault> {
    of_state(services, "on").await
}

/// Those of the draft that are right, in order.
pub(in crate::requests) async fn drafted(services: &Services) -> Result<Vec<Rule>, Fault> {
    of_state(services, "draft").await
}

async fn of_state(services: &Services, state: &str) -> Result<Vec<Rule>, Fault> {
    let rules = sqlx::query_scalar!(
        "select u.rule as \"rule!\" from request_rule u join request_rule_set s on s.id = u.set_id
         where s.state = $1 and u.rule is not null order by u.position",
        state,
    )
    .fetch_all(&services.db)
    .await?;
    rules.into_iter().map(json).collect()
}

/// The sets of a state, the newest first.
pub(in crate::requests) async fn sets(services: &Services, state: &str, limit: i64) -> Result<Vec<RuleSetView>, Fault> {
    let sets = sqlx::query!(
        "select id, version, coalesce(on_at, changed_at) as \"at!\", changed_by from request_rule_set where state = $1
         order by on_at desc nulls first limit $2",
        state,
        limit,
    )
    .fetch_all(&services.db)
    .await?;
    let mut views = Vec::with_capacity(sets.len());
    for set in sets {
        let rules = rows(services, set.id).await?;
        let (id, by, at) = (RuleSetId(set.id), set.changed_by, services.stamp(set.at));
        views.push(RuleSetView { id, rules, by, at, version: set.version });
    }
    Ok(views)
}

async fn rows(services: &Services, set: Uuid) -> Result<Vec<RuleView>, Fault> {
    let rows = sqlx::query!("select id, form, rule from request_rule where set_id = $1 order by position", set)
        .fetch_all(&services.db)
        .await?;
    rows.into_iter()
        .map(|row| {
            let form: RuleForm = json(row.form)?;
            let rule: Option<Rule> = row.rule.map(json).transpose()?;
            Ok(RuleView { id: RuleId(row.id), name: form.name, text: rule.map(|rule| rule.text()) })
        })
        .collect()
}

/// The draft and its version, kept from others; made of the rules that count if there is none.
pub(in crate::requests) async fn hold_draft(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
) -> sqlx::Result<(RuleSetId, i64)> {
    // Two who begin at once find the same draft.
    sqlx::query!("select pg_advisory_xact_lock(hashtext('request_rule_set')) as \"held!: ()\"").fetch_one(&mut *tx).await?;
    let found = sqlx::query!("select id, version from request_rule_set where state = 'draft' for update");
    if let Some(found) = found.fetch_optional(&mut *tx).await? {
        return Ok((RuleSetId(found.id), found.version));
    }
    let id = Uuid::now_v7();
    sqlx::query!(
        "insert into request_rule_set (id, state, changed_at, changed_by) values ($1, 'draft', $2, $3)",
        id,
        services.clock.now(),
        actor.name(),
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into request_rule (id, set_id, position, form, errors, rule)
         select gen_random_uuid(), $1, u.position, u.form, u.errors, u.rule
         from request_rule u join request_rule_set s on s.id = u.set_id where s.state = 'on'",
        id,
    )
    .execute(tx)
    .await?;
    Ok((RuleSetId(id), 1))
}

/// The draft is another version now.
pub(in crate::requests) async fn touch(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    set: RuleSetId,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update request_rule_set set version = version + 1, changed_at = $2, changed_by = $3 where id = $1",
        set.0,
        services.clock.now(),
        actor.name(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Adds an empty rule at the end, before all that catch everything nothing stands behind.
pub(in crate::requests) async fn add(tx: &mut PgConnection, set: RuleSetId, id: RuleId, form: &RuleForm) -> Result<(), Fault> {
    sqlx::query!(
        "insert into request_rule (id, set_id, position, form, errors)
         select $1, $2, coalesce(max(position), 0) + 1, $3, '[]' from request_rule where set_id = $2",
        id.0,
        set.0,
        to_json(form)?,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(in crate::requests) async fn count(tx: &mut PgConnection, set: RuleSetId) -> sqlx::Result<i64> {
    sqlx::query_scalar!("select count(*) as \"count!\" from request_rule where set_id = $1", set.0).fetch_one(tx).await
}

/// Keeps a rule as typed; false if it is not the draft's (any more).
pub(in crate::requests) async fn save(
    tx: &mut PgConnection,
    set: RuleSetId,
    id: RuleId,
    form: &RuleForm,
    parsed: &Result<Rule, Vec<FieldError>>,
) -> Result<bool, Fault> {
    let (rule, errors) = match parsed {
        Ok(rule) => (Some(to_json(rule)?), to_json::<[FieldError; 0]>(&[])?),
        Err(errors) => (None, to_json(errors)?),
    };
    let saved = sqlx::query!(
        "update request_rule set form = $3, errors = $4, rule = $5 where id = $1 and set_id = $2",
        id.0,
        set.0,
        to_json(form)?,
        errors,
        rule,
    )
    .execute(tx)
    .await?;
    Ok(saved.rows_affected() == 1)
}

/// One rule of the draft, and the draft's version.
pub(in crate::requests) async fn one(services: &Services, id: RuleId) -> Result<Option<(RuleForm, Vec<FieldError>, i64)>, Fault> {
    let row = sqlx::query!(
        "select u.form, u.errors, s.version from request_rule u join request_rule_set s on s.id = u.set_id
         where u.id = $1 and s.state = 'draft'",
        id.0,
    )
    .fetch_optional(&services.db)
    .await?;
    row.map(|row| Ok((json(row.form)?, json(row.errors)?, row.version))).transpose()
}

/// Moves a rule one place up; those at the top stay.
pub(in crate::requests) async fn raise(tx: &mut PgConnection, set: RuleSetId, id: RuleId) -> sqlx::Result<()> {
    sqlx::query!(
        "update request_rule u set position = case u.id when $2 then above.position else mine.position end
         from request_rule mine cross join lateral
              (select a.id, a.position from request_rule a where a.set_id = $1 and a.position < mine.position order by a.position desc limit 1) above
         where mine.id = $2 and mine.set_id = $1 and u.id in (mine.id, above.id)",
        set.0,
        id.0,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(in crate::requests) async fn remove(tx: &mut PgConnection, set: RuleSetId, id: RuleId) -> sqlx::Result<()> {
    sqlx::query!("delete from request_rule where id = $1 and set_id = $2", id.0, set.0).execute(tx).await?;
    Ok(())
}

pub(in crate::requests) async fn discard(tx: &mut PgConnection, set: RuleSetId) -> sqlx::Result<()> {
    sqlx::query!("delete from request_rule_set where id = $1 and state = 'draft'", set.0).execute(tx).await?;
    Ok(())
}

/// How many rules of the draft are not right yet.
pub(in crate::requests) async fn wrong(tx: &mut PgConnection, set: RuleSetId) -> sqlx::Result<i64> {
    sqlx::query_scalar!("select count(*) as \"count!\" from request_rule where set_id = $1 and rule is null", set.0)
        .fetch_one(tx)
        .await
}

/// Has the draft's rules count, and those that counted no more.
pub(in crate::requests) async fn switch_on(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    set: RuleSetId,
) -> sqlx::Result<()> {
    sqlx::query!("update request_rule_set set state = 'off' where state = 'on'").execute(&mut *tx).await?;
    sqlx::query!(
        "update request_rule_set set state = 'on', on_at = $2, changed_at = $2, changed_by = $3 where id = $1",
        set.0,
        services.clock.now(),
        actor.name(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A request as the rules saw it.
pub(in crate::requests) struct Past {
    pub id: RequestId,
    pub title: String,
    pub owner_name: String,
    pub submitted_at: DateTime<Utc>,
    pub facts: Facts,
}

/// The newest requests that were handed in.
pub(in crate::requests) async fn past(services: &Services, limit: i64) -> Result<Vec<Past>, Fault> {
    let rows = sqlx::query!(
        "select r.id, r.owner_name, r.submitted_at as \"submitted_at!\", r.facts as \"facts!\",
                (select string_agg(distinct i.offering_name, ', ') from request_item i where i.request_id = r.id) as names
         from request r where r.round > 0 order by r.submitted_at desc limit $1",
        limit,
    )
    .fetch_all(&services.db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let facts: Facts = json(row.facts)?;
            let title = format!("{} \u{d7} {}", facts.desktops.len(), row.names.unwrap_or_default());
            Ok(Past { id: RequestId(row.id), title, owner_name: row.owner_name, submitted_at: row.submitted_at, facts })
        })
        .collect()
}
