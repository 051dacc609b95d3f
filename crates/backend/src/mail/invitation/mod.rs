//! The words of the invitation: one folder a language, text and HTML saying the same.

use minijinja::{AutoEscape, Environment, context, syntax::SyntaxConfig};
use model::{directories::Language, invitations::Contact};

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

/// The mail's parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Subject, text and HTML of a language.
fn sources(language: Language) -> [(&'static str, &'static str); 3] {
    let [subject, text, html] = match language {
        Language::En => [include_str!("en/subject.txt"), include_str!("en/body.txt"), include_str!("en/body.mjml")],
        Language::De => [include_str!("de/subject.txt"), include_str!("de/body.txt"), include_str!("de/body.mjml")],
    };
    [("subject.txt", subject), ("body.txt", text), ("body.mjml", html)]
}

/// Writes the mail.
pub(crate) fn render(invitation: &Invitation<'_>) -> Result<Rendered, Fault> {
    let bug = |error: minijinja::Error| Fault::Bug(format!("the invitation's template: {error:#}"));
    let mut templates = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(bug)?;
    templates.set_syntax(syntax);
    templates.set_auto_escape_callback(|name| if name.ends_with(".mjml") { AutoEscape::Html } else { AutoEscape::None });
    for (name, source) in sources(invitation.language) {
        templates.add_template(name, source).map_err(bug)?;
    }
    let words = context! {
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
    };
    let part = |name: &str| templates.get_template(name).and_then(|template| template.render(&words)).map_err(bug);
    let markup = part("body.mjml")?;
    let parsed = mrml::parse(&markup).map_err(|error| Fault::Bug(format!("the invitation's MJML: {error}")))?;
    let html = parsed
        .element
        .render(&mrml::prelude::render::RenderOptions::default())
        .map_err(|error| Fault::Bug(format!("the invitation's MJML: {error}")))?;
    Ok(Rendered { subject: part("subject.txt")?.trim().to_owned(), text: part("body.txt")?, html })
}

/// Names come from Active Directory and may hold anything: no line breaks or control characters reach a header or a line,
/// and nothing that turns the text after the name around.
fn single_line(text: &str) -> String {
    text.replace(turns_direction, "")
        .split(|character: char| character.is_control() || character.is_whitespace())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Unicode's property Bidi_Control.
fn turns_direction(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
    fn a_name_does_not_turn_the_text_around() {
        assert_eq!(single_line("\u{202e}Marta\u{2066} \u{200f}Mü\u{200e}ller\u{2069}"), "Marta Müller");
        assert_eq!(single_line("نو\u{200c}ید"), "نو\u{200c}ید", "joiners are part of how a name is written");
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
