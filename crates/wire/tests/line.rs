//! The line protocol: conversations of both servers as a client hears them, and properties over any line.

use chatroom_wire::line::command::commands;
use chatroom_wire::line::complete::complete;
use chatroom_wire::line::heard::{Heard, Manner, Said};
use chatroom_wire::line::help;
use chatroom_wire::line::id::{Hex, Uuid, parse_hex, parse_uuid};
use chatroom_wire::line::input::{HISTORY_MAX, Input, Sendable};
use chatroom_wire::line::login::{Login, login};
use chatroom_wire::line::words;
use chatroom_wire::text::{acts, clean};
use proptest::prelude::*;

const TOKEN: [u8; 16] = [0x5a; 16];

#[track_caller]
fn heard(line: &str, expected: Heard<'_>) {
    for end in ["", "\n", "\r\n"] {
        assert_eq!(Heard::parse(&format!("{line}{end}")), expected, "{line:?}");
    }
}

#[test]
fn the_original_server_is_understood() {
    let token = Hex(TOKEN);
    heard("Enter username (or 'reconnect:<username>:<token>' to reconnect): ", Heard::Prompt);
    heard(&format!("Your reconnect token: {token}"), Heard::YourToken { token: TOKEN });
    heard(&format!("Tip: Save this reconnect token: {token}"), Heard::YourToken { token: TOKEN });
    for before in ["   Save this to reconnect: ", "   To reconnect later: ", "   "] {
        let line = format!("{before}reconnect:alice:{token}");
        heard(&line, Heard::TokenLine { user: "alice", token: TOKEN });
    }
    heard("Your reconnect token:", Heard::Other);
    heard("   Use this to reconnect if you disconnect.", Heard::Other);
    heard("Welcome back, alice!", Heard::WelcomeBack { user: "alice" });
    heard("Welcome, alice!", Heard::Welcome { user: "alice" });
    heard("Invalid reconnect token or session expired. ", Heard::BadToken);
    heard("Invalid reconnect format. Use: reconnect:<username>:<token> ", Heard::MalformedReconnect);
    heard("Username already connected, Use reconnect if you lost connection", Heard::NameInUse);
    heard("Commands:", Heard::Other);
    heard("  /users - List all users", Heard::Other);
    heard("Recent messages: ", Heard::RecentFollow);
    heard(" [bob]: hello: you", Heard::Recent { from: "bob", text: "hello: you" });
    heard("*** bob joined the chat ***", Heard::Joined { user: "bob" });
    heard("*** bob left the chat ***", Heard::Left { user: "bob" });
    heard("bob left the chat", Heard::Other); // The original says it twice; once counts.
    heard("[bob]: hello [x]: y", Heard::Said { from: "bob", text: "hello [x]: y" });
    heard("[From bob]: psst", Heard::From { sender: "bob", text: "psst" });
    heard("Message sent to bob", Heard::SentTo { user: "bob", away: false });
    heard("User 'bob' not found", Heard::NoSuchUser { user: "bob" });
    heard("Can't message yourself!", Heard::NotYourself);
    heard("Unknown: /id", Heard::Unknown { word: "id" });
    heard("Goodbye!", Heard::Goodbye);
    heard("  - bob (idle)", Heard::Other);
    heard("", Heard::Other);
}

#[test]
fn our_server_says_more() {
    let id = Uuid(TOKEN);
    heard("Missed messages:", Heard::MissedFollow);
    heard("Message sent to bob (away, will be delivered)", Heard::SentTo { user: "bob", away: true });
    heard("Not sent: the disk is full", Heard::NotSent { id: None, reason: "the disk is full" });
    heard(&format!("Not sent {id}: too: long"), Heard::NotSent { id: Some(TOKEN), reason: "too: long" });
    heard("Not confirmed: later", Heard::NotConfirmed { id: None, reason: "later" });
    heard(&format!("Not confirmed {id}: later"), Heard::NotConfirmed { id: Some(TOKEN), reason: "later" });
    heard("Not sent nonsense: x", Heard::Other);
    heard("Not sentimental: x", Heard::Other);
    heard("Closing: no progress for 2 minutes", Heard::Closing { reason: "no progress for 2 minutes" });
    heard("Server is shutting down.", Heard::ShuttingDown);
    heard("Invalid username: it has a space", Heard::BadName { reason: "it has a space" });
    heard(words::NAME_HELD, Heard::NameHeld);
    heard("Line too long (at most 8192 bytes)", Heard::LineTooLong);
}

#[test]
fn rooms_actions_and_answers_are_understood() {
    let said = |room, from, manner, text| Said { room, from, manner, text };
    let (tea, bob) = (Some("#tea"), "bob");
    heard("#tea [bob]: hi #x [y]: z", Heard::SaidIn(said(tea, bob, Manner::Plain, "hi #x [y]: z")));
    heard("#tea * bob waves", Heard::SaidIn(said(tea, bob, Manner::Action, "waves")));
    heard(
        "* bob waves at *** all ***",
        Heard::SaidIn(said(None, bob, Manner::Action, "waves at *** all ***")),
    );
    heard("[bob re 12]: yes", Heard::SaidIn(said(None, bob, Manner::Reply(12), "yes")));
    heard("#tea [bob re 12]: yes", Heard::SaidIn(said(tea, bob, Manner::Reply(12), "yes")));
    heard(" #tea [bob]: before", Heard::RecentIn(said(tea, bob, Manner::Plain, "before")));
    heard(" * bob waved", Heard::RecentIn(said(None, bob, Manner::Action, "waved")));
    heard("[bob edited 12]: no", Heard::Edited { room: None, from: bob, number: 12, text: "no" });
    heard("#tea [bob edited 12]: no", Heard::Edited { room: tea, from: bob, number: 12, text: "no" });
    heard("* From bob waves", Heard::From { sender: bob, text: "waves" });
    heard("[From bob re 3]: yes", Heard::From { sender: bob, text: "yes" });
    heard("#tea", Heard::Other);
    heard("#tea *** deleted ***", Heard::Other);
    heard("Now in #tea.", Heard::NowIn { room: "#tea" });
    heard("No: you are not in that room", Heard::No { reason: "you are not in that room" });
    heard("Done.", Heard::Done);
    heard("slowed down: too many messages", Heard::SlowedDown { reason: "too many messages" });
    heard(words::PASSWORD, Heard::PasswordAsked);
}

