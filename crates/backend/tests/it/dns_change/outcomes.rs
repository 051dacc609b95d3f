//! What became of the WorkSpaces: by hand, from a list, and as time goes on.

use backend::directories::dns_change;
use model::{
    Conflict, DnsChangeId, Error, PageRequest, WorkspaceId,
    directories::{DnsCounts, DnsFilter, Told},
};
use sqlx::PgPool;

use super::{MIGRATOR, begin, change, directory, freeze, house, page};
use crate::{
    connect::{admin, field, sweep},
    house::{House, count},
};

fn id(number: u32) -> WorkspaceId {
    format!("ws-{number:09}").parse().unwrap()
}

async fn settle(house: &House, change: DnsChangeId, of: &[WorkspaceId], told: Told, note: &str) -> Result<(), Error> {
    dns_change::settle(&house.services, &admin(), &directory(), change, of, (told, note)).await
}

async fn read(house: &House, change: DnsChangeId, list: &[u8]) -> Result<(), Error> {
    dns_change::read(&house.services, &admin(), &directory(), change, ("list.csv", list)).await
}

async fn counts(house: &House, id: DnsChangeId) -> DnsCounts {
    change(house, id).await.counts
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn they_are_marked_by_hand_with_a_note(db: PgPool) {
    let house = house(db.clone()).await;
    let change = begin(&house).await;
    settle(&house, change, &[id(1), id(2)], Told::Done, "").await.unwrap();
    settle(&house, change, &[id(3)], Told::Skipped, " on leave\0 ").await.unwrap();
    assert_eq!(counts(&house, change).await, DnsCounts { done: 2, skipped: 1, ..DnsCounts::default() });
    let filter = DnsFilter { told: Some(Told::Skipped), ..DnsFilter::default() };
    let request = PageRequest::default();
    let found = dns_change::page(&house.services, &admin(), &directory(), change, &filter, request).await.unwrap().workspaces;
    assert_eq!((found.total, found.rows[0].note.as_deref()), (1, Some("on leave")));
    assert_eq!(found.rows[0].by.as_deref(), Some("Helena Keller"));
    let filter = DnsFilter { q: "wsamzn-2".into(), told: None };
    let found = dns_change::page(&house.services, &admin(), &directory(), change, &filter, request).await.unwrap().workspaces;
    assert_eq!((found.total, found.rows[0].id.clone()), (1, id(2)));

    assert_eq!(field(settle(&house, change, &[], Told::Done, "").await.unwrap_err()), "workspaces");
    assert_eq!(settle(&house, change, &[id(99)], Told::Done, "").await, Err(Error::NotFound));
    dns_change::abandon(&house.services, &admin(), &directory(), change, "enough").await.unwrap();
    assert_eq!(settle(&house, change, &[id(1)], Told::Open, "").await, Err(Error::conflict(Conflict::DnsChangeMoved)));
    assert_eq!(count(&db, "audit where detail like '%marked: %' and phase = 'finished'").await, 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_scripts_list_is_taken_over_and_what_it_does_not_say_is_told(db: PgPool) {
    let house = house(db.clone()).await;
    let change = begin(&house).await;
    let list = b"computer,result,detail\nWSAMZN-1,restarting,a -> b\nwsamzn-2.corp.example.com,changed,\nNOBODY,done,\nWSAMZN-3,perhaps,\n";
    read(&house, change, list).await.unwrap();
    let shown = page(&house, change).await;
    assert_eq!(shown.change.counts, DnsCounts { open: 1, restart: 1, done: 1, ..DnsCounts::default() });
    let told = shown.outcomes.unwrap();
    assert_eq!((told.name.as_str(), told.taken, told.refused), ("list.csv", 2, 2));
    assert_eq!(told.problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [4, 5]);

    // What can't be read at all changes nothing.
    for nonsense in [&b""[..], b"PK\x03\x04\0\0\0", b"computer,colour\nWSAMZN-3,red"] {
        assert_eq!(field(read(&house, change, nonsense).await.unwrap_err()), "list");
    }
    assert_eq!(counts(&house, change).await.done, 1);
    // The record's own file comes back as it went.
    let csv = dns_change::csv(&house.services, &admin(), &directory(), change).await.unwrap();
    read(&house, change, csv.replace(",open,", ",done,").as_bytes()).await.unwrap();
    assert_eq!(counts(&house, change).await, DnsCounts { restart: 1, done: 2, ..DnsCounts::default() });
    assert_eq!(page(&house, change).await.outcomes.unwrap().refused, 0);
    assert_eq!(count(&db, "audit where detail like '%list.csv%' and phase = 'finished'").await, 2);
}

/// Who was launched since has the connector's old address; who is gone has nothing to be told.
#[sqlx::test(migrator = "MIGRATOR")]
async fn those_launched_since_are_taken_up_and_those_gone_count_no_more(db: PgPool) {
    let house = house(db).await;
    let change = begin(&house).await;
    settle(&house, change, &[id(1)], Told::Done, "").await.unwrap();
    house.execute("update workspace set gone_at = seen_at where workspace_id = 'ws-000000002'").await;
    house.execute("update workspace set state = 'TERMINATING' where workspace_id = 'ws-000000003'").await;
    assert_eq!(counts(&house, change).await, DnsCounts { done: 1, gone: 2, ..DnsCounts::default() });

    super::pass(&house, 1);
    house.workspace(4, "ida.nordwind", "PENDING").await;
    sweep(&house).await;
    let rows = page(&house, change).await.workspaces.rows;
    let late: Vec<_> = rows.iter().filter(|row| row.late).map(|row| row.id.clone()).collect();
    assert_eq!(late, [id(4)]);
    // One that comes between the sweep and the freeze counts too.
    house.workspace(5, "kai.nordwind", "PENDING").await;
    assert_eq!(field(freeze(&house, change, false).await.unwrap_err()), "meant");
    settle(&house, change, &[id(4)], Told::Done, "").await.unwrap();
    freeze(&house, change, true).await.unwrap();
    assert_eq!(super::change(&house, change).await.left_then, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_thousand_come_in_pages_and_all_stand_in_the_record(db: PgPool) {
    let house = house(db).await;
    house
        .execute(
            "insert into workspace (workspace_id, directory_id, user_name, state, seen_at, computer_name)
             select 'ws-1' || lpad(n::text, 8, '0'), 'd-906731a2b4', 'user' || n, 'AVAILABLE', now(), 'PC-' || n from generate_series(1, 1000) n",
        )
        .await;
    let change = begin(&house).await;
    let list: String = (1..=1000).map(|number| format!("PC-{number},done\n")).collect();
    read(&house, change, list.as_bytes()).await.unwrap();
    let shown = page(&house, change).await;
    assert_eq!((shown.workspaces.rows.len(), shown.workspaces.total), (25, 1_003));
    assert_eq!((shown.change.counts.done, shown.change.counts.open), (1_000, 3));
    assert!(shown.workspaces.rows[..3].iter().all(|row| row.told == Told::Open), "what is to do stands first");
    let (_, all) = dns_change::record(&house.services, &admin(), &directory(), change).await.unwrap();
    assert_eq!(all.len(), 1_003);
    let script = dns_change::script(&house.services, &admin(), &directory(), change).await.unwrap();
    assert!(script.contains("$old = '10.20.0.10'") && script.contains("$new = '127.0.0.1'"));
}
