//! Distinguished names (RFC 4514), as far as they are compared: without case, and with or without a space after a comma.

/// What a name is compared by.
pub fn plain(name: &str) -> String {
    name.trim().replace(", ", ",").to_lowercase()
}

/// Whether both name the same entry.
pub fn same(one: &str, other: &str) -> bool {
    plain(one) == plain(other)
}

/// Whether the entry stands somewhere under the other, or is it.
pub fn is_under(name: &str, top: &str) -> bool {
    let (name, top) = (plain(name), plain(top));
    name.strip_suffix(&top).is_some_and(|rest| rest.is_empty() || (rest.ends_with(',') && !rest.ends_with("\\,")))
}

/// `corp.example.com` → `DC=corp,DC=example,DC=com`.
pub fn of_domain(domain: &str) -> String {
    domain.split('.').map(|label| format!("DC={label}")).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_whatever_the_case_and_spaces() {
        let unit = "OU=Berlin,DC=corp,DC=example,DC=com";
        assert!(same(unit, "ou=berlin, dc=Corp, dc=example, dc=com"));
        assert!(is_under("CN=Kim\\, Ann,OU=People,OU=Berlin,DC=corp,DC=example,DC=com", unit));
        assert!(is_under(unit, unit) && is_under(unit, &of_domain("corp.example.com")));
        for other in [
            "OU=People,OU=New Berlin,DC=corp,DC=example,DC=com",
            "DC=corp,DC=example,DC=com",
            "CN=a\\,OU=Berlin,DC=corp,DC=example,DC=com",
        ] {
            assert!(!is_under(other, unit), "{other}");
        }
    }
}
