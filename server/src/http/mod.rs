//! HTTP: the router, its layers from the outside in, and the handlers that are not pages.
//!
//! Security headers → request id, panics caught, counted and logged → CSRF → session → limits → pages, server functions, files.
//! The probes stand outside CSRF and session.

mod client;
mod downloads;
mod events;
mod guard;
mod plain;
mod probes;
mod readiness;
mod session;
mod sign_in;
mod welcome;

use std::{path::Path, sync::Arc};

use app::{App, shell, site::Site};
use axum::{
    Router,
    body::Body,
    extract::{FromRef, Request, State},
    http::{HeaderValue, Response, StatusCode, header, request::Parts},
    middleware::{Next, from_fn, from_fn_with_state},
    routing::{get, post},
};
use backend::{Services, settings::SettingError};
use leptos::{
    config::LeptosOptions,
    nonce::Nonce,
    prelude::{provide_context, use_context},
};
use leptos_axum::{LeptosRoutes, file_and_error_handler_with_context, generate_route_list};
use tokio::sync::watch;
use tower::ServiceBuilder;
use tower_http::{csrf::CsrfLayer, services::ServeDir, set_header::SetResponseHeaderLayer};

pub use client::Clients;

use crate::{config::Config, metrics::Metrics};

/// What handlers share.
#[derive(Clone, FromRef)]
pub struct Shared {
    services: Services,
    options: LeptosOptions,
    events: events::Events,
    welcome: Arc<welcome::Limits>,
    public: Public,
    clients: Clients,
    metrics: Metrics,
}

/// Where people reach us.
#[derive(Debug, Clone)]
pub struct Public {
    pub secure: bool,
    /// The origin of the sign-in provider, to which forms may lead: sign-out ends there.
    pub provider: String,
}

/// Everything that `serve` answers.
///
/// # Errors
/// A setting that can't be used.
pub fn router(
    config: &Config,
    services: Services,
    metrics: Metrics,
    stopped: watch::Receiver<bool>,
) -> Result<Router, SettingError> {
    let options = options(&config.site)?;
    let site = Site::read(&config.site)
        .map_err(|error| SettingError::new("site", format!("{}: {error}; build the site first", config.site.display())))?;
    let secure = services.settings.public_url.scheme() == "https";
    let shared = Shared {
        events: events::Events::start(services.clone(), stopped),
        welcome: Arc::default(),
        public: Public { secure, provider: services.settings.oidc.issuer.origin().ascii_serialization() },
        clients: config.clients.clone(),
        metrics: metrics.clone(),
        options,
        services: services.clone(),
    };
    let context = move || {
        provide_context(services.clone());
        if let Some(nonce) = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Nonce>().cloned()) {
            provide_context(nonce);
        }
    };
    let files = ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, lasting))
        .service(ServeDir::new(config.site.join("pkg")).precompressed_br().precompressed_gzip());
    let (first, second) = (site.clone(), site.clone());
    let (page, pages) = (move || shell(first.clone()), move |_| shell(second.clone()));
    let guarded = Router::new()
        .route("/sign-in/start", get(sign_in::start))
        .route("/sign-in/return", get(sign_in::finish))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/events/launches/{id}", get(events::launch))
        .route("/directories/{directory}/dns/{change}/change-dns.ps1", get(downloads::dns_script))
        .route("/directories/{directory}/dns/{change}/workspaces.csv", get(downloads::dns_workspaces))
        .route("/requests/numbers/{file}", get(downloads::numbers))
        .route("/offerings/prices/template.csv", get(downloads::price_template))
        .route("/offerings/prices/{sheet}/prices.csv", get(downloads::price_sheet))
        .route("/directories/readiness/policy.json", get(readiness::policy))
        .route("/welcome/{token}", get(welcome::show))
        .leptos_routes_with_context(&shared, generate_route_list(App), context.clone(), page)
        .nest_service("/pkg", files)
        .fallback(file_and_error_handler_with_context::<Shared, _>(context, pages))
        .layer(from_fn_with_state(site, announce))
        .layer(from_fn(guard::limits))
        .layer(from_fn_with_state(shared.clone(), session::layer))
        .layer(CsrfLayer::new());
    let probes = Router::new().route("/healthz", get(probes::healthz)).route("/readyz", get(probes::readyz));
    let router = guarded
        .merge(probes)
        .layer(from_fn_with_state(metrics, guard::request))
        .layer(from_fn_with_state(shared.public.clone(), guard::headers))
        .with_state(shared);
    Ok(router)
}

/// Has the browser load the code of a page along with the main part.
async fn announce(State(site): State<Site>, request: Request, next: Next) -> Response<Body> {
    let links = site.announcement(request.uri().path()).cloned();
    let mut answer = next.run(request).await;
    if let Some(links) = links.filter(|_| guard::is_page(answer.headers())) {
        answer.headers_mut().append(header::LINK, links);
    }
    answer
}

/// A file whose name tells its content may be kept for ever; that one is missing may not: while a new Frontdesk takes the place
/// of the old one, a page of the one may ask the other.
fn lasting<B>(answer: &Response<B>) -> Option<HeaderValue> {
    let there = answer.status().is_success() || answer.status() == StatusCode::NOT_MODIFIED;
    there.then(|| HeaderValue::from_static("public, max-age=31536000, immutable"))
}

/// Leptos takes no setting from the environment.
fn options(folder: &Path) -> Result<LeptosOptions, SettingError> {
    let folder = std::path::absolute(folder).map_err(|error| SettingError::new("site", error))?;
    Ok(LeptosOptions::builder().output_name("app").site_root(folder.to_string_lossy().into_owned()).site_pkg_dir("pkg").build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_are_there_are_kept() {
        let answer = |status| lasting(&Response::builder().status(status).body(()).unwrap()).is_some();
        assert!(answer(200) && answer(206) && answer(304));
        assert!(!answer(404) && !answer(500));
    }
}
