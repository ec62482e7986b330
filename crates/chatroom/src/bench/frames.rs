//! What a WebSocket's client says and hears: requests in frames of their own, everybody's events, and the answers that are
//! taken out from between them. Looks for what it knows, and reads no JSON. Never knows a socket.

use std::io::Write as _;

use anyhow::{Result, bail, ensure};
use chatroom_wire::websocket::{masked, sent};

use super::stream::shown;

/// Every event begins with this, and nothing else that a server says.
const EVENT: &[u8] = br#"{"type":"event","#;
const ANSWER: &[u8] = br#"{"type":"answer","id":"#;
const PING: &[u8] = br#"{"type":"ping","#;
const MESSAGE: &[u8] = br#"{"type":"event","event":"message","#;
/// So much of a frame tells what it is, and what an answer says.
const ENOUGH: usize = 64;
/// The longest head of a frame.
const HEAD: usize = 10;

/// The number of a request that no message of the load has.
pub(super) const OTHER: u64 = 1 << 32;

/// How one comes in, as the first request on the connection.
pub(super) fn hello(name: &str) -> String {
    let body = format!(r#"{{"name":"{name}"}}"#);
    format!(
        "POST /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// What is asked with the key that a line of the answer has, if it is that line.
pub(super) fn open(line: &[u8]) -> Option<String> {
    let rest = line.strip_prefix(br#"{"key":""#)?;
    let key = std::str::from_utf8(&rest[..position(rest, b"\"")?]).ok()?;
    Some(format!(
        "GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
         Authorization: Bearer {key}\r\n\r\n"
    ))
}

/// Adds a request.
pub(super) fn ask(out: &mut Vec<u8>, id: u64, method: &str, path: &str, body: &[u8]) {
    let mut text = Vec::with_capacity(body.len() + 96);
    write!(text, r#"{{"id":{id},"method":"{method}","path":"{path}","body":"#)
        .expect("a vector takes every byte");
    text.extend_from_slice(body);
    text.push(b'}');
    masked(out, 0x81, rand::random(), &text);
}

/// Adds the request that says a text in a room; the text needs no escape.
pub(super) fn say(out: &mut Vec<u8>, id: u64, room: &str, text: &[u8]) {
    let body = [br#"{"text":""#, text, br#""}"#].concat();
    ask(out, id, "POST", &format!("/rooms/{room}/messages"), &body);
}

/// Whether what came tells of a message.
pub(super) fn is_message(text: &[u8]) -> bool {
    text.starts_with(MESSAGE)
}

/// Whether what came is an answer, and a good one.
pub(super) fn is_done(text: &[u8]) -> bool {
    answer(text).is_some_and(|(_, status)| status / 100 == 2)
}

/// Whether what came, a line of HTTP or a text, says that it goes no further.
pub(super) fn is_refusal(line: &[u8]) -> bool {
    let refused = line
        .strip_prefix(b"HTTP/1.1 ")
        .is_some_and(|rest| !rest.starts_with(b"2") && !rest.starts_with(b"101"));
    refused || line.starts_with(br#"{"type":"end","#) || answer(line).is_some_and(|(_, status)| status >= 300)
}

/// The author (without `run`, with which all names begin), the room and the text of a message.
pub(super) fn parts<'a>(text: &'a [u8], run: &str) -> Option<(&'a [u8], &'a [u8], &'a [u8])> {
    let rest = behind(text.strip_prefix(MESSAGE)?, br#""author":{"#)?;
    let rest = behind(rest, br#""name":""#)?.strip_prefix(run.as_bytes())?;
    let (who, rest) = rest.split_at_checked(5)?;
    let rest = behind(rest, br#""text":""#)?;
    let (said, rest) = rest.split_at(position(rest, b"\"")?);
    let room = behind(rest, br#"},"name":""#)?.strip_suffix(br#""}"#)?;
    Some((who, room, said))
}

/// The text of the frame that `bytes` begin with, and how long the frame is.
pub(super) fn first(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let frame = sent(bytes)?;
    let whole = frame.head + frame.bytes;
    Some((bytes.get(frame.head..whole)?, whole))
}

/// How many of `bytes` end the frame that begins with `begun`.
pub(super) fn end(begun: &[u8], bytes: &[u8]) -> Option<usize> {
    let mut head = [0; HEAD];
    let have = head.iter_mut().zip(begun.iter().chain(bytes)).map(|(to, from)| *to = *from).count();
    let frame = sent(&head[..have])?;
    Some(frame.head + frame.bytes - begun.len()).filter(|end| *end <= bytes.len())
}

/// What a client is given.
pub(super) enum Part<'a> {
    /// Events, or pieces of them: the same for all who are in the room.
    All(&'a [u8]),
    /// The answer to its request of this number.
    Answer(u64),
}

/// Takes what is said to one client alone out of what it is given.
#[derive(Default)]
pub(super) struct Sieve {
    /// The beginning of a frame of which too little has come to know it.
    begun: Vec<u8>,
    /// Bytes of a frame that have still to come, and whether it is everybody's.
    left: usize,
    passes: bool,
}

impl Sieve {
    pub(super) fn sift(&mut self, bytes: &[u8], give: &mut impl FnMut(Part<'_>) -> Result<()>) -> Result<()> {
        if self.begun.is_empty() {
            return self.look(bytes, give);
        }
        let mut begun = std::mem::take(&mut self.begun);
        begun.extend_from_slice(bytes);
        self.look(&begun, give)
    }

    fn look(&mut self, bytes: &[u8], give: &mut impl FnMut(Part<'_>) -> Result<()>) -> Result<()> {
        // What stands from `from` on and before `at` is everybody's.
        let mut at = self.left.min(bytes.len());
        let mut from = if self.passes { 0 } else { at };
        self.left -= at;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let Some(frame) = sent(rest).filter(|frame| rest.len() >= frame.head + frame.bytes.min(ENOUGH))
            else {
                self.begun = rest.to_vec();
                break;
            };
            ensure!(frame.first == 0x81, "a frame that is no text: {:#x}", frame.first);
            let whole = frame.head + frame.bytes;
            let text = &rest[frame.head..whole.min(rest.len())];
            self.passes = text.starts_with(EVENT);
            let end = at + whole.min(rest.len());
            self.left = whole - (end - at);
            if !self.passes {
                if from < at {
                    give(Part::All(&bytes[from..at]))?;
                }
                from = end;
                match answer(text) {
                    Some((id, 200..=299)) => give(Part::Answer(id))?,
                    None if text.starts_with(PING) => {}
                    _ => bail!("the server said `{}`", shown(text)),
                }
            }
            at = end;
        }
        if from < at { give(Part::All(&bytes[from..at])) } else { Ok(()) }
    }
}

/// The number of an answer and its status.
fn answer(text: &[u8]) -> Option<(u64, u16)> {
    let rest = text.strip_prefix(ANSWER)?;
    let rest = std::str::from_utf8(&rest[..rest.len().min(ENOUGH - ANSWER.len())]).ok()?;
    let (id, rest) = rest.split_once(r#","status":"#)?;
    Some((id.parse().ok()?, rest.get(..3)?.parse().ok()?))
}

fn behind<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<&'a [u8]> {
    bytes.get(position(bytes, mark)? + mark.len()..)
}

fn position(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chatroom_wire::websocket::text;

    #[test]
    fn answers_are_taken_out_wherever_the_network_cuts() {
        let event =
            |n: usize| format!(r#"{{"type":"event","event":"message","n":{n},"{}":1}}"#, "x".repeat(n));
        let answer =
            |n: usize| format!(r#"{{"type":"answer","id":{n},"status":201,"body":"{}"}}"#, "y".repeat(n));
        let (mut told, mut events) = (Vec::new(), Vec::new());
        for n in [3, 200, 70, 100] {
            text(&mut told, &event(n));
            text(&mut events, &event(n));
            text(&mut told, &answer(n));
            text(&mut told, r#"{"type":"ping","position":1}"#);
        }
        for size in 1..told.len() {
            let (mut sieve, mut all, mut answers) = (Sieve::default(), Vec::new(), Vec::new());
            for piece in told.chunks(size) {
                let mut give = |part: Part<'_>| {
                    match part {
                        Part::All(bytes) => all.extend_from_slice(bytes),
                        Part::Answer(id) => answers.push(id),
                    }
                    Ok(())
                };
                sieve.sift(piece, &mut give).unwrap();
            }
            assert_eq!((all, answers), (events.clone(), vec![3, 200, 70, 100]), "in pieces of {size}");
        }
    }

    #[test]
    fn a_refusal_and_an_end_are_faults() {
        for wrong in [r#"{"type":"answer","id":1,"status":429}"#, r#"{"type":"end","code":"revoked"}"#] {
            let mut told = Vec::new();
            text(&mut told, wrong);
            assert!(Sieve::default().sift(&told, &mut |_| Ok(())).is_err(), "{wrong}");
            assert!(is_refusal(wrong.as_bytes()));
        }
        assert!(is_refusal(b"HTTP/1.1 409 Conflict\r") && !is_refusal(b"HTTP/1.1 101 Switching Protocols\r"));
    }
}
