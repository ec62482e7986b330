//! Whole values as JSON: the bodies of answers. Knows no object.

use super::write;
use serde::Serialize;

/// A value as one line of JSON. Only for plain data: what cannot be JSON is a bug.
#[must_use]
pub fn line(what: &impl Serialize) -> String {
    let mut out = String::new();
    write(&mut out, what);
    out.push('\n');
    out
}
