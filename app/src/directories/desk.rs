//! Frontdesk's own part of a directory's settings.

use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    DirectoryId,
    directories::{Desk, DeskPage, Language},
    invitations::Contact,
};

use super::{api::SetDesk, parts::Save};
use crate::ui::{Fact, Facts, PostForm, Section, SelectField, TextArea, TextField};

/// Whom people call, where they are looked up, and who may work here.
#[component]
pub(super) fn DeskSection(
    id: DirectoryId,
    /// The directory's own name.
    name: String,
    page: DeskPage,
) -> impl IntoView {
    let DeskPage { desk, contact, time_zone, domains, units, configured } = page;
    let Desk { contact: own, language, time_zone: zone, ad_domain, scope_ou, helpdesk_groups, auditor_groups } = desk;
    let languages = Language::ALL.map(|language| (language.as_str().to_owned(), language.label().to_owned())).to_vec();
    let configured =
        configured.into_iter().map(|(role, group)| view! { <Fact label=role.as_str()>{group}</Fact> }).collect_view();
    view! {
        <Section title="Frontdesk itself" lead="What AWS knows nothing of. What is left empty is as the configuration has it.">
            <PostForm action=SetDesk::PATH label="Frontdesk itself">
                <input type="hidden" name="id" value=id.to_string() />
                <Callers own standard=contact />
                <SelectField
                    name="form[language]"
                    label="Language of its people"
                    options=languages
                    value=language.as_str()
                    hint="Invitations and the page that their link opens are written in it."
                />
                <TextField
                    name="form[time_zone]"
                    label="Time zone (optional)"
                    value=zone.unwrap_or_default()
                    hint=format!("Times of this directory are shown in it, with its abbreviation. Empty: {time_zone}.")
                    autocomplete="off"
                    short=true
                />
                <Where name ad_domain scope_ou domains units />
                <TextArea
                    name="form[helpdesk_groups]"
                    label="Groups that are helpdesk here"
                    value=helpdesk_groups.join("\n")
                    hint="One a line, by common name or distinguished name. Their members launch, invite and look after WorkSpaces in this directory only. It holds within five minutes."
                />
                <TextArea
                    name="form[auditor_groups]"
                    label="Groups that may look here"
                    value=auditor_groups.join("\n")
                    hint="One a line. Their members see the launches, WorkSpaces and invitations of this directory and change nothing."
                />
                <Save part="desk" said="Saved" />
            </PostForm>
            <p class="quiet">"The configuration also lets work here:"</p>
            <Facts>{configured}</Facts>
        </Section>
    }
}

/// Whom invited people call.
#[component]
fn Callers(own: Contact, standard: Contact) -> impl IntoView {
    let hint = |words: &str, standard: Option<String>| match standard {
        Some(standard) => format!("{words} Empty: {standard}."),
        None => format!("{words} Empty: none is named."),
    };
    view! {
        <TextField
            name="form[phone]"
            label="Helpdesk phone"
            value=own.phone.unwrap_or_default()
            hint=hint("In invitations and on their page.", standard.phone)
            kind="tel"
            autocomplete="off"
            short=true
        />
        <TextField
            name="form[mail]"
            label="Helpdesk mail"
            value=own.mail.unwrap_or_default()
            hint=hint("In invitations and on their page.", standard.mail)
            kind="email"
            autocomplete="off"
        />
        <TextField
            name="form[hours]"
            label="Helpdesk hours"
            value=own.hours.unwrap_or_default()
            hint=hint("As people read them, in their language.", standard.hours)
            autocomplete="off"
        />
    }
}

/// Where its people are looked up.
#[component]
fn Where(
    name: String,
    ad_domain: Option<String>,
    scope_ou: Option<String>,
    domains: Vec<String>,
    units: Option<Vec<String>>,
) -> impl IntoView {
    let mut options = vec![(String::new(), format!("{name} (the directory\u{2019}s own name)"))];
    options.extend(domains.into_iter().filter(|domain| *domain != name).map(|domain| (domain.clone(), domain)));
    let scope = scope_ou.unwrap_or_default();
    let mut within = vec![(String::new(), "The whole domain".to_owned())];
    if !scope.is_empty() && !units.iter().flatten().any(|unit| *unit == scope) {
        within.push((scope.clone(), format!("{scope} (as set; Active Directory does not show it)")));
    }
    within.extend(units.unwrap_or_default().into_iter().map(|unit| (unit.clone(), unit)));
    view! {
        <SelectField
            name="form[ad_domain]"
            label="Active Directory domain"
            options
            value=ad_domain.unwrap_or_default()
            hint="Where Frontdesk looks its people up. It has to be one that the configuration names."
        />
        <SelectField
            name="form[scope_ou]"
            label="Organizational unit of its people"
            options=within
            value=scope
            hint="Who stands outside of it can\u{2019}t be launched here, and the row says so."
        />
    }
}
