//! Values by the month as bars. Drawn by the server as SVG, with words beside it; what it shows stands in a table too.

use leptos::prelude::*;

use super::{Icon, Segment, Shares, Tone, states::workspace_tone};

/// One bar in each month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bars {
    pub tone: Tone,
    pub word: String,
    /// Thousandths of the picture's height, one for each month.
    pub heights: Vec<i64>,
}

/// A month's width and the gap at its sides, in the picture's own units.
const MONTH: i64 = 120;
const GAP: i64 = 12;
const HEIGHT: i64 = 1000;

/// All bars of a kind as one path; `place` is theirs among the `of` kinds of a month.
fn path(heights: &[i64], place: i64, of: i64) -> String {
    let width = (MONTH - 2 * GAP) / of.max(1);
    let bar =
        |(month, height): (i64, &i64)| format!("M{} {HEIGHT}v-{height}h{width}v{height}z", month * MONTH + GAP + place * width);
    (0..).zip(heights).filter(|(_, height)| **height > 0).map(bar).collect()
}

/// Bars by the month. The months' short names stand below, `sentence` says what it shows.
#[component]
pub fn MonthChart(
    bars: Vec<Bars>,
    /// As in `Nov 2026`, the oldest first.
    months: Vec<String>,
    #[prop(into)] sentence: String,
) -> impl IntoView {
    let of = i64::try_from(bars.len()).unwrap_or(1);
    let paths = (0..)
        .zip(&bars)
        .map(|(place, bars)| view! { <path class=bars.tone.class() d=path(&bars.heights, place, of)></path> })
        .collect_view();
    let width = MONTH * i64::try_from(months.len()).unwrap_or(1);
    let names = months.iter().map(|month| view! { <span>{month.chars().take(3).collect::<String>()}</span> }).collect_view();
    let legend = bars
        .into_iter()
        .map(|bars| {
            view! {
                <li class=bars.tone.class()>
                    <Icon name=bars.tone.icon() />
                    {bars.word}
                </li>
            }
        })
        .collect_view();
    view! {
        <figure class="chart months">
            <svg viewBox=format!("0 0 {width} {HEIGHT}") preserveAspectRatio="none" aria-hidden="true" focusable="false">
                {paths}
            </svg>
            <p class="chart-months" aria-hidden="true">
                {names}
            </p>
            <ul class="legend">{legend}</ul>
            <figcaption>{sentence}</figcaption>
        </figure>
    }
}

/// The same without words, for a row of a table that has them.
#[component]
pub fn Spark(heights: Vec<i64>) -> impl IntoView {
    let width = MONTH * i64::try_from(heights.len()).unwrap_or(1);
    view! {
        <svg class="spark" viewBox=format!("0 0 {width} {HEIGHT}") preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <path d=path(&heights, 0, 1)></path>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stand_beside_each_other_and_nothing_has_none() {
        assert_eq!(path(&[500, 0, 1000], 0, 1), "M12 1000v-500h96v500zM252 1000v-1000h96v1000z");
        assert_eq!(path(&[1, 0], 2, 3), "M76 1000v-1h32v1z");
        assert_eq!(path(&[], 0, 1), "");
    }
}

/// The fleet by state: a bar, and the same in words.
#[component]
pub fn FleetChart(
    /// AWS's state and how many WorkSpaces are in it.
    fleet: Vec<(String, i64)>,
) -> impl IntoView {
    let total = fleet.iter().map(|(_, count)| count).sum();
    let segments: Vec<_> =
        fleet.into_iter().map(|(state, count)| Segment { tone: workspace_tone(&state), count, word: state }).collect();
    view! { <Shares caption=format!("{total} WorkSpaces by state") segments total /> }
}
