//! What the state machine is told at the start and what it answers. Only data.

use crate::password::Secret;
use crate::tokens::Credential;
use std::collections::HashMap;

/// What is known before the first connection.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// The name to enter with; without it the first line of the input is the answer to the server's question.
    pub(crate) name: Option<String>,
    /// Who is at the other end of the input.
    pub(crate) input: InputFrom,
    /// Tokens kept from before, by [`crate::tokens::name_key`].
    pub(crate) tokens: HashMap<String, Credential>,
}

/// Who writes the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum InputFrom {
    /// Somebody who can be asked, and who does not want to wait at the end.
    Person,
    /// A pipe: everything is to arrive, and the end of the input is the wish to leave.
    #[default]
    Pipe,
}

/// What is to be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Do {
    /// Open a connection, then call `connected` or `unreachable`.
    Connect,
    /// Drop the connection; `lost` is not to be called for it.
    HangUp,
    /// Send this line, its end not included.
    Send(String),
    /// Get the password of our name, then call `password` or `no_password`.
    AskPassword,
    /// Nobody waits for the password any more.
    PasswordOver,
    /// Send this, its end not included, and show it nowhere.
    SendSecret(Secret),
    /// Show a line of the server.
    Show(String),
    /// Tell the user something of our own.
    Note(String),
    /// Keep a token for the next start.
    Keep(Credential),
    /// Forget the token of this user.
    Forget(String),
    /// Nothing more will come.
    End(Ending),
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The user left.
    Left,
    /// The server refused the name, in these words.
    Refused(String),
    /// There was no connection, for this reason.
    Unreachable(String),
}

/// What became of the lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Lines the server has acknowledged.
    pub(crate) acknowledged: usize,
    /// Lines that never happened, with the first reason.
    pub(crate) refused: usize,
    pub(crate) first_refusal: Option<String>,
    /// Lines of which nobody knows.
    pub(crate) unconfirmed: usize,
}

impl Tally {
    pub(super) fn refuse(&mut self, reason: &str) {
        self.refused += 1;
        self.first_refusal.get_or_insert_with(|| reason.to_owned());
    }
}
