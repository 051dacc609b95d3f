//! The WorkSpaces of a change: what became of each, and lists of outcomes.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_location;
use model::{
    access::Act,
    directories::{DnsChange, DnsChangePage, DnsFilter, DnsWorkspace, Told},
};

use super::{
    Which,
    api::{ReadDns, SettleDns},
    path,
};
use crate::{
    ui::{
        Allowed, Badge, BulkBar, Button, Code, Disclosure, Empty, FileField, FilterBar, Gloss, Live, Pagination, Row,
        SearchField, SelectAll, SelectCell, SelectField, SelectionForm, Table, Td, TextArea, TextField, Th, Tone, UploadForm,
        When, keyed_rows,
    },
    workspaces::api::Prepare,
};

fn tone(told: Told) -> Tone {
    match told {
        Told::Open => Tone::Neutral,
        Told::Restart => Tone::Warning,
        Told::Done => Tone::Success,
        Told::Skipped => Tone::Info,
    }
}

/// What became of each WorkSpace, and saying it.
#[component]
pub(super) fn Workspaces(found: DnsChangePage, progress: String, outcomes: String, filter: DnsFilter) -> impl IntoView {
    let DnsChangePage { change, workspaces, .. } = found;
    let (here, live, counts) = (path(&change), change.state.is_live(), change.counts);
    let value = filter.told.map(Told::as_str).unwrap_or_default().to_owned();
    let mut options = vec![(String::new(), format!("All ({})", counts.total()))];
    options.extend(Told::ALL.map(|told| (told.as_str().to_owned(), format!("{} ({})", told.label(), counts.of(told)))));
    let keep = vec![("q".to_owned(), filter.q.clone()), ("outcome".to_owned(), value.clone())];
    let total = workspaces.total;
    let rows = if total == 0 {
        view! {
            <Empty title="No WorkSpace">
                <p>"None matches, or this directory has none. Those that are launched before the connector is changed appear here by themselves."</p>
            </Empty>
        }
        .into_any()
    } else if live {
        view! { <Choose change=change.clone() rows=workspaces.rows /> }.into_any()
    } else {
        let rows = workspaces.rows.into_iter().map(|workspace| view! { <WorkspaceRow workspace select=false /> }).collect_view();
        view! { <Shown rows=rows.into_any() select=false /> }.into_any()
    };
    view! {
        <h2 id="workspaces" tabindex="-1">"WorkSpaces"</h2>
        <div class="drawn" inner_html=progress></div>
        <Live>{counts.sentence()}</Live>
        {live.then(|| view! { <Import change outcomes /> })}
        <FilterBar action=here.clone()>
            <SearchField name="q" label="User, computer or WorkSpace" value=filter.q />
            <SelectField name="outcome" label="Which" options value />
        </FilterBar>
        {rows}
        <Pagination path=here query=keep request=workspaces.request total />
    }
}

#[component]
fn Choose(change: DnsChange, rows: Vec<DnsWorkspace>) -> impl IntoView {
    let shown = |workspace: &DnsWorkspace| {
        let (state, note) = (workspace.state.as_deref().unwrap_or_default(), workspace.note.as_deref().unwrap_or_default());
        format!("{} {} {state} {note}", workspace.id, workspace.told.as_str())
    };
    let rows = keyed_rows(rows, shown, |workspace| view! { <WorkspaceRow workspace select=true /> });
    let options = Told::ALL.map(|told| (told.as_str().to_owned(), told.label().to_owned())).to_vec();
    let query = use_location().search.get_untracked();
    let query = if query.is_empty() || query.starts_with('?') { query } else { format!("?{query}") };
    view! {
        <SelectionForm action=SettleDns::PATH>
            <Which change />
            <input type="hidden" name="query" value=query />
            <input type="hidden" name="act" value="reboot" />
            <Shown rows select=true />
            <BulkBar>
                <SelectField name="told" label="What became of the selected" options value=Told::Done.as_str() />
                <TextField name="note" label="Note (optional)" autocomplete="off" />
                <Button>"Mark the selected"</Button>
                <Allowed act=Act::ActOnWorkspaces>
                    <Button elsewhere=Prepare::PATH>"Restart the selected"</Button>
                </Allowed>
            </BulkBar>
        </SelectionForm>
    }
}

#[component]
fn Shown(rows: AnyView, select: bool) -> impl IntoView {
    view! {
        <Table caption="WorkSpaces of this change">
            <thead>
                <tr>
                    {select.then(|| view! { <SelectAll label="Select all on this page" /> })}
                    <Th>"User"</Th>
                    <Th>"Computer"</Th>
                    <Th>"State"</Th>
                    <Th>"Outcome"</Th>
                    <Th>"Said"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn WorkspaceRow(workspace: DnsWorkspace, select: bool) -> impl IntoView {
    let label = format!("Select {}", workspace.user_name);
    let id = workspace.id.to_string();
    let gone = workspace.state.is_none();
    view! {
        <Row>
            {select.then(|| view! { <SelectCell name="workspaces[]" value=id.clone() label disabled=gone /> })}
            <Td label="User" main=true>
                <a href=format!("/workspaces/{id}")>{workspace.user_name}</a>
                {workspace.late.then(|| view! { <Gloss>"Launched since this was begun"</Gloss> })}
            </Td>
            <Td label="Computer">
                {workspace.computer_name.unwrap_or_else(|| "\u{2013}".to_owned())}
                <Gloss>
                    <Code>{workspace.id.to_string()}</Code>
                </Gloss>
            </Td>
            <Td label="State">{workspace.state.unwrap_or_else(|| "gone".to_owned())}</Td>
            <Td label="Outcome">
                {if gone {
                    view! { <Badge tone=Tone::Neutral text="Nothing to do" /> }.into_any()
                } else {
                    view! { <Badge tone=tone(workspace.told) text=workspace.told.label() /> }.into_any()
                }}
                {workspace.note.map(|note| view! { <Gloss>{note}</Gloss> })}
            </Td>
            <Td label="Said">
                {workspace.at.map(|stamp| view! { <When stamp brief=true /> })}
                {workspace.by.map(|by| view! { <Gloss>{by}</Gloss> })}
            </Td>
        </Row>
    }
}

#[component]
fn Import(change: DnsChange, outcomes: String) -> impl IntoView {
    let file = format!("{}/workspaces.csv", path(&change));
    view! {
        <div id="outcomes" tabindex="-1" inner_html=outcomes></div>
        <Disclosure summary="Import a list of outcomes">
            <UploadForm action=ReadDns::PATH>
                <Which change />
                <FileField
                    name="file"
                    label="A file, as the script writes it"
                    accept=".csv,.tsv,.txt,text/csv,text/plain"
                    hint="CSV with the columns computer and result, up to 5,000 lines and 1 MB. Computer names and WorkSpace ids both do; of several lines of one WorkSpace the last counts."
                />
                <TextArea
                    name="text"
                    label="Or paste it here"
                    hint="Results: done, changed (a restart is due), restarting, already, absent, failed, skipped, open."
                    rows=5
                />
                <div id="list" tabindex="-1" class="form-actions">
                    <a href=file download="workspaces.csv" rel="external">"Take the list below as CSV, to fill in"</a>
                    <Button>"Import"</Button>
                </div>
            </UploadForm>
        </Disclosure>
    }
}
