//! `/offerings/prices/{id}` and `/offerings/prices/draft/{draft}`.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_params_map;
use model::{
    DraftId, Error, PriceSheetId,
    offerings::{LineRow, SheetDraft, SheetPage as Found},
};

use super::{
    api::{KeepSheet, sheet, sheet_draft},
    parts::Example,
    prices::{Format, InForce},
};
use crate::{
    Failure,
    ui::{
        Back, Button, ErrorSummary, Fact, Facts, FileField, Look, Notice, Page, PageHeader, Row, Table, Td, TextArea, TextField,
        Th, Tone, UploadForm, When, error_of, loaded, reading,
    },
};

/// One sheet with its lines.
#[component]
pub fn SheetPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse().ok())));
    let page =
        reading(move || id.get(), |id: Option<PriceSheetId>| async move { sheet(id.ok_or(Failure(Error::NotFound))?).await });
    view! {
        <Page title="Price sheet">
            {loaded(page, |found: Found| view! { <Content found /> })}
        </Page>
    }
}

#[component]
fn Content(found: Found) -> impl IntoView {
    let Found { head, lines } = found;
    let title = format!("{} from {}", head.region, head.valid_from);
    let file = format!("/offerings/prices/{}/prices.csv", head.id);
    view! {
        <PageHeader title back=Back::to("/offerings/prices", "Prices")>
            <a href=file class="button" download="" rel="external">
                "Download as CSV"
            </a>
        </PageHeader>
        {head
            .example
            .then(|| {
                view! {
                    <Notice tone=Tone::Warning title="An example">
                        "These prices were made up for the demo. They are not AWS\u{2019}s."
                    </Notice>
                }
            })}
        <Facts>
            <Fact label="State">
                <InForce standing=head.standing />
                {head.example.then(|| view! { <Example /> })}
            </Fact>
            <Fact label="Currency">{head.currency}</Fact>
            <Fact label="Number">{head.number.to_string()}</Fact>
            <Fact label="Source">{head.note}</Fact>
            <Fact label="Taken in">{head.kept_by} ", " <When stamp=head.kept /></Fact>
        </Facts>
        <Lines lines />
    }
}

#[component]
fn Lines(lines: Vec<LineRow>) -> impl IntoView {
    let row = |line: LineRow| {
        view! {
            <Row>
                <Td label="Compute type" main=true>{line.compute}</Td>
                <Td label="Root GB" numeric=true>{line.root_gib.to_string()}</Td>
                <Td label="User GB" numeric=true>{line.user_gib.to_string()}</Td>
                <Td label="AlwaysOn a month" numeric=true>{line.always_on_month}</Td>
                <Td label="AutoStop a month" numeric=true>{line.auto_stop_month}</Td>
                <Td label="AutoStop an hour" numeric=true>{line.auto_stop_hour}</Td>
                <Td label="GB more a month" numeric=true>{line.volume_gib_month}</Td>
            </Row>
        }
    };
    let rows = lines.into_iter().map(row).collect_view();
    view! {
        <Table caption="Prices" keys=false>
            <thead>
                <tr>
                    <Th>"Compute type"</Th>
                    <Th numeric=true>"Root GB"</Th>
                    <Th numeric=true>"User GB"</Th>
                    <Th numeric=true>"AlwaysOn a month"</Th>
                    <Th numeric=true>"AutoStop a month"</Th>
                    <Th numeric=true>"AutoStop an hour"</Th>
                    <Th numeric=true>"GB more a month"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

/// A sheet on its way in.
#[component]
pub fn SheetDraftPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("draft").and_then(|id| id.parse().ok())));
    let page =
        reading(move || id.get(), |id: Option<DraftId>| async move { sheet_draft(id.ok_or(Failure(Error::NotFound))?).await });
    view! {
        <Page title="New price sheet" narrow=true>
            {loaded(
                page,
                |draft: SheetDraft| {
                    view! {
                        <PageHeader
                            title="New price sheet"
                            lead="It is taken in whole or not at all."
                            back=Back::to("/offerings/prices", "Prices")
                        />
                        <ErrorSummary errors=draft.errors.clone() />
                        <Form draft />
                        <Format />
                    }
                },
            )}
        </Page>
    }
}

#[component]
fn Form(draft: SheetDraft) -> impl IntoView {
    let SheetDraft { id, form, errors } = draft;
    let error = move |field: &str| error_of(&errors, field).unwrap_or_default();
    view! {
        <UploadForm action=KeepSheet::PATH>
            <input type="hidden" name="draft" value=id.to_string() />
            <TextField name="region" label="Region" value=form.region hint="As AWS writes it: eu-central-1." error=error("region") autocomplete="off" short=true />
            <TextField name="currency" label="Currency" value=form.currency hint="Three letters: USD, EUR." error=error("currency") autocomplete="off" short=true />
            <TextField
                name="valid_from"
                label="Valid from"
                value=form.valid_from
                kind="date"
                hint="Of the sheets whose date has come, the newest counts."
                error=error("valid_from")
                short=true
            />
            <TextField
                name="note"
                label="Source (optional)"
                value=form.note
                hint="Where these prices come from, for whoever looks later."
                error=error("note")
                autocomplete="off"
            />
            <TextArea name="text" label="Prices" value=form.text hint="Paste them here, the header first." error=error("text") rows=8 />
            <FileField
                name="file"
                label="Or choose a file"
                accept=".csv,.txt,text/csv,text/plain"
                hint="CSV as spreadsheets save it, up to 2,000 lines and 1 MB. A file counts more than what is pasted."
            />
            <div class="form-actions" id="list" tabindex="-1">
                <Button look=Look::Primary>"Take the sheet in"</Button>
            </div>
        </UploadForm>
    }
}
