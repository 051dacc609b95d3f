//! Lists of people: each line's account or address looked up to the letter, many in one question.

use backend::launches::{drafts, list};
use model::{DraftId, PageRequest, launches::Verdict, people::Obstacle};
use sqlx::PgPool;

use super::{Administrator, house};
use crate::{
    MIGRATOR,
    house::{DIRECTORY, House, helpdesk},
};

/// What the lines of a list come to, in their order.
async fn read(house: &House, lines: &[String]) -> (DraftId, Vec<Verdict>) {
    let (services, helena) = (&house.services, &helpdesk());
    let draft = drafts::create(services, helena).await.unwrap();
    drafts::choose_directory(services, helena, draft, DIRECTORY.parse().unwrap()).await.unwrap();
    list::read(services, helena, draft, "people.csv", lines.join("\r\n").as_bytes()).await.unwrap();
    let size = u32::try_from(lines.len()).unwrap();
    let report = list::report(services, helena, draft, None, PageRequest { number: 1, size }).await.unwrap().unwrap();
    let mut rows = report.lines.rows;
    rows.sort_by_key(|line| line.number);
    (draft, rows.into_iter().map(|line| line.verdict).collect())
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn each_line_means_whom_it_names(db: PgPool) {
    let house = house(db).await;
    let lines = [
        "User name",
        "CORP\\Marta.Nordwind",
        "MARTA.nordwind@corp.example.com",
        "Clara <First.Contact@mail.example>",
        "clara.quill@corp.example.com",
        "no.names@corp.example.com",
        "dino.disabled",
        "twins@corp.example.com",
        "marta.outside@partner.example",
        "MARTA-PC$",
        "marta",
        "*",
        "*)(objectClass=*",
        "kim\\2eann",
    ];
    let (_, verdicts) = read(&house, &lines.map(ToOwned::to_owned)).await;
    assert_eq!(verdicts[..2], [Verdict::Added, Verdict::Twice { first: 2 }]);
    assert_eq!(verdicts[2..5], [Verdict::Added, Verdict::Twice { first: 4 }, Verdict::Added]);
    assert_eq!(verdicts[5], Verdict::NotEligible { obstacles: vec![Obstacle::Disabled] });
    let Verdict::Ambiguous { candidates } = &verdicts[6] else { panic!("{:?}", verdicts[6]) };
    let mut twins: Vec<_> = candidates.iter().map(|candidate| candidate.account.as_str()).collect();
    twins.sort_unstable();
    assert_eq!(twins, ["twin.one", "twin.two"]);
    assert_eq!(verdicts[7..], vec![Verdict::NotFound; 6]);
}

/// Fifty names a question, so these take several, by account and by address in turn.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_long_list_is_looked_up_in_batches(db: PgPool) {
    let house = house(db).await;
    let crowd = 1..=400;
    let name = |number: u32| match number % 2 {
        0 => format!("crowd{number}"),
        _ => format!("Crowd{number}@corp.example.com"),
    };
    let lines: Vec<_> = crowd.map(name).chain(["crowd0".to_owned()]).collect();
    let (draft, verdicts) = read(&house, &lines).await;
    assert_eq!(verdicts.len(), 401);
    assert_eq!(verdicts.last(), Some(&Verdict::NotFound));
    // Nobody in the crowd has ever had a password.
    let unfit = Verdict::NotEligible { obstacles: vec![Obstacle::MustChangePassword] };
    assert!(verdicts[..400].iter().all(|verdict| *verdict == unfit), "{:?}", verdicts[0]);
    assert_eq!(drafts::get(&house.services, &helpdesk(), draft).await.unwrap().people, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn ids_find_those_who_are_still_there(db: PgPool) {
    let house = house(db).await;
    let mut administrator = Administrator::open().await;
    let (services, helena) = (&house.services, &helpdesk());
    let mut guids = Vec::new();
    for account in ["marta.nordwind", "kim.ann", "gone.soon"] {
        guids.push(administrator.guid(account).await);
    }
    let draft = drafts::create(services, helena).await.unwrap();
    drafts::choose_directory(services, helena, draft, DIRECTORY.parse().unwrap()).await.unwrap();
    assert_eq!(drafts::add_people(services, helena, draft, guids).await.unwrap().added, 3);
    let gone = administrator.dn("gone.soon").await;
    administrator.0.delete(&gone).await.unwrap().success().unwrap();
    let check = drafts::check(services, helena, draft, PageRequest::default()).await.unwrap();
    let blocked: Vec<_> = check.obstacles.iter().map(|(person, found)| (person.account.as_str(), found.clone())).collect();
    assert_eq!(blocked, [("gone.soon", vec![Obstacle::NotInDirectory])]);
}
