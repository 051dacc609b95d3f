//! The domain controller, asked by an LDAP client that nobody here wrote.

use std::{sync::Arc, time::Duration};

use ldap3::{
    Ldap, LdapConnAsync, LdapConnSettings, LdapResult, Scope, SearchEntry, SearchOptions, SearchResult,
    controls::{Control, ControlType, PagedResults},
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use sandbox::{
    Options, Sandbox,
    faults::{Fault, Kind},
    people::{BASE_DN, PASSWORD, SERVICE_DN, SERVICE_PASSWORD, SERVICE_UPN},
};

const PEOPLE: &str = "(objectCategory=person)(objectClass=user)";

async fn sandbox(people: usize) -> Sandbox {
    sandbox::start(Options { people, ..Options::default() }).await.unwrap()
}

fn trusting(ca_pem: Option<&str>) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    if let Some(pem) = ca_pem {
        roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_root_certificates(roots).with_no_client_auth())
}

async fn connect(url: &str, config: Arc<ClientConfig>, starttls: bool) -> ldap3::result::Result<Ldap> {
    let settings = LdapConnSettings::new().set_conn_timeout(Duration::from_secs(5)).set_config(config).set_starttls(starttls);
    let (connection, ldap) = LdapConnAsync::with_settings(settings, url).await?;
    tokio::spawn(async move {
        let _ = connection.drive().await;
    });
    Ok(ldap)
}

async fn secured(sandbox: &Sandbox) -> Ldap {
    connect(&format!("ldaps://{}", sandbox.ldaps_address()), trusting(Some(sandbox.ca_pem())), false).await.unwrap()
}

/// Secured and bound as Frontdesk's reading account.
async fn bound(sandbox: &Sandbox) -> Ldap {
    let mut ldap = secured(sandbox).await;
    ldap.simple_bind(SERVICE_UPN, SERVICE_PASSWORD).await.unwrap().success().unwrap();
    ldap
}

async fn search(ldap: &mut Ldap, filter: &str, attributes: &[&str]) -> (Vec<SearchEntry>, LdapResult) {
    let SearchResult(found, result) = ldap.search(BASE_DN, Scope::Subtree, filter, attributes).await.unwrap();
    let entries = found.into_iter().filter(|entry| !entry.is_ref()).map(SearchEntry::construct).collect();
    (entries, result)
}

async fn accounts(ldap: &mut Ldap, filter: &str) -> Vec<String> {
    let (entries, result) = search(ldap, filter, &["sAMAccountName"]).await;
    assert_eq!(result.rc, 0, "{filter}: {}", result.text);
    let mut accounts: Vec<_> = entries.iter().map(|entry| entry.attrs["sAMAccountName"][0].clone()).collect();
    accounts.sort();
    accounts
}

fn cookie(result: &LdapResult) -> Vec<u8> {
    let paging =
        result.ctrls.iter().find_map(|Control(kind, raw)| matches!(kind, Some(ControlType::PagedResults)).then_some(raw));
    paging.unwrap().parse::<PagedResults>().cookie
}

async fn page(ldap: &mut Ldap, size: i32, cookie: Vec<u8>) -> (Vec<SearchEntry>, LdapResult) {
    ldap.with_controls(PagedResults { size, cookie });
    search(ldap, &format!("(&{PEOPLE})"), &["sAMAccountName"]).await
}

fn bytes_of(text: &[u8]) -> String {
    text.iter().map(|byte| format!("\\{byte:02x}")).collect()
}

#[tokio::test]
async fn the_reading_account_binds_by_every_kind_of_name_on_both_ports() {
    let sandbox = sandbox(0).await;
    let config = trusting(Some(sandbox.ca_pem()));
    for name in [SERVICE_DN, SERVICE_UPN, "CORP\\svc-frontdesk", "cn=SVC-Frontdesk,OU=service accounts,dc=corp,dc=example,dc=com"]
    {
        for (url, starttls) in
            [(format!("ldap://{}", sandbox.ldap_address()), true), (format!("ldaps://{}", sandbox.ldaps_address()), false)]
        {
            let mut ldap = connect(&url, Arc::clone(&config), starttls).await.unwrap();
            let bind = ldap.simple_bind(name, SERVICE_PASSWORD).await.unwrap();
            assert_eq!(bind.rc, 0, "{name} at {url}: {}", bind.text);
        }
    }
}

