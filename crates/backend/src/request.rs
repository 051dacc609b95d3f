//! The id of the request that is being answered, so that audit rows, logs and error pages name the same one.

use std::future::Future;

tokio::task_local! {
    static REQUEST_ID: String;
}

/// Runs the future under a request id.
pub async fn scope<F: Future>(id: String, future: F) -> F::Output {
    REQUEST_ID.scope(id, future).await
}

/// The id of the request being answered; `None` in jobs.
pub fn id() -> Option<String> {
    REQUEST_ID.try_with(Clone::clone).ok()
}
