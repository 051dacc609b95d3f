//! The server functions of launches.

use std::collections::HashMap;

use leptos::{
    prelude::*,
    server_fn::codec::{MultipartData, MultipartFormData, Postcard},
};
use model::{
    DraftId, ItemId, LaunchId, Page, PageRequest, PersonGuid,
    directories::Freshness,
    launches::{
        Check, DesktopForm, Draft, DraftPerson, DraftSummary, Filter, Item, ItemState, Launch, LineKind, Report, Summary,
    },
    people::Hits,
    workspaces::Bundle,
};

use serde::{Deserialize, Serialize};

use crate::Failure;
#[cfg(feature = "ssr")]
use crate::{caller::caller, upload};
#[cfg(feature = "ssr")]
use backend::launches::{self, drafts};
#[cfg(feature = "ssr")]
use model::{
    DirectoryId,
    access::Act,
    launches::{LARGEST_LIST, Step},
    people::Search,
};

/// One page of launches.
#[server(output = Postcard, prefix = "/api", endpoint = "launches/list", name = ListLaunches)]
pub async fn list(filter: Filter, page: PageRequest) -> Result<Page<Summary>, Failure> {
    let (services, actor) = caller(Act::SeeDesktops).await?;
    Ok(launches::list(&services, &actor, filter, page).await?)
}

/// One launch and one page of its rows.
#[server(output = Postcard, prefix = "/api", endpoint = "launches/get", name = GetLaunch)]
pub async fn get(id: LaunchId, state: Option<ItemState>, page: PageRequest) -> Result<(Launch, Page<Item>), Failure> {
    let (services, actor) = caller(Act::SeeDesktops).await?;
    let launch = launches::get(&services, &actor, id).await?;
    Ok((launch, launches::items(&services, &actor, id, state, page).await?))
}

/// Drafts of one's own that wait to be gone on with.
#[server(output = Postcard, prefix = "/api", endpoint = "launches/drafts")]
pub async fn my_drafts() -> Result<Vec<DraftSummary>, Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    Ok(launches::today(&services, &actor).await?.drafts)
}

/// One's own draft.
#[server(output = Postcard, prefix = "/api", endpoint = "launches/draft", name = GetDraft)]
pub async fn draft(id: DraftId) -> Result<Draft, Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    Ok(drafts::get(&services, &actor, id).await?)
}

/// People whom a search found, and which of them are on the draft.
pub type Found = (Hits, Vec<PersonGuid>);

/// One's own draft, whom the search found if there was one, and one page of the people on the draft.
#[server(output = Postcard, prefix = "/api", endpoint = "launches/people", name = GetPeople)]
pub async fn people(
    id: DraftId,
    #[server(default)] q: String,
    #[server(default)] all: bool,
    page: PageRequest,
    chosen: PageRequest,
) -> Result<(Draft, Option<Result<Found, Failure>>, Page<DraftPerson>), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    let draft = drafts::get(&services, &actor, id).await?;
    let chosen = drafts::people(&services, &actor, id, chosen).await?;
    let found = match &draft.directory {
        Some(directory) if all || !q.is_empty() => {
            let found = async {
                let search = if all { Search::All } else { Search::parse(&q)? };
                let hits = backend::people::search(&services, &actor, directory, search, page).await?;
                let guids: Vec<_> = hits.hits.iter().map(|hit| hit.person.guid).collect();
                let chosen = drafts::chosen_among(&services, &actor, id, &guids).await?;
                Ok((hits, chosen))
            };
            Some(found.await.map_err(Failure))
        }
        _ => None,
    };
    Ok((draft, found, chosen))
}

/// One's own draft with the report of its last list.
#[server(output = Postcard, prefix = "/api", endpoint = "launches/list_report", name = GetListReport)]
pub async fn list_report(id: DraftId, kind: Option<LineKind>, page: PageRequest) -> Result<(Draft, Option<Report>), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    let draft = drafts::get(&services, &actor, id).await?;
    Ok((draft, launches::list::report(&services, &actor, id, kind, page).await?))
}

