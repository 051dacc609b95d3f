//! SQL of lists and their lines.

use std::collections::HashSet;

use model::{
    BundleId, DraftId, PageRequest, PersonGuid, Stamp,
    launches::{Columns, Line, LineKind, Verdict},
    people::Person,
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::drafts::{Choice, put_people};
use crate::{Fault, Services};

/// A line with what it came to.
#[derive(Debug, Clone)]
pub(in crate::launches) struct Judged {
    pub number: u32,
    pub written: String,
    pub verdict: Verdict,
    /// Whom it means, if one person.
    pub person: Option<Person>,
    pub choice: Choice,
}

/// A list without its lines.
pub(in crate::launches) struct List {
    pub name: String,
    pub read: Stamp,
    pub columns: Columns,
}

fn bug(error: impl std::fmt::Display) -> Fault {
    Fault::Bug(format!("list row: {error}"))
}

pub(in crate::launches) async fn chosen_guids(services: &Services, draft: DraftId) -> Result<HashSet<PersonGuid>, Fault> {
    let guids = sqlx::query_scalar!("select person_guid from launch_draft_person where draft_id = $1", draft.0)
        .fetch_all(&services.db)
        .await?;
    Ok(guids.into_iter().map(PersonGuid).collect())
}

/// Keeps a list in place of the one before, and adds its people; all of it or, if the draft would hold too many, nothing:
/// then false.
pub(in crate::launches) async fn keep_list(
    services: &Services,
    draft: DraftId,
    name: &str,
    columns: &Columns,
    lines: &[Judged],
) -> Result<bool, Fault> {
    let mut tx = services.db.begin().await?;
    sqlx::query!("delete from launch_list where draft_id = $1", draft.0).execute(&mut *tx).await?;
    sqlx::query!(
        "insert into launch_list (draft_id, name, columns, read_at) values ($1, $2, $3, $4)",
        draft.0,
        name,
        serde_json::to_value(columns).map_err(bug)?,
        services.clock.now(),
    )
    .execute(&mut *tx)
    .await?;
    insert_lines(&mut tx, draft, lines).await?;
    let added: Vec<_> = lines.iter().filter_map(to_put).collect();
    if !put_people(&mut tx, services, draft, &added).await? {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}

/// The person of a line that puts one on the draft, with what it chooses for them.
fn to_put(line: &Judged) -> Option<(&Person, &Choice)> {
    let person = line.person.as_ref()?;
    matches!(line.verdict, Verdict::Added | Verdict::Known).then_some((person, &line.choice))
}

async fn insert_lines(tx: &mut PgConnection, draft: DraftId, lines: &[Judged]) -> Result<(), Fault> {
    let json = |value: serde_json::Result<serde_json::Value>| value.map_err(bug);
    let numbers: Vec<i32> = lines.iter().map(|line| i32::try_from(line.number).unwrap_or(i32::MAX)).collect();
    let written: Vec<&str> = lines.iter().map(|line| line.written.as_str()).collect();
    let kinds: Vec<&str> = lines.iter().map(|line| line.verdict.kind().as_str()).collect();
    let verdicts = lines.iter().map(|line| json(serde_json::to_value(&line.verdict))).collect::<Result<Vec<_>, _>>()?;
    let guids: Vec<Option<Uuid>> = lines.iter().map(|line| line.person.as_ref().map(|person| person.guid.0)).collect();
    let names: Vec<Option<&str>> = lines.iter().map(|line| line.person.as_ref().map(|person| person.name.as_str())).collect();
    let bundles: Vec<Option<&str>> = lines.iter().map(|line| line.choice.bundle.as_ref().map(BundleId::as_str)).collect();
    let tags = lines.iter().map(|line| json(serde_json::to_value(&line.choice.tags))).collect::<Result<Vec<_>, _>>()?;
    sqlx::query!(
        "insert into launch_list_line (draft_id, number, written, kind, verdict, person_guid, name, bundle_id, tags)
         select $1, * from unnest($2::integer[], $3::text[], $4::text[], $5::jsonb[], $6::uuid[], $7::text[], $8::text[], $9::jsonb[])",
        draft.0,
        &numbers,
        &written as &[&str],
        &kinds as &[&str],
        &verdicts,
        &guids as &[Option<Uuid>],
        &names as &[Option<&str>],
        &bundles as &[Option<&str>],
        &tags,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(in crate::launches) async fn list_of(services: &Services, draft: DraftId) -> Result<Option<List>, Fault> {
    let row = sqlx::query!("select name, columns, read_at from launch_list where draft_id = $1", draft.0)
        .fetch_optional(&services.db)
        .await?;
    row.map(|row| {
        let columns = serde_json::from_value(row.columns).map_err(bug)?;
        Ok(List { name: row.name, read: services.stamp(row.read_at), columns })
    })
    .transpose()
}

/// How many lines came to what, in the order of [`LineKind::ALL`].
pub(in crate::launches) async fn line_counts(services: &Services, draft: DraftId) -> Result<Vec<(LineKind, i64)>, Fault> {
    let rows =
        sqlx::query!("select kind, count(*) as \"count!\" from launch_list_line where draft_id = $1 group by kind", draft.0,)
            .fetch_all(&services.db)
            .await?;
    let count = |kind: LineKind| rows.iter().find(|row| row.kind == kind.as_str()).map(|row| (kind, row.count));
    Ok(LineKind::ALL.into_iter().filter_map(count).collect())
}

/// One page of lines: those that somebody has to look at first, then as they stand in the list.
pub(in crate::launches) async fn lines(
    services: &Services,
    draft: DraftId,
    kind: Option<LineKind>,
    page: PageRequest,
) -> Result<Vec<Line>, Fault> {
    let order: Vec<&str> = LineKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let rows = sqlx::query!(
        "select number, written, verdict, person_guid, name from launch_list_line
         where draft_id = $1 and ($2::text is null or kind = $2)
         order by array_position($3::text[], kind), number limit $4 offset $5",
        draft.0,
        kind.map(LineKind::as_str),
        &order as &[&str],
        page.limit(),
        page.offset(),
    )
    .fetch_all(&services.db)
    .await?;
    let line = |number: i32, written, verdict, guid: Option<Uuid>, name: Option<String>| {
        Ok(Line {
            number: u32::try_from(number).map_err(bug)?,
            written,
            person: guid.map(PersonGuid).zip(name),
            verdict: serde_json::from_value(verdict).map_err(bug)?,
        })
    };
    rows.into_iter().map(|row| line(row.number, row.written, row.verdict, row.person_guid, row.name)).collect()
}

/// A line, to choose whom it means.
pub(in crate::launches) async fn line(services: &Services, draft: DraftId, number: u32) -> Result<Option<Judged>, Fault> {
    let row = sqlx::query!(
        "select written, verdict, bundle_id, tags from launch_list_line where draft_id = $1 and number = $2",
        draft.0,
        i32::try_from(number).unwrap_or(i32::MAX),
    )
    .fetch_optional(&services.db)
    .await?;
    row.map(|row| {
        Ok(Judged {
            number,
            written: row.written,
            verdict: serde_json::from_value(row.verdict).map_err(bug)?,
            person: None,
            choice: Choice {
                bundle: row.bundle_id.map(|id| id.parse()).transpose().map_err(bug)?,
                tags: serde_json::from_value(row.tags).map_err(bug)?,
            },
        })
    })
    .transpose()
}

/// Writes what a line came to, and adds its person; false, and nothing written, if the draft would hold too many.
pub(in crate::launches) async fn keep_line(services: &Services, draft: DraftId, line: &Judged) -> Result<bool, Fault> {
    let mut tx = services.db.begin().await?;
    sqlx::query!(
        "update launch_list_line set kind = $3, verdict = $4, person_guid = $5, name = $6 where draft_id = $1 and number = $2",
        draft.0,
        i32::try_from(line.number).unwrap_or(i32::MAX),
        line.verdict.kind().as_str(),
        serde_json::to_value(&line.verdict).map_err(bug)?,
        line.person.as_ref().map(|person| person.guid.0),
        line.person.as_ref().map(|person| person.name.as_str()),
    )
    .execute(&mut *tx)
    .await?;
    let added: Vec<_> = to_put(line).into_iter().collect();
    if !put_people(&mut tx, services, draft, &added).await? {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}
