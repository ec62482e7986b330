//! Frames as a server sends them: whole, never masked, each length in its shortest form.

use super::CONTROL_BYTES;

/// What stands before a frame's bytes: two, four or ten bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    bytes: [u8; 10],
    length: u8,
}

impl AsRef<[u8]> for Head {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }
}

/// The head of a text of so many bytes, for whoever puts the text behind it.
#[must_use]
pub fn head(bytes: usize) -> Head {
    of(0x81, bytes)
}

/// What stands before so many bytes of a frame with this first byte.
pub(super) fn of(first: u8, bytes: usize) -> Head {
    let long = (bytes as u64).to_be_bytes();
    let [.., high, low] = long;
    match bytes {
        0..=125 => Head { bytes: [first, low, 0, 0, 0, 0, 0, 0, 0, 0], length: 2 },
        126..=0xffff => Head { bytes: [first, 126, high, low, 0, 0, 0, 0, 0, 0], length: 4 },
        _ => {
            let [a, b, c, d, e, f, g, h] = long;
            Head { bytes: [first, 127, a, b, c, d, e, f, g, h], length: 10 }
        }
    }
}

/// Adds a text as one frame.
pub fn text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(head(text.len()).as_ref());
    out.extend_from_slice(text.as_bytes());
}

/// Adds a question whether the other is there.
pub fn ping(out: &mut Vec<u8>) {
    control(out, 0x89, &[]);
}

/// Adds the answer to a [`super::Message::Ping`], with its bytes.
pub fn pong(out: &mut Vec<u8>, bytes: &[u8]) {
    control(out, 0x8a, bytes);
}

/// Adds a farewell: a code and a reason, which is cut where it is too long, or nothing. What comes behind it is not read.
pub fn close(out: &mut Vec<u8>, code: Option<u16>, reason: &str) {
    let Some(code) = code else { return control(out, 0x88, &[]) };
    let mut end = reason.len().min(CONTROL_BYTES - 2);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    let mut bytes = code.to_be_bytes().to_vec();
    bytes.extend_from_slice(reason.as_bytes().get(..end).unwrap_or_default());
    control(out, 0x88, &bytes);
}

fn control(out: &mut Vec<u8>, first: u8, bytes: &[u8]) {
    let bytes = bytes.get(..CONTROL_BYTES).unwrap_or(bytes);
    out.extend_from_slice(of(first, bytes.len()).as_ref());
    out.extend_from_slice(bytes);
}