/// One's own draft with the bundles to choose from, and one page of its people.
#[server(output = Postcard, prefix = "/api", endpoint = "launches/desktop", name = GetDesktop)]
pub async fn desktop(id: DraftId, page: PageRequest) -> Result<(Draft, Vec<Bundle>, Freshness, Page<DraftPerson>), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    let draft = drafts::get(&services, &actor, id).await?;
    let (bundles, freshness) = backend::workspaces::bundles(&services, &actor).await?;
    Ok((draft, bundles, freshness, drafts::people(&services, &actor, id, page).await?))
}

/// Everything that will be sent, with one page of its people.
#[server(output = Postcard, prefix = "/api", endpoint = "launches/check", name = GetCheck)]
pub async fn check(id: DraftId, page: PageRequest) -> Result<Check, Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    Ok(drafts::check(&services, &actor, id, page).await?)
}

#[cfg(feature = "ssr")]
fn go_to(draft: DraftId, step: Step) {
    leptos_axum::redirect(&format!("/launches/new/{draft}/{}", step.as_str()));
}

/// Begins a draft.
#[server(prefix = "/api", endpoint = "launches/begin")]
pub async fn begin() -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    go_to(drafts::create(&services, &actor).await?, Step::Directory);
    Ok(())
}

/// Chooses the draft's directory.
#[server(prefix = "/api", endpoint = "launches/choose_directory")]
pub async fn choose_directory(draft: DraftId, #[server(default)] directory: String) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    let directory: DirectoryId =
        directory.parse().map_err(|_| model::Error::invalid("directory", "Choose a directory. Nothing was changed."))?;
    drafts::choose_directory(&services, &actor, draft, directory).await?;
    go_to(draft, Step::People);
    Ok(())
}

/// Adds people to the draft and goes back to the search they were found by.
#[server(prefix = "/api", endpoint = "launches/add_people")]
pub async fn add_people(
    draft: DraftId,
    #[server(default)] guids: Vec<PersonGuid>,
    #[server(default)] back: String,
    #[server(default)] next: String,
    #[server(default)] act: String,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    if guids.is_empty() {
        return Err(model::Error::invalid("guids", "Choose at least one person of the list.").into());
    }
    let added = drafts::add_people(&services, &actor, draft, guids).await?;
    let outcome = format!("added={}&refused={}", added.added, added.refused);
    let to = if act == "next" { next } else { back };
    leptos_axum::redirect(&format!("/launches/new/{draft}/people?{}{outcome}", own_query(&to)));
    Ok(())
}

/// The search's part of the address, cleaned of what is no query of ours.
#[cfg(feature = "ssr")]
fn own_query(back: &str) -> String {
    let known = |pair: &&str| ["q=", "all=", "page=", "size=", "kind="].iter().any(|name| pair.starts_with(name));
    let plain = |pair: &&str| pair.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"=%+._-".contains(&byte));
    back.trim_start_matches('?').split('&').filter(known).filter(plain).map(|pair| format!("{pair}&")).collect()
}

#[cfg(feature = "ssr")]
fn own_pairs(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    crate::ui::url("", &pairs).trim_start_matches('?').to_owned()
}

/// Takes people off the draft.
#[server(prefix = "/api", endpoint = "launches/remove_people")]
pub async fn remove_people(
    draft: DraftId,
    #[server(default)] guids: Vec<PersonGuid>,
    #[server(default)] to: String,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    drafts::remove_people(&services, &actor, draft, guids).await?;
    go_to(draft, if to == "check" { Step::Check } else { Step::People });
    Ok(())
}

/// Takes everybody off the draft who can't be launched any more.
#[server(prefix = "/api", endpoint = "launches/remove_blocked")]
pub async fn remove_blocked(draft: DraftId) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    drafts::remove_blocked(&services, &actor, draft).await?;
    go_to(draft, Step::Check);
    Ok(())
}

/// Reads a list of people into the draft: a file, or what was pasted. The form's fields are `draft`, `text` and `file`.
#[server(input = MultipartFormData, prefix = "/api", endpoint = "launches/read_list")]
pub async fn read_list(data: MultipartData) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    let list = upload::list(data, LARGEST_LIST).await?;
    let draft: DraftId = list.id("draft")?;
    launches::list::read(&services, &actor, draft, &list.name, &list.bytes).await?;
    leptos_axum::redirect(&format!("/launches/new/{draft}/list#report"));
    Ok(())
}

