//! What several pages of directories show.

use leptos::prelude::*;
use model::directories::Subnet;

use crate::ui::{ChoiceCard, Gloss};

/// A subnet to tick, with what its routes say, or why it can't be picked.
pub(super) fn subnet_card(name: &'static str, subnet: Subnet, checked: bool, region: &str) -> impl IntoView + use<> {
    let (obstacle, caution) = (subnet.obstacle(region), subnet.caution(region));
    let ways = format!("{}; {}", subnet.internet().words(), subnet.company().words());
    view! {
        <ChoiceCard
            name
            value=subnet.id.to_string()
            title=subnet.title()
            checked={checked && obstacle.is_none()}
            several=true
            disabled=obstacle.is_some()
        >
            <Gloss>{format!("{} \u{00b7} zone {} ({}) \u{00b7} {} free addresses", subnet.cidr, subnet.zone, subnet.zone_id, subnet.free)}</Gloss>
            <Gloss>{ways}</Gloss>
            {obstacle.or(caution).map(|words| view! { <Gloss>{words}</Gloss> })}
        </ChoiceCard>
    }
}
