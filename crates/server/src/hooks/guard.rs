//! Where hooks may send to: addresses that anybody could reach, so that no room is a way into the network the server stands in.
//! Asks no name server and opens nothing.

use crate::limits::Range;
use axum::http::Uri;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Below this only the ports of the web itself: others are those of services that are no receivers.
const PORT_MIN: u16 = 1024;

/// Where a hook sends to.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Whether by TLS.
    pub(super) tls: bool,
    /// The host, as a name or an address without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// Host and port, as a request names them.
    pub(super) authority: String,
    /// Path and query.
    pub(super) path: String,
}

/// Why nothing may be sent there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadTarget {
    #[error("a webhook's address is one of http or https, such as https://example.org/hook")]
    Url,
    #[error("a webhook's address has no user name or password in it")]
    Userinfo,
    #[error("a webhook's port is 80, 443, or 1024 and above")]
    Port,
    /// The address itself is not told: it may be what somebody wants to learn.
    #[error("nothing is sent to that address: it is not public")]
    Address,
}

impl Target {
    /// Reads an address; one that is a number is looked at too.
    pub(crate) fn parse(url: &str, to: &[Range]) -> Result<Self, BadTarget> {
        let uri: Uri = url.parse().map_err(|_| BadTarget::Url)?;
        let tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(BadTarget::Url),
        };
        let authority = uri.authority().ok_or(BadTarget::Url)?;
        if authority.as_str().contains('@') {
            return Err(BadTarget::Userinfo);
        }
        let host = authority.host();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        // A port that cannot be read is none to `Uri`.
        let port = match (authority.port_u16(), authority.port().is_some()) {
            (Some(port), _) => port,
            (None, false) if authority.as_str().ends_with(':') => return Err(BadTarget::Port),
            (None, true) => return Err(BadTarget::Port),
            (None, false) if tls => 443,
            (None, false) => 80,
        };
        if port < PORT_MIN && port != 80 && port != 443 {
            return Err(BadTarget::Port);
        }
        let target = Self {
            tls,
            host: host.to_owned(),
            port,
            authority: authority.as_str().to_owned(),
            path: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        };
        match target.literal() {
            Some(address) if !allowed(address, to) => Err(BadTarget::Address),
            _ if host.is_empty() => Err(BadTarget::Url),
            _ => Ok(target),
        }
    }

    /// The host's address, where it is written as one.
    pub(super) fn literal(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

/// Whether something may be sent to an address: to whatever anybody could reach, and to what was set.
pub(super) fn allowed(address: IpAddr, to: &[Range]) -> bool {
    let address = address.to_canonical();
    to.iter().any(|range| range.contains(address))
        || match address {
            IpAddr::V4(address) => public4(address),
            IpAddr::V6(address) => public6(address),
        }
}

/// What the registry of special addresses of IPv4 does not list, and no cloud keeps for itself.
fn public4(address: Ipv4Addr) -> bool {
    const SPECIAL: [([u8; 4], u32); 17] = [
        ([0, 0, 0, 0], 8),        // this network, unspecified
        ([10, 0, 0, 0], 8),       // private
        ([100, 64, 0, 0], 10),    // carriers' NAT; a cloud's metadata
        ([127, 0, 0, 0], 8),      // loopback
        ([168, 63, 129, 16], 32), // a cloud's metadata
        ([169, 254, 0, 0], 16),   // link-local; most clouds' metadata
        ([172, 16, 0, 0], 12),    // private
        ([192, 0, 0, 0], 24),     // protocols' own; a cloud's metadata
        ([192, 0, 2, 0], 24),     // documentation
        ([192, 31, 196, 0], 24),  // AS112
        ([192, 52, 193, 0], 24),  // AMT
        ([192, 88, 99, 0], 24),   // relays of 6to4
        ([192, 168, 0, 0], 16),   // private
        ([198, 18, 0, 0], 15),    // benchmarks
        ([198, 51, 100, 0], 24),  // documentation
        ([203, 0, 113, 0], 24),   // documentation
        ([224, 0, 0, 0], 3),      // multicast, reserved, broadcast
    ];
    let bits = address.to_bits();
    !SPECIAL.iter().any(|(first, length)| (Ipv4Addr::from(*first).to_bits() ^ bits) >> (32 - length) == 0)
}

/// Global unicast, less what is special in it. What carries an address of IPv4 is as good as that one.
fn public6(address: Ipv6Addr) -> bool {
    /// NAT64 (RFC 6052): where only IPv6 is spoken, all of IPv4 is behind it.
    const NAT64: (u128, u32) = (0x0064_ff9b << 96, 96);
    const GLOBAL: (u128, u32) = (0x2000 << 112, 3);
    const SPECIAL: [(u128, u32); 5] = [
        (0x2001 << 112, 23),          // protocols' own: Teredo, benchmarks, ORCHID
        (0x2001_0db8 << 96, 32),      // documentation
        (0x2002 << 112, 16),          // 6to4: an address of IPv4 is in it
        (0x2620_004f_8000 << 80, 48), // AS112
        (0x3fff << 112, 20),          // documentation
    ];
    let bits = address.to_bits();
    let is_in = |(first, length): (u128, u32)| (first ^ bits) >> (128 - length) == 0;
    if is_in(NAT64) {
        return public4(Ipv4Addr::from_bits(bits as u32));
    }
    is_in(GLOBAL) && !SPECIAL.into_iter().any(is_in)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(text: &str) -> Vec<Range> {
        text.split_whitespace().map(|range| range.parse().unwrap()).collect()
    }

    #[test]
    fn only_what_anybody_could_reach_is_sent_to() {
        for (address, may) in [
            ("1.1.1.1", true),
            ("93.184.216.34", true),
            ("9.255.255.255", true),
            ("11.0.0.0", true),
            ("100.63.255.255", true),
            ("100.128.0.0", true),
            ("172.15.255.255", true),
            ("172.32.0.0", true),
            ("192.167.255.255", true),
            ("198.17.255.255", true),
            ("198.20.0.0", true),
            ("223.255.255.255", true),
            ("0.0.0.0", false),
            ("0.1.2.3", false),
            ("10.0.0.1", false),
            ("10.255.255.255", false),
            ("100.64.0.0", false),
            ("100.100.100.200", false),
            ("100.127.255.255", false),
            ("127.0.0.1", false),
            ("127.255.255.254", false),
            ("168.63.129.16", false),
            ("169.254.0.1", false),
            ("169.254.169.254", false),
            ("172.16.0.0", false),
            ("172.31.255.255", false),
            ("192.0.0.192", false),
            ("192.0.2.7", false),
            ("192.88.99.1", false),
            ("192.168.0.1", false),
            ("198.18.0.1", false),
            ("198.19.255.255", false),
            ("198.51.100.7", false),
            ("203.0.113.7", false),
            ("224.0.0.1", false),
            ("239.255.255.250", false),
            ("240.0.0.1", false),
            ("255.255.255.255", false),
            ("2606:4700::1111", true),
            ("2a00:1450::1", true),
            ("::", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:10.0.0.1", false),
            ("::ffff:1.1.1.1", true),
            ("::127.0.0.1", false),
            ("::1.1.1.1", false),
            ("64:ff9b::127.0.0.1", false),
            ("64:ff9b::169.254.169.254", false),
            ("64:ff9b::1.1.1.1", true),
            ("64:ff9b:1::1.1.1.1", false),
            ("100::1", false),
            ("2001::1", false),
            ("2001:0:4136:e378:8000:63bf:3fff:fdd2", false),
            ("2001:2::1", false),
            ("2001:db8::7", false),
            ("2002:7f00:1::1", false),
            ("2002:a9fe:a9fe::1", false),
            ("3fff::1", false),
            ("5f00::1", false),
            ("fc00::1", false),
            ("fd00:ec2::254", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("ff02::1", false),
        ] {
            assert_eq!(allowed(address.parse().unwrap(), &[]), may, "{address}");
        }
    }

    #[test]
    fn what_was_set_is_sent_to_and_nothing_else_that_is_private() {
        let set = to("10.1.0.0/16 ::1");
        for (address, may) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("10.2.0.0", false),
            ("::1", true),
            ("127.0.0.1", false),
        ] {
            assert_eq!(allowed(address.parse().unwrap(), &set), may, "{address}");
        }
    }

    #[test]
    fn an_address_of_the_web_is_read_and_anything_else_is_not() {
        let home = to("127.0.0.0/8 ::1");
        for (url, tls, host, port, path) in [
            ("http://example.org", false, "example.org", 80, "/"),
            ("https://example.org/a/b?c=d", true, "example.org", 443, "/a/b?c=d"),
            ("HTTPS://example.org:8443/", true, "example.org", 8443, "/"),
            ("http://127.0.0.1:1024/x", false, "127.0.0.1", 1024, "/x"),
            ("http://[::1]:8080/x", false, "::1", 8080, "/x"),
            ("https://example.org:80", true, "example.org", 80, "/"),
        ] {
            let target = Target::parse(url, &home).unwrap_or_else(|bad| panic!("{url}: {bad}"));
            assert_eq!((target.tls, &*target.host, target.port, &*target.path), (tls, host, port, path));
        }
        for (url, bad) in [
            ("", BadTarget::Url),
            ("example.org", BadTarget::Url),
            ("/hook", BadTarget::Url),
            ("ftp://example.org", BadTarget::Url),
            ("file:///etc/passwd", BadTarget::Url),
            ("gopher://example.org", BadTarget::Url),
            ("http://", BadTarget::Url),
            ("http://exa mple.org", BadTarget::Url),
            ("http://example.org\r\nHost: x", BadTarget::Url),
            ("http://bücher.example", BadTarget::Url),
            ("http://ann@example.org", BadTarget::Userinfo),
            ("http://ann:word@example.org", BadTarget::Userinfo),
            ("http://127.0.0.1@example.org", BadTarget::Userinfo),
            ("http://example.org:22", BadTarget::Port),
            ("http://example.org:25", BadTarget::Port),
            ("http://example.org:1023", BadTarget::Port),
            ("http://example.org:0", BadTarget::Port),
            ("http://10.0.0.1/", BadTarget::Address),
            ("http://[fe80::1]/", BadTarget::Address),
            ("http://169.254.169.254/latest/meta-data", BadTarget::Address),
        ] {
            assert_eq!(Target::parse(url, &home).err(), Some(bad), "{url}");
        }
    }
}
