//! What Frontdesk asks before a connector is made: DNS, Kerberos, the controller's root, units, and the service account.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket},
    sync::Arc,
    time::Duration,
};

use hickory_proto::{
    op::{Message, Query, ResponseCode},
    rr::{Name, RData, RecordType},
};
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, Scope, SearchEntry, SearchResult};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use sandbox::{
    Options, Sandbox,
    faults::{Fault, Kind},
    people::{BASE_DN, CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD, CONNECTOR_UPN},
};

async fn sandbox() -> Sandbox {
    sandbox::start(Options { people: 0, ..Options::default() }).await.unwrap()
}

fn question(name: &str, kind: RecordType) -> Message {
    let mut question = Message::query();
    question.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
    question
}

/// Asks over UDP; `None` when nothing comes.
async fn ask(address: SocketAddr, name: &str, kind: RecordType) -> Option<Message> {
    let question = question(name, kind);
    let answer = tokio::task::spawn_blocking(move || {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
        socket.send_to(&question.to_vec().unwrap(), address).unwrap();
        let mut buffer = [0; 4_096];
        let length = socket.recv(&mut buffer).ok()?;
        let answer = Message::from_vec(&buffer[..length]).unwrap();
        assert_eq!(answer.metadata.id, question.metadata.id);
        Some(answer)
    });
    answer.await.unwrap()
}

/// Asks over TCP, everything on one connection.
async fn ask_all(address: SocketAddr, names: &'static [&'static str]) -> Vec<Message> {
    let answers = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let ask = |name: &&str| {
            let question = question(name, RecordType::SRV).to_vec().unwrap();
            stream.write_all(&u16::try_from(question.len()).unwrap().to_be_bytes()).unwrap();
            stream.write_all(&question).unwrap();
            let mut length = [0; 2];
            stream.read_exact(&mut length).unwrap();
            let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut answer).unwrap();
            Message::from_vec(&answer).unwrap()
        };
        names.iter().map(ask).collect()
    });
    answers.await.unwrap()
}

#[tokio::test]
async fn dns_knows_the_domains_services_and_its_controller() {
    let sandbox = sandbox().await;
    let dns = sandbox.dns_address();
    for (name, port) in [
        ("_ldap._tcp.corp.example.com.", sandbox.ldap_address().port()),
        ("_ldap._tcp.dc._msdcs.CORP.example.com.", sandbox.ldap_address().port()),
        ("_kerberos._tcp.corp.example.com.", sandbox.kerberos_address().port()),
    ] {
        let answer = ask(dns, name, RecordType::SRV).await.unwrap();
        let [record] = answer.answers.as_slice() else { panic!("{name}: {answer:?}") };
        let RData::SRV(service) = &record.data else { panic!("{name}: {record:?}") };
        assert_eq!((service.port, service.target.to_ascii().as_str()), (port, "dc1.corp.example.com."), "{name}");
        assert!(answer.metadata.authoritative);
    }
    for name in ["dc1.corp.example.com.", "corp.example.com."] {
        let answer = ask(dns, name, RecordType::A).await.unwrap();
        assert!(matches!(&answer.answers[0].data, RData::A(address) if address.0 == Ipv4Addr::LOCALHOST), "{answer:?}");
    }
    for (name, kind, code) in [
        ("dc2.corp.example.com.", RecordType::A, ResponseCode::NXDomain),
        ("_ldap._tcp.gc._msdcs.corp.example.com.", RecordType::SRV, ResponseCode::NXDomain),
        ("dc1.corp.example.com.", RecordType::AAAA, ResponseCode::NoError),
        ("_tcp.corp.example.com.", RecordType::A, ResponseCode::NoError),
        ("lab.example.com.", RecordType::A, ResponseCode::Refused),
        ("notcorp.example.com.", RecordType::A, ResponseCode::Refused),
    ] {
        let answer = ask(dns, name, kind).await.unwrap();
        assert_eq!((answer.metadata.response_code, answer.answers.len()), (code, 0), "{name} {kind}");
    }
}

#[tokio::test]
async fn dns_answers_over_tcp_on_the_same_port() {
    let sandbox = sandbox().await;
    let answers = ask_all(
        sandbox.dns_address(),
        &["_ldap._tcp.corp.example.com.", "_kerberos._tcp.corp.example.com.", "_none.corp.example.com."],
    )
    .await;
    let codes: Vec<_> = answers.iter().map(|answer| (answer.metadata.response_code, answer.answers.len())).collect();
    assert_eq!(codes, [(ResponseCode::NoError, 1), (ResponseCode::NoError, 1), (ResponseCode::NXDomain, 0)]);
}

