//! Cuts hostile bytes into clean lines of bounded length. Knows no socket and never what a line means.
//!
//! What a splitter answers depends on the bytes alone, never on how the network cut them into chunks.
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

mod telnet;

use memchr::{memchr, memchr2, memchr3};
use telnet::{IAC, Step, Telnet};

/// Bytes of the longest line that is taken, its line end included. What is dropped on the way (NUL, telnet
/// commands) does not count, so that the keep-alives of a telnet client never add up to a line too long.
pub const MAX_LINE: usize = 8192;

const LF: u8 = b'\n';
const CR: u8 = b'\r';
const NUL: u8 = 0;

/// What a splitter found at the front of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framed<'a> {
    /// A line without its end: valid UTF-8 without CR, LF or NUL, but possibly with other control characters
    /// (see [`crate::text::clean`]). Where it had to be repaired it may be up to three times [`MAX_LINE`] long.
    Line(&'a str),
    /// A line longer than [`MAX_LINE`]; said once, as soon as it is known. All of the line is discarded.
    TooLong,
}

/// Cuts a stream into lines. Between lines it holds no storage at all.
///
/// LF ends a line, and the CRs before it belong to that end. Any other CR becomes a space, so that it neither
/// splits a line nor overwrites one. NUL and telnet negotiation are dropped; invalid UTF-8 becomes U+FFFD.
#[derive(Debug, Default)]
pub struct LineSplitter {
    /// The beginning of a line whose end has not come; shorter than [`MAX_LINE`].
    partial: Vec<u8>,
    /// The line last handed out, if it could not be lent from the chunk; freed by the next call.
    line: String,
    telnet: Telnet,
    discarding: bool,
}

impl LineSplitter {
    /// Takes the next line off the front of `rest`; `None` once all of `rest` is taken in.
    ///
    /// To stop after a line (back-pressure) keep `rest`: it holds exactly what was not looked at yet. Call until
    /// `None` before waiting for more bytes, so that nothing is held for an idle connection.
    pub fn next_line<'s, 'c: 's>(&'s mut self, rest: &mut &'c [u8]) -> Option<Framed<'s>> {
        self.line = String::new();
        if self.discarding && !self.discard_to_end(rest) {
            return None;
        }
        if self.between_lines()
            && let Some(line) = lend_clean_line(rest)
        {
            return Some(Framed::Line(line));
        }
        match self.gather(rest)? {
            Gathered::Line => Some(Framed::Line(self.finish_line())),
            Gathered::TooLong => Some(Framed::TooLong),
        }
    }

    /// The last line of an input that stops without a line end, such as a file in a pipe.
    ///
    /// Not for a connection: what stands there without its end was cut off and must not be taken for a line.
    pub fn unended_line(&mut self) -> Option<&str> {
        if self.partial.is_empty() { None } else { Some(self.finish_line()) }
    }

    /// Bytes of storage held at the moment; 0 between lines.
    pub fn held(&self) -> usize {
        self.partial.capacity() + self.line.capacity()
    }

    fn between_lines(&self) -> bool {
        self.partial.is_empty() && self.telnet == Telnet::Text
    }

    /// Whether the end of the line to be discarded was in `rest`.
    fn discard_to_end(&mut self, rest: &mut &[u8]) -> bool {
        let end = memchr(LF, rest);
        let taken = end.map_or(rest.len(), |end| end + 1);
        *rest = rest.get(taken..).unwrap_or_default();
        self.discarding = end.is_none();
        end.is_some()
    }

    /// The careful way: byte runs are copied, what lies between them is looked at one byte at a time.
    fn gather(&mut self, rest: &mut &[u8]) -> Option<Gathered> {
        while let Some((&byte, after)) = rest.split_first() {
            if self.telnet == Telnet::Text {
                let (text, special) = rest.split_at(memchr3(LF, NUL, IAC, rest).unwrap_or(rest.len()));
                if !text.is_empty() {
                    *rest = special;
                    if !self.keep(text) {
                        return Some(Gathered::TooLong);
                    }
                    continue;
                }
                *rest = after;
                match byte {
                    LF => return Some(Gathered::Line),
                    IAC => self.telnet = Telnet::Command,
                    _ => {} // NUL
                }
                continue;
            }
            let step = self.telnet.step(byte);
            if step != Step::NotACommand {
                *rest = after;
            }
            let kept = match step {
                Step::Dropped => true,
                Step::Literal | Step::NotACommand => self.keep(&[IAC]),
                Step::Endless => self.give_up(),
            };
            if !kept {
                return Some(Gathered::TooLong);
            }
        }
        None
    }

    /// Adds to the partial line; false when that makes it too long.
    fn keep(&mut self, text: &[u8]) -> bool {
        let length = self.partial.len() + text.len();
        if length >= MAX_LINE {
            return self.give_up();
        }
        if length > self.partial.capacity() {
            // Doubling, but never past the limit: ten thousand endless lines must stay at 8 KiB each.
            let capacity = (self.partial.capacity() * 2).clamp(length, MAX_LINE);
            self.partial.reserve_exact(capacity - self.partial.len());
        }
        self.partial.extend_from_slice(text);
        true
    }

    fn give_up(&mut self) -> bool {
        self.partial = Vec::new();
        self.discarding = true;
        false
    }

    fn finish_line(&mut self) -> &str {
        let mut line = std::mem::take(&mut self.partial);
        line.truncate(without_cr(&line).len());
        line.iter_mut().filter(|byte| **byte == CR).for_each(|byte| *byte = b' ');
        self.line = String::from_utf8(line)
            .unwrap_or_else(|invalid| String::from_utf8_lossy(invalid.as_bytes()).into_owned());
        &self.line
    }
}

enum Gathered {
    Line,
    TooLong,
}

/// The quick way: a whole line in the chunk with nothing to mend is lent, not copied.
fn lend_clean_line<'c>(rest: &mut &'c [u8]) -> Option<&'c str> {
    let end = memchr(LF, rest).filter(|end| *end < MAX_LINE)?;
    let (line, after) = rest.split_at_checked(end)?;
    let line = without_cr(line);
    if memchr2(CR, NUL, line).is_some() {
        return None;
    }
    let line = std::str::from_utf8(line).ok()?; // A telnet command begins with 0xFF, which is not UTF-8 either.
    *rest = after.get(1..)?;
    Some(line)
}

fn without_cr(mut line: &[u8]) -> &[u8] {
    while let Some(shorter) = line.strip_suffix(b"\r") {
        line = shorter;
    }
    line
}
