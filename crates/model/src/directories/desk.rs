//! How Frontdesk itself works for a directory: what AWS knows nothing of.

use serde::{Deserialize, Serialize};

use crate::{Error, FieldError, Result, access::Role, invitations::Contact, people::mail_obstacle};

/// A language that invited people are written to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    En,
    De,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// BCP 47, as forms and the database write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.as_str() == text)
    }

    /// In its own words.
    pub fn label(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
        }
    }
}

/// What is set for a directory; what is `None` is as the configuration has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desk {
    pub contact: Contact,
    pub language: Language,
    /// IANA's name, such as `Europe/Berlin`.
    pub time_zone: Option<String>,
    /// The configured domain in which its people are looked up, where that is not the directory's own name.
    pub ad_domain: Option<String>,
    /// The organizational unit under which people have to stand to get a WorkSpace here.
    pub scope_ou: Option<String>,
    /// Groups whose members are helpdesk here.
    pub helpdesk_groups: Vec<String>,
    /// Groups whose members may look at desktops here. The record is of all directories and not theirs.
    pub auditor_groups: Vec<String>,
}

impl Desk {
    /// Whom its people call: what is set, or else what the configuration says.
    pub fn contact_or(&self, standard: &Contact) -> Contact {
        let Contact { phone, mail, hours } = self.contact.clone();
        Contact {
            phone: phone.or_else(|| standard.phone.clone()),
            mail: mail.or_else(|| standard.mail.clone()),
            hours: hours.or_else(|| standard.hours.clone()),
        }
    }
}

/// What the page shows beside the desk itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskPage {
    pub desk: Desk,
    /// What holds where nothing is set.
    pub contact: Contact,
    pub time_zone: String,
    /// The domains that are configured.
    pub domains: Vec<String>,
    /// The organizational units of the domain in which its people are; `None` where Active Directory does not tell them.
    pub units: Option<Vec<String>>,
    /// Groups that the configuration lets work here.
    pub configured: Vec<(Role, String)>,
}

/// The form, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeskForm {
    pub phone: String,
    pub mail: String,
    pub hours: String,
    pub language: String,
    pub time_zone: String,
    pub ad_domain: String,
    pub scope_ou: String,
    /// One a line.
    pub helpdesk_groups: String,
    pub auditor_groups: String,
}

/// The longest line of a contact, in characters.
const LONGEST: usize = 100;
/// The longest name of a group: a distinguished name (Active Directory's limit is 255 for each part).
const LONGEST_GROUP: usize = 500;
/// Groups of one role.
const MOST_GROUPS: usize = 20;

impl DeskForm {
    /// Checks what can be checked without asking. That the zone, the unit and the groups are there, others have to tell.
    ///
    /// # Errors
    /// [`Error::Invalid`] on the fields.
    pub fn parse(&self, domains: &[String]) -> Result<Desk> {
        let mut fields = Vec::new();
        let mut wrong = |field: &str, message: String| fields.push(FieldError { field: field.to_owned(), message });
        for (field, typed) in [("phone", &self.phone), ("mail", &self.mail), ("hours", &self.hours)] {
            if typed.trim().chars().count() > LONGEST || typed.trim().chars().any(char::is_control) {
                wrong(field, format!("At most {LONGEST} characters on one line. Nothing was saved."));
            }
        }
        if !self.phone.trim().is_empty() && !self.phone.chars().any(|character| character.is_ascii_digit()) {
            wrong("phone", "A phone number has digits. Nothing was saved.".to_owned());
        }
        if !self.mail.trim().is_empty() && mail_obstacle(Some(self.mail.trim())).is_some() {
            wrong("mail", "Write a mail address such as helpdesk@corp.example.com. Nothing was saved.".to_owned());
        }
        let language = Language::parse(&self.language);
        if language.is_none() {
            wrong("language", "Choose one of the languages. Nothing was saved.".to_owned());
        }
        let ad_domain = text(&self.ad_domain);
        if ad_domain.as_ref().is_some_and(|domain| !domains.contains(domain)) {
            wrong("ad_domain", "Choose one of the configured domains. Nothing was saved.".to_owned());
        }
        let (helpdesk_groups, auditor_groups) = (lines(&self.helpdesk_groups), lines(&self.auditor_groups));
        for (field, groups) in [("helpdesk_groups", &helpdesk_groups), ("auditor_groups", &auditor_groups)] {
            let unusable = |group: &String| group.chars().count() > LONGEST_GROUP || group.chars().any(char::is_control);
            if groups.len() > MOST_GROUPS || groups.iter().any(unusable) {
                wrong(field, format!("At most {MOST_GROUPS} groups, one a line. Nothing was saved."));
            }
        }
        let (Some(language), true) = (language, fields.is_empty()) else { return Err(Error::Invalid { fields }) };
        Ok(Desk {
            contact: Contact { phone: text(&self.phone), mail: text(&self.mail), hours: text(&self.hours) },
            language,
            time_zone: text(&self.time_zone),
            ad_domain,
            scope_ou: text(&self.scope_ou),
            helpdesk_groups,
            auditor_groups,
        })
    }
}

