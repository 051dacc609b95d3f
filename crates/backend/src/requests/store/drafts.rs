//! SQL of requests that are being written.

use model::{
    FieldError, OfferingId, Page, PageRequest, PersonGuid, RequestId,
    access::Actor,
    people::Person,
    requests::{Asked, DraftHead, DraftLine, MOST_PEOPLE, RequestForm, State},
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Fault, Services};

/// Who asks: the key, the name and, where Frontdesk knows it, the entry in Active Directory.
pub(in crate::requests) fn owner(actor: &Actor) -> (&str, &str, Option<Uuid>) {
    let guid = match actor {
        Actor::Person(person) => person.guid.map(|guid| guid.0),
        Actor::Invitee | Actor::System { .. } => None,
    };
    (actor.key(), actor.name(), guid)
}

pub(in crate::requests) async fn insert(services: &Services, actor: &Actor, id: RequestId) -> sqlx::Result<()> {
    let (key, name, guid) = owner(actor);
    sqlx::query!(
        "insert into request (id, owner, owner_name, owner_guid, created_at, changed_at) values ($1, $2, $3, $4, $5, $5)",
        id.0,
        key,
        name,
        guid,
        services.clock.now(),
    )
    .execute(&services.db)
    .await?;
    Ok(())
}

/// The actor's own request, whatever its state.
pub(in crate::requests) async fn head(services: &Services, actor: &Actor, id: RequestId) -> Result<Option<DraftHead>, Fault> {
    let row = sqlx::query!(
        "select state, version, form, errors, round, (select count(*) from request_item i where i.request_id = r.id) as \"people!\",
                (select coalesce(bool_and(i.extends is not null), false) from request_item i where i.request_id = r.id) as \"only_more_time!\"
         from request r where id = $1 and owner = $2",
        id.0,
        actor.key(),
    )
    .fetch_optional(&services.db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(DraftHead {
        id,
        state: state(&row.state)?,
        people: row.people,
        form: json(row.form)?,
        errors: json(row.errors)?,
        version: row.version,
        again: row.round > 0,
        only_more_time: row.only_more_time,
    }))
}

pub(in crate::requests) fn state(text: &str) -> Result<State, Fault> {
    State::from_db(text).ok_or_else(|| Fault::Bug(format!("request state {text}")))
}

pub(in crate::requests) fn json<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> Result<T, Fault> {
    serde_json::from_value(value).map_err(|error| Fault::Bug(format!("request row: {error}")))
}

pub(in crate::requests) fn to_json<T: serde::Serialize>(value: &T) -> Result<serde_json::Value, Fault> {
    serde_json::to_value(value).map_err(|error| Fault::Bug(error.to_string()))
}

/// The actor's drafts, the newest first.
pub(in crate::requests) async fn mine(services: &Services, actor: &Actor) -> Result<Vec<DraftLine>, Fault> {
    let rows = sqlx::query!(
        "select id, form, changed_at, (select count(*) from request_item i where i.request_id = r.id) as \"people!\"
         from request r where owner = $1 and state = 'draft' order by changed_at desc limit 10",
        actor.key(),
    )
    .fetch_all(&services.db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let form: RequestForm = json(row.form)?;
            let changed = services.stamp(row.changed_at);
            Ok(DraftLine { id: RequestId(row.id), people: row.people, reason: form.reason, changed })
        })
        .collect()
}

