//! Any line from a server can be heard, and what people say passes for nothing else.
#![no_main]

use chatroom_wire::line::heard::Heard;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &str| {
    Heard::parse(line);
    let text = line.trim_end_matches(['\r', '\n']);
    assert_eq!(Heard::parse(&format!("[bob]: {text}\n")), Heard::Said { from: "bob", text });
    assert_eq!(Heard::parse(&format!(" [bob]: {text}\n")), Heard::Recent { from: "bob", text });
    assert_eq!(Heard::parse(&format!("[From bob]: {text}\n")), Heard::From { sender: "bob", text });
});
