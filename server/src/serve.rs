//! `frontdesk serve`: HTTP and, unless told not to, a worker, until the process is asked to stop.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context;
use backend::Services;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use crate::{config::Config, http};

/// How long open requests may take once the process is asked to stop.
const GRACE: Duration = Duration::from_secs(8);

/// Serves until asked to stop.
///
/// # Errors
/// The address is taken, the database can't be reached by the worker, or the listener fails.
pub async fn serve(config: Config, services: Services) -> anyhow::Result<()> {
    let listener = TcpListener::bind(config.listen).await.with_context(|| format!("listen: {}", config.listen))?;
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        asked_to_stop().await;
        let _ = stop.send(true);
    });
    let worker = config.worker.then(|| tokio::spawn(backend::worker::run(services.clone(), until(stopped.clone()))));
    let router = http::router(&config, services, stopped.clone())?;
    tracing::info!(address = %config.listen, "listening");
    let server = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(until(stopped.clone()));
    let forced = async {
        until(stopped.clone()).await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = server => served?,
        () = forced => tracing::warn!("some requests did not end in time"),
        failed = fails(worker) => failed?,
    }
    Ok(())
}

/// Resolves only if the worker ends with an error.
async fn fails(worker: Option<tokio::task::JoinHandle<Result<(), backend::worker::WorkerFault>>>) -> anyhow::Result<()> {
    if let Some(worker) = worker {
        worker.await.context("the worker")?.context("the worker")?;
    }
    std::future::pending().await
}

async fn until(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// Resolves on SIGINT or SIGTERM.
pub async fn asked_to_stop() {
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
        tracing::error!("signals can't be received; stop the process by force");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