/// Marks a draft as changed; false if it is none any more. First in each change, so that two of them wait for each other.
pub(in crate::requests) async fn touch(tx: &mut PgConnection, services: &Services, id: RequestId) -> sqlx::Result<bool> {
    let touched = sqlx::query!(
        "update request set version = version + 1, changed_at = $2 where id = $1 and state = 'draft'",
        id.0,
        services.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(touched.rows_affected() == 1)
}

/// Keeps the form as typed, with what is wrong with it.
pub(in crate::requests) async fn save(
    tx: &mut PgConnection,
    id: RequestId,
    form: &RequestForm,
    errors: &[FieldError],
    own: &[(PersonGuid, Option<OfferingId>)],
) -> Result<(), Fault> {
    sqlx::query!("update request set form = $2, errors = $3 where id = $1", id.0, to_json(form)?, to_json(&errors)?)
        .execute(&mut *tx)
        .await?;
    let people: Vec<Uuid> = own.iter().map(|(person, _)| person.0).collect();
    let offerings: Vec<Option<Uuid>> = own.iter().map(|(_, offering)| offering.map(|offering| offering.0)).collect();
    sqlx::query!(
        "update request_item i set own_offering = chosen.offering
         from unnest($2::uuid[], $3::uuid[]) as chosen (person, offering)
         where i.request_id = $1 and i.person_guid = chosen.person and i.extends is null",
        id.0,
        &people,
        &offerings as &[Option<Uuid>],
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Adds people; false if there would be more than a request holds.
pub(in crate::requests) async fn add(tx: &mut PgConnection, id: RequestId, people: &[Person]) -> sqlx::Result<bool> {
    let ids: Vec<Uuid> = people.iter().map(|_| Uuid::now_v7()).collect();
    let guids: Vec<Uuid> = people.iter().map(|person| person.guid.0).collect();
    let column = |value: fn(&Person) -> Option<&str>| people.iter().map(value).collect::<Vec<_>>();
    sqlx::query!(
        "insert into request_item (id, request_id, person_guid, account, name, mail, department)
         select row.id, $1, row.guid, row.account, row.name, row.mail, row.department
         from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])
              as row (id, guid, account, name, mail, department)
         on conflict (request_id, person_guid) do nothing",
        id.0,
        &ids,
        &guids,
        &column(|person| Some(&person.account)) as &[Option<&str>],
        &column(|person| Some(&person.name)) as &[Option<&str>],
        &column(|person| person.mail.as_deref()) as &[Option<&str>],
        &column(|person| person.department.as_deref()) as &[Option<&str>],
    )
    .execute(&mut *tx)
    .await?;
    let count = sqlx::query_scalar!("select count(*) as \"count!\" from request_item where request_id = $1", id.0);
    Ok(usize::try_from(count.fetch_one(tx).await?).is_ok_and(|count| count <= MOST_PEOPLE))
}

pub(in crate::requests) async fn remove(tx: &mut PgConnection, id: RequestId, people: &[Uuid]) -> sqlx::Result<()> {
    sqlx::query!("delete from request_item where request_id = $1 and person_guid = any($2)", id.0, people).execute(tx).await?;
    Ok(())
}

/// One page of those on the list, in the order in which they were added.
pub(in crate::requests) async fn asked(services: &Services, id: RequestId, page: PageRequest) -> sqlx::Result<Page<Asked>> {
    let rows = sqlx::query!(
        "select person_guid, name, account, department, own_offering, extends is not null as \"extends!\", count(*) over () as \"total!\"
         from request_item
         where request_id = $1 order by position limit $2 offset $3",
        id.0,
        page.limit(),
        page.offset(),
    )
    .fetch_all(&services.db)
    .await?;
    if rows.is_empty() && page.number > 1 {
        return Box::pin(asked(services, id, PageRequest { number: 1, ..page })).await;
    }
    let total = rows.first().map_or(0, |row| row.total);
    let rows = rows.into_iter().map(|row| Asked {
        person: PersonGuid(row.person_guid),
        name: row.name,
        account: row.account,
        department: row.department,
        offering: row.own_offering.map(OfferingId),
        extends: row.extends,
    });
    Ok(Page { rows: rows.collect(), total, request: page })
}

/// Which of these people are on the list.
pub(in crate::requests) async fn among(services: &Services, id: RequestId, people: &[Uuid]) -> sqlx::Result<Vec<PersonGuid>> {
    let found = sqlx::query_scalar!(
        "select person_guid from request_item where request_id = $1 and person_guid = any($2)",
        id.0,
        people,
    )
    .fetch_all(&services.db)
    .await?;
    Ok(found.into_iter().map(PersonGuid).collect())
}

/// Throws a draft away that was never handed in; false if it was, or is none.
pub(in crate::requests) async fn discard(services: &Services, actor: &Actor, id: RequestId) -> sqlx::Result<bool> {
    let gone =
        sqlx::query!("delete from request where id = $1 and owner = $2 and state = 'draft' and round = 0", id.0, actor.key(),)
            .execute(&services.db)
            .await?;
    Ok(gone.rows_affected() == 1)
}

/// Begins a draft with what was typed for another request.
async fn copy_form(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    from: RequestId,
    to: RequestId,
) -> sqlx::Result<()> {
    let (key, name, guid) = owner(actor);
    sqlx::query!(
        "insert into request (id, owner, owner_name, owner_guid, form, created_at, changed_at)
         select $2, $3, $4, $5, form, $6, $6 from request where id = $1",
        from.0,
        to.0,
        key,
        name,
        guid,
        services.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes a draft that asks for the same as another request.
pub(in crate::requests) async fn copy(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    from: RequestId,
    to: RequestId,
) -> sqlx::Result<()> {
    copy_form(tx, services, actor, from, to).await?;
    sqlx::query!(
        "insert into request_item (id, request_id, person_guid, account, name, mail, department, own_offering)
         select gen_random_uuid(), $2, person_guid, account, name, mail, department, own_offering
         from request_item where request_id = $1 order by position",
        from.0,
        to.0,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Begins a request for more time for those desktops of an earlier one that are about to end.
pub(in crate::requests) async fn extend(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    from: RequestId,
    to: RequestId,
) -> sqlx::Result<()> {
    copy_form(tx, services, actor, from, to).await?;
    sqlx::query!(
        "insert into request_item (id, request_id, person_guid, account, name, mail, department, own_offering, extends)
         select gen_random_uuid(), $2, i.person_guid, i.account, i.name, i.mail, i.department, i.offering_id, coalesce(i.extends, i.id)
         from request_item i join ending e on e.request_item = i.id
         where i.request_id = $1 and e.cause = 'temporary'
           and (e.state in ('noticed', 'asked', 'asked_again', 'let_go', 'holding', 'held')
                or (e.state = 'opening' and e.opens_to = 'noticed')) order by i.position",
        from.0,
        to.0,
    )
    .execute(tx)
    .await?;
    Ok(())
}
