//! Frames of a WebSocket: those of the RFC, every error where it is first known, and messages in whatever pieces.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use chatroom_wire::websocket::{
    CONTROL_BYTES, FRAGMENTS_MAX, MESSAGE_BYTES, Message, Reader, Wrong, accept, close, head, is_close_code,
    masked, ping, pong, sent, text,
};
use proptest::prelude::*;

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A client's frame.
fn frame(first: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    match bytes.len() {
        short @ 0..=125 => out.push(0x80 | short as u8),
        middle @ 126..=0xffff => {
            out.push(0xfe);
            out.extend((middle as u16).to_be_bytes());
        }
        long => {
            out.push(0xff);
            out.extend((long as u64).to_be_bytes());
        }
    }
    out.extend(MASK);
    out.extend(bytes.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    out
}

/// What was read, kept.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Read {
    Text(String),
    Ping(Vec<u8>),
    Pong,
    Close(Option<u16>),
    Wrong(Wrong),
}

/// Everything that is read of bytes that come in chunks of such lengths, over and over.
fn read(bytes: &[u8], cuts: &[usize]) -> Vec<Read> {
    let (mut reader, mut found, mut bytes) = (Reader::default(), Vec::new(), bytes);
    for cut in cuts.iter().cycle() {
        if bytes.is_empty() {
            break;
        }
        let (mut chunk, after) = bytes.split_at((*cut).clamp(1, bytes.len()));
        bytes = after;
        loop {
            found.push(match reader.next_message(&mut chunk) {
                Ok(Some(Message::Text(text))) => Read::Text(text.into()),
                Ok(Some(Message::Ping(bytes))) => Read::Ping(bytes.into()),
                Ok(Some(Message::Pong)) => Read::Pong,
                Ok(Some(Message::Close(code))) => Read::Close(code),
                Ok(None) => break,
                Err(wrong) => Read::Wrong(wrong),
            });
        }
        assert!(chunk.is_empty() && reader.held() <= MESSAGE_BYTES + CONTROL_BYTES);
    }
    let ends = |read: &Read| matches!(read, Read::Wrong(_) | Read::Close(_));
    assert_eq!(reader.is_over(), found.iter().any(ends));
    if reader.is_over() {
        assert_eq!(reader.held(), 0);
    }
    found
}

fn reads(bytes: &[u8], expected: &[Read]) {
    for cuts in [&[usize::MAX][..], &[1], &[2, 3]] {
        assert_eq!(read(bytes, cuts), expected, "{cuts:?} of {}", bytes.escape_ascii());
    }
}

/// An error is known with its last byte, and not before; nothing behind it is read.
fn fails(bytes: &[u8], wrong: Wrong) {
    reads(bytes, &[Read::Wrong(wrong)]);
    reads(&[bytes, &frame(0x81, b"more")].concat(), &[Read::Wrong(wrong)]);
    reads(&bytes[..bytes.len() - 1], &[]);
}

fn hello() -> Read {
    Read::Text("Hello".into())
}

