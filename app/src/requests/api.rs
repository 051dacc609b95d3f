//! The server functions of requests; those of the rules are in `rules/api.rs`.

use std::collections::HashMap;

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{
    Page, PageRequest, PersonGuid, RequestId,
    requests::{AbsenceForm, AbsencePage, CheckStep, DesktopStep, DraftLine, Filter, PeopleStep, RequestPage, Summary},
};
use serde::{Deserialize, Serialize};

use crate::Failure;
#[cfg(feature = "ssr")]
use crate::caller::caller;
#[cfg(feature = "ssr")]
use backend::requests::{
    self, absence as away,
    decide::{self, Said},
    drafts, submit,
};
#[cfg(feature = "ssr")]
use model::{
    Error, OfferingId, RequestItemId,
    access::Act,
    requests::{RequestForm, Step, process::Decision},
};

/// One page of requests.
#[server(output = Postcard, prefix = "/api", endpoint = "requests/list", name = ListRequests)]
pub async fn list(filter: Filter, page: PageRequest) -> Result<Page<Summary>, Failure> {
    let (services, actor) = caller(Act::SeeRequests).await?;
    Ok(requests::list(&services, &actor, filter, page).await?)
}

/// One page of requests that wait for the caller.
#[server(output = Postcard, prefix = "/api", endpoint = "requests/to_decide", name = ListToDecide)]
pub async fn to_decide(page: PageRequest) -> Result<Page<Summary>, Failure> {
    let (services, actor) = caller(Act::SeeApprovals).await?;
    Ok(requests::to_decide(&services, &actor, page).await?)
}

/// Who decides in the caller's place, and in whose place the caller decides.
#[server(output = Postcard, prefix = "/api", endpoint = "requests/absence", name = GetAbsence)]
pub async fn absence() -> Result<AbsencePage, Failure> {
    let (services, actor) = caller(Act::SeeApprovals).await?;
    Ok(away::get(&services, &actor).await?)
}

/// Names who decides in the caller's place.
#[server(prefix = "/api", endpoint = "requests/name_stand_in", name = NameStandIn)]
pub async fn name_stand_in(#[server(default)] form: AbsenceForm) -> Result<(), Failure> {
    let (services, actor) = caller(Act::DecideRequests).await?;
    away::name(&services, &actor, &form).await?;
    leptos_axum::redirect("/approvals/absence");
    Ok(())
}

/// From now on nobody decides in the caller's place.
#[server(prefix = "/api", endpoint = "requests/end_absence", name = EndAbsence)]
pub async fn end_absence() -> Result<(), Failure> {
    let (services, actor) = caller(Act::DecideRequests).await?;
    away::end(&services, &actor).await?;
    leptos_axum::redirect("/approvals/absence");
    Ok(())
}

/// What of a request is only looked at, as HTML.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// What was asked for, and why.
    pub about: String,
    /// How far each desktop is, who decides, and what was said.
    pub followed: String,
}

/// One request.
#[server(output = Postcard, prefix = "/api", endpoint = "requests/get", name = GetRequest)]
pub async fn get(id: RequestId) -> Result<(RequestPage, Drawn), Failure> {
    let (services, actor) = caller(Act::SeeRequests).await?;
    let request = requests::get(&services, &actor, id).await?;
    let drawn = super::drawn::drawn(&request);
    Ok((request, drawn))
}

/// What became of requests by the month, as HTML: pictures, which the browser needs no code to draw.
#[server(output = Postcard, prefix = "/api", endpoint = "requests/numbers", name = ReadNumbers)]
pub async fn numbers() -> Result<String, Failure> {
    let (services, actor) = caller(Act::SeeRequests).await?;
    Ok(super::figures::figures(requests::numbers::read(&services, &actor).await?))
}

/// One's own drafts.
#[server(output = Postcard, prefix = "/api", endpoint = "requests/drafts", name = ListRequestDrafts)]
pub async fn my_drafts() -> Result<Vec<DraftLine>, Failure> {
    let (services, actor) = caller(Act::Ask).await?;
    Ok(drafts::mine(&services, &actor).await?)
}

/// The step "For whom".
#[server(output = Postcard, prefix = "/api", endpoint = "requests/people", name = GetRequestPeople)]
pub async fn people(
    id: RequestId,
    #[server(default)] q: String,
    page: PageRequest,
    chosen: PageRequest,
) -> Result<PeopleStep, Failure> {
    let (services, actor) = caller(Act::Ask).await?;
    Ok(drafts::people_step(&services, &actor, id, &drafts::Look { q, reports: page, chosen }).await?)
}

