//! The step "What and why": the offering for all and for single people, the reason, who pays, and the days.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use model::{
    FieldError, Page as Rows, RequestId,
    offerings::Card,
    requests::{Asked, DesktopStep, RequestForm, Step},
};

use super::{StepHead, is_open, no_request, request_id};
use crate::{
    requests::api::{SaveRequest, desktop},
    ui::{
        Button, ChoiceCard, ChoiceCards, Disclosure, Empty, ErrorSummary, Gloss, LinkButton, Look, Page, PostForm, Posts, Row,
        SelectField, Table, Td, TextArea, TextField, Th, error_of, loaded, page_request, reading, use_query_map,
    },
};

#[component]
pub fn DesktopPage() -> impl IntoView {
    let (id, query) = (request_id(), use_query_map());
    let page = reading(
        move || (id.get(), query.with(page_request)),
        |(id, page)| async move { desktop(id.ok_or_else(no_request)?, page).await },
    );
    view! {
        <Page title="What and why · Ask for desktops" narrow=true>
            {loaded(page, |step| view! { <Content step /> })}
        </Page>
    }
}

#[component]
fn Content(step: DesktopStep) -> impl IntoView {
    let (draft, errors) = (step.draft.clone(), step.draft.errors.clone());
    let open = is_open(&draft, Step::Desktop);
    view! {
        <StepHead draft step=Step::Desktop title="What do they need, and why?" />
        <ErrorSummary errors />
        {open
            .then(|| {
                if step.cards.is_empty() && !step.draft.only_more_time {
                    view! {
                        <Empty title="Nothing is offered to you yet">
                            <p>"An administrator says what may be asked for. Ask yours to offer a desktop; your draft is kept."</p>
                        </Empty>
                    }
                        .into_any()
                } else {
                    view! { <Form step /> }.into_any()
                }
            })}
    }
}

/// What an offering costs, in a line.
fn costs(card: &Card) -> String {
    match &card.price {
        Some(price) => {
            let example = if price.example { ", an example and not AWS\u{2019}s price" } else { "" };
            format!("{} a month, prices of {}{example}", price.monthly, price.valid_from)
        }
        None => "price not known; an approver decides".to_owned(),
    }
}

#[component]
fn Form(step: DesktopStep) -> impl IntoView {
    let DesktopStep { draft, cards, cost_centres, people, first_day, last_day } = step;
    let (id, form, errors) = (draft.id, draft.form, draft.errors);
    let offering = form.offering.clone();
    let (what, single) = if draft.only_more_time {
        let kept = view! {
            <input type="hidden" name="offering" value=offering />
            <p>"More time for desktops that are there. They stay what they are."</p>
        };
        (kept.into_any(), None)
    } else {
        let offers = cards.iter().map(|card| view! { <Offer card=card.clone() chosen=offering.clone() /> }).collect_view();
        let error = error_of(&errors, "offering").unwrap_or_default();
        let choice = view! {
            <ChoiceCards name="offering" legend="What is asked for" error>
                {offers}
            </ChoiceCards>
        };
        let single = view! {
            <Disclosure summary="Something else for single people" id="single" open={people.request.number > 1}>
                <Own people cards />
            </Disclosure>
        };
        (choice.into_any(), Some(single))
    };
    view! {
        <PostForm action=SaveRequest::PATH>
            <input type="hidden" name="id" value=id.to_string() />
            {what}
            <Fields form cost_centres errors days=(first_day, last_day) />
            {single}
            <Buttons id />
        </PostForm>
    }
}

#[component]
fn Offer(card: Card, chosen: String) -> impl IntoView {
    let (value, costs) = (card.offering.to_string(), costs(&card));
    let checked = value == chosen;
    let disabled = card.why_not.is_some();
    let hourly = card.price.and_then(|price| price.hourly);
    view! {
        <ChoiceCard name="offering" value title=card.name checked disabled>
            <Gloss>{card.why_not.unwrap_or(card.description)}</Gloss>
            <Gloss>{costs}</Gloss>
            {hourly.map(|hourly| view! { <Gloss>{hourly}</Gloss> })}
        </ChoiceCard>
    }
}

#[component]
fn Fields(
    form: RequestForm,
    cost_centres: Vec<(String, String)>,
    errors: Vec<FieldError>,
    days: (String, String),
) -> impl IntoView {
    let error = |field: &str| error_of(&errors, field).unwrap_or_default();
    let mut centres = vec![(String::new(), "Choose one".to_owned())];
    centres.extend(cost_centres);
    let days = format!("From {} to {}.", days.0, days.1);
    view! {
        <TextArea
            name="reason"
            label="Why they are needed"
            value=form.reason
            hint="Those who decide read it."
            error=error("reason")
        />
        <SelectField name="cost_centre" label="Cost centre" options=centres value=form.cost_centre error=error("cost_centre") />
        <TextField
            name="needed_by"
            label="Needed by"
            kind="date"
            value=form.needed_by
            hint=format!("The desktops are made the day before. {days}")
            error=error("needed_by")
            short=true
        />
        <TextField
            name="until"
            label="Until"
            kind="date"
            value=form.until
            hint="The last day of temporary desktops. Leave it empty for lasting ones."
            error=error("until")
            short=true
        />
    }
}

#[component]
fn Own(people: Rows<Asked>, cards: Vec<Card>) -> impl IntoView {
    let (number, total) = (i64::from(people.request.number), people.total);
    let pages = (total + people.request.limit() - 1) / people.request.limit();
    let rows = people
        .rows
        .into_iter()
        .map(|asked| {
            let mut options = vec![(String::new(), "As for all".to_owned())];
            let open = cards.iter().filter(|card| card.why_not.is_none());
            options.extend(open.map(|card| (card.offering.to_string(), card.name.clone())));
            let value = asked.offering.map(|offering| offering.to_string()).unwrap_or_default();
            let (name, label) = (format!("people[own][of-{}]", asked.person), format!("What {} gets", asked.name));
            let gets = if asked.extends {
                Either::Left("more time for the desktop that is there")
            } else {
                Either::Right(view! { <SelectField name label options value hide_label=true /> })
            };
            view! {
                <Row>
                    <Td label="Person" main=true>
                        <bdi>{asked.name}</bdi>
                        <Gloss>{asked.account}</Gloss>
                    </Td>
                    <Td label="Gets">{gets}</Td>
                </Row>
            }
        })
        .collect_view();
    let turn = |to: i64, words: &'static str| {
        (1..=pages).contains(&to).then(|| {
            view! {
                <button type="submit" class="button small" name="people[to]" value=to.to_string()>
                    {words}
                </button>
            }
        })
    };
    view! {
        <Table caption="What single people get" keys=false>
            <thead>
                <tr>
                    <Th>"Person"</Th>
                    <Th>"Gets"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
        {(pages > 1).then(|| view! { <div class="actions">{turn(number - 1, "Previous people")} {turn(number + 1, "Next people")}</div> })}
    }
}

#[component]
fn Buttons(id: RequestId) -> impl IntoView {
    view! {
        <div class="form-actions">
            <LinkButton href=format!("/requests/new/{id}/people") look=Look::Quiet>
                "Back"
            </LinkButton>
            <Button look=Look::Primary disabled=Posts::pending(SaveRequest::PATH)>
                "Continue to check"
            </Button>
        </div>
    }
}
