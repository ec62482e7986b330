//! Whole values as JSON, and back: the bodies of answers and of requests. Knows no object.

use super::{ASKED_DEPTH, is_shallow, write};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value as one line of JSON. Only for plain data: what cannot be JSON is a bug.
#[must_use]
pub fn line(what: &impl Serialize) -> String {
    let mut out = String::new();
    write(&mut out, what);
    out.push('\n');
    out
}

/// A value from JSON that strangers wrote; why it cannot be one, in a sentence.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "The body is not UTF-8".to_owned())?;
    if !is_shallow(text) {
        return Err(format!("At most {ASKED_DEPTH} lists and objects may stand in each other"));
    }
    // A list would be taken for an object whose names are left out.
    if !text.trim_start().starts_with('{') {
        return Err("The body is one JSON object".to_owned());
    }
    serde_json::from_str(text).map_err(|bad| format!("The body cannot be read: {bad}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn what_strangers_write_is_read_within_bounds() {
        type Numbers = BTreeMap<String, u64>;
        assert_eq!(read::<Numbers>(b" {\"a\": 1}").unwrap()["a"], 1);
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        let told = |depth| read::<Numbers>(nested(depth).as_bytes()).unwrap_err();
        assert!(told(ASKED_DEPTH - 1).contains("cannot be read"));
        assert!(told(ASKED_DEPTH).contains("At most"));
        for bad in [&b"[1]"[..], b"\xff", b"", b"{\"a\":1}}", b"null"] {
            assert!(read::<Numbers>(bad).is_err());
        }
        assert_eq!(line(&BTreeMap::from([("a", "\n")])), "{\"a\":\"\\n\"}\n");
    }
}
