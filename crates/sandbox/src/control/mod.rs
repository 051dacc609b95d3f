//! `/_sandbox`: what came in, what is broken on purpose, and what time it is; as pages for people and as JSON for tests.

mod api;
mod directories;
mod pages;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, patch, post},
};

use crate::Inner;

/// Routes relative to `/_sandbox`.
pub(crate) fn router() -> Router<Arc<Inner>> {
    Router::new()
        .route("/", get(pages::overview))
        .route("/inbox", get(pages::inbox))
        .route("/inbox/{id}", get(pages::mail))
        .route("/inbox/{id}/html", get(pages::mail_html))
        .route("/calls", get(pages::calls))
        .route("/workspaces", get(pages::workspaces))
        .route("/workspaces/{id}/sign-in", post(pages::sign_in))
        .route("/directories", get(directories::page).post(directories::post))
        .route("/faults", get(pages::faults).post(pages::add_fault))
        .route("/faults/clear", post(pages::clear_faults))
        .route("/clock", get(pages::clock).post(pages::advance))
        .route("/api/inbox", get(api::inbox).delete(api::empty_inbox))
        .route("/api/calls", get(api::calls))
        .route("/api/people", get(api::people))
        .route("/api/people/{account}", patch(api::change_person))
        .route("/api/operations", get(api::operations))
        .route("/api/workspaces", get(api::workspaces))
        .route("/api/workspaces/{id}/sign-in", post(api::sign_in))
        .route("/api/directories", get(directories::list))
        .route("/api/directories/{id}", patch(directories::change))
        .route("/api/faults", get(api::faults).post(api::add_fault).delete(api::clear_faults))
        .route("/api/behaviour", get(api::behaviour).patch(api::set_behaviour))
        .route("/api/clock", get(api::clock).post(api::advance))
}
