//! How the disk can misbehave, as far as somebody must act on it. Knows nothing of who is waiting.

use std::path::PathBuf;

/// The store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// No space: nothing of the batch was stored, reading goes on, and it heals when there is space.
    #[error("the disk is full")]
    Full,
    /// A write or sync failed: whether the batch is on disk is unknown until it is read back.
    #[error("the disk failed: {0}")]
    Disk(String),
    /// What was read is not what was written.
    #[error("damaged: {0}")]
    Damaged(String),
    /// The schema is of a later build.
    #[error(
        "this folder was written by a later version (schema {found}, this build knows {known}); use that version"
    )]
    Newer {
        /// In the file.
        found: i64,
        /// In this build.
        known: i64,
    },
    /// Another process has the folder.
    #[error("{0} is in use by another chatroom server")]
    InUse(PathBuf),
    /// Another process is at it, and they would write to the same file.
    #[error("another snapshot is being taken at this moment")]
    Snapshotting,
    /// Something stands where it would have to be overwritten.
    #[error("{0} exists and is not overwritten; move it away first")]
    Exists(PathBuf),
    /// A file or folder cannot be opened or created.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

impl Fault {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        |error| match error.raw_os_error() {
            Some(28) => Self::Full,
            _ => Self::File { path, error },
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error.to_string()),
            // The extended code tells which call it was: 10 is "I/O error", 1034 is that of a sync (sqlite3.h).
            _ => Self::Disk(match error.sqlite_error() {
                Some(code) => format!("{error} (SQLite code {})", code.extended_code),
                None => error.to_string(),
            }),
        }
    }
}

impl From<chatroom_model::durable::Unreadable> for Fault {
    fn from(error: chatroom_model::durable::Unreadable) -> Self {
        Self::Damaged(error.to_string())
    }
}
