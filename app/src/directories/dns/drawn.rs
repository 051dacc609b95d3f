//! What of a change is only looked at, drawn by the server into HTML: the browser needs no code for it.

use leptos::prelude::*;
use model::directories::{DnsChange, DnsChangePage, DnsCounts, DnsState, Outcome, OutcomesRead, Shown};

use super::{api::Drawn, path};
use crate::{
    directories::parts::{findings_table, pass_or_fail},
    ui::{Code, LinkButton, Notice, Progress, Section, Segment, Tone, When},
};

/// Without JavaScript the page asks again by itself; seldom, because what is ticked below is lost then.
const SEES_BY_ITSELF: &str = "<meta http-equiv=\"refresh\" content=\"30\">";

/// All of it.
pub(super) fn drawn(found: &DnsChangePage) -> Drawn {
    let change = &found.change;
    let step = match change.state {
        DnsState::Frozen if !change.may_change => {
            view! { <Wait change=change.clone() sent_lately=found.sent_lately /> }.into_any().to_html()
        }
        DnsState::Done | DnsState::Abandoned => view! { <Ended change=change.clone() /> }.into_any().to_html(),
        DnsState::Workspaces => view! { <Script change=change.clone() /> }.into_any().to_html(),
        DnsState::Frozen | DnsState::Changed => String::new(),
    };
    let outcomes = found.outcomes.clone().map(|read| view! { <Read read /> }.into_any().to_html());
    Drawn {
        wrong: view! { <Wrong found=found.clone() /> }.into_any().to_html(),
        frozen: view! { <Frozen change=change.clone() waiting=found.waiting /> }.into_any().to_html(),
        progress: view! { <Progressed counts=change.counts /> }.into_any().to_html(),
        outcomes: outcomes.unwrap_or_default(),
        looked: view! { <Looked change=change.clone() /> }.into_any().to_html(),
        step,
    }
}

/// What AWS shows is neither what was there nor what is wanted.
#[component]
fn Wrong(found: DnsChangePage) -> impl IntoView {
    let DnsChangePage { change, directory, shown, .. } = found;
    let back_again = shown == Shown::AsBefore && change.changed.is_some();
    (change.state.is_live() && (shown == Shown::Otherwise || back_again)).then(|| {
        let title = if back_again { "AWS shows the old addresses again" } else { "AWS shows other addresses than wanted" };
        view! {
            <Notice tone=Tone::Danger title>
                <p>"AWS shows " <Code>{directory.dns.join(", ")}</Code> ", and it should be " <Code>{change.wanted().join(", ")}</Code> "."</p>
                <p>"Nothing goes on by itself from here. Correct the addresses in the AWS console; Frontdesk sees it by itself. If the change is not wanted any more, give it up below."</p>
            </Notice>
        }
    })
}

/// That launches stand still, and until when.
#[component]
fn Frozen(change: DnsChange, waiting: i64) -> impl IntoView {
    let until = match &change.thaws {
        Some(thaws) => format!("They go on by themselves at {}.", thaws.local),
        None => "They go on by themselves 15 minutes after AWS shows the change.".to_owned(),
    };
    let waiting = match waiting {
        0 => String::new(),
        1 => "1 person waits; nobody is lost. ".to_owned(),
        some => format!("{some} people wait; nobody is lost. "),
    };
    view! {
        {change
            .is_frozen
            .then(|| {
                view! {
                    <Notice tone=Tone::Warning title="Launches in this directory stand still">
                        <p>{waiting} {until}</p>
                    </Notice>
                }
            })}
    }
}

/// That the connector may not be changed yet.
#[component]
fn Wait(change: DnsChange, sent_lately: i64) -> impl IntoView {
    let sent = match sent_lately {
        0 => "Nobody was sent to AWS in the last 15 minutes.".to_owned(),
        1 => "1 person was sent to AWS in the last 15 minutes.".to_owned(),
        some => format!("{some} people were sent to AWS in the last 15 minutes."),
    };
    view! {
        <Section title="Wait before the connector is changed">
            <p>
                "Launches have to stand still for 15 minutes first. The connector may be changed from "
                {change.opens.map(|stamp| view! { <b>{stamp.local}</b> })} ". " {sent}
            </p>
            <p class="quiet">"This page opens the way by itself then. Don\u{2019}t change the connector before."</p>
            <noscript inner_html=SEES_BY_ITSELF></noscript>
        </Section>
    }
}

