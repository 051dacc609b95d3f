//! Samba as a domain controller: how it is spoken to (`controller`), what is proven there before a connector is made (`connecting`), whom it finds (`finding`), how lists are looked up
//! (`lists`), and which roles its groups give (`groups`). Its people are in `people.ldif`.

mod connecting;
mod controller;
mod finding;
mod groups;
mod lists;

use std::{collections::HashSet, iter, path::PathBuf, sync::Arc};

use backend::{people, settings::AdDomain};
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, Mod, Scope, SearchEntry};
use model::{
    Error, PageRequest, PersonGuid,
    people::{Hit, Hits, Search},
};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use sqlx::PgPool;
use url::Url;
use uuid::Uuid;

use crate::{
    house::{DIRECTORY, House, helpdesk},
    told,
};

const BASE: &str = "DC=corp,DC=example,DC=com";
const READER: &str = "svc-frontdesk@corp.example.com";
/// Everybody's password but the reading account's.
const PASSWORD: &str = "Passw0rd-of-all";

fn ca_file() -> PathBuf {
    told("WITNESS_AD_CA").into()
}

fn url(scheme: &str) -> Url {
    format!("{scheme}://{}", told("WITNESS_AD")).parse().unwrap()
}

/// Makes a configuration one of the witness.
fn reading(ad: &mut AdDomain) {
    ad.urls = vec![url("ldaps")];
    ad.ca_file = Some(ca_file());
    ad.bind_dn = READER.into();
    ad.bind_password = String::from("Reading-acc0unt").into();
}

/// A Frontdesk whose people are Samba's.
async fn house(db: PgPool) -> House {
    let mut house = House::open(db).await;
    house.ad(reading);
    house
}

async fn search(house: &House, search: Search, number: u32, size: u32) -> Result<Hits, Error> {
    let directory = DIRECTORY.parse().unwrap();
    people::search(&house.services, &helpdesk(), &directory, search, PageRequest { number, size }).await
}

/// The accounts that a typed term finds, in alphabetical order.
async fn found(house: &House, term: &str) -> Vec<String> {
    let hits = search(house, Search::Term(term.to_owned()), 1, 100).await.unwrap();
    assert!(!hits.more, "{term} finds more than a page");
    let mut accounts: Vec<_> = hits.hits.into_iter().map(|hit| hit.person.account).collect();
    accounts.sort();
    accounts
}

async fn hit(house: &House, account: &str) -> Hit {
    let mut hits = search(house, Search::Term(account.to_owned()), 1, 100).await.unwrap().hits;
    hits.retain(|hit| hit.person.account == account);
    assert_eq!(hits.len(), 1, "{account}");
    hits.remove(0)
}

/// The domain's administrator, who asks and changes without the product.
struct Administrator(Ldap);

impl Administrator {
    async fn open() -> Self {
        let pem = std::fs::read(ca_file()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(&pem).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
        let settings = LdapConnSettings::new().set_config(config);
        let (connection, mut ldap) = LdapConnAsync::from_url_with_settings(settings, &url("ldaps")).await.unwrap();
        tokio::spawn(connection.drive());
        let password = told("WITNESS_AD_ADMINISTRATOR");
        ldap.simple_bind("Administrator@corp.example.com", &password).await.unwrap().success().unwrap();
        Self(ldap)
    }

    /// The one entry at a DN, as the controller resolves it.
    async fn entry(&mut self, dn: &str) -> SearchEntry {
        let answer = self.0.search(dn, Scope::Base, "(objectClass=*)", vec!["*"]).await.unwrap();
        SearchEntry::construct(answer.success().unwrap().0.remove(0))
    }

    async fn dn(&mut self, account: &str) -> String {
        let filter = format!("(sAMAccountName={account})");
        let answer = self.0.search(BASE, Scope::Subtree, &filter, vec!["1.1"]).await.unwrap();
        let entries = answer.success().unwrap().0.into_iter().filter(|entry| !entry.is_ref());
        let mut found: Vec<_> = entries.map(SearchEntry::construct).collect();
        assert_eq!(found.len(), 1, "{account}");
        found.remove(0).dn
    }

    async fn guid(&mut self, account: &str) -> PersonGuid {
        let dn = self.dn(account).await;
        let entry = self.entry(&dn).await;
        PersonGuid(Uuid::from_slice_le(&entry.bin_attrs["objectGUID"][0]).unwrap())
    }

    async fn set(&mut self, dn: &str, attribute: &str, value: &str) {
        let change = Mod::Replace(attribute.to_owned(), HashSet::from([value.to_owned()]));
        self.0.modify(dn, vec![change]).await.unwrap().success().unwrap();
    }

    async fn member(&mut self, group: &str, account: &str, member: bool) {
        let (group, dn) = (format!("CN={group},OU=Groups,{BASE}"), self.dn(account).await);
        let (attribute, values) = ("member".to_owned(), iter::once(dn).collect());
        let change = if member { Mod::Add(attribute, values) } else { Mod::Delete(attribute, values) };
        self.0.modify(&group, vec![change]).await.unwrap().success().unwrap();
    }
}
