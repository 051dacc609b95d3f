//! `/offerings/draft/{draft}`.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_params_map;
use model::{
    DraftId, Error, FieldError,
    offerings::{Draft, OfferingForm, Picture, asking_roles},
    workspaces::Bundle,
};

use super::{
    api::{DiscardOffering, Editing, SaveOffering, draft},
    parts::Published,
};
use crate::{
    Failure,
    launches::DesktopFields,
    ui::{
        Back, Button, Checkbox, ChoiceCard, ChoiceCards, ErrorSummary, FreshnessLine, Icon, Look, Page, PageHeader, PostForm,
        Section, SelectField, TextArea, TextField, error_of, loaded, reading, text, use_query_map,
    },
};

/// The draft that the address names.
pub(super) fn draft_id() -> Memo<Option<DraftId>> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("draft").and_then(|id| id.parse().ok())))
}

/// A new offering, or the change of one.
#[component]
pub fn EditPage() -> impl IntoView {
    let (id, query) = (draft_id(), use_query_map());
    let page = reading(move || id.get(), |id| async move { draft(id.ok_or(Failure(Error::NotFound))?).await });
    view! {
        <Page title="Offering" narrow=true>
            {loaded(
                page,
                move |(draft, bundles, directories, freshness): Editing| {
                    let shown = query.with_untracked(|query| text(query, "bundle_q"));
                    let back = match draft.of {
                        Some((offering, _)) => Back::to(format!("/offerings/{offering}"), "The offering"),
                        None => Back::to("/offerings", "Offerings"),
                    };
                    let title = if draft.of.is_some() { "Change an offering" } else { "New offering" };
                    view! {
                        <PageHeader title back lead="Nothing is offered before you have seen what managers will see." />
                        <ErrorSummary errors=draft.errors.clone() />
                        {match draft.published {
                            Some(offering) => Either::Left(view! { <Published offering /> }),
                            None => Either::Right(view! { <Form draft bundles directories shown /> }),
                        }}
                        <FreshnessLine freshness />
                    }
                },
            )}
        </Page>
    }
}

#[component]
fn Form(draft: Draft, bundles: Vec<Bundle>, directories: Vec<(String, String)>, shown: String) -> impl IntoView {
    let Draft { id, form, errors, .. } = draft;
    view! {
        <PostForm action=SaveOffering::PATH label="Offering">
            <input type="hidden" name="draft" value=id.to_string() />
            <Words form=form.clone() errors=errors.clone() />
            <Made form=form.clone() bundles directories shown errors=errors.clone() />
            <Asking form errors />
            <div class="form-actions">
                <Button look=Look::Quiet elsewhere=DiscardOffering::PATH>
                    "Throw the draft away"
                </Button>
                <Button look=Look::Primary>"Continue to preview"</Button>
            </div>
        </PostForm>
    }
}

/// What AWS makes.
#[component]
fn Made(
    form: OfferingForm,
    bundles: Vec<Bundle>,
    directories: Vec<(String, String)>,
    shown: String,
    errors: Vec<FieldError>,
) -> impl IntoView {
    let of_fields = errors.clone();
    let error = move |field: &str| error_of(&errors, field).unwrap_or_default();
    let mut options = vec![(String::new(), "Choose a directory".to_owned())];
    options.extend(directories);
    view! {
        <Section title="The desktop">
            <SelectField
                name="form[directory]"
                id="directory"
                label="Directory"
                options
                value=form.directory
                hint="Its people can get this desktop."
                error=error("directory")
            />
            <DesktopFields form=form.desktop bundles shown errors=of_fields />
            <TextField
                name="form[hours]"
                id="hours"
                label="Hours a month"
                value=form.hours
                hint="How long such a desktop is used in a month, as you expect. Only for the price of AutoStop."
                error=error("hours")
                inputmode="numeric"
                short=true
            />
        </Section>
    }
}

/// What managers read.
#[component]
fn Words(form: OfferingForm, errors: Vec<FieldError>) -> impl IntoView {
    let error = move |field: &str| error_of(&errors, field).unwrap_or_default();
    let pictures = Picture::ALL
        .into_iter()
        .map(|picture| {
            let checked = picture.as_str() == form.picture;
            view! {
                <ChoiceCard name="form[picture]" value=picture.as_str() title=picture.label() checked>
                    <Icon name=super::parts::icon(picture) />
                </ChoiceCard>
            }
        })
        .collect_view();
    view! {
        <Section title="In people\u{2019}s words">
            <TextField
                name="form[name]"
                id="name"
                label="Name"
                value=form.name
                hint="As managers would call it: Office desktop."
                error=error("name")
                autocomplete="off"
            />
            <TextArea
                name="form[description]"
                id="description"
                label="Description (optional)"
                value=form.description
                hint="For whom it is, and what is on it. At most 500 characters."
                error=error("description")
                rows=3
            />
            <ChoiceCards name="picture" legend="Picture" error=error("picture")>
                {pictures}
            </ChoiceCards>
        </Section>
    }
}

/// Who may ask for it, and what then happens.
#[component]
fn Asking(form: OfferingForm, errors: Vec<FieldError>) -> impl IntoView {
    let error = move |field: &str| error_of(&errors, field).unwrap_or_default();
    let roles = asking_roles()
        .iter()
        .map(|role| {
            let role = role.as_str();
            let checked = form.roles.iter().any(|chosen| chosen == role);
            view! { <ChoiceCard name="form[roles][]" value=role title=role checked several=true /> }
        })
        .collect_view();
    view! {
        <Section
            title="Who may ask for it"
            lead="Whoever has one of the roles, is in one of the groups, or in one of the departments. All empty: everybody who may ask for desktops."
        >
            <ChoiceCards name="roles" legend="Roles" error=error("roles")>
                {roles}
            </ChoiceCards>
            <TextArea
                name="form[groups]"
                id="groups"
                label="Groups (optional)"
                value=form.groups
                hint="One a line: the common name or the distinguished name in Active Directory. Members through other groups count."
                error=error("groups")
                rows=3
            />
            <TextArea
                name="form[departments]"
                id="departments"
                label="Departments (optional)"
                value=form.departments
                hint="One a line, as Active Directory has them."
                error=error("departments")
                rows=3
            />
            <Checkbox
                name="form[needs_approval]"
                value="true"
                label="Somebody has to approve it"
                hint="Without, rules may still ask for an approval."
                checked=form.needs_approval
            />
            <TextField
                name="form[most_per_manager]"
                id="most_per_manager"
                label="Most desktops for each manager (optional)"
                value=form.most_per_manager
                hint="Empty: no limit."
                error=error("most_per_manager")
                inputmode="numeric"
                short=true
            />
        </Section>
    }
}