/// What the last verification came to.
#[component]
fn Looked(change: DnsChange) -> impl IntoView {
    let failed = change.verification.iter().filter(|finding| finding.outcome == Outcome::Fail).count();
    change.verified.map(|moment| {
        let words = match failed {
            0 => "Nothing is wrong.".to_owned(),
            1 => "1 check failed.".to_owned(),
            some => format!("{some} checks failed."),
        };
        view! {
            <p>{words} " Looked at " <When stamp=moment.at /> " by " {moment.by} "."</p>
            {findings_table("Verification", change.verification, pass_or_fail)}
        }
    })
}

#[component]
fn Ended(change: DnsChange) -> impl IntoView {
    let next = format!("/directories/{}/dns", change.directory);
    if change.state == DnsState::Abandoned {
        let reason = change.reason.unwrap_or_default();
        return view! {
            <Notice tone=Tone::Neutral title="This change was given up">
                <p>{reason}</p>
                <LinkButton href=next>"Begin another"</LinkButton>
            </Notice>
        }
        .into_any();
    }
    view! {
        <Notice tone=Tone::Success title="This change is done">
            <p>{format!("Turn the old server {} off only once no WorkSpace uses it any more: those below that are not done still do.", change.old)}</p>
            <LinkButton href=next>"Change the next address"</LinkButton>
        </Notice>
    }
    .into_any()
}

/// The step "WorkSpaces": how they are told.
#[component]
fn Script(change: DnsChange) -> impl IntoView {
    let script = format!("{}/change-dns.ps1", path(&change));
    view! {
        <Section
            title="First tell the WorkSpaces that exist"
            lead="Each keeps the addresses in its registry and takes them up when it restarts. The connector comes after them."
        >
            <ol class="numbered">
                <li>
                    "Take the script and run it on each Windows WorkSpace as administrator, by Group Policy, Systems Manager or your software distribution. "
                    <a href=script download="change-dns.ps1" rel="external">"Download change-dns.ps1"</a>
                </li>
                <li>"Restart those that it does not restart itself: with \u{201c}-Restart\u{201d} it does, or choose them below."</li>
                <li>"Say below what became of them, or import the file that the script writes with \u{201c}-Report\u{201d}."</li>
            </ol>
            <p class="quiet">
                "The script knows Windows. Change Linux WorkSpaces by hand, and mark them below. WorkSpaces can also be rebuilt after the change instead: mark those as skipped."
            </p>
        </Section>
    }
}

/// How many know the new server.
#[component]
fn Progressed(counts: DnsCounts) -> impl IntoView {
    view! {
        <Progress
            label="WorkSpaces that know the new server"
            sentence=counts.sentence()
            segments=told_segments(&counts)
            settled=counts.done + counts.skipped
            total=counts.total()
        />
    }
}

/// What the last list came to.
#[component]
fn Read(read: OutcomesRead) -> impl IntoView {
    let OutcomesRead { name, taken, refused, problems } = read;
    let tone = if refused == 0 { Tone::Success } else { Tone::Warning };
    let more = usize::try_from(refused).unwrap_or(usize::MAX).saturating_sub(problems.len());
    let rows = problems
        .into_iter()
        .map(|problem| {
            view! {
                <li>
                    {format!("Line {}, ", problem.line)} <Code>{problem.written}</Code> ": " {problem.problem}
                </li>
            }
        })
        .collect_view();
    view! {
        <Notice tone title=format!("{name}: {taken} taken over, {refused} not understood")>
            <ul>{rows}</ul>
            {(more > 0).then(|| view! { <p>{format!("And {more} more.")}</p> })}
        </Notice>
    }
}

/// The WorkSpaces of a DNS change as shares, what is settled first.
fn told_segments(counts: &DnsCounts) -> Vec<Segment> {
    [
        (Tone::Success, counts.done, "done"),
        (Tone::Info, counts.skipped, "skipped"),
        (Tone::Warning, counts.restart, "to restart"),
        (Tone::Neutral, counts.open, "to do"),
    ]
    .into_iter()
    .map(|(tone, count, word)| Segment { tone, count, word: word.to_owned() })
    .filter(|segment| segment.count > 0)
    .collect()
}
