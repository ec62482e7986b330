//! The PROXY protocol, versions 1 and 2: whom a proxy in front passes on, said before their first byte. Looks at a bounded
//! number of bytes, knows no socket, and does not ask who may say it.
//!
//! Sections are those of HAProxy's "The PROXY protocol, versions 1 & 2".
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

use crate::opening::{Match, begins};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Bytes a header of version 1 may have, with its end (2.1).
pub const V1_MAX: usize = 107;
/// Bytes a header of version 2 may have here: one that carries a client's certificate fits.
pub const V2_MAX: usize = 4096;
/// How a header of version 2 begins (2.2).
pub const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";

/// How a header of version 1 begins (2.1).
const WORD: &[u8] = b"PROXY ";
/// Bytes of a header of version 2 before its addresses.
const FIXED: usize = 16;

/// A whole header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Where the connection comes from; nothing when the proxy speaks for itself, or does not know.
    pub source: Option<IpAddr>,
    /// Its bytes: what its client says begins behind them.
    pub length: usize,
}

/// What the first bytes of a connection are to this protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// No header, whatever else comes.
    Nothing,
    /// The beginning of a header, or of something else.
    Perhaps,
    /// A header whose rest has yet to come.
    Part,
    /// A header.
    Whole(Header),
}

/// A header that is not as the protocol has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadHeader {
    /// Its end did not come in time.
    #[error("it has too many bytes")]
    TooLong,
    /// A line of version 1 that is none.
    #[error("its line is not PROXY, a protocol, two addresses and two ports")]
    Line,
    /// Neither LOCAL nor PROXY, or of another version.
    #[error("its version or its command is unknown")]
    Command,
    /// A kind of address there is not.
    #[error("its kind of address is unknown")]
    Family,
    /// Its addresses are cut off.
    #[error("it has too few bytes for its addresses")]
    TooShort,
}

/// Looks at all the bytes that came so far.
pub fn look(bytes: &[u8]) -> Result<Seen, BadHeader> {
    match (begins(bytes, WORD, false), begins(bytes, SIGNATURE, false)) {
        (Match::Whole, _) => version_1(bytes),
        (_, Match::Whole) => version_2(bytes),
        (Match::Part, _) | (_, Match::Part) => Ok(Seen::Perhaps),
        (Match::No, Match::No) => Ok(Seen::Nothing),
    }
}

/// `PROXY TCP4 192.0.2.7 198.51.100.1 51234 6667`, with CR and LF.
fn version_1(bytes: &[u8]) -> Result<Seen, BadHeader> {
    let bytes = bytes.get(..V1_MAX).unwrap_or(bytes);
    let Some(end) = memchr::memchr(b'\n', bytes) else {
        return if bytes.len() < V1_MAX { Ok(Seen::Part) } else { Err(BadHeader::TooLong) };
    };
    let line = bytes.get(..end).and_then(|line| line.strip_suffix(b"\r")).ok_or(BadHeader::Line)?;
    let said = line.strip_prefix(WORD).ok_or(BadHeader::Line)?;
    // Whatever follows UNKNOWN is passed over.
    let unknown = said.strip_prefix(b"UNKNOWN").is_some_and(|rest| rest.first().is_none_or(|b| *b == b' '));
    let source = if unknown { None } else { Some(source(said).ok_or(BadHeader::Line)?) };
    Ok(Seen::Whole(Header { source, length: end + 1 }))
}

/// The first of the two addresses of a line of version 1, all of which must be as they should.
fn source(said: &[u8]) -> Option<IpAddr> {
    let said = std::str::from_utf8(said).ok()?;
    let mut words = said.split(' ');
    let protocol = words.next()?;
    let mut address = || match protocol {
        "TCP4" => words.next()?.parse().ok().map(IpAddr::V4),
        "TCP6" => words.next()?.parse().ok().map(IpAddr::V6),
        _ => None,
    };
    let (source, _) = (address()?, address()?);
    let ports = [words.next()?, words.next()?];
    (ports.into_iter().all(is_port) && words.next().is_none()).then(|| source.to_canonical())
}

/// A decimal number without zeros in front.
fn is_port(word: &str) -> bool {
    let plain = word == "0" || word.starts_with(|c: char| matches!(c, '1'..='9'));
    plain && word.parse::<u16>().is_ok()
}

/// Signature, version and command, kind of address, length, and so many bytes: the addresses and what else is known.
fn version_2(bytes: &[u8]) -> Result<Seen, BadHeader> {
    let Some((fixed, rest)) = bytes.split_first_chunk::<FIXED>() else { return Ok(Seen::Part) };
    let [.., command, family, high, low] = *fixed;
    let local = match command {
        0x20 => true,
        0x21 => false,
        _ => return Err(BadHeader::Command),
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length > V2_MAX - FIXED {
        return Err(BadHeader::TooLong);
    }
    let Some(rest) = rest.get(..length) else { return Ok(Seen::Part) };
    let source: Option<IpAddr> = match family {
        // The proxy looks whether we are there: whatever it says of addresses is passed over.
        _ if local => None,
        0x11 => {
            let [address, _] = addresses::<4>(rest)?;
            Some(Ipv4Addr::from(address).into())
        }
        0x21 => {
            let [address, _] = addresses::<16>(rest)?;
            Some(Ipv6Addr::from(address).to_canonical())
        }
        // Not said, datagrams and sockets of a machine: taken as not said.
        0x00 | 0x12 | 0x22 | 0x31 | 0x32 => None,
        _ => return Err(BadHeader::Family),
    };
    Ok(Seen::Whole(Header { source, length: FIXED + length }))
}

/// Two addresses of so many bytes, which two ports follow.
fn addresses<const N: usize>(bytes: &[u8]) -> Result<[[u8; N]; 2], BadHeader> {
    let (source, rest) = bytes.split_first_chunk().ok_or(BadHeader::TooShort)?;
    let (target, rest) = rest.split_first_chunk().ok_or(BadHeader::TooShort)?;
    if rest.len() < 4 { Err(BadHeader::TooShort) } else { Ok([*source, *target]) }
}
