//! The PowerShell that tells a WorkSpace of the new server.

use model::{DirectoryId, DnsChangeId, access::Actor, directories::DnsChange};

use super::one;
use crate::Services;

/// As which it is downloaded.
pub const FILE_NAME: &str = "change-dns.ps1";

/// With marks in place of what is different in each change.
const TEMPLATE: &str = include_str!("change-dns.ps1");

/// The script of one change, with Windows' line ends.
///
/// # Errors
/// [`model::Error::NotFound`], [`model::Error::NotAllowed`].
pub async fn script(services: &Services, actor: &Actor, directory: &DirectoryId, id: DnsChangeId) -> model::Result<String> {
    Ok(write(&one(services, actor, directory, id).await?))
}

/// What is put in can't leave its place: addresses and ids are checked to be such, and of the domain's name only what such a
/// name is made of is taken.
fn write(change: &DnsChange) -> String {
    let domain: String = change.domain.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).collect();
    TEMPLATE
        .replace("@OLD@", &change.old)
        .replace("@NEW@", &change.new)
        .replace("@DOMAIN@", &domain)
        .replace("@DIRECTORY@", change.directory.as_str())
        .replace('\n', "\r\n")
}

#[cfg(test)]
mod tests {
    use model::{
        Stamp,
        directories::{DnsCounts, DnsState, Moment},
    };
    use uuid::Uuid;

    use super::*;

    fn change(domain: &str) -> DnsChange {
        let at = Stamp { local: String::new(), ago: String::new(), utc: String::new(), machine: String::new() };
        DnsChange {
            id: DnsChangeId(Uuid::nil()),
            directory: "d-906731a2b4".parse().unwrap(),
            domain: domain.into(),
            old: "10.20.0.10".into(),
            new: "10.20.0.12".into(),
            before: vec!["10.20.0.10".into()],
            state: DnsState::Workspaces,
            begun: Moment { at, by: "A".into() },
            findings: vec![],
            frozen: None,
            left_then: 0,
            opens: None,
            may_change: false,
            thaws: None,
            is_frozen: false,
            changed: None,
            early: false,
            verified: None,
            verification: vec![],
            ended: None,
            reason: None,
            counts: DnsCounts::default(),
        }
    }

    #[test]
    fn the_script_names_both_addresses_once_each_in_its_code() {
        let script = write(&change("corp.example.com"));
        for mark in ["@OLD@", "@NEW@", "@DOMAIN@", "@DIRECTORY@"] {
            assert!(TEMPLATE.contains(mark) && !script.contains(mark), "{mark}");
        }
        let (_, code) = script.split_once("#>").unwrap();
        assert!(code.contains("$old = '10.20.0.10'\r\n") && code.contains("$new = '10.20.0.12'\r\n"));
        assert_eq!((code.matches("10.20.0.10").count(), code.matches("10.20.0.12").count()), (1, 1));
        assert!(script.is_ascii(), "PowerShell 5 reads a file without a byte order mark in the machine's own code page");
        assert_eq!(script.matches('\n').count(), script.matches("\r\n").count());
    }

    #[test]
    fn every_result_of_the_script_is_one_that_the_import_understands() {
        let code = TEMPLATE.split_once("#>").unwrap().1;
        let results: Vec<_> =
            code.match_indices("return @('").filter_map(|(at, mark)| code[at + mark.len()..].split('\'').next()).collect();
        assert_eq!(results.len(), 9);
        for result in results {
            assert!(model::directories::Told::from_result(result).is_some(), "{result}");
        }
    }

    #[test]
    fn the_script_is_powershell() {
        let mut parser = tree_sitter::Parser::new();
        parser.set_language(&tree_sitter_powershell::LANGUAGE.into()).unwrap();
        let mut has_error = |script: &str| parser.parse(script, None).unwrap().root_node().has_error();
        let script = write(&change("corp.example.com"));
        assert!(!has_error(&script));
        assert!(has_error(&script.replacen("return @(", "return @", 1)), "what is wrong is found");
    }

    #[test]
    fn no_name_ends_the_comment() {
        let script = write(&change("corp#>\r\nRemove-Item -Recurse C:\\"));
        assert_eq!(script.matches("#>").count(), 1);
        assert!(!script.contains("Remove-Item -Recurse"));
    }
}
