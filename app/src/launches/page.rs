//! `/launches` and `/launches/{id}`.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_params_map;
use model::{
    Error, LaunchId, Page as Rows,
    access::Act,
    directories::Freeze,
    launches::{Filter, Hold, Item, ItemState, Launch, Paused, Status},
};

use super::{
    api::{Cancel, Resume, Retry, get, list},
    parts::{ItemRow, LaunchProgress, LaunchRow, people},
    watch,
};
use crate::{
    Failure,
    ui::{
        Allowed, Back, Button, Code, Empty, Fact, Facts, FilterBar, LinkButton, Live, Look, Notice, Page, PageHeader, Pagination,
        PostForm, SearchField, SelectField, Table, Th, Tone, TurnsByItself, When, live, loaded, page_request, reading, text,
        use_query_map,
    },
};

/// All launches.
#[component]
pub fn LaunchesPage() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| {
        query.with(|query| Filter { q: text(query, "q"), status: Status::from_query(&text(query, "status")) })
    });
    let turn = live::every(15);
    let page =
        reading(move || (filter.get(), query.with(page_request), turn.get()), |(filter, request, _)| list(filter, request));
    view! {
        <Page title="Launches">
            {loaded(
                page,
                move |page| {
                    let filter = filter.get_untracked();
                    let status = filter.status.map(Status::as_str).unwrap_or_default();
                    let keep = vec![("q".to_owned(), filter.q.clone()), ("status".to_owned(), status.to_owned())];
                    let narrowed = filter != Filter::default();
                    let options = [("", "All"), ("running", "Under way"), ("failed", "With failed rows"), ("done", "Done")];
                    let options = options.map(|(value, label)| (value.to_owned(), label.to_owned())).to_vec();
                    let total = page.total;
                    let rows = page.rows.into_iter().map(|launch| view! { <LaunchRow launch /> }).collect_view();
                    view! {
                        <PageHeader title="Launches" lead="Everybody who was given a WorkSpace from here, launch by launch.">
                            <Allowed act=Act::Launch>
                                <LinkButton href="/launches/new" look=Look::Primary>
                                    "New launch"
                                </LinkButton>
                            </Allowed>
                        </PageHeader>
                        <FilterBar action="/launches">
                            <SearchField name="q" label="Person, account or who started it" value=filter.q />
                            <SelectField name="status" label="Which" options value=status />
                        </FilterBar>
                        {if total == 0 {
                            Either::Left(view! { <NoLaunches narrowed /> })
                        } else {
                            Either::Right(
                                view! {
                                    <Table caption="Launches">
                                        <thead>
                                            <tr>
                                                <Th>"Launch"</Th>
                                                <Th>"Progress"</Th>
                                                <Th>"Started by"</Th>
                                                <Th>"Started"</Th>
                                            </tr>
                                        </thead>
                                        <tbody>{rows}</tbody>
                                    </Table>
                                },
                            )
                        }}
                        <Pagination path="/launches" query=keep request=page.request total />
                    }
                },
            )}
        </Page>
    }
}

#[component]
fn NoLaunches(narrowed: bool) -> impl IntoView {
    if narrowed {
        return view! {
            <Empty title="No launch matches">
                <p>"Search for less, or look at all of them."</p>
                <LinkButton href="/launches">"All launches"</LinkButton>
            </Empty>
        };
    }
    view! {
        <Empty title="No launch yet">
            <p>"A launch takes people of your Active Directory, gives each of them a WorkSpace, and mails them the registration code. Every launch will stand here with its progress."</p>
            <LinkButton href="/launches/new" look=Look::Primary>
                "New launch"
            </LinkButton>
        </Empty>
    }
}

/// One launch, live.
#[component]
pub fn LaunchPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse::<LaunchId>().ok())));
    let state = Memo::new(move |_| query.with(|query| ItemState::from_db(&text(query, "state"))));
    let changes = watch::changes(id);
    let page = reading(
        move || (id.get(), state.get(), query.with(page_request), changes.get()),
        |(id, state, request, ..)| async move {
            match id {
                Some(id) => get(id, state, request).await,
                None => Err(Failure(Error::NotFound)),
            }
        },
    );
    view! {
        <Page title="Launch">
            {loaded(page, move |(launch, rows)| view! { <Content launch rows state=state.get_untracked() /> })}
        </Page>
    }
}

