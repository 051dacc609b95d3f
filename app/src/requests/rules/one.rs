//! One rule of the draft, as it is typed.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_params_map;
use model::{
    Error, FieldError, RuleId,
    requests::{MOST_STAGES, RuleForm, RulePage as Whole, StageForm},
};

use super::api::{SaveRule, get};
use crate::{
    Failure,
    ui::{
        Back, Button, Checkbox, ChoiceCard, ChoiceCards, ErrorSummary, Gloss, LinkButton, Look, Page, PageHeader, PostForm,
        Posts, Section, SelectField, TextArea, TextField, error_of, loaded, reading,
    },
};

#[component]
pub fn RulePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse::<RuleId>().ok())));
    let page = reading(move || id.get(), |id| async move { get(id.ok_or(Failure(Error::NotFound))?).await });
    view! {
        <Page title="Rule" narrow=true>
            {loaded(page, |rule| view! { <Content rule /> })}
        </Page>
    }
}

#[component]
fn Content(rule: Whole) -> impl IntoView {
    let Whole { id, form, errors, offerings, cost_centres, version } = rule;
    let error = |field: &str| error_of(&errors, field).unwrap_or_default();
    let title = if form.name.trim().is_empty() { "New rule".to_owned() } else { form.name.clone() };
    let (name, name_error) = (form.name.clone(), error("name"));
    let (chosen, each) = (form.offerings.clone(), Some(form.offerings_each.clone()));
    let (centres, offering_error, centre_error) = (form.cost_centres.clone(), error("offerings"), error("cost_centres"));
    let (bounds, who) = (form.clone(), form.clone());
    let (summary, bound_errors, who_errors) = (errors.clone(), errors.clone(), errors.clone());
    view! {
        <PageHeader
            title
            lead="All that is filled in has to hold. A rule without conditions always matches."
            back=Back::to("/requests/rules", "Rules")
        />
        <ErrorSummary errors=summary />
        <PostForm action=SaveRule::PATH>
            <input type="hidden" name="id" value=id.to_string() />
            <input type="hidden" name="seen" value=version.to_string() />
            <TextField name="rule[name]" id="name" label="Name" value=name error=name_error />
            <Section title="If …">
                <Ids
                    name="offerings"
                    legend="What is asked for"
                    choices=offerings
                    chosen
                    each
                    error=offering_error
                />
                <Bounds form=bounds errors=bound_errors />
                <Who form=who errors=who_errors />
                <Ids
                    name="cost_centres"
                    legend="Cost centre"
                    choices=cost_centres
                    chosen=centres
                    each=None
                    error=centre_error
                />
            </Section>
            <Then form errors />
            <div class="form-actions">
                <LinkButton href="/requests/rules" look=Look::Quiet>
                    "Back"
                </LinkButton>
                <Button look=Look::Primary disabled=Posts::pending(SaveRule::PATH)>
                    "Save the rule"
                </Button>
            </div>
        </PostForm>
    }
}

/// Some of a list, by their ids.
#[component]
fn Ids(
    name: &'static str,
    legend: &'static str,
    choices: Vec<(String, String)>,
    chosen: Vec<String>,
    /// `every` or `any`, where it matters which.
    each: Option<String>,
    error: String,
) -> impl IntoView {
    if choices.is_empty() {
        return ().into_any();
    }
    let field = format!("rule[{name}][]");
    let boxes = choices
        .into_iter()
        .map(|(id, label)| {
            let checked = chosen.contains(&id);
            view! { <Checkbox name=field.clone() value=id label checked /> }
        })
        .collect_view();
    let each = each.map(|value| {
        let options = vec![
            ("every".to_owned(), "Every desktop is one of these".to_owned()),
            ("any".to_owned(), "Any one of the desktops is".to_owned()),
        ];
        view! { <SelectField name=format!("rule[{name}_each]") label="Which of them" options value /> }
    });
    view! {
        <ChoiceCards name legend hint="None ticked: it does not matter." error>
            {boxes}
        </ChoiceCards>
        <input type="hidden" name=field value="sent" />
        {each}
    }
    .into_any()
}

/// A bound: no matter, up to, above; and its value.
#[component]
fn Bound(name: &'static str, label: &'static str, hint: &'static str, is: String, value: String, error: String) -> impl IntoView {
    let options = [("", "It does not matter"), ("up_to", "Up to"), ("above", "More than")];
    let options = options.map(|(value, text)| (value.to_owned(), text.to_owned())).to_vec();
    view! {
        <SelectField name=format!("rule[{name}_is]") label options value=is />
        <TextField
            name=format!("rule[{name}]")
            id=name
            label=format!("{label}: how much")
            value
            hint
            error
            autocomplete="off"
            short=true
        />
    }
}

