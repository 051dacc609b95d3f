//! Files that are made when somebody asks for them.

use app::caller::status;
use axum::{
    Extension,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use backend::{
    Services,
    access::{self, Session},
    directories::dns_change,
};
use model::{
    DirectoryId, DnsChangeId, Error,
    access::{Act, Actor},
};

type Change = Path<(DirectoryId, DnsChangeId)>;

/// `GET /directories/{directory}/dns/{change}/change-dns.ps1`
pub(super) async fn dns_script(
    State(services): State<Services>,
    session: Option<Extension<Session>>,
    Path((directory, change)): Change,
) -> Response {
    let made = async {
        let actor = manager(&services, session).await?;
        dns_change::script(&services, &actor, &directory, change).await
    };
    file(dns_change::FILE_NAME, "text/plain; charset=utf-8", made.await)
}

/// `GET /directories/{directory}/dns/{change}/workspaces.csv`
pub(super) async fn dns_workspaces(
    State(services): State<Services>,
    session: Option<Extension<Session>>,
    Path((directory, change)): Change,
) -> Response {
    let made = async {
        let actor = manager(&services, session).await?;
        dns_change::csv(&services, &actor, &directory, change).await
    };
    file("workspaces.csv", "text/csv; charset=utf-8", made.await)
}

async fn manager(services: &Services, session: Option<Extension<Session>>) -> model::Result<Actor> {
    let Extension(session) = session.ok_or(Error::SignIn)?;
    access::actor_for(services, &session, Act::ManageDirectories).await
}

/// The file, or why there is none.
fn file(name: &str, kind: &'static str, made: model::Result<String>) -> Response {
    match made {
        Ok(text) => {
            let disposition = format!("attachment; filename=\"{name}\"");
            let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
            (StatusCode::OK, headers, text).into_response()
        }
        Err(error) => (status(&error), error.to_string()).into_response(),
    }
}
