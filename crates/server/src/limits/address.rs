//! Whose address it is, as far as limits go: IPv4 by the address, IPv6 by the network. Knows no socket.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// How many times as much a /48 may as a /64 in it: a site has many networks, but is one neighbour.
pub(super) const WIDE: u64 = 8;

/// What is counted as one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Net {
    /// One IPv4 address.
    V4(u32),
    /// One IPv6 network of 64 bits: whoever has one address of it has them all.
    V6(u64),
    /// One IPv6 site of 48 bits.
    Site(u64),
}

impl Net {
    /// The network of an address.
    pub(super) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self::V4(v4.to_bits()),
            IpAddr::V6(v6) => Self::V6((v6.to_bits() >> 64) as u64),
        }
    }

    /// The site that a network is part of.
    pub(super) fn site(self) -> Option<Self> {
        match self {
            Self::V6(network) => Some(Self::Site(network >> 16)),
            Self::V4(_) | Self::Site(_) => None,
        }
    }
}

/// Addresses that begin with the same bits: `127.0.0.0/8`, `2001:db8::/32`, `::1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    first: IpAddr,
    bits: u32,
}

impl Range {
    /// Whether an address is one of them.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.first, address.to_canonical()) {
            (IpAddr::V4(first), IpAddr::V4(other)) => {
                (first.to_bits() ^ other.to_bits()).checked_shr(32 - self.bits).unwrap_or(0) == 0
            }
            (IpAddr::V6(first), IpAddr::V6(other)) => {
                (first.to_bits() ^ other.to_bits()).checked_shr(128 - self.bits).unwrap_or(0) == 0
            }
            _ => false,
        }
    }

    fn length(&self) -> u32 {
        if self.first.is_ipv4() { 32 } else { 128 }
    }
}

/// A text that is neither an address nor a range of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address or a range such as 192.0.2.7, 127.0.0.0/8 or 2001:db8::/32")]
pub struct BadRange;

impl FromStr for Range {
    type Err = BadRange;

    fn from_str(text: &str) -> Result<Self, BadRange> {
        let (first, bits) = match text.split_once('/') {
            Some((first, bits)) => (first, Some(bits.parse().map_err(|_| BadRange)?)),
            None => (text, None),
        };
        let first = first.parse::<IpAddr>().map_err(|_| BadRange)?;
        let whole = Self { first, bits: 0 }.length();
        let bits = bits.unwrap_or(whole);
        if bits > whole { Err(BadRange) } else { Ok(Self { first, bits }) }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first.fmt(f)?;
        if self.bits < self.length() { write!(f, "/{}", self.bits) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> Net {
        Net::of(text.parse().unwrap())
    }

    #[test]
    fn ipv6_counts_by_its_64_bits_and_in_a_site_of_48() {
        assert_eq!(net("2001:db8:1:2::1"), net("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(net("2001:db8:1:2::1"), net("2001:db8:1:3::1"));
        assert_eq!(net("2001:db8:1:2::1").site(), net("2001:db8:1:3::1").site());
        assert_ne!(net("2001:db8:1:2::1").site(), net("2001:db8:2:2::1").site());
        assert_eq!(net("192.0.2.1").site(), None);
        assert_ne!(net("192.0.2.1"), net("192.0.2.2"));
        assert_eq!(net("192.0.2.1"), net("::ffff:192.0.2.1"), "the same peer on a socket of both kinds");
    }

    #[test]
    fn ranges_hold_what_begins_alike() {
        for (range, address, holds) in [
            ("127.0.0.0/8", "127.9.9.9", true),
            ("127.0.0.0/8", "128.0.0.1", false),
            ("127.0.0.0/8", "::ffff:127.0.0.1", true),
            ("127.0.0.0/8", "::1", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.6", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("::/0", "2001:db8::1", true),
            ("::/0", "203.0.113.9", false),
            ("::1", "::1", true),
            ("2001:db8::/33", "2001:db8:7fff::1", true),
            ("2001:db8::/33", "2001:db8:8000::1", false),
        ] {
            let parsed: Range = range.parse().unwrap();
            assert_eq!(parsed.contains(address.parse().unwrap()), holds, "{address} in {range}");
            assert_eq!(parsed.to_string(), range);
        }
        for bad in ["", "localhost", "1.2.3.4/33", "::/129", "1.2.3.4/", "1.2.3.4/-1"] {
            bad.parse::<Range>().unwrap_err();
        }
    }
}
