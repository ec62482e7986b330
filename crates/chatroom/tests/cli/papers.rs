//! Help, completions and the manual page; and wrong usage.

use crate::program::Place;

const VERBS: [&str; 13] = [
    "server",
    "client",
    "send",
    "snapshot",
    "restore",
    "import",
    "export",
    "verify",
    "bench",
    "config",
    "check-config",
    "completions",
    "man",
];

#[test]
fn help_completions_and_manual_know_every_verb() {
    let place = Place::new();
    let help = place.run(&["--help"]).ok();
    let man = place.run(&["man"]).ok();
    for verb in VERBS {
        assert!(help.contains(&format!("\n  {verb} ")), "{verb} is not in the help: {help}");
        let section = format!("\n.SH CHATROOM {}\n", verb.to_uppercase());
        assert!(man.contains(&section), "{verb} is not in the manual");
    }
    for part in
        ["\n.SH CONFIGURATION\n", "CHATROOM_SNAPSHOTS_EVERY", "\n.SH SIGNALS\n", "\n.SH EXIT STATUS\n"]
    {
        assert!(man.contains(part), "{part} is not in the manual");
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = place.run(&["completions", shell]).ok();
        assert!(VERBS.iter().all(|verb| script.contains(verb)), "{shell}");
    }
}

#[test]
fn wrong_usage_is_two() {
    let place = Place::new();
    for wrong in
        [&["sever"][..], &["--nonsense"], &["export", "--format", "xml"], &["restore"], &["completions"]]
    {
        place.run(wrong).fails(2);
    }
    // A flag of the server before another verb would be lost without a word.
    place.run(&["--data", "x", "verify"]).fails(2);
    assert!(!place.data().exists());
}
