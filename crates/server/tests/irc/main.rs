//! Conversations of IRC clients, and of clients of the line protocol beside them, with a real server. `UPDATE=1` writes what is
//! heard into the scripts; reviewing the difference is reviewing the behaviour.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod listeners;
mod login;
mod multiline;
mod pong;
mod proxy;
mod register;
mod rig;
mod script;
mod slow;

use std::path::{Path, PathBuf};

fn scripts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/irc/scripts");
    let mut scripts: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    scripts.sort();
    scripts
}

#[test]
fn every_conversation_goes_as_its_script_says() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut differ = Vec::new();
    for path in scripts() {
        let text = std::fs::read_to_string(&path).unwrap();
        let heard = script::play(&text);
        if heard == text {
            continue;
        }
        if update {
            std::fs::write(&path, heard).unwrap();
        } else {
            let first = text.lines().zip(heard.lines()).find(|(a, b)| a != b);
            differ.push(format!("{}: {first:?}", path.display()));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}