#[tokio::test]
async fn a_client_that_does_not_trust_the_authority_gets_no_connection() {
    let sandbox = sandbox(0).await;
    assert!(connect(&format!("ldaps://{}", sandbox.ldaps_address()), trusting(None), false).await.is_err());
    assert!(connect(&format!("ldap://{}", sandbox.ldap_address()), trusting(None), true).await.is_err());
}

#[tokio::test]
async fn passwords_are_not_taken_over_clear_text() {
    let sandbox = sandbox(0).await;
    let mut ldap = connect(&format!("ldap://{}", sandbox.ldap_address()), trusting(None), false).await.unwrap();
    let bind = ldap.simple_bind(SERVICE_UPN, SERVICE_PASSWORD).await.unwrap();
    assert_eq!((bind.rc, bind.text.starts_with("00002028: LdapErr:")), (8, true), "{}", bind.text);
}

#[tokio::test]
async fn refused_binds_say_why_as_active_directory_does() {
    let sandbox = sandbox(0).await;
    let mut ldap = secured(&sandbox).await;
    for (account, password, code) in [
        ("hkeller", "wrong", "52e"),
        ("svc-frontdesk", "wrong", "52e"),
        ("nobody.there", PASSWORD, "525"),
        ("dino.disabled", PASSWORD, "533"),
        ("dino.disabled", "wrong", "52e"),
        ("ella.expired", PASSWORD, "701"),
        ("mia.mustchange", PASSWORD, "773"),
        ("lou.locked", PASSWORD, "775"),
    ] {
        let bind = ldap.simple_bind(&format!("{account}@corp.example.com"), password).await.unwrap();
        let text = format!("80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data {code}, v4563");
        assert_eq!((bind.rc, bind.text), (49, text), "{account}");
    }
    assert_eq!(ldap.simple_bind("CORP\\hkeller", PASSWORD).await.unwrap().rc, 0);
}

#[tokio::test]
async fn an_empty_password_binds_nobody() {
    let sandbox = sandbox(0).await;
    let mut ldap = bound(&sandbox).await;
    assert_eq!(ldap.simple_bind(SERVICE_UPN, "").await.unwrap().rc, 0);
    let (found, result) = search(&mut ldap, "(sn=Nordwind)", &["cn"]).await;
    assert_eq!((found.len(), result.rc), (0, 1), "{}", result.text);
    assert!(result.text.starts_with("000004DC: LdapErr:"), "{}", result.text);
}

#[tokio::test]
async fn anybody_may_read_the_root_and_nothing_else() {
    let sandbox = sandbox(0).await;
    let mut ldap = secured(&sandbox).await;
    let SearchResult(found, result) = ldap.search("", Scope::Base, "(objectClass=*)", vec!["*"]).await.unwrap();
    assert_eq!((found.len(), result.rc), (1, 0));
    let root = SearchEntry::construct(found[0].clone());
    assert_eq!(root.attrs["defaultNamingContext"], [BASE_DN]);
    assert!(root.attrs["supportedControl"].contains(&"1.2.840.113556.1.4.319".to_owned()));
    let (found, result) = search(&mut ldap, "(objectClass=*)", &["cn"]).await;
    assert_eq!((found.len(), result.rc), (0, 1));
}

#[tokio::test]
async fn a_search_without_paging_ends_at_a_thousand() {
    let sandbox = sandbox(1_500).await;
    let mut ldap = bound(&sandbox).await;
    let (found, result) = search(&mut ldap, &format!("(&{PEOPLE})"), &["1.1"]).await;
    assert_eq!((found.len(), result.rc), (1_000, 4));
    let (mut all, mut result) = page(&mut ldap, 700, Vec::new()).await;
    let mut sizes = vec![all.len()];
    while !cookie(&result).is_empty() {
        let (more, next) = page(&mut ldap, 700, cookie(&result)).await;
        sizes.push(more.len());
        all.extend(more);
        result = next;
    }
    assert_eq!((sizes, result.rc), (vec![700, 700, 100], 0));
    let mut accounts: Vec<_> = all.iter().map(|entry| entry.attrs["sAMAccountName"][0].to_lowercase()).collect();
    accounts.sort();
    accounts.dedup();
    assert_eq!(accounts.len(), 1_500);
}

