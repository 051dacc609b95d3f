//! The free addresses of a directory's subnets.

use leptos::{either::Either, prelude::*};
use model::directories::Addresses;

use crate::ui::{Code, FreshnessLine, Gloss, Notice, Row, Section, Segment, Shares, Table, Td, Th, Tone};

/// How many more WorkSpaces the directory has room for: in words, drawn, and subnet by subnet.
#[component]
pub(super) fn Room(addresses: Addresses) -> impl IntoView {
    let content = if addresses.subnets.is_empty() {
        Either::Left(view! {
            <p class="gloss">
                "EC2 has not shown this directory\u{2019}s subnets. Frontdesk reads them every hour, and every ten minutes during launches; it needs ec2:DescribeSubnets for that."
            </p>
        })
    } else {
        Either::Right(view! { <Known addresses=addresses.clone() /> })
    };
    view! {
        <Section title="Room for WorkSpaces" lead="Each WorkSpace takes one address of one of these subnets; AWS chooses which.">
            {content}
            <FreshnessLine freshness=addresses.freshness />
        </Section>
    }
}

#[component]
fn Known(addresses: Addresses) -> impl IntoView {
    let (free, left, coming) = (addresses.free(), addresses.left(), addresses.coming);
    let segments = [(Tone::Info, coming.min(free), "on the way"), (Tone::Success, left.max(0), "left")];
    let segments = segments.map(|(tone, count, word)| Segment { tone, count, word: word.to_owned() });
    let segments: Vec<_> = segments.into_iter().filter(|segment| segment.count > 0).collect();
    let (sentence, caption) = (addresses.sentence(), addresses.sentence());
    let words = if left < Addresses::FEW {
        Either::Left(view! {
            <Notice tone=Tone::Warning title="Few free addresses">
                <p>{sentence}</p>
                <p>
                    "AWS ends a WorkSpace without an address in ERROR. A subnet can\u{2019}t be made larger: launch in another directory, or terminate WorkSpaces that nobody needs."
                </p>
            </Notice>
        })
    } else {
        Either::Right(view! { <p>{sentence}</p> })
    };
    let fewest = addresses.fewest().map(|subnet| format!("The fewest are in {}: {}.", subnet.title(), subnet.free));
    let rows = addresses.subnets.into_iter().map(|subnet| {
        view! {
            <Row>
                <Td label="Subnet" main=true>
                    {subnet.name}
                    <Gloss>{subnet.id}</Gloss>
                </Td>
                <Td label="Zone">
                    {subnet.zone}
                    <Gloss>{subnet.zone_id}</Gloss>
                </Td>
                <Td label="CIDR">
                    <Code>{subnet.cidr}</Code>
                </Td>
                <Td label="Free addresses">{subnet.free.to_string()}</Td>
            </Row>
        }
    });
    let rows = rows.collect_view();
    view! {
        {words}
        {(!segments.is_empty()).then(|| view! { <Shares caption segments total=free /> })}
        {fewest.map(|fewest| view! { <p class="gloss">{fewest}</p> })}
        <Table caption="Subnets" keys=false>
            <thead>
                <tr>
                    <Th>"Subnet"</Th>
                    <Th>"Zone"</Th>
                    <Th>"CIDR"</Th>
                    <Th>"Free addresses"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}
