//! Settings from the environment, as systemd and containers give them.

use std::fs;

use sandbox::Options;
use sqlx::PgPool;

use crate::{
    house::Place,
    program::{free_port, run_with},
};

#[sqlx::test(migrations = false)]
async fn the_environment_wins_over_the_file_and_may_name_files_itself(db: PgPool) {
    let place = Place::open(Options::default().behaviour).await;
    let (config, _) = place.configure(&db, free_port());
    let url = fs::read_to_string(&config).unwrap();
    let url = url.lines().find_map(|line| line.trim().strip_prefix("database.url = ")).unwrap().trim_matches('"').to_owned();
    let secret = place.folder.path().join("owner-url");
    fs::write(&secret, url + "\n").unwrap();
    let owner = [("FRONTDESK__DATABASE__OWNER_URL_FILE", secret.to_str().unwrap())];
    let told = async |environment: &[(&str, &str)]| {
        let output = run_with("migrate", &config, environment).await;
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (done, log) =
        told(&[owner[0], ("FRONTDESK__TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1"), ("FRONTDESK__WORKER", "false")]).await;
    assert!(done, "{log}");
    assert!(backend::db::schema(&db).await.unwrap().fits());
    for (name, value, problem) in [
        ("FRONTDESK__LISTEN", "everywhere", "listen: is not an address"),
        ("FRONTDESK__DATABASE__OWNER_URL_FILE", "/nowhere", "database.owner_url_file: /nowhere: No such file"),
        ("FRONTDESK__DATABASE__URL_FILE", "/nowhere", "database.url: is given twice, by itself and by database.url_file"),
        ("FRONTDESK__TRUSTED_PROXIES", "10.0.0.0/8, all", "trusted_proxies: all is not an address or a network"),
        ("FRONTDESK__LAUNCH__FRIST_POLL_MS", "1", "launch.frist_poll_ms: is no setting"),
    ] {
        let (done, log) = told(&[(name, value)]).await;
        assert!(!done && log.contains(problem), "{name}: {log}");
    }
}
