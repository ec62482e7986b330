//! Puts values as JSON straight into a text. Knows no object.

use serde::Serialize;
use std::io;

/// Adds a value as one line of JSON, without an end. Only for plain data: what cannot be JSON is a bug.
pub fn write(out: &mut String, what: &impl Serialize) {
    serde_json::to_writer(Text(out), what).expect("plain data always has a JSON form");
}

/// The pieces that come are texts, each whole.
struct Text<'a>(&'a mut String);

impl io::Write for Text<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text =
            std::str::from_utf8(bytes).map_err(|bad| io::Error::new(io::ErrorKind::InvalidData, bad))?;
        self.0.push_str(text);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
