//! `/workspaces` and `/workspaces/{id}`.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_router::{components::A, hooks::use_params_map};
use model::{
    Error, WorkspaceId,
    access::Act,
    invitations::Invitation,
    workspaces::{Filter, Workspace, WorkspaceAction, WorkspacePage as Found},
};

use super::api::{Prepare, Refresh, get, list};
use crate::{
    Failure,
    invitations::{
        api::Invite,
        parts::{InvitationTable, InvitationTrack, Resend},
    },
    ui::{
        Allowed, Back, BulkBar, Button, Checkbox, Code, CopyButton, Empty, Fact, Facts, FilterBar, FreshnessLine, Gloss,
        InvitationBadge, LinkButton, Live, Look, Notice, Page, PageHeader, Pagination, PostForm, Posts, Row, SearchField,
        Section, SelectAll, SelectCell, SelectField, SelectionForm, Table, Td, TextField, Th, Tone, When, WorkspaceBadge,
        keyed_rows, live, loaded, may, page_request, reading, text, url, use_query_map,
    },
};

/// AWS's states that a fleet usually shows.
const STATES: [&str; 9] =
    ["AVAILABLE", "STOPPED", "PENDING", "STARTING", "UNHEALTHY", "MAINTENANCE", "ADMIN_MAINTENANCE", "ERROR", "TERMINATING"];

/// The fleet.
#[component]
pub fn WorkspacesPage() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| {
        query.with(|query| {
            let state = text(query, "state");
            Filter {
                q: text(query, "q"),
                state: (!state.is_empty()).then_some(state),
                not_invited: text(query, "not_invited") == "1",
            }
        })
    });
    let page = reading(move || (filter.get(), query.with(page_request)), |(filter, request)| list(filter, request));
    view! {
        <Page title="WorkSpaces">
            <PageHeader title="WorkSpaces" lead="Every desktop of the registered directories, launched here or elsewhere.">
                <LinkButton href="/workspaces/batches">"Actions"</LinkButton>
            </PageHeader>
            <Invited />
            {loaded(
                page,
                move |(page, freshness)| {
                    let filter = filter.get_untracked();
                    let mut back = keep(&filter);
                    if page.request.number > 1 {
                        back.push(("page".to_owned(), page.request.number.to_string()));
                    }
                    let (total, request) = (page.total, page.request);
                    let keep = keep(&filter);
                    view! {
                        <Narrow filter />
                        {if total == 0 {
                            Either::Left(view! { <Empty title="No WorkSpace"><p>"None matches, or there is none yet. Those of a launch appear here as AWS accepts them."</p></Empty> })
                        } else {
                            Either::Right(view! { <Fleet rows=page.rows back=url("/workspaces", &back) /> })
                        }}
                        <Pagination path="/workspaces" query=keep request total />
                        <FreshnessLine freshness />
                    }
                },
            )}
        </Page>
    }
}

/// How many invitations the last form sent on their way, from the address.
#[component]
fn Invited() -> impl IntoView {
    let query = use_query_map();
    let words = move || {
        let count = query.with(|query| text(query, "invited").parse::<u32>().ok())?;
        Some(if count == 1 { "1 invitation is on its way.".to_owned() } else { format!("{count} invitations are on their way.") })
    };
    view! { <Live>{words}</Live> }
}

fn keep(filter: &Filter) -> Vec<(String, String)> {
    vec![
        ("q".to_owned(), filter.q.clone()),
        ("state".to_owned(), filter.state.clone().unwrap_or_default()),
        ("not_invited".to_owned(), if filter.not_invited { "1" } else { "" }.to_owned()),
    ]
}

#[component]
fn Narrow(filter: Filter) -> impl IntoView {
    let mut options = vec![(String::new(), "All".to_owned())];
    options.extend(STATES.map(|state| (state.to_owned(), state.to_owned())));
    view! {
        <FilterBar action="/workspaces">
            <SearchField name="q" label="User, WorkSpace or computer" value=filter.q />
            <SelectField name="state" label="State" options value=filter.state.unwrap_or_default() />
            <Checkbox name="not_invited" value="1" label="Never invited" checked=filter.not_invited />
        </FilterBar>
    }
}

#[component]
fn Fleet(rows: Vec<Workspace>, back: String) -> impl IntoView {
    let shown = |workspace: &Workspace| {
        let invitation = workspace.invitation.as_ref().map(|(_, state)| state.as_str());
        format!("{} {} {}", workspace.id, workspace.state, invitation.unwrap_or_default())
    };
    let rows = keyed_rows(rows, shown, |workspace| view! { <WorkspaceRow workspace /> });
    view! {
        <SelectionForm action=Invite::PATH>
            <Table caption="WorkSpaces">
                <thead>
                    <tr>
                        <SelectAll label="Select all on this page" />
                        <Th>"User"</Th>
                        <Th>"WorkSpace"</Th>
                        <Th>"State"</Th>
                        <Th>"Runs"</Th>
                        <Th>"Invitation"</Th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
            <BulkBar>
                <Allowed act=Act::Invite>
                    <TextField name="reason" label="Why it is sent" autocomplete="off" required=true />
                    <input type="hidden" name="back" value=back />
                    <Button look=Look::Primary>"Send invitation to selected"</Button>
                </Allowed>
                <Allowed act=Act::ActOnWorkspaces>
                    <SelectField name="act" label="What to do with the selected" options=choices() />
                    <Button elsewhere=Prepare::PATH>"Go on"</Button>
                </Allowed>
            </BulkBar>
        </SelectionForm>
    }
}

