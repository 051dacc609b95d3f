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
    offerings::prices,
    requests::numbers as request_numbers,
};
use model::{
    DirectoryId, DnsChangeId, Error, PriceSheetId,
    access::{Act, Actor},
    requests::NumbersFile,
};

type Change = Path<(DirectoryId, DnsChangeId)>;

/// `GET /directories/{directory}/dns/{change}/change-dns.ps1`
pub(super) async fn dns_script(
    State(services): State<Services>,
    session: Option<Extension<Session>>,
    Path((directory, change)): Change,
) -> Response {
    let made = async {
        let actor = caller(&services, session, Act::ManageDirectories).await?;
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
        let actor = caller(&services, session, Act::ManageDirectories).await?;
        dns_change::csv(&services, &actor, &directory, change).await
    };
    file("workspaces.csv", CSV, made.await)
}

/// `GET /offerings/prices/template.csv`
pub(super) async fn price_template(State(services): State<Services>, session: Option<Extension<Session>>) -> Response {
    let made = caller(&services, session, Act::ManageOfferings).await.map(|_| prices::template());
    file("prices.csv", CSV, made)
}

/// `GET /offerings/prices/{sheet}/prices.csv`
pub(super) async fn price_sheet(
    State(services): State<Services>,
    session: Option<Extension<Session>>,
    Path(sheet): Path<PriceSheetId>,
) -> Response {
    let made = async {
        let actor = caller(&services, session, Act::ManageOfferings).await?;
        prices::csv(&services, &actor, sheet).await
    };
    match made.await {
        Ok((name, text)) => file(&name, CSV, Ok(text)),
        Err(error) => file("", CSV, Err(error)),
    }
}

/// `GET /requests/numbers/{file}`
pub(super) async fn numbers(
    State(services): State<Services>,
    session: Option<Extension<Session>>,
    Path(name): Path<String>,
) -> Response {
    let made = async {
        let actor = caller(&services, session, Act::SeeRequests).await?;
        let file = NumbersFile::from_name(&name).ok_or(Error::NotFound)?;
        request_numbers::csv(&services, &actor, file).await
    };
    file(&name, CSV, made.await)
}

const CSV: &str = "text/csv; charset=utf-8";

async fn caller(services: &Services, session: Option<Extension<Session>>, act: Act) -> model::Result<Actor> {
    let Extension(session) = session.ok_or(Error::SignIn)?;
    access::actor_for(services, &session, act).await
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
