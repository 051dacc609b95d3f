//! SQL of drafts.

use model::{
    BundleId, DirectoryId, DraftId, FieldError, LaunchId, PersonGuid,
    access::Actor,
    launches::{DesktopForm, Draft, DraftPerson, MOST_PEOPLE},
    people::Person,
};
use uuid::Uuid;

use crate::{Fault, Services};

pub(in crate::launches) async fn insert_draft(services: &Services, actor: &Actor, id: DraftId) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into launch_draft (id, owner, created_at, changed_at) values ($1, $2, $3, $3)",
        id.0,
        actor.key(),
        services.clock.now(),
    )
    .execute(&services.db)
    .await?;
    Ok(())
}

pub(in crate::launches) async fn draft(services: &Services, actor: &Actor, id: DraftId) -> Result<Option<Draft>, Fault> {
    let row = sqlx::query!(
        "select d.directory_id, a.name as \"directory_name?\", d.bundle, d.running_mode, d.auto_stop_hours, d.tags, d.errors, l.id as \"launch_id?\"
         from launch_draft d left join directory a using (directory_id) left join launch l on l.id = d.id
         where d.id = $1 and d.owner = $2",
        id.0,
        actor.key(),
    )
    .fetch_optional(&services.db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let people = sqlx::query!(
        "select person_guid, account, name, mail, department, bundle_id from launch_draft_person where draft_id = $1 order by position",
        id.0,
    )
    .fetch_all(&services.db)
    .await?;
    let bug = |error: model::ParseIdError| Fault::Bug(format!("draft row: {error}"));
    let people = people.into_iter().map(|person| {
        Ok(DraftPerson {
            guid: PersonGuid(person.person_guid),
            account: person.account,
            name: person.name,
            mail: person.mail,
            department: person.department,
            bundle: person.bundle_id.map(|id| id.parse()).transpose().map_err(bug)?,
        })
    });
    Ok(Some(Draft {
        id,
        directory: row.directory_id.map(|id| id.parse()).transpose().map_err(bug)?,
        directory_name: row.directory_name,
        people: people.collect::<Result<_, Fault>>()?,
        desktop: DesktopForm {
            bundle: row.bundle,
            running_mode: row.running_mode,
            auto_stop_hours: row.auto_stop_hours,
            tags: row.tags,
        },
        errors: serde_json::from_value(row.errors).map_err(|error| Fault::Bug(format!("draft errors: {error}")))?,
        launch: row.launch_id.map(LaunchId),
    }))
}

pub(in crate::launches) async fn set_directory(
    services: &Services,
    id: DraftId,
    directory: &DirectoryId,
    empty_list: bool,
) -> Result<(), Fault> {
    let mut tx = services.db.begin().await?;
    sqlx::query!(
        "update launch_draft set directory_id = $2, changed_at = $3 where id = $1",
        id.0,
        directory.as_str(),
        services.clock.now(),
    )
    .execute(&mut *tx)
    .await?;
    if empty_list {
        sqlx::query!("delete from launch_draft_person where draft_id = $1", id.0).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Adds people, all of them or, if there would be more than a launch holds, none: then false.
pub(in crate::launches) async fn add_people(services: &Services, id: DraftId, people: &[Person]) -> Result<bool, Fault> {
    let mut tx = services.db.begin().await?;
    // First, so that two adds wait for each other and the count below is right.
    sqlx::query!("update launch_draft set changed_at = $2 where id = $1", id.0, services.clock.now()).execute(&mut *tx).await?;
    for person in people {
        sqlx::query!(
            "insert into launch_draft_person (draft_id, person_guid, account, name, mail, department) values ($1, $2, $3, $4, $5, $6)
             on conflict (draft_id, person_guid) do nothing",
            id.0,
            person.guid.0,
            person.account,
            person.name,
            person.mail,
            person.department,
        )
        .execute(&mut *tx)
        .await?;
    }
    let count = sqlx::query_scalar!("select count(*) as \"count!\" from launch_draft_person where draft_id = $1", id.0)
        .fetch_one(&mut *tx)
        .await?;
    if usize::try_from(count).is_ok_and(|count| count > MOST_PEOPLE) {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}

pub(in crate::launches) async fn remove_people(services: &Services, id: DraftId, guids: &[Uuid]) -> Result<(), Fault> {
    sqlx::query!("delete from launch_draft_person where draft_id = $1 and person_guid = any($2)", id.0, guids)
        .execute(&services.db)
        .await?;
    Ok(())
}

pub(in crate::launches) async fn save_desktop(
    services: &Services,
    id: DraftId,
    form: &DesktopForm,
    errors: &[FieldError],
    bundles: &[(PersonGuid, Option<BundleId>)],
) -> Result<(), Fault> {
    // PostgreSQL's text can't hold NUL, which a hand-made form may carry.
    let text = |text: &str| text.replace('\0', "");
    let errors = serde_json::to_value(errors).map_err(|error| Fault::Bug(error.to_string()))?;
    let mut tx = services.db.begin().await?;
    sqlx::query!(
        "update launch_draft set bundle = $2, running_mode = $3, auto_stop_hours = $4, tags = $5, errors = $6, changed_at = $7 where id = $1",
        id.0,
        text(&form.bundle),
        text(&form.running_mode),
        text(&form.auto_stop_hours),
        text(&form.tags),
        errors,
        services.clock.now(),
    )
    .execute(&mut *tx)
    .await?;
    for (person, bundle) in bundles {
        sqlx::query!(
            "update launch_draft_person set bundle_id = $3 where draft_id = $1 and person_guid = $2",
            id.0,
            person.0,
            bundle.as_ref().map(BundleId::as_str),
        )
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

pub(in crate::launches) async fn discard(services: &Services, id: DraftId) -> Result<(), Fault> {
    sqlx::query!("delete from launch_draft where id = $1", id.0).execute(&services.db).await?;
    Ok(())
}
