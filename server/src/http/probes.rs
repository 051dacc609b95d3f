//! `/healthz` and `/readyz`, for those who watch processes. They come before the session and say nothing of what is inside.

use std::{collections::BTreeMap, time::Duration};

use axum::{Json, extract::State, http::StatusCode};
use backend::{Services, db};
use serde::Serialize;

/// How long the database may take to answer: those who ask have little patience themselves.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process answers. It asks nobody.
pub(super) async fn healthz() -> StatusCode {
    StatusCode::OK
}

/// Whether browsers can be served, and each part that this takes.
#[derive(Debug, Serialize)]
pub(super) struct Readiness {
    ready: bool,
    parts: BTreeMap<&'static str, String>,
}

/// The database answers and its schema is one that this version can work with. Active Directory, AWS, SES and the sign-in provider
/// do not count: without them pages still show, and say what is away.
pub(super) async fn readyz(State(services): State<Services>) -> (StatusCode, Json<Readiness>) {
    let (ready, database, schema) = match tokio::time::timeout(PATIENCE, db::schema(&services.db)).await {
        Ok(Ok(schema)) => (schema.fits(), "answers", schema.to_string()),
        Ok(Err(_)) | Err(_) => (false, "does not answer", "not known".to_owned()),
    };
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let parts = BTreeMap::from([("database", database.to_owned()), ("schema", schema)]);
    (status, Json(Readiness { ready, parts }))
}
