//! The server function of the start page.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::invitations::Waiting;
use serde::{Deserialize, Serialize};

use crate::Failure;

/// The start page: what is only looked at comes as HTML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TodayView {
    pub above: String,
    pub invitations: Waiting,
    pub below: String,
}

/// What waits for the caller.
#[server(output = Postcard, prefix = "/api", endpoint = "launches/today", name = ReadToday)]
pub async fn today() -> Result<TodayView, Failure> {
    let (services, actor) = crate::caller::caller(model::access::Act::SeeToday).await?;
    let today = backend::launches::today(&services, &actor).await?;
    let requests = backend::requests::waiting(&services, &actor).await?;
    let endings = backend::endings::waiting(&services, &actor).await?;
    Ok(super::figures::figures(today, requests, endings, actor.authorize(model::access::Act::SeeDesktops).is_ok()))
}
