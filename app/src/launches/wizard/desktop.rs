//! The step "Desktop": bundle, running mode, tags, and another bundle for single people.

use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    DraftId, FieldError, Page as Rows,
    directories::Freshness,
    launches::{DesktopForm, Draft, DraftPerson, Step},
    workspaces::Bundle,
};

use super::{PersonCell, StepHead, draft_id, is_open, no_draft};
use crate::{
    launches::api::{SaveDesktop, desktop},
    ui::{
        Button, ChoiceCard, ChoiceCards, Disclosure, ErrorSummary, FreshnessLine, Gloss, LinkButton, Look, Page, PostForm, Row,
        SearchField, SelectField, Table, Td, TextArea, TextField, Th, error_of, loaded, page_request, reading, text,
        use_query_map,
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

/// What a bundle has, in words.
fn describe(bundle: &Bundle) -> String {
    let volumes = match (bundle.root_gib, bundle.user_gib) {
        (Some(root), Some(user)) => format!(", {root} GB + {user} GB"),
        _ => String::new(),
    };
    format!("{}{} · {} · {}{volumes}", bundle.compute, size(&bundle.compute), bundle.system, bundle.protocol.as_str())
}

/// vCPU and memory of the compute types that AWS documents.
fn size(compute: &str) -> &'static str {
    match compute {
        "VALUE" => " (1 vCPU, 2 GB)",
        "STANDARD" => " (2 vCPU, 4 GB)",
        "PERFORMANCE" => " (2 vCPU, 8 GB)",
        "POWER" => " (4 vCPU, 16 GB)",
        "POWERPRO" => " (8 vCPU, 32 GB)",
        _ => "",
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
    let wanted = shown.to_lowercase();
    let error = move |field: &str| error_of(&errors, field).unwrap_or_default();
    let fits = |bundle: &Bundle| {
        let words = format!("{} {}", bundle.name, describe(bundle)).to_lowercase();
        wanted.split_whitespace().all(|word| words.contains(word)) || bundle.id.as_str() == form.bundle
    };
    let cards = bundles
        .iter()
        .filter(|bundle| fits(bundle))
        .map(|bundle| {
            let (what, checked) = (describe(bundle), bundle.id.as_str() == form.bundle);
            let owner = if bundle.owner == "AMAZON" { "by AWS" } else { "your own" };
            view! {
                <ChoiceCard name="bundle" value=bundle.id.to_string() title=bundle.name.clone() checked>
                    <Gloss>{what} " · " {owner}</Gloss>
                </ChoiceCard>
            }
        })
        .collect::<Vec<_>>();
    let is_auto = form.running_mode != "ALWAYS_ON";
    view! {
        <PostForm action=SaveDesktop::PATH>
            <input type="hidden" name="draft" value=id.to_string() />
            <div class="filters">
                <SearchField name="turn[narrow]" label="Narrow the bundles" value=shown placeholder="windows 11, ubuntu, power …" />
                <button type="submit" class="button" name="turn[to]" value="narrow">
                    "Narrow"
                </button>
            </div>
            <ChoiceCards name="bundle" legend="Bundle" error=error("bundle")>
                <div class="cards-scroll" tabindex="0" role="group" aria-label="Bundles">{cards}</div>
            </ChoiceCards>
            <ChoiceCards name="running_mode" legend="Running mode" error=error("running_mode")>
                <ChoiceCard name="running_mode" value="AUTO_STOP" title="AutoStop" checked=is_auto>
                    <Gloss>"Stops when nobody uses it and starts at sign-in. Billed by the hour beside a small monthly fee."</Gloss>
                </ChoiceCard>
                <ChoiceCard name="running_mode" value="ALWAYS_ON" title="AlwaysOn" checked=!is_auto>
                    <Gloss>"Always there at once. Billed by the month."</Gloss>
                </ChoiceCard>
            </ChoiceCards>
            <TextField
                name="auto_stop_hours"
                label="Hours until AutoStop"
                value=form.auto_stop_hours.clone()
                hint="Whole hours, 1 to 48. Only for AutoStop."
                error=error("auto_stop_hours")
                inputmode="numeric"
            />
            <TextArea
                name="tags"
                label="Tags"
                value=form.tags.clone()
                hint="One a line, written key=value. They go on each WorkSpace."
                error=error("tags")
                rows=3
            />
            <Disclosure summary="Another bundle for single people" id="single" open={people.request.number > 1}>
                <PersonBundles people bundles=bundles.clone() />
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
