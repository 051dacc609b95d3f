use std::{collections::BTreeSet, fs};

use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor, value},
};

use super::*;

/// As little as an installation has to say.
const LEAST: &str = r#"
public_url = "https://desk.example.com"
site = "/usr/share/frontdesk/site"
[database]
url = "postgres://frontdesk@db/frontdesk"
[oidc]
issuer = "https://idp.example.com"
client_id = "frontdesk"
person_claim = "objectsid"
[[ad]]
domain = "corp.example.com"
urls = ["ldaps://dc1.corp.example.com"]
bind_dn = "svc@corp.example.com"
bind_password = "hunter2"
[mail]
from = "Frontdesk <desk@corp.example.com>"
company = "Example Corp"
"#;

/// Reads the settings out of a folder of their own, with files beside them.
fn read(text: &str, files: &[(&str, &str)]) -> Result<Config, SettingError> {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let path = folder.path().join("frontdesk.toml");
    fs::write(&path, text.replace("FOLDER", &folder.path().display().to_string())).unwrap();
    Config::read(&path)
}

fn problem(text: &str) -> String {
    read(text, &[]).unwrap_err().to_string()
}

#[test]
fn plain_http_is_for_the_loopback_only() {
    assert!(public_url("http://127.0.0.1:3000").is_ok());
    assert_eq!(public_url("https://desk.example.com").unwrap().as_str(), "https://desk.example.com/");
    assert!(public_url("https://desk.example.com/sub").is_err());
    assert!(public_url("http://desk.example.com").is_err());
    assert!(public_url("ftp://desk.example.com").is_err());
    assert!(public_url("nonsense").is_err());
}

#[test]
fn any_value_can_stand_in_a_file_of_its_own() {
    let text = LEAST
        .replace("url = \"postgres://frontdesk@db/frontdesk\"", "url_file = \"FOLDER/url\"")
        .replace("bind_password = \"hunter2\"", "bind_password_file = \"FOLDER/password\"")
        .replace("client_id = \"frontdesk\"", "client_id_file = \"FOLDER/id\"\nclient_secret_file = \"FOLDER/secret\"")
        + "[launch]\ntime_limit_seconds_file = \"FOLDER/limit\"\n";
    let files = [
        ("url", "postgres://other@db/frontdesk\n"),
        ("password", "p w\r\n"),
        ("id", "desk"),
        ("secret", "s3cret\n"),
        ("limit", "60"),
    ];
    let config = read(&text, &files).unwrap().settings;
    use secrecy::ExposeSecret;
    assert_eq!(config.database.url.expose_secret(), "postgres://other@db/frontdesk");
    assert_eq!(config.ad[0].bind_password.expose_secret(), "p w");
    assert_eq!((config.oidc.client_id.as_str(), config.oidc.client_secret.unwrap().expose_secret()), ("desk", "s3cret"));
    assert_eq!(config.launch.time_limit, Duration::from_secs(60));
}

#[test]
fn admins_are_addresses_that_mail_can_go_to() {
    let with = |admins: &str| LEAST.replace("company =", &format!("admins = {admins}\ncompany ="));
    let two = r#"["a@corp.example.com", "b@corp.example.com"]"#;
    assert_eq!(read(&with(two), &[]).unwrap().settings.mail.admins, ["a@corp.example.com", "b@corp.example.com"]);
    assert_eq!(read(&with("\"a@corp.example.com, b@corp.example.com\""), &[]).unwrap().settings.mail.admins.len(), 2);
    assert!(read(LEAST, &[]).unwrap().settings.mail.admins.is_empty());
    let wrong = r#"["a@corp.example.com", "Admins <b@corp.example.com>"]"#;
    assert_eq!(problem(&with(wrong)), "mail.admins[1]: is not an address such as admins@corp.example.com");
    let many = format!("[{}]", vec!["\"a@corp.example.com\""; 51].join(","));
    assert_eq!(problem(&with(&many)), "mail.admins: are more than 50: name a distribution list instead");
}

#[test]
fn a_setting_that_is_given_twice_is_an_error() {
    let text = LEAST.replace("[oidc]", "url_file = \"/nowhere\"\n[oidc]");
    assert_eq!(problem(&text), "database.url: is given twice, by itself and by database.url_file");
    let text = LEAST.replace("bind_dn", "bind_password_file = \"/nowhere\"\nbind_dn");
    assert_eq!(problem(&text), "ad[0].bind_password: is given twice, by itself and by ad[0].bind_password_file");
}

