//! What a server function answers when it can't do what was asked.

use leptos::{
    prelude::{FromServerFnError, ServerFnErrorErr},
    server_fn::codec::JsonEncoding,
};
use model::Error;
use serde::{Deserialize, Serialize};

/// [`model::Error`] as server functions carry it. Making one from a [`model::Error`] also gives the answer of the server
/// function its HTTP status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Failure(pub Error);

impl FromServerFnError for Failure {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        Self::from(match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Error::invalid("form", "The form came incomplete. Nothing was changed. Reload the page and try again.")
            }
            _ => transport(),
        })
    }
}

/// On the server: the answer can't be written.
#[cfg(feature = "ssr")]
fn transport() -> Error {
    Error::Internal { request_id: backend::request::id().unwrap_or_default() }
}

/// In the browser: there is no way to the server, or what came back is not from Frontdesk.
#[cfg(not(feature = "ssr"))]
fn transport() -> Error {
    Error::Unavailable { part: model::Part::Frontdesk }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        #[cfg(feature = "ssr")]
        crate::caller::answer_call_with(&error);
        Self(error)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failure {}
