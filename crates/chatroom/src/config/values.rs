//! The configured values as types, and how their words are read. Knows no file, variable or flag.

use chatroom_server::limits;
use chatroom_server::passwords::Cost;
use chatroom_server::{Irc, Listen, Settings, Web};
use chatroom_store::{Folder, Keep};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Descriptors the process needs for itself: the log, its readers, snapshots, the runtime.
const OWN_DESCRIPTORS: usize = 64;

/// The value of every key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Values {
    pub(crate) listen: Vec<Listen>,
    pub(crate) proxies: Vec<limits::Range>,
    pub(crate) data: PathBuf,
    pub(crate) connections: Auto,
    pub(crate) shards: Auto,
    pub(crate) detect: Duration,
    pub(crate) login: Duration,
    pub(crate) stall: Duration,
    pub(crate) mark: Duration,
    pub(crate) snapshot_every: Duration,
    pub(crate) keep: usize,
    pub(crate) keep_for: Duration,
    pub(crate) limits: limits::Settings,
    pub(crate) passwords: Cost,
    pub(crate) password_min: usize,
    pub(crate) irc: Irc,
    pub(crate) web: Web,
    pub(crate) admin: Option<SocketAddr>,
    pub(crate) log_format: LogFormat,
    pub(crate) log_level: String,
}

/// A number, or whatever fits the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Auto {
    Fitting,
    Number(usize),
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Auto,
    Text,
    Json,
}

impl Default for Values {
    /// The server's own defaults: they are said in one place.
    fn default() -> Self {
        let settings = Settings::new(Folder::new("chatdata"));
        Self {
            listen: settings.listen,
            proxies: settings.proxies,
            data: settings.folder.path().to_owned(),
            connections: Auto::Fitting,
            shards: Auto::Fitting,
            detect: settings.detect,
            login: settings.login,
            stall: settings.stall,
            mark: settings.mark,
            snapshot_every: settings.snapshot_every,
            keep: settings.keep.number,
            keep_for: settings.keep.age,
            // A server inside a test has no limits; one that is started has.
            limits: limits::Settings::default(),
            passwords: settings.passwords,
            password_min: settings.password_min,
            irc: settings.irc,
            web: settings.web,
            admin: settings.admin,
            log_format: LogFormat::Auto,
            log_level: "info".into(),
        }
    }
}

impl Values {
    /// What the server is told, when the process may have so many descriptors open.
    pub(crate) fn settings(&self, descriptors: usize) -> Settings {
        let fitting = Settings::new(Folder::new(&self.data));
        Settings {
            listen: self.listen.clone(),
            proxies: self.proxies.clone(),
            shards: self.shards.or(fitting.shards),
            detect: self.detect,
            login: self.login,
            stall: self.stall,
            mark: self.mark,
            connections: self.connections.or(descriptors.saturating_sub(OWN_DESCRIPTORS).max(1)),
            snapshot_every: self.snapshot_every,
            keep: Keep { number: self.keep, age: self.keep_for },
            limits: self.limits.clone(),
            passwords: self.passwords,
            password_min: self.password_min,
            irc: self.irc.clone(),
            web: self.web.clone(),
            admin: self.admin,
            ..fitting
        }
    }
}

impl Auto {
    pub(super) fn read(text: &str, least: usize, most: usize) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Fitting);
        }
        whole(text, least, most).map(Self::Number).map_err(|why| format!("{why}, or \"auto\""))
    }

    fn or(self, fitting: usize) -> usize {
        match self {
            Self::Fitting => fitting,
            Self::Number(n) => n,
        }
    }
}

impl fmt::Display for Auto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fitting => f.write_str("auto"),
            Self::Number(n) => n.fmt(f),
        }
    }
}

impl LogFormat {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(format!("{text:?} is not auto, text or json")),
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

/// The only value of a key that takes one.
pub(super) fn one(said: &[String]) -> Result<&str, String> {
    match said {
        [only] => Ok(only),
        _ => Err("one value is needed".into()),
    }
}

/// A path that names something.
pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("it is empty".into()) } else { Ok(text.into()) }
}

/// A whole number within bounds.
pub(super) fn whole(text: &str, least: usize, most: usize) -> Result<usize, String> {
    let number = text.parse().ok().filter(|n| (least..=most).contains(n));
    number.ok_or_else(|| format!("{text:?} is not a whole number from {least} to {most}"))
}

/// A log level, for everything and by part. A misspelt level would otherwise name a part, and silence the rest.
pub(super) fn level(text: &str) -> Result<String, String> {
    let known = |word: &str| ["off", "error", "warn", "info", "debug", "trace"].contains(&word);
    for part in text.split(',') {
        let (target, word) = part.split_once('=').unwrap_or(("chatroom", part));
        let named = target.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':'));
        if !known(word) || target.is_empty() || !named {
            return Err(format!("{part:?} is not off, error, warn, info, debug or trace, nor part=level"));
        }
    }
    Ok(text.to_owned())
}