#[tokio::test]
async fn a_page_holds_a_thousand_at_most_and_a_clients_limit_holds() {
    let sandbox = sandbox(1_100).await;
    let mut ldap = bound(&sandbox).await;
    let (found, result) = page(&mut ldap, 5_000, Vec::new()).await;
    assert_eq!((found.len(), cookie(&result).is_empty()), (1_000, false));
    ldap.with_search_options(SearchOptions::new().sizelimit(7));
    let (found, result) = search(&mut ldap, "(sn=Nordwind)", &["1.1"]).await;
    assert_eq!((found.len(), result.rc), (7, 4));
}

#[tokio::test]
async fn a_cookie_is_good_on_its_own_connection_only() {
    let sandbox = sandbox(0).await;
    let (mut one, mut other) = (bound(&sandbox).await, bound(&sandbox).await);
    let (_, result) = page(&mut one, 10, Vec::new()).await;
    let (found, refused) = page(&mut other, 10, cookie(&result)).await;
    assert!(found.is_empty() && refused.rc != 0, "{}", refused.rc);
    let (found, result) = page(&mut one, 10, cookie(&result)).await;
    assert_eq!((found.len(), result.rc), (10, 0));
}

#[tokio::test]
async fn people_are_found_by_the_filters_of_a_person_search() {
    let sandbox = sandbox(0).await;
    let mut ldap = bound(&sandbox).await;
    let team = accounts(&mut ldap, &format!("(&{PEOPLE}(|(sAMAccountName=nordw*)(sn=NORDW*)))")).await;
    assert_eq!(team.len(), 33);
    let enabled = format!("(&{PEOPLE}(sn=Nordwind)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))");
    assert_eq!(accounts(&mut ldap, &enabled).await.len(), 32);
    assert_eq!(accounts(&mut ldap, "(&(sn=Nordwind)(!(mail=*)))").await, ["edda.nordwind"]);
    assert_eq!(accounts(&mut ldap, "(&(sn=Nordwind)(pwdLastSet<=0))").await, ["gesa.nordwind"]);
    assert_eq!(
        accounts(&mut ldap, "(userAccountControl:1.2.840.113556.1.4.804:=4456448)").await,
        ["pat.preauth", "sam.smartcard"]
    );
    assert_eq!(accounts(&mut ldap, "(displayName=*<script>*)").await, ["script.tag"]);
    assert_eq!(accounts(&mut ldap, r"(displayName=*\28Sales\5cEU\29)").await, ["kim.ann"]);
}

#[tokio::test]
async fn ambiguous_names_are_found_without_diacritics_and_in_either_order() {
    let sandbox = sandbox(0).await;
    let mut ldap = bound(&sandbox).await;
    for term in ["Adele Mor", "adèle", "Moreau Adele", "amoreau"] {
        assert_eq!(accounts(&mut ldap, &format!("(anr={term})")).await, ["amoreau"], "{term}");
    }
    assert_eq!(accounts(&mut ldap, "(anr=mateo gar)").await, ["mgarcia"]);
    assert!(accounts(&mut ldap, "(anr=oreau)").await.is_empty());
}

#[tokio::test]
async fn ids_are_binary_and_find_their_person() {
    let sandbox = sandbox(100).await;
    let mut ldap = bound(&sandbox).await;
    let people = sandbox.company().read().people.clone();
    for person in people.iter().step_by(7) {
        let filter = format!("(objectGUID={})", bytes_of(&person.guid.to_bytes_le()));
        assert_eq!(accounts(&mut ldap, &filter).await, std::slice::from_ref(&person.account));
    }
    let (found, _) = search(&mut ldap, "(sAMAccountName=hkeller)", &["objectSid", "objectGUID"]).await;
    let value = |name: &str| {
        let texts = || found[0].attrs.get(name).map(|values| values[0].clone().into_bytes());
        found[0].bin_attrs.get(name).map(|values| values[0].clone()).or_else(texts).unwrap()
    };
    assert_eq!((value("objectGUID").len(), value("objectSid").len()), (16, 28));
    assert_eq!(accounts(&mut ldap, &format!("(objectSid={})", bytes_of(&value("objectSid")))).await, ["hkeller"]);
}

