//! Reads values from JSON that anybody may have written. Never goes deep, and never tells back at length what was there.

use super::Problem;
use serde::Deserialize;

/// Lists and objects that may stand in each other: what is meant has three at most.
pub const DEPTH: usize = 32;
/// Bytes of what the reader says that are told.
const SAID_BYTES: usize = 200;

/// Reads a value: the body of a request, however it came.
pub fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Problem> {
    if !is_shallow(text) {
        return Err(Problem::bad_request("a body has at most 32 lists and objects in each other"));
    }
    serde_json::from_str(text).map_err(|bad| unreadable(&bad))
}

/// Whether no more than [`DEPTH`] lists and objects stand in each other in a JSON value. Linear, and never deep itself.
#[must_use]
pub fn is_shallow(json: &str) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => depth += 1,
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH {
            return false;
        }
    }
    true
}

/// What is wrong with a text, in so many words.
pub(super) fn unreadable(bad: &serde_json::Error) -> Problem {
    let why = bad.to_string();
    let mut most = why.len().min(SAID_BYTES);
    while !why.is_char_boundary(most) {
        most -= 1;
    }
    let cut = if most < why.len() { "…" } else { "" };
    Problem::bad_request(format!(
        "what was asked cannot be read: {}{cut}",
        why.get(..most).unwrap_or_default()
    ))
}
