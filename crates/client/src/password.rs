//! The password of a registered name: where it comes from, and that nothing shows it. Knows no protocol.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Names the file with the password, for whoever cannot be asked.
const FILE: &str = "CHATROOM_PASSWORD_FILE";

/// What was given as a password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }

    /// The line to send.
    pub(crate) fn line(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Whether the next line typed is a password; shared with whoever draws what is typed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hidden(Arc<AtomicBool>);

impl Hidden {
    pub(crate) fn is(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn set(&self, hidden: bool) {
        self.0.store(hidden, Ordering::Relaxed);
    }

    /// A line has been typed: whether it was hidden. The next one is not.
    pub(crate) fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

/// Where a password comes from.
#[derive(Debug, Clone)]
pub(crate) enum PasswordFrom {
    /// Somebody is asked for it.
    Person(Hidden),
    /// The first line of this file.
    File(Option<PathBuf>),
}

impl PasswordFrom {
    /// What the environment says.
    pub(crate) fn environment() -> Self {
        Self::File(std::env::var_os(FILE).map(PathBuf::from))
    }

    /// The password, where nobody need be asked; an error says what is missing.
    pub(crate) fn get(&self) -> Result<Option<Secret>, String> {
        let path = match self {
            Self::Person(hidden) => {
                hidden.set(true);
                return Ok(None);
            }
            Self::File(None) => return Err(format!("this name needs a password: {FILE} names no file")),
            Self::File(Some(path)) => path,
        };
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let line = text.lines().next().filter(|line| !line.is_empty());
        line.map(|line| Some(Secret::new(line.to_owned())))
            .ok_or_else(|| format!("{}: there is no password in it", path.display()))
    }

    /// Nobody waits for it any more.
    pub(crate) fn over(&self) {
        if let Self::Person(hidden) = self {
            hidden.set(false);
        }
    }
}
