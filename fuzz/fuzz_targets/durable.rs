//! Whatever stands on a disk, reading it never panics; and what can be read is written as something that reads the same.
#![no_main]

use chatroom_model::durable::{read_entry, read_event, write_entry, write_event};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (data, body) = text.split_once('\t').map_or((text, None), |(data, body)| (data, Some(body)));
    if let Ok(event) = read_event(data, body) {
        let form = write_event(&event);
        let again = read_event(&form.data, form.body.as_deref()).expect("what we write can be read");
        assert_eq!(write_event(&again).data, form.data);
    }
    if let Ok(entry) = read_entry(text) {
        let form = write_entry(&entry);
        assert_eq!(write_entry(&read_entry(&form).expect("what we write can be read")), form);
    }
});
