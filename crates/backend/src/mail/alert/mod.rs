//! The words to admins about a directory: that something is the matter, that it still is, that it is over.

use minijinja::context;
use model::directories::{Concern, Directory, Matter, TroubleKind};

use super::template::{Rendered, Templates, single_line};
use crate::Fault;

/// What the words are about. Times are written as people read them.
#[derive(Debug, Clone)]
pub(crate) struct Alert<'a> {
    pub directory: &'a Directory,
    pub since: &'a str,
    pub news: News<'a>,
    /// The directory's page.
    pub link: &'a str,
    pub company: &'a str,
}

/// What there is to say.
#[derive(Debug, Clone)]
pub(crate) enum News<'a> {
    Trouble {
        concern: &'a Concern,
        /// It was told before.
        reminder: bool,
    },
    Over {
        /// The worst that it was.
        was: TroubleKind,
        ended: &'a str,
    },
}

const TEMPLATES: Templates = Templates {
    name: "alert",
    subject: include_str!("en/subject.txt"),
    text: include_str!("en/body.txt"),
    mjml: include_str!("en/body.mjml"),
};

/// Writes the mail.
pub(crate) fn render(alert: &Alert<'_>) -> Result<Rendered, Fault> {
    let Alert { directory, since, news, link, company } = alert;
    let about = context! {
        name => single_line(&directory.name),
        id => directory.id.as_str(),
        organization => directory.organization.as_deref().map(single_line),
        since => *since,
        link => *link,
        company => *company,
    };
    let news = match news {
        News::Trouble { concern, reminder } => context! {
            title => concern.kind.title(),
            meaning => concern.kind.meaning(),
            what_to_do => single_line(&concern.what_to_do),
            state => &concern.state,
            said => directory.stage_reason.as_deref().filter(|_| concern.kind.matter() == Matter::Connector).map(single_line),
            reminder,
        },
        News::Over { was, ended } => context! { title => was.title(), over => was.matter().over(), ended => *ended },
    };
    TEMPLATES.render(&context! { ..news, ..about })
}

#[cfg(test)]
mod tests {
    use model::directories::Devices;

    use super::*;

    fn directory(stage: &str, reason: &str) -> Directory {
        Directory {
            id: "d-906731a2b4".parse().unwrap(),
            name: "corp.example.com".into(),
            short_name: None,
            description: None,
            stage: stage.into(),
            stage_reason: Some(reason.into()),
            registration: Some("REGISTERED".into()),
            registration_error: None,
            registration_code: Some("WSfra+7KQ2MD".into()),
            devices: Devices::default(),
            organization: Some("Example Corp, Berlin".into()),
            size: None,
            vpc: None,
            subnets: Vec::new(),
            dns: Vec::new(),
            service_account: Some("svc-adconnector".into()),
            launched: None,
            stage_since: None,
            deregistration: None,
            people_known: true,
            domain: "corp.example.com".into(),
            taken_down: false,
            freeze: None,
        }
    }

    fn written(directory: &Directory, reminder: bool) -> Rendered {
        let concern = directory.concerns(None).remove(0);
        letter(directory, News::Trouble { concern: &concern, reminder })
    }

    fn letter(directory: &Directory, news: News<'_>) -> Rendered {
        let link = "https://desktops.corp.example.com/directories/d-906731a2b4";
        render(&Alert { directory, since: "28 Nov 2026, 09:12", news, link, company: "Example Corp" }).unwrap()
    }

    fn whole(rendered: &Rendered) -> String {
        format!("Subject: {}\n\n{}", rendered.subject, rendered.text)
    }

    fn refused() -> Directory {
        directory("Inoperable", "The credentials of the service account are not valid.")
    }

    #[test]
    fn the_text_of_a_trouble() {
        insta::assert_snapshot!(whole(&written(&refused(), false)));
    }

    #[test]
    fn the_text_of_a_reminder() {
        insta::assert_snapshot!(whole(&written(&refused(), true)));
    }

    #[test]
    fn the_text_when_it_is_over() {
        let news = News::Over { was: TroubleKind::Account, ended: "28 Nov 2026, 11:40" };
        insta::assert_snapshot!(whole(&letter(&refused(), news)));
    }

    #[test]
    fn the_html_of_a_trouble() {
        insta::assert_snapshot!(written(&refused(), false).html);
    }

    #[test]
    fn what_aws_and_admins_write_is_never_markup_and_never_a_header() {
        let odd = Directory {
            organization: Some("<b>Berlin</b>".into()),
            ..directory("Impaired", "<script>alert(1)</script>\r\nBcc: x@y.example")
        };
        let rendered = written(&odd, false);
        assert!(!rendered.html.contains("<script>alert") && !rendered.html.contains("<b>Berlin"), "{}", rendered.html);
        assert!(!rendered.subject.contains(['\r', '\n']) && !rendered.text.contains("\nBcc"));
    }

    #[test]
    fn both_parts_hold_the_same_facts() {
        let rendered = written(&refused(), false);
        for fact in
            ["corp.example.com", "28 Nov 2026, 09:12", "/directories/d-906731a2b4", "credentials of the service", "Berlin"]
        {
            assert!(rendered.text.contains(fact), "text: {fact}");
            assert!(rendered.html.contains(fact), "html: {fact}");
        }
    }
}
