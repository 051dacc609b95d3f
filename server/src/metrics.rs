//! `/metrics` in Prometheus' text format, on a listener of its own: what this process does, and what stands in the database.
//!
//! Labels hold templates of routes, methods and states; nothing that names somebody, and nothing that grows with use.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{Method, StatusCode, header},
    routing::get,
};
use backend::{
    Services, db,
    figures::{Figures, figures},
};
use prometheus::{Encoder, Gauge, GaugeVec, HistogramOpts, HistogramVec, IntGauge, Opts, Registry, TEXT_FORMAT, TextEncoder};
use tokio::{net::TcpListener, sync::watch};

/// How long the database may take to tell its figures; without them the process's own are answered.
const PATIENCE: Duration = Duration::from_secs(2);

const SECONDS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// What this process counts. Cheap to clone; one in each process.
#[derive(Debug, Clone)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: Registry,
    requests: HistogramVec,
    streams: IntGauge,
}

impl Metrics {
    /// # Errors
    /// Two metrics of one name.
    pub fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let requests = HistogramOpts::new(
            "frontdesk_http_request_duration_seconds",
            "Time until the head of the answer, by template of the route, method and class of status.",
        );
        let requests = HistogramVec::new(requests.buckets(SECONDS.to_vec()), &["route", "method", "status"])?;
        let streams = IntGauge::new("frontdesk_event_streams", "Event streams that are open.")?;
        let build = Opts::new("frontdesk_build_info", "Always 1; the version stands in the label.");
        let build = GaugeVec::new(build, &["version"])?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1.0);
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(streams.clone()))?;
        registry.register(Box::new(build))?;
        Ok(Self(Arc::new(Inner { registry, requests, streams })))
    }

    /// Counts an answered request.
    pub(crate) fn answered(&self, route: &str, method: &Method, status: StatusCode, took: Duration) {
        let class = match status.as_u16() / 100 {
            1 => "1xx",
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        // Anybody can make up methods.
        let known = [Method::GET, Method::HEAD, Method::POST].into_iter().find(|known| known == method);
        let method = known.as_ref().map_or("other", Method::as_str);
        self.0.requests.with_label_values(&[route, method, class]).observe(took.as_secs_f64());
    }

    /// Counts an event stream as open until what is returned is dropped.
    pub(crate) fn stream(&self) -> OpenStream {
        self.0.streams.inc();
        OpenStream(self.0.streams.clone())
    }

    /// All metrics at this time.
    async fn text(&self, services: &Services) -> anyhow::Result<Vec<u8>> {
        let mut families = self.0.registry.gather();
        let found = match tokio::time::timeout(PATIENCE, figures(services)).await {
            Ok(Ok(found)) => Some(found),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the database's figures can't be read");
                None
            }
            Err(_) => {
                tracing::warn!("the database's figures did not come in time");
                None
            }
        };
        families.extend(of_database(services, found.as_ref())?.gather());
        let mut text = Vec::new();
        TextEncoder::new().encode(&families, &mut text)?;
        Ok(text)
    }

    /// Answers `/metrics` until stopped.
    ///
    /// # Errors
    /// The listener fails.
    pub async fn serve(
        self,
        listener: TcpListener,
        services: Services,
        mut stopped: watch::Receiver<bool>,
    ) -> std::io::Result<()> {
        let router = Router::new().route("/metrics", get(show)).with_state((self, services));
        let end = async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        axum::serve(listener, router).with_graceful_shutdown(end).await
    }
}

/// An event stream that is open.
#[derive(Debug)]
pub(crate) struct OpenStream(IntGauge);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.dec();
    }
}

async fn show(
    State((metrics, services)): State<(Metrics, Services)>,
) -> Result<([(header::HeaderName, &'static str); 1], Vec<u8>), StatusCode> {
    match metrics.text(&services).await {
        Ok(text) => Ok(([(header::CONTENT_TYPE, TEXT_FORMAT)], text)),
        Err(error) => {
            tracing::error!(%error, "metrics can't be written");
            Err(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// The figures as metrics, made anew each time: what is not there any more is not shown as it was.
fn of_database(services: &Services, found: Option<&Figures>) -> prometheus::Result<Registry> {
    let registry = Registry::new();
    let gauge = |name: &str, help: &str| -> prometheus::Result<Gauge> {
        let gauge = Gauge::new(name, help)?;
        registry.register(Box::new(gauge.clone()))?;
        Ok(gauge)
    };
    let gauges = |name: &str, help: &str, labels: &[&str]| -> prometheus::Result<GaugeVec> {
        let gauges = GaugeVec::new(Opts::new(name, help), labels)?;
        registry.register(Box::new(gauges.clone()))?;
        Ok(gauges)
    };
    let idle = services.db.num_idle();
    let connections = gauges("frontdesk_database_connections", "Connections of this process to the database.", &["state"])?;
    connections.with_label_values(&["idle"]).set(whole(idle));
    connections.with_label_values(&["used"]).set(whole((services.db.size() as usize).saturating_sub(idle)));
    gauge("frontdesk_database_connections_max", "Connections that this process opens at most.")?.set(db::MOST_CONNECTIONS.into());
    gauge("frontdesk_database_up", "Whether the database told its figures.")?.set(if found.is_some() { 1.0 } else { 0.0 });
    let Some(found) = found else { return Ok(registry) };
    let jobs = gauges("frontdesk_jobs", "Jobs by task and by how they stand.", &["task", "state"])?;
    for (task, state, count) in &found.jobs {
        jobs.with_label_values(&[task.as_str(), state.as_str()]).set(counted(*count));
    }
    let oldest = gauge("frontdesk_jobs_oldest_due_seconds", "How long the job that is due longest has waited for a worker.")?;
    oldest.set(found.oldest_due_job);
    let rows = gauges("frontdesk_launch_rows", "Rows of launches by state.", &["state"])?;
    for (state, count) in &found.launch_rows {
        rows.with_label_values(&[state]).set(counted(*count));
    }
    let invitations = gauges("frontdesk_invitations", "Invitations by state.", &["state"])?;
    for (state, count) in &found.invitations {
        invitations.with_label_values(&[state]).set(counted(*count));
    }
    let troubles = gauges("frontdesk_directory_troubles", "Directories in trouble by what that is.", &["kind"])?;
    for (kind, count) in &found.troubles {
        troubles.with_label_values(&[kind]).set(counted(*count));
    }
    let age = gauges("frontdesk_mirror_age_seconds", "Since this part of AWS was read into the mirror.", &["part"])?;
    let problem = gauges("frontdesk_mirror_problem", "Whether the last reading of this part failed.", &["part"])?;
    for part in &found.mirror {
        if let Some(seconds) = part.age {
            age.with_label_values(&[part.part.as_str()]).set(seconds);
        }
        problem.with_label_values(&[part.part.as_str()]).set(if part.problem { 1.0 } else { 0.0 });
    }
    Ok(registry)
}

#[expect(clippy::cast_precision_loss, reason = "nobody has so many")]
fn counted(count: i64) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "a pool is small")]
fn whole(count: usize) -> f64 {
    count as f64
}
