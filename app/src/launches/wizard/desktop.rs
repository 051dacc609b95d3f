//! The step "Desktop": what all get, and another bundle for single people.

use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    DraftId, FieldError, Page as Rows,
    directories::Freshness,
    launches::{DesktopForm, Draft, DraftPerson, Step},
    workspaces::Bundle,
};

use super::{PersonCell, StepHead, draft_id, is_open, no_draft};
use crate::{
    launches::{
        DesktopFields,
        api::{SaveDesktop, desktop},
    },
    ui::{
        Button, Disclosure, ErrorSummary, FreshnessLine, LinkButton, Look, Page, PostForm, Row, SelectField, Table, Td, Th,
        loaded, page_request, reading, text, use_query_map,
    },
};

#[component]
pub fn DesktopPage() -> impl IntoView {
    let (id, query) = (draft_id(), use_query_map());
    let page = reading(
        move || (id.get(), query.with(page_request)),
        |(id, page)| async move { desktop(id.ok_or_else(no_draft)?, page).await },
    );
    view! {
        <Page title="Desktop · New launch">
            {loaded(
                page,
                move |(draft, bundles, freshness, people): (Draft, Vec<Bundle>, Freshness, Rows<DraftPerson>)| {
                    let shown = query.with_untracked(|query| text(query, "bundle_q"));
                    let (id, errors) = (draft.id, draft.errors.clone());
                    let open = is_open(&draft, Step::Desktop);
                    view! {
                        <StepHead draft=draft.clone() step=Step::Desktop title="Which desktop?" lead="For all of them; single people can get another one below." />
                        <ErrorSummary errors=errors.clone() />
                        {open.then(|| view! { <Form id form=draft.desktop people bundles shown errors /> })}
                        <FreshnessLine freshness />
                    }
                },
            )}
        </Page>
    }
}

#[component]
fn Form(
    id: DraftId,
    form: DesktopForm,
    people: Rows<DraftPerson>,
    bundles: Vec<Bundle>,
    /// Only bundles with all of these words; the chosen one always.
    shown: String,
    errors: Vec<FieldError>,
) -> impl IntoView {
    view! {
        <PostForm action=SaveDesktop::PATH>
            <input type="hidden" name="draft" value=id.to_string() />
            <DesktopFields form bundles=bundles.clone() shown errors />
            <Disclosure summary="Another bundle for single people" id="single" open={people.request.number > 1}>
                <PersonBundles people bundles />
            </Disclosure>
            <div class="form-actions">
                <LinkButton href=format!("/launches/new/{id}/people") look=Look::Quiet>
                    "Back"
                </LinkButton>
                <Button look=Look::Primary>"Continue to check"</Button>
            </div>
        </PostForm>
    }
}

#[component]
fn PersonBundles(people: Rows<DraftPerson>, bundles: Vec<Bundle>) -> impl IntoView {
    let (number, total) = (i64::from(people.request.number), people.total);
    let pages = (total + people.request.limit() - 1) / people.request.limit();
    let rows = people
        .rows
        .into_iter()
        .map(|person| {
            let mut options = vec![(String::new(), "As for all".to_owned())];
            options.extend(bundles.iter().map(|bundle| (bundle.id.to_string(), bundle.name.clone())));
            let (label, field) = (format!("Bundle of {}", person.name), format!("bundles[of-{}]", person.guid));
            let value = person.bundle.map(|bundle| bundle.to_string()).unwrap_or_default();
            view! {
                <Row>
                    <PersonCell name=person.name account=person.account />
                    <Td label="Bundle">
                        <SelectField name=field label options value hide_label=true />
                    </Td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table caption="Bundles of single people" keys=false>
            <thead>
                <tr>
                    <Th>"Person"</Th>
                    <Th>"Bundle"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
        {(pages > 1)
            .then(|| {
                view! {
                    <div class="form-actions">
                        <p class="count">{format!("Page {number} of {pages}. Turning keeps what is chosen here.")}</p>
                        {(number > 1).then(|| view! { <Turn to=number - 1 label="Previous" /> })}
                        {(number < pages).then(|| view! { <Turn to=number + 1 label="Next" /> })}
                    </div>
                }
            })}
    }
}

/// Saves the form and comes back to another page of people.
#[component]
fn Turn(to: i64, label: &'static str) -> impl IntoView {
    view! {
        <button type="submit" class="button small" name="turn[to]" value=to.to_string()>
            {label}
        </button>
    }
}
