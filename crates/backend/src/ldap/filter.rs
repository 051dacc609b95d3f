//! Search filters (RFC 4515). Whatever somebody typed is escaped here and nowhere else.

use std::fmt::Write;

use model::{PersonGuid, people::Search};

use super::Attribute;

const PEOPLE: &str = "(objectCategory=person)(objectClass=user)";

/// All organizational units.
pub(super) const UNITS: &str = "(objectClass=organizationalUnit)";

/// Users, disabled ones too: a row says why they can't be launched.
pub(super) fn people(search: &Search) -> String {
    match search {
        Search::All => format!("(&{PEOPLE})"),
        Search::Term(term) => format!("(&{PEOPLE}(|{}))", matches(term)),
    }
}

/// The term at the start of one of six attributes, or "First Last" in either order.
fn matches(term: &str) -> String {
    let whole = escape(term.as_bytes());
    let mut alternatives = String::new();
    for attribute in ["sAMAccountName", "userPrincipalName", "mail", "displayName", "givenName", "sn"] {
        let _ = write!(alternatives, "({attribute}={whole}*)");
    }
    if let Some((first, second)) = term.split_once(char::is_whitespace) {
        let (first, second) = (escape(first.trim().as_bytes()), escape(second.trim().as_bytes()));
        let _ = write!(alternatives, "(&(givenName={first}*)(sn={second}*))(&(sn={first}*)(givenName={second}*))");
    }
    alternatives
}

/// The people of these ids.
pub(super) fn guids(guids: &[PersonGuid]) -> String {
    let mut alternatives = String::new();
    for guid in guids {
        // Active Directory stores the first three groups in little-endian order.
        let _ = write!(alternatives, "(objectGUID={})", binary(&guid.0.to_bytes_le()));
    }
    format!("(&{PEOPLE}(|{alternatives}))")
}

/// The people of whom one of these is the account or, with an `@`, the UPN or the mail address.
pub(super) fn names(names: &[String]) -> String {
    let mut alternatives = String::new();
    for name in names {
        let value = escape(name.as_bytes());
        let _ = match name.contains('@') {
            true => write!(alternatives, "(userPrincipalName={value})(mail={value})"),
            false => write!(alternatives, "(sAMAccountName={value})"),
        };
    }
    format!("(&{PEOPLE}(|{alternatives}))")
}

/// The people who name one of these entries as their manager.
pub(super) fn managed_by(dns: &[String]) -> String {
    let mut alternatives = String::new();
    for dn in dns {
        let _ = write!(alternatives, "(manager={})", escape(dn.as_bytes()));
    }
    format!("(&{PEOPLE}(|{alternatives}))")
}

/// The person of that distinguished name.
pub(super) fn person(dn: &str) -> String {
    format!("(&{PEOPLE}(distinguishedName={}))", escape(dn.as_bytes()))
}

/// The person with that value; `None` if the value can't be one.
pub(super) fn attribute(attribute: Attribute, value: &str) -> Option<String> {
    let (name, value) = match attribute {
        Attribute::Account => ("sAMAccountName", escape(value.as_bytes())),
        Attribute::UserPrincipalName => ("userPrincipalName", escape(value.as_bytes())),
        Attribute::Mail => ("mail", escape(value.as_bytes())),
        Attribute::ObjectSid => ("objectSid", binary(&super::entry::sid_bytes(value)?)),
    };
    (!value.is_empty()).then(|| format!("(&{PEOPLE}({name}={value}))"))
}

/// The user with that account, also one that is no person, such as a service's.
pub(super) fn account(account: &str) -> String {
    format!("(&(objectClass=user)(sAMAccountName={}))", escape(account.as_bytes()))
}

/// All groups that hold the entry, nested ones too (LDAP_MATCHING_RULE_IN_CHAIN).
pub(super) fn groups_of(dn: &str) -> String {
    format!("(&(objectClass=group)(member:1.2.840.113556.1.4.1941:={}))", escape(dn.as_bytes()))
}

/// The people of the group, those of groups in it too.
pub(super) fn members(dn: &str) -> String {
    format!("(&{PEOPLE}(memberOf:1.2.840.113556.1.4.1941:={}))", escape(dn.as_bytes()))
}

/// The group of that common name or distinguished name.
pub(super) fn group(name: &str) -> String {
    let value = escape(name.as_bytes());
    format!("(&(objectClass=group)(|(cn={value})(distinguishedName={value})))")
}

/// RFC 4515: `* ( ) \` and NUL as two hex digits; bytes beyond ASCII too, which is always allowed.
fn escape(text: &[u8]) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text {
        match byte {
            b'*' | b'(' | b')' | b'\\' | 0 | 0x80.. => {
                let _ = write!(escaped, "\\{byte:02x}");
            }
            other => escaped.push(char::from(*other)),
        }
    }
    escaped
}

