//! SQL of notices, of the letters that carry them, and of what people want to be told.

use chrono::{DateTime, NaiveDate, Utc};
use model::{
    EndingId, PersonGuid, RequestId,
    notices::{self, Kind, LetterState, Notice, Pace, Preferences},
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Fault, Services};

pub(super) async fn to_owner(
    tx: &mut PgConnection,
    services: &Services,
    request: RequestId,
    ending: Option<EndingId>,
    kind: Kind,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into notice (kind, at, request_id, ending_id, person_guid)
         select $1, $2, id, $4, owner_guid from request where id = $3 and owner_guid is not null",
        kind.as_str(),
        services.clock.now(),
        request.0,
        ending.map(|ending| ending.0),
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn to_deciders(tx: &mut PgConnection, services: &Services, request: RequestId, kind: Kind) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into notice (kind, at, request_id, stage)
         select $1, $2, request_id, position from request_stage where request_id = $3 and state = 'waiting'",
        kind.as_str(),
        services.clock.now(),
        request.0,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Tells who asked of desktops that are there, each once.
pub(super) async fn note_ready(services: &Services) -> sqlx::Result<()> {
    sqlx::query!(
        "with there as (
           update request_item i set ready_told_at = $1 from launch_item l
           where l.id = i.launch_item and l.state = 'available' and i.state = 'approved' and i.ready_told_at is null
           returning i.id, i.request_id)
         insert into notice (kind, at, request_id, request_item, person_guid)
         select 'ready', $1, there.request_id, there.id, r.owner_guid from there join request r on r.id = there.request_id
         where r.owner_guid is not null",
        services.clock.now(),
    )
    .execute(&services.db)
    .await?;
    Ok(())
}

/// Tells those who stand in for somebody from today on what waits there already.
pub(super) async fn note_stand_ins(services: &Services, today: NaiveDate) -> sqlx::Result<()> {
    sqlx::query!(
        "with begun as (
           update request_absence set told_at = $1 where told_at is null and $2 between from_day and until_day
           returning person_guid, stand_in_guid)
         insert into notice (kind, at, request_id, stage, person_guid)
         select 'to_decide', $1, s.request_id, s.position, begun.stand_in_guid
         from begun join request_stage s on s.state = 'waiting' and begun.person_guid = any(s.people)
         join request r on r.id = s.request_id and r.state = 'waiting'",
        services.clock.now(),
        today,
    )
    .execute(&services.db)
    .await?;
    Ok(())
}

fn kind(text: &str) -> Result<Kind, Fault> {
    Kind::from_db(text).ok_or_else(|| Fault::Bug(format!("notice {text}")))
}

/// A notice of which nobody knows yet whom it is for.
#[derive(Debug, Clone)]
pub(super) struct Unaddressed {
    pub id: i64,
    pub kind: Kind,
    pub request: RequestId,
    pub stage: i32,
}

pub(super) async fn unaddressed(services: &Services, limit: i64) -> Result<Vec<Unaddressed>, Fault> {
    let rows = sqlx::query!(
        "select id, kind, request_id, stage as \"stage!\" from notice
         where person_guid is null and letter_id is null and (not_before is null or not_before <= $1) order by id limit $2",
        services.clock.now(),
        limit,
    )
    .fetch_all(&services.db)
    .await?;
    let row = |(id, text, request, stage): (i64, String, Uuid, i32)| {
        Ok(Unaddressed { id, kind: kind(&text)?, request: RequestId(request), stage })
    };
    rows.into_iter().map(|found| row((found.id, found.kind, found.request_id, found.stage))).collect()
}

/// Puts a notice for each of these people in the place of one for whoever decides. Another worker may have done so already.
pub(super) async fn address(services: &Services, id: i64, people: &[PersonGuid]) -> sqlx::Result<()> {
    let people: Vec<Uuid> = people.iter().map(|person| person.0).collect();
    sqlx::query!(
        "with gone as (delete from notice where id = $1 and person_guid is null returning kind, at, request_id, stage)
         insert into notice (kind, at, request_id, stage, person_guid)
         select gone.kind, gone.at, gone.request_id, gone.stage, person from gone, unnest($2::uuid[]) person",
        id,
        &people,
    )
    .execute(&services.db)
    .await?;
    Ok(())
}

/// Puts notices off.
pub(super) async fn put_off(services: &Services, ids: &[i64], until: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("update notice set not_before = $2 where id = any($1)", ids, until).execute(&services.db).await?;
    Ok(())
}

/// Notices that nobody is told of (any more).
pub(super) async fn drop(services: &Services, ids: &[i64]) -> sqlx::Result<()> {
    sqlx::query!("delete from notice where id = any($1) and letter_id is null", ids).execute(&services.db).await?;
    Ok(())
}

/// One person's notice, with all on which it depends when it is told.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub person: PersonGuid,
    pub notice: Notice,
    pub at: DateTime<Utc>,
    pub not_before: Option<DateTime<Utc>>,
    pub preferences: Preferences,
    /// When the last mail went to the person.
    pub last: Option<DateTime<Utc>>,
}

