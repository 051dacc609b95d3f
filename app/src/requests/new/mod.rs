//! Asking, in three steps; each is an address on the request's draft, so nothing is lost on back or reload.

mod check;
mod desktop;
mod people;

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::{components::A, hooks::use_params_map};
use model::{
    Error, RequestId,
    requests::{DraftHead, DraftLine, State, Step},
};

pub use check::CheckPage;
pub use desktop::DesktopPage;
pub use people::PeoplePage;

use super::api::{BeginRequest, DiscardRequest, my_drafts};
use crate::{
    Failure,
    ui::{
        Back, Button, LinkButton, Look, Notice, Page, PageHeader, PostForm, Posts, Row, Section, StepLink, StepState, Steps,
        Table, Td, Th, Tone, When, loaded, reading,
    },
};

/// The request that the address names.
fn request_id() -> Memo<Option<RequestId>> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse().ok())))
}

/// The failure of an address that names no request.
fn no_request() -> Failure {
    Failure(Error::NotFound)
}

/// Whether the step can be worked on: the request is a draft, and the steps before are complete.
fn is_open(draft: &DraftHead, step: Step) -> bool {
    draft.state == State::Draft && step <= draft.furthest()
}

/// Begins a request, or goes on with a draft.
#[component]
pub fn NewRequestPage() -> impl IntoView {
    let page = reading(|| (), |()| my_drafts());
    view! {
        <Page title="Ask for desktops" narrow=true>
            {loaded(
                page,
                |drafts| {
                    view! {
                        <PageHeader
                            title="Ask for desktops"
                            lead="Say for whom, what and by when. Before you hand it in you see who can get one, what it costs a month and who decides."
                            back=Back::to("/requests", "Requests")
                        />
                        <PostForm action=BeginRequest::PATH>
                            <div class="form-actions">
                                <Button look=Look::Primary disabled=Posts::pending(BeginRequest::PATH)>
                                    "Begin"
                                </Button>
                            </div>
                        </PostForm>
                        {(!drafts.is_empty()).then(|| view! { <Drafts drafts /> })}
                    }
                },
            )}
        </Page>
    }
}

/// One's drafts, to go on with.
#[component]
fn Drafts(drafts: Vec<DraftLine>) -> impl IntoView {
    let rows = drafts
        .into_iter()
        .map(|draft| {
            let people = if draft.people == 1 { "1 person".to_owned() } else { format!("{} people", draft.people) };
            view! {
                <Row>
                    <Td label="Draft" main=true>
                        <A href=format!("/requests/new/{}/people", draft.id)>{people}</A>
                    </Td>
                    <Td label="Why">{draft.reason}</Td>
                    <Td label="Changed">
                        <When stamp=draft.changed />
                    </Td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Section title="Or go on with a draft">
            <Table caption="Drafts">
                <thead>
                    <tr>
                        <Th>"Draft"</Th>
                        <Th>"Why"</Th>
                        <Th>"Changed"</Th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Section>
    }
}

/// The head of each step: title, steps, and a word if the step can't be worked on.
#[component]
fn StepHead(draft: DraftHead, step: Step, #[prop(into)] title: String, #[prop(optional, into)] lead: String) -> impl IntoView {
    let (id, open) = (draft.id, draft.state == State::Draft);
    let furthest = draft.furthest();
    let steps = Step::ALL
        .into_iter()
        .map(|known| StepLink {
            label: known.label().to_owned(),
            href: (open && known <= furthest).then(|| format!("/requests/new/{id}/{}", known.as_str())),
            state: if known == step {
                StepState::Current
            } else if known < step && known < furthest {
                StepState::Done
            } else {
                StepState::Todo
            },
        })
        .collect();
    let told = if !open {
        let href = format!("/requests/{id}");
        Some(
            view! {
                <Notice tone=Tone::Info title="This was handed in">
                    <p>"To change it, take it back on its page. That works until it is decided."</p>
                    <LinkButton href>"See the request"</LinkButton>
                </Notice>
            }
            .into_any(),
        )
    } else if step > furthest {
        let href = format!("/requests/new/{id}/{}", furthest.as_str());
        Some(
            view! {
                <Notice tone=Tone::Info title="A step before is not complete">
                    <LinkButton href>{format!("Go to \u{201c}{}\u{201d}", furthest.label())}</LinkButton>
                </Notice>
            }
            .into_any(),
        )
    } else {
        None
    };
    view! {
        <PageHeader title lead back=Back::to("/requests", "Requests") />
        <Steps steps />
        {told}
    }
}

/// Throws the draft away.
#[component]
fn Discard(id: RequestId, again: bool) -> impl IntoView {
    let words = if again { "Withdraw this request" } else { "Discard this draft" };
    view! {
        <PostForm action=DiscardRequest::PATH>
            <input type="hidden" name="id" value=id.to_string() />
            <Button look=Look::Quiet>{words}</Button>
        </PostForm>
    }
}
