//! A list of people read into a draft: what each line comes to, and that nothing happens by halves.

use backend::launches::{self, drafts, list};
use model::{
    Conflict, DraftId, Error, PageRequest,
    access::Actor,
    launches::{LineKind, MOST_PEOPLE, Verdict},
    people::Obstacle,
    workspaces::Tag,
};
use sqlx::PgPool;

use super::{MIGRATOR, invalid};
use crate::house::{DIRECTORY, House, OFFICE, colleague, count, desktop, helpdesk};

async fn draft(house: &House, actor: &Actor) -> DraftId {
    let draft = drafts::create(&house.services, actor).await.unwrap();
    drafts::choose_directory(&house.services, actor, draft, DIRECTORY.parse().unwrap()).await.unwrap();
    draft
}

async fn verdicts(house: &House, draft: DraftId) -> Vec<(u32, Verdict)> {
    let report = list::report(&house.services, &helpdesk(), draft, None, PageRequest { number: 1, size: 100 }).await.unwrap();
    let mut lines: Vec<_> = report.unwrap().lines.rows.into_iter().map(|line| (line.number, line.verdict)).collect();
    lines.sort_by_key(|(number, _)| *number);
    lines
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_line_comes_to_something(db: PgPool) {
    let house = House::open(db).await;
    let (services, helena) = (&house.services, &helpdesk());
    let draft = draft(&house, helena).await;
    drafts::add_people(services, helena, draft, vec![house.guid("ida.nordwind")]).await.unwrap();
    house.sandbox.company().change("ben.nordwind", |person| person.mail = Some("team@corp.example.com".into()));
    house.sandbox.company().change("carsten.nordwind", |person| person.mail = Some("Team@corp.example.com".into()));
    let text = format!(
        "User name;Mail;Bundle;Tag:cost centre;Remark\r\n\
         CORP\\Anna.Nordwind;;{OFFICE};4711;first\r\n\
         ;ANNA.nordwind@corp.example.com;;;again\r\n\
         ida.nordwind;;office-desk;;\r\n\
         nobody.here;;;;\r\n\
         ;team@corp.example.com;;;\r\n\
         dino.disabled;;;;\r\n\
         marta.nordwind;;No such bundle;;\r\n\
         ;;;;only a remark\r\n\
         *)(uid=*;;;;\r\n"
    );
    list::read(services, helena, draft, "people.csv", text.as_bytes()).await.unwrap();

    let lines = verdicts(&house, draft).await;
    assert_eq!(lines.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [2, 3, 4, 5, 6, 7, 8, 9, 10]);
    let verdicts: Vec<_> = lines.into_iter().map(|(_, verdict)| verdict).collect();
    assert_eq!(verdicts[..4], [Verdict::Added, Verdict::Twice { first: 2 }, Verdict::Known, Verdict::NotFound]);
    let Verdict::Ambiguous { candidates } = &verdicts[4] else { panic!("{:?}", verdicts[4]) };
    assert_eq!(candidates.len(), 2);
    assert_eq!(verdicts[5], Verdict::NotEligible { obstacles: vec![Obstacle::Disabled] });
    assert!(matches!(&verdicts[6], Verdict::Unusable { problem } if problem.contains("No such bundle")), "{:?}", verdicts[6]);
    assert_eq!(verdicts[7].kind(), LineKind::Unusable);
    assert_eq!(verdicts[8], Verdict::NotFound);

    let people = drafts::people(services, helena, draft, PageRequest::default()).await.unwrap().rows;
    let chosen: Vec<_> =
        people.iter().map(|person| (person.account.as_str(), person.bundle.is_some(), person.tags.len())).collect();
    assert_eq!(chosen, [("ida.nordwind", true, 0), ("anna.nordwind", true, 1)]);
    let report = list::report(services, helena, draft, Some(LineKind::Ambiguous), PageRequest::default()).await.unwrap().unwrap();
    assert_eq!((report.lines.total, report.name.as_str()), (1, "people.csv"));
    assert_eq!(report.columns.ignored, ["Remark"]);
    assert!(list::report(services, &colleague(), draft, None, PageRequest::default()).await == Err(Error::NotFound));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn somebody_chooses_whom_a_line_means(db: PgPool) {
    let house = House::open(db).await;
    let (services, helena) = (&house.services, &helpdesk());
    let draft = draft(&house, helena).await;
    for account in ["ben.nordwind", "dino.disabled"] {
        house.sandbox.company().change(account, |person| person.mail = Some("team@corp.example.com".into()));
    }
    list::read(services, helena, draft, "pasted", b"mail,tag:team\nteam@corp.example.com,A\n").await.unwrap();
    assert_eq!(drafts::get(services, helena, draft).await.unwrap().people, 0);
    let choose = async |account: &str| list::choose(services, helena, draft, 2, house.guid(account)).await;
    assert_eq!(choose("anna.nordwind").await, Err(Error::NotFound), "she is not one of them");
    assert_eq!(list::choose(services, helena, draft, 7, house.guid("ben.nordwind")).await, Err(Error::NotFound));
    choose("ben.nordwind").await.unwrap();
    assert_eq!(verdicts(&house, draft).await, [(2, Verdict::Added)]);
    let people = drafts::people(services, helena, draft, PageRequest::default()).await.unwrap().rows;
    assert_eq!(people[0].tags, [Tag { key: "team".into(), value: "A".into() }]);
    assert_eq!(choose("ben.nordwind").await, Err(Error::NotFound), "it was chosen");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_list_of_no_use_changes_nothing(db: PgPool) {
    let mut house = House::open(db).await;
    let helena = helpdesk();
    let draft = draft(&house, &helena).await;
    list::read(&house.services, &helena, draft, "first", b"anna.nordwind\n").await.unwrap();
    let lines = (0..=MOST_PEOPLE).map(|number| format!("somebody{number}\n")).collect::<String>();
    for (bytes, words) in [
        (lines.as_bytes(), "more than 5000 lines"),
        (b"PK\0\0".as_slice(), "binary"),
        (b" \n", "empty"),
        (b"Name,Bundle\nAnna,x", "no column"),
        (b"account\n", "empty"),
    ] {
        let fields = invalid(list::read(&house.services, &helena, draft, "second", bytes).await);
        assert!(fields[0].0 == "list" && fields[0].1.contains(words), "{fields:?}");
    }
    assert_eq!(list::read(&house.services, &colleague(), draft, "x", b"ben.nordwind").await, Err(Error::NotFound));
    house.ad_away();
    assert!(matches!(list::read(&house.services, &helena, draft, "x", b"ben.nordwind").await, Err(Error::Unavailable { .. })));
    assert_eq!((count(&house.db, "launch_draft_person").await, count(&house.db, "launch_list_line").await), (1, 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_list_that_would_overfill_the_draft_adds_nobody(db: PgPool) {
    let house = House::open(db).await;
    let (services, helena) = (&house.services, &helpdesk());
    let draft = draft(&house, helena).await;
    house
        .execute(
            "insert into launch_draft_person (draft_id, person_guid, account, name)
             select id, gen_random_uuid(), 'filler' || n, 'Filler' from launch_draft, generate_series(1, 5000) n",
        )
        .await;
    let full = Err(Error::conflict(Conflict::TooManyPeople));
    assert_eq!(list::read(services, helena, draft, "x", b"anna.nordwind").await, full);
    assert_eq!((count(&house.db, "launch_draft_person").await, count(&house.db, "launch_list").await), (5_000, 0));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_a_list_chooses_reaches_the_launch(db: PgPool) {
    let house = House::open(db).await;
    let (services, helena) = (&house.services, &helpdesk());
    let draft = draft(&house, helena).await;
    list::read(services, helena, draft, "x", b"account,tag:team,tag:floor\nanna.nordwind,A,3\nmarta.nordwind,,\n").await.unwrap();
    assert!(drafts::save_desktop(services, helena, draft, desktop(), Vec::new()).await.unwrap());
    launches::start(services, helena, draft, None).await.unwrap();
    let tags: Vec<(String, serde_json::Value)> =
        sqlx::query_as("select account, tags from launch_item order by account").fetch_all(&house.db).await.unwrap();
    assert_eq!(tags[0].1, serde_json::json!([{ "key": "team", "value": "A" }, { "key": "floor", "value": "3" }]));
    assert_eq!(tags[1].1, serde_json::json!([]));
}
