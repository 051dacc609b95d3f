//! Volumes and their encryption: what is chosen is what AWS is asked for, and what AWS would not take is not sent.

use backend::launches::{self, drafts};
use model::{
    PageRequest,
    launches::{DesktopForm, ItemState},
};
use sandbox::state::Volumes;
use sqlx::PgPool;

use super::{MIGRATOR, invalid, unguarded};
use crate::house::{DESK, House, OFFICE, desktop, helpdesk};

const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// The sizes of the sandbox's bundles, which a sweep would bring in.
async fn house(db: PgPool) -> House {
    let house = House::with(db, unguarded(0)).await;
    house.execute("update bundle set root_gib = 80, user_gib = 50").await;
    house
}

fn larger() -> DesktopForm {
    DesktopForm { root_gib: "175".into(), user_gib: "120".into(), encrypt_user: true, encryption_key: KEY.into(), ..desktop() }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn they_reach_aws_as_they_were_chosen(db: PgPool) {
    let house = house(db).await;
    let draft = house.draft(&helpdesk(), &["marta.nordwind"]).await;
    assert!(drafts::save_desktop(&house.services, &helpdesk(), draft, larger(), Vec::new()).await.unwrap());
    let kept = drafts::get(&house.services, &helpdesk(), draft).await.unwrap().desktop;
    assert_eq!(kept, larger(), "as typed");
    let check = drafts::check(&house.services, &helpdesk(), draft, PageRequest::default()).await.unwrap();
    assert_eq!(check.volumes.sentence().as_deref(), Some("root volume 175 GB, user volume 120 GB"));
    assert_eq!(check.encryption.to_string(), format!("user volume, with {KEY}"));
    let launch = launches::start(&house.services, &helpdesk(), draft, None).await.unwrap();
    house.work(launch).await;
    assert_eq!(house.items(launch).await[0].state, ItemState::Available);
    let made = house.made_for("marta.nordwind").remove(0).volumes;
    let expected =
        Volumes { root_gib: 175, user_gib: 120, encrypted_root: false, encrypted_user: true, key: Some(KEY.to_owned()) };
    assert_eq!(made, expected);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nothing_chosen_is_the_bundles_own_and_no_key_is_awss(db: PgPool) {
    let house = house(db).await;
    let plain = house.launch(&["anna.nordwind"]).await;
    house.work(plain).await;
    assert_eq!(house.made_for("anna.nordwind").remove(0).volumes, Volumes { root_gib: 80, user_gib: 50, ..Volumes::default() });
    let draft = house.draft(&helpdesk(), &["ben.nordwind"]).await;
    let form = DesktopForm { encrypt_root: true, encrypt_user: true, ..desktop() };
    assert!(drafts::save_desktop(&house.services, &helpdesk(), draft, form, Vec::new()).await.unwrap());
    let launch = launches::start(&house.services, &helpdesk(), draft, None).await.unwrap();
    house.work(launch).await;
    let made = house.made_for("ben.nordwind").remove(0).volumes;
    assert!(made.encrypted_root && made.encrypted_user);
    assert_eq!(made.key.as_deref(), Some("alias/aws/workspaces"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_aws_would_not_take_is_told_at_its_field(db: PgPool) {
    let house = house(db).await;
    let draft = house.draft(&helpdesk(), &["marta.nordwind"]).await;
    let wrong = async |form: DesktopForm| {
        assert!(!drafts::save_desktop(&house.services, &helpdesk(), draft, form, Vec::new()).await.unwrap());
        let draft = drafts::get(&house.services, &helpdesk(), draft).await.unwrap();
        draft.errors.into_iter().map(|error| error.field).collect::<Vec<_>>()
    };
    assert_eq!(wrong(DesktopForm { user_gib: "10".into(), ..desktop() }).await, ["user_gib"], "the bundle has 50");
    assert_eq!(wrong(DesktopForm { root_gib: "100".into(), ..desktop() }).await, ["root_gib"]);
    assert_eq!(wrong(DesktopForm { root_gib: "two".into(), user_gib: "-1".into(), ..desktop() }).await, ["root_gib", "user_gib"]);
    let no_volume = DesktopForm { encryption_key: "alias/desktops".into(), ..desktop() };
    assert_eq!(wrong(no_volume).await, ["encryption_key"]);
}

/// Another bundle for one person may have more than what was chosen for all.
#[sqlx::test(migrator = "MIGRATOR")]
async fn volumes_have_to_fit_each_persons_bundle(db: PgPool) {
    let house = house(db).await;
    sqlx::query("update bundle set root_gib = 175, user_gib = 100 where bundle_id = $1")
        .bind(OFFICE)
        .execute(&house.db)
        .await
        .unwrap();
    let draft = house.draft(&helpdesk(), &["marta.nordwind", "anna.nordwind"]).await;
    let form = DesktopForm { user_gib: "100".into(), root_gib: "80".into(), ..desktop() };
    let of_anna = vec![(house.guid("anna.nordwind"), Some(OFFICE.parse().unwrap()))];
    assert_eq!(form.bundle, DESK);
    assert!(drafts::save_desktop(&house.services, &helpdesk(), draft, form, of_anna).await.unwrap());
    let check = drafts::check(&house.services, &helpdesk(), draft, PageRequest::default()).await.unwrap();
    assert!(check.desktop_problem.as_ref().is_some_and(|problem| problem.contains("has 175 GB")), "{:?}", check.desktop_problem);
    assert!(!check.can_launch());
    let refused = invalid(launches::start(&house.services, &helpdesk(), draft, None).await);
    assert_eq!(refused[0].0, "root_gib");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_difference_to_a_workspace_that_is_there_names_them(db: PgPool) {
    let house = House::open(db).await;
    house.execute("update bundle set root_gib = 80, user_gib = 50").await;
    house.at_aws("ws-900000001", "marta.nordwind");
    let small = Volumes { root_gib: 80, user_gib: 50, ..Volumes::default() };
    house.sandbox.state().memory().workspaces.last_mut().unwrap().volumes = small;
    let draft = house.draft(&helpdesk(), &["marta.nordwind"]).await;
    assert!(drafts::save_desktop(&house.services, &helpdesk(), draft, larger(), Vec::new()).await.unwrap());
    let launch = launches::start(&house.services, &helpdesk(), draft, None).await.unwrap();
    house.work(launch).await;
    let item = house.items(launch).await.remove(0);
    assert_eq!(item.state, ItemState::AlreadyHas);
    let said = item.failure.unwrap().message.unwrap();
    for words in [
        "its root volume has 80 GB, this launch wanted 175 GB",
        "its user volume has 50 GB, this launch wanted 120 GB",
        "its encryption is none, this launch wanted user volume",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}
