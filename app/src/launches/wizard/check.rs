//! The step "Check": everything that will be sent, and the button that sends it.

use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    BundleId, DraftId, FieldError,
    directories::Freeze,
    launches::{Check, DraftPerson, Step},
};

use super::{PersonCell, StepHead, draft_id, is_open, no_draft};
use crate::{
    launches::api::{RemoveBlocked, RemovePeople, Start, check},
    people::parts::Obstacles,
    ui::{
        Button, Code, ErrorSummary, Fact, Facts, LinkButton, Look, Notice, Page, Pagination, PostForm, Posts, Row, Table, Td, Th,
        Tone, loaded, page_request, reading, use_query_map,
    },
};

#[component]
pub fn CheckPage() -> impl IntoView {
    let id = draft_id();
    let query = use_query_map();
    let page = reading(
        move || (id.get(), query.with(page_request)),
        |(id, page)| async move { check(id.ok_or_else(no_draft)?, page).await },
    );
    view! {
        <Page title="Check · New launch">
            {loaded(page, move |check| view! { <Content check /> })}
        </Page>
    }
}

#[component]
fn Content(check: Check) -> impl IntoView {
    let draft = check.draft.clone();
    if !is_open(&draft, Step::Check) {
        return view! { <StepHead draft step=Step::Check title="Check and launch" /> }.into_any();
    }
    let can_launch = check.can_launch();
    let (id, count) = (draft.id, draft.people);
    let name = |id: &str| {
        check.bundles.iter().find(|(known, _)| known.as_str() == id).map_or_else(|| id.to_owned(), |(_, name)| name.clone())
    };
    let default = name(&draft.desktop.bundle);
    let desktops = format!("{count} WorkSpace{}", if count == 1 { "" } else { "s" });
    let launch = format!("Launch {desktops}");
    let rows = check.people.rows.iter().map(|person| {
        let bundle = person.bundle.as_ref().map(BundleId::as_str).map_or_else(|| default.clone(), &name);
        view! { <PersonRow id person=person.clone() bundle /> }
    });
    let rows = rows.collect_view();
    let problem = check.directory_problem.clone();
    let misfit = check.desktop_problem.clone();
    let volumes = check.volumes.sentence();
    let encryption = check.encryption.key_for_aws().map(|_| check.encryption.to_string());
    let freeze = check.freeze.as_ref().map(Freeze::sentence);
    let blocked = (check.blocked > 0).then(|| view! { <Blocked id count=check.blocked people=check.obstacles.clone() /> });
    let tags = check.tags.iter().map(|tag| view! { <Code>{format!("{}={}", tag.key, tag.value)}</Code> " " }).collect_view();
    view! {
        <StepHead draft=draft.clone() step=Step::Check title="Check and launch" />
        {problem.map(|problem| view! { <Notice tone=Tone::Danger title="This directory can't take launches now">{problem}</Notice> })}
        {misfit.map(|problem| view! { <Notice tone=Tone::Danger title="A bundle can\u{2019}t have these volumes">{problem}</Notice> })}
        {freeze
            .map(|words| {
                view! {
                    <Notice tone=Tone::Warning title="You can launch now, and it waits">
                        {words}
                    </Notice>
                }
            })}
        {blocked}
        {check.warning.clone().map(|warning| view! { <Notice tone=Tone::Warning title="Too few free addresses">{warning}</Notice> })}
        <Facts>
            <Fact label="Directory">{draft.directory_name.clone()}</Fact>
            <Fact label="People">{count.to_string()}</Fact>
            <Fact label="Bundle">{default.clone()}</Fact>
            <Fact label="Running mode">{check.running_mode.map(|mode| mode.to_string())}</Fact>
            {volumes.map(|volumes| view! { <Fact label="Volumes">{volumes}</Fact> })}
            {encryption.map(|encryption| view! { <Fact label="Encryption">{encryption}</Fact> })}
            {(!check.tags.is_empty()).then(|| view! { <Fact label="Tags">{tags}</Fact> })}
        </Facts>
        {can_launch
            .then(|| {
                view! {
                    <Notice tone=Tone::Info title="What will happen">
                        {format!("AWS creates {desktops}, usually within 20 minutes, and starts to bill. As each WorkSpace is ready, its person gets a mail with the registration code and how to sign in.")}
                    </Notice>
                }
            })}
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
            <tbody>{rows}</tbody>
        </Table>
        <Pagination path=format!("/launches/new/{id}/check") query=Vec::new() request=check.people.request total=count />
        <div class="form-actions">
            <LinkButton href=format!("/launches/new/{id}/desktop") look=Look::Quiet>
                "Back"
            </LinkButton>
            {can_launch
                .then(|| {
                    view! {
                        <PostForm action=Start::PATH>
                            <input type="hidden" name="draft" value=id.to_string() />
                            <input type="hidden" name="seen" value=draft.version.to_string() />
                            <Button look=Look::Primary disabled=Posts::pending(Start::PATH)>
                                {launch}
                            </Button>
                        </PostForm>
                    }
                })}
        </div>
    }
    .into_any()
}

/// Those who became ineligible since they were added, and the way on without them.
#[component]
fn Blocked(id: DraftId, count: i64, people: Vec<(DraftPerson, model::people::Obstacles)>) -> impl IntoView {
    let error = FieldError {
        field: "blocked".to_owned(),
        message: format!("{count} of these people can't get a WorkSpace any more. Take them off, or put it right and reload."),
    };
    let more = count - i64::try_from(people.len()).unwrap_or(count);
    let rows = people
        .into_iter()
        .map(|(person, obstacles)| {
            view! {
                <Row>
                    <PersonCell name=person.name account=person.account />
                    <Td label="Why not">
                        <Obstacles obstacles />
                    </Td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <ErrorSummary errors=vec![error] />
        <Table caption="Who can't get a WorkSpace any more" keys=false>
            <thead>
                <tr>
                    <Th>"Person"</Th>
                    <Th>"Why not"</Th>
                </tr>
            </thead>
            <tbody id="blocked">{rows}</tbody>
        </Table>
        {(more > 0).then(|| view! { <p class="count">{format!("and {more} more")}</p> })}
        <PostForm action=RemoveBlocked::PATH>
            <input type="hidden" name="draft" value=id.to_string() />
            <Button>{if count == 1 { "Take this one off".to_owned() } else { format!("Take these {count} off") }}</Button>
        </PostForm>
    }
}

#[component]
fn PersonRow(id: DraftId, person: DraftPerson, bundle: String) -> impl IntoView {
    view! {
        <Row>
            <PersonCell name=person.name account=person.account />
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