/// The actions to choose from.
fn choices() -> Vec<(String, String)> {
    let allowed = WorkspaceAction::ALL.into_iter().filter(|action| may(action.act()));
    let actions = allowed.map(|action| (action.as_str().to_owned(), action.label().to_owned()));
    [(String::new(), "Choose an action".to_owned())].into_iter().chain(actions).collect()
}

#[component]
fn WorkspaceRow(workspace: Workspace) -> impl IntoView {
    let disabled = !workspace.is_there();
    let id = workspace.id.to_string();
    let name = workspace.name.unwrap_or_else(|| workspace.user_name.clone());
    let label = format!("Select {}", workspace.user_name);
    let user = match workspace.person {
        Some(guid) => view! { <A href=format!("/people/{guid}")>{name}</A> }.into_any(),
        None => name.into_any(),
    };
    view! {
        <Row>
            <SelectCell name="workspaces[]" value=id.clone() label disabled />
            <Td label="User" main=true>
                {user}
                <Gloss>{workspace.user_name} " · " {workspace.directory_name}</Gloss>
            </Td>
            <Td label="WorkSpace">
                <A href=format!("/workspaces/{id}")>
                    <Code>{id.clone()}</Code>
                </A>
                <Gloss>{workspace.bundle}</Gloss>
            </Td>
            <Td label="State">
                <WorkspaceBadge state=workspace.state.clone() />
            </Td>
            <Td label="Runs">{workspace.running_mode.map(|mode| mode.to_string())}</Td>
            <Td label="Invitation">{workspace.invitation.map(|(_, state)| view! { <InvitationBadge state /> })}</Td>
        </Row>
    }
}

/// One WorkSpace.
#[component]
pub fn WorkspacePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse::<WorkspaceId>().ok())));
    // An invitation that was just sent goes on.
    let turn = live::every(5);
    let page = reading(
        move || (id.get(), turn.get()),
        |(id, _)| async move {
            match id {
                Some(id) => get(id).await,
                None => Err(Failure(Error::NotFound)),
            }
        },
    );
    view! {
        <Page title="WorkSpace">
            {loaded(page, move |found| view! { <Story found /> })}
        </Page>
    }
}

#[component]
fn Story(found: Found) -> impl IntoView {
    let workspace = found.workspace;
    let acts = found.under_way.is_none().then(|| view! { <Acts workspace=workspace.clone() /> });
    let (id, invited) = (workspace.id.clone(), !found.invitations.is_empty());
    // The row of an invitation that needs another has the form itself.
    let in_row = found.invitations.first().is_some_and(Invitation::needs_another);
    let can_be_invited = workspace.can_be_invited() && !in_row;
    let (shown, shown_again) = (id.to_string(), id.to_string());
    let name = workspace.name.clone().unwrap_or_else(|| workspace.user_name.clone());
    let title = format!("WorkSpace of {name}");
    let person = match workspace.person {
        Some(guid) => view! { <A href=format!("/people/{guid}")>{name}</A> }.into_any(),
        None => name.into_any(),
    };
    view! {
        <PageHeader title back=Back::to("/workspaces", "WorkSpaces") lead=shown>
            {acts}
        </PageHeader>
        {found.under_way.map(|(batch, action)| view! {
            <Notice tone=Tone::Info title=format!("\u{201c}{}\u{201d} is under way", action.label())>
                <A href=format!("/workspaces/batches/{batch}")>"See how far it is"</A>
            </Notice>
        })}
        <Facts>
            <Fact label="State">
                <WorkspaceBadge state=workspace.state.clone() />
            </Fact>
            <Fact label="User">{person} <Gloss>{workspace.user_name}</Gloss></Fact>
            <Fact label="Directory">{found.directory.name}</Fact>
            {found
                .directory
                .registration_code
                .map(|code| {
                    let shown = code.clone();
                    view! {
                        <Fact label="Registration code">
                            <Code>{shown}</Code>
                            " "
                            <CopyButton text=code label="Copy the registration code" />
                        </Fact>
                    }
                })}
            <Fact label="Bundle">{workspace.bundle}</Fact>
            <Fact label="Runs">{workspace.running_mode.map(|mode| mode.to_string())}</Fact>
            <Fact label="Computer">{workspace.computer_name.unwrap_or_else(|| "not known yet".to_owned())}</Fact>
            <Fact label="Read from AWS">
                <When stamp=found.seen />
                <Allowed act=Act::AskAws>
                    <PostForm action=Refresh::PATH>
                        <input type="hidden" name="id" value=shown_again />
                        <Button small=true disabled=Posts::pending(Refresh::PATH)>
                            "Refresh now"
                        </Button>
                    </PostForm>
                </Allowed>
            </Fact>
        </Facts>
        <Section title="Invitations">
            {can_be_invited.then(|| view! { <Allowed act=Act::Invite><Resend workspace=id.clone() invited /></Allowed> })}
            {found.invitations.first().cloned().map(|newest| view! { <InvitationTrack newest /> })}
            <InvitationTable invitations=found.invitations />
        </Section>
    }
}

/// What can be done to it as it is now; each leads to a page that asks whether it is meant.
#[component]
fn Acts(workspace: Workspace) -> impl IntoView {
    let possible = |action: &WorkspaceAction| action.why_not(&workspace.state, workspace.running_mode).is_none();
    let id = workspace.id.to_string();
    WorkspaceAction::ALL
        .into_iter()
        .filter(possible)
        .map(|action| {
            let id = id.clone();
            let look = if action.needs_word() { Look::Danger } else { Look::Plain };
            view! {
                <Allowed act=action.act()>
                    <PostForm action=Prepare::PATH>
                        <input type="hidden" name="act" value=action.as_str() />
                        <input type="hidden" name="workspaces[]" value=id />
                        <Button look>{action.label()}</Button>
                    </PostForm>
                </Allowed>
            }
        })
        .collect_view()
}
