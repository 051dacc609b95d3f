//! The server function of the record.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{
    Page, PageRequest,
    audit::{Entry, Filter},
};

use crate::Failure;

/// One page of the record, the newest first.
#[server(output = Postcard, prefix = "/api", endpoint = "audit/list")]
pub async fn list(filter: Filter, page: PageRequest) -> Result<Page<Entry>, Failure> {
    let (services, actor) = crate::caller::caller(model::access::Act::SeeAudit).await?;
    Ok(backend::audit::list(&services, &actor, filter, page).await?)
}