/// What is to be told to the next people after one, in the order of their ids, each one's oldest first.
pub(super) async fn pending(services: &Services, after: PersonGuid, people: i64) -> Result<Vec<Pending>, Fault> {
    let rows = sqlx::query!(
        "select n.id, n.kind, n.at, n.request_id, n.stage, n.ending_id, n.person_guid as \"person!\", n.not_before, i.name as \"name?\",
                p.deciding as \"deciding?\", p.asking as \"asking?\", p.ending as \"ending?\", p.time_zone,
                (select max(l.at) from letter l where l.person_guid = n.person_guid) as last
         from notice n left join preference p on p.person_guid = n.person_guid left join request_item i on i.id = n.request_item
         where n.letter_id is null
           and n.person_guid in (select distinct person_guid from notice where letter_id is null and person_guid > $1 order by person_guid limit $2)
         order by n.person_guid, n.id",
        after.0,
        people,
    )
    .fetch_all(&services.db)
    .await?;
    let pace = |text: Option<String>| text.as_deref().and_then(Pace::parse).unwrap_or_default();
    rows.into_iter()
        .map(|row| {
            Ok(Pending {
                person: PersonGuid(row.person),
                notice: Notice {
                    id: row.id,
                    kind: kind(&row.kind)?,
                    request: RequestId(row.request_id),
                    ending: row.ending_id.map(EndingId),
                    name: row.name,
                    stage: row.stage,
                },
                at: row.at,
                not_before: row.not_before,
                preferences: Preferences {
                    deciding: pace(row.deciding),
                    asking: pace(row.asking),
                    ending: pace(row.ending),
                    time_zone: row.time_zone,
                },
                last: row.last,
            })
        })
        .collect()
}

/// Writes that a letter with these notices is about to be sent. False if another worker has taken one of them.
pub(super) async fn begin(
    tx: &mut PgConnection,
    services: &Services,
    (id, person, subject): (Uuid, PersonGuid, &str),
    notices: &[i64],
) -> sqlx::Result<bool> {
    let now = services.clock.now();
    sqlx::query!(
        "insert into letter (id, person_guid, subject, state, at, lease_until) values ($1, $2, $3, 'sending', $4, $5)",
        id,
        person.0,
        subject,
        now,
        now + services.settings.claim_lease(),
    )
    .execute(&mut *tx)
    .await?;
    let taken = sqlx::query!("update notice set letter_id = $1 where id = any($2) and letter_id is null", id, notices)
        .execute(tx)
        .await?;
    Ok(usize::try_from(taken.rows_affected()).ok() == Some(notices.len()))
}

/// Writes what became of a letter. False if it was given up meanwhile.
pub(super) async fn finish(
    tx: &mut PgConnection,
    id: Uuid,
    state: LetterState,
    message_id: Option<&str>,
    failure: Option<&str>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update letter set state = $2, message_id = $3, failure = $4, lease_until = null where id = $1 and state = 'sending'",
        id,
        state.as_str(),
        message_id,
        failure,
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// SES takes no mail for now: there is no letter, and everybody's notices wait.
pub(super) async fn undo(tx: &mut PgConnection, id: Uuid, until: DateTime<Utc>) -> sqlx::Result<bool> {
    sqlx::query!("update notice set not_before = $2 where letter_id = $1 or letter_id is null", id, until)
        .execute(&mut *tx)
        .await?;
    let gone = sqlx::query!("delete from letter where id = $1 and state = 'sending'", id).execute(tx).await?;
    Ok(gone.rows_affected() == 1)
}

/// Letters whose sender died: whether they were sent is not known. To whom they were, by id.
pub(super) async fn give_up_lost(tx: &mut PgConnection, services: &Services) -> sqlx::Result<Vec<(Uuid, PersonGuid)>> {
    let lost = sqlx::query!(
        "update letter set state = 'unconfirmed', lease_until = null where state = 'sending' and lease_until < $1 returning id, person_guid",
        services.clock.now(),
    )
    .fetch_all(tx)
    .await?;
    Ok(lost.into_iter().map(|row| (row.id, PersonGuid(row.person_guid))).collect())
}

/// Forgets letters, and what they told, that are older than this; and what nobody could be told since then.
pub(super) async fn forget(services: &Services, before: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("delete from notice where letter_id is null and at < $1", before).execute(&services.db).await?;
    sqlx::query!(
        "with old as (select id from letter where at < $1 and state <> 'sending'), told as (delete from notice using old where letter_id = old.id)
         delete from letter using old where letter.id = old.id",
        before,
    )
    .execute(&services.db)
    .await?;
    Ok(())
}

pub(super) async fn preferences(services: &Services, guid: PersonGuid) -> sqlx::Result<Preferences> {
    let row = sqlx::query!("select deciding, asking, ending, time_zone from preference where person_guid = $1", guid.0)
        .fetch_optional(&services.db)
        .await?;
    let pace = |text: &str| Pace::parse(text).unwrap_or_default();
    Ok(row.map_or_else(Preferences::default, |row| Preferences {
        deciding: pace(&row.deciding),
        asking: pace(&row.asking),
        ending: pace(&row.ending),
        time_zone: row.time_zone,
    }))
}

pub(super) async fn prefer(
    tx: &mut PgConnection,
    services: &Services,
    guid: PersonGuid,
    chosen: &Preferences,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into preference (person_guid, deciding, asking, ending, time_zone, changed_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (person_guid) do update
         set deciding = excluded.deciding, asking = excluded.asking, ending = excluded.ending, time_zone = excluded.time_zone,
             changed_at = excluded.changed_at",
        guid.0,
        chosen.deciding.as_str(),
        chosen.asking.as_str(),
        chosen.ending.as_str(),
        chosen.time_zone,
        services.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The last letters to somebody, the newest first.
pub(super) async fn letters(services: &Services, guid: PersonGuid, limit: i64) -> Result<Vec<notices::Letter>, Fault> {
    let rows = sqlx::query!(
        "select at, subject, state from letter where person_guid = $1 order by at desc, id desc limit $2",
        guid.0,
        limit,
    )
    .fetch_all(&services.db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let state = LetterState::from_db(&row.state).ok_or_else(|| Fault::Bug(format!("letter {}", row.state)))?;
            Ok(notices::Letter { at: services.stamp(row.at), subject: row.subject, state })
        })
        .collect()
}
