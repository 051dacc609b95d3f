//! SQL of drafts.

use model::{
    BundleId, DirectoryId, DraftId, FieldError, LaunchId, PageRequest, PersonGuid,
    access::Actor,
    launches::{DesktopForm, Draft, DraftPerson, MOST_PEOPLE},
    people::Person,
    workspaces::Tag,
};
use sqlx::PgConnection;
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
        "select d.directory_id, a.name as \"directory_name?\", (select count(*) from launch_draft_person p where p.draft_id = d.id) as \"people!\", d.bundle, d.running_mode, d.auto_stop_hours, d.root_gib, d.user_gib, d.encrypt_root, d.encrypt_user, d.encryption_key, d.tags, d.errors, d.changed_at, l.id as \"launch_id?\"
         from launch_draft d left join directory a using (directory_id) left join launch l on l.id = d.id
         where d.id = $1 and d.owner = $2",
        id.0,
        actor.key(),
    )
    .fetch_optional(&services.db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let bug = |error: model::ParseIdError| Fault::Bug(format!("draft row: {error}"));
    Ok(Some(Draft {
        id,
        directory: row.directory_id.map(|id| id.parse()).transpose().map_err(bug)?,
        directory_name: row.directory_name,
        people: row.people,
        desktop: DesktopForm {
            bundle: row.bundle,
            running_mode: row.running_mode,
            auto_stop_hours: row.auto_stop_hours,
            root_gib: row.root_gib,
            user_gib: row.user_gib,
            encrypt_root: row.encrypt_root,
            encrypt_user: row.encrypt_user,
            encryption_key: row.encryption_key,
            tags: row.tags,
        },
        errors: serde_json::from_value(row.errors).map_err(|error| Fault::Bug(format!("draft errors: {error}")))?,
        launch: row.launch_id.map(LaunchId),
        version: row.changed_at.timestamp_micros(),
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
        sqlx::query!("delete from launch_list where draft_id = $1", id.0).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

struct PersonRow {
    person_guid: Uuid,
    account: String,
    name: String,
    mail: Option<String>,
    department: Option<String>,
    bundle_id: Option<String>,
    tags: serde_json::Value,
}

impl PersonRow {
    fn read(self) -> Result<DraftPerson, Fault> {
        let bug = |error: &dyn std::fmt::Display| Fault::Bug(format!("draft row: {error}"));
        Ok(DraftPerson {
            guid: PersonGuid(self.person_guid),
            account: self.account,
            name: self.name,
            mail: self.mail,
            department: self.department,
            bundle: self.bundle_id.map(|id| id.parse()).transpose().map_err(|error: model::ParseIdError| bug(&error))?,
            tags: serde_json::from_value(self.tags).map_err(|error| bug(&error))?,
        })
    }
}

/// One page of the people of a draft, in the order in which they were added.
pub(in crate::launches) async fn people(services: &Services, id: DraftId, page: PageRequest) -> Result<Vec<DraftPerson>, Fault> {
    let rows = sqlx::query_as!(
        PersonRow,
        "select person_guid, account, name, mail, department, bundle_id, tags from launch_draft_person
         where draft_id = $1 order by position limit $2 offset $3",
        id.0,
        page.limit(),
        page.offset(),
    )
    .fetch_all(&services.db)
    .await?;
    rows.into_iter().map(PersonRow::read).collect()
}

/// All people of a draft, in the order in which they were added.
pub(in crate::launches) async fn all_people(services: &Services, id: DraftId) -> Result<Vec<DraftPerson>, Fault> {
    let rows = sqlx::query_as!(
        PersonRow,
        "select person_guid, account, name, mail, department, bundle_id, tags from launch_draft_person
         where draft_id = $1 order by position",
        id.0,
    )
    .fetch_all(&services.db)
    .await?;
    rows.into_iter().map(PersonRow::read).collect()
}

/// Which of these people are on the draft.
pub(in crate::launches) async fn chosen_among(services: &Services, id: DraftId, guids: &[Uuid]) -> sqlx::Result<Vec<PersonGuid>> {
    let chosen = sqlx::query_scalar!(
        "select person_guid from launch_draft_person where draft_id = $1 and person_guid = any($2)",
        id.0,
        guids,
    )
    .fetch_all(&services.db)
    .await?;
    Ok(chosen.into_iter().map(PersonGuid).collect())
}

/// What is chosen for one person beside what all get.
#[derive(Debug, Clone, Default)]
pub(in crate::launches) struct Choice {
    pub bundle: Option<BundleId>,
    pub tags: Vec<Tag>,
}

/// Adds people, all of them or, if there would be more than a launch holds, none: then false.
pub(in crate::launches) async fn add_people(services: &Services, id: DraftId, people: &[Person]) -> Result<bool, Fault> {
    let mut tx = services.db.begin().await?;
    let none = Choice::default();
    let people: Vec<_> = people.iter().map(|person| (person, &none)).collect();
    if !put_people(&mut tx, services, id, &people).await? {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}

/// Adds people, or changes what is chosen for those who are there where something is; false if there are too many now.
pub(super) async fn put_people(
    tx: &mut PgConnection,
    services: &Services,
    id: DraftId,
    people: &[(&Person, &Choice)],
) -> Result<bool, Fault> {
    // First, so that two adds wait for each other and the count below is right.
    sqlx::query!("update launch_draft set changed_at = $2 where id = $1", id.0, services.clock.now()).execute(&mut *tx).await?;
    let column = |value: fn(&Person) -> Option<&str>| people.iter().map(|(person, _)| value(person)).collect::<Vec<_>>();
    let guids: Vec<Uuid> = people.iter().map(|(person, _)| person.guid.0).collect();
    let bundles: Vec<_> = people.iter().map(|(_, choice)| choice.bundle.as_ref().map(BundleId::as_str)).collect();
    let tags = people.iter().map(|(_, choice)| serde_json::to_value(&choice.tags)).collect::<Result<Vec<_>, _>>();
    sqlx::query!(
        "insert into launch_draft_person (draft_id, person_guid, account, name, mail, department, bundle_id, tags)
         select $1, * from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[])
         on conflict (draft_id, person_guid) do update
         set bundle_id = coalesce(excluded.bundle_id, launch_draft_person.bundle_id),
             tags = case when excluded.tags = '[]' then launch_draft_person.tags else excluded.tags end",
        id.0,
        &guids,
        &column(|person| Some(&person.account)) as &[Option<&str>],
        &column(|person| Some(&person.name)) as &[Option<&str>],
        &column(|person| person.mail.as_deref()) as &[Option<&str>],
        &column(|person| person.department.as_deref()) as &[Option<&str>],
        &bundles as &[Option<&str>],
        &tags.map_err(|error| Fault::Bug(error.to_string()))?,
    )
    .execute(&mut *tx)
    .await?;
    let count = sqlx::query_scalar!("select count(*) as \"count!\" from launch_draft_person where draft_id = $1", id.0)
        .fetch_one(tx)
        .await?;
    Ok(usize::try_from(count).is_ok_and(|count| count <= MOST_PEOPLE))
}

pub(in crate::launches) async fn remove_people(services: &Services, id: DraftId, guids: &[Uuid]) -> Result<(), Fault> {
    let mut tx = services.db.begin().await?;
    sqlx::query!("update launch_draft set changed_at = $2 where id = $1", id.0, services.clock.now()).execute(&mut *tx).await?;
    sqlx::query!("delete from launch_draft_person where draft_id = $1 and person_guid = any($2)", id.0, guids)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
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
        "update launch_draft set bundle = $2, running_mode = $3, auto_stop_hours = $4, tags = $5, errors = $6, changed_at = $7,
                root_gib = $8, user_gib = $9, encrypt_root = $10, encrypt_user = $11, encryption_key = $12
         where id = $1",
        id.0,
        text(&form.bundle),
        text(&form.running_mode),
        text(&form.auto_stop_hours),
        text(&form.tags),
        errors,
        services.clock.now(),
        text(&form.root_gib),
        text(&form.user_gib),
        form.encrypt_root,
        form.encrypt_user,
        text(&form.encryption_key),
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
