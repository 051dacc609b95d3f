//! Server-sent events: one listener on PostgreSQL for the process, one stream for each page that watches.

use std::{convert::Infallible, future::Future, time::Duration};

use axum::{
    Extension,
    extract::{Path, State},
    http::StatusCode,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use backend::{
    Services,
    access::{self, Session},
    db::{CHANNEL, Topic},
    launches,
};
use futures::{Stream, StreamExt};
use model::{LaunchId, access::Act};
use sqlx::postgres::PgListener;
use tokio::sync::{broadcast, watch};
use tokio_stream::wrappers::{BroadcastStream, IntervalStream};

use super::Shared;

/// How often a stream looks whether its session is still open.
const SESSION_CHECK: Duration = Duration::from_secs(60);
/// The pause before listening again after the database went away.
const PAUSE: Duration = Duration::from_secs(1);

/// Hands announcements on to streams.
#[derive(Clone)]
pub(super) struct Events {
    sender: broadcast::Sender<Topic>,
    stopped: watch::Receiver<bool>,
}

impl Events {
    /// Listens until the process ends.
    pub(super) fn start(services: Services, stopped: watch::Receiver<bool>) -> Self {
        let (sender, _) = broadcast::channel(1_024);
        let events = Self { sender: sender.clone(), stopped };
        tokio::spawn(async move {
            loop {
                if let Err(error) = listen(&services, &sender).await {
                    tracing::warn!(%error, "announcements can't be heard; trying again");
                }
                tokio::time::sleep(PAUSE).await;
            }
        });
        events
    }

    /// One item for each change of the launch.
    fn of_launch(&self, id: LaunchId) -> impl Stream<Item = ()> + use<> {
        // One who lagged behind missed changes, so there was one.
        let concerns = move |heard: Result<Topic, _>| async move {
            match heard {
                Ok(topic) => (topic == Topic::Launch(id)).then_some(()),
                Err(_) => Some(()),
            }
        };
        BroadcastStream::new(self.sender.subscribe()).filter_map(concerns)
    }

    /// Resolves when the process is asked to stop.
    fn end(&self) -> impl Future<Output = ()> + use<> {
        let mut stopped = self.stopped.clone();
        async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        }
    }
}

async fn listen(services: &Services, sender: &broadcast::Sender<Topic>) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(&services.db).await?;
    listener.listen(CHANNEL).await?;
    loop {
        let notification = listener.recv().await?;
        if let Ok(topic) = notification.payload().parse() {
            let _ = sender.send(topic);
        }
    }
}

/// `GET /events/launches/{id}`: `changed` whenever a row of the launch changed. Ends with the session and with the process.
pub(super) async fn launch(
    State(shared): State<Shared>,
    session: Option<Extension<Session>>,
    Path(id): Path<LaunchId>,
) -> Response {
    let Some(Extension(session)) = session else { return StatusCode::UNAUTHORIZED.into_response() };
    let services = shared.services.clone();
    let allowed = async {
        let actor = access::actor_for(&services, &session, Act::SeeDesktops).await?;
        launches::get(&services, &actor, id).await
    };
    if allowed.await.is_err() {
        return StatusCode::FORBIDDEN.into_response();
    }
    let changes = shared.events.of_launch(id).map(|()| true);
    let checks =
        IntervalStream::new(tokio::time::interval_at(tokio::time::Instant::now() + SESSION_CHECK, SESSION_CHECK)).map(|_| false);
    let open = shared.metrics.stream();
    let stream = futures::stream::select(changes, checks).filter_map(move |changed| {
        let _ = &open;
        let (services, session) = (services.clone(), session.clone());
        async move {
            if changed {
                // Without data a browser drops the event.
                return Some(Some(Event::default().event("changed").data("rows")));
            }
            // A check that can't be made ends nothing.
            let open = access::is_open(&services, &session).await.unwrap_or(true);
            (!open).then_some(None)
        }
    });
    let stream = stream
        .take_while(|event| futures::future::ready(event.is_some()))
        .filter_map(futures::future::ready)
        .take_until(shared.events.end())
        .map(Ok::<_, Infallible>);
    Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))).into_response()
}