/// Chooses whom a line of the list means.
#[server(prefix = "/api", endpoint = "launches/choose_person")]
pub async fn choose_person(
    draft: DraftId,
    line: u32,
    #[server(default)] guid: String,
    #[server(default)] back: String,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    let guid = guid.parse().map_err(|_| model::Error::invalid("guid", "Choose one of the people first."))?;
    launches::list::choose(&services, &actor, draft, line, guid).await?;
    leptos_axum::redirect(&format!("/launches/new/{draft}/list?{}#report", own_query(&back)));
    Ok(())
}

/// Where the desktop step stays after it was kept, instead of going on.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Turn {
    /// A page of its people, or `narrow` to see fewer bundles.
    pub to: String,
    /// What the bundles are narrowed to.
    pub narrow: String,
}

/// Keeps the desktop step, right or wrong, and goes on if it is right.
#[server(prefix = "/api", endpoint = "launches/save_desktop")]
pub async fn save_desktop(
    draft: DraftId,
    #[server(default)] desktop: DesktopForm,
    /// Bundle ids by `of-` and the person's guid; an empty one is the default bundle. A bare guid may begin with a digit,
    /// and would be taken for a place in a list.
    #[server(default)]
    bundles: HashMap<String, String>,
    #[server(default)] turn: Turn,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    let mut chosen = Vec::with_capacity(bundles.len());
    for (person, bundle) in bundles {
        let unknown = || model::Error::invalid("bundles", "One person's bundle is not one of the list.");
        let person = person.strip_prefix("of-").and_then(|guid| guid.parse().ok()).ok_or_else(unknown)?;
        let bundle = Some(bundle).filter(|bundle| !bundle.is_empty()).map(|bundle| bundle.parse()).transpose();
        chosen.push((person, bundle.map_err(|_| unknown())?));
    }
    let right = drafts::save_desktop(&services, &actor, draft, desktop, chosen).await?;
    let here = |query: &[(&str, &str)]| format!("/launches/new/{draft}/desktop?{}", own_pairs(query));
    match turn.to.parse::<u32>() {
        Ok(_) => leptos_axum::redirect(&format!("{}#single", here(&[("page", &turn.to)]))),
        Err(_) if turn.to == "narrow" => leptos_axum::redirect(&here(&[("bundle_q", &turn.narrow)])),
        Err(_) => go_to(draft, if right { Step::Check } else { Step::Desktop }),
    }
    Ok(())
}

/// Throws the draft away.
#[server(prefix = "/api", endpoint = "launches/discard")]
pub async fn discard(draft: DraftId) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    drafts::discard(&services, &actor, draft).await?;
    leptos_axum::redirect("/launches/new");
    Ok(())
}

/// Starts the launch as it was seen, by the draft's version; a second time finds the first.
#[server(prefix = "/api", endpoint = "launches/start")]
pub async fn start(draft: DraftId, #[server(default)] seen: Option<i64>) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    let id = launches::start(&services, &actor, draft, seen).await?;
    leptos_axum::redirect(&format!("/launches/{id}"));
    Ok(())
}

/// Sends failed rows again; all of them if none is named.
#[server(prefix = "/api", endpoint = "launches/retry")]
pub async fn retry(launch: LaunchId, #[server(default)] items: Vec<ItemId>) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    launches::retry(&services, &actor, launch, items).await?;
    leptos_axum::redirect(&format!("/launches/{launch}"));
    Ok(())
}

/// Sends what waits because AWS refused the account.
#[server(prefix = "/api", endpoint = "launches/resume")]
pub async fn resume(launch: LaunchId) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    launches::resume(&services, &actor, launch).await?;
    leptos_axum::redirect(&format!("/launches/{launch}"));
    Ok(())
}

/// Takes back rows that were not sent yet; all of them if none is named.
#[server(prefix = "/api", endpoint = "launches/cancel")]
pub async fn cancel(launch: LaunchId, #[server(default)] items: Vec<ItemId>) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    launches::cancel(&services, &actor, launch, items).await?;
    leptos_axum::redirect(&format!("/launches/{launch}"));
    Ok(())
}
