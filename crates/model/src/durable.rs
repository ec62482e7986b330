//! The versioned form in which entries and events are kept. The model's own types stay free to change.

mod entry;
mod event;
mod version;

pub use entry::{read_entry, write_entry};
pub use event::{EventForm, read_event, write_event};
pub(crate) use event::{hex, unhex};

/// Why something kept cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Not the JSON it should be.
    #[error("damaged: {0}")]
    Damaged(#[from] serde_json::Error),
    /// A name, body or number that no build of ours would have written.
    #[error("damaged: {0}")]
    Value(String),
    /// Written by a later build.
    #[error("written in form {0}, this build reads up to form {LATEST}", LATEST = version::LATEST)]
    Newer(u16),
}

impl Unreadable {
    fn value(what: impl std::fmt::Display) -> Self {
        Self::Value(what.to_string())
    }
}
