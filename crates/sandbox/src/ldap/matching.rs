//! Whether an entry matches a filter, by Active Directory's rules: without case, `anr` without diacritics, bit rules and
//! chains of groups.

use std::collections::HashSet;

use ldap3_proto::proto::{LdapFilter, LdapMatchingRuleAssertion, LdapSubstringFilter};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{
    codec::is_binary,
    entries::{Entry, Tree},
};

const BIT_AND: &str = "1.2.840.113556.1.4.803";
const BIT_OR: &str = "1.2.840.113556.1.4.804";
const IN_CHAIN: &str = "1.2.840.113556.1.4.1941";

/// The tree is at hand for rules that follow links from one entry to another.
pub(super) fn matches(filter: &LdapFilter, entry: &Entry, tree: &Tree) -> bool {
    match filter {
        LdapFilter::And(filters) => filters.iter().all(|filter| matches(filter, entry, tree)),
        LdapFilter::Or(filters) => filters.iter().any(|filter| matches(filter, entry, tree)),
        LdapFilter::Not(filter) => !matches(filter, entry, tree),
        LdapFilter::Equality(name, value) | LdapFilter::Approx(name, value) => equals(entry, name, value),
        LdapFilter::Present(name) => !entry.values(name).is_empty(),
        LdapFilter::Substring(name, parts) => texts(entry, name).any(|text| contains(&text, parts)),
        LdapFilter::GreaterOrEqual(name, value) => compare(entry, name, value, |known, wanted| known >= wanted),
        LdapFilter::LessOrEqual(name, value) => compare(entry, name, value, |known, wanted| known <= wanted),
        LdapFilter::Extensible(assertion) => extensible(assertion, entry, tree),
    }
}

fn texts<'a>(entry: &'a Entry, name: &str) -> impl Iterator<Item = String> + 'a {
    entry.values(name).iter().map(|value| String::from_utf8_lossy(value).to_lowercase())
}

fn equals(entry: &Entry, name: &str, value: &str) -> bool {
    if is_binary(name) {
        return entry.values(name).iter().any(|known| hex::encode(known) == value);
    }
    if name.eq_ignore_ascii_case("anr") {
        return ambiguous_name(entry, value);
    }
    let value = value.to_lowercase();
    // AD takes the class's short name for objectCategory.
    let short = name.eq_ignore_ascii_case("objectCategory") && !value.contains('=');
    texts(entry, name).any(|known| if short { known.starts_with(&format!("cn={value},")) } else { known == value })
}

fn contains(text: &str, parts: &LdapSubstringFilter) -> bool {
    let lower = |part: &String| part.to_lowercase();
    let mut rest = text;
    if let Some(initial) = parts.initial.as_ref().map(lower) {
        match rest.strip_prefix(initial.as_str()) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    for part in parts.any.iter().map(lower) {
        match rest.split_once(part.as_str()) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    parts.final_.as_ref().map(lower).is_none_or(|last| rest.ends_with(last.as_str()))
}

fn compare(entry: &Entry, name: &str, value: &str, holds: impl Fn(i64, i64) -> bool) -> bool {
    let Ok(wanted) = value.parse() else { return false };
    texts(entry, name).filter_map(|known| known.parse().ok()).any(|known| holds(known, wanted))
}

fn extensible(assertion: &LdapMatchingRuleAssertion, entry: &Entry, tree: &Tree) -> bool {
    let (Some(rule), Some(name)) = (assertion.matching_rule.as_deref(), assertion.type_.as_deref()) else { return false };
    let bits = |holds: fn(i64, i64) -> bool| compare(entry, name, &assertion.match_value, holds);
    match rule {
        BIT_AND => bits(|known, wanted| known & wanted == wanted),
        BIT_OR => bits(|known, wanted| known & wanted != 0),
        IN_CHAIN => in_chain(entry, name, &assertion.match_value.to_lowercase(), tree),
        _ => false,
    }
}

/// Follows the attribute's links until the wanted DN is met; circles end.
fn in_chain(entry: &Entry, name: &str, wanted: &str, tree: &Tree) -> bool {
    let mut seen: HashSet<String> = HashSet::new();
    let mut waiting: Vec<String> = texts(entry, name).collect();
    while let Some(dn) = waiting.pop() {
        if dn == wanted {
            return true;
        }
        if !seen.contains(&dn) {
            waiting.extend(tree.at(&dn).into_iter().flat_map(|next| texts(next, name)));
            seen.insert(dn);
        }
    }
    false
}

/// Ambiguous name resolution: any name starts with it, or given and family name start with its two words.
fn ambiguous_name(entry: &Entry, value: &str) -> bool {
    let wanted = fold(value);
    let starts = |name: &str, part: &str| texts(entry, name).any(|text| fold(&text).starts_with(part));
    let names = ["displayName", "givenName", "sn", "sAMAccountName", "mail", "cn", "physicalDeliveryOfficeName"];
    names.iter().any(|name| starts(name, &wanted))
        || wanted.split_once(' ').is_some_and(|(first, second)| {
            (starts("givenName", first) && starts("sn", second)) || (starts("sn", first) && starts("givenName", second))
        })
}

fn fold(text: &str) -> String {
    text.nfd().filter(|character| !is_combining_mark(*character)).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(attributes: &[(&'static str, &str)]) -> Entry {
        let attributes = attributes.iter().map(|(name, value)| (*name, vec![value.as_bytes().to_vec()])).collect();
        Entry { dn: "CN=x".into(), attributes }
    }

    #[test]
    fn anr_finds_without_diacritics_and_by_both_names() {
        let jose = entry(&[("givenName", "José"), ("sn", "Núñez")]);
        for term in ["jose", "José", "nunez", "jose nu", "núñez jo"] {
            assert!(matches(&LdapFilter::Equality("anr".into(), term.into()), &jose, &Tree::default()), "{term}");
        }
        assert!(!matches(&LdapFilter::Equality("anr".into(), "josef".into()), &jose, &Tree::default()));
    }

    #[test]
    fn bits_and_parts_are_compared() {
        let disabled = entry(&[("userAccountControl", "514"), ("cn", "Anna-Maria")]);
        let rule = |value: &str| {
            LdapFilter::Extensible(LdapMatchingRuleAssertion {
                matching_rule: Some(BIT_AND.into()),
                type_: Some("userAccountControl".into()),
                match_value: value.into(),
                dn_attributes: false,
            })
        };
        assert!(matches(&rule("2"), &disabled, &Tree::default()));
        assert!(!matches(&rule("16"), &disabled, &Tree::default()));
        let parts = |initial: &str, last: &str| {
            LdapFilter::Substring(
                "CN".into(),
                LdapSubstringFilter { initial: Some(initial.into()), any: vec!["-".into()], final_: Some(last.into()) },
            )
        };
        assert!(matches(&parts("ANN", "ria"), &disabled, &Tree::default()));
        assert!(!matches(&parts("na", "ria"), &disabled, &Tree::default()));
    }
}
