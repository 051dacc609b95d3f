//! `/offerings/prices`.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_router::components::A;
use model::offerings::{SheetHead, Standing};

use super::{
    api::{BeginSheet, prices},
    parts::Example,
};
use crate::ui::{
    Back, Badge, Button, CodeBlock, Empty, Gloss, Look, Notice, Page, PageHeader, PostForm, Row, Section, Table, Td, Th, Tone,
    When, loaded, reading,
};

/// All price sheets, and what one looks like.
#[component]
pub fn PricesPage() -> impl IntoView {
    let page = reading(|| (), |()| prices());
    view! {
        <Page title="Prices">
            {loaded(
                page,
                |(sheets, region): (Vec<SheetHead>, String)| {
                    let known = sheets.iter().any(|sheet| sheet.region == region && sheet.standing == Standing::InForce);
                    let lead = format!(
                        "Frontdesk makes no price up: it reads them from the sheet of {region} that is in force.",
                    );
                    view! {
                        <PageHeader title="Prices" lead back=Back::to("/offerings", "Offerings")>
                            <PostForm action=BeginSheet::PATH>
                                <Button look=Look::Primary>"New price sheet"</Button>
                            </PostForm>
                        </PageHeader>
                        {(!known && !sheets.is_empty())
                            .then(|| {
                                view! {
                                    <Notice tone=Tone::Warning title="Prices are not known">
                                        {format!("No sheet of {region} is in force, so pages say \u{201c}price not known\u{201d}.")}
                                    </Notice>
                                }
                            })}
                        {if sheets.is_empty() {
                            Either::Left(view! { <NoneYet /> })
                        } else {
                            Either::Right(view! { <List sheets /> })
                        }}
                        <Format />
                    }
                },
            )}
        </Page>
    }
}

#[component]
fn NoneYet() -> impl IntoView {
    view! {
        <Empty title="No price sheet yet">
            <p>
                "Without one, pages say \u{201c}price not known\u{201d}, and managers can still ask. A sheet holds what AWS, or your contract, asks for each compute type in one Region and one currency, from a date on."
            </p>
        </Empty>
    }
}

/// Whether prices are read from it.
#[component]
pub(super) fn InForce(standing: Standing) -> impl IntoView {
    let tone = match standing {
        Standing::InForce => Tone::Success,
        Standing::Later => Tone::Info,
        Standing::Past => Tone::Neutral,
    };
    view! { <Badge tone text=standing.label() /> }
}

#[component]
fn List(sheets: Vec<SheetHead>) -> impl IntoView {
    let row = |sheet: SheetHead| {
        let lines = if sheet.lines == 1 { "1 line".to_owned() } else { format!("{} lines", sheet.lines) };
        view! {
            <Row>
                <Td label="Sheet" main=true>
                    <A href=format!("/offerings/prices/{}", sheet.id)>{format!("{} from {}", sheet.region, sheet.valid_from)}</A>
                    <Gloss>{format!("No. {} \u{b7} {} \u{b7} {lines}", sheet.number, sheet.currency)}</Gloss>
                </Td>
                <Td label="State">
                    <InForce standing=sheet.standing />
                    {sheet.example.then(|| view! { <Example /> })}
                </Td>
                <Td label="Source">{sheet.note}</Td>
                <Td label="Taken in"><When stamp=sheet.kept /> <Gloss>{format!("by {}", sheet.kept_by)}</Gloss></Td>
            </Row>
        }
    };
    let rows = sheets.into_iter().map(row).collect_view();
    view! {
        <Table caption="Price sheets">
            <thead>
                <tr>
                    <Th>"Sheet"</Th>
                    <Th>"State"</Th>
                    <Th>"Source"</Th>
                    <Th>"Taken in"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

/// How a sheet's lines are written.
const SAMPLE: &str = "compute,root_gib,user_gib,always_on_month,auto_stop_month,auto_stop_hour,volume_gib_month
STANDARD,80,50,40.00,10.00,0.50,0.20
POWER,175,100,,20.00,1.00,0.20";

/// What a sheet looks like, and what its columns mean.
#[component]
pub(super) fn Format() -> impl IntoView {
    view! {
        <Section title="How a sheet is written" lead="CSV with one line for each compute type and pair of volumes. The numbers here only show the form.">
            <CodeBlock label="A sheet, as an example of the form">{SAMPLE}</CodeBlock>
            <dl class="terms">
                <dt>"compute"</dt>
                <dd>"The compute type as AWS writes it: STANDARD, POWERPRO, GRAPHICS_G4DN, \u{2026}"</dd>
                <dt>"root_gib, user_gib"</dt>
                <dd>"The volumes that are in the price, in GB."</dd>
                <dt>"always_on_month"</dt>
                <dd>"AlwaysOn, a month. Empty: not offered."</dd>
                <dt>"auto_stop_month, auto_stop_hour"</dt>
                <dd>"AutoStop: the fee a month and the price an hour. Both, or both empty."</dd>
                <dt>"volume_gib_month"</dt>
                <dd>
                    "Each GB more than the line\u{2019}s volumes, a month. A desktop with larger volumes is priced by the nearest smaller line. Empty: larger ones have no price."
                </dd>
            </dl>
            <p>"Prices have a point and no separators: 1250.50. One wrong line keeps the whole sheet out, and each is told with its number. A sheet never changes: a correction is a new sheet of the same date, and the one that was taken in last counts."</p>
            <p>
                <a href="/offerings/prices/template.csv" class="button" download="" rel="external">
                    "Download an empty sheet"
                </a>
            </p>
        </Section>
    }
}
