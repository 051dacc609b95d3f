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
pub mod directories;
pub mod failure;
pub mod invitations;
pub mod launches;
pub mod people;
#[cfg(feature = "ssr")]
pub mod plain;
#[cfg(feature = "ssr")]
mod shell;
pub mod today;
mod ui;
pub mod workspaces;

pub use app::App;
pub use failure::Failure;
#[cfg(feature = "ssr")]
pub use invitations::welcome;
#[cfg(feature = "ssr")]
pub use shell::shell;

/// Takes over the page that the server rendered.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(App);
}
