//! Puts a client's frames together to messages, within a bound. Holds no storage between messages.

use super::head::{Frame, Gathering, Kind};
use super::{FRAGMENTS_MAX, MESSAGE_BYTES, Message, Wrong, is_close_code};

/// Reads what a client sends. What it answers depends on the bytes alone, never on how the network cut them.
#[derive(Debug, Default)]
pub struct Reader {
    gathering: Gathering,
    /// The frame whose bytes are coming.
    frame: Option<Open>,
    /// The text whose last fragment has not come whole; at most [`MESSAGE_BYTES`].
    text: Vec<u8>,
    /// Fragments of it so far.
    fragments: u16,
    /// What a control frame carries, or the text last handed out; freed by the next call once it was.
    given: Vec<u8>,
    /// Whether it was.
    done: bool,
    /// Whether the client closed, or did something wrong: the rest is not looked at.
    over: bool,
}

/// A frame some of whose bytes have come.
#[derive(Debug)]
struct Open {
    kind: Kind,
    last: bool,
    mask: [u8; 4],
    /// Bytes still to come; no more than [`MESSAGE_BYTES`].
    left: usize,
}

impl Reader {
    /// Takes the next message off the front of `rest`; `None` once all of `rest` is taken in.
    ///
    /// To stop after a message (back-pressure) keep `rest`: it holds exactly what was not looked at yet. Call until `None`
    /// before waiting for more bytes, so that nothing is held for an idle connection. After an error, and after
    /// [`Message::Close`], whatever comes is passed over.
    pub fn next_message<'s>(&'s mut self, rest: &mut &[u8]) -> Result<Option<Message<'s>>, Wrong> {
        if self.done {
            (self.given, self.done) = (Vec::new(), false);
        }
        match self.gather(rest) {
            Ok(Some(kind)) => self.finish(kind).map(Some),
            Ok(None) => Ok(None),
            Err(wrong) => Err(wrong),
        }
        .inspect_err(|_| *rest = &[])
    }

    /// Bytes of storage held at the moment; 0 between messages.
    #[must_use]
    pub fn held(&self) -> usize {
        self.text.capacity() + self.given.capacity()
    }

    /// Whether the client closed, or did something wrong.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// Goes on until a message is whole, and says of which kind it is.
    fn gather(&mut self, rest: &mut &[u8]) -> Result<Option<Kind>, Wrong> {
        loop {
            if self.over {
                *rest = &[];
                return Ok(None);
            }
            let Some(open) = &mut self.frame else {
                match self.gathering.take(rest) {
                    Ok(Some(frame)) => self.begin(&frame)?,
                    Ok(None) => return Ok(None),
                    Err(wrong) => return Err(self.end(wrong)),
                }
                continue;
            };
            let (bytes, after) = rest.split_at(open.left.min(rest.len()));
            *rest = after;
            keep(if open.kind.is_control() { &mut self.given } else { &mut self.text }, bytes, open.mask);
            open.left -= bytes.len();
            open.mask.rotate_left(bytes.len() % 4);
            if open.left > 0 {
                return Ok(None);
            }
            let (kind, last) = (open.kind, open.last);
            self.frame = None;
            if last {
                return Ok(Some(kind));
            }
        }
    }

    /// A frame's head is there: whether it may come now, and with so many bytes.
    fn begin(&mut self, frame: &Frame) -> Result<(), Wrong> {
        let Frame { kind, last, length, mask } = *frame;
        if !kind.is_control() {
            if (kind == Kind::More) != (self.fragments > 0) {
                return Err(self.end(Wrong::Fragment));
            }
            let room = MESSAGE_BYTES - self.text.len();
            if length > room as u64 || self.fragments == FRAGMENTS_MAX {
                return Err(self.end(Wrong::TooBig));
            }
            self.fragments += 1;
        }
        let left = usize::try_from(length).map_err(|_| self.end(Wrong::TooBig))?;
        self.frame = Some(Open { kind, last, mask, left });
        Ok(())
    }

    fn finish(&mut self, kind: Kind) -> Result<Message<'_>, Wrong> {
        self.done = true;
        match kind {
            Kind::Text | Kind::More => {
                self.given = std::mem::take(&mut self.text);
                self.fragments = 0;
                if std::str::from_utf8(&self.given).is_err() {
                    return Err(self.end(Wrong::Text));
                }
                // What ends the reader and what lends from it cannot stand in one match: it is looked at twice.
                Ok(Message::Text(std::str::from_utf8(&self.given).unwrap_or_default()))
            }
            Kind::Ping => Ok(Message::Ping(&self.given)),
            Kind::Pong => Ok(Message::Pong),
            Kind::Close => {
                self.over = true;
                self.text = Vec::new();
                code(&self.given).map(Message::Close).map_err(|wrong| self.end(wrong))
            }
        }
    }

    /// Nothing more is read, and nothing held.
    fn end(&mut self, wrong: Wrong) -> Wrong {
        *self = Self { over: true, ..Self::default() };
        wrong
    }
}

/// Adds bytes as they were before they were masked (5.3).
fn keep(to: &mut Vec<u8>, bytes: &[u8], mask: [u8; 4]) {
    let length = to.len() + bytes.len();
    if length > to.capacity() {
        // Doubling, but never past the limit, and never for bytes that are only announced.
        let capacity = (to.capacity() * 2).clamp(length, MESSAGE_BYTES.max(length));
        to.reserve_exact(capacity - to.len());
    }
    to.extend(bytes.iter().zip(mask.into_iter().cycle()).map(|(byte, mask)| byte ^ mask));
}

/// The code that a close frame carries, where it carries anything (5.5.1).
fn code(bytes: &[u8]) -> Result<Option<u16>, Wrong> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let (code, reason) = bytes.split_first_chunk().ok_or(Wrong::CloseCode)?;
    let code = Some(u16::from_be_bytes(*code)).filter(|code| is_close_code(*code)).ok_or(Wrong::CloseCode)?;
    std::str::from_utf8(reason).map_err(|_| Wrong::Text)?;
    Ok(Some(code))
}
