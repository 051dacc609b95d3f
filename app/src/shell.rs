//! The document around the app: its head, its colours, and what the browser may load.

use http::{HeaderValue, header, request::Parts};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;
use leptos_meta::{HashedStylesheet, MetaTags};

use crate::{App, access::Theme};

/// The origin of the sign-in provider, to which forms may lead: sign-out ends there. The server provides it as context.
#[derive(Debug, Clone)]
pub struct FormAction(pub String);

/// The whole document. It also sets the Content-Security-Policy, so that every page has it, those that are not found too.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    guard();
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
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

fn guard() {
    let (Some(response), Some(nonce)) = (use_context::<ResponseOptions>(), use_nonce()) else { return };
    let provider = use_context::<FormAction>().map(|action| action.0).unwrap_or_default();
    if let Ok(policy) = HeaderValue::try_from(policy(&nonce, &provider)) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

fn policy(nonce: &str, provider: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self' {provider}; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_lets_in_nothing_inline_but_what_has_the_nonce() {
        let policy = policy("abc", "https://sign-in.example.com");
        assert!(policy.starts_with("default-src 'none'; "));
        assert!(policy.contains("script-src 'nonce-abc' 'strict-dynamic' 'wasm-unsafe-eval';"));
        assert!(policy.contains("form-action 'self' https://sign-in.example.com;"));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
    }
}