/// Why the launch waits, and the way on.
#[component]
fn Waits(id: LaunchId, queued: i64, paused: Paused) -> impl IntoView {
    let unsent = format!("{} {} not sent yet, and nobody is lost. ", people(queued), if queued == 1 { "was" } else { "were" });
    let (title, cure) = match paused.cause {
        Hold::Quota => (
            "Paused: the AWS quota for WorkSpaces is used up",
            "An account starts with a quota of one WorkSpace in each Region. Ask for a higher one in the AWS console under Service Quotas, Amazon WorkSpaces, \u{201c}WorkSpaces\u{201d}, or delete WorkSpaces that nobody needs; then resume.",
        ),
        Hold::Access => (
            "Paused: AWS refuses Frontdesk",
            "Frontdesk\u{2019}s credentials are not valid, may not create WorkSpaces, or its clock is wrong. An administrator finds out with \u{201c}frontdesk doctor\u{201d}; then resume.",
        ),
    };
    view! {
        <Notice tone=Tone::Warning title>
            <p>{unsent} {cure}</p>
            <p class="quiet">"AWS said " <When stamp=paused.since /> ": " {paused.message}</p>
            <Allowed act=Act::Launch>
                <PostForm action=Resume::PATH>
                    <input type="hidden" name="launch" value=id.to_string() />
                    <Button look=Look::Primary>"Resume"</Button>
                </PostForm>
            </Allowed>
        </Notice>
    }
}

#[component]
fn Content(launch: Launch, rows: Rows<Item>, state: Option<ItemState>) -> impl IntoView {
    let summary = launch.summary.clone();
    let (id, counts) = (summary.id, summary.counts);
    let freeze = launch.freeze.as_ref().filter(|_| counts.queued > 0).map(Freeze::sentence);
    let path = format!("/launches/{id}");
    let keep = vec![("state".to_owned(), state.map(ItemState::as_str).unwrap_or_default().to_owned())];
    let mut options = vec![(String::new(), format!("All ({})", counts.total()))];
    options.extend(
        ItemState::ALL
            .into_iter()
            .filter(|known| counts.of(*known) > 0)
            .map(|known| (known.as_str().to_owned(), format!("{} ({})", known.label(), counts.of(known)))),
    );
    let items = rows.rows.into_iter().map(|item| view! { <ItemRow item launch=id /> }).collect_view();
    view! {
        {(!counts.is_done()).then(|| view! { <TurnsByItself /> })}
        <PageHeader title=format!("Launch of {}", people(counts.total())) back=Back::to("/launches", "Launches") lead=summary.directory_name.clone()>
            <Allowed act=Act::Launch>
                {(counts.failed > 0)
                    .then(|| {
                        view! {
                            <PostForm action=Retry::PATH>
                                <input type="hidden" name="launch" value=id.to_string() />
                                <Button>"Retry all failed"</Button>
                            </PostForm>
                        }
                    })}
                {(counts.queued > 0)
                    .then(|| {
                        view! {
                            <PostForm action=Cancel::PATH>
                                <input type="hidden" name="launch" value=id.to_string() />
                                <Button>"Cancel all unsent"</Button>
                            </PostForm>
                        }
                    })}
            </Allowed>
        </PageHeader>
        <LaunchProgress counts />
        {summary
            .paused
            .clone()
            .filter(|_| summary.waits())
            .map(|paused| view! { <Waits id queued=counts.queued paused /> })}
        {launch.warning.map(|warning| view! { <Notice tone=Tone::Warning title="Too few free addresses">{warning}</Notice> })}
        {freeze
            .map(|words| {
                let wait = if counts.queued == 1 { "waits" } else { "wait" };
                let title = format!("{} {wait} while a DNS server is changed", people(counts.queued));
                view! { <Notice tone=Tone::Warning title>{words}</Notice> }
            })}
        <Live hidden=true>{counts.sentence()}</Live>
        {(counts.failed > 0)
            .then(|| {
                view! {
                    <Notice tone=Tone::Danger title=format!("{} failed", counts.failed)>
                        "They stand first below, each with what happened and what to do."
                    </Notice>
                }
            })}
        <Facts>
            <Fact label="Started">
                {summary.started_by} ", " <When stamp=summary.started />
            </Fact>
            <Fact label="Running mode">{launch.running_mode.to_string()}</Fact>
            <Fact label="Invitations">
                {format!("{} sent, {} opened, {} waiting", launch.invitations.sent, launch.invitations.opened, launch.invitations.queued)}
                {(launch.invitations.failed + launch.invitations.unconfirmed > 0)
                    .then(|| format!(", {} refused, {} unconfirmed", launch.invitations.failed, launch.invitations.unconfirmed))}
            </Fact>
            {(!launch.tags.is_empty())
                .then(|| {
                    let tags = launch.tags.into_iter().map(|tag| view! { <Code>{format!("{}={}", tag.key, tag.value)}</Code> " " });
                    view! { <Fact label="Tags">{tags.collect_view()}</Fact> }
                })}
        </Facts>
        <FilterBar action=path.clone()>
            <SelectField name="state" label="Rows" options value=state.map(ItemState::as_str).unwrap_or_default() />
        </FilterBar>
        <Table caption="Rows of this launch">
            <thead>
                <tr>
                    <Th>"Person"</Th>
                    <Th>"State"</Th>
                    <Th>"Since"</Th>
                    <Th>"WorkSpace"</Th>
                    <Th>"Invitation"</Th>
                    <Th>
                        <span class="hidden">"Act"</span>
                    </Th>
                </tr>
            </thead>
            <tbody>{items}</tbody>
        </Table>
        <Pagination path query=keep request=rows.request total=rows.total />
    }
}
