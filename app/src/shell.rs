//! The document around the app: its head, its colours, and what the browser may load.

use http::request::Parts;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::{
    App,
    access::Theme,
    site::{Files, Site},
};

/// The whole document. Its scripts carry the nonce that the server provides and names in the Content-Security-Policy.
pub fn shell(site: Site) -> impl IntoView {
    let theme = use_context::<Parts>().as_ref().map(Theme::of).unwrap_or_default();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.attribute()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <Files site />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}
