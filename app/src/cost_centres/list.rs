//! `/cost-centres/list`.

use leptos::{prelude::*, server_fn::ServerFn};
use model::cost_centres::ListDraft;

use super::api::{ImportCostCentres, typed_list};
use crate::ui::{
    Back, Button, Code, ErrorSummary, FileField, Look, Page, PageHeader, TextArea, UploadForm, error_of, loaded, reading,
};

const COLUMNS: &str = "number,name,owner,cap,currency";

/// Many cost centres at once, from a list; one that is not right yet stands in its field.
#[component]
pub fn CostCentreListPage() -> impl IntoView {
    let page = reading(|| (), |()| typed_list());
    view! {
        <Page title="Read a list" narrow=true>
            <PageHeader
                title="Read a list"
                lead="Numbers that are there are changed, others are made. If a line is wrong, nothing of the list is taken."
                back=Back::to("/cost-centres", "Cost centres")
            />
            {loaded(page, |draft| view! { <Form draft /> })}
        </Page>
    }
}

#[component]
fn Form(draft: ListDraft) -> impl IntoView {
    let ListDraft { text, problems } = draft;
    let error = error_of(&problems, "list").unwrap_or_default();
    view! {
        <ErrorSummary errors=problems />
        <p>
            "The columns are " <Code>{COLUMNS}</Code>
            ". The owner is an account or a mail address, the cap a number such as 5000.00, or empty for no cap."
        </p>
        <UploadForm action=ImportCostCentres::PATH>
            <TextArea name="text" id="list" label="Paste it here" value=text rows=10 error />
            <FileField
                name="file"
                label="Or choose a file"
                accept=".csv,.tsv,.txt,text/csv,text/plain"
                hint="CSV as spreadsheets save it, up to 2,000 lines and 1 MB. A file counts more than what is pasted."
            />
            <div class="form-actions">
                <Button look=Look::Primary>"Read the list"</Button>
            </div>
        </UploadForm>
    }
}
