//! The first bytes decide which protocol a connection speaks. Looks at a bounded number of bytes, knows no socket.
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

mod refusal;
mod request_line;

pub use refusal::{LATE_HTTP, refusal};
use request_line::request_line;

/// Bytes after which [`Opening::detect`] has always decided.
pub const MAX_OPENING: usize = 1024;

/// A protocol that may be spoken on the port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// The line protocol; also everything that is nothing else.
    Line,
    /// IRC.
    Irc,
    /// HTTP/1, a WebSocket's opening included.
    Http,
    /// HTTP/2 without TLS, by prior knowledge.
    Http2,
    /// A TLS hello; what is inside is to be looked at again.
    Tls,
    /// Secure shell.
    Ssh,
}

impl Protocol {
    /// Every protocol, for tests and tables.
    pub const ALL: [Self; 6] = [Self::Line, Self::Irc, Self::Http, Self::Http2, Self::Tls, Self::Ssh];
}

/// What the first bytes of a connection tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// More bytes will never change this.
    Decided(Protocol),
    /// Several protocols begin like this.
    NeedMore,
}

impl Opening {
    /// Looks at all the bytes that came so far.
    pub fn detect(bytes: &[u8]) -> Self {
        let mut undecided = false;
        for (start, protocol) in STARTS {
            match begins(bytes, start.as_bytes(), *protocol == Protocol::Irc) {
                Match::Whole => return Self::Decided(*protocol),
                Match::Part => undecided = true,
                Match::No => {}
            }
        }
        if undecided {
            return Self::NeedMore;
        }
        match request_line(bytes) {
            Match::Whole => Self::Decided(Protocol::Http),
            Match::Part if bytes.len() < MAX_OPENING => Self::NeedMore,
            Match::Part | Match::No => Self::Decided(Protocol::Line),
        }
    }
}

/// Whether a first line after the prompt is plainly from an IRC client. No name has a space, so none is lost.
pub fn looks_like_irc(line: &str) -> bool {
    irc_starts().any(|start| begins(line.as_bytes(), start.as_bytes(), true) == Match::Whole)
}

/// Whether a first line after the prompt is the request line of HTTP. Headers and body that follow it must never
/// be taken for names and chat: a page in somebody's browser could speak through them.
pub fn looks_like_http(line: &str) -> bool {
    matches!(Opening::detect(line.as_bytes()), Opening::Decided(Protocol::Http | Protocol::Http2))
        || request_line(line.as_bytes()) == Match::Whole
}

/// How the protocols begin. No start is the beginning of another protocol's.
const STARTS: &[(&str, Protocol)] = &[
    ("\x16\x03", Protocol::Tls), // A handshake record of SSL 3 or any TLS (RFC 8446, 5.1).
    ("SSH-2.0-", Protocol::Ssh),
    ("SSH-1.", Protocol::Ssh),
    ("CAP ", Protocol::Irc),
    ("NICK ", Protocol::Irc),
    ("USER ", Protocol::Irc),
    ("PASS ", Protocol::Irc),
    ("PRI * HTTP/2.0\r\n", Protocol::Http2), // RFC 9113, 3.4.
    // The usual methods are known by their first bytes, however long the path; any other by its whole line.
    ("GET /", Protocol::Http),
    ("HEAD /", Protocol::Http),
    ("POST /", Protocol::Http),
    ("PUT /", Protocol::Http),
    ("DELETE /", Protocol::Http),
    ("PATCH /", Protocol::Http),
    ("OPTIONS /", Protocol::Http),
];

fn irc_starts() -> impl Iterator<Item = &'static str> {
    STARTS.iter().filter(|(_, protocol)| *protocol == Protocol::Irc).map(|(start, _)| *start)
}

/// How well bytes that may go on match something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Match {
    Whole,
    Part,
    No,
}

pub(crate) fn begins(bytes: &[u8], start: &[u8], any_case: bool) -> Match {
    let same = |(a, b): (&u8, &u8)| if any_case { a.eq_ignore_ascii_case(b) } else { a == b };
    if !bytes.iter().zip(start).all(same) {
        Match::No
    } else if bytes.len() < start.len() {
        Match::Part
    } else {
        Match::Whole
    }
}
