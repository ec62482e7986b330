//! Text from people never acts: whatever they write into whatever field, what anybody is given has no control character but the
//! end of a line, nothing that turns the direction of writing, and no line that its renderer did not begin.

use crate::client::{Client, Rig};

/// What acts on terminals, logs and readers, each with words after it that would be another's line.
const CORPUS: &[&[u8]] = &[
    b"x\x1b[2J\x1b[1;1H[ann]: FORGED",
    b"x\x1b]0;FORGED\x07",
    b"x\x1b]8;;http://FORGED\x1b\\link\x1b]8;;\x1b\\",
    b"x\x1bP$qFORGED\x1b\\",
    b"x\x1bcFORGED",
    b"x\r[ann]: FORGED",
    b"x\r\r[ann]: FORGED",
    b"x\x0b[ann]: FORGED",
    b"x\x0c[ann]: FORGED",
    b"x\x08\x08\x08\x08\x08\x08[ann]: FORGED",
    b"x\x7f\x7f\x7f\x7f\x7f[ann]: FORGED",
    b"x\x00[ann]: FORGED",
    b"x\x07FORGED\x05\x0e\x0f",
    b"x\xc2\x9b2JFORGED",
    b"x\xc2\x9d0;FORGED\xc2\x9c",
    b"x\xc2\x85[ann]: FORGED",
    b"x\xe2\x80\xa8[ann]: FORGED",
    b"x\xe2\x80\xa9*** FORGED left the chat ***",
    b"x\xe2\x80\xaeDEGROF\xe2\x80\xac",
    b"x\xe2\x81\xa6FORGED\xe2\x81\xa9\xe2\x81\xa7\xe2\x81\xa8",
    b"x\xed\xa0\x80FORGED\xed\xbf\xbf",
    b"x\xff\xfe\x80\xc0\xaf[ann]: FORGED",
    b"x\xf4\x90\x80\x80FORGED\xc3",
    b"x\xff\xfb\x01\xff\xfa\x18\x01\xff\xf0FORGED",
    b"x\xff\xf4\xff\xf2\xff\xf9FORGED",
    b"\x1b[31m\xe2\x80\xae\x00\x7f",
    b"x]: y\t\t[ann]: FORGED",
    b"*** FORGED joined the chat ***",
    b"[ann]: FORGED",
];

/// Where people can write; `@` stands for it.
const FIELDS: &[&str] = &[
    "@",
    "/me @",
    "/msg ann @",
    "/msg @ hello",
    "/in #tea @",
    "/in @ hello",
    "/reply 1 @",
    "/edit 1 @",
    "/delete 2 @",
    "/react 1 @",
    "/unreact 1 @",
    "/topic @",
    "/create @",
    "/create #@",
    "/join @",
    "/join #tea @",
    "/leave @",
    "/destroy @",
    "/kick bob @",
    "/kick @",
    "/ban @",
    "/ban spam* 1m @",
    "/ban bob @",
    "/unban @",
    "/mute bob @",
    "/unmute @",
    "/invite @",
    "/role @ voice",
    "/role bob @",
    "/set topic @",
    "/set password @",
    "/set @ on",
    "/away @",
    "/profile @",
    "/whois @",
    "/who @",
    "/ignore @",
    "/register @",
    "/password @",
    "/purge @",
    "/unpurge @",
    "/pin @",
    "/history @",
    "/ids @",
    "/help @",
    "/search @",
    "/id @ hello",
    "/id 0192d1b4-7c3a-7d10-8a5e-00c0ffee0001 @",
    "/id 0192d1b4-7c3a-7d10-8a5e-00c0ffee0002 /me @",
    "/@",
    "/simulate @",
    // The last: what follows is said under whatever name this gives.
    "/nick @",
];

/// How a line may begin that has somebody's words in it.
const BEGINNINGS: &[&str] = &[
    "[mal",
    "* mal",
    "#tea [mal",
    "#tea * mal",
    " [mal",
    " * mal",
    " #tea [mal",
    " #tea * mal",
    "[From mal",
    "* From mal",
    "*** ",
    "No: ",
    "Not sent",
    "Unknown: /",
    "Usage: ",
    "User '",
    "Topic: ",
    "Now in ",
    "Closing: ",
    "Invalid ",
    "  Says: ",
    "  Away: ",
    "  - ",
    "  * ",
    "  @ ",
    "  0s ago: ",
    "  1s ago: ",
    "  2s ago: ",
    "Message sent to ",
    "stub",
    "Found",
    "Nothing",
];

