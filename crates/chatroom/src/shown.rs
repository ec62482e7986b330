//! What people wrote, in a form that does nothing to the terminal it is shown on. Knows no verb.

use chatroom_model::Millis;
use chatroom_wire::text;
use serde::Serialize;
use std::borrow::Cow;
use std::fmt::Write as _;

/// A text without anything that acts.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    text::clean(text)
}

/// JSON in which no character acts on a terminal, and which still says what was written.
pub(crate) fn json(value: &impl Serialize) -> String {
    escaped(serde_json::to_string(value).expect("plain data always has a JSON form"))
}

/// Outside of strings no character of JSON acts, and inside they have an escape.
fn escaped(json: String) -> String {
    if !json.contains(text::acts) {
        return json;
    }
    let mut safe = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if text::acts(c) {
            write!(safe, "\\u{:04x}", u32::from(c)).expect("a string can be written to");
        } else {
            safe.push(c);
        }
    }
    safe
}

/// A moment in UTC, to the second, for people.
pub(crate) fn moment(time: Millis) -> String {
    stamp(time, "%Y-%m-%d %H:%M:%SZ")
}

/// A moment in UTC, to the millisecond, for programs.
pub(crate) fn exact(time: Millis) -> String {
    stamp(time, "%Y-%m-%dT%H:%M:%S%.3fZ")
}

fn stamp(time: Millis, format: &str) -> String {
    // A sanction may be for longer than there are dates.
    match jiff::Timestamp::from_millisecond(time.0) {
        Ok(moment) => moment.strftime(format).to_string(),
        Err(_) => "never".into(),
    }
}