#[test]
fn each_error_names_its_setting_and_shows_no_secret() {
    let cases = [
        (LEAST.replace("issuer = \"https://idp.example.com\"\n", ""), "oidc.issuer: is missing"),
        (LEAST.replace("public_url = \"https://desk.example.com\"\n", ""), "public_url: is missing"),
        (LEAST.replace("bind_password = \"hunter2\"\n", ""), "ad[0].bind_password: is missing"),
        (LEAST.replace("bind_password", "bind_pasword"), "ad[0].bind_pasword: is no setting"),
        (format!("lsten = \"127.0.0.1:1\"\n{LEAST}"), "lsten: is no setting"),
        (format!("listen = \"3000\"\n{LEAST}"), "listen: is not an address such as 127.0.0.1:3000"),
        (format!("{LEAST}\n[metrics]\nlisten = \"all\"\n"), "metrics.listen: is not an address such as 127.0.0.1:3000"),
        (format!("{LEAST}\n[launch]\nfirst_poll_ms = \"soon\"\n"), "launch.first_poll_ms: is not an integer"),
        (format!("{LEAST}\n[traces]\nendpoint = \"4318\"\n"), "traces.endpoint: is not an address such as http://127.0.0.1:4318"),
        (format!("{LEAST}\n[log]\nformat = \"xml\"\n"), "log.format: is json or text"),
        (
            format!("client_ip = \"XRealIp\"\n{LEAST}"),
            "trusted_proxies: is missing: name the proxies whose header client_ip takes, or anybody could claim any address",
        ),
        (format!("time_zone = \"Mars\"\n{LEAST}"), "time_zone: is not a time zone such as Europe/Berlin"),
        (
            LEAST.replace("bind_password =", "bind_password_file ="),
            "ad[0].bind_password_file: hunter2: No such file or directory (os error 2)",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(problem(&text), expected);
    }
    let unterminated = problem(&LEAST.replace("\"hunter2\"", "\"hunter2"));
    assert!(
        unterminated.contains("frontdesk.toml") && unterminated.contains("line") && !unterminated.contains("hunter2"),
        "{unterminated}"
    );
}

/// Learns the names of a struct's fields from serde.
struct Names<'a>(&'a mut Vec<&'static str>);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, value::Error> {
        Err(value::Error::custom("not a struct"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, value::Error> {
        self.0.extend(fields);
        Err(value::Error::custom("the names are enough"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq
        tuple tuple_struct map enum identifier ignored_any
    }
}

fn fields<T: for<'de> Deserialize<'de>>() -> Vec<&'static str> {
    let mut names = Vec::new();
    let _ = T::deserialize(Names(&mut names));
    names
}

/// The names in the first column of the table under "Every setting".
fn documented() -> BTreeSet<String> {
    let text = include_str!("../../../docs/operations.md");
    let table = text.split("### Every setting").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")).map(|row| row.split(" | ").next().unwrap());
    rows.flat_map(|names| names.split(", ")).map(|name| name.trim_matches('`').to_owned()).collect()
}

#[test]
fn operations_md_has_every_setting_and_no_other() {
    let sections = [
        ("database", fields::<file::Database>()),
        ("aws", fields::<file::Aws>()),
        ("oidc", fields::<file::Oidc>()),
        ("roles", fields::<file::Roles>()),
        ("ad", fields::<file::Ad>()),
        ("mail", fields::<file::Mail>()),
        ("launch", fields::<file::Launch>()),
        ("session", fields::<file::Session>()),
        ("invitation", fields::<file::Invitation>()),
        ("mirror", fields::<file::Mirror>()),
        ("requests", fields::<file::Requests>()),
        ("directories", fields::<file::Directories>()),
        ("metrics", fields::<file::Metrics>()),
        ("traces", fields::<file::Traces>()),
        ("log", fields::<file::Log>()),
    ];
    let mut known = BTreeSet::new();
    for name in fields::<File>() {
        match sections.iter().find(|(section, _)| *section == name) {
            Some((section, names)) => {
                let list = if *section == "ad" { "[]" } else { "" };
                known.extend(names.iter().map(|name| format!("{section}{list}.{name}")));
            }
            // A new section has to be named above; until then it stands here as if it were a setting.
            None => drop(known.insert(name.to_owned())),
        }
    }
    assert!(known.contains("public_url") && known.contains("ad[].bind_password"), "{known:?}");
    assert_eq!(documented(), known);
}

#[test]
fn people_are_asked_or_not_but_never_forbidden_to_be() {
    assert_eq!(prompt("consent").unwrap(), settings::Prompt::Consent);
    for wrong in ["none", "Consent", ""] {
        assert!(prompt(wrong).unwrap_err().to_string().starts_with("oidc.prompt: is one of"), "{wrong}");
    }
}
