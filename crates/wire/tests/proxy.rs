//! Headers of the PROXY protocol: whole, cut off at every byte, at the limit and past it, and improper.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use chatroom_wire::proxy::{BadHeader, Header, SIGNATURE, Seen, V1_MAX, V2_MAX, look};
use proptest::prelude::*;

/// A header of version 2, with so many bytes after the fixed ones.
fn version_2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
    [SIGNATURE, &[command, family][..], &length, rest].concat()
}

/// Two addresses of version 2 and two ports, and what follows them.
fn addresses(source: &str, target: &str, more: &[u8]) -> Vec<u8> {
    let octets = |text: &str| match text.parse().unwrap() {
        std::net::IpAddr::V4(v4) => v4.octets().to_vec(),
        std::net::IpAddr::V6(v6) => v6.octets().to_vec(),
    };
    [octets(source), octets(target), vec![0xc8, 0x22, 0x1a, 0x0b], more.to_vec()].concat()
}

fn whole(bytes: &[u8], source: Option<&str>) {
    let header = Header { source: source.map(|text| text.parse().unwrap()), length: bytes.len() };
    let shown = bytes.escape_ascii().to_string();
    for behind in [&b""[..], b"NICK ann\r\n", b"\r\n", &[0xff; 5000]] {
        assert_eq!(look(&[bytes, behind].concat()), Ok(Seen::Whole(header)), "{shown}");
    }
    for end in 0..bytes.len() {
        let begun = if bytes.starts_with(b"PROXY ") { 6 } else { SIGNATURE.len() };
        let expected = if end < begun { Seen::Perhaps } else { Seen::Part };
        assert_eq!(look(&bytes[..end]), Ok(expected), "{end} bytes of {shown}");
    }
}

#[test]
fn headers_say_where_a_connection_comes_from() {
    let v4 = addresses("192.0.2.7", "198.51.100.1", b"");
    let v6 = addresses("2001:db8::7", "2001:db8::1", b"");
    whole(b"PROXY TCP4 192.0.2.7 198.51.100.1 51234 6667\r\n", Some("192.0.2.7"));
    whole(b"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", Some("255.255.255.255"));
    whole(b"PROXY TCP6 2001:db8::7 2001:db8::1 0 1\r\n", Some("2001:db8::7"));
    whole(b"PROXY TCP6 ::ffff:192.0.2.7 ::1 1 1\r\n", Some("192.0.2.7"));
    whole(&version_2(0x21, 0x11, &v4), Some("192.0.2.7"));
    whole(&version_2(0x21, 0x21, &v6), Some("2001:db8::7"));
    let mapped = addresses("::ffff:192.0.2.7", "::1", b"");
    whole(&version_2(0x21, 0x21, &mapped), Some("192.0.2.7"));
    // What else a proxy tells is passed over, whether or not it is well made.
    whole(
        &version_2(0x21, 0x11, &addresses("192.0.2.7", "192.0.2.1", b"\x20\x00\x02\x01")),
        Some("192.0.2.7"),
    );
}

#[test]
fn headers_may_leave_it_open() {
    whole(b"PROXY UNKNOWN\r\n", None);
    whole(b"PROXY UNKNOWN \xff what \0 ever\r\n", None);
    let v4 = addresses("192.0.2.7", "198.51.100.1", b"");
    for family in [0x00, 0x12, 0x22, 0x31, 0x32] {
        whole(&version_2(0x21, family, &v4), None);
        whole(&version_2(0x21, family, b""), None);
    }
    // A proxy that looks whether anybody is there: the rest of what it says does not count.
    for family in [0x00, 0x11, 0x21, 0xff] {
        whole(&version_2(0x20, family, b""), None);
        whole(&version_2(0x20, family, &v4), None);
    }
}

#[test]
fn a_header_has_so_many_bytes_and_no_more() {
    let unknown = |length: usize| format!("PROXY UNKNOWN {}\r\n", "x".repeat(length - 16)).into_bytes();
    whole(&unknown(V1_MAX), None);
    assert_eq!(look(&unknown(V1_MAX + 1)), Err(BadHeader::TooLong));
    assert_eq!(look(&unknown(V1_MAX + 1)[..V1_MAX - 1]), Ok(Seen::Part));
    assert_eq!(look(&unknown(V1_MAX + 1)[..V1_MAX]), Err(BadHeader::TooLong), "without waiting for more");
    let of =
        |length: usize| version_2(0x21, 0x11, &addresses("192.0.2.7", "192.0.2.1", &vec![0; length - 28]));
    whole(&of(V2_MAX), Some("192.0.2.7"));
    assert_eq!(look(&of(V2_MAX + 1)), Err(BadHeader::TooLong));
    assert_eq!(look(&of(V2_MAX + 1)[..16]), Err(BadHeader::TooLong), "without waiting for more");
}