fn text(typed: &str) -> Option<String> {
    let typed = typed.trim();
    (!typed.is_empty()).then(|| typed.to_owned())
}

/// Each name once, in the order in which they were typed.
fn lines(typed: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in typed.lines().filter_map(text) {
        if !found.iter().any(|known| known.eq_ignore_ascii_case(&line)) {
            found.push(line);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> DeskForm {
        DeskForm { language: "de".into(), ..DeskForm::default() }
    }

    fn wrong(form: &DeskForm) -> String {
        let Err(Error::Invalid { mut fields }) = form.parse(&["corp.example.com".to_owned()]) else { return String::new() };
        fields.remove(0).field
    }

    #[test]
    fn what_is_left_empty_is_as_configured() {
        let desk = form().parse(&[]).unwrap();
        assert_eq!(desk, Desk { language: Language::De, ..Desk::default() });
        let standard = Contact { phone: Some("+49 30 1".into()), mail: None, hours: Some("always".into()) };
        let own = Desk { contact: Contact { hours: Some("9 to 5".into()), ..Contact::default() }, ..Desk::default() };
        assert_eq!(own.contact_or(&standard), Contact { hours: Some("9 to 5".into()), ..standard });
    }

    #[test]
    fn groups_stand_one_a_line_and_each_once() {
        let form = DeskForm { helpdesk_groups: " Berlin Desk \r\n\r\nberlin desk\nCN=Night,DC=corp\n".into(), ..form() };
        assert_eq!(form.parse(&[]).unwrap().helpdesk_groups, ["Berlin Desk", "CN=Night,DC=corp"]);
    }

    #[test]
    fn nonsense_is_told_at_its_field() {
        assert_eq!(wrong(&DeskForm { mail: "helpdesk".into(), ..form() }), "mail");
        assert_eq!(wrong(&DeskForm { phone: "call us".into(), ..form() }), "phone");
        assert_eq!(wrong(&DeskForm { hours: "x".repeat(101), ..form() }), "hours");
        assert_eq!(wrong(&DeskForm { hours: "9\0".into(), ..form() }), "hours");
        assert_eq!(wrong(&DeskForm { language: "xx".into(), ..form() }), "language");
        assert_eq!(wrong(&DeskForm { ad_domain: "other.example".into(), ..form() }), "ad_domain");
        assert_eq!(wrong(&DeskForm { auditor_groups: format!("a\n{}", "b".repeat(501)), ..form() }), "auditor_groups");
        let many: String = (0..21).map(|number| format!("group {number}\n")).collect();
        assert_eq!(wrong(&DeskForm { helpdesk_groups: many, ..form() }), "helpdesk_groups");
    }
}
