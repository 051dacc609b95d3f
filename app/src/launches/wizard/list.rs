//! People from a list: pasted or uploaded, and what each of its lines came to.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::{components::A, hooks::use_location};
use model::{
    DraftId,
    launches::{Candidate, Columns, Line, LineKind, Report, Step, Verdict},
};

use super::{StepHead, draft_id, is_open, no_draft};
use crate::{
    launches::api::{ChoosePerson, ReadList, list_report},
    people::parts::Obstacles,
    ui::{
        Badge, Button, FileField, FilterBar, Gloss, LinkButton, Live, Look, Page, Pagination, PostForm, Row, Section,
        SelectField, Table, Td, TextArea, Th, Tone, UploadForm, When, loaded, page_request, reading, text, use_query_map,
    },
};

/// `/launches/new/{draft}/list`.
#[component]
pub fn ListPage() -> impl IntoView {
    let (id, query) = (draft_id(), use_query_map());
    let kind = Memo::new(move |_| query.with(|query| LineKind::from_db(&text(query, "kind"))));
    let page = reading(
        move || (id.get(), kind.get(), query.with(page_request)),
        |(id, kind, page)| async move { list_report(id.ok_or_else(no_draft)?, kind, page).await },
    );
    view! {
        <Page title="List of people · New launch">
            {loaded(
                page,
                move |(draft, report)| {
                    let (id, people) = (draft.id, draft.people);
                    let kind = kind.get_untracked();
                    let open = is_open(&draft, Step::People);
                    view! {
                        <StepHead
                            draft
                            step=Step::People
                            title="People from a list"
                            lead="Accounts or mail addresses, one a line. Everybody who is found and can get a WorkSpace is added; the report says what became of each line."
                        />
                        {report.map(|report| view! { <Told report kind id /> })}
                        {open.then(|| view! { <Entry id /> })}
                        <div class="form-actions">
                            <LinkButton href=format!("/launches/new/{id}/people") look=Look::Quiet>
                                "Back to people"
                            </LinkButton>
                            {(people > 0)
                                .then(|| {
                                    view! {
                                        <LinkButton href=format!("/launches/new/{id}/desktop") look=Look::Primary>
                                            {format!("Continue to desktop with {people}")}
                                        </LinkButton>
                                    }
                                })}
                        </div>
                    }
                },
            )}
        </Page>
    }
}

#[component]
fn Entry(id: DraftId) -> impl IntoView {
    view! {
        <Section title="Read a list">
            <UploadForm action=ReadList::PATH>
                <input type="hidden" name="draft" value=id.to_string() />
                <TextArea
                    name="text"
                    label="Paste it here"
                    hint="With a header, columns are found by their names: account, UPN or mail; bundle; and tag:… for tags, for example tag:cost centre."
                    rows=8
                />
                <FileField
                    name="file"
                    label="Or choose a file"
                    accept=".csv,.tsv,.txt,text/csv,text/plain"
                    hint="CSV or text as spreadsheets save it, up to 5,000 lines and 4 MB. A file counts more than what is pasted."
                />
                <div id="list" tabindex="-1">
                    <Button look=Look::Primary>"Read the list"</Button>
                </div>
            </UploadForm>
        </Section>
    }
}

/// What the list was taken for.
fn describe(columns: &Columns) -> String {
    let separator = match columns.separator {
        '\t' => "tab",
        ';' => "semicolon",
        _ => "comma",
    };
    let header = if columns.header { "with a header" } else { "without a header" };
    let ignored = match columns.ignored.as_slice() {
        [] => String::new(),
        names => format!(" Columns not used: {}.", names.join(", ")),
    };
    format!("Read as {}, {separator} between columns, {header}.{ignored}", columns.encoding)
}

