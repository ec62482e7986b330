//! Events as lines of text. One function for live, missed and recalled ones; knows no socket.

use super::words;
use chatroom_model::{Event, Record, Refusal, UserId};

/// Adds the line an event makes for a viewer; events a line client is not told of add nothing.
///
/// What everybody may see makes the same line for everybody, so it can be made once.
pub fn event(out: &mut String, record: &Record, viewer: UserId) {
    match &record.event {
        Event::Message { name, to: None, body, .. } => {
            push(out, &["[", name.as_str(), "]: ", body.as_str(), "\n"])
        }
        Event::Message { author, to: Some(to), .. } if *author == viewer => {
            let away = if to.away { words::AWAY } else { "" };
            push(out, &[words::SENT_TO, to.name.as_str(), away, "\n"]);
        }
        Event::Message { name, to: Some(_), body, .. } => {
            push(out, &["[", words::FROM, name.as_str(), "]: ", body.as_str(), "\n"]);
        }
        Event::Imported { author, body, .. } if author.is_empty() => push(out, &[body.as_str(), "\n"]),
        Event::Imported { author, body, .. } => push(out, &["[", author, "]: ", body.as_str(), "\n"]),
        Event::CameOnline { name, .. } => presence(out, name.as_str(), words::JOINED),
        Event::WentOffline { name, .. } => presence(out, name.as_str(), words::LEFT),
        Event::NodeStarted { .. }
        | Event::GuestCreated { .. }
        | Event::GuestForgotten { .. }
        | Event::SessionOpened { .. }
        | Event::SessionClosed { .. }
        | Event::DirectCreated { .. }
        | Event::SeenMarked { .. } => {}
    }
}

/// Adds messages as `/history` shows them: each line begins with a space.
pub fn recent(out: &mut String, records: &[Record], viewer: UserId) {
    push(out, &[words::RECENT, "\n"]);
    for record in records {
        out.push(' ');
        event(out, record, viewer);
    }
}

/// The line that says why a message was refused; `id` is the client id, where one was given.
pub fn refusal(out: &mut String, refusal: &Refusal, id: Option<&str>) {
    match refusal {
        Refusal::NoSuchUser(name) if id.is_none() => {
            push(out, &[words::USER_QUOTE, name.as_str(), words::NOT_FOUND, "\n"]);
        }
        Refusal::Yourself if id.is_none() => push(out, &[words::NOT_YOURSELF, "\n"]),
        other => not(out, words::NOT_SENT, id, &other.to_string()),
    }
}

/// A line that begins with [`words::NOT_SENT`] or [`words::NOT_CONFIRMED`].
pub fn not(out: &mut String, word: &str, id: Option<&str>, reason: &str) {
    push(out, &[word, if id.is_some() { " " } else { "" }, id.unwrap_or_default(), ": ", reason, "\n"]);
}

fn presence(out: &mut String, name: &str, what: &str) {
    push(out, &[words::STARS, " ", name, what, words::STARS, "\n"]);
}

fn push(out: &mut String, parts: &[&str]) {
    out.extend(parts.iter().copied());
}
