//! IP access control groups: from which public addresses people reach their WorkSpaces. Limits and effects are those of the
//! WorkSpaces Admin Guide (`amazon-workspaces-ip-access-control-groups`).

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::{Error, FieldError, IpGroupId, Result};

/// A group as AWS has it. A directory with no group lets everybody in; one with groups only whom a rule of one of them names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpGroup {
    pub id: IpGroupId,
    pub name: String,
    pub description: String,
    pub rules: Vec<IpRule>,
    /// Names of the directories that it is attached to, of those that the reader looks after.
    pub directories: Vec<String>,
    /// To how many others it is attached. Who does not look after them can't change it.
    pub elsewhere: usize,
}

/// One network that is let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpRule {
    /// `203.0.113.0/24`.
    pub cidr: String,
    pub description: String,
}

/// A group as a form brings it: a line for each rule, the network first and what it is after a space.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IpGroupForm {
    pub name: String,
    pub description: String,
    pub rules: String,
}

impl IpGroup {
    /// Rules that one group takes.
    pub const MOST_RULES: usize = 10;
    /// Groups that one directory takes.
    pub const MOST_OF_DIRECTORY: usize = 25;

    /// Whether no directory has it.
    pub fn is_free(&self) -> bool {
        self.directories.is_empty() && self.elsewhere == 0
    }

    /// Whether it lets nobody into the directories that have it: it has no rules.
    pub fn locks_out(&self) -> bool {
        self.rules.is_empty()
    }

    /// The rules as [`IpGroupForm`] writes them.
    pub fn lines(&self) -> String {
        let lines: Vec<_> =
            self.rules.iter().map(|rule| format!("{} {}", rule.cidr, rule.description).trim_end().to_owned()).collect();
        lines.join("\n")
    }
}

impl IpRule {
    /// What to know of it: AWS sees public addresses only.
    pub fn caution(&self) -> Option<&'static str> {
        let (address, bits) = self.cidr.split_once('/')?;
        let address: Ipv4Addr = address.parse().ok()?;
        if bits == "0" {
            return Some("lets everybody in");
        }
        (address.is_private() || address.is_loopback() || address.is_link_local())
            .then_some("a private network: AWS sees the public address behind which it stands, so this lets nobody in")
    }
}

impl IpGroupForm {
    /// The group's name, which AWS takes once in a Region.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `name`.
    pub fn parse_name(&self) -> Result<&str> {
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
            return Err(Error::invalid("name", "Give the group a name of 1 to 100 characters, such as \u{201c}Offices\u{201d}."));
        }
        Ok(name)
    }

    /// The rules, in their order.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `rules`, naming the line.
    pub fn parse_rules(&self) -> Result<Vec<IpRule>> {
        let mut rules: Vec<IpRule> = Vec::new();
        let mut fields = Vec::new();
        for (number, line) in (1..).zip(self.rules.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            let (cidr, description) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
            let rule = parse_cidr(cidr).and_then(|cidr| {
                if rules.iter().any(|rule| rule.cidr == cidr) { Err(format!("{cidr} stands there twice")) } else { Ok(cidr) }
            });
            match rule {
                Ok(cidr) => rules.push(IpRule { cidr, description: description.trim().chars().take(100).collect() }),
                Err(why) => fields.push(FieldError { field: "rules".into(), message: format!("Line {number}: {why}.") }),
            }
        }
        if rules.len() > IpGroup::MOST_RULES {
            let message = "A group takes at most 10 rules. Make a second group for the others: a directory can have 25.";
            fields.push(FieldError { field: "rules".into(), message: message.into() });
        }
        if fields.is_empty() { Ok(rules) } else { Err(Error::Invalid { fields }) }
    }
}

/// An IPv4 network; an address alone is a network of one.
fn parse_cidr(text: &str) -> std::result::Result<String, String> {
    let (address, bits) = text.split_once('/').unwrap_or((text, "32"));
    if address.contains(':') {
        return Err(format!("{text} is IPv6, and AWS takes IPv4 here"));
    }
    let address: Ipv4Addr =
        address.parse().map_err(|_| format!("\u{201c}{text}\u{201d} is no network; write it like 203.0.113.0/24"))?;
    let bits: u8 = match bits.parse() {
        Ok(bits @ 0..=32) if !text.contains("/+") => bits,
        _ => return Err(format!("what follows the slash in {text} has to be a number from 0 to 32")),
    };
    let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
    let network = Ipv4Addr::from(u32::from(address) & mask);
    if network != address {
        return Err(format!("{text} is an address within a network; do you mean {network}/{bits}"));
    }
    Ok(format!("{address}/{bits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Result<Vec<IpRule>> {
        IpGroupForm { rules: text.into(), ..IpGroupForm::default() }.parse_rules()
    }

    #[test]
    fn networks_are_checked_line_by_line() {
        let read = rules("203.0.113.0/24 Berlin office\n\n198.51.100.7\n0.0.0.0/0").unwrap();
        let read: Vec<_> = read.iter().map(|rule| (rule.cidr.as_str(), rule.description.as_str())).collect();
        assert_eq!(read, [("203.0.113.0/24", "Berlin office"), ("198.51.100.7/32", ""), ("0.0.0.0/0", "")]);
        for wrong in
            ["10.0.0.256", "203.0.113.5/24", "203.0.113.0/33", "203.0.113.0/", "203.0.113.0/+8", "2001:db8::/32", "office"]
        {
            let Err(Error::Invalid { fields }) = rules(wrong) else { panic!("{wrong} was taken") };
            assert!(fields[0].message.starts_with("Line 1: "), "{wrong}");
        }
        assert!(rules("203.0.113.0/24\n203.0.113.0/24 again").is_err());
        assert!(rules("203.0.113.5/24").unwrap_err().to_string().contains("203.0.113.0/24"));
    }

    #[test]
    fn a_group_takes_ten_rules() {
        let lines = |count: u8| (1..=count).map(|number| format!("203.0.113.{number}")).collect::<Vec<_>>().join("\n");
        assert_eq!(rules(&lines(10)).unwrap().len(), 10);
        assert!(rules(&lines(11)).is_err());
    }

    #[test]
    fn what_lets_nobody_or_everybody_in_is_said() {
        let caution = |cidr: &str| IpRule { cidr: cidr.into(), description: String::new() }.caution();
        assert!(caution("10.1.0.0/16").unwrap().contains("private"));
        assert_eq!(caution("0.0.0.0/0"), Some("lets everybody in"));
        assert_eq!(caution("203.0.113.0/24"), None);
    }

    #[test]
    fn rules_are_written_as_they_are_read() {
        let text = "203.0.113.0/24 Berlin office\n198.51.100.7/32";
        let group = IpGroup {
            id: "wsipg-0a1b2c3d4".parse().unwrap(),
            name: "Offices".into(),
            description: String::new(),
            rules: rules(text).unwrap(),
            directories: Vec::new(),
            elsewhere: 0,
        };
        assert_eq!(group.lines(), text);
    }
}
