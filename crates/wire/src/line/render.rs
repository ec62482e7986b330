//! Events as lines of text. One function for live, missed and recalled ones; knows no socket.

mod fact;

pub use fact::sentence;

use super::words;
use chatroom_model::{Body, Event, How, Record, Refusal, UserId};
use std::borrow::Cow;

/// A body as one line: what has several is shown with a sign where each ends, so that nobody's text begins a line.
fn one_line(body: &Body) -> Cow<'_, str> {
    let text = body.as_str();
    if text.contains('\n') { text.replace('\n', words::NEXT_LINE).into() } else { text.into() }
}

/// Adds the line an event makes for a viewer; events a line client is not told of add nothing.
///
/// What everybody may see makes the same line for everybody, so it can be made once.
pub fn event(out: &mut String, record: &Record, viewer: UserId) {
    match &record.event {
        Event::Message { body, label, .. } if body.is_redacted() => {
            push(out, &[label.as_deref().unwrap_or_default(), space(label.is_some()), words::DELETED, "\n"]);
        }
        Event::Message { author, to: Some(to), .. } if *author == viewer => {
            let away = if to.away { words::AWAY } else { "" };
            push(out, &[words::SENT_TO, to.name.as_str(), away, "\n"]);
        }
        Event::Message { name, to, label, how, reply, body, .. } => {
            said(
                out,
                label.as_deref(),
                to.is_some(),
                name.as_str(),
                *how,
                reply.map(|seq| seq.0),
                &one_line(body),
            );
        }
        Event::Imported { body, .. } if body.is_redacted() => push(out, &[words::DELETED, "\n"]),
        Event::Imported { author, body, .. } if author.is_empty() => push(out, &[&one_line(body), "\n"]),
        Event::Imported { author, body, .. } => push(out, &["[", author, "]: ", &one_line(body), "\n"]),
        Event::CameOnline { name, .. } => presence(out, name.as_str(), words::JOINED),
        Event::WentOffline { name, .. } => presence(out, name.as_str(), words::LEFT),
        Event::Fact(of) => fact::fact(out, of),
        Event::NodeStarted { .. }
        | Event::GuestCreated { .. }
        | Event::GuestForgotten { .. }
        | Event::SessionOpened { .. }
        | Event::SessionClosed { .. }
        | Event::DirectCreated { .. }
        | Event::SeenMarked { .. } => {}
    }
}

/// A message's line. What stands in the bracket is never people's text, so none of it can be made to look like another's.
fn said(
    out: &mut String,
    label: Option<&str>,
    direct: bool,
    name: &str,
    how: How,
    reply: Option<u64>,
    body: &str,
) {
    push(out, &[label.unwrap_or_default(), space(label.is_some())]);
    let from = if direct { words::FROM } else { "" };
    match how {
        How::Action => push(out, &["* ", from, name, " ", body, "\n"]),
        How::Said | How::Notice => {
            push(out, &["[", from, name]);
            if let Some(seq) = reply {
                push(out, &[words::RE, &seq.to_string()]);
            }
            push(out, &["]: ", body, "\n"]);
        }
    }
}

/// Adds messages as `/history` shows them: each line begins with a space. Beside each its last words, if it was edited.
pub fn recent<'a>(
    out: &mut String,
    records: impl IntoIterator<Item = (&'a Record, Option<&'a Body>)>,
    viewer: UserId,
) {
    push(out, &[words::RECENT, "\n"]);
    for (record, edited) in records {
        out.push(' ');
        now(out, record, edited, viewer);
    }
}

/// Adds a message's line as it stands now: with its last words, if it was edited.
pub fn now(out: &mut String, record: &Record, edited: Option<&Body>, viewer: UserId) {
    if let Event::Message { author, to: Some(to), body, .. } = &record.event
        && *author == viewer
        && !body.is_redacted()
    {
        let (body, mark) = edited.map_or((body, ""), |edited| (edited, words::EDITED_MARK));
        return push(out, &["[", words::TO, to.name.as_str(), "]: ", &one_line(body), mark, "\n"]);
    }
    let Some(edited) = edited.filter(|body| !body.is_redacted()) else { return event(out, record, viewer) };
    let mut record = record.clone();
    if let Event::Message { body, .. } = &mut record.event
        && !body.is_redacted()
    {
        *body = edited.clone();
    }
    event(out, &record, viewer);
    if out.ends_with('\n') {
        out.pop();
        push(out, &[words::EDITED_MARK, "\n"]);
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

/// The line that says why something else than a message was refused.
pub fn refused(out: &mut String, refusal: &Refusal) {
    match refusal {
        Refusal::NoSuchUser(name) => {
            push(out, &[words::USER_QUOTE, name.as_str(), words::NOT_FOUND, "\n"]);
        }
        other => push(out, &[words::NO, &other.to_string(), "\n"]),
    }
}

/// A line that begins with [`words::NOT_SENT`] or [`words::NOT_CONFIRMED`].
pub fn not(out: &mut String, word: &str, id: Option<&str>, reason: &str) {
    push(out, &[word, if id.is_some() { " " } else { "" }, id.unwrap_or_default(), ": ", reason, "\n"]);
}

fn presence(out: &mut String, name: &str, what: &str) {
    push(out, &[words::STARS, " ", name, what, words::STARS, "\n"]);
}

fn space(is: bool) -> &'static str {
    if is { " " } else { "" }
}

pub(super) fn push(out: &mut String, parts: &[&str]) {
    out.extend(parts.iter().copied());
}
