//! The figures of the API budget, drawn by the server into HTML.

use leptos::prelude::*;
use model::budget::{Calls, Counts, Held, Status, Waiting};

use crate::ui::{Badge, Empty, Fact, Facts, Gloss, Notice, Row, Section, Table, Td, Th, Tone, When};

/// The whole of them.
pub(super) fn figures(status: Status) -> String {
    let (now, classes) = (status.clone(), status.clone());
    let Status { held, minutes, per_second, calls, .. } = status;
    view! {
        {held.filter(|held| held.seconds_left > 0.0).map(|held| view! { <HeldBack held /> })}
        <Now status=now />
        <Section title="Who goes first" lead="Each leaves room for those above it.">
            <Classes status=classes />
        </Section>
        <Section title="The last hour">
            <Chart minutes per_second />
        </Section>
        {if calls.is_empty() {
            view! {
                <Empty title="No call in the last day">
                    <p>"Here will stand what each operation was called for, and what came of it. The first calls are those of the mirror, a minute after the worker starts."</p>
                </Empty>
            }
            .into_any()
        } else {
            view! {
                <Section title="Calls by operation" lead="Of the last day. They are kept for 14 days.">
                    <Operations calls />
                </Section>
            }
            .into_any()
        }}
    }
    .to_html()
}

/// A time in seconds as one reads it.
fn seconds(seconds: f64) -> String {
    if seconds < 10.0 { format!("{seconds:.1} s") } else { format!("{seconds:.0} s") }
}

/// A rate as one reads it.
fn rate(per_second: f64) -> String {
    if (per_second - per_second.round()).abs() < 0.05 { format!("{per_second:.0}") } else { format!("{per_second:.1}") }
}

#[component]
fn HeldBack(held: Held) -> impl IntoView {
    let left = format!(
        "For {} more every call waits, in all replicas: AWS throttled, although Frontdesk keeps to the rate. Something else uses this account's API as well.",
        seconds(held.seconds_left)
    );
    view! {
        <Notice tone=Tone::Warning title="Held back: AWS throttles">
            <p>{left}</p>
        </Notice>
    }
}

#[component]
fn Now(status: Status) -> impl IntoView {
    let Status { per_second, burst, chosen, mails_per_second, waiting, held, calls, .. } = status;
    let count: i64 = waiting.iter().map(|waiting| waiting.count).sum();
    let longest = waiting.iter().map(|waiting| waiting.longest_seconds).fold(0.0, f64::max);
    let throttled: i64 = calls.iter().map(|calls| calls.day.throttled).sum();
    let mails: i64 = calls.iter().filter(|calls| calls.operation == "SendEmail").map(|calls| calls.hour.total()).sum();
    let held = match held {
        Some(held) => view! { <When stamp=held.since /> }.into_any(),
        None => "never".into_any(),
    };
    let mail = mails_per_second
        .map_or_else(|| "not known before the first mail".to_owned(), |per_second| format!("{} a second", rate(per_second)));
    let chosen: Vec<_> = chosen.into_iter().map(|(service, per_second)| format!("{service} {}", rate(per_second))).collect();
    view! {
        <Facts>
            <Fact label="Waiting now">
                <b>{count}</b>
                {(count > 0).then(|| view! { <Gloss>{format!("the first of them for {}", seconds(longest))}</Gloss> })}
            </Fact>
            <Fact label="WorkSpaces API">
                {format!("{} calls a second", rate(per_second))} <Gloss>{format!("{burst} at once after a pause")}</Gloss>
            </Fact>
            <Fact label="Other calls a second">
                {chosen.join(", ")} <Gloss>"chosen by Frontdesk: AWS publishes no rate, or a far higher one"</Gloss>
            </Fact>
            <Fact label="Last held back">
                {held} <Gloss>{format!("{throttled} throttled in the last day")}</Gloss>
            </Fact>
            <Fact label="Mail">
                {mail} <Gloss>{format!("{mails} in the last hour")}</Gloss>
            </Fact>
        </Facts>
    }
}

