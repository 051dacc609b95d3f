//! Pieces of the launch pages.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::components::A;
use model::{
    LaunchId,
    access::Act,
    launches::{Counts, Failure as ItemFailure, Item, Summary},
};

use super::api::{Cancel, Retry};
use crate::ui::{
    Allowed, Button, Code, Gloss, InvitationBadge, ItemBadge, Look, PostForm, Progress, Row, Td, When, launch_segments,
};

/// A launch's progress: the bar, and its words unless `bare`.
#[component]
pub fn LaunchProgress(counts: Counts, #[prop(optional)] bare: bool) -> impl IntoView {
    view! {
        <Progress
            label="Rows of this launch"
            sentence=counts.sentence()
            segments=launch_segments(&counts)
            settled=counts.finished()
            total=counts.total()
            bare
        />
    }
}

/// A launch in the list.
#[component]
pub fn LaunchRow(launch: Summary) -> impl IntoView {
    view! {
        <Row>
            <Td label="Launch" main=true>
                <A href=format!("/launches/{}", launch.id)>{people(launch.counts.total())}</A>
                <Gloss>{launch.directory_name}</Gloss>
            </Td>
            <Td label="Progress">
                <LaunchProgress counts=launch.counts bare=true />
                <Gloss>{launch.counts.sentence()}</Gloss>
            </Td>
            <Td label="Started by">{launch.started_by}</Td>
            <Td label="Started">
                <When stamp=launch.started />
            </Td>
        </Row>
    }
}

/// One person's row.
#[component]
pub fn ItemRow(item: Item, launch: LaunchId) -> impl IntoView {
    let (can_retry, can_cancel) = (item.can_retry(), item.can_cancel());
    let id = item.id;
    let invitation = item.invitation.map(|invitation| {
        view! {
            <InvitationBadge state=invitation.state opened=invitation.opened />
            {invitation.decision.map(|decision| view! { <Gloss>{decision}</Gloss> })}
        }
    });
    view! {
        <Row>
            <Td label="Person" main=true>
                <A href=format!("/people/{}", item.person)>{item.name}</A>
                <Gloss>{item.account} " · " {item.mail}</Gloss>
            </Td>
            <Td label="State">
                <ItemBadge state=item.state />
                {item.failure.map(|failure| view! { <Why failure /> })}
            </Td>
            <Td label="Since">
                <When stamp=item.since brief=true />
            </Td>
            <Td label="WorkSpace">
                {item
                    .workspace
                    .map(|workspace| {
                        let href = format!("/workspaces/{workspace}");
                        view! {
                            <A href=href>
                                <Code>{workspace.to_string()}</Code>
                            </A>
                        }
                    })}
                <Gloss>{item.bundle}</Gloss>
            </Td>
            <Td label="Invitation">{invitation}</Td>
            <Td label="">
                <Allowed act=Act::Launch>
                    {can_retry
                        .then(|| {
                            view! {
                                <PostForm action=Retry::PATH>
                                    <input type="hidden" name="launch" value=launch.to_string() />
                                    <input type="hidden" name="items[]" value=id.to_string() />
                                    <Button small=true>"Retry"</Button>
                                </PostForm>
                            }
                        })}
                    {can_cancel
                        .then(|| {
                            view! {
                                <PostForm action=Cancel::PATH>
                                    <input type="hidden" name="launch" value=launch.to_string() />
                                    <input type="hidden" name="items[]" value=id.to_string() />
                                    <Button small=true look=Look::Quiet>
                                        "Cancel"
                                    </Button>
                                </PostForm>
                            }
                        })}
                </Allowed>
            </Td>
        </Row>
    }
}

/// Why a row is where it is: plain words, and AWS's own beside them.
#[component]
pub fn Why(failure: ItemFailure) -> impl IntoView {
    view! {
        <div class="why">
            <p>{failure.plain()}</p>
            <details>
                <summary>"What AWS said"</summary>
                <p>
                    <Code>{failure.code.clone()}</Code>
                    " "
                    {failure.message}
                </p>
            </details>
        </div>
    }
}

/// So many people, in words.
pub fn people(count: i64) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}
