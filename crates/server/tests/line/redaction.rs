//! P12: words that were taken away are given to nobody after that, by no path, and stand in no file.

use crate::client::{Client, Rig};
use std::path::Path;

const CANARY: &str = "CANARY-taken-away";

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// The files below a folder that hold the words.
fn files_with(folder: &Path, text: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_with(&path, text, found);
        } else if contains(&std::fs::read(&path).unwrap(), text) {
            found.push(path.display().to_string());
        }
    }
}

#[test]
fn what_was_deleted_is_given_to_nobody_and_stands_in_no_file() {
    let mut rig = Rig::start();
    let mut ann = rig.enter("ann");
    let mut away = rig.enter("dan");
    let token = away.token();
    drop(away.end());
    ann.until(|line| line == "*** dan left the chat ***");
    // They read nothing from here on, and are behind by far more than is kept for them.
    let mut slow: Vec<Client> = ["bob", "bill", "ben"].iter().map(|name| rig.enter(name)).collect();
    let filler = "x".repeat(2000);
    for n in 1..=2000 {
        ann.say(&format!("{n} {filler}"));
        if n % 20 == 0 {
            ann.settle();
        }
    }
    // For this one it waits in a short outbox.
    let mut fresh = rig.enter("eve");
    ann.ask(CANARY);
    ann.ask(&format!("/edit 2001 {CANARY} in other words"));
    ann.ask("the last words");
    // These ask for it, and do not read the answers.
    let mut asking = rig.enter("ida");
    for _ in 0..40 {
        asking.say("/ids 100");
    }
    let mut early = rig.enter("fay");
    assert!(contains(&early.heard, CANARY), "it is shown as long as it stands there");
    let gone = ann.ask("/delete 2001 a slip");
    assert!(gone.iter().any(|line| line.contains("was deleted by ann")), "{gone:?}");
    fresh.settle();
    early.settle();
    ann.ask("/msg bob END");
    ann.ask("/msg bill END");
    ann.ask("/msg ben END");

    for (n, bob) in slow.iter_mut().enumerate() {
        let lines = bob.until(|line| line == "[From ann]: END");
        assert!(!contains(&bob.heard, CANARY), "slow reader {n} is given it after it was taken away");
        let said = lines.iter().filter(|line| line.starts_with("[ann]: ")).count();
        assert_eq!(said, 2001, "and everything else, once");
        assert!(lines.iter().any(|line| line == "*** deleted ***"));
    }
    asking.settle();
    // What its kernel has taken was given before; what waited is not.
    let heard = String::from_utf8(asking.heard.clone()).unwrap();
    if let Some((_, after)) = heard.split_once("taken back meanwhile: ask again") {
        assert!(!after.contains(CANARY), "an answer that waited is given");
    }
    // Who comes new, comes back, or asks.
    let mut new = rig.enter("gus");
    let mut back = Client::connect(rig.address, token.as_bytes());
    back.settle();
    for client in [&mut new, &mut back, &mut early] {
        client.heard.clear();
        for question in ["/history 100", "/ids 100", "/around 2001", "/before 2003", "/since 1h", "/pins"] {
            client.ask(question);
        }
        assert!(contains(&client.heard, "*** deleted ***"));
        assert!(!contains(&client.heard, CANARY));
    }
    let mut newest = rig.enter("hal");
    newest.settle();
    assert!(contains(&newest.heard, "*** deleted ***") && !contains(&newest.heard, CANARY));
    rig.stop();
    let mut found = Vec::new();
    files_with(rig.folder.path(), CANARY, &mut found);
    assert!(found.is_empty(), "the words stand in {found:?}");
    files_with(rig.folder.path(), "the last words", &mut found);
    assert!(found.len() >= 2, "what was not deleted is found in the log and in a snapshot: {found:?}");
}