#[component]
fn Classes(status: Status) -> impl IntoView {
    let Status { next, waiting, calls, .. } = status;
    let rows = next
        .into_iter()
        .map(|(class, next)| {
            let waiting: Vec<_> = waiting.iter().filter(|waiting| waiting.class == class).cloned().collect();
            let made = calls.iter().filter(|calls| calls.class == class && calls.operation != "SendEmail");
            let hour = made.fold(Counts::default(), |sum, calls| sum + calls.hour);
            let next = if next > 0.0 {
                view! { <Badge tone=Tone::Info text=format!("in {}", seconds(next)) /> }
            } else {
                view! { <Badge tone=Tone::Success text="now" /> }
            };
            view! {
                <Row>
                    <Td label="Class" main=true>
                        <b>{class.label()}</b>
                        <Gloss>{class.gloss()}</Gloss>
                    </Td>
                    <Td label="Next call">{next}</Td>
                    <Td label="Waiting now"><Waits waiting /></Td>
                    <Td label="Last hour" numeric=true>{hour.total()}</Td>
                    <Td label="Waited on average" numeric=true>{wait(hour)}</Td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table caption="Classes of calls" keys=false>
            <thead>
                <tr>
                    <Th>"Class"</Th>
                    <Th>"Next call"</Th>
                    <Th>"Waiting now"</Th>
                    <Th numeric=true>"Last hour"</Th>
                    <Th numeric=true>"Waited on average"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Waits(waiting: Vec<Waiting>) -> impl IntoView {
    if waiting.is_empty() {
        return "nobody".into_any();
    }
    waiting
        .into_iter()
        .map(|waiting| {
            let Waiting { operation, count, longest_seconds, .. } = waiting;
            view! {
                <b>{count}</b>
                <Gloss>{format!("{operation}, for {}", seconds(longest_seconds))}</Gloss>
            }
        })
        .collect_view()
        .into_any()
}

fn wait(counts: Counts) -> String {
    if counts.total() == 0 { "–".to_owned() } else { format!("{} ms", counts.average_wait_ms()) }
}

/// The chart's height in its own units, and the width of a minute.
const HEIGHT: f64 = 100.0;
const MINUTE: f64 = 10.0;

/// Bars from `base` upwards, one a minute, as one path.
#[expect(clippy::cast_precision_loss, reason = "calls a minute are far below 2^52")]
fn bars(values: &[(i64, i64)], most: i64) -> String {
    let height = |count: i64| HEIGHT * count as f64 / most.max(1) as f64;
    let bar = |(minute, (base, count)): (usize, &(i64, i64))| {
        let (x, from, up) = (minute as f64 * MINUTE + 1.0, HEIGHT - height(*base), height(*count));
        format!("M{x:.0} {from:.1}v-{up:.1}h8v{up:.1}z")
    };
    values.iter().enumerate().filter(|(_, (_, count))| *count > 0).map(bar).collect()
}

/// Calls a minute against the rate that AWS takes.
#[component]
#[expect(clippy::cast_possible_truncation, reason = "calls a minute at a rate of a few a second")]
fn Chart(minutes: Vec<(i64, i64)>, per_second: f64) -> impl IntoView {
    let allowed = (per_second * 60.0).round() as i64;
    let all: i64 = minutes.iter().map(|(answered, throttled)| answered + throttled).sum();
    let busiest = minutes.iter().map(|(answered, throttled)| answered + throttled).max().unwrap_or_default();
    let throttled: i64 = minutes.iter().map(|(_, throttled)| throttled).sum();
    let most = busiest.max(allowed);
    let answered = bars(&minutes.iter().map(|(answered, _)| (0, *answered)).collect::<Vec<_>>(), most);
    let refused = bars(&minutes, most);
    #[expect(clippy::cast_precision_loss, reason = "as above")]
    let line = HEIGHT * (1.0 - allowed as f64 / most as f64);
    let sentence = format!(
        "{all} WorkSpaces calls in the last hour, {throttled} of them throttled; {busiest} in the busiest minute. The line is the rate: {allowed} a minute."
    );
    view! {
        <figure class="chart">
            <svg viewBox="0 0 600 100" preserveAspectRatio="none" aria-hidden="true" focusable="false">
                <path class="info" d=answered></path>
                <path class="danger" d=refused></path>
                <path class="rate" d=format!("M0 {line:.1}h600")></path>
            </svg>
            <p class="chart-ends">
                <span>"an hour ago"</span>
                <span>"now"</span>
            </p>
            <figcaption>{sentence}</figcaption>
        </figure>
    }
}

#[component]
fn Operations(calls: Vec<Calls>) -> impl IntoView {
    let rows = calls
        .into_iter()
        .map(|Calls { class, operation, hour, day }| {
            // Mails have a rate of their own, so that nobody goes before them.
            let class = if operation == "SendEmail" { "Mail" } else { class.label() };
            view! {
                <Row>
                    <Td label="Operation" main=true>
                        <b>{operation}</b>
                        <Gloss>{class}</Gloss>
                    </Td>
                    <Td label="Last hour" numeric=true>{hour.total()}</Td>
                    <Td label="Last day" numeric=true>{day.total()}</Td>
                    <Td label="Refused" numeric=true>{day.refused}</Td>
                    <Td label="Throttled" numeric=true>{day.throttled}</Td>
                    <Td label="Not reached" numeric=true>{day.not_sent}</Td>
                    <Td label="Answer lost" numeric=true>{day.unknown}</Td>
                    <Td label="Waited on average" numeric=true>{wait(day)}</Td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table caption="Calls by operation" keys=false>
            <thead>
                <tr>
                    <Th>"Operation"</Th>
                    <Th numeric=true>"Last hour"</Th>
                    <Th numeric=true>"Last day"</Th>
                    <Th numeric=true>"Refused"</Th>
                    <Th numeric=true>"Throttled"</Th>
                    <Th numeric=true>"Not reached"</Th>
                    <Th numeric=true>"Answer lost"</Th>
                    <Th numeric=true>"Waited on average"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[cfg(test)]
mod tests {
    use model::budget::Class;

    use super::*;

    #[test]
    fn bars_stand_on_each_other_and_empty_minutes_have_none() {
        assert_eq!(bars(&[(0, 50), (0, 0), (50, 100)], 200), "M1 100.0v-25.0h8v25.0zM21 75.0v-50.0h8v50.0z");
        assert_eq!(bars(&[(0, 0)], 0), "");
    }

    #[test]
    fn figures_of_nothing_teach_and_names_are_escaped() {
        let status = Status {
            per_second: 2.0,
            burst: 4,
            chosen: vec![("EC2", 5.0), ("Service Quotas", 1.0)],
            mails_per_second: None,
            next: vec![(Class::Person, 0.0), (Class::Sweep, 1.25)],
            waiting: Vec::new(),
            held: None,
            calls: Vec::new(),
            minutes: vec![(0, 0); 60],
        };
        let html = figures(status.clone());
        assert!(html.contains("No call in the last day") && html.contains("in 1.2 s"), "{html}");
        assert!(html.contains("EC2 5, Service Quotas 1"), "{html}");
        let waiting = Waiting { class: Class::Sweep, operation: "<b>".into(), count: 3, longest_seconds: 12.4 };
        let html = figures(Status { waiting: vec![waiting], ..status });
        assert!(html.contains("&lt;b&gt;, for 12 s"), "{html}");
    }
}
