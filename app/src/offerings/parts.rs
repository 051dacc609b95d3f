//! The pieces that pages of offerings share.

use leptos::{either::Either, prelude::*};
use model::{
    OfferingId,
    offerings::{Card, Picture, PriceTag},
};

use crate::ui::{Badge, Fact, Facts, Gloss, Icon, IconName, LinkButton, Notice, Tone};

/// The picture beside an offering's name.
pub fn icon(picture: Picture) -> IconName {
    match picture {
        Picture::Desktop => IconName::Desktop,
        Picture::Code => IconName::Code,
        Picture::Phone => IconName::Phone,
        Picture::Paper => IconName::Record,
        Picture::Gauge => IconName::Gauge,
        Picture::People => IconName::People,
    }
}

/// An offering as managers see it.
#[component]
pub fn OfferCard(card: Card) -> impl IntoView {
    let approval = if card.needs_approval { "Somebody has to approve it." } else { "Needs no approval." };
    let limit = card.most_per_manager.map(|most| match most {
        1 => " One for each manager.".to_owned(),
        most => format!(" At most {most} for each manager."),
    });
    view! {
        <article class="offer">
            <span class="offer-picture">
                <Icon name=icon(card.picture) />
            </span>
            <div class="offer-text">
                <h3>{card.name}</h3>
                {(!card.description.is_empty()).then(|| view! { <p class="offer-description">{card.description}</p> })}
                <Price price=card.price />
                <Gloss>{approval} {limit}</Gloss>
                {card.why_not.map(|why| view! { <p class="quiet">{why}</p> })}
            </div>
        </article>
    }
}

/// What it costs in a month, how that comes about, and how old the price is.
#[component]
pub fn Price(price: Option<PriceTag>) -> impl IntoView {
    match price {
        None => Either::Left(view! { <p class="price">"Price not known"</p> }),
        Some(price) => Either::Right(view! {
            <p class="price">
                <b>{price.monthly}</b>
                " a month"
            </p>
            {price.hourly.map(|hourly| view! { <Gloss>{hourly}</Gloss> })}
            <Gloss>{format!("Prices of {}.", price.valid_from)}</Gloss>
            {price.example.then(|| view! { <Example /> })}
        }),
    }
}

/// In the place of a draft that was published.
#[component]
pub fn Published(offering: OfferingId) -> impl IntoView {
    view! {
        <Notice tone=Tone::Info title="This was published">
            <p>"Change the offering itself if it is not right."</p>
            <LinkButton href=format!("/offerings/{offering}")>"Open the offering"</LinkButton>
        </Notice>
    }
}

/// Marks what comes of a sheet that was made up for the demo.
#[component]
pub fn Example() -> impl IntoView {
    view! { <Badge tone=Tone::Warning text="Example, not AWS\u{2019}s prices" /> }
}

/// Names and values that the server put into words.
#[component]
pub fn Said(facts: Vec<(String, String)>) -> impl IntoView {
    let facts = facts.into_iter().map(|(label, value)| view! { <Fact label>{value}</Fact> }).collect_view();
    view! { <Facts>{facts}</Facts> }
}
