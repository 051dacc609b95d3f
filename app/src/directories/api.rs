//! The server functions of directories.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::directories::{Directory, Freshness};

use crate::Failure;
#[cfg(feature = "ssr")]
use crate::caller::caller;
#[cfg(feature = "ssr")]
use model::access::Act;

/// All directories that the caller may work in.
#[server(output = Postcard, prefix = "/api", endpoint = "directories/list", name = ListDirectories)]
pub async fn list() -> Result<(Vec<Directory>, Freshness), Failure> {
    let (services, actor) = caller(Act::SeeDesktops).await?;
    Ok(backend::directories::list(&services, &actor).await?)
}
