//! The server function of the record.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{
    Page, PageRequest, PersonGuid,
    audit::{Entry, Filter},
};

use crate::Failure;

/// One page of the record, the newest first.
#[server(output = Postcard, prefix = "/api", endpoint = "audit/list")]
pub async fn list(filter: Filter, page: PageRequest) -> Result<Page<Entry>, Failure> {
    let (services, actor) = crate::caller::caller(model::access::Act::SeeAudit).await?;
    Ok(backend::audit::list(&services, &actor, filter, page).await?)
}

/// What was done about one person, the newest first.
#[server(output = Postcard, prefix = "/api", endpoint = "audit/of_person")]
pub async fn of_person(guid: PersonGuid) -> Result<Vec<Entry>, Failure> {
    let (services, actor) = crate::caller::caller(model::access::Act::SeeAudit).await?;
    Ok(backend::audit::of_person(&services, &actor, guid).await?)
}
