//! What `cargo xtask bench` compares pages with: axum handlers that run the same use cases, with the same pools and the same
//! SQL or LDAP, and answer with JSON. No session, no view, no layers.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::Context;
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    routing::get,
};
use backend::{Clock, Services};
use model::{
    DirectoryId, LaunchId, PageRequest, PersonGuid,
    access::{Actor, Grant, Person, Role, Scope},
    invitations::{LinkProblem, Welcome},
    launches::{Filter, Item, Launch, Summary},
    people::{Hits, Search},
    requests,
};
use serde::Deserialize;
use server::config::Config;
use tokio::net::TcpListener;

const ACTOR: Actor = Actor::System { on_behalf_of: None };

type Answer<T> = Result<Json<T>, (StatusCode, String)>;

fn answer<T>(result: model::Result<T>) -> Answer<T> {
    result.map(Json).map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

async fn launches(State(services): State<Services>) -> Answer<model::Page<Summary>> {
    answer(backend::launches::list(&services, &ACTOR, Filter::default(), PageRequest::default()).await)
}

async fn launch(State(services): State<Services>, Path(id): Path<LaunchId>) -> Answer<(Launch, model::Page<Item>)> {
    let both = async {
        let launch = backend::launches::get(&services, &ACTOR, id).await?;
        Ok((launch, backend::launches::items(&services, &ACTOR, id, None, PageRequest::default()).await?))
    };
    answer(both.await)
}

#[derive(Deserialize)]
struct PeopleQuery {
    directory: DirectoryId,
    q: String,
}

async fn people(State(services): State<Services>, Query(query): Query<PeopleQuery>) -> Answer<Hits> {
    let found = async {
        let search = Search::parse(&query.q)?;
        backend::people::search(&services, &ACTOR, &query.directory, search, PageRequest::default()).await
    };
    answer(found.await)
}

async fn welcome(State(services): State<Services>, Path(token): Path<String>) -> Answer<Result<Welcome, LinkProblem>> {
    answer(backend::invitations::welcome(&services, &token).await)
}

async fn approvals(State(services): State<Services>) -> Answer<model::Page<requests::Summary>> {
    // Who decides has an entry in Active Directory.
    let guid = Some(PersonGuid(uuid::Uuid::from_u128(1)));
    let grants = vec![Grant { role: Role::Approver, scope: Scope::Everywhere }];
    let approver = Actor::Person(Person { subject: "approver".to_owned(), name: "Approver".to_owned(), guid, grants });
    answer(backend::requests::to_decide(&services, &approver, PageRequest::default()).await)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let config = Config::read(&arguments.next().context("name the configuration")?)?;
    let services = Services::open(config.settings, Clock::system()).await?;
    let router = Router::new()
        .route("/readyz", get(|| async {}))
        .route("/launches", get(launches))
        .route("/launches/{id}", get(launch))
        .route("/people", get(people))
        .route("/approvals", get(approvals))
        .route("/welcome/{token}", get(welcome))
        .with_state(services);
    let listener = TcpListener::bind(config.listen).await?;
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
