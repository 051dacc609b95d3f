//! OpenTelemetry, where `traces.endpoint` is set: the spans of requests and what is logged within them, sent to a collector over
//! HTTP as protobuf. They hold what the log holds, so no paths and nothing personal either.

use std::{fmt, time::Duration};

use backend::{settings::SettingError, tls};
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{SdkTracer, SdkTracerProvider},
};
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;
use url::Url;

/// Limit of one sending, and of the last one when the process ends.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Where spans go.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// # Errors
    /// A setting that can't be used.
    pub fn open(endpoint: &Url) -> Result<Self, SettingError> {
        let wrong = |error: &dyn fmt::Display| SettingError::new("traces.endpoint", error);
        let web = tls::web(TIMEOUT).map_err(|error| wrong(&error))?;
        let address = format!("{}/v1/traces", endpoint.as_str().trim_end_matches('/'));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Web { client: web, runtime: Handle::current() })
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(address)
            .with_timeout(TIMEOUT)
            .build()
            .map_err(|error| wrong(&error))?;
        let resource = Resource::builder().with_service_name("frontdesk").build();
        Ok(Self(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
    }

    pub(crate) fn layer<S: Subscriber + for<'span> LookupSpan<'span>>(&self) -> OpenTelemetryLayer<S, SdkTracer> {
        tracing_opentelemetry::layer().with_tracer(self.0.tracer("frontdesk"))
    }

    /// Sends what is left.
    pub async fn end(self) {
        // It waits for a sending, which needs this runtime.
        let ended = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(TIMEOUT)).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::warn!("the last spans could not be sent");
        }
    }
}

/// Sends on our runtime: the exporter has a thread of its own, without one.
#[derive(Debug)]
struct Web {
    client: reqwest::Client,
    runtime: Handle,
}

#[async_trait::async_trait]
impl HttpClient for Web {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (client, request) = (self.client.clone(), request.try_into()?);
        let answered = self.runtime.spawn(async move {
            let answer: reqwest::Response = client.execute(request).await?;
            let status = answer.status();
            Ok::<_, reqwest::Error>((status, answer.bytes().await?))
        });
        let (status, body) = answered.await??;
        Ok(Response::builder().status(status).body(body)?)
    }
}
