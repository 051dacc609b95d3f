//! The IAM policy as a file.

use axum::{
    Extension,
    extract::{Query, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use backend::{
    Services,
    access::{self, Session},
    directories::readiness,
};
use model::{Error, access::Act, directories::readiness::PolicyChoice};

use super::plain;

/// Downloads the policy of what the address chooses, as the page shows it.
pub(super) async fn policy(
    State(services): State<Services>,
    Extension(session): Extension<Session>,
    Query(choice): Query<PolicyChoice>,
    parts: Parts,
) -> Response {
    let document = async {
        let actor = access::actor_for(&services, &session, Act::ManageDirectories).await?;
        readiness::policy(&services, &actor, choice).await
    };
    match document.await {
        Ok(document) => {
            let headers = [
                (header::CONTENT_TYPE, "application/json"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"frontdesk-iam-policy.json\""),
            ];
            (headers, document).into_response()
        }
        Err(error @ Error::NotAllowed { .. }) => (StatusCode::FORBIDDEN, error.to_string()).into_response(),
        Err(error) => plain::away(&parts, &error),
    }
}
