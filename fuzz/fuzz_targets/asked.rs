//! Whatever a page asks is read or refused; what is read keeps its bounds, and is answered by the id it gave.
#![no_main]

use chatroom_wire::json::{Asked, DEPTH, ID_BYTES, Id, PATH_BYTES, answer};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|text: &str| {
    let id = match Asked::read(text) {
        Ok(asked) => {
            assert!(asked.path.starts_with('/') && asked.path.len() <= PATH_BYTES);
            assert!(!asked.path.contains(|c: char| c.is_control() || c.is_whitespace()));
            if let Some(body) = asked.body {
                // A reader that goes into it gives up at 128; a number too great for it is nothing deep.
                let read = serde_json::from_str::<Value>(body);
                assert!(read.is_ok() || read.is_err_and(|bad| !bad.to_string().contains("recursion")));
                assert!(DEPTH < 128);
            }
            Some(asked.id)
        }
        Err(refused) => {
            assert_eq!(refused.problem.status, 400);
            assert!(serde_json::from_str::<Value>(&refused.problem.to_json()).is_ok());
            refused.id
        }
    };
    let Some(id) = id else { return };
    let mut out = String::new();
    answer(&mut out, &id, 200, Some("{}"));
    let told: Value = serde_json::from_str(&out).expect("an answer is JSON");
    match id {
        Id::Number(number) => assert_eq!(told["id"], number),
        Id::Text(text) => assert!(told["id"] == *text && text.len() <= ID_BYTES),
    }
});
