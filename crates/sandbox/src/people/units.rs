//! Organizational units and containers, by their DNs below the domain's root.

use super::{Person, Roster};

/// Those that are there beside one for each office.
const FIXED: [&str; 10] = [
    "CN=Computers",
    "OU=Domain Controllers",
    "OU=Groups",
    "OU=People",
    "OU=Service Accounts",
    "OU=WorkSpaces",
    "OU=Engineering,OU=WorkSpaces",
    "OU=Berlin,OU=Engineering,OU=WorkSpaces",
    "OU=Sales,OU=WorkSpaces",
    "OU=Contractors\\, External,OU=WorkSpaces",
];

pub(super) fn units(people: &[Person]) -> Vec<String> {
    let mut offices: Vec<_> = people.iter().map(|person| format!("OU={},OU=People", person.office)).collect();
    offices.sort();
    offices.dedup();
    FIXED.into_iter().map(ToOwned::to_owned).chain(offices).collect()
}

/// Without case, and without spaces beside commas.
fn plain(dn: &str) -> String {
    dn.split(',').map(str::trim).collect::<Vec<_>>().join(",").to_lowercase()
}

impl Roster {
    /// Whether the DN is one of a unit in the domain. Domains other than the company's have the same units.
    pub(crate) fn has_unit(&self, dn: &str, domain: &str) -> bool {
        let root: String = domain.split('.').map(|label| format!(",dc={}", label.to_lowercase())).collect();
        plain(dn).strip_suffix(&root).is_some_and(|below| self.units.iter().any(|unit| plain(unit) == below))
    }
}

#[cfg(test)]
mod tests {
    use crate::people::Company;

    #[test]
    fn units_are_known_in_any_spelling_and_others_are_not() {
        let company = Company::generate(1, 0);
        let roster = company.read();
        let known = |dn: &str| roster.has_unit(dn, "corp.example.com");
        assert!(known("OU=WorkSpaces,DC=corp,DC=example,DC=com"));
        assert!(known("ou=berlin, ou=engineering , OU=WORKSPACES,dc=corp,dc=example,dc=com"));
        assert!(known("OU=Contractors\\, External,OU=WorkSpaces,DC=corp,DC=example,DC=com"));
        for dn in [
            "",
            "OU=WorkSpaces",
            "DC=corp,DC=example,DC=com",
            "OU=Nowhere,DC=corp,DC=example,DC=com",
            "OU=WorkSpaces,DC=example,DC=com",
        ] {
            assert!(!known(dn), "{dn}");
        }
        assert!(roster.has_unit("OU=WorkSpaces,DC=lab,DC=example,DC=com", "lab.example.com"));
    }
}