fn field(template: &str, bytes: &[u8]) -> Vec<u8> {
    let (before, after) = template.split_once('@').unwrap();
    [before.as_bytes(), bytes, after.as_bytes()].concat()
}

/// Checks all that a client was given; numbered messages and what is shown of them may begin with a number.
fn harmless(who: &str, heard: &[u8]) {
    let text = std::str::from_utf8(heard).unwrap_or_else(|e| panic!("{who} is given what is no UTF-8: {e}"));
    for line in text.split('\n') {
        let acts = |c: char| {
            c.is_control()
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
        };
        assert!(!line.contains(acts), "{who} is given {line:?}");
        if line.contains("FORGED") || line.contains("DEGROF") {
            let numbered = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
            let begins = |text: &str| BEGINNINGS.iter().any(|beginning| text.starts_with(beginning));
            let counted = line.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(" messages of ");
            // What a name may be is checked by the model: it cannot look like the beginning of a line.
            let named = line.ends_with(" is a guest.") || line.contains(" is registered");
            // What a search finds begins with the room and the number.
            let found = ["  #tea/", "  #lobby/", "  @"].iter().any(|begin| line.starts_with(begin));
            let begun = begins(line)
                || counted
                || named
                || found
                || (line.starts_with("  ") && begins(numbered.trim_start()));
            assert!(begun, "{who} is given a line that somebody else's text began: {line:?}");
        }
    }
}

#[test]
fn whatever_is_written_into_whatever_field_acts_on_nobody() {
    let rig = Rig::start();
    let mut ann = rig.enter("ann");
    let mut bob = rig.enter("bob");
    for (n, bytes) in CORPUS.iter().enumerate() {
        let mut mal = rig.enter(&format!("mal{n}"));
        mal.ask("/create #tea");
        mal.ask("one");
        mal.ask("two");
        for watching in [&mut ann, &mut bob] {
            watching.ask("/join #tea");
        }
        for template in FIELDS {
            mal.raw(&field(template, bytes));
            if template.starts_with("/kick") || template.starts_with("/ban") || template.starts_with("/leave")
            {
                mal.settle();
                bob.ask("/join #tea");
            }
        }
        mal.ask("/join #tea");
        mal.settle();
        for watching in [&mut ann, &mut bob] {
            for question in
                ["/history 100", "/ids 100", "/rooms", "/who", "/pins", "/topic", "/unread", "/users"]
            {
                watching.ask(question);
            }
            watching.ask(&format!("/whois mal{n}"));
        }
        for question in ["/bans", "/audit 100", "/ignore", "/ids 100"] {
            mal.ask(question);
        }
        mal.ask("/destroy #tea");
        let heard = mal.end();
        assert!(heard.len() > 1000, "the fields were answered");
        harmless(&format!("the writer of {n}"), &heard);
        harmless(&format!("ann, after {n},"), &ann.heard);
        harmless(&format!("bob, after {n},"), &bob.heard);
        ann.heard.clear();
        bob.heard.clear();
    }
    let seen = rig.enter("carl").end();
    harmless("a newcomer", &seen);
}

#[test]
fn whatever_is_said_at_the_door_acts_on_nobody() {
    let rig = Rig::start();
    let mut ann = rig.enter("ann");
    let mut keeper = rig.enter("keeper");
    keeper.ask("/register correct-horse");
    for bytes in CORPUS {
        for login in ["@", "reconnect:@:00112233445566778899aabbccddeeff", "reconnect:ann:@", "keeper\n@"] {
            let heard = Client::connect(rig.address, &field(login, bytes)).end();
            assert!(!heard.is_empty(), "it is answered");
            let text = String::from_utf8_lossy(&heard);
            let known: Vec<&str> = text
                .lines()
                .filter(|line| {
                    !line.starts_with("Welcome")
                        && !line.contains("reconnect")
                        && !line.contains("reconnect token")
                })
                .collect();
            harmless("who stands at the door", known.join("\n").as_bytes());
            let shown = String::from_utf8(heard.clone()).expect("what is given is UTF-8");
            assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
        }
    }
    ann.settle();
    ann.ask("/users");
    harmless("ann", &ann.heard);
}