#[component]
fn Told(report: Report, kind: Option<LineKind>, id: DraftId) -> impl IntoView {
    let total: i64 = report.counts.iter().map(|(_, count)| count).sum();
    let sentence = report.counts.iter().rev().map(|(kind, count)| format!("{count} {}", kind.label().to_lowercase()));
    let sentence = format!("{total} lines: {}.", sentence.collect::<Vec<_>>().join(", "));
    let mut options = vec![(String::new(), format!("All ({total})"))];
    options.extend(report.counts.iter().map(|(kind, count)| (kind.as_str().to_owned(), format!("{} ({count})", kind.label()))));
    let path = format!("/launches/new/{id}/list");
    let keep = vec![("kind".to_owned(), kind.map(LineKind::as_str).unwrap_or_default().to_owned())];
    let rows = report.lines.rows.into_iter().map(|line| view! { <LineRow line id /> }).collect_view();
    view! {
        <div id="report">
            <Section title=report.name.clone()>
                <Live>{sentence}</Live>
                <Gloss>{describe(&report.columns)} " " <When stamp=report.read /></Gloss>
                <FilterBar action=path.clone()>
                    <SelectField name="kind" label="Lines" options value=kind.map(LineKind::as_str).unwrap_or_default() />
                </FilterBar>
                <Table caption="Lines of the list">
                    <thead>
                        <tr>
                            <Th>"As written"</Th>
                            <Th>"Person"</Th>
                            <Th>"Came to"</Th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </Table>
                <Pagination path query=keep request=report.lines.request total=report.lines.total />
            </Section>
        </div>
    }
}

#[component]
fn LineRow(line: Line, id: DraftId) -> impl IntoView {
    let person = line.person.map(|(guid, name)| {
        view! {
            <A href=format!("/people/{guid}")>
                <bdi>{name}</bdi>
            </A>
        }
    });
    let kind = line.verdict.kind();
    let told = |tone: Tone, more: String| view! { <Badge tone text=kind.label() /> <Gloss>{more}</Gloss> }.into_any();
    let came_to = match line.verdict {
        Verdict::Added => view! { <Badge tone=Tone::Success text=kind.label() /> }.into_any(),
        Verdict::Known => told(Tone::Info, "on the draft already".to_owned()),
        Verdict::Twice { first } => told(Tone::Neutral, format!("the same person as line {first}")),
        Verdict::NotFound => told(Tone::Danger, "nobody in Active Directory has it".to_owned()),
        Verdict::Unusable { problem } => told(Tone::Danger, problem),
        Verdict::NotEligible { obstacles } => view! { <Obstacles obstacles /> }.into_any(),
        Verdict::Ambiguous { candidates } => view! { <Choose id number=line.number candidates /> }.into_any(),
    };
    view! {
        <Row>
            <Td label="As written" main=true>
                <bdi>{line.written}</bdi>
                <Gloss>{format!("line {}", line.number)}</Gloss>
            </Td>
            <Td label="Person">{person}</Td>
            <Td label="Came to">{came_to}</Td>
        </Row>
    }
}

/// Several people have what the line says.
#[component]
fn Choose(id: DraftId, number: u32, candidates: Vec<Candidate>) -> impl IntoView {
    let mut options = vec![(String::new(), format!("{} people: choose one", candidates.len()))];
    options.extend(candidates.into_iter().map(|candidate| {
        let more = [candidate.mail, candidate.department]
            .into_iter()
            .flatten()
            .map(|more| format!(" \u{b7} {more}"))
            .collect::<String>();
        (candidate.guid.to_string(), format!("{} ({}){more}", candidate.name, candidate.account))
    }));
    view! {
        <PostForm action=ChoosePerson::PATH class="inline-form">
            <input type="hidden" name="draft" value=id.to_string() />
            <input type="hidden" name="line" value=number.to_string() />
            <input type="hidden" name="back" value=use_location().search.get_untracked() />
            <SelectField name="guid" label=format!("Whom line {number} means") options value="" hide_label=true />
            <Button small=true>"Choose"</Button>
        </PostForm>
    }
}
