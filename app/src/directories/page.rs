//! `/directories`.

use leptos::{either::Either, prelude::*};
use model::directories::{Directory, Freshness};

use super::api::list;
use crate::ui::{
    Badge, Code, CopyButton, Empty, FreshnessLine, Gloss, Page, PageHeader, Row, Table, Td, Th, Tone, loaded, reading,
};

/// All AD Connectors, with whether they take launches.
#[component]
pub fn DirectoriesPage() -> impl IntoView {
    let page = reading(|| (), |()| list());
    view! {
        <Page title="Directories">
            <PageHeader title="Directories" lead="The AD Connectors of this AWS account and Region." />
            {loaded(
                page,
                |(directories, freshness): (Vec<Directory>, Freshness)| {
                    view! {
                        {if directories.is_empty() {
                            Either::Left(view! { <Empty title="No AD Connector yet"><p>"They will stand here as soon as AWS has one."</p></Empty> })
                        } else {
                            Either::Right(view! { <List directories /> })
                        }}
                        <FreshnessLine freshness />
                    }
                },
            )}
        </Page>
    }
}

#[component]
fn List(directories: Vec<Directory>) -> impl IntoView {
    let rows = directories
        .into_iter()
        .map(|directory| {
            let why_not = directory.why_not();
            let badge = if why_not.is_none() { (Tone::Success, "Takes launches") } else { (Tone::Neutral, "No launches") };
            let code = directory.registration_code;
            view! {
                <Row>
                    <Td label="Directory" main=true>
                        {directory.name}
                        <Gloss>{directory.id.to_string()}</Gloss>
                    </Td>
                    <Td label="Stage">
                        {directory.stage}
                        <Gloss>{directory.registration.unwrap_or_else(|| "not registered with WorkSpaces".to_owned())}</Gloss>
                    </Td>
                    <Td label="Registration code">
                        {code
                            .map(|code| {
                                let shown = code.clone();
                                view! {
                                    <Code>{shown}</Code>
                                    " "
                                    <CopyButton text=code label="Copy the registration code" />
                                }
                            })}
                    </Td>
                    <Td label="Launches">
                        <Badge tone=badge.0 text=badge.1 />
                        {why_not.map(|why| view! { <Gloss>{why}</Gloss> })}
                    </Td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table caption="Directories">
            <thead>
                <tr>
                    <Th>"Directory"</Th>
                    <Th>"Stage"</Th>
                    <Th>"Registration code"</Th>
                    <Th>"Launches"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}
