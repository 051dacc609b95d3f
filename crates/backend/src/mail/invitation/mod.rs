//! The words of the invitation: one folder a language, text and HTML saying the same.

use minijinja::context;
use model::{directories::Language, invitations::Contact};

use super::template::{Rendered, Templates, single_line};
use crate::Fault;

/// What the words are about.
#[derive(Debug, Clone)]
pub(crate) struct Invitation<'a> {
    pub name: &'a str,
    pub given_name: Option<&'a str>,
    pub account: &'a str,
    pub company: &'a str,
    pub asked_by: &'a str,
    pub registration_code: &'a str,
    /// The welcome page with the token.
    pub link: &'a str,
    pub contact: &'a Contact,
    pub language: Language,
}

fn templates(language: Language) -> Templates {
    let [subject, text, mjml] = match language {
        Language::En => [include_str!("en/subject.txt"), include_str!("en/body.txt"), include_str!("en/body.mjml")],
        Language::De => [include_str!("de/subject.txt"), include_str!("de/body.txt"), include_str!("de/body.mjml")],
    };
    Templates { name: "invitation", subject, text, mjml }
}

/// Writes the mail.
pub(crate) fn render(invitation: &Invitation<'_>) -> Result<Rendered, Fault> {
    templates(invitation.language).render(&context! {
        name => single_line(invitation.name),
        greeting => single_line(invitation.given_name.unwrap_or(invitation.name)),
        account => invitation.account,
        company => invitation.company,
        asked_by => single_line(invitation.asked_by),
        code => invitation.registration_code,
        link => invitation.link,
        downloads => model::invitations::CLIENT_DOWNLOADS,
        phone => &invitation.contact.phone,
        mail => &invitation.contact.mail,
        hours => &invitation.contact.hours,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact() -> Contact {
        Contact {
            phone: Some("+49 30 1234567".into()),
            mail: Some("helpdesk@corp.example.com".into()),
            hours: Some("Mon–Fri 8–18".into()),
        }
    }

    fn invitation<'a>(name: &'a str, given_name: Option<&'a str>, contact: &'a Contact) -> Invitation<'a> {
        Invitation {
            name,
            given_name,
            account: "m.mueller",
            company: "Example Corp",
            asked_by: "Helena Keller",
            registration_code: "WSfra+7KQ2MD",
            link: "http://127.0.0.1:3000/welcome/dGhlIHRva2VuIG9mIHRoZSB0ZXN0cywgMzIgYnl0ZXM",
            contact,
            language: Language::En,
        }
    }

    #[test]
    fn the_german_parts() {
        let contact = contact();
        let german = Invitation { language: Language::De, ..invitation("Marta Müller", Some("Marta"), &contact) };
        let rendered = render(&german).unwrap();
        insta::assert_snapshot!(format!("Subject: {}\n\n{}", rendered.subject, rendered.text));
        for fact in
            ["WSfra+7KQ2MD", "m.mueller", "Helena Keller", "+49 30 1234567", "/welcome/", "Benutzername", "Registrierungscode"]
        {
            assert!(rendered.html.contains(fact), "html: {fact}");
        }
        for english in ["Hello", "password", "helpdesk.</", "registration"] {
            assert!(!rendered.html.contains(english) && !rendered.text.contains(english), "{english}");
        }
    }

    #[test]
    fn the_text_part() {
        let contact = contact();
        let rendered = render(&invitation("Marta Müller", Some("Marta"), &contact)).unwrap();
        insta::assert_snapshot!(format!("Subject: {}\n\n{}", rendered.subject, rendered.text));
    }

    #[test]
    fn the_html_part() {
        let contact = contact();
        let rendered = render(&invitation("Marta Müller", Some("Marta"), &contact)).unwrap();
        insta::assert_snapshot!(rendered.html);
    }

    #[test]
    fn a_name_is_never_markup_and_never_a_header() {
        let contact = Contact::default();
        let rendered = render(&invitation("<script>alert(1)</script>\r\nBcc: x@y.example", None, &contact)).unwrap();
        assert!(!rendered.html.contains("<script>alert"), "{}", rendered.html);
        assert!(!rendered.subject.contains(['\r', '\n']));
    }

    #[test]
    fn both_parts_hold_the_same_facts() {
        let contact = contact();
        let rendered = render(&invitation("مريم العلي", None, &contact)).unwrap();
        for fact in ["WSfra+7KQ2MD", "m.mueller", "Helena Keller", "+49 30 1234567", "/welcome/", "Example Corp", "مريم العلي"]
        {
            assert!(rendered.text.contains(fact), "text: {fact}");
            assert!(rendered.html.contains(fact), "html: {fact}");
        }
    }
}
