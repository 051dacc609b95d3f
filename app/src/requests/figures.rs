//! The numbers of requests, drawn by the server into HTML.

use leptos::prelude::*;
use model::{
    money::Money,
    requests::{CentreCost, Month, Numbers, NumbersFile, Spread, heights},
};

use crate::ui::{Bars, Disclosure, Empty, Gloss, MonthChart, Notice, Row, Section, Spark, Table, Td, Th, Tone};

/// The whole of them.
pub(super) fn figures(numbers: Numbers) -> String {
    let own = numbers.own.then(|| {
        view! {
            <Notice tone=Tone::Info title="Only your cost centres">
                <p>"You see what is asked for at the expense of cost centres that you own. Helpdesk, administrators and auditors see all."</p>
            </Notice>
        }
    });
    if numbers.is_empty() {
        return view! {
            {own}
            <Empty title="Nothing to count yet">
                <p>"Here will stand, by the month, how many desktops are requested, approved and refused, how long that takes, and what they cost. It begins with the first request that is handed in."</p>
            </Empty>
        }
        .to_html();
    }
    let totals = numbers.totals();
    let Numbers { months, costs, .. } = numbers;
    let [counted, decided, made] = [months.clone(), months.clone(), months.clone()];
    view! {
        {own}
        <Section title="Requested, approved, refused" lead="Desktops, one for each person; one that gets more time is not counted again. A request counts in the month in which it was last handed in, and in the one in which it was decided.">
            <Counts months=counted />
        </Section>
        <Section title="Time to decision" lead="Of requests that were decided in the month, also of those for more time, from being handed in. Questions and answers count with it.">
            <Times months=decided of=("request", "requests") spread=|month| month.decision file=NumbersFile::Decision />
        </Section>
        <Section title="Time to a usable desktop" lead="Of desktops that became available in the month, from being asked for. They are made the day before they are needed, so those that were asked for early take long.">
            <Times months=made of=("desktop", "desktops") spread=|month| month.available file=NumbersFile::Available />
        </Section>
        <Section title="Cost by cost centre" lead="What approved desktops cost a month by the price sheets, at the end of each month and now. AWS\u{2019}s bill may differ.">
            <Costs months costs totals />
        </Section>
    }
    .to_html()
}

