//! What each command takes, and what it does not.

use crate::line::command::commands;
use crate::line::input::Input;

fn asked(line: &str) -> String {
    match Input::parse(line) {
        Input::Ask(ask) => format!("{ask:?}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn commands_and_what_they_take() {
    for (line, expected) in [
        ("/join #tea", r##"Join { room: "#tea", password: None }"##),
        ("/join #tea word", r##"Join { room: "#tea", password: Some("word") }"##),
        ("/leave", "Leave(None)"),
        ("/create #tea private", r##"Create { room: "#tea", access: Private }"##),
        ("/read 12", "Read(Some(12))"),
        ("/in #tea hello  there", r##"In { room: "#tea", text: "hello  there" }"##),
        ("/reply 12 yes", r#"Reply { number: 12, text: "yes" }"#),
        ("/reply #12 yes", r#"Reply { number: 12, text: "yes" }"#),
        ("/delete 12", r#"Delete { number: 12, reason: "" }"#),
        ("/unreact 12 👍", r#"React { number: 12, emoji: "👍", on: false }"#),
        ("/ban bob 2h was rude", r#"Ban { who: "bob", time: Some(7200000), reason: "was rude" }"#),
        ("/ban bob was rude", r#"Ban { who: "bob", time: None, reason: "was rude" }"#),
        ("/ban 10.0.0.0/8", r#"Ban { who: "10.0.0.0/8", time: None, reason: "" }"#),
        ("/role bob moderator", r#"Role { user: "bob", role: Moderator }"#),
        ("/set slow 0", "Set(Slow(0))"),
        ("/set slow 30", "Set(Slow(30))"),
        ("/set limit -", "Set(Limit(None))"),
        ("/set keep-for 2d", "Set(KeepFor(Some(172800000)))"),
        ("/set password hush", "Set(Password(Some(Hidden(…))))"),
        ("/set archived on", "Set(Archived(true))"),
        ("/purge bob", r#"Purge { user: "bob", time: None, yes: false }"#),
        ("/purge bob 2h yes", r#"Purge { user: "bob", time: Some(7200000), yes: true }"#),
        ("/register secret", "Register(Hidden(…))"),
        ("/login bob secret", "Login { user: \"bob\", password: Hidden(…) }"),
        ("/topic", "Topic(None)"),
        ("/topic tea and cake ", r#"Topic(Some("tea and cake"))"#),
        ("/ids 500", "Ids(100)"),
        ("/since 2h", "Since(7200000)"),
    ] {
        assert_eq!(asked(line), expected, "{line}");
    }
}

#[test]
fn what_a_command_does_not_take_is_answered_with_its_usage() {
    for line in [
        "/join",
        "/join #a b c",
        "/leave a b",
        "/create #a maybe",
        "/read x",
        "/in #tea",
        "/reply 12",
        "/reply x y",
        "/reply 0 x",
        "/react 12",
        "/react 12 a b",
        "/role bob king",
        "/set",
        "/set slow",
        "/set slow x",
        "/set nothing 1",
        "/purge bob 2x",
        "/purge bob yes 2h",
        "/since 5",
        "/since 99999999999w",
        "/register",
        "/register two words",
        "/around 99999999999999999999999",
        "/profile",
    ] {
        assert!(asked(line).starts_with("Usage("), "{line}: {}", asked(line));
    }
}

#[test]
fn every_command_has_a_word_of_its_own_and_usage_that_names_it() {
    let mut words: Vec<_> = commands().map(|command| command.word).collect();
    for command in commands() {
        assert!(command.usage.starts_with(&format!("Usage: /{}", command.word)), "{}", command.usage);
        assert!(command.about.ends_with('.'), "{}", command.word);
    }
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), commands().count());
}