#[tokio::test]
async fn dns_outlives_what_is_no_question() {
    let sandbox = sandbox().await;
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for garbage in [&b""[..], b"x", &[0xff; 600], &[0; 12]] {
        socket.send_to(garbage, sandbox.dns_address()).unwrap();
    }
    assert!(ask(sandbox.dns_address(), "dc1.corp.example.com.", RecordType::A).await.is_some());
}

#[tokio::test]
async fn dns_is_silent_broken_or_forgetful_by_faults() {
    let sandbox = sandbox().await;
    let on = |kind| sandbox.faults().add(Fault::new("Lookup", kind).items(vec!["_KERBEROS".to_owned()]).times(1));
    let kerberos = || ask(sandbox.dns_address(), "_kerberos._tcp.corp.example.com.", RecordType::SRV);
    on(Kind::TimeOut { work_done: false });
    let other = ask(sandbox.dns_address(), "_ldap._tcp.corp.example.com.", RecordType::SRV).await.unwrap();
    assert_eq!(other.answers.len(), 1, "another name is not hit");
    assert!(kerberos().await.is_none());
    on(Kind::ServerError);
    assert_eq!(kerberos().await.unwrap().metadata.response_code, ResponseCode::ServFail);
    on(Kind::Refuse { code: "NXDOMAIN".to_owned(), message: String::new() });
    assert_eq!(kerberos().await.unwrap().metadata.response_code, ResponseCode::NXDomain);
    assert_eq!(kerberos().await.unwrap().answers.len(), 1);
}

/// Sends a request to Kerberos and reads the answer; `None` when the connection ends.
async fn kerberos(address: SocketAddr, request: &'static [u8]) -> Option<Vec<u8>> {
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
        stream.write_all(&u32::try_from(request.len()).unwrap().to_be_bytes()).unwrap();
        stream.write_all(request).unwrap();
        let mut length = [0; 4];
        stream.read_exact(&mut length).ok()?;
        let mut answer = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap()];
        stream.read_exact(&mut answer).unwrap();
        Some(answer)
    });
    answer.await.unwrap()
}

/// The `error-code` of a KRB-ERROR, which is its only `[6] INTEGER`.
fn error_code(answer: &[u8]) -> u8 {
    assert_eq!((answer[0], usize::from(answer[1])), (0x7e, answer.len() - 2), "a KRB-ERROR of its own length: {answer:02x?}");
    let place = answer.windows(4).position(|part| part == [0xa6, 3, 2, 1]).expect("no error-code");
    answer[place + 4]
}

#[tokio::test]
async fn kerberos_asks_for_preauthentication() {
    let sandbox = sandbox().await;
    let address = sandbox.kerberos_address();
    let answer = kerberos(address, &[0x6a, 0x02, 0x30, 0x00]).await.unwrap();
    assert_eq!(error_code(&answer), 25);
    let text = String::from_utf8_lossy(&answer).into_owned();
    assert!(text.contains("krbtgt") && text.contains("CORP.EXAMPLE.COM"), "{text}");
    assert_eq!(error_code(&kerberos(address, &[0x6e, 0x00]).await.unwrap()), 40);
    let on = |kind| sandbox.faults().add(Fault::new("Authenticate", kind).times(1));
    on(Kind::ServerError);
    assert_eq!(error_code(&kerberos(address, &[0x6a, 0x00]).await.unwrap()), 29);
    for kind in [Kind::LoseReply, Kind::TimeOut { work_done: false }] {
        on(kind);
        assert!(kerberos(address, &[0x6a, 0x00]).await.is_none());
    }
    assert!(kerberos(address, &[0x6a, 0x00]).await.is_some());
}

