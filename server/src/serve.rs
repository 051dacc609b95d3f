//! `frontdesk serve`: HTTP and, unless told not to, a worker, until the process is asked to stop. `frontdesk worker`: the worker
//! alone.

use std::{future::Future, net::SocketAddr, time::Duration};

use anyhow::{Context, bail};
use backend::{Services, db};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use crate::{config::Config, http, metrics::Metrics};

/// How long what is under way may take once the process is asked to stop. Those who stop processes by force wait for ten seconds.
const GRACE: Duration = Duration::from_secs(8);
/// How long the database is waited for at the start.
const PATIENCE: Duration = Duration::from_secs(5);

/// Serves until asked to stop.
///
/// # Errors
/// An address is taken, the database's schema is not one that this version can work with, or a listener fails.
pub async fn serve(config: Config, services: Services) -> anyhow::Result<()> {
    let listener = bind("listen", config.listen).await?;
    check_schema(&services).await?;
    let (metrics, stopped) = (Metrics::new()?, stop_signal());
    let router = http::router(&config, services.clone(), metrics.clone(), stopped.clone())?;
    tracing::info!(address = %config.listen, version = env!("CARGO_PKG_VERSION"), "listening");
    let server = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>());
    let server = server.with_graceful_shutdown(until(stopped.clone()));
    let worker = async {
        match config.worker {
            true => backend::worker::run(services.clone(), until(stopped.clone())).await.context("the worker"),
            false => Ok(()),
        }
    };
    let figures = figures(&config, &services, metrics, stopped.clone());
    let all = async { tokio::try_join!(async { Ok(server.await?) }, worker, figures).map(drop) };
    in_time(all, stopped.clone()).await
}

/// Works off jobs until asked to stop.
///
/// # Errors
/// As [`serve`].
pub async fn work(config: Config, services: Services) -> anyhow::Result<()> {
    check_schema(&services).await?;
    let stopped = stop_signal();
    let worker = backend::worker::run(services.clone(), until(stopped.clone()));
    let figures = figures(&config, &services, Metrics::new()?, stopped.clone());
    let all = async { tokio::try_join!(async { Ok(worker.await?) }, figures).map(drop) };
    in_time(all, stopped).await
}

/// Waits for all that runs, but not for ever once the process is asked to stop.
async fn in_time(all: impl Future<Output = anyhow::Result<()>>, stopped: watch::Receiver<bool>) -> anyhow::Result<()> {
    let forced = async {
        until(stopped).await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = all => ended?,
        () = forced => tracing::warn!("not all that was under way ended in time"),
    }
    tracing::info!("stopped");
    Ok(())
}

/// A schema that is too old is refused at the start. A database that does not answer is waited for while serving: pages say so.
async fn check_schema(services: &Services) -> anyhow::Result<()> {
    match tokio::time::timeout(PATIENCE, db::schema(&services.db)).await {
        Ok(Ok(schema)) if schema.fits() => tracing::info!(%schema, "the database answers"),
        Ok(Ok(schema)) => bail!("{schema}: run `frontdesk migrate` of this version first"),
        Ok(Err(error)) => tracing::warn!(%error, "the database does not answer; waiting for it"),
        Err(_) => tracing::warn!("the database does not answer; waiting for it"),
    }
    Ok(())
}

async fn bind(setting: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("{setting}: {address}"))
}

async fn figures(config: &Config, services: &Services, metrics: Metrics, stopped: watch::Receiver<bool>) -> anyhow::Result<()> {
    let Some(address) = config.metrics else { return Ok(()) };
    let listener = bind("metrics.listen", address).await?;
    metrics.serve(listener, services.clone(), stopped).await.context("metrics.listen")
}

/// Turns true on SIGINT or SIGTERM.
fn stop_signal() -> watch::Receiver<bool> {
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        asked_to_stop().await;
        tracing::info!("asked to stop");
        let _ = stop.send(true);
    });
    stopped
}

async fn until(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

async fn asked_to_stop() {
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
