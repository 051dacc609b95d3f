//! From an entry's attributes to a person.

use std::fmt::Write;

use ldap3::SearchEntry;
use model::{
    PersonGuid,
    people::{AccountControl, Person},
};
use uuid::Uuid;

/// What is asked of a person's entry.
pub(super) const ATTRIBUTES: &[&str] = &[
    "objectGUID",
    "objectSid",
    "sAMAccountName",
    "userPrincipalName",
    "displayName",
    "givenName",
    "sn",
    "mail",
    "department",
    "title",
    "physicalDeliveryOfficeName",
    "telephoneNumber",
    "manager",
    "departmentNumber",
    "preferredLanguage",
    "userAccountControl",
    "accountExpires",
    "lockoutTime",
    "pwdLastSet",
];

/// No attribute that people read is longer; what is, is cut.
const LONGEST: usize = 512;

/// Reads a person; `None` for an entry without an id or an account name, which the reading account may not be allowed to see.
pub(super) fn person(entry: &SearchEntry, domain: &str, now: i64) -> Option<Person> {
    let guid = PersonGuid(Uuid::from_bytes_le(bytes(entry, "objectGUID")?.try_into().ok()?));
    let account = text(entry, "sAMAccountName")?;
    let given_name = name(entry, "givenName");
    let full_name = || {
        let parts: Vec<_> = [given_name.clone(), name(entry, "sn")].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    };
    let number = |name: &str| text(entry, name).and_then(|value| value.parse::<i64>().ok());
    let control = AccountControl {
        // The attribute is a signed 32-bit integer.
        user_account_control: number("userAccountControl")
            .and_then(|value| i32::try_from(value).ok())
            .unwrap_or(0)
            .cast_unsigned(),
        account_expires: number("accountExpires").unwrap_or(0),
        lockout_time: number("lockoutTime").unwrap_or(0),
        pwd_last_set: number("pwdLastSet"),
    };
    Some(Person {
        guid,
        sid: bytes(entry, "objectSid").and_then(sid_text),
        domain: domain.to_owned(),
        name: name(entry, "displayName").or_else(full_name).unwrap_or_else(|| account.clone()),
        account,
        upn: text(entry, "userPrincipalName"),
        given_name,
        mail: text(entry, "mail"),
        department: name(entry, "department"),
        title: name(entry, "title"),
        office: name(entry, "physicalDeliveryOfficeName"),
        phone: text(entry, "telephoneNumber"),
        manager: text(entry, "manager").and_then(|dn| first_name_of(&dn)).and_then(upright),
        manager_dn: values(entry, "manager").and_then(|names| names.first().cloned()),
        cost_centre: only(entry, "departmentNumber").and_then(upright),
        language: text(entry, "preferredLanguage"),
        dn: entry.dn.clone(),
        standing: control.standing(now),
    })
}

fn values<'a>(entry: &'a SearchEntry, name: &str) -> Option<&'a Vec<String>> {
    entry.attrs.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, values)| values)
}

/// As [`text`], of an attribute that has this one value.
fn only(entry: &SearchEntry, name: &str) -> Option<String> {
    text(entry, name).filter(|_| values(entry, name).is_some_and(|values| values.len() == 1))
}

/// The attribute's first value as text: trimmed, cut, and not empty.
pub(super) fn text(entry: &SearchEntry, name: &str) -> Option<String> {
    let values = values(entry, name)?;
    let value: String = values.first()?.trim().chars().filter(|character| *character != '\0').take(LONGEST).collect();
    (!value.is_empty()).then_some(value)
}

/// As [`text`], for what stands among other words on a page.
fn name(entry: &SearchEntry, attribute: &str) -> Option<String> {
    text(entry, attribute).and_then(upright)
}

/// Without the characters that turn the words beside it around (Unicode's embeddings, overrides and isolates). Marks stay:
/// right-to-left names are written with them.
fn upright(words: String) -> Option<String> {
    let words = words.replace(|character| matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'), "");
    (!words.is_empty()).then_some(words)
}

/// The attribute's first value as bytes. ldap3 sorts values by whether they happen to be UTF-8.
fn bytes<'a>(entry: &'a SearchEntry, name: &str) -> Option<&'a [u8]> {
    let binary = entry.bin_attrs.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    let texts = entry.attrs.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    binary
        .and_then(|(_, values)| values.first().map(Vec::as_slice))
        .or_else(|| texts.and_then(|(_, values)| values.first().map(String::as_bytes)))
}

