//! The server function of the API budget.

use leptos::{prelude::*, server_fn::codec::Postcard};

use crate::Failure;

/// How the budget stands, as HTML: figures alone, which the browser needs no code to draw.
#[server(output = Postcard, prefix = "/api", endpoint = "budget/status", name = ReadBudget)]
pub async fn status() -> Result<String, Failure> {
    let (services, actor) = crate::caller::caller(model::access::Act::SeeBudget).await?;
    Ok(super::figures::figures(backend::budget::status(&services, &actor).await?))
}
