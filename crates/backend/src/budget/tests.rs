use super::*;

async fn one(db: &PgPool, class: Class) -> Slot {
    take(db, class, Operation::DescribeWorkspaces).await.unwrap()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn many_takers_get_the_rate_and_no_more(db: PgPool) {
    let start = Instant::now();
    futures::future::join_all((0..8).map(|_| one(&db, Class::Person))).await;
    // A burst of 4 at once, 4 more at 500 ms each.
    assert!(start.elapsed() >= Duration::from_millis(1_990), "{:?}", start.elapsed());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn each_class_leaves_room_for_those_before_it(db: PgPool) {
    let service = Service::WorkSpaces;
    // A hundred times as slow, so that no turn comes due meanwhile.
    let at_once =
        async |class| store::take(&db, service.key(), service.interval() * 100, service.ahead(class) * 100).await.unwrap();
    // After a pause there is one for each class, if the last comes first, and a second one for none.
    for class in Class::ALL.into_iter().rev() {
        assert!(at_once(class).await, "nothing was left for {class:?}");
        assert!(!at_once(class).await, "{class:?} took what is kept for others");
    }
}

/// After the first of all, somebody who waits gets so many more at once.
#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn directory_service_and_service_quotas_keep_to_a_rate_each(db: PgPool) {
    for (operation, more) in [(Operation::DescribeDirectories, 3), (Operation::GetServiceQuota, 1)] {
        let service = operation.service();
        let at_once = async |class| store::take(&db, service.key(), service.interval(), service.ahead(class)).await.unwrap();
        assert!(at_once(Class::Sweep).await && !at_once(Class::Sweep).await, "{operation:?}");
        for _ in 0..more {
            assert!(at_once(Class::Person).await, "{operation:?}");
        }
        assert!(!at_once(Class::Person).await, "{operation:?}");
    }
}

/// Launches want more than the rate for as long as it lasts; a person is served all the same.
#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_person_overtakes_launches_that_queue(db: PgPool) {
    let launches: Vec<_> = (0..12)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move { one(&db, Class::Launch).await.waited })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(600)).await;
    let person = one(&db, Class::Person).await.waited;
    let mut waited = Vec::new();
    for launch in launches {
        waited.push(launch.await.unwrap());
    }
    let longest = waited.into_iter().max().unwrap();
    assert!(person * 2 < longest && longest > Duration::from_millis(3_000), "{person:?}, launches {longest:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn who_waits_is_seen_until_they_do_not(db: PgPool) {
    hold_back(&db, Service::WorkSpaces).await.unwrap();
    hold_back(&db, Service::WorkSpaces).await.unwrap();
    let waiters = async || {
        let rows: Vec<(String, String)> =
            sqlx::query_as("select class, operation from api_waiter order by class").fetch_all(&db).await.unwrap();
        rows
    };
    let eventually = async |expected: usize| {
        for _ in 0..100 {
            if waiters().await.len() == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{:?}", waiters().await);
    };
    let both = [Class::Sweep, Class::Person].map(|class| {
        let db = db.clone();
        tokio::spawn(async move { drop(one(&db, class).await) })
    });
    eventually(2).await;
    assert_eq!(waiters().await[0], ("person".to_owned(), "DescribeWorkspaces".to_owned()));
    let [sweep, person] = both;
    sweep.abort();
    eventually(1).await;
    person.await.unwrap();
    eventually(0).await;
}
