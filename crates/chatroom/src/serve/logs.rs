//! Log lines on standard error: text on a terminal, JSON otherwise, or as configured. Knows nothing of what is logged.

use crate::config::values::{LogFormat, Values};
use std::io::{IsTerminal, stderr};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload::{Handle, Layer};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer as _, Registry, fmt, registry};

/// The log, whose level may change while it runs.
pub(super) struct Logs(Handle<Targets, Registry>);

/// Starts logging.
pub(super) fn start(values: &Values) -> Logs {
    let (filter, handle) = Layer::new(targets(&values.log_level));
    let terminal = stderr().is_terminal();
    let json = match values.log_format {
        LogFormat::Auto => !terminal,
        LogFormat::Text => false,
        LogFormat::Json => true,
    };
    // https://no-color.org: any value but an empty one.
    let colour = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let lines = fmt::layer().with_writer(stderr).with_ansi(colour).log_internal_errors(false);
    let lines = if json { lines.json().flatten_event(true).boxed() } else { lines.boxed() };
    registry().with(filter).with(lines).init();
    Logs(handle)
}

impl Logs {
    /// Changes the level.
    pub(super) fn set_level(&self, level: &str) {
        self.0.reload(targets(level)).expect("the log lives as long as the process");
    }
}

fn targets(level: &str) -> Targets {
    level.parse().expect("a level was checked when it was read")
}