/// The step "What and why".
#[server(output = Postcard, prefix = "/api", endpoint = "requests/desktop", name = GetRequestDesktop)]
pub async fn desktop(id: RequestId, page: PageRequest) -> Result<DesktopStep, Failure> {
    let (services, actor) = caller(Act::Ask).await?;
    Ok(drafts::desktop_step(&services, &actor, id, page).await?)
}

/// What would be handed in.
#[server(output = Postcard, prefix = "/api", endpoint = "requests/check", name = GetRequestCheck)]
pub async fn check(id: RequestId) -> Result<CheckStep, Failure> {
    let (services, actor) = caller(Act::Ask).await?;
    Ok(submit::check(&services, &actor, id).await?)
}

#[cfg(feature = "ssr")]
fn go_to(id: RequestId, step: Step) {
    leptos_axum::redirect(&format!("/requests/new/{id}/{}", step.as_str()));
}

#[cfg(feature = "ssr")]
fn show(id: RequestId) {
    leptos_axum::redirect(&format!("/requests/{id}"));
}

/// Begins a request.
#[server(prefix = "/api", endpoint = "requests/begin", name = BeginRequest)]
pub async fn begin() -> Result<(), Failure> {
    let (services, actor) = caller(Act::Ask).await?;
    go_to(drafts::begin(&services, &actor).await?, Step::People);
    Ok(())
}

/// Begins one that asks for the same as an earlier one.
#[server(prefix = "/api", endpoint = "requests/copy", name = CopyRequest)]
pub async fn copy(id: RequestId) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Ask).await?;
    go_to(drafts::copy(&services, &actor, id).await?, Step::People);
    Ok(())
}

/// Adds people and goes back to where they were found.
#[server(prefix = "/api", endpoint = "requests/add", name = AddToRequest)]
pub async fn add(
    id: RequestId,
    #[server(default)] guids: Vec<PersonGuid>,
    #[server(default)] q: String,
    #[server(default)] page: String,
    #[server(default)] next: String,
    #[server(default)] act: String,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Ask).await?;
    if guids.is_empty() {
        return Err(Error::invalid("people", "Choose at least one person of the list.").into());
    }
    drafts::add(&services, &actor, id, guids).await?;
    let query = [("q".to_owned(), q), ("page".to_owned(), if act == "next" { next } else { page })];
    leptos_axum::redirect(&crate::ui::url(&format!("/requests/new/{id}/people"), &query));
    Ok(())
}

/// Takes people off the list.
#[server(prefix = "/api", endpoint = "requests/remove", name = RemoveFromRequest)]
pub async fn remove(
    id: RequestId,
    #[server(default)] guids: Vec<PersonGuid>,
    #[server(default)] to: String,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Ask).await?;
    drafts::remove(&services, &actor, id, guids).await?;
    go_to(id, if to == "check" { Step::Check } else { Step::People });
    Ok(())
}

/// What single people get, and where the step stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnOfferings {
    /// Offerings by `of-` and the person's guid; an empty one is the request's.
    own: HashMap<String, String>,
    /// A page of the people, where the step stays instead of going on.
    to: String,
}

/// Keeps the step "What and why", right or wrong, and goes on if it is right.
#[server(prefix = "/api", endpoint = "requests/save", name = SaveRequest)]
pub async fn save(
    id: RequestId,
    #[server(default)] offering: String,
    #[server(default)] reason: String,
    #[server(default)] cost_centre: String,
    #[server(default)] needed_by: String,
    #[server(default)] until: String,
    #[server(default)] people: OwnOfferings,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Ask).await?;
    let form = RequestForm { offering, reason, cost_centre, needed_by, until };
    let right = drafts::save(&services, &actor, id, form, own_offerings(people.own)?).await?;
    match people.to.parse::<u32>() {
        Ok(page) => leptos_axum::redirect(&format!("/requests/new/{id}/desktop?page={page}#single")),
        Err(_) => go_to(id, if right { Step::Check } else { Step::Desktop }),
    }
    Ok(())
}

#[cfg(feature = "ssr")]
fn own_offerings(own: HashMap<String, String>) -> Result<Vec<(PersonGuid, Option<OfferingId>)>, Error> {
    let unknown = || Error::invalid("own", "What one person gets is not one of the list.");
    own.into_iter()
        .map(|(person, offering)| {
            let person = person.strip_prefix("of-").and_then(|guid| guid.parse().ok()).ok_or_else(unknown)?;
            let offering = Some(offering).filter(|offering| !offering.is_empty()).map(|offering| offering.parse());
            Ok((person, offering.transpose().map_err(|_| unknown())?))
        })
        .collect()
}

