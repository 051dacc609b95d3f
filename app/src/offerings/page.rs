//! `/offerings`.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_router::components::A;
use model::offerings::{DraftHead, Offering, Overview, State};

use super::{
    api::{BeginOffering, overview},
    parts::{Price, icon},
};
use crate::ui::{
    Badge, Button, Empty, Gloss, Icon, LinkButton, Look, Page, PageHeader, PostForm, Row, Section, Table, Td, Th, Tone, When,
    loaded, reading,
};

/// All offerings, and the reader's drafts.
#[component]
pub fn OfferingsPage() -> impl IntoView {
    let page = reading(|| (), |()| overview());
    view! {
        <Page title="Offerings">
            {loaded(
                page,
                |Overview { offerings, drafts }: Overview| {
                    view! {
                        <PageHeader title="Offerings" lead="The desktops that managers may ask for, in their words.">
                            <LinkButton href="/offerings/prices">"Prices"</LinkButton>
                            <PostForm action=BeginOffering::PATH>
                                <Button look=Look::Primary>"New offering"</Button>
                            </PostForm>
                        </PageHeader>
                        {if offerings.is_empty() {
                            Either::Left(view! { <NoneYet /> })
                        } else {
                            Either::Right(view! { <List offerings /> })
                        }}
                        <Drafts drafts />
                    }
                },
            )}
        </Page>
    }
}

#[component]
fn NoneYet() -> impl IntoView {
    view! {
        <Empty title="Nothing can be asked for yet">
            <p>
                "An offering is a desktop that managers may ask for: a bundle, how it runs and how large it is, under a name that they understand, with what it costs in a month. It says who may ask and whether somebody has to approve."
            </p>
        </Empty>
    }
}

/// How an offering stands; what is the matter with it comes first.
#[component]
pub(super) fn Standing(state: State, flag: Option<&'static str>) -> impl IntoView {
    match (state, flag) {
        (State::Closed, _) => view! { <Badge tone=Tone::Neutral text="Closed" /> },
        (State::Open, Some(flag)) => view! { <Badge tone=Tone::Warning text=flag /> },
        (State::Open, None) => view! { <Badge tone=Tone::Success text="Open" /> },
    }
}

#[component]
fn List(offerings: Vec<Offering>) -> impl IntoView {
    let row = |offering: Offering| {
        let card = offering.card;
        let label = offering.flag.as_ref().map(model::offerings::Flag::label);
        let open = offering.state == State::Open;
        let flag = offering.flag.filter(|_| open).map(|flag| flag.sentence());
        let approval = if card.needs_approval { "with approval" } else { "without approval" };
        view! {
            <Row>
                <Td label="Offering" main=true>
                    <Icon name=icon(card.picture) />
                    " "
                    <A href=format!("/offerings/{}", card.offering)>{card.name}</A>
                    <Gloss>{offering.desktop} " \u{b7} " {offering.directory_name}</Gloss>
                </Td>
                <Td label="Costs">
                    <Price price=card.price />
                </Td>
                <Td label="Who may ask">{offering.who} <Gloss>{approval}</Gloss></Td>
                <Td label="State">
                    <Standing state=offering.state flag=label />
                    {flag.map(|flag| view! { <Gloss>{flag}</Gloss> })}
                </Td>
            </Row>
        }
    };
    let rows = offerings.into_iter().map(row).collect_view();
    view! {
        <Table caption="Offerings">
            <thead>
                <tr>
                    <Th>"Offering"</Th>
                    <Th>"Costs"</Th>
                    <Th>"Who may ask"</Th>
                    <Th>"State"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Drafts(drafts: Vec<DraftHead>) -> impl IntoView {
    let row = |draft: DraftHead| {
        let name = if draft.name.trim().is_empty() { "No name yet".to_owned() } else { draft.name };
        let kind = if draft.of.is_some() { "change of an offering" } else { "new offering" };
        view! {
            <Row>
                <Td label="Draft" main=true>
                    <A href=format!("/offerings/draft/{}", draft.id)>{name}</A>
                    <Gloss>{kind}</Gloss>
                </Td>
                <Td label="Changed">
                    <When stamp=draft.changed />
                </Td>
            </Row>
        }
    };
    (!drafts.is_empty()).then(|| {
        let rows = drafts.into_iter().map(row).collect_view();
        view! {
            <Section title="Your drafts" lead="What you began and did not publish.">
                <Table caption="Drafts">
                    <thead>
                        <tr>
                            <Th>"Draft"</Th>
                            <Th>"Changed"</Th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </Table>
            </Section>
        }
    })
}
