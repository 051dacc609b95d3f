//! The way in, the open sessions, and the page for addresses that lead nowhere.

use leptos::{prelude::*, server_fn::ServerFn};
use model::{Error, access::OpenSession};

use super::api::{EndSession, sessions};
use crate::ui::{
    Button, Empty, ErrorPanel, Gloss, Look, Notice, Page, PageHeader, Pagination, PostForm, Row, Table, Td, Th, Tone, When,
    loaded, page_request, reading, text, url, use_query_map,
};

/// Leads to the provider and, with `?to=`, back to where one was going. `?problem=` says why the last try did not work.
#[component]
pub fn SignInPage() -> impl IntoView {
    let query = use_query_map();
    let to = query.with_untracked(|query| text(query, "to"));
    let problem = query.with_untracked(|query| problem(&text(query, "problem")));
    view! {
        <Page title="Sign in" narrow=true>
            <div class="sign-in">
                <h1>"Sign in to Frontdesk"</h1>
                {problem.map(|(tone, words)| view! { <Notice tone=tone>{words}</Notice> })}
                <p>
                    "The front desk for your company's Amazon WorkSpaces: find people, launch their desktops, and invite them."
                </p>
                <p>
                    <a class="button primary" href=url("/sign-in/start", &[("to".to_owned(), to)]) rel="external">
                        "Sign in with your company account"
                    </a>
                </p>
                <p class="gloss">
                    "You sign in on your company's own page; Frontdesk never sees your password. Looking for the desktop that you were invited to? Open the link in your invitation, there is nothing to sign in to here."
                </p>
            </div>
        </Page>
    }
}

/// The words for a code that the sign-in's way back put into the URL.
fn problem(code: &str) -> Option<(Tone, &'static str)> {
    Some(match code {
        "" => return None,
        "signed-out" => (Tone::Success, "You are signed out, here and at your company's sign-in page."),
        "ended" => (Tone::Info, "Your session has ended. What you saved is kept. Sign in to go on."),
        "denied" => {
            (Tone::Danger, "Your company's sign-in page refused. Nothing was changed. Try again, or ask your administrator.")
        }
        "expired" => (Tone::Warning, "That took too long, or the page was opened twice. Nothing was changed. Sign in again."),
        "unavailable" => {
            (Tone::Danger, "Your company's sign-in page does not answer. Nothing was changed. Try again in a minute.")
        }
        _ => {
            (Tone::Danger, "Signing in did not work. Nothing was changed. Try again, and tell your administrator if it stays so.")
        }
    })
}

/// Everybody's open sessions, for admins.
#[component]
pub fn SessionsPage() -> impl IntoView {
    let query = use_query_map();
    let page = reading(move || query.with(page_request), sessions);
    view! {
        <Page title="Sessions">
            {loaded(
                page,
                move |page| {
                    let rows = page.rows.into_iter().map(|session| view! { <SessionRow session /> }).collect_view();
                    view! {
                        <PageHeader
                            title="Sessions"
                            lead="Everybody who is signed in now. Ending a session takes effect with that person's next click; they can sign in again unless their account is disabled."
                        />
                        <Table caption="Open sessions">
                            <thead>
                                <tr>
                                    <Th>"Person"</Th>
                                    <Th>"Signed in"</Th>
                                    <Th>"Last seen"</Th>
                                    <Th>
                                        <span class="hidden">"End"</span>
                                    </Th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </Table>
                        {(page.total == 0)
                            .then(|| {
                                view! {
                                    <Empty title="Nobody is signed in">
                                        <p>"Here is one row for each browser in which somebody is signed in."</p>
                                    </Empty>
                                }
                            })}
                        <Pagination path="/settings/sessions" query=Vec::new() request=page.request total=page.total />
                    }
                },
            )}
        </Page>
    }
}

#[component]
fn SessionRow(session: OpenSession) -> impl IntoView {
    let whose = format!(" of {}", session.name);
    view! {
        <Row>
            <Td label="Person" main=true>
                {session.name}
                {session.account.map(|account| view! { <Gloss>{account}</Gloss> })}
            </Td>
            <Td label="Signed in">
                <When stamp=session.started />
            </Td>
            <Td label="Last seen">
                <When stamp=session.last_seen />
            </Td>
            <Td label="">
                <PostForm action=EndSession::PATH>
                    <input type="hidden" name="handle" value=session.handle.to_string() />
                    <Button look=Look::Danger small=true>
                        "End session"
                        <span class="hidden">{whose}</span>
                    </Button>
                </PostForm>
            </Td>
        </Row>
    }
}

/// For addresses that lead nowhere.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! { <ErrorPanel error=Error::NotFound /> }
}
