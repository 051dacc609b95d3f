//! Shares of a whole: how far a launch is, and how the fleet stands. Drawn by the server as SVG, with words beside it.

use leptos::prelude::*;
use model::{
    cost_centres::{Budget, ShareKind},
    launches::{Counts, ItemState},
    workspaces::{ActionCounts, ActionState},
};

use super::{
    Gloss, Icon, Tone,
    states::{action_tone, item_tone},
};

/// A share: so many of the whole, and what they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub tone: Tone,
    pub count: i64,
    pub word: String,
}

/// The bar's width in its own units.
const WIDTH: f64 = 1000.0;

/// The rows of a launch as shares, what is settled first.
pub fn launch_segments(counts: &Counts) -> Vec<Segment> {
    use ItemState::{AlreadyHas, Available, Canceled, Failed, Pending, Queued, Sending, Unconfirmed};
    [
        (Available, "available"),
        (Failed, "failed"),
        (AlreadyHas, "already had one"),
        (Unconfirmed, "being checked"),
        (Pending, "being created"),
        (Sending, "being sent"),
        (Canceled, "canceled"),
        (Queued, "waiting"),
    ]
    .into_iter()
    .map(|(state, word)| Segment { tone: item_tone(state), count: counts.of(state), word: word.to_owned() })
    .filter(|segment| segment.count > 0)
    .collect()
}

/// The WorkSpaces of an action as shares, what is settled first.
pub fn batch_segments(counts: &ActionCounts) -> Vec<Segment> {
    use ActionState::{Accepted, Canceled, Done, Failed, Queued, Sending, Unconfirmed};
    [
        (Done, "done"),
        (Failed, "failed"),
        (Unconfirmed, "being checked"),
        (Accepted, "under way"),
        (Sending, "being sent"),
        (Canceled, "canceled"),
        (Queued, "waiting"),
    ]
    .into_iter()
    .map(|(state, word)| Segment { tone: action_tone(state), count: counts.of(state), word: word.to_owned() })
    .filter(|segment| segment.count > 0)
    .collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^52")]
fn share(count: i64, total: i64) -> f64 {
    WIDTH * count as f64 / total.max(1) as f64
}

fn bar(segments: &[Segment], total: i64) -> impl IntoView + use<> {
    let mut x = 0.0;
    let rects: Vec<_> = segments
        .iter()
        .map(|segment| {
            let width = share(segment.count, total);
            let rect = view! {
                <rect
                    class=segment.tone.class()
                    x=format!("{x:.1}")
                    y="0"
                    width=format!("{width:.1}")
                    height="8"
                ></rect>
            };
            x += width;
            rect
        })
        .collect();
    view! {
        <svg class="bar" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            {rects}
        </svg>
    }
}

fn legend(segments: Vec<Segment>) -> AnyView {
    entries(segments.into_iter().map(|segment| (segment.tone, segment.count.to_string(), segment.word)).collect())
}

/// How much of what each colour is.
fn entries(entries: Vec<(Tone, String, String)>) -> AnyView {
    let entries = entries
        .into_iter()
        .map(|(tone, much, word)| {
            view! {
                <li class=tone.class()>
                    <Icon name=tone.icon() />
                    <b>{much}</b>
                    " "
                    {word}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="legend">{entries}</ul> }.into_any()
}

/// How far something is. `settled` of `total` are done, well or badly; `sentence` says it in words.
#[component]
pub fn Progress(
    #[prop(into)] label: String,
    #[prop(into)] sentence: String,
    segments: Vec<Segment>,
    settled: i64,
    total: i64,
    /// Leaves the words to what stands beside it.
    #[prop(optional)]
    bare: bool,
) -> impl IntoView {
    let bar = bar(&segments, total);
    view! {
        <div class="progress">
            <div
                role="progressbar"
                aria-label=label
                aria-valuemin="0"
                aria-valuenow=settled.to_string()
                aria-valuemax=total.max(1).to_string()
                aria-valuetext=sentence
            >
                {bar}
            </div>
            {(!bare).then(|| legend(segments))}
        </div>
    }
}

/// Shares of a whole that nothing moves: a bar, and the same in words.
#[component]
pub fn Shares(
    /// What the whole is, for those who don't see the bar.
    #[prop(into)]
    caption: String,
    segments: Vec<Segment>,
    total: i64,
) -> impl IntoView {
    let bar = bar(&segments, total);
    view! {
        <figure class="progress">
            {bar}
            <figcaption class="hidden">{caption}</figcaption>
            {legend(segments)}
        </figure>
    }
}

/// The whole of a [`Budget`]'s shares.
const THOUSANDTHS: i64 = 1_000;

/// What is taken of a monthly cap: a bar, and the same in words.
#[component]
pub fn BudgetBar(budget: Budget) -> impl IntoView {
    let tone = |kind| match kind {
        ShareKind::Committed if budget.is_over => Tone::Danger,
        ShareKind::Committed => Tone::Success,
        ShareKind::Reserved => Tone::Info,
    };
    let segment = |share: &model::cost_centres::Share| Segment {
        tone: tone(share.kind),
        count: share.width,
        word: share.kind.label().to_owned(),
    };
    let segments: Vec<_> = budget.shares.iter().map(segment).collect();
    let bar = bar(&segments, THOUSANDTHS);
    let words = budget.shares.into_iter().zip(segments).map(|(share, segment)| (segment.tone, share.amount, segment.word));
    view! {
        <div class="progress">
            <p>{budget.sentence} <Gloss>{budget.left}</Gloss></p>
            {bar}
            {entries(words.collect())}
            {budget.beyond.map(|beyond| view! { <Gloss>{beyond}</Gloss> })}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_fill_the_bar_and_leave_out_nothing() {
        let counts = Counts { available: 27, failed: 2, queued: 1, ..Counts::default() };
        let segments = launch_segments(&counts);
        assert_eq!(segments.iter().map(|segment| segment.count).sum::<i64>(), counts.total());
        let width: f64 = segments.iter().map(|segment| share(segment.count, counts.total())).sum();
        assert!((width - WIDTH).abs() < 0.001);
        assert_eq!(segments.first().map(|segment| segment.tone), Some(Tone::Success));
        assert!(share(0, 0).abs() < f64::EPSILON);
    }
}
