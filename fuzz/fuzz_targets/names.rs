//! Any text is a name or is refused; what is a name reads back, and so do mentions, rooms and masks.
#![no_main]

use chatroom_model::{MENTIONS_MAX, Mask, Name, RoomName, mentions};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(name) = Name::parse(text) {
        assert_eq!(Name::kept(name.as_str()).key(), name.key());
        assert!(!name.skeleton().is_empty());
        assert!(!name.as_str().chars().any(|c| c.is_control() || c.is_whitespace()));
    }
    if let Ok(room) = RoomName::parse(text) {
        assert_eq!(RoomName::kept(room.as_str()), room);
        assert!(room.as_str().starts_with('#'));
    }
    if let Ok(mask) = Mask::parse(text) {
        assert_eq!(Mask::parse(&mask.to_string()).ok().as_ref(), Some(&mask), "{mask}");
    }
    assert!(mentions(text).keys.len() <= MENTIONS_MAX);
});