/// The value of a DN's first part, unescaped (RFC 4514): `CN=Kim\, Ann,OU=…` → `Kim, Ann`.
fn first_name_of(dn: &str) -> Option<String> {
    let value = dn.split_once('=')?.1;
    let mut name = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b',' | b'+' => break,
            b'\\' => {
                let next = rest.next()?;
                let pair = rest.clone().next().and_then(|low| Some((hex(next)? << 4) | hex(low)?));
                match pair {
                    Some(decoded) => {
                        rest.next();
                        name.push(decoded);
                    }
                    None => name.push(next),
                }
            }
            other => name.push(other),
        }
    }
    String::from_utf8(name).ok().filter(|name| !name.is_empty())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// A SID's binary form as `S-1-5-21-…` (MS-DTYP 2.4.2): revision, count, 6-byte authority, 4-byte little-endian parts.
fn sid_text(bytes: &[u8]) -> Option<String> {
    let (head, parts) = bytes.split_at_checked(8)?;
    let [revision, count, authority @ ..] = head else { return None };
    if parts.len() != usize::from(*count) * 4 {
        return None;
    }
    let authority = authority.iter().fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
    let mut text = format!("S-{revision}-{authority}");
    for part in parts.chunks_exact(4) {
        let _ = write!(text, "-{}", u32::from_le_bytes(part.try_into().ok()?));
    }
    Some(text)
}

/// The other way round; `None` for what is no SID.
pub(super) fn sid_bytes(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.strip_prefix("S-")?.split('-');
    let revision: u8 = parts.next()?.parse().ok()?;
    let authority: u64 = parts.next()?.parse().ok()?;
    let parts: Vec<u32> = parts.map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let mut bytes = vec![revision, u8::try_from(parts.len()).ok().filter(|count| *count <= 15)?];
    bytes.extend(authority.to_be_bytes().into_iter().skip(2));
    bytes.extend(parts.into_iter().flat_map(u32::to_le_bytes));
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sids_round_trip() {
        let text = "S-1-5-21-1004336348-1177238915-682003330-512";
        assert_eq!(sid_text(&sid_bytes(text).unwrap()).as_deref(), Some(text));
        assert_eq!(sid_text(&[1, 5, 0, 0]), None);
        assert_eq!(sid_text(&[1, 2, 0, 0, 0, 0, 0, 5, 1, 0, 0, 0]), None);
        for wrong in ["", "S-1", "S-1-5-x", "S-1-5-99999999999", "1-5-21"] {
            assert_eq!(sid_bytes(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_managers_name_is_read_off_the_dn() {
        assert_eq!(first_name_of(r"CN=Kim\, Ann (Sales),OU=Seoul,DC=x").as_deref(), Some("Kim, Ann (Sales)"));
        assert_eq!(first_name_of(r"CN=Jos\C3\A9 \#1,DC=x").as_deref(), Some("José #1"));
        assert_eq!(first_name_of("CN=,DC=x"), None);
        assert_eq!(first_name_of("nonsense"), None);
    }

    #[test]
    fn an_entry_without_an_id_is_nobody() {
        let entry = SearchEntry {
            dn: "CN=x".into(),
            attrs: [("sAMAccountName".to_owned(), vec!["x".to_owned()])].into(),
            bin_attrs: [].into(),
        };
        assert_eq!(person(&entry, "corp.example.com", 0), None);
    }

    #[test]
    fn a_megabyte_attribute_is_cut() {
        let attrs = [("displayName".to_owned(), vec!["x".repeat(1 << 20)])].into();
        let entry = SearchEntry { dn: String::new(), attrs, bin_attrs: [].into() };
        assert_eq!(text(&entry, "DISPLAYNAME").unwrap().len(), LONGEST);
    }
}