#[test]
fn the_examples_of_the_rfc_are_read_and_written() {
    // 5.7, as a client sends them.
    reads(b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", &[hello()]);
    reads(b"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", &[Read::Pong]);
    reads(&frame(0x89, b"Hello"), &[Read::Ping(b"Hello".into())]);
    reads(&[frame(0x01, b"Hel"), frame(0x80, b"lo")].concat(), &[hello()]);
    // And as a server does.
    let mut out = Vec::new();
    text(&mut out, "Hello");
    pong(&mut out, b"Hello");
    ping(&mut out);
    assert_eq!(out, b"\x81\x05Hello\x8a\x05Hello\x89\x00");
    assert_eq!(head(256).as_ref(), b"\x81\x7e\x01\x00");
    assert_eq!(head(65536).as_ref(), b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00");
    assert_eq!((head(125).as_ref(), head(126).as_ref()), (&b"\x81\x7d"[..], &b"\x81\x7e\x00\x7e"[..]));
    // 1.3
    assert_eq!(accept("dGhlIHNhbXBsZSBub25jZQ==").as_deref(), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
}

#[test]
fn a_key_is_sixteen_bytes_in_base64() {
    assert!(accept("AAAAAAAAAAAAAAAAAAAAAA==").is_some());
    assert!(accept("AAAAAAAAAAAAAAAAAAAAAB==").is_some(), "bits that say nothing");
    for bad in
        ["", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA ==", "é"]
    {
        assert_eq!(accept(bad), None, "{bad}");
    }
}

#[test]
fn control_frames_may_stand_between_fragments() {
    let bytes = [
        frame(0x01, b"He"),
        frame(0x89, b"?"),
        frame(0x00, b""),
        frame(0x8a, b""),
        frame(0x80, b"llo"),
        frame(0x81, b""),
    ];
    reads(&bytes.concat(), &[Read::Ping(b"?".into()), Read::Pong, hello(), Read::Text(String::new())]);
}

#[test]
fn what_is_not_as_the_protocol_has_it_ends_the_connection_as_soon_as_it_is_known() {
    for (bytes, wrong) in [
        (&b"\xc1"[..], Wrong::Reserved),
        (b"\xa1", Wrong::Reserved),
        (b"\x91", Wrong::Reserved),
        (b"\x83", Wrong::Opcode),
        (b"\x8b", Wrong::Opcode),
        (b"\x8f", Wrong::Opcode),
        (b"\x82", Wrong::Binary),
        (b"\x02", Wrong::Binary),
        (b"\x81\x05", Wrong::Unmasked),
        (b"\x89\x00", Wrong::Unmasked),
        (b"\x09\x80", Wrong::Control),
        (b"\x08\x80", Wrong::Control),
        (b"\x89\xfe", Wrong::Control),
        (b"\x8a\xff", Wrong::Control),
        (b"\x81\xfe\x00\x7d", Wrong::Length),
        (b"\x81\xff\x00\x00\x00\x00\x00\x00\xff\xff", Wrong::Length),
        (b"\x81\xff\x80\x00\x00\x00\x00\x01\x00\x00", Wrong::Length),
        (b"\x80\x80mask", Wrong::Fragment),
        (b"\x00\x80mask", Wrong::Fragment),
        (b"\x01\x80mask\x81\x80mask", Wrong::Fragment),
        (b"\x01\x80mask\x01\x80mask", Wrong::Fragment),
    ] {
        fails(bytes, wrong);
    }
    fails(&frame(0x81, b"\xff"), Wrong::Text);
    fails(&[frame(0x01, b"\xc3"), frame(0x80, b"\xc3")].concat(), Wrong::Text);
    fails(&frame(0x81, b"cut off \xe2\x82"), Wrong::Text);
    // A character may be cut by fragments, though.
    reads(&[frame(0x01, b"\xc3"), frame(0x80, b"\xa9")].concat(), &[Read::Text("é".into())]);
    for (wrong, code) in [
        (Wrong::Reserved, 1002),
        (Wrong::Fragment, 1002),
        (Wrong::Binary, 1003),
        (Wrong::Text, 1007),
        (Wrong::TooBig, 1009),
    ] {
        assert_eq!(wrong.code(), code);
        assert!(is_close_code(code));
    }
}

#[test]
fn limits_hold_and_one_more_is_refused_before_it_comes() {
    let control = vec![b'x'; CONTROL_BYTES];
    reads(&frame(0x89, &control), &[Read::Ping(control.clone())]);
    fails(&frame(0x89, &[&control[..], b"x"].concat())[..2], Wrong::Control);

    let most = "é".repeat(MESSAGE_BYTES / 2);
    assert_eq!(read(&frame(0x81, most.as_bytes()), &[1000]), [Read::Text(most.clone())]);
    let head = frame(0x81, &vec![b'x'; MESSAGE_BYTES + 1])[..14].to_vec();
    fails(&head, Wrong::TooBig);
    fails(b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xffmask", Wrong::TooBig);

    let whole = [frame(0x01, most.as_bytes()), frame(0x00, b""), frame(0x80, b"")].concat();
    assert_eq!(read(&whole, &[usize::MAX]), [Read::Text(most.clone())]);
    let more = [frame(0x01, most.as_bytes()), frame(0x80, b"x")].concat();
    assert_eq!(read(&more, &[usize::MAX]), [Read::Wrong(Wrong::TooBig)]);
    assert_eq!(read(&more[..more.len() - 1], &[usize::MAX]), [Read::Wrong(Wrong::TooBig)]);

    let fragments = |n: u16| {
        let between = frame(0x00, b"").repeat(usize::from(n) - 2);
        [frame(0x01, b"He"), between, frame(0x80, b"llo")].concat()
    };
    reads(&fragments(FRAGMENTS_MAX), &[hello()]);
    reads(&fragments(FRAGMENTS_MAX + 1), &[Read::Wrong(Wrong::TooBig)]);
}

#[test]
fn bytes_that_are_only_announced_take_no_storage() {
    let mut reader = Reader::default();
    let bytes = frame(0x81, &vec![b'x'; MESSAGE_BYTES]);
    let (mut some, mut rest) = bytes.split_at(200);
    assert_eq!(reader.next_message(&mut some), Ok(None));
    assert!(reader.held() < 400);
    assert!(
        matches!(reader.next_message(&mut rest), Ok(Some(Message::Text(text))) if text.len() == MESSAGE_BYTES)
    );
    assert!(reader.held() >= MESSAGE_BYTES);
    assert_eq!(reader.next_message(&mut rest), Ok(None));
    assert_eq!(reader.held(), 0);
    assert!(size_of::<Reader>() <= 104, "{}", size_of::<Reader>());
}

#[test]
fn a_farewell_has_a_code_that_may_be_said_and_a_reason() {
    let farewell = |code: u16, reason: &[u8]| frame(0x88, &[&code.to_be_bytes(), reason].concat());
    reads(&frame(0x88, b""), &[Read::Close(None)]);
    for code in [1000, 1003, 1007, 1014, 3000, 4999] {
        reads(&farewell(code, "gehört".as_bytes()), &[Read::Close(Some(code))]);
    }
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
        fails(&farewell(code, b"x"), Wrong::CloseCode);
    }
    fails(&frame(0x88, b"\x03"), Wrong::CloseCode);
    fails(&farewell(1000, b"\xff"), Wrong::Text);
    // Whatever comes behind it is passed over, also within a message.
    let bytes = [frame(0x01, b"He"), frame(0x88, b""), frame(0x80, b"llo"), vec![0xff; 9]].concat();
    reads(&bytes, &[Read::Close(None)]);

    let mut out = Vec::new();
    close(&mut out, None, "unsaid");
    close(&mut out, Some(1001), "stopping");
    assert_eq!(out, b"\x88\x00\x88\x0a\x03\xe9stopping");
    let mut out = Vec::new();
    close(&mut out, Some(1000), &"é".repeat(100));
    assert_eq!(out[..2], [0x88, 2 + 122]);
    assert!(std::str::from_utf8(&out[4..]).is_ok());
}

proptest! {
    #[test]
    fn a_message_reads_back_in_whatever_fragments_and_chunks_it_comes(
        texts in prop::collection::vec(("\\PC{0,300}", prop::collection::vec(0usize..400, 0..6), any::<bool>()), 1..5),
        cuts in prop::collection::vec(1usize..200, 1..8),
    ) {
        let (mut bytes, mut expected) = (Vec::new(), Vec::new());
        for (text, mut ends, asks) in texts {
            ends.retain(|end| *end <= text.len());
            ends.sort_unstable();
            ends.push(text.len());
            let (mut from, last) = (0, ends.len() - 1);
            for (n, end) in ends.into_iter().enumerate() {
                if asks && n > 0 {
                    bytes.extend(frame(0x89, b"between"));
                    expected.push(Read::Ping(b"between".into()));
                }
                let first = u8::from(n == 0) | if n == last { 0x80 } else { 0 };
                bytes.extend(frame(first, &text.as_bytes()[from..end]));
                from = end;
            }
            expected.push(Read::Text(text));
        }
        prop_assert_eq!(read(&bytes, &cuts), expected);
    }

    #[test]
    fn any_bytes_read_the_same_in_whatever_chunks_they_come(
        bytes in prop::collection::vec(any::<u8>(), 0..100),
        cuts in prop::collection::vec(1usize..9, 1..4),
    ) {
        prop_assert_eq!(read(&bytes, &cuts), read(&bytes, &[usize::MAX]));
    }

    #[test]
    fn what_is_written_is_what_the_head_says(text_of in "\\PC{0,200}", times in 1usize..400) {
        let said = text_of.repeat(times);
        let mut out = Vec::new();
        text(&mut out, &said);
        prop_assert_eq!(out, [head(said.len()).as_ref(), said.as_bytes()].concat());
    }
}

#[test]
fn the_other_side_writes_what_is_read_here_and_reads_what_is_written() {
    for bytes in [0, 1, 125, 126, 300, 0xffff, 0x1_0000] {
        let words = "x".repeat(bytes);
        let mut asked = Vec::new();
        masked(&mut asked, 0x81, MASK, words.as_bytes());
        assert_eq!(asked, frame(0x81, words.as_bytes()));
        let mut told = Vec::new();
        text(&mut told, &words);
        let seen = sent(&told).unwrap();
        assert_eq!((seen.first, seen.head + seen.bytes, seen.bytes), (0x81, told.len(), bytes));
        assert_eq!(sent(&told[..seen.head]), Some(seen));
        assert_eq!(sent(&told[..seen.head - 1]), None, "its head is not whole");
    }
}
