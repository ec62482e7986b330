//! The splitter: its rules on examples, its bounds, and the same answer however the bytes are cut.

use chatroom_wire::framing::{Framed, LineSplitter, MAX_LINE};
use proptest::prelude::*;

/// All that a splitter answers to chunks; `None` stands for a line too long.
fn split<'c>(chunks: impl IntoIterator<Item = &'c [u8]>) -> (Vec<Option<String>>, LineSplitter) {
    let mut splitter = LineSplitter::default();
    let mut found = Vec::new();
    for chunk in chunks {
        let mut rest = chunk;
        while let Some(framed) = splitter.next_line(&mut rest) {
            found.push(owned(framed));
        }
        assert!(rest.is_empty());
        assert!(splitter.held() <= MAX_LINE, "holds {}", splitter.held());
    }
    (found, splitter)
}

fn owned(framed: Framed<'_>) -> Option<String> {
    match framed {
        Framed::Line(line) => Some(line.into()),
        Framed::TooLong => None,
    }
}

#[track_caller]
fn check(bytes: impl AsRef<[u8]>, expected: &[&str]) {
    let bytes = bytes.as_ref();
    let expected: Vec<_> = expected.iter().map(|line| Some(String::from(*line))).collect();
    assert_eq!(split([bytes]).0, expected, "all at once");
    assert_eq!(split(bytes.chunks(1)).0, expected, "byte by byte");
}

#[test]
fn line_ends() {
    check("a\nb\r\n\n\r\nc", &["a", "b", "", ""]);
    check("twice\r\r\n", &["twice"]);
    check("over\rwrite\r\n", &["over write"]);
    check("split\r\0\n", &["split"]);
}

#[test]
fn what_is_no_text_is_dropped_or_mended() {
    check("n\0u\0l\0\n", &["nul"]);
    check(b"caf\xe9\n", &["caf\u{fffd}"]);
    check(b"caf\xc3\n\xa9\n", &["caf\u{fffd}", "\u{fffd}"]);
    check("tab\tand \x1b[31mcolour\n", &["tab\tand \x1b[31mcolour"]); // `text::clean` is for these.
}

#[test]
fn telnet_negotiation_is_dropped() {
    check(b"\xff\xfb\x1f\xff\xfd\x03alice\r\n", &["alice"]);
    check(b"al\xff\xf1ice\n", &["alice"]); // NOP, a keep-alive
    check(b"\xff\xfa\x1f\x00\x0a\x00\x0a\xff\xf0alice\n", &["alice"]); // a window of 10 by 10: LF bytes inside
    check(b"\xff\xfa\x18\x00\xff\xff\xff\xf0alice\n", &["alice"]); // a doubled IAC inside
    check(b"\xff\xfa\x18\x00\xf0x\xff\xf0alice\n", &["alice"]); // SE without its IAC inside
    check(b"\xff\xfd\x0aalice\n", &["alice"]); // option 10
    check(b"\xff\xff\n", &["\u{fffd}"]);
    check(b"\xff\n\xffa\n", &["\u{fffd}", "\u{fffd}a"]); // no telnet at all
}

#[test]
fn a_line_at_the_limit_is_taken_and_one_byte_more_is_not() {
    let most = "x".repeat(MAX_LINE - 1);
    check(format!("{most}\n"), &[&most]);
    check(format!("{}\r\n", &most[1..]), &[&most[1..]]);
    for too_long in
        [format!("{most}x\nnext\n"), format!("{most}\r\nnext\n"), format!("{most}{most}{most}\nnext\n")]
    {
        let expected = [None, Some("next".into())];
        assert_eq!(split([too_long.as_bytes()]).0, expected);
        assert_eq!(split(too_long.as_bytes().chunks(1)).0, expected);
    }
}

#[test]
fn an_endless_line_is_told_at_once_and_then_costs_nothing() {
    let (found, mut splitter) = split(std::iter::repeat_n(&[b'x'; 100][..], 1000));
    assert_eq!(found, [None]);
    assert_eq!(splitter.held(), 0);
    assert_eq!(splitter.next_line(&mut &b"tail\nnext\n"[..]), Some(Framed::Line("next")));
}

#[test]
fn an_endless_subnegotiation_is_a_line_too_long() {
    let mut bytes = b"alice\xff\xfa".to_vec();
    bytes.resize(100_000, b'x');
    bytes.extend(b"\nnext\n");
    assert_eq!(split([&bytes[..]]).0, [None, Some("next".into())]);
    assert_eq!(split(bytes.chunks(1)).0, [None, Some("next".into())]);
}