/// Links to the files behind a picture.
#[component]
fn Files(files: Vec<(NumbersFile, &'static str)>) -> impl IntoView {
    let link = |(file, words): (NumbersFile, &'static str)| {
        let name = file.name();
        view! {
            <a href=format!("/requests/numbers/{name}") class="button small" download=name rel="external">
                {words}
            </a>
        }
    };
    view! { <div class="actions">{files.into_iter().map(link).collect_view()}</div> }
}

fn labels(months: &[Month]) -> Vec<String> {
    months.iter().map(|month| month.label.clone()).collect()
}

#[component]
fn Counts(months: Vec<Month>) -> impl IntoView {
    let highest = months.iter().flat_map(|month| [month.asked, month.approved, month.refused]).max().unwrap_or_default();
    let bars = |tone, word: &str, of: fn(&Month) -> i64| {
        let values: Vec<_> = months.iter().map(of).collect();
        Bars { tone, word: format!("{} {word}", values.iter().sum::<i64>()), heights: heights(&values, highest) }
    };
    let all = vec![
        bars(Tone::Info, "requested", |month| month.asked),
        bars(Tone::Success, "approved", |month| month.approved),
        bars(Tone::Danger, "refused", |month| month.refused),
    ];
    let words = all.iter().map(|bars| bars.word.clone()).collect::<Vec<_>>().join(", ");
    let sentence = format!(
        "In twelve months {words}. The highest bar is {highest}. In each month from the left: requested, approved, refused."
    );
    let shown = labels(&months);
    let row = |month: Month| {
        view! {
            <Row>
                <Td label="Month" main=true>{month.label}</Td>
                <Td label="Requested" numeric=true>{month.asked}</Td>
                <Td label="Approved" numeric=true>{month.approved}</Td>
                <Td label="Refused" numeric=true>{month.refused}</Td>
            </Row>
        }
    };
    let rows = months.into_iter().rev().map(row).collect_view();
    view! {
        <MonthChart bars=all months=shown sentence />
        <Files files=vec![
            (NumbersFile::Counts, "These numbers as CSV"),
            (NumbersFile::Desktops, "All desktops as CSV"),
        ] />
        <Disclosure summary="The same as a table">
            <Table caption="Desktops requested, approved and refused by the month" keys=false>
                <thead>
                    <tr>
                        <Th>"Month"</Th>
                        <Th numeric=true>"Requested"</Th>
                        <Th numeric=true>"Approved"</Th>
                        <Th numeric=true>"Refused"</Th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Disclosure>
    }
}

/// A time as one reads it.
fn time(seconds: i64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    let both = |whole: i64, unit: &str, rest: i64, part: &str| match rest {
        0 => format!("{whole} {unit}"),
        rest => format!("{whole} {unit} {rest} {part}"),
    };
    match seconds {
        ..60 => "under a minute".to_owned(),
        60..3_600 => format!("{minutes} min"),
        3_600..86_400 => both(hours, "h", minutes % 60, "min"),
        _ => both(days, if days == 1 { "day" } else { "days" }, hours % 24, "h"),
    }
}

/// How long something took, by the month.
#[component]
fn Times(
    months: Vec<Month>,
    /// What took so long: one, and several.
    of: (&'static str, &'static str),
    spread: fn(&Month) -> Option<Spread>,
    file: NumbersFile,
) -> impl IntoView {
    let spreads: Vec<_> = months.iter().map(spread).collect();
    let values = |of: fn(Spread) -> i64| spreads.iter().map(|spread| spread.map_or(0, of)).collect::<Vec<_>>();
    let highest = values(|spread| spread.ninth).into_iter().max().unwrap_or_default();
    let bars = |tone, word: &str, of| Bars { tone, word: word.to_owned(), heights: heights(&values(of), highest) };
    let all = vec![
        bars(Tone::Info, "median", |spread| spread.median),
        bars(Tone::Neutral, "nine of ten within", |spread| spread.ninth),
    ];
    let last = months.iter().rev().find_map(|month| Some((&month.label, spread(month)?)));
    let sentence = match last {
        None => format!("No {} in twelve months.", of.0),
        Some((label, Spread { count, median, ninth })) => {
            let what = if count == 1 { of.0 } else { of.1 };
            format!(
                "{label}: {count} {what}, half of them within {}, nine of ten within {}. The highest bar is {}.",
                time(median),
                time(ninth),
                time(highest)
            )
        }
    };
    let shown = labels(&months);
    let row = |(month, spread): (Month, Option<Spread>)| {
        let cell = move |of: fn(Spread) -> i64| spread.map_or_else(|| "\u{2013}".to_owned(), |spread| time(of(spread)));
        view! {
            <Row>
                <Td label="Month" main=true>{month.label}</Td>
                <Td label="Count" numeric=true>{spread.map_or(0, |spread| spread.count)}</Td>
                <Td label="Median" numeric=true>{cell(|spread| spread.median)}</Td>
                <Td label="Nine of ten within" numeric=true>{cell(|spread| spread.ninth)}</Td>
            </Row>
        }
    };
    let rows = months.into_iter().zip(spreads).rev().map(row).collect_view();
    view! {
        <MonthChart bars=all months=shown sentence />
        <Files files=vec![(file, "These numbers as CSV")] />
        <Disclosure summary="The same as a table">
            <p>"Of fewer than ten, nine of ten are all of them: it is the longest time."</p>
            <Table caption=format!("Times of {} by the month", of.1) keys=false>
                <thead>
                    <tr>
                        <Th>"Month"</Th>
                        <Th numeric=true>"Count"</Th>
                        <Th numeric=true>"Median"</Th>
                        <Th numeric=true>"Nine of ten within"</Th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Disclosure>
    }
}

fn highest(amounts: &[Money]) -> Option<&Money> {
    amounts.iter().max_by_key(|money| money.amount)
}

/// Of the highest of them.
fn money_heights(amounts: &[Money]) -> Vec<i64> {
    let values: Vec<_> = amounts.iter().map(|money| money.amount).collect();
    highest(amounts).map(|highest| heights(&values, highest.amount)).unwrap_or_default()
}

/// All cost centres of a currency together, then each by itself.
#[component]
fn Costs(months: Vec<Month>, costs: Vec<CentreCost>, totals: Vec<Vec<Money>>) -> impl IntoView {
    if costs.is_empty() {
        return view! { <p>"No approved desktop has a price yet."</p> }.into_any();
    }
    let charts = totals
        .iter()
        .filter_map(|amounts| {
            let (now, highest) = (amounts.last()?, highest(amounts)?);
            let word = format!("all cost centres in {}", now.currency);
            let sentence = format!("Now {now} a month. The highest bar is {highest}.");
            let bars = vec![Bars { tone: Tone::Info, word, heights: money_heights(amounts) }];
            Some(view! { <MonthChart bars months=labels(&months) sentence /> })
        })
        .collect_view();
    let rows = costs.into_iter().map(|cost| view! { <Centre cost /> }).collect_view();
    view! {
        {charts}
        <Files files=vec![(NumbersFile::Costs, "All months as CSV")] />
        <Table caption="What desktops cost a month by cost centre" keys=false>
            <thead>
                <tr>
                    <Th>"Cost centre"</Th>
                    <Th>"Twelve months"</Th>
                    <Th numeric=true>"Highest"</Th>
                    <Th numeric=true>"A month ago"</Th>
                    <Th numeric=true>"Now"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
    .into_any()
}

#[component]
fn Centre(cost: CentreCost) -> impl IntoView {
    let before = cost.amounts.iter().rev().nth(1).map(Money::to_string);
    let highest = highest(&cost.amounts).map(Money::to_string);
    let heights = money_heights(&cost.amounts);
    view! {
        <Row>
            <Td label="Cost centre" main=true>
                <b>{cost.number}</b>
                <Gloss>{cost.name}</Gloss>
            </Td>
            <Td label="Twelve months">
                <Spark heights />
            </Td>
            <Td label="Highest" numeric=true>{highest}</Td>
            <Td label="A month ago" numeric=true>{before}</Td>
            <Td label="Now" numeric=true>{cost.now.to_string()}</Td>
        </Row>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(label: &str) -> Month {
        Month { iso: "2026-11".into(), label: label.into(), ..Month::default() }
    }

    #[test]
    fn times_are_read_in_two_units() {
        let expected = [
            (0, "under a minute"),
            (150, "2 min"),
            (7_200, "2 h"),
            (9_000, "2 h 30 min"),
            (90_000, "1 day 1 h"),
            (172_800, "2 days"),
        ];
        for (seconds, words) in expected {
            assert_eq!(time(seconds), words);
        }
    }

    #[test]
    fn nothing_teaches_and_one_month_is_drawn() {
        let empty = figures(Numbers { months: vec![month("Nov 2026")], own: true, ..Numbers::default() });
        assert!(empty.contains("Nothing to count yet") && empty.contains("Only your cost centres"), "{empty}");
        let one = Month { asked: 2, approved: 1, decision: Spread::of(vec![9_000]), ..month("Nov 2026") };
        let html = figures(Numbers { months: vec![month("Oct 2026"), one], ..Numbers::default() });
        for words in [
            "In twelve months 2 requested, 1 approved, 0 refused. The highest bar is 2.",
            "Nov 2026: 1 request, half of them within 2 h 30 min",
            "No desktop in twelve months.",
            "No approved desktop has a price yet.",
            "/requests/numbers/time-to-decision.csv",
        ] {
            assert!(html.contains(words), "{words}: {html}");
        }
        assert!(!html.contains("Only your cost centres"), "{html}");
    }

    #[test]
    fn names_are_escaped() {
        let now: Money = Money { amount: "40".parse().unwrap(), currency: "EUR".parse().unwrap() };
        let cost = CentreCost { number: "1".into(), name: "<b>".into(), amounts: vec![Money::zero(now.currency), now], now };
        let html = figures(Numbers { costs: vec![cost], ..Numbers::default() });
        assert!(html.contains("&lt;b&gt;") && html.contains("Now 40.00 EUR a month"), "{html}");
    }
}
