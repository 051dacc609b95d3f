//! The numbers of requests as a browser without scripts reads them, and the files that are taken away.

use sqlx::PgPool;

use crate::{MIGRATOR, house::House};

const PAGE: &str = "/requests/numbers";

#[sqlx::test(migrator = "MIGRATOR")]
async fn pictures_and_files_are_for_those_who_may_see_requests(db: PgPool) {
    let house = House::open(db).await;
    for account in ["hkeller", "amoreau", "tokafor"] {
        let page = house.signed_in(account).await.get(PAGE).await.body;
        assert!(page.contains("Nothing to count yet") && !page.contains("Only your cost centres"), "{account}: {page}");
    }
    let mut manager = house.signed_in("mgarcia").await;
    assert!(manager.get(PAGE).await.body.contains("Only your cost centres"));
    let file = manager.get(&format!("{PAGE}/desktops.csv")).await;
    assert_eq!((file.status.as_u16(), file.body.lines().count()), (200, 1));
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"desktops.csv\"");

    let mut helpdesk = house.signed_in("hkeller").await;
    let columns = [
        ("requested.csv", "month,requested,approved,refused", 13),
        ("time-to-decision.csv", "month,requests,median_hours,p90_hours", 13),
        ("time-to-available.csv", "month,desktops,median_hours,p90_hours", 13),
        ("costs.csv", "month,cost_centre,name,amount_a_month,currency", 1),
    ];
    for (name, columns, lines) in columns {
        let file = helpdesk.get(&format!("{PAGE}/{name}")).await;
        assert!(file.header("content-type").starts_with("text/csv"), "{name}");
        assert_eq!((file.body.lines().next(), file.body.lines().count()), (Some(columns), lines), "{name}");
    }
    assert_eq!(helpdesk.get(&format!("{PAGE}/secrets.csv")).await.status, 404);
    let mut without = house.signed_in("jsmith").await;
    for path in [PAGE, "/requests/numbers/desktops.csv"] {
        assert_eq!(without.get(path).await.status, 403, "{path}");
        assert!(house.browser().get(path).await.location().starts_with("/sign-in?to="), "{path}");
    }
}