/// Throws a draft away, or withdraws what was handed in before.
#[server(prefix = "/api", endpoint = "requests/discard", name = DiscardRequest)]
pub async fn discard(id: RequestId) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Ask).await?;
    drafts::discard(&services, &actor, id).await?;
    leptos_axum::redirect("/requests");
    Ok(())
}

/// Hands the request in as it was seen; a second time finds the first.
#[server(prefix = "/api", endpoint = "requests/submit", name = SubmitRequest)]
pub async fn hand_in(id: RequestId, #[server(default)] seen: i64, #[server(default)] shown: String) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Ask).await?;
    submit::submit(&services, &actor, id, seen, &shown).await?;
    show(id);
    Ok(())
}

/// Takes a request back to change it.
#[server(prefix = "/api", endpoint = "requests/reopen", name = ReopenRequest)]
pub async fn reopen(id: RequestId, #[server(default)] seen: i64) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Ask).await?;
    drafts::reopen(&services, &actor, id, seen).await?;
    go_to(id, Step::Desktop);
    Ok(())
}

/// Takes a request back for good.
#[server(prefix = "/api", endpoint = "requests/withdraw", name = WithdrawRequest)]
pub async fn withdraw(id: RequestId, #[server(default)] seen: i64) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Ask).await?;
    drafts::withdraw(&services, &actor, id, seen).await?;
    show(id);
    Ok(())
}

/// Answers a question.
#[server(prefix = "/api", endpoint = "requests/answer", name = AnswerRequest)]
pub async fn answer(id: RequestId, #[server(default)] seen: i64, #[server(default)] answer: String) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Ask).await?;
    drafts::answer(&services, &actor, id, seen, &answer).await?;
    show(id);
    Ok(())
}

/// What is said of one person: by `of-` and the row's id.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Single {
    /// `no` for somebody who gets nothing.
    give: HashMap<String, String>,
    /// Another offering.
    instead: HashMap<String, String>,
}

#[cfg(feature = "ssr")]
fn row(name: &str) -> Result<RequestItemId, Error> {
    let id = name.strip_prefix("of-").and_then(|id| id.parse().ok());
    id.ok_or_else(|| Error::invalid("single", "One of the people is not on this request. Reload the page."))
}

#[cfg(feature = "ssr")]
fn decision(what: &str, except: Vec<RequestItemId>) -> Result<Decision, Error> {
    match what {
        "approve" => Ok(Decision::Approve { except }),
        "refuse" => Ok(Decision::Refuse),
        "ask_back" => Ok(Decision::AskBack),
        _ => Err(Error::invalid("decision", "Say what you decide. Nothing was decided.")),
    }
}

/// Decides on one request, whole or person by person.
#[server(prefix = "/api", endpoint = "requests/decide", name = DecideRequest)]
pub async fn decide(
    id: RequestId,
    #[server(default)] seen: i64,
    #[server(default)] what: String,
    #[server(default)] note: String,
    #[server(default)] single: Single,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::DecideRequests).await?;
    let except = single.give.iter().filter(|(_, give)| *give == "no").map(|(name, _)| row(name));
    let decision = decision(&what, except.collect::<Result<_, _>>()?)?;
    let swaps = single.instead.iter().filter(|(_, offering)| !offering.is_empty()).map(|(name, offering)| {
        let offering: OfferingId = offering.parse().map_err(|_| Error::invalid("swaps", "Choose from the list."))?;
        Ok::<_, Error>((row(name)?, offering))
    });
    let said = Said { decision, swaps: swaps.collect::<Result<_, _>>()?, note, seen };
    decide::decide(&services, &actor, id, &said).await?;
    show(id);
    Ok(())
}

/// Decides on several requests in the same way. Each is written as its id, a dot, and the version that was seen.
#[server(prefix = "/api", endpoint = "requests/decide_all", name = DecideAll)]
pub async fn decide_all(
    #[server(default)] requests: Vec<String>,
    #[server(default)] what: String,
    #[server(default)] note: String,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::DecideRequests).await?;
    let read = |written: &String| {
        let (id, seen) = written.split_once('.')?;
        Some((id.parse().ok()?, seen.parse().ok()?))
    };
    let chosen: Option<Vec<_>> = requests.iter().map(read).collect();
    let chosen = chosen.ok_or_else(|| Error::invalid("requests", "Choose requests of the list."))?;
    let bulk = decide::decide_all(&services, &actor, chosen, decision(&what, Vec::new())?, note).await?;
    let first = bulk.failed.first().map(|(_, error)| error.to_string()).unwrap_or_default();
    let query = [
        ("done".to_owned(), bulk.done.to_string()),
        ("failed".to_owned(), bulk.failed.len().to_string()),
        ("why".to_owned(), first),
    ];
    leptos_axum::redirect(&crate::ui::url("/approvals", &query));
    Ok(())
}