#[component]
fn Bounds(form: RuleForm, errors: Vec<FieldError>) -> impl IntoView {
    let error = |field: &str| error_of(&errors, field).unwrap_or_default();
    const MONEY: &str = "As 100 EUR. A price that is not known is never low.";
    view! {
        <Bound
            name="request_price"
            label="All of it costs a month"
            hint=MONEY
            is=form.request_price_is
            value=form.request_price
            error=error("request_price")
        />
        <Bound
            name="person_price"
            label="The dearest desktop costs a month"
            hint=MONEY
            is=form.person_price_is
            value=form.person_price
            error=error("person_price")
        />
        <Bound name="people" label="Number of people" hint="As 10." is=form.people_is value=form.people error=error("people") />
        <SelectField
            name="rule[fits]"
            label="Budget"
            options=yes_no("The budget has room for it", "It goes over the budget")
            value=form.fits
        />
        <SelectField
            name="rule[temporary]"
            label="For how long"
            options=yes_no("Temporary", "Lasting")
            value=form.temporary
        />
    }
}

fn yes_no(yes: &str, no: &str) -> Vec<(String, String)> {
    [("", "It does not matter"), ("yes", yes), ("no", no)].map(|(value, text)| (value.to_owned(), text.to_owned())).to_vec()
}

#[component]
fn Who(form: RuleForm, errors: Vec<FieldError>) -> impl IntoView {
    let error = |field: &str| error_of(&errors, field).unwrap_or_default();
    let each = [("every", "Everybody works in one of these"), ("any", "Any one of them does")];
    let each = each.map(|(value, text)| (value.to_owned(), text.to_owned())).to_vec();
    view! {
        <TextArea
            name="rule[departments]"
            id="departments"
            label="Departments"
            value=form.departments
            hint="One a line, as Active Directory has them. Empty: it does not matter."
            error=error("departments")
        />
        <SelectField name="rule[departments_each]" label="Who of them" options=each value=form.departments_each />
        <TextArea
            name="rule[requesters]"
            id="requesters"
            label="Who asks"
            value=form.requesters
            hint="Accounts, one a line. Empty: it does not matter."
            error=error("requesters")
        />
    }
}

#[component]
fn Then(form: RuleForm, errors: Vec<FieldError>) -> impl IntoView {
    let error = move |field: &str| error_of(&errors, field).unwrap_or_default();
    let (outcome, refusal) = (form.outcome, form.refusal);
    let is = move |value: &str| outcome == value;
    let mut stages = form.stages;
    stages.resize(MOST_STAGES, StageForm::default());
    let stages = stages.into_iter().zip(0..).map(|(stage, place)| view! { <Stage stage place /> }).collect_view();
    view! {
        <Section title="… then">
            <ChoiceCards name="outcome" legend="What happens" error=error("outcome")>
                <ChoiceCard name="rule[outcome]" value="at_once" title="Approve at once" checked=is("at_once")>
                    <Gloss>"Nobody is asked, if the price is known and the budget has room."</Gloss>
                </ChoiceCard>
                <ChoiceCard name="rule[outcome]" value="stages" title="Ask somebody" checked=is("stages")>
                    <Gloss>"Those below, in their order; each has to approve."</Gloss>
                </ChoiceCard>
                <ChoiceCard name="rule[outcome]" value="refuse" title="Refuse" checked=is("refuse")>
                    <Gloss>"With the words below."</Gloss>
                </ChoiceCard>
            </ChoiceCards>
            <ChoiceCards name="stages" legend="Who decides" hint="Empty places are left out." error=error("stages")>
                {stages}
            </ChoiceCards>
            <TextArea
                name="rule[refusal]"
                id="refusal"
                label="Words of a refusal"
                value=refusal
                error=error("refusal")
            />
        </Section>
    }
}

#[component]
fn Stage(stage: StageForm, place: usize) -> impl IntoView {
    let options = [
        ("", "Nobody"),
        ("approver", "An approver"),
        ("managers_manager", "The manager of who asks"),
        ("owner", "The cost centre\u{2019}s owner"),
        ("group", "A group of Active Directory"),
        ("people", "These people"),
        ("admin", "An administrator"),
    ];
    let options = options.map(|(value, text)| (value.to_owned(), text.to_owned())).to_vec();
    let number = place + 1;
    view! {
        <div class="plain-list">
            <SelectField name=format!("rule[stages][{place}][kind]") label=format!("Stage {number}") options value=stage.kind />
            <TextField
                name=format!("rule[stages][{place}][who]")
                label=format!("Group or accounts of stage {number}")
                value=stage.who
                hint="Only for a group or people."
                autocomplete="off"
            />
        </div>
    }
}
