//! `frontdesk doctor`, as an operator runs it.

use axum::{Router, http::StatusCode, response::IntoResponse};
use sandbox::Options;
use sqlx::PgPool;
use tokio::net::TcpListener;

use super::{roles::Roles, wire::Wire};
use crate::{
    MIGRATOR,
    house::Place,
    program::{free_port, run},
};

/// Whether a line begins so and, if it needs one, has its cure below.
fn has(report: &str, beginning: &str) -> bool {
    let mut lines = report.lines().skip_while(|line| !line.starts_with(beginning));
    let Some(line) = lines.next() else { return false };
    !(line.starts_with("failed") || line.starts_with("note")) || lines.next().is_some_and(|cure| cure.starts_with("        → "))
}

async fn examine(place: &Place, db: &PgPool) -> (bool, String) {
    let (config, _) = place.configure(db, free_port());
    let output = run("doctor", &config).await;
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(!report.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.success(), report)
}

#[sqlx::test(migrations = false)]
async fn an_installation_that_is_well_is_called_so_and_what_can_not_be_asked_is_not_claimed(admin: PgPool) {
    let roles = Roles::make(&admin).await;
    let place = Place { edits: vec![roles.edit()], ..Place::open(Options::default().behaviour).await };
    let (well, before) = examine(&place, &admin).await;
    assert!(!well && has(&before, "failed  database schema: the schema is not there"), "{before}");

    let (config, _) = place.configure(&admin, free_port());
    assert!(run("migrate", &config).await.status.success());
    let (well, told) = examine(&place, &admin).await;
    for beginning in [
        "ok      site: ",
        "note    endpoints: all of AWS overridden: http://127.0.0.1:",
        "note    public_url: ",
        "ok      database: PostgreSQL 1",
        "ok      database's clock: agrees with this machine",
        "note    database connection: not under TLS",
        "ok      database schema: the schema is up to date",
        "ok      database role: desk_",
        "ok      Active Directory corp.example.com at ldaps://127.0.0.1:",
        "ok      sign-in provider: http://127.0.0.1:",
        "unknown sign-in provider: whether it knows http://127.0.0.1:",
        "ok      AWS: account 123456789012 in eu-central-1, as arn:aws:sts::123456789012:assumed-role/frontdesk/sandbox",
        "ok      AWS's clock: agrees with this machine",
        "ok      ds:DescribeDirectories: 2 directories",
        "ok      workspaces:DescribeWorkspaceDirectories: 1 registered with WorkSpaces",
        "ok      workspaces:DescribeWorkspaceBundles: ",
        "ok      workspaces:DescribeWorkspaces: there are some",
        "ok      workspaces:DescribeTags: read",
        "unknown workspaces:CreateWorkspaces: can't be checked without creating a WorkSpace",
        "ok      ses:GetAccount: ",
        "ok      mail.from: corp.example.com is verified",
        "unknown ses:SendEmail: can't be checked without sending a mail",
        "All is well: ",
    ] {
        assert!(has(&told, beginning) || told.lines().any(|line| line.starts_with(beginning)), "{beginning}\n{told}");
    }
    assert!(well && !told.contains("failed  "), "{told}");
    assert!(place.sandbox.state().memory().mails.is_empty());
    for secret in ["sandbox-ldap-password", "sandbox-oidc-secret"] {
        assert!(!told.contains(secret), "{told}");
    }
    roles.forget().await;
}

/// AWS as it answers those who may do nothing but ask who they are.
async fn without_permissions() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = async |body: String| {
        if body.contains("GetCallerIdentity") {
            let xml = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/nobody</Arn><Account>1</Account>\
                       </GetCallerIdentityResult></GetCallerIdentityResponse>";
            return ([("content-type", "text/xml")], xml).into_response();
        }
        let denied = r#"{"__type":"AccessDeniedException","message":"not authorized"}"#;
        (StatusCode::BAD_REQUEST, [("x-amzn-errortype", "AccessDeniedException")], denied).into_response()
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    url
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn each_part_that_is_not_well_is_named_with_its_cure(db: PgPool) {
    backend::db::prepare(&db).await.unwrap();
    let mut place = Place::open(Options::default().behaviour).await;
    let (ldaps, ldap) = (place.sandbox.ldaps_address().port(), place.sandbox.ldap_address().port());
    let nobody = free_port();
    place.edits = vec![
        (place.sandbox.url() + "\"\n            operation", without_permissions().await + "\"\n            operation"),
        ("/oidc\"".to_owned(), "/other\"".to_owned()),
        (format!("\"ldaps://127.0.0.1:{ldaps}\""), format!("\"ldaps://127.0.0.1:{nobody}\", \"ldap://127.0.0.1:{ldap}\"")),
        ("\"sandbox-ldap-password\"".to_owned(), "\"another-password\"".to_owned()),
    ];
    let (well, told) = examine(&place, &db).await;
    for beginning in [
        // The tests' own login is a superuser.
        "failed  database role: postgres is a superuser",
        &format!("failed  Active Directory corp.example.com at ldaps://127.0.0.1:{nobody}: no domain controller"),
        &format!("failed  Active Directory corp.example.com at ldap://127.0.0.1:{ldap}: bind: 49"),
        "failed  sign-in provider: ",
        "ok      AWS: account 1 in eu-central-1, as arn:aws:iam::1:user/nobody",
        "failed  ds:DescribeDirectories: AccessDeniedException: not authorized",
        "failed  workspaces:DescribeWorkspaceDirectories: AccessDenied",
        "failed  workspaces:DescribeWorkspaceBundles: AccessDenied",
        "failed  workspaces:DescribeWorkspaces: AccessDenied",
        "unknown workspaces:DescribeTags: can't be checked while there is no WorkSpace",
        "failed  ses:GetAccount: AccessDenied",
        "failed  ses:GetEmailIdentity: AccessDenied",
    ] {
        assert!(has(&told, beginning), "{beginning}\n{told}");
    }
    assert!(
        !well
            && told.contains("→ Allow workspaces:DescribeWorkspaces (deploy/iam-policy.json).")
            && !told.contains("another-password"),
        "{told}"
    );
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_database_that_is_away_and_a_sender_that_is_unknown_keep_the_rest_from_nothing(db: PgPool) {
    let mut wire = Wire::open(&db).await;
    wire.cut().await;
    let sender = ("desktops@corp.example.com".to_owned(), "desktops@elsewhere.example.com".to_owned());
    let place = Place { edits: vec![wire.edit(), sender], ..Place::open(Options::default().behaviour).await };
    let (well, told) = examine(&place, &db).await;
    assert!(!well && has(&told, "failed  database: error communicating with database: Connection refused"), "{told}");
    let sender = "failed  mail.from: neither Frontdesk <desktops@elsewhere.example.com> nor its domain is an identity of SES";
    assert!(has(&told, sender) && has(&told, "ok      workspaces:DescribeWorkspaces: "), "{told}");
}
