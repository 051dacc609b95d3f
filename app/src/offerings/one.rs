//! `/offerings/{id}`.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_params_map;
use model::{
    Error, OfferingId,
    offerings::{OfferingPage as Found, State, VersionRow},
};

use super::{
    api::{BeginOffering, SetOfferingOpen, get},
    page::Standing,
    parts::{OfferCard, Said},
};
use crate::{
    Failure,
    ui::{
        Back, Button, Gloss, Look, Notice, Page, PageHeader, PostForm, Row, Section, Table, Td, Th, Tone, When, loaded, reading,
    },
};

/// One offering: what managers see, what stands behind it, and how it came to be.
#[component]
pub fn OfferingPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse().ok())));
    let page = reading(move || id.get(), |id: Option<OfferingId>| async move { get(id.ok_or(Failure(Error::NotFound))?).await });
    view! {
        <Page title="Offering">
            {loaded(page, |found: Found| view! { <Content found /> })}
        </Page>
    }
}

#[component]
fn Content(found: Found) -> impl IntoView {
    let Found { offering, facts, versions } = found;
    let (id, seen, open) = (offering.card.offering, offering.card.version, offering.state == State::Open);
    let (title, label) = (offering.card.name.clone(), offering.flag.as_ref().map(model::offerings::Flag::label));
    let flag = offering.flag.as_ref().map(|flag| (flag.label(), flag.sentence()));
    view! {
        <PageHeader title back=Back::to("/offerings", "Offerings")>
            <PostForm action=SetOfferingOpen::PATH>
                <input type="hidden" name="id" value=id.to_string() />
                <input type="hidden" name="seen" value=seen.to_string() />
                <input type="hidden" name="open" value=if open { "false" } else { "true" } />
                <Button>{if open { "Close it" } else { "Open it again" }}</Button>
            </PostForm>
            <PostForm action=BeginOffering::PATH>
                <input type="hidden" name="of" value=id.to_string() />
                <Button look=Look::Primary>"Change it"</Button>
            </PostForm>
        </PageHeader>
        <p>
            <Standing state=offering.state flag=label />
            " "
            <Gloss>{format!("Version {seen}, last changed by {}", offering.changed_by)} ", " <When stamp=offering.changed /></Gloss>
        </p>
        {flag.filter(|_| open).map(|(label, sentence)| view! { <Notice tone=Tone::Warning title=label>{sentence}</Notice> })}
        {(!open)
            .then(|| {
                view! {
                    <Notice tone=Tone::Info title="Closed">
                        "Nobody can ask for it. Requests that run keep it, and so do the desktops that were made."
                    </Notice>
                }
            })}
        <Section title="What a manager sees">
            <OfferCard card=offering.card />
        </Section>
        <Said facts />
        <Versions versions />
    }
}

#[component]
fn Versions(versions: Vec<VersionRow>) -> impl IntoView {
    let row = |version: VersionRow| {
        view! {
            <Row>
                <Td label="Version" main=true>{version.version.to_string()} <Gloss>{version.name}</Gloss></Td>
                <Td label="Desktop">{version.desktop}</Td>
                <Td label="Changed">{version.change}</Td>
                <Td label="Published"><When stamp=version.made /> <Gloss>{format!("by {}", version.made_by)}</Gloss></Td>
            </Row>
        }
    };
    let rows = versions.into_iter().map(row).collect_view();
    view! {
        <Section title="Versions" lead="A version never changes: a request keeps the one that it asked for.">
            <Table caption="Versions" keys=false>
                <thead>
                    <tr>
                        <Th>"Version"</Th>
                        <Th>"Desktop"</Th>
                        <Th>"Changed"</Th>
                        <Th>"Published"</Th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Section>
    }
}
