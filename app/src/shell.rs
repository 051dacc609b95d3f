//! The document around the app: its head, its colours, and what the browser may load.

use http::request::Parts;
use leptos::{WasmSplitManifest, prelude::*};
use leptos_meta::{HashedStylesheet, MetaTags};

use crate::{App, access::Theme};

/// The whole document. Its scripts carry the nonce that the server provides and names in the Content-Security-Policy.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let theme = use_context::<Parts>().map(|parts| Theme::of(&parts)).unwrap_or_default();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.attribute()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <HashedStylesheet id="style" options=options.clone() />
                <HydrationScripts options />
                <Loader />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Announces what the script imports first: it loads the parts of the wasm.
#[component]
fn Loader() -> impl IntoView {
    let manifest = use_context::<WasmSplitManifest>()?;
    let href = manifest.0.with_value(|(folder, _, script)| format!("{folder}/{script}"));
    Some(view! { <link rel="modulepreload" href=href crossorigin="" /> })
}