/// Names as the model allows them, the worst of them included.
fn name() -> impl Strategy<Value = String> {
    "[a-zA-Zé\\[\\]<>*.'(){}=_-][a-zA-Zé\\[\\]<>*.'(){}=_-]{0,15}"
}

proptest! {
    #[test]
    fn a_name_and_a_text_come_through(name in name(), text in "\\PC{0,200}") {
        let said = format!("[{name}]: {text}\n");
        prop_assert_eq!(Heard::parse(&said), Heard::Said { from: &name, text: &text });
        let recent = format!(" [{name}]: {text}\n");
        prop_assert_eq!(Heard::parse(&recent), Heard::Recent { from: &name, text: &text });
        let direct = format!("[From {name}]: {text}\n");
        prop_assert_eq!(Heard::parse(&direct), Heard::From { sender: &name, text: &text });
    }

    #[test]
    fn a_name_comes_through_announcements(name in name(), token in any::<[u8; 16]>()) {
        let line = format!("reconnect:{name}:{}", Hex(token));
        prop_assert_eq!(login(&line), Login::Reconnect { user: &name, token });
        for (line, expected) in [
            (format!("*** {name} joined the chat ***"), Heard::Joined { user: &name }),
            (format!("*** {name} left the chat ***"), Heard::Left { user: &name }),
            (format!("Welcome, {name}!"), Heard::Welcome { user: &name }),
            (format!("   {line}"), Heard::TokenLine { user: &name, token }),
        ] {
            prop_assert_eq!(Heard::parse(&line), expected);
        }
    }

    #[test]
    fn ids_come_through(id in any::<[u8; 16]>(), text in "[^/\\pC\\s]{1,5}[^\\pC]{0,50}[^\\pC\\s]") {
        prop_assert_eq!(parse_uuid(&Uuid(id).to_string()), Some(id));
        prop_assert_eq!(parse_hex(&Hex(id).to_string()), Some(id));
        let line = format!("/id {} {text}", Uuid(id));
        prop_assert_eq!(Input::parse(&line), Input::WithId { id, inner: Sendable::Text(&text) });
        let line = format!("/id {} /msg bob {text}", Uuid(id));
        prop_assert_eq!(Input::parse(&line), Input::WithId { id, inner: Sendable::Msg { to: "bob", text: &text } });
    }

    #[test]
    fn any_line_is_some_input(line in "[ \t]{0,2}(/|//)?(users|history|msg|id|help|simulate|\\PC{0,9})?[ ]{0,2}.{0,40}") {
        match Input::parse(&line) {
            Input::History(count) => prop_assert!((1..=HISTORY_MAX).contains(&count)),
            Input::Text(text) => {
                prop_assert!(line.contains(text) && !text.trim().is_empty());
                // What begins with one slash is a command or nothing.
                let slashes = line.trim_start().chars().take_while(|character| *character == '/').count();
                prop_assert_ne!(slashes, 1);
            }
            Input::Msg { to, text } => prop_assert!(!to.is_empty() && !to.contains(' ') && !text.is_empty()),
            Input::Usage(usage) => prop_assert!(commands().any(|command| command.usage == usage)),
            _ => {}
        }
        login(&line);
        let mut out = String::new();
        help::help(Some(&line), &mut out);
        let completion = complete(&line, &["bob", "Ärzte"]);
        prop_assert!(line.is_char_boundary(completion.start));
    }

    #[test]
    fn any_line_can_be_heard(line in "(\\[|\\*\\*\\* | \\[|Not sent|Welcome, |User '|   reconnect:)?.{0,60}") {
        Heard::parse(&line);
    }

    #[test]
    fn nothing_that_acts_is_left(text in any::<String>()) {
        let cleaned = clean(&text);
        prop_assert!(!cleaned.contains(acts), "{cleaned:?}");
        prop_assert!(!cleaned.contains(char::is_control));
        prop_assert_eq!(clean(&cleaned), &*cleaned);
        prop_assert!(cleaned.len() <= text.len());
    }

    #[test]
    fn text_that_acts_loses_only_that(text in "[a-zé\\x00-\\x1f\u{7f}-\u{9f}\u{2028}-\u{202e}\u{2066}-\u{2069}]{0,40}") {
        let shown: String = text.chars().filter(|character| !acts(*character)).collect();
        prop_assert_eq!(clean(&text).replace(' ', ""), shown);
    }
}

#[test]
fn the_table_is_in_order() {
    for (place, command) in commands().enumerate() {
        assert_eq!(command.word, command.word.to_lowercase());
        assert!(command.usage.starts_with(&format!("Usage: /{}", command.word)));
        assert!(!command.about.is_empty() && !command.summary.ends_with('.'));
        assert!(commands().skip(place + 1).all(|other| other.word != command.word), "{} twice", command.word);
    }
}