fn binary(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut escaped, byte| {
        let _ = write!(escaped, "\\{byte:02x}");
        escaped
    })
}

/// Whatever is typed, each filter has the structure that it has for harmless words, so nothing of it was read as anything but
/// a value.
#[cfg(any(test, fuzzing))]
pub(crate) fn prove(typed: &str) {
    if let Ok(Search::Term(term)) = Search::parse(typed) {
        let harmless = if term.contains(char::is_whitespace) { "anna nordwind" } else { "anna" };
        let like = people(&Search::Term(harmless.to_owned()));
        assert_eq!(structure(&people(&Search::Term(term))), structure(&like), "{typed:?}");
    }
    if typed.is_empty() {
        return;
    }
    let harmless = if typed.contains('@') { "anna@corp.example" } else { "anna" };
    assert_eq!(structure(&names(&[typed.to_owned()])), structure(&names(&[harmless.to_owned()])), "{typed:?}");
    assert_eq!(structure(&groups_of(typed)), structure(&groups_of(harmless)), "{typed:?}");
    assert_eq!(structure(&group(typed)), structure(&group(harmless)), "{typed:?}");
    assert_eq!(structure(&members(typed)), structure(&members(harmless)), "{typed:?}");
    assert_eq!(structure(&person(typed)), structure(&person(harmless)), "{typed:?}");
    let managed = |dn: &str| structure(&managed_by(&[dn.to_owned(), dn.to_owned()]));
    assert_eq!(managed(typed), managed(harmless), "{typed:?}");
    for kind in [Attribute::Account, Attribute::UserPrincipalName, Attribute::Mail] {
        let of = |value: &str| attribute(kind, value).map(|filter| structure(&filter));
        assert_eq!(of(typed), of(harmless), "{typed:?}");
    }
    let sid = attribute(Attribute::ObjectSid, typed).map(|filter| structure(&filter));
    assert!(sid.is_none_or(|sid| Some(sid) == attribute(Attribute::Account, harmless).map(|filter| structure(&filter))));
}

/// The filter as the LDAP library reads it, with every value but an attribute's name left out; `None` if it can't be read.
#[cfg(any(test, fuzzing))]
fn structure(filter: &str) -> Option<String> {
    use ldap3::asn1::{ASNTag, PL, StructureTag};

    fn draw(tag: &StructureTag) -> String {
        match &tag.payload {
            PL::P(_) => format!("{}", tag.id),
            PL::C(parts) => format!("{}({})", tag.id, parts.iter().map(draw).collect::<Vec<_>>().join(" ")),
        }
    }
    ldap3::parse_filter(filter).ok().map(|tag| draw(&tag.into_structure()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_filter_cannot_be_broken_out_of() {
        let filter = people(&Search::Term("*)(uid=*".into()));
        assert!(filter.contains("(sn=\\2a\\29\\28uid=\\2a*)"), "{filter}");
    }

    #[test]
    fn ids_are_written_in_active_directorys_byte_order() {
        let guid = PersonGuid(uuid::Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff));
        assert!(guids(&[guid]).contains(r"\33\22\11\00\55\44\77\66\88\99\aa\bb\cc\dd\ee\ff"));
    }

    #[test]
    fn a_structure_tells_what_was_broken_out_of() {
        let (harmless, broken) = (structure("(&(a=b)(c=d))").unwrap(), structure("(&(a=b)(c=*)(uid=d))").unwrap());
        assert_ne!(harmless, broken);
        assert_eq!(structure("(&(a=b)(c=d*)"), None);
    }

    #[test]
    fn the_corpus_of_the_fuzzer_holds() {
        crate::fuzz::each_of_corpus("filter", |bytes| prove(&String::from_utf8_lossy(bytes)));
    }

    proptest! {
        #[test]
        fn nothing_typed_changes_the_structure(typed in "\\PC{0,40}|[\\x00-\\x7f]{0,40}|[()*&|!=\\\\ @a]{0,12}") {
            prove(&typed);
        }

        /// Whatever is typed, the filter parses, and the value comes back as typed.
        #[test]
        fn every_term_survives(term in "\\PC{2,40}|[\\x00-\\x7f]{2,40}") {
            let escaped = escape(term.as_bytes());
            prop_assert_eq!(ldap3::ldap_unescape(escaped.as_str()).unwrap(), term.as_str());
            prop_assert!(!escaped.contains(['(', ')', '*', '\0']));
        }
    }
}
