//! Any text is some markup; what it is rendered to never acts on a terminal but by our own styles.
#![no_main]

use chatroom_wire::markup::{ansi, parse, plain};
use chatroom_wire::text::acts;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let nodes = parse(text);
    let shown = plain(&nodes);
    assert!(!shown.chars().any(|c| c != '\n' && acts(c)), "{shown:?}");
    assert_eq!(ansi(&nodes, false), shown);
    let mut coloured = ansi(&nodes, true);
    // Our own styles are `ESC [ digits m`; without them nothing acts either.
    while let Some(at) = coloured.find("\u{1b}[") {
        let end = coloured[at + 2..].find('m').expect("a style ends with m") + at + 2;
        assert!(coloured[at + 2..end].bytes().all(|b| b.is_ascii_digit() || b == b';'));
        coloured.replace_range(at..=end, "");
    }
    assert!(!coloured.chars().any(|c| c != '\n' && acts(c)), "{coloured:?}");
});