#[test]
fn improper_headers_are_told_apart_from_none() {
    for line in [
        "PROXY \r\n",
        "PROXY TCP4\r\n",
        "PROXY TCP5 192.0.2.7 192.0.2.1 1 1\r\n",
        "PROXY tcp4 192.0.2.7 192.0.2.1 1 1\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 1 1\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 1 1\r\r\n",
        "PROXY  TCP4 192.0.2.7 192.0.2.1 1 1\r\n",
        "PROXY TCP4 192.0.2.7  192.0.2.1 1 1\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 1 1 \r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 1 1 1\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 1\r\n",
        "PROXY TCP4 192.0.2.07 192.0.2.1 1 1\r\n",
        "PROXY TCP4 192.0.2.256 192.0.2.1 1 1\r\n",
        "PROXY TCP4 192.0.2 192.0.2.1 1 1\r\n",
        "PROXY TCP4 192.0.2.7 nowhere 1 1\r\n",
        "PROXY TCP4 2001:db8::7 2001:db8::1 1 1\r\n",
        "PROXY TCP6 192.0.2.7 192.0.2.1 1 1\r\n",
        "PROXY TCP6 fe80::1%eth0 ::1 1 1\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 65536 1\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 1 01\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 00 1\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 +1 1\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 -1 1\r\n",
        "PROXY UNKNOWNS\r\n",
        "PROXY unknown\r\n",
        "PROXY fußgänger\r\n",
    ] {
        assert_eq!(look(line.as_bytes()), Err(BadHeader::Line), "{line:?}");
    }
    let v4 = addresses("192.0.2.7", "198.51.100.1", b"");
    let v6 = addresses("2001:db8::7", "2001:db8::1", b"");
    for command in [0x00, 0x01, 0x10, 0x11, 0x22, 0x2f, 0x31, 0xff] {
        assert_eq!(look(&version_2(command, 0x11, &v4)), Err(BadHeader::Command), "{command:#x}");
    }
    for family in [0x01, 0x02, 0x10, 0x13, 0x20, 0x23, 0x30, 0x33, 0x41, 0xff] {
        assert_eq!(look(&version_2(0x21, family, &v6)), Err(BadHeader::Family), "{family:#x}");
    }
    for length in 0..v4.len() {
        assert_eq!(look(&version_2(0x21, 0x11, &v4[..length])), Err(BadHeader::TooShort), "{length}");
    }
    for length in 0..v6.len() {
        assert_eq!(look(&version_2(0x21, 0x21, &v6[..length])), Err(BadHeader::TooShort), "{length}");
    }
}

#[test]
fn what_others_say_first_is_no_header() {
    for bytes in [
        &b"NICK ann\r\n"[..],
        b"PROXY",
        b"PROXYS\n",
        b"PROXY\n",
        b"proxy TCP4 192.0.2.7 192.0.2.1 1 1\r\n",
        b"PRI * HTTP/2.0\r\n",
        b" PROXY UNKNOWN\r\n",
        b"\r\nPROXY UNKNOWN\r\n",
        b"\r\n\r\n\r\n",
        b"\n",
        b"\x16\x03\x01",
    ] {
        let expected = if bytes == b"PROXY" { Seen::Perhaps } else { Seen::Nothing };
        assert_eq!(look(bytes), Ok(expected), "{:?}", bytes.escape_ascii().to_string());
    }
    assert_eq!(look(b""), Ok(Seen::Perhaps));
}

/// Bytes that come near to a header.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        Just(b"PROXY TCP4 192.0.2.7 192.0.2.1 1 1\r\n".to_vec()),
        Just(b"PROXY UNKNOWN".to_vec()),
        Just(version_2(0x21, 0x11, &addresses("192.0.2.7", "192.0.2.1", b""))),
        Just(version_2(0x21, 0x21, &addresses("2001:db8::7", "2001:db8::1", b""))),
    ];
    let bytes = proptest::collection::vec(any::<u8>(), 0..200);
    (word, any::<prop::sample::Index>(), bytes).prop_map(|(word, at, bytes)| {
        let at = at.index(word.len() + 1);
        [&word[..at], &bytes, &word[at..]].concat()
    })
}

proptest! {
    #[test]
    fn what_is_decided_stays_so(bytes in nearly()) {
        let mut before = Ok(Seen::Perhaps);
        for end in 0..=bytes.len() {
            let now = look(&bytes[..end]);
            match before {
                Ok(Seen::Perhaps) => {}
                Ok(Seen::Part) => prop_assert!(!matches!(now, Ok(Seen::Nothing | Seen::Perhaps))),
                decided => prop_assert_eq!(decided, now),
            }
            if let Ok(Seen::Whole(header)) = now {
                prop_assert!(header.length <= end && header.length <= V2_MAX);
            }
            before = now;
        }
    }

    #[test]
    fn what_is_written_reads_back(source: std::net::IpAddr, port: u16, behind in proptest::collection::vec(any::<u8>(), 0..40)) {
        let kind = if source.is_ipv4() { "TCP4" } else { "TCP6" };
        let line = format!("PROXY {kind} {source} {source} {port} {port}\r\n");
        prop_assert!(line.len() <= V1_MAX);
        let family = if source.is_ipv4() { 0x11 } else { 0x21 };
        let bytes = version_2(0x21, family, &addresses(&source.to_string(), &source.to_string(), &behind));
        for header in [line.into_bytes(), bytes] {
            let expected = Header { source: Some(source.to_canonical()), length: header.len() };
            prop_assert_eq!(look(&[&header[..], &behind].concat()), Ok(Seen::Whole(expected)));
        }
    }
}
