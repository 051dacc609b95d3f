//! The server function of the start page.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{launches::Today, requests::Waiting};

use crate::Failure;

/// What waits for the caller.
#[server(output = Postcard, prefix = "/api", endpoint = "launches/today", name = ReadToday)]
pub async fn today() -> Result<(Today, Waiting), Failure> {
    let (services, actor) = crate::caller::caller(model::access::Act::SeeToday).await?;
    Ok((backend::launches::today(&services, &actor).await?, backend::requests::waiting(&services, &actor).await?))
}