async fn ldap(sandbox: &Sandbox) -> Ldap {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(sandbox.ca_pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
    let settings = LdapConnSettings::new().set_config(config).set_starttls(true);
    let (connection, ldap) = LdapConnAsync::with_settings(settings, &format!("ldap://{}", sandbox.ldap_address())).await.unwrap();
    tokio::spawn(async move {
        let _ = connection.drive().await;
    });
    ldap
}

async fn search(ldap: &mut Ldap, base: &str, scope: Scope, filter: &str) -> Vec<SearchEntry> {
    let SearchResult(found, result) = ldap.search(base, scope, filter, vec!["*"]).await.unwrap();
    assert_eq!(result.rc, 0, "{base} {filter}: {}", result.text);
    found.into_iter().filter(|entry| !entry.is_ref()).map(SearchEntry::construct).collect()
}

#[tokio::test]
async fn the_root_tells_levels_name_and_time() {
    let sandbox = sandbox().await;
    sandbox.clock().advance(chrono::TimeDelta::days(400));
    let root = search(&mut ldap(&sandbox).await, "", Scope::Base, "(objectClass=*)").await.remove(0);
    for (attribute, value) in [
        ("defaultNamingContext", BASE_DN),
        ("domainFunctionality", "7"),
        ("forestFunctionality", "7"),
        ("domainControllerFunctionality", "7"),
        ("dnsHostName", "dc1.corp.example.com"),
    ] {
        assert_eq!(root.attrs[attribute], [value], "{attribute}");
    }
    let told = chrono::NaiveDateTime::parse_from_str(&root.attrs["currentTime"][0], "%Y%m%d%H%M%S.0Z").unwrap().and_utc();
    assert!((sandbox.clock().now() - told).abs() < chrono::TimeDelta::seconds(5), "it goes by the sandbox's clock: {told}");
}

#[tokio::test]
async fn units_are_found_level_by_level() {
    let sandbox = sandbox().await;
    let mut ldap = ldap(&sandbox).await;
    ldap.simple_bind(CONNECTOR_UPN, CONNECTOR_PASSWORD).await.unwrap().success().unwrap();
    let units = "(objectClass=organizationalUnit)";
    let names = async |ldap: &mut Ldap, base: &str, scope| {
        let found = search(ldap, base, scope, units).await;
        let mut names: Vec<_> = found.iter().map(|entry| entry.attrs["name"][0].clone()).collect();
        names.sort();
        names
    };
    let below = format!("OU=WorkSpaces,{BASE_DN}");
    assert_eq!(names(&mut ldap, &below, Scope::OneLevel).await, ["Contractors, External", "Engineering", "Sales"]);
    assert_eq!(
        names(&mut ldap, &below, Scope::Subtree).await,
        ["Berlin", "Contractors, External", "Engineering", "Sales", "WorkSpaces"]
    );
    assert_eq!(names(&mut ldap, &below, Scope::Base).await, ["WorkSpaces"]);
    let top = names(&mut ldap, BASE_DN, Scope::OneLevel).await;
    assert_eq!(top, ["Domain Controllers", "Groups", "People", "Service Accounts", "WorkSpaces"]);
    let gone = ldap.search(&format!("OU=Nowhere,{BASE_DN}"), Scope::Base, units, vec!["ou"]).await.unwrap();
    assert_eq!(gone.1.rc, 32);
    let computers = search(&mut ldap, BASE_DN, Scope::OneLevel, "(objectClass=container)").await;
    assert_eq!(computers[0].dn, format!("CN=Computers,{BASE_DN}"));
}

#[tokio::test]
async fn the_connectors_account_proves_itself_over_tls_and_is_an_entry() {
    let sandbox = sandbox().await;
    let bind = async |password: &str| {
        let mut ldap = ldap(&sandbox).await;
        ldap.simple_bind(CONNECTOR_UPN, password).await.unwrap()
    };
    assert_eq!(bind(CONNECTOR_PASSWORD).await.rc, 0);
    assert!(bind("wrong").await.text.contains("data 52e"));
    sandbox.company().change_service(CONNECTOR_ACCOUNT, |service| service.user_account_control |= 0x2);
    assert!(bind(CONNECTOR_PASSWORD).await.text.contains("data 533"));
    sandbox.company().change_service(CONNECTOR_ACCOUNT, |service| {
        service.user_account_control = 0x200;
        service.password = "rotated".to_owned();
    });
    assert!(bind(CONNECTOR_PASSWORD).await.text.contains("data 52e"));
    let mut ldap = ldap(&sandbox).await;
    ldap.simple_bind("CORP\\svc-adconnector", "rotated").await.unwrap().success().unwrap();
    let found = search(&mut ldap, BASE_DN, Scope::Subtree, "(sAMAccountName=svc-adconnector)").await;
    assert_eq!(found[0].dn, format!("CN=svc-adconnector,OU=Service Accounts,{BASE_DN}"));
    assert_eq!(found[0].attrs["userAccountControl"], ["512"]);
    let people =
        search(&mut ldap, BASE_DN, Scope::Subtree, "(&(objectCategory=person)(objectClass=user)(sAMAccountName=svc-*))").await;
    assert!(people.is_empty(), "it is nobody to give a desktop to: {people:?}");
}
