//! What may be asked for: making and changing it (`making`), who may ask for it and why not (`asking`), and what it costs (`prices`).

mod asking;
mod making;
mod prices;

use backend::offerings::drafts;
use model::{
    Error, OfferingId,
    access::{Actor, Grant, Person, Role, Scope},
    launches::DesktopForm,
    offerings::OfferingForm,
};
use sqlx::PgPool;

use crate::house::{DIRECTORY, House, OFFICE};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// A house whose mirror knows how large its bundles are.
async fn house(db: PgPool) -> House {
    let house = House::open(db).await;
    house.past_midnight().await;
    house.execute("update bundle set root_gib = 80, user_gib = 50").await;
    house
}

fn admin() -> Actor {
    somebody("subject-of-adele", Role::Admin, Scope::Everywhere, None)
}

fn somebody(subject: &str, role: Role, scope: Scope, guid: Option<model::PersonGuid>) -> Actor {
    let grants = vec![Grant { role, scope }];
    Actor::Person(Person { subject: subject.into(), name: "Adèle Moreau".into(), guid, grants })
}

/// Somebody of the sandbox's Active Directory who may ask.
fn requester(house: &House, account: &str) -> Actor {
    somebody(account, Role::Requester, Scope::Everywhere, Some(house.guid(account)))
}

fn form(name: &str) -> OfferingForm {
    let begun = OfferingForm::begin();
    let desktop = DesktopForm { bundle: OFFICE.into(), ..begun.desktop.clone() };
    OfferingForm { name: name.into(), description: "For mail.".into(), directory: DIRECTORY.into(), desktop, ..begun }
}

/// Publishes a new offering, or the change of one.
async fn publish(house: &House, of: Option<OfferingId>, form: OfferingForm) -> model::Result<OfferingId> {
    let draft = drafts::begin(&house.services, &admin(), of).await?;
    assert!(drafts::save(&house.services, &admin(), draft, form).await?, "the form is right");
    let seen = drafts::get(&house.services, &admin(), draft).await?.seen;
    drafts::publish(&house.services, &admin(), draft, seen).await
}

/// The fields that a refusal names, with their messages.
fn invalid<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Vec<(String, String)> {
    let Err(Error::Invalid { fields }) = outcome else { panic!("not refused: {outcome:?}") };
    fields.into_iter().map(|field| (field.field, field.message)).collect()
}
