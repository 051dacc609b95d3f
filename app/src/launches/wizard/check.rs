//! The step "Check": everything that will be sent, and the button that sends it.

use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    BundleId, DraftId, FieldError,
    launches::{Check, DraftPerson, Step},
};

use super::{StepHead, draft_id, no_draft};
use crate::{
    launches::api::{RemovePeople, Start, check},
    people::parts::Obstacles,
    ui::{
        Button, Code, ErrorSummary, Fact, Facts, Gloss, LinkButton, Look, Notice, Page, PostForm, Posts, Row, Table, Td, Th,
        Tone, loaded, reading,
    },
};

#[component]
pub fn CheckPage() -> impl IntoView {
    let id = draft_id();
    let page = reading(move || id.get(), |id| async move { check(id.ok_or_else(no_draft)?).await });
    view! {
        <Page title="Check · New launch">
            {loaded(page, move |check| view! { <Content check /> })}
        </Page>
    }
}

#[component]
fn Content(check: Check) -> impl IntoView {
    let (can_launch, launched) = (check.can_launch(), check.draft.launch.is_some());
    let draft = check.draft.clone();
    let (id, count) = (draft.id, draft.people.len());
    let name = |id: &str| {
        check.bundles.iter().find(|(known, _)| known.as_str() == id).map_or_else(|| id.to_owned(), |(_, name)| name.clone())
    };
    let default = name(&draft.desktop.bundle);
    let rows = draft
        .people
        .iter()
        .map(|person| {
            let bundle = person.bundle.as_ref().map(BundleId::as_str).map_or_else(|| default.clone(), &name);
            let obstacles = check.obstacles.iter().find(|(guid, _)| *guid == person.guid).map(|(_, obstacles)| obstacles.clone());
            view! { <PersonRow id person=person.clone() bundle obstacles=obstacles.unwrap_or_default() /> }
        })
        .collect_view();
    let problem = check.directory_problem.clone();
    let blocked = (!check.obstacles.is_empty()).then(|| {
        let error = FieldError {
            field: "people".to_owned(),
            message: format!(
                "{} of them can't get a WorkSpace any more. Remove them below, or put it right in Active Directory and reload.",
                check.obstacles.len()
            ),
        };
        view! { <ErrorSummary errors=vec![error] /> }
    });
    let tags = check.tags.iter().map(|tag| view! { <Code>{format!("{}={}", tag.key, tag.value)}</Code> " " }).collect_view();
    view! {
        <StepHead draft=draft.clone() step=Step::Check title="Check and launch" />
        {problem.map(|problem| view! { <Notice tone=Tone::Danger title="This directory can't take launches now">{problem}</Notice> })}
        {blocked}
        <Facts>
            <Fact label="Directory">{draft.directory_name.clone()}</Fact>
            <Fact label="People">{count.to_string()}</Fact>
            <Fact label="Bundle">{default.clone()}</Fact>
            <Fact label="Running mode">{check.running_mode.map(|mode| mode.to_string())}</Fact>
            {(!check.tags.is_empty()).then(|| view! { <Fact label="Tags">{tags}</Fact> })}
        </Facts>
        <Notice tone=Tone::Info title="What will happen">
            {format!("AWS creates {count} WorkSpaces, usually within 20 minutes, and starts to bill them. As each one is ready, its person gets a mail with the registration code and how to sign in.")}
        </Notice>
        <Table caption="People of this launch">
            <thead>
                <tr>
                    <Th>"Person"</Th>
                    <Th>"Bundle"</Th>
                    <Th>"Invitation goes to"</Th>
                    <Th>
                        <span class="hidden">"Remove"</span>
                    </Th>
                </tr>
            </thead>
            <tbody id="people">{rows}</tbody>
        </Table>
        <div class="form-actions">
            <LinkButton href=format!("/launches/new/{id}/desktop") look=Look::Quiet>
                "Back"
            </LinkButton>
            {(can_launch && !launched)
                .then(|| {
                    view! {
                        <PostForm action=Start::PATH>
                            <input type="hidden" name="draft" value=id.to_string() />
                            <Button look=Look::Primary disabled=Posts::pending(Start::PATH)>
                                {format!("Launch {count} WorkSpace{}", if count == 1 { "" } else { "s" })}
                            </Button>
                        </PostForm>
                    }
                })}
        </div>
    }
}

#[component]
fn PersonRow(id: DraftId, person: DraftPerson, bundle: String, obstacles: model::people::Obstacles) -> impl IntoView {
    view! {
        <Row>
            <Td label="Person" main=true>
                <bdi>{person.name}</bdi>
                <Gloss>{person.account}</Gloss>
                {(!obstacles.is_empty()).then(|| view! { <Obstacles obstacles=obstacles.clone() /> })}
            </Td>
            <Td label="Bundle">{bundle}</Td>
            <Td label="Invitation goes to">{person.mail}</Td>
            <Td label="Remove">
                <PostForm action=RemovePeople::PATH>
                    <input type="hidden" name="draft" value=id.to_string() />
                    <input type="hidden" name="to" value="check" />
                    <input type="hidden" name="guids[]" value=person.guid.to_string() />
                    <Button small=true look=Look::Quiet>
                        "Remove"
                    </Button>
                </PostForm>
            </Td>
        </Row>
    }
}
