//! The log: one line an event on standard error, as JSON or as text. Lines of a request carry its id and the template of its
//! route, never its path: a path may hold a token.

use std::{io::IsTerminal, str::FromStr};

use backend::settings::SettingError;
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

use crate::traces::Traces;

/// How and what is logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    format: Format,
    /// `RUST_LOG` wins over it.
    filter: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Text,
}

impl Settings {
    /// # Errors
    /// A setting that can't be used.
    pub fn new(format: &str, filter: &str) -> Result<Self, SettingError> {
        let format = match format {
            "json" => Format::Json,
            "text" => Format::Text,
            _ => return Err(SettingError::new("log.format", "is json or text")),
        };
        EnvFilter::from_str(filter).map_err(|error| SettingError::new("log.filter", error))?;
        Ok(Self { format, filter: filter.to_owned() })
    }
}

/// Starts the log, and has panics written there; spans go to the traces, if there are any. Before the configuration is read
/// there is none to go by.
pub fn start(settings: Option<&Settings>, traces: Option<&Traces>) {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new(settings.map_or("info", |settings| settings.filter.as_str())));
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let log = match settings.map_or(Format::Text, |settings| settings.format) {
        Format::Json => log.json().with_span_list(false).boxed(),
        Format::Text => log.with_ansi(std::io::stderr().is_terminal()).boxed(),
    };
    tracing_subscriber::registry().with(filter).with(log).with(traces.map(Traces::layer)).init();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let words = panic.payload_as_str().unwrap_or_default();
        tracing::error!(place, words, "a panic");
    }));
}
