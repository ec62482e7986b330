//! The ordinary answers that are not "yes". Knows nothing of how a protocol says them.

use crate::{Name, Position};

/// Why a request did not happen; nothing of it did.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Somebody is online under that name.
    #[error("that name is in use")]
    NameInUse,
    /// Its owner is away and holds it.
    #[error("that name is held for its owner")]
    NameHeld,
    /// No such token, or its hour has passed.
    #[error("invalid token or session expired")]
    BadToken,
    /// Nobody of that name.
    #[error("nobody is called {0}")]
    NoSuchUser(Name),
    /// A direct message to oneself.
    #[error("that is yourself")]
    Yourself,
    /// The session has ended, or never was.
    #[error("the session has ended")]
    NoSession,
    /// The same user and client id stand there already: what was asked is true.
    #[error("already stored at position {0}")]
    AlreadyStored(Position),
    /// Written under rules this build does not know.
    #[error("written under rules this build does not know")]
    UnknownRules,
}
