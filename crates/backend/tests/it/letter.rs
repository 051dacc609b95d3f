//! The words of the invitation as they reach SES: both parts, for ordinary and for troublesome names.

use model::invitations::Contact;
use sqlx::{PgPool, Row};

use crate::house::{CODE, House, Plan, finished, token};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

#[sqlx::test(migrator = "MIGRATOR")]
async fn one_mail_with_both_parts_and_the_tag(db: PgPool) {
    let house = House::open(db).await;
    let id = house.queued(1, "marta.nordwind").await;
    house.send().await;

    let mails = house.mails();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(mail.to, ["marta.nordwind@corp.example.com"]);
    assert_eq!(mail.from, "Example Desktops <desktops@corp.example.com>");
    assert!(mail.subject.contains("Marta Müller"), "{}", mail.subject);
    assert_eq!(mail.tags, [("invitation".to_owned(), id.to_string())]);
    for fact in
        [CODE, "marta.nordwind", "Helena Keller", "+49 30 1234567", "helpdesk@corp.example.com", "reset", &token(&mail.text)]
    {
        assert!(mail.text.contains(fact), "text: {fact}");
        assert!(mail.html.contains(fact), "html: {fact}");
    }
    let row = house.invitation(id).await;
    assert_eq!(row.get::<String, _>("state"), "sent");
    assert_eq!(row.get::<Option<String>, _>("message_id").as_deref(), Some(mail.id.as_str()));
    assert_eq!(house.sending_record(id).await, finished("succeeded"));
    let on_behalf_of: String =
        sqlx::query_scalar("select distinct on_behalf_of from audit where actor = 'system'").fetch_one(&house.db).await.unwrap();
    assert_eq!(on_behalf_of, "subject-of-helena");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_html_names_where_all_clients_are_as_the_text_does(db: PgPool) {
    let house = House::open(db).await;
    house.queued(1, "marta.nordwind").await;
    house.send().await;
    let mail = house.mails().remove(0);
    for (name, part) in [("text", &mail.text), ("html", &mail.html)] {
        assert!(part.contains("https://clients.amazonworkspaces.com/"), "{name}");
    }
}

/// A picture, font or style from elsewhere would tell a stranger who opens the mail and when.
#[sqlx::test(migrator = "MIGRATOR")]
async fn opening_the_mail_asks_nobody_for_anything(db: PgPool) {
    let house = House::open(db).await;
    house.queued(1, "marta.nordwind").await;
    house.send().await;
    let html = house.mails().remove(0).html.to_lowercase();
    for loads in ["<img", "<link", "@import", "url(", "src=", "<script", "background=\"http"] {
        assert!(!html.contains(loads), "{loads}");
    }
}

/// Both parts as people get them, the link's token left out.
async fn written(house: &House, name: &str, given_name: Option<&str>, asked_by: &str) -> (String, String) {
    let id = house.queued(1, "marta.nordwind").await;
    sqlx::query("update invitation set name = $2, given_name = $3, asked_by_name = $4 where id = $1")
        .bind(id)
        .bind(name)
        .bind(given_name)
        .bind(asked_by)
        .execute(&house.db)
        .await
        .unwrap();
    house.send().await;
    let mail = house.mails().remove(0);
    let token = token(&mail.text);
    let redact = |part: &str| part.replace(&token, "[token]");
    (redact(&format!("Subject: {}\n\n{}", mail.subject, mail.text)), redact(&mail.html))
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_ordinary_person_reads(db: PgPool) {
    let house = House::open(db).await;
    let (text, html) = written(&house, "Marta Müller", Some("Marta"), "Helena Keller").await;
    insta::assert_snapshot!("ordinary_text", text);
    insta::assert_snapshot!("ordinary_html", html);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_person_with_a_troublesome_name_reads(db: PgPool) {
    let house = House::open(db).await;
    let (text, html) = written(&house, "<script>alert('hi')</script> \"נועה\" & Söhne", None, "O'Brien <b>Siobhán</b>").await;
    insta::assert_snapshot!("troublesome_text", text);
    insta::assert_snapshot!("troublesome_html", html);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_person_with_a_very_long_name_reads(db: PgPool) {
    let house = House::open(db).await;
    let (text, html) = written(&house, &"Wolfeschlegelsteinhausenbergerdorff".repeat(6), None, &"Keller-".repeat(25)).await;
    insta::assert_snapshot!("long_text", text);
    insta::assert_snapshot!("long_html", html);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn whom_to_ask_is_said_even_without_a_helpdesk(db: PgPool) {
    let house = House::with(db, Plan { contact: Contact::default(), ..Plan::default() }).await;
    house.queued(1, "marta.nordwind").await;
    house.send().await;
    let mail = house.mails().remove(0);
    assert!(mail.text.contains("ask Helena Keller") && mail.html.contains("ask <bdi>Helena Keller</bdi>"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn names_are_never_markup_headers_or_direction(db: PgPool) {
    let house = House::open(db).await;
    let id = house.queued(1, "marta.nordwind").await;
    sqlx::query("update invitation set name = $2, asked_by_name = $3 where id = $1")
        .bind(id)
        .bind("\u{202e}<script>alert('hi')</script>\r\nBcc: x@y.example \"נועה\"")
        .bind("<b onclick=x>Eve</b>{{ code }}")
        .execute(&house.db)
        .await
        .unwrap();
    house.send().await;
    let mail = house.mails().remove(0);
    assert!(!mail.html.contains("<script>alert") && !mail.html.contains("<b onclick"), "{}", mail.html);
    assert!(mail.text.contains("{{ code }}"), "a name is not a template");
    assert!(!mail.subject.contains(['\r', '\n']));
    for part in [&mail.subject, &mail.text] {
        let overrides = ['\u{202a}', '\u{202b}', '\u{202d}', '\u{202e}'];
        assert!(!part.contains(overrides), "a name turns the text after it around: {part:?}");
    }
}
