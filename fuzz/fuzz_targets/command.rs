//! Any line after a slash is some command; what it asks for is a deed, a question or a no, and its deed travels and reads back.
#![no_main]

use chatroom_model::{Deed, LOBBY, Millis};
use chatroom_wire::line::deed::deed;
use chatroom_wire::line::input::Input;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &str| {
    let Input::Ask(ask) = Input::parse(line) else { return };
    let Ok(Some(deed)) = deed(&ask, LOBBY, Millis(1_800_000_000_000)) else { return };
    let _ = (deed.needs(), deed.room());
    let form = serde_json::to_string(&deed).expect("plain data always has a JSON form");
    assert_eq!(serde_json::from_str::<Deed>(&form).expect("what we write can be read"), deed);
});