#[test]
fn a_subnegotiation_at_its_limit_is_dropped_and_one_byte_more_is_a_line_too_long() {
    // 1,024 bytes after IAC SB, the closing IAC SE included.
    for (payload, expected) in [(1022, Some("alice".into())), (1023, None)] {
        let bytes = [b"\xff\xfa", &vec![b'x'; payload][..], b"\xff\xf0alice\n"].concat();
        assert_eq!(split([&bytes[..]]).0, [expected], "{payload} bytes");
    }
}

#[test]
fn keep_alives_never_add_up() {
    let keep_alives = b"\xff\xf1\0".repeat(MAX_LINE);
    assert_eq!(split([&keep_alives[..], b"here\n"]).0, [Some("here".into())]);
}

#[test]
fn nothing_is_held_between_lines() {
    let mut splitter = LineSplitter::default();
    let mut rest = &b"par"[..];
    assert_eq!(splitter.next_line(&mut rest), None);
    assert!(splitter.held() > 0);
    rest = b"tial\nwhole\n";
    assert_eq!(splitter.next_line(&mut rest), Some(Framed::Line("partial")));
    assert_eq!(rest, b"whole\n", "one can stop here");
    assert_eq!(splitter.next_line(&mut rest), Some(Framed::Line("whole")));
    assert_eq!(splitter.next_line(&mut rest), None);
    assert_eq!(splitter.held(), 0);
}

#[test]
fn a_clean_line_is_lent_and_not_copied() {
    let mut splitter = LineSplitter::default();
    let chunk = String::from("whole\r\n");
    let Some(Framed::Line(line)) = splitter.next_line(&mut chunk.as_bytes()) else { panic!("no line") };
    assert!(std::ptr::eq(line, &chunk[..5]));
}

#[test]
fn a_file_may_lack_its_last_line_end() {
    let (found, mut splitter) = split([&b"one\ntw\ro"[..]]);
    assert_eq!(found, [Some("one".into())]);
    assert_eq!(splitter.unended_line(), Some("tw o"));
    assert_eq!(splitter.unended_line(), None);
}

/// Bytes in which everything special is frequent.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[a-z ]{0,20}".prop_map(String::into_bytes),
        2 => "\\PC{0,8}".prop_map(String::into_bytes),
        4 => prop::sample::select(b"\n\n\r\0\xff\xff\xf0\xfa\xfb\xf1\xc3\xa9".to_vec()).prop_map(|byte| vec![byte]),
        2 => prop::sample::select(vec![&b"\r\n"[..], b"\xff\xfb\x01", b"\xff\xfa\x1f\n\xff\xf0", b"\xff\xff"])
            .prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..20),
        1 => (MAX_LINE - 40..MAX_LINE + 2).prop_map(|length| vec![b'x'; length]),
        1 => (1000..1060usize).prop_map(|length| [&b"\xff\xfa"[..], &vec![b'y'; length]].concat()),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn however_the_bytes_are_cut(bytes in hostile(), cuts in prop::collection::vec(1..300usize, 0..60)) {
        let whole = split([&bytes[..]]).0;
        prop_assert_eq!(&split(bytes.chunks(1)).0, &whole);
        let mut rest = &bytes[..];
        let mut chunks = Vec::new();
        for cut in cuts {
            let (chunk, after) = rest.split_at(cut.min(rest.len()));
            chunks.push(chunk);
            rest = after;
        }
        chunks.push(rest);
        prop_assert_eq!(&split(chunks).0, &whole);
    }

    #[test]
    fn a_line_is_a_line(bytes in hostile()) {
        let line_ends = bytes.iter().filter(|byte| **byte == b'\n').count();
        let (found, _) = split([&bytes[..]]);
        prop_assert!(found.iter().flatten().count() <= line_ends);
        for line in found.iter().flatten() {
            prop_assert!(!line.contains(['\r', '\n', '\0']), "{line:?}");
            prop_assert!(line.len() < 3 * MAX_LINE);
        }
    }

    #[test]
    fn clean_lines_come_out_as_they_went_in(lines in prop::collection::vec("\\PC{0,100}", 0..20), cut in 1..200usize) {
        let sent = lines.iter().map(|line| format!("{line}\r\n")).collect::<String>();
        let came = split(sent.as_bytes().chunks(cut)).0;
        prop_assert_eq!(came, lines.into_iter().map(Some).collect::<Vec<_>>());
    }
}
