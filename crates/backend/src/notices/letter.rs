//! What a letter says: notices, with what is so when it is written. What is over by then is left out.

use model::{
    Error, PersonGuid, RequestId,
    endings::{Cause, Ending, State as EndingState},
    notices::{Kind, Notice, gathered},
    requests::State,
};
use url::Url;

use crate::{
    Services, endings,
    mail::notice::Line,
    requests::{self, About},
};

/// The lines of one person's notices, the oldest first. Empty if none of them says anything any more.
///
/// # Errors
/// The database does not answer.
pub(super) async fn lines(services: &Services, reader: PersonGuid, notices: &[Notice]) -> model::Result<Vec<Line>> {
    let mut lines: Vec<(RequestId, Vec<String>, Line)> = Vec::new();
    for notice in gathered(notices) {
        let Some(line) = line(services, reader, notice).await? else { continue };
        // Desktops of one request that are ready are one thing.
        let same = |(request, _, told): &&mut (RequestId, Vec<String>, Line)| {
            *request == notice.request && told.kind == Kind::Ready && line.kind == Kind::Ready
        };
        match lines.iter_mut().find(same) {
            Some((_, names, _)) => names.extend(notice.name.clone()),
            None => lines.push((notice.request, notice.name.clone().into_iter().collect(), line)),
        }
    }
    Ok(lines.into_iter().map(|(_, names, line)| if line.kind == Kind::Ready { of_those(&names, line) } else { line }).collect())
}

/// How many names a line lists.
const NAMED: usize = 20;

/// Says whose desktops are ready.
fn of_those(names: &[String], line: Line) -> Line {
    let title = match names {
        [] => line.title.clone(),
        [one] => format!("Desktop of {one}"),
        [one, other] => format!("Desktops of {one} and {other}"),
        [one, rest @ ..] => format!("Desktops of {one} and {} others", rest.len()),
    };
    // Two stand in the title already.
    let mut all = String::new();
    if names.len() > 2 {
        all = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    }
    if let Some(more) = names.len().checked_sub(NAMED).filter(|more| *more > 0) {
        all.push_str(&format!(", and {more} more"));
    }
    Line { facts: vec![("For", all), ("Asked for", line.title)], title, ..line }
}

async fn line(services: &Services, reader: PersonGuid, notice: &Notice) -> model::Result<Option<Line>> {
    if let Some(ending) = notice.ending {
        let still_so = |about: &Ending| match notice.kind {
            Kind::Held => about.state == EndingState::Held || about.unclosed,
            _ => matches!(about.state, EndingState::Asked | EndingState::AskedAgain),
        };
        let about = endings::about(services, ending).await?.filter(still_so);
        return about.map(|about| of_ending(services, notice, about)).transpose();
    }
    let about = match requests::about(services, notice.request, reader).await {
        Ok(about) => about,
        Err(Error::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    let waits = about.summary.state == State::Waiting;
    let still_so = match notice.kind {
        // Who was asked when it was noted may not be asked any more.
        Kind::ToDecide | Kind::Reminded | Kind::Escalated => waits && notice.stage.is_some() && about.asked_at == notice.stage,
        Kind::Submitted => waits,
        Kind::AskedBack => about.summary.state == State::AskedBack,
        Kind::Decided => matches!(about.summary.state, State::Approved | State::Refused),
        Kind::Ready | Kind::EndsSoon | Kind::Held => true,
    };
    if still_so { of_request(services, notice, about).map(Some) } else { Ok(None) }
}

fn of_request(services: &Services, notice: &Notice, about: About) -> model::Result<Line> {
    let summary = about.summary;
    let price = summary.price.unwrap_or_else(|| "price not known".to_owned());
    let until = about.until.unwrap_or_default();
    let asked = [
        ("Asked by", summary.requester),
        ("For", summary.whom),
        ("Why", summary.reason),
        ("A month", price),
        ("Needed by", summary.needed_by),
        ("Until", until),
        ("In the place of", about.in_place_of.unwrap_or_default()),
    ];
    let of = |names: &[&str]| asked.iter().filter(|(name, _)| names.contains(name)).cloned().collect::<Vec<_>>();
    let (facts, words) = match notice.kind {
        Kind::ToDecide => (asked.to_vec(), None),
        Kind::Reminded => {
            let since = about.waits_since.map(|since| ("Waits since", since));
            (asked.iter().cloned().chain(since).collect(), None)
        }
        Kind::Escalated => (asked.to_vec(), about.stage_note),
        // Whose they are is added by `of_those`.
        Kind::Ready => (Vec::new(), None),
        Kind::AskedBack => (about.by.map(|by| ("Asked by", by)).into_iter().chain(of(&["For"])).collect(), about.words),
        Kind::Decided => {
            let without = usize::try_from(summary.counts.without).unwrap_or_default();
            let part =
                (without > 0 && summary.state == State::Approved).then(|| ("Not approved", requests::some_people(without)));
            let by = about.by.map(|by| ("Decided by", by));
            (by.into_iter().chain(of(&["For", "Needed by"])).chain(part).collect(), about.words)
        }
        Kind::Submitted | Kind::EndsSoon | Kind::Held => {
            let who = summary.waiting_for.map(|who| ("Who decides", who));
            (of(&["For", "A month", "Needed by"]).into_iter().chain(who).collect(), None)
        }
    };
    Ok(Line {
        kind: notice.kind,
        refused: summary.state == State::Refused,
        title: summary.title,
        facts,
        words,
        link: link(services, &format!("requests/{}", notice.request))?,
    })
}

fn of_ending(services: &Services, notice: &Notice, about: Ending) -> model::Result<Line> {
    let words = match notice.kind {
        Kind::Held => of_hold(&about),
        _ if about.undone.is_some() => {
            "Its hold was undone, so it is open until its last day. If it is needed for longer, ask for more time now: else it is held again after that day, and terminated a week later.".to_owned()
        }
        _ => {
            "Ask for more time, or let it go. If nobody says anything, it is held after its last day, and terminated a week later.".to_owned()
        }
    };
    let facts = [("Last day", about.ends), ("Held since", about.held), ("Terminated on", about.terminates)];
    Ok(Line {
        kind: notice.kind,
        refused: false,
        title: format!("Desktop of {}", about.name),
        facts: facts.into_iter().filter_map(|(name, fact)| Some((name, fact?))).collect(),
        words: Some(words),
        link: link(services, &format!("endings/{}", about.id))?,
    })
}

/// What a hold means, and how the desktop opens again: more time can be asked for only of a temporary one.
fn of_hold(about: &Ending) -> String {
    let closed = if about.unclosed {
        "The desktop is to be closed, but AWS can\u{2019}t do so in the state that it is in: its user may still be able to sign in. The days of its hold count all the same."
    } else {
        "The desktop is closed: its user can\u{2019}t sign in."
    };
    let opens = if about.cause == Cause::Temporary {
        "If it is still needed, ask for more time: it is opened again once that is approved. Until then, undoing the hold on the page of its end opens it for 7 days; you can do that once."
    } else {
        "If it is still needed, undo the hold on the page of its end: it is opened again, and stays."
    };
    format!("{closed} Everything on it is kept until it is terminated. {opens}")
}

/// An address of Frontdesk.
pub(super) fn link(services: &Services, path: &str) -> model::Result<String> {
    let joined: Result<Url, _> = services.settings.public_url.join(path);
    joined.map(String::from).map_err(|error| crate::Fault::Bug(format!("public_url: {error}")).into())
}
