//! The words of a letter with notices: one thing, or several that came together.

use minijinja::{Value, context};
use model::notices::Kind;

use super::template::{Rendered, Templates, single_line};
use crate::Fault;

/// What the words are about.
#[derive(Debug, Clone)]
pub(crate) struct Letter<'a> {
    /// The given name, or the whole one.
    pub greeting: &'a str,
    pub lines: &'a [Line],
    pub company: &'a str,
    /// Where people say what they want to be told.
    pub preferences: &'a str,
}

/// One thing that is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub kind: Kind,
    /// Of what was decided: all of it is refused.
    pub refused: bool,
    /// `2 × Office desktop`, or whose desktop it is.
    pub title: String,
    /// Names of facts with what they are, in order; empty ones are left out.
    pub facts: Vec<(&'static str, String)>,
    /// What somebody wrote, or what happens next.
    pub words: Option<String>,
    pub link: String,
}

impl Line {
    fn heading(&self) -> &'static str {
        match self.kind {
            Kind::Submitted => "Handed in",
            Kind::ToDecide => "To decide",
            Kind::Reminded => "Still to decide",
            Kind::Escalated => "Left undecided by others",
            Kind::Decided if self.refused => "Refused",
            Kind::Decided => "Approved",
            Kind::AskedBack => "A question",
            Kind::Ready => "Ready",
            Kind::EndsSoon => "Ends soon",
            Kind::Held => "Held",
        }
    }

    fn button(&self) -> &'static str {
        match self.kind {
            Kind::ToDecide | Kind::Reminded | Kind::Escalated => "See it and decide",
            Kind::AskedBack => "See it and answer",
            Kind::EndsSoon => "Ask for more time, or let it go",
            Kind::Held => "See the desktop",
            Kind::Submitted | Kind::Decided | Kind::Ready => "See the request",
        }
    }

    /// As the templates read it.
    fn shown(&self) -> Value {
        let facts = self.facts.iter().map(|(name, fact)| (*name, single_line(fact))).filter(|(_, fact)| !fact.is_empty());
        let words = self.words.as_deref().unwrap_or_default().lines().map(single_line).filter(|line| !line.is_empty());
        context! {
            heading => self.heading(),
            title => single_line(&self.title),
            facts => facts.map(|(name, fact)| context! { name, fact }).collect::<Vec<_>>(),
            words => words.collect::<Vec<_>>(),
            link => self.link.clone(),
            button => self.button(),
        }
    }
}

const TEMPLATES: Templates = Templates {
    name: "notice",
    subject: include_str!("en/subject.txt"),
    text: include_str!("en/body.txt"),
    mjml: include_str!("en/body.mjml"),
};

/// Writes the letter.
pub(crate) fn render(letter: &Letter<'_>) -> Result<Rendered, Fault> {
    // `2 to decide, 1 approved`, in the order in which they come.
    let mut counts: Vec<(String, usize)> = Vec::new();
    for line in letter.lines {
        let heading = line.heading().to_lowercase().trim_start_matches("a ").to_owned();
        match counts.iter_mut().find(|(counted, _)| *counted == heading) {
            Some((_, count)) => *count += 1,
            None => counts.push((heading, 1)),
        }
    }
    let some = |(heading, count): &(String, usize)| match (heading.as_str(), count) {
        ("question", 2..) => format!("{count} questions"),
        (heading, count) => format!("{count} {heading}"),
    };
    let counts: Vec<_> = counts.iter().map(some).collect();
    TEMPLATES.render(&context! {
        greeting => single_line(letter.greeting),
        lines => letter.lines.iter().map(Line::shown).collect::<Vec<_>>(),
        counts => counts.join(", "),
        company => letter.company,
        preferences => letter.preferences,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: Kind, facts: &[(&'static str, &str)], words: Option<&str>) -> Line {
        Line {
            kind,
            refused: false,
            title: "2 \u{d7} Office desktop".into(),
            facts: facts.iter().map(|(name, fact)| (*name, (*fact).to_owned())).collect(),
            words: words.map(str::to_owned),
            link: "https://desktops.corp.example.com/requests/0193".into(),
        }
    }

    fn to_decide() -> Line {
        let facts = [
            ("Asked by", "Marta García"),
            ("For", "Anna Nordwind and Ben Nordwind"),
            ("Why", "New colleagues"),
            ("A month", "80.00 EUR"),
            ("Needed by", "30 Nov 2026"),
        ];
        line(Kind::ToDecide, &facts, None)
    }

    fn asked_back() -> Line {
        line(Kind::AskedBack, &[("Asked by", "Pia Lindqvist")], Some("For how long?\n\nAnd is the small one enough?"))
    }

    fn written(lines: &[Line]) -> Rendered {
        let preferences = "https://desktops.corp.example.com/settings/mail";
        render(&Letter { greeting: "Pia", lines, company: "Example Corp", preferences }).unwrap()
    }

    fn whole(rendered: &Rendered) -> String {
        format!("Subject: {}\n\n{}", rendered.subject, rendered.text)
    }

    #[test]
    fn the_text_of_one() {
        insta::assert_snapshot!(whole(&written(&[to_decide()])));
    }

    #[test]
    fn the_text_of_several() {
        let refused = Line { refused: true, ..line(Kind::Decided, &[("Decided by", "Olaf Berg")], Some("Not this year")) };
        let ready = line(Kind::Ready, &[("For", "Anna Nordwind")], None);
        insta::assert_snapshot!(whole(&written(&[to_decide(), to_decide(), asked_back(), refused, ready])));
    }

    #[test]
    fn the_html_of_several() {
        insta::assert_snapshot!(written(&[to_decide(), asked_back()]).html);
    }

    #[test]
    fn the_subjects() {
        let of = |kind| written(&[line(kind, &[], None)]).subject;
        insta::assert_snapshot!(Kind::ALL.map(of).join("\n"));
    }

    #[test]
    fn what_people_write_is_never_markup_and_never_a_header() {
        let odd = Line {
            title: "<b>desk</b>\r\nBcc: x@y.example".into(),
            words: Some("<script>alert(1)</script>".into()),
            ..line(Kind::Decided, &[("Decided by", "<i>Eve</i>")], None)
        };
        let rendered = written(&[odd]);
        for markup in ["<b>desk", "<script>alert", "<i>Eve"] {
            assert!(!rendered.html.contains(markup), "{markup}");
        }
        assert!(!rendered.subject.contains(['\r', '\n']) && !rendered.text.contains("\nBcc"));
    }

    #[test]
    fn both_parts_hold_the_same_facts() {
        let rendered = written(&[to_decide(), asked_back()]);
        let facts =
            ["Marta García", "New colleagues", "80.00 EUR", "30 Nov 2026", "For how long?", "/requests/0193", "/settings/mail"];
        for fact in facts {
            assert!(rendered.text.contains(fact), "text: {fact}");
            assert!(rendered.html.contains(fact), "html: {fact}");
        }
    }
}
