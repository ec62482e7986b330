//! First bytes and what they decide; decisions that stay, and refusals each client understands.

use chatroom_wire::opening::{
    LATE_HTTP, MAX_OPENING, Opening, Protocol, looks_like_http, looks_like_irc, refusal,
};
use proptest::prelude::*;

#[test]
fn first_bytes_decide() {
    use Protocol::*;
    for (bytes, expected) in [
        (&b"\x16\x03\x01\x02\x00\x01"[..], Tls),
        (b"\x16alice\n", Line),
        (b"GET / HTTP/1.1\r\n", Http),
        (b"GET /a-path-that-goes-on", Http),
        (b"POST /hooks/x HTTP/1.0\r\n", Http),
        (b"OPTIONS * HTTP/1.1\r\n", Http),
        (b"CONNECT example.org:443 HTTP/1.1\r\n", Http),
        (b"GET http://example.org/ HTTP/1.1\r\n", Http),
        (b"PROPFIND /x HTTP/1.1\r\n", Http),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Http2),
        (b"CAP LS 302\r\n", Irc),
        (b"nick alice\r\n", Irc),
        (b"User a 0 * :a\r\n", Irc),
        (b"PASS secret\r\n", Irc),
        (b"SSH-2.0-OpenSSH_9.9\r\n", Ssh),
        (b"SSH-fan\n", Line),
        (b"alice\n", Line),
        (b"nick\n", Line),
        (b"GET\r\n", Line),
        (b"GET lost\n", Line),
        (b"\n", Line),
        (b" ", Line),
        (b"\xff\xfb\x1f", Line),
        ("Ärzte".as_bytes(), Line),
        (b"reconnect:alice:0123456789abcdef0123456789abcdef\n", Line),
    ] {
        assert_eq!(
            Opening::detect(bytes),
            Opening::Decided(expected),
            "{:?}",
            bytes.escape_ascii().to_string()
        );
    }
    for begun in
        ["", "\x16", "G", "GET ", "NIC", "alice", "SSH", "SSH-2.", "PRI * HTTP/2.0\r", "FOO /bar HTTP/"]
    {
        assert_eq!(Opening::detect(begun.as_bytes()), Opening::NeedMore, "{begun:?}");
    }
}

#[test]
fn the_look_ahead_is_bounded() {
    let endless = [b'x'; MAX_OPENING];
    assert_eq!(Opening::detect(&endless[1..]), Opening::NeedMore);
    assert_eq!(Opening::detect(&endless), Opening::Decided(Protocol::Line));
}

#[test]
fn a_first_line_after_the_prompt_may_still_tell() {
    for line in ["GET / HTTP/1.1", "POST /x HTTP/1.1", "foo /x HTTP/1.1", "PRI * HTTP/2.0"] {
        assert!(looks_like_http(line), "{line}");
    }
    assert!(looks_like_http(&format!("FOO /{} HTTP/1.1", "x".repeat(2 * MAX_OPENING))));
    for line in ["CAP LS", "NICK alice", "nick alice", "USER a 0 * :a", "PASS x"] {
        assert!(looks_like_irc(line), "{line}");
        assert!(!looks_like_http(line), "{line}");
    }
    for name in ["alice", "Nick", "user", "GET", "cap", "", "reconnect:alice:00"] {
        assert!(!looks_like_http(name) && !looks_like_irc(name), "{name}");
    }
}

#[test]
fn the_http_refusals_are_whole_responses() {
    for (response, status) in [(refusal(Protocol::Http), "404 Not Found"), (LATE_HTTP, "408 Request Timeout")]
    {
        let (head, body) = std::str::from_utf8(response).unwrap().split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with(&format!("HTTP/1.1 {status}\r\n")));
        assert!(head.contains(&format!("\r\ncontent-length: {}\r\n", body.len())), "body has {}", body.len());
        for header in ["connection: close", "x-content-type-options: nosniff", "content-type: text/plain"] {
            assert!(head.contains(&format!("\r\n{header}")), "{header}");
        }
    }
}

#[test]
fn each_refusal_is_in_its_own_language() {
    assert_eq!(refusal(Protocol::Line), b"");
    for (protocol, start) in [(Protocol::Irc, "ERROR :"), (Protocol::Ssh, "SSH is")] {
        let line = std::str::from_utf8(refusal(protocol)).unwrap();
        assert!(line.starts_with(start) && line.ends_with("\r\n") && line.lines().count() == 1, "{line:?}");
    }
    // RFC 4253, 4.2: a line before the version must not begin with `SSH-`.
    assert!(!refusal(Protocol::Ssh).starts_with(b"SSH-"));
    let [21, 3, 3, high, low, alert @ ..] = refusal(Protocol::Tls) else { panic!("not an alert record") };
    assert_eq!(usize::from(u16::from_be_bytes([*high, *low])), alert.len());
    assert_eq!(alert, [2, 40]);
    let mut frames = refusal(Protocol::Http2);
    let mut kinds = Vec::new();
    while let [a, b, c, kind, _flags, _, _, _, _, rest @ ..] = frames {
        kinds.push(*kind);
        frames = &rest[u32::from_be_bytes([0, *a, *b, *c]) as usize..];
    }
    assert_eq!((kinds, frames), (vec![4, 7], &[][..]));
}

fn opening() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(vec![
        "GET", "POST", "FOO", "PRI", "CAP", "nick", "USER", "SSH-2.0-", " ", " ", "/", "*", "HTTP/1.1",
        "HTTP/2.0", "\r\n", "\n", "\x16", "\x03", "alice", "é",
    ]);
    prop_oneof![
        prop::collection::vec(word, 0..8).prop_map(|words| words.concat().into_bytes()),
        prop::collection::vec(any::<u8>(), 0..40),
    ]
}

proptest! {
    #[test]
    fn a_decision_stays(bytes in opening(), more in opening()) {
        let decided = Opening::detect(&bytes);
        if decided != Opening::NeedMore {
            prop_assert_eq!(Opening::detect(&[bytes, more].concat()), decided);
        }
    }

    #[test]
    fn any_line_end_decides(bytes in opening()) {
        let line = [&bytes[..], b"\n\n"].concat();
        prop_assert_ne!(Opening::detect(&line), Opening::NeedMore);
    }
}