#[tokio::test]
async fn nested_groups_are_followed_both_ways() {
    let sandbox = sandbox(0).await;
    let mut ldap = bound(&sandbox).await;
    let dn = sandbox.company().read().person("hkeller").unwrap().dn();
    let helpdesk = "CN=Frontdesk-Helpdesk,OU=Groups,DC=corp,DC=example,DC=com";
    let chain = "1.2.840.113556.1.4.1941";
    let groups = accounts(&mut ldap, &format!("(&(objectClass=group)(member:{chain}:={dn}))")).await;
    assert_eq!(groups, ["Frontdesk-Helpdesk", "Service Desk Berlin"]);
    assert_eq!(accounts(&mut ldap, &format!("(&{PEOPLE}(memberOf:{chain}:={helpdesk}))")).await, ["hkeller", "tbrandt"]);
    assert!(accounts(&mut ldap, &format!("(&{PEOPLE}(memberOf={helpdesk}))")).await.is_empty());
    sandbox.company().set_member("Service Desk Berlin", "hkeller", false);
    assert!(accounts(&mut ldap, &format!("(&(objectClass=group)(member:{chain}:={dn}))")).await.is_empty());
}

#[tokio::test]
async fn managers_and_their_people_name_each_other() {
    let sandbox = sandbox(0).await;
    let mut ldap = bound(&sandbox).await;
    let dn = |account: &str| sandbox.company().read().person(account).unwrap().dn();
    let named = |value: &str| value.replace('\\', "\\5c").replace('(', "\\28").replace(')', "\\29");
    for (manager, people) in [("mgarcia", 10), ("anna.nordwind", 6), ("karla.nordwind", 3), ("ben.nordwind", 14), ("jsmith", 0)] {
        let below = accounts(&mut ldap, &format!("(&{PEOPLE}(manager={}))", dn(manager))).await;
        let (found, _) = search(&mut ldap, &format!("(sAMAccountName={manager})"), &["directReports"]).await;
        let mut direct = found[0].attrs.get("directReports").cloned().unwrap_or_default();
        let mut expected: Vec<_> = below.iter().map(|account| dn(account)).collect();
        direct.sort();
        expected.sort();
        assert_eq!((below.len(), direct), (people, expected), "{manager}");
    }
    assert_eq!(accounts(&mut ldap, &format!("(manager={})", named(&dn("kim.ann")))).await.len(), 6);
    for (one, other) in [("lou.locked", "mia.mustchange"), ("mia.mustchange", "lou.locked")] {
        assert_eq!(accounts(&mut ldap, &format!("(manager={})", dn(one))).await, [other]);
    }
    assert_eq!(accounts(&mut ldap, &format!("(&{PEOPLE}(!(manager=*)))")).await, ["ihansen"]);

    // One of another domain is named all the same, and nobody here reports it.
    sandbox.company().change("jsmith", |person| person.manager = Some("CN=Boss,DC=other,DC=example".into()));
    assert_eq!(accounts(&mut ldap, "(manager=CN=Boss,DC=other,DC=example)").await, ["jsmith"]);
}

/// Everybody stands under the head of the company, whatever its size, but for those who manage each other.
#[tokio::test]
async fn the_crowd_has_managers_too() {
    let sandbox = sandbox(600).await;
    let roster = sandbox.company().read();
    let mut below = vec!["ihansen".to_owned()];
    let mut next = 0;
    while let Some(manager) = below.get(next).cloned() {
        let direct = roster.people.iter().filter(|person| person.manager.as_ref() == Some(&manager));
        below.extend(direct.map(|person| person.account.clone()));
        next += 1;
    }
    assert_eq!(below.len(), roster.people.len() - 2);
}

#[tokio::test]
async fn cost_centres_stand_at_their_people() {
    let sandbox = sandbox(0).await;
    let mut ldap = bound(&sandbox).await;
    for (account, numbers) in [("anna.nordwind", vec!["4716"]), ("alex.kim", vec!["4700", "4712"]), ("nora.nomail", vec![])] {
        let (found, _) = search(&mut ldap, &format!("(sAMAccountName={account})"), &["departmentNumber"]).await;
        assert_eq!(found[0].attrs.get("departmentNumber").cloned().unwrap_or_default(), numbers, "{account}");
    }
}

