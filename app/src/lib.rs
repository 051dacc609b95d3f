//! The browser's half of Frontdesk: pages, components and the server functions behind them.
//!
//! One room a noun, each with `page.rs` (pages), `parts.rs` (their pieces) and `api.rs` (its server functions). `ui` is the
//! design system and the only home of ARIA patterns. No rule lives here: rules that both halves need are in `model`, use
//! cases in `backend`, which only the server half (feature `ssr`) sees.

pub mod access;
mod app;
pub mod audit;
pub mod budget;
#[cfg(feature = "ssr")]
pub mod caller;
mod chunks;
pub mod cost_centres;
pub mod directories;
pub mod endings;
pub mod failure;
pub mod invitations;
pub mod launches;
pub mod notices;
pub mod offerings;
pub mod people;
#[cfg(feature = "ssr")]
pub mod plain;
pub mod requests;
#[cfg(feature = "ssr")]
mod shell;
#[cfg(feature = "ssr")]
pub mod site;
pub mod today;
mod ui;
#[cfg(feature = "ssr")]
mod upload;
pub mod workspaces;

pub use app::App;
pub use failure::Failure;
#[cfg(feature = "ssr")]
pub use invitations::welcome;
#[cfg(feature = "ssr")]
pub use shell::shell;

/// Takes over the page that the server rendered, as soon as the code of this page is there. If that can't be had, the page
/// stays as it came: all its links and forms work.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    let here = leptos::prelude::window().location().pathname().unwrap_or_default();
    if let Some(chunk) = chunks::Chunk::at(&here)
        && chunk.load().await.is_err()
    {
        return;
    }
    leptos::mount::hydrate_body(App);
}
