//! The other side: frames as a client writes them, masked, and reads them, plain. For whoever measures a server or tries it.

use super::write::of;

/// Where a frame's bytes stand in what a server sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its first byte: what it is, and whether it is the last of its message.
    pub first: u8,
    /// Bytes before its own.
    pub head: usize,
    /// Its own bytes.
    pub bytes: usize,
}

/// Looks at the frame that a server's bytes begin with; none while its head is not whole.
#[must_use]
pub fn sent(from: &[u8]) -> Option<Sent> {
    let (first, from) = from.split_first()?;
    let (short, from) = from.split_first()?;
    let (head, bytes) = match short {
        126 => (4, u64::from(u16::from_be_bytes(*from.first_chunk()?))),
        127 => (10, u64::from_be_bytes(*from.first_chunk()?)),
        short => (2, u64::from(*short)),
    };
    Some(Sent { first: *first, head, bytes: usize::try_from(bytes).ok()? })
}

/// Adds a frame as a client sends it. `first` is its first byte: `0x81` for a text that is whole.
pub fn masked(out: &mut Vec<u8>, first: u8, mask: [u8; 4], bytes: &[u8]) {
    let head = of(first, bytes.len());
    let plain = head.as_ref().iter().enumerate();
    out.extend(plain.map(|(n, byte)| if n == 1 { byte | 0x80 } else { *byte }));
    out.extend_from_slice(&mask);
    out.extend(bytes.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
}
