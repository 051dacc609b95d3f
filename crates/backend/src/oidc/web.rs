//! The HTTP client of the provider's endpoints.

use std::{future::Future, pin::Pin, time::Duration};

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

use super::OidcFault;
use crate::tls;

/// Limit of one request to the provider.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Trusts what the system trusts, and follows no redirects.
#[derive(Debug, Clone)]
pub(super) struct Web(reqwest::Client);

impl Web {
    /// # Errors
    /// There can be no client.
    pub(super) fn open() -> Result<Self, OidcFault> {
        tls::web(TIMEOUT).map(Self).map_err(unreachable)
    }
}

fn unreachable(error: impl std::fmt::Display) -> OidcFault {
    OidcFault::Unreachable(error.to_string())
}

impl<'c> AsyncHttpClient<'c> for Web {
    type Error = OidcFault;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OidcFault>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let answer = self.0.execute(request.try_into().map_err(unreachable)?).await.map_err(unreachable)?;
            let mut response = http::Response::builder().status(answer.status());
            if let Some(headers) = response.headers_mut() {
                headers.clone_from(answer.headers());
            }
            let body = answer.bytes().await.map_err(unreachable)?;
            response.body(body.to_vec()).map_err(unreachable)
        })
    }
}
