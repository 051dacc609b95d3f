//! Writing a mail from its templates: minijinja, then MJML for the HTML part.

use minijinja::{AutoEscape, Environment, Value, syntax::SyntaxConfig};

use crate::Fault;

/// The sources of one kind of mail.
pub(super) struct Templates {
    /// For errors.
    pub name: &'static str,
    pub subject: &'static str,
    pub text: &'static str,
    pub mjml: &'static str,
}

/// The mail's parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Templates {
    /// Writes the mail. Words are escaped in the HTML part.
    pub(super) fn render(&self, words: &Value) -> Result<Rendered, Fault> {
        let bug = |error: minijinja::Error| Fault::Bug(format!("the template of the {}: {error:#}", self.name));
        let mut templates = Environment::new();
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(bug)?;
        templates.set_syntax(syntax);
        templates.set_auto_escape_callback(|name| if name.ends_with(".mjml") { AutoEscape::Html } else { AutoEscape::None });
        for (name, source) in [("subject.txt", self.subject), ("body.txt", self.text), ("body.mjml", self.mjml)] {
            templates.add_template(name, source).map_err(bug)?;
        }
        let part = |name: &str| templates.get_template(name).and_then(|template| template.render(words)).map_err(bug);
        let mjml = |error: &dyn std::fmt::Display| Fault::Bug(format!("the MJML of the {}: {error}", self.name));
        let parsed = mrml::parse(&part("body.mjml")?).map_err(|error| mjml(&error))?;
        let html = parsed.element.render(&mrml::prelude::render::RenderOptions::default()).map_err(|error| mjml(&error))?;
        Ok(Rendered { subject: part("subject.txt")?.trim().to_owned(), text: part("body.txt")?, html })
    }
}

/// Names come from elsewhere and may hold anything: no line breaks or control characters reach a header or a line, and nothing
/// that turns the text after the name around.
pub(super) fn single_line(text: &str) -> String {
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

    #[test]
    fn a_name_does_not_turn_the_text_around() {
        assert_eq!(single_line("\u{202e}Marta\u{2066} \u{200f}Mü\u{200e}ller\u{2069}"), "Marta Müller");
        assert_eq!(single_line("نو\u{200c}ید"), "نو\u{200c}ید", "joiners are part of how a name is written");
    }
}
