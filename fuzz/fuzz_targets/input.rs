//! Any line is some input, some login, some question for help and some completion; none may panic.
#![no_main]

use chatroom_wire::line::complete::complete;
use chatroom_wire::line::help::help;
use chatroom_wire::line::input::{HISTORY_MAX, Input};
use chatroom_wire::line::login::{Login, login};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &str| {
    match Input::parse(line) {
        Input::History(count) => assert!((1..=HISTORY_MAX).contains(&count)),
        Input::Text(text) => assert!(!text.trim().is_empty() && line.contains(text)),
        Input::Msg { to, text } => assert!(!to.is_empty() && !text.is_empty() && !to.contains(' ')),
        Input::Empty => assert!(line.trim().is_empty()),
        _ => {}
    }
    if let Login::Name(name) = login(line) {
        assert!(!name.is_empty());
    }
    let mut out = String::new();
    help(Some(line), &mut out);
    assert!(out.ends_with('\n'));
    let completion = complete(line, &["bob", "Ärzte", "ǅ"]);
    assert!(line.is_char_boundary(completion.start));
});
