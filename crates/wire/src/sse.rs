//! Server-Sent Events (WHATWG HTML, 9.2), as a server writes them. Knows no socket and never what the data means.

use std::fmt::Write;

/// The media type of a stream of them.
pub const MEDIA_TYPE: &str = "text/event-stream";

/// Adds an event: where to go on from after it, its name, and its data. Without a name it is a `message` to a browser.
pub fn event(out: &mut String, id: Option<u64>, name: Option<&str>, data: &str) {
    if let Some(id) = id {
        let _ = writeln!(out, "id: {id}");
    }
    if let Some(name) = name {
        field(out, "event: ", name);
    }
    field(out, "data: ", data);
    out.push('\n');
}

/// Adds what a client passes over: it keeps a connection open through proxies that close silent ones.
pub fn comment(out: &mut String, text: &str) {
    field(out, ": ", text);
    out.push('\n');
}

/// Adds after how many milliseconds a client whose connection broke comes again.
pub fn retry(out: &mut String, ms: u32) {
    let _ = write!(out, "retry: {ms}\n\n");
}

/// A field; what has several lines, by whatever ends a line, is a field for each.
fn field(out: &mut String, name: &str, text: &str) {
    for line in text.split(['\r', '\n']) {
        out.extend([name, line, "\n"]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_its_fields_and_an_empty_line() {
        let mut out = String::new();
        retry(&mut out, 3000);
        event(&mut out, Some(7), Some("event"), r#"{"a":1}"#);
        event(&mut out, None, None, r#"{"b":"\n"}"#);
        comment(&mut out, "still here");
        let expected = concat!(
            "retry: 3000\n\n",
            "id: 7\nevent: event\ndata: {\"a\":1}\n\n",
            "data: {\"b\":\"\\n\"}\n\n",
            ": still here\n\n"
        );
        assert_eq!(out, expected);
    }

    #[test]
    fn nothing_in_the_data_begins_a_field_or_an_event() {
        let mut out = String::new();
        event(&mut out, Some(7), None, "a\nid: 9\r\r\ndata: b");
        assert_eq!(out, "id: 7\ndata: a\ndata: id: 9\ndata: \ndata: \ndata: data: b\n\n");
    }
}
