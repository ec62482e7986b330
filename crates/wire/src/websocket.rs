//! The frames of a WebSocket (RFC 6455), as a server reads and writes them. Knows no socket and never what a text means.
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

mod accept;
mod client;
mod head;
mod read;
mod write;

pub use accept::accept;
pub use client::{Sent, masked, sent};
pub use read::Reader;
pub use write::{Head, close, head, ping, pong, text};

/// Bytes of the longest message that is taken, however many fragments it comes in; a longer one ends the connection.
pub const MESSAGE_BYTES: usize = 64 * 1024;
/// Fragments a message may come in: empty ones cost work and bring nothing.
pub const FRAGMENTS_MAX: u16 = 1024;
/// Bytes a control frame may carry (5.5).
pub const CONTROL_BYTES: usize = 125;

/// What a client said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// A whole text, of at most [`MESSAGE_BYTES`].
    Text(&'a str),
    /// To be answered by a [`pong`] with the same bytes.
    Ping(&'a [u8]),
    /// It is still there.
    Pong,
    /// It wants to go, for a reason it may give as a code (7.4); to be answered by a [`close`] with the same. Nothing that
    /// comes behind it is read.
    Close(Option<u16>),
}

/// Why a connection is ended: to be said by a [`close`] with its code. Nothing that comes behind is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// A bit is set that no extension was agreed on for.
    #[error("no extension was agreed on")]
    Reserved,
    /// An opcode there is not.
    #[error("there is no such opcode")]
    Opcode,
    /// A client's frames are masked (5.1).
    #[error("a frame was not masked")]
    Unmasked,
    /// A length in more bytes than it needs, or with its first bit set (5.2).
    #[error("a length was not in its shortest form")]
    Length,
    /// A control frame that is cut into fragments, or carries more than [`CONTROL_BYTES`].
    #[error("a control frame was fragmented or too long")]
    Control,
    /// A fragment that goes on with nothing, or a message that begins within another.
    #[error("fragments were out of order")]
    Fragment,
    /// What a close frame carries is no code, or one that is never sent.
    #[error("there is no such close code")]
    CloseCode,
    /// Bytes, where only text means something.
    #[error("only text is understood here")]
    Binary,
    /// A text, or the reason of a close frame, that is no UTF-8.
    #[error("a text was not UTF-8")]
    Text,
    /// A message of more than [`MESSAGE_BYTES`] or [`FRAGMENTS_MAX`]; known before its bytes come.
    #[error("a message was too big")]
    TooBig,
}

impl Wrong {
    /// The code to close with (7.4.1).
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::Reserved
            | Self::Opcode
            | Self::Unmasked
            | Self::Length
            | Self::Control
            | Self::Fragment
            | Self::CloseCode => 1002,
            Self::Binary => 1003,
            Self::Text => 1007,
            Self::TooBig => 1009,
        }
    }
}

/// Whether a code may stand in a close frame (7.4.1, 7.4.2): those kept for what no frame says may not.
#[must_use]
pub fn is_close_code(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}
