//! The start of the wizard, and its first step.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_router::components::A;
use model::{
    DraftId,
    directories::{Directory, Freshness},
    launches::{Draft, Step},
};

use super::{StepHead, draft_id, is_open, no_draft};
use crate::{
    directories::api::list,
    launches::api::{Begin, ChooseDirectory, draft, my_drafts},
    ui::{
        Button, ChoiceCard, ChoiceCards, Code, Empty, FreshnessLine, Gloss, LinkButton, Look, Page, PageHeader, PostForm, Row,
        Table, Td, Th, When, loaded, reading,
    },
};

/// `/launches/new`: begin one, or go on with a draft.
#[component]
pub fn NewLaunchPage() -> impl IntoView {
    let drafts = reading(|| (), |()| my_drafts());
    view! {
        <Page title="New launch" narrow=true>
            <PageHeader title="New launch" lead="Choose a directory, find the people, choose their desktop, check, launch. What you enter is kept at every step." />
            {loaded(
                drafts,
                move |drafts| {
                    let rows = drafts
                        .into_iter()
                        .map(|draft| {
                            view! {
                                <Row>
                                    <Td label="Draft" main=true>
                                        <A href=format!("/launches/new/{}/people", draft.id)>{draft.directory_name.unwrap_or_default()}</A>
                                        <Gloss>{format!("{} people", draft.people)}</Gloss>
                                    </Td>
                                    <Td label="Changed">
                                        <When stamp=draft.changed />
                                    </Td>
                                </Row>
                            }
                        })
                        .collect::<Vec<_>>();
                    view! {
                        <PostForm action=Begin::PATH>
                            <Button look=Look::Primary>"Begin a new launch"</Button>
                        </PostForm>
                        {(!rows.is_empty())
                            .then(|| {
                                view! {
                                    <h2>"Or go on with a draft"</h2>
                                    <Table caption="Drafts">
                                        <thead>
                                            <tr>
                                                <Th>"Draft"</Th>
                                                <Th>"Changed"</Th>
                                            </tr>
                                        </thead>
                                        <tbody>{rows}</tbody>
                                    </Table>
                                }
                            })}
                    }
                },
            )}
        </Page>
    }
}

/// The step "Directory".
#[component]
pub fn DirectoryPage() -> impl IntoView {
    let id = draft_id();
    let page = reading(move || id.get(), |id| async move { Ok((draft(id.ok_or_else(no_draft)?).await?, list().await?)) });
    view! {
        <Page title="Directory · New launch" narrow=true>
            {loaded(
                page,
                move |(draft, (directories, freshness)): (Draft, (Vec<Directory>, Freshness))| {
                    let id = draft.id;
                    let chosen = draft.directory.clone();
                    let open = is_open(&draft, Step::Directory);
                    view! {
                        <StepHead draft step=Step::Directory title="Where do the desktops belong?" lead="The AD Connector decides which people can be found and which network their WorkSpaces are in." />
                        {if directories.is_empty() {
                            Either::Left(
                                view! {
                                    <Empty title="No AD Connector">
                                        <p>"This AWS account and Region has none yet, or Frontdesk is still reading them. Reload in a moment."</p>
                                    </Empty>
                                },
                            )
                        } else {
                            Either::Right(open.then(|| view! { <Choice id directories chosen /> }))
                        }}
                        <FreshnessLine freshness />
                    }
                },
            )}
        </Page>
    }
}

#[component]
fn Choice(id: DraftId, directories: Vec<Directory>, chosen: Option<model::DirectoryId>) -> impl IntoView {
    let possible = directories.iter().filter(|directory| directory.why_not().is_none()).count();
    let cards = directories
        .into_iter()
        .map(|directory| {
            let why_not = directory.why_not();
            let checked = chosen.as_ref() == Some(&directory.id) || (chosen.is_none() && possible == 1 && why_not.is_none());
            view! {
                <ChoiceCard name="directory" value=directory.id.to_string() title=directory.name.clone() checked disabled=why_not.is_some()>
                    <Code>{directory.id.to_string()}</Code>
                    <Gloss>{why_not.unwrap_or_else(|| directory.description.unwrap_or_else(|| "Takes launches".to_owned()))}</Gloss>
                </ChoiceCard>
            }
        })
        .collect_view();
    view! {
        <PostForm action=ChooseDirectory::PATH>
            <input type="hidden" name="draft" value=id.to_string() />
            <ChoiceCards name="directory" legend="Directory">
                {cards}
            </ChoiceCards>
            <div class="form-actions">
                <LinkButton href="/launches/new" look=Look::Quiet>
                    "Back"
                </LinkButton>
                <Button look=Look::Primary>"Continue to people"</Button>
            </div>
        </PostForm>
    }
}
