//! What stands before a frame's bytes, gathered byte by byte and checked as soon as each part is there. Holds no storage.

use super::{CONTROL_BYTES, Wrong};

/// Bytes of the longest head: two, eight of length, four of mask (5.2).
const HEAD_BYTES: usize = 14;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The first fragment of a text, or all of it.
    Text,
    /// More of it.
    More,
    Close,
    Ping,
    Pong,
}

impl Kind {
    pub(super) fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// A whole head.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    /// Whether it is the last of its message.
    pub(super) last: bool,
    /// Bytes behind it.
    pub(super) length: u64,
    pub(super) mask: [u8; 4],
}

/// The beginning of a head.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    bytes: [u8; HEAD_BYTES],
    have: u8,
}

impl Gathering {
    /// Takes what it needs off the front; a frame once it is whole.
    pub(super) fn take(&mut self, rest: &mut &[u8]) -> Result<Option<Frame>, Wrong> {
        while let Some((&byte, after)) = rest.split_first() {
            *rest = after;
            if let Some(place) = self.bytes.get_mut(usize::from(self.have)) {
                *place = byte;
                self.have += 1;
            }
            if let Some(frame) = self.look()? {
                self.have = 0;
                return Ok(Some(frame));
            }
        }
        Ok(None)
    }

    fn look(&self) -> Result<Option<Frame>, Wrong> {
        let bytes = self.bytes.get(..usize::from(self.have)).unwrap_or_default();
        let Some((first, bytes)) = bytes.split_first() else { return Ok(None) };
        let (kind, last) = (kind(*first)?, first & 0x80 != 0);
        let Some((second, bytes)) = bytes.split_first() else { return Ok(None) };
        if second & 0x80 == 0 {
            return Err(Wrong::Unmasked);
        }
        let short = u64::from(second & 0x7f);
        if kind.is_control() && (!last || short > CONTROL_BYTES as u64) {
            return Err(Wrong::Control);
        }
        let (length, bytes, least) = match short {
            126 => match bytes.split_first_chunk() {
                Some((length, bytes)) => (u64::from(u16::from_be_bytes(*length)), bytes, 126),
                None => return Ok(None),
            },
            127 => match bytes.split_first_chunk() {
                Some((length, bytes)) => (u64::from_be_bytes(*length), bytes, 1 << 16),
                None => return Ok(None),
            },
            short => (short, bytes, 0),
        };
        if length < least || length >> 63 != 0 {
            return Err(Wrong::Length);
        }
        Ok(bytes.first_chunk().map(|mask| Frame { kind, last, length, mask: *mask }))
    }
}

fn kind(first: u8) -> Result<Kind, Wrong> {
    if first & 0x70 != 0 {
        return Err(Wrong::Reserved);
    }
    match first & 0x0f {
        0x0 => Ok(Kind::More),
        0x1 => Ok(Kind::Text),
        0x2 => Err(Wrong::Binary),
        0x8 => Ok(Kind::Close),
        0x9 => Ok(Kind::Ping),
        0xa => Ok(Kind::Pong),
        _ => Err(Wrong::Opcode),
    }
}
