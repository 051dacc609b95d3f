//! The server functions of people.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{
    DirectoryId, PageRequest, PersonGuid,
    audit::Entry,
    people::{Hits, PersonPage},
};

use crate::Failure;
#[cfg(feature = "ssr")]
use crate::caller::caller;
#[cfg(feature = "ssr")]
use model::{access::Act, people::Search};

/// One page of people with what keeps them from a WorkSpace in the directory.
#[server(output = Postcard, prefix = "/api", endpoint = "people/search", name = SearchPeople)]
pub async fn search(directory: DirectoryId, #[server(default)] q: String, all: bool, page: PageRequest) -> Result<Hits, Failure> {
    let (services, actor) = caller(Act::SeePeople).await?;
    let search = if all { Search::All } else { Search::parse(&q)? };
    Ok(backend::people::search(&services, &actor, &directory, search, page).await?)
}

/// One person, and what was done about them for those who may see the record.
#[server(output = Postcard, prefix = "/api", endpoint = "people/get", name = GetPerson)]
pub async fn get(guid: PersonGuid) -> Result<(PersonPage, Option<Vec<Entry>>), Failure> {
    let (services, actor) = caller(Act::SeePeople).await?;
    let person = backend::people::get(&services, &actor, guid).await?;
    let record = match actor.authorize(Act::SeeAudit) {
        Ok(()) => Some(backend::audit::of_person(&services, &actor, guid).await?),
        Err(_) => None,
    };
    Ok((person, record))
}