#[tokio::test]
async fn only_the_attributes_asked_for_come() {
    let sandbox = sandbox(0).await;
    let mut ldap = bound(&sandbox).await;
    let names = async |ldap: &mut Ldap, asked: &[&str]| {
        let (found, _) = search(ldap, "(sAMAccountName=hkeller)", asked).await;
        let mut names: Vec<_> = found[0].attrs.keys().chain(found[0].bin_attrs.keys()).cloned().collect();
        names.sort();
        names
    };
    assert!(names(&mut ldap, &["1.1"]).await.is_empty());
    assert_eq!(names(&mut ldap, &["MAIL", "samaccountname", "lockoutTimeX"]).await, ["mail", "sAMAccountName"]);
    assert!(names(&mut ldap, &["*"]).await.len() > 15);
}

#[tokio::test]
async fn troublesome_names_survive_the_dn() {
    let sandbox = sandbox(0).await;
    let mut ldap = bound(&sandbox).await;
    let (found, _) = search(&mut ldap, "(sAMAccountName=kim.ann)", &["cn"]).await;
    assert_eq!(found[0].attrs["cn"], [r#"Kim, Ann "Annie" (Sales\EU)"#]);
    let SearchResult(again, result) =
        ldap.search(&found[0].dn, Scope::Base, "(objectClass=*)", vec!["sAMAccountName"]).await.unwrap();
    assert_eq!((again.len(), result.rc), (1, 0), "{}", found[0].dn);
    let (found, _) = search(&mut ldap, "(sAMAccountName=long.name)", &["displayName"]).await;
    assert_eq!(found[0].attrs["displayName"][0].chars().count(), 200);
}

#[tokio::test]
async fn changes_of_the_company_show_at_once() {
    let sandbox = sandbox(0).await;
    let mut ldap = bound(&sandbox).await;
    assert_eq!(accounts(&mut ldap, "(sn=Keller)").await, ["hkeller"]);
    assert!(sandbox.company().change("HKeller", |person| person.family = "Neumann".to_owned()));
    assert!(accounts(&mut ldap, "(sn=Keller)").await.is_empty());
    assert_eq!(accounts(&mut ldap, "(sn=Neumann)").await, ["hkeller"]);
    sandbox.company().remove("hkeller");
    assert!(accounts(&mut ldap, "(sn=Neumann)").await.is_empty());
    assert!(!sandbox.company().change("hkeller", |_| {}));
}

#[tokio::test]
async fn the_controller_is_slow_silent_unavailable_or_gone() {
    let sandbox = sandbox(20).await;
    let on = |operation: &str, kind| sandbox.faults().add(Fault::new(operation, kind).times(1));
    let mut ldap = bound(&sandbox).await;
    on("Search", Kind::Delay { ms: 300 });
    let started = std::time::Instant::now();
    search(&mut ldap, "(cn=a)", &["cn"]).await;
    assert!(started.elapsed() >= Duration::from_millis(300));

    on("Search", Kind::TimeOut { work_done: false });
    let silent = ldap.with_timeout(Duration::from_millis(300)).search(BASE_DN, Scope::Subtree, "(cn=a)", vec!["cn"]).await;
    assert!(matches!(silent, Err(ldap3::LdapError::Timeout { .. })), "{silent:?}");
    on("Search", Kind::ServerError);
    assert_eq!(search(&mut ldap, "(cn=a)", &["cn"]).await.1.rc, 52);
    on("Search", Kind::LoseReply);
    assert!(ldap.search(BASE_DN, Scope::Subtree, "(cn=a)", vec!["cn"]).await.is_err(), "the connection is gone");

    on("Connect", Kind::LoseReply);
    let config = trusting(Some(sandbox.ca_pem()));
    assert!(connect(&format!("ldaps://{}", sandbox.ldaps_address()), config, false).await.is_err());
    on("Bind", Kind::ServerError);
    let refused = secured(&sandbox).await.simple_bind(SERVICE_UPN, SERVICE_PASSWORD).await.unwrap();
    assert_eq!(refused.rc, 52);
    bound(&sandbox).await;
}
