//! `/cost-centres/new` and `/cost-centres/{id}`.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_params_map;
use model::{
    CostCentreId, Error,
    cost_centres::{Candidate, CostCentreDraft, Current, Owner},
};

use super::api::{DiscardCostCentre, OpenCostCentre, SaveCostCentre, draft};
use crate::{
    Failure,
    ui::{
        Back, Button, ChoiceCard, ChoiceCards, ErrorSummary, Gloss, Look, Page, PageHeader, PostForm, Section, TextField,
        error_of, loaded, reading,
    },
};

/// The form of a new one.
#[component]
pub fn NewCostCentrePage() -> impl IntoView {
    let page = reading(|| (), |()| draft(None));
    view! {
        <Page title="New cost centre" narrow=true>
            {loaded(page, |draft| view! { <Form draft /> })}
        </Page>
    }
}

/// One that is changed, or one that is not right yet.
#[component]
pub fn CostCentrePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse::<CostCentreId>().ok())));
    let page = reading(
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => draft(Some(id)).await,
                None => Err(Failure(Error::NotFound)),
            }
        },
    );
    view! {
        <Page title="Cost centre" narrow=true>
            {loaded(page, |draft| view! { <Form draft /> })}
        </Page>
    }
}

#[component]
fn Form(draft: CostCentreDraft) -> impl IntoView {
    let CostCentreDraft { id, seen, now, kept, form, problems, owner, found, more } = draft;
    let title = now.as_ref().map_or_else(|| "New cost centre".to_owned(), |now| now.title.clone());
    let save = if now.is_some() { "Save" } else { "Make the cost centre" };
    let all = problems.clone();
    let error = move |field: &str| error_of(&all, field).unwrap_or_default();
    view! {
        <PageHeader title back=Back::to("/cost-centres", "Cost centres") />
        <ErrorSummary errors=problems />
        <PostForm action=SaveCostCentre::PATH label="Cost centre">
            <input type="hidden" name="id" value=id.to_string() />
            <input type="hidden" name="seen" value=seen.to_string() />
            <TextField
                name="form[number]"
                id="number"
                label="Number"
                value=form.number
                hint="As departmentNumber in Active Directory has it; so people are known to belong to it."
                error=error("number")
                autocomplete="off"
                required=true
                short=true
            />
            <TextField name="form[name]" id="name" label="Name" value=form.name error=error("name") autocomplete="off" required=true />
            <TextField
                name="form[cap]"
                id="cap"
                label="Cap a month (optional)"
                value=form.cap
                hint="What all of its desktops may cost together, such as 5000.00. Empty: no cap."
                error=error("cap")
                autocomplete="off"
                inputmode="decimal"
                short=true
            />
            <TextField
                name="form[currency]"
                id="currency"
                label="Currency"
                value=form.currency
                hint="Three letters, as in EUR. Prices in another currency can\u{2019}t be counted."
                error=error("currency")
                autocomplete="off"
                required=true
                short=true
            />
            <OwnerFields q=form.q owner found more wrong_q=error("q") wrong=error("owner") />
            <div class="form-actions">
                <Button look=Look::Primary>{save}</Button>
            </div>
        </PostForm>
        {kept.then(|| view! { <Discard id /> })}
        {now.map(|now| view! { <Closing id now /> })}
    }
}

/// Whom it belongs to: who is chosen, and whom the search finds.
#[component]
fn OwnerFields(
    q: String,
    owner: Option<Owner>,
    found: Vec<Candidate>,
    more: bool,
    wrong_q: String,
    wrong: String,
) -> impl IntoView {
    let chosen = owner.as_ref().map(|owner| owner.guid);
    let nobody = !q.trim().is_empty() && found.is_empty() && wrong_q.is_empty();
    let among = found.iter().any(|candidate| Some(candidate.owner.guid) == chosen);
    let first = owner.filter(|_| !among).map(|owner| Candidate { owner, mail: None, department: None });
    let people: Vec<_> = first.into_iter().chain(found).collect();
    let none = people.is_empty();
    let cards = people
        .into_iter()
        .map(|Candidate { owner, mail, department }| {
            let more = [Some(owner.account), mail, department].into_iter().flatten().collect::<Vec<_>>().join(" · ");
            view! {
                <ChoiceCard name="form[owner]" value=owner.guid.to_string() title=owner.name checked={chosen == Some(owner.guid)}>
                    <Gloss>{more}</Gloss>
                </ChoiceCard>
            }
        })
        .collect_view();
    view! {
        <TextField
            name="form[q]"
            id="q"
            label="Look for the owner"
            value=q
            hint="At least two letters of a name, an account or a mail address."
            error=wrong_q
            autocomplete="off"
        />
        <div>
            <Button act="find">"Look"</Button>
        </div>
        {nobody.then(|| view! { <p class="hint">"Nobody found. Names are found by how they begin; try the account or the mail address."</p> })}
        {more.then(|| view! { <p class="hint">"There are more than these. Type more of the name."</p> })}
        <ChoiceCards name="owner" legend="Owner" error=wrong hint="Who answers for its money, and may be asked to approve what goes beyond the cap.">
            {cards}
            {none.then(|| view! { <Gloss>"Nobody is chosen yet."</Gloss> })}
        </ChoiceCards>
    }
}

/// The way back to what is saved.
#[component]
fn Discard(id: CostCentreId) -> impl IntoView {
    view! {
        <PostForm action=DiscardCostCentre::PATH>
            <input type="hidden" name="id" value=id.to_string() />
            <div class="form-actions">
                <Button look=Look::Quiet>"Forget what was typed"</Button>
            </div>
        </PostForm>
    }
}

#[component]
fn Closing(id: CostCentreId, now: Current) -> impl IntoView {
    let (title, lead, button) = if now.open {
        (
            "Close it",
            "New requests can\u{2019}t name a closed cost centre. What is reserved or approved stays.",
            "Close to new requests",
        )
    } else {
        ("Open it again", "It is closed: new requests can\u{2019}t name it.", "Open to new requests")
    };
    let look = if now.open { Look::Danger } else { Look::Plain };
    view! {
        <Section title lead>
            <PostForm action=OpenCostCentre::PATH>
                <input type="hidden" name="id" value=id.to_string() />
                <input type="hidden" name="seen" value=now.version.to_string() />
                <input type="hidden" name="open" value=(!now.open).to_string() />
                <div class="form-actions">
                    <Button look>{button}</Button>
                </div>
            </PostForm>
        </Section>
    }
}
