//! One room for all: what a program does is heard in `nc` and IRC, and the other way round.

use super::program::Program;
use super::unlimited;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Somebody at a terminal, or with an IRC client.
struct Talker {
    from: BufReader<TcpStream>,
    to: TcpStream,
}

impl Talker {
    fn connect(address: SocketAddr, first: &str, until: &str) -> Self {
        let to = TcpStream::connect(address).unwrap();
        to.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let mut talker = Self { from: BufReader::new(to.try_clone().unwrap()), to };
        talker.say(first);
        talker.hears(until);
        talker
    }

    fn say(&mut self, line: &str) {
        self.to.write_all(format!("{line}\r\n").as_bytes()).unwrap();
    }

    /// Reads up to a line with this in it, which must come.
    fn hears(&mut self, part: &str) -> String {
        let mut heard = String::new();
        loop {
            let mut line = String::new();
            let bytes = self.from.read_line(&mut line).unwrap_or(0);
            assert!(bytes > 0, "no {part} in {heard}");
            if line.contains(part) {
                return line;
            }
            heard.push_str(&line);
        }
    }

    /// Says something, and waits until it is done.
    fn does(&mut self, line: &str) {
        self.say(line);
        self.say("/mark");
        self.hears("Unknown: /mark");
    }
}

#[test]
fn what_a_program_does_is_heard_by_all() {
    let rig = unlimited();
    let ann = Program::register(&rig, "ann");
    ann.does("POST", "/rooms", json!({ "name": "tea" }));
    let mut nc = Talker::connect(rig.address, "bob", "Welcome, ");
    nc.does("/join #tea");
    let caps = "CAP REQ :message-tags draft/message-redaction\r\nNICK cas\r\nUSER cas 0 * :Cas\r\nCAP END";
    let mut irc = Talker::connect(rig.address, caps, " 376 ");
    irc.say("JOIN #tea");
    irc.hears(" 366 ");

    let seq = ann.says("tea", "hello");
    nc.hears("#tea [ann]: hello");
    irc.hears("PRIVMSG #tea :hello");
    ann.does("POST", "/rooms/tea/messages", json!({ "text": "waves", "kind": "action" }));
    nc.hears("#tea * ann waves");
    irc.hears("PRIVMSG #tea :\u{1}ACTION waves\u{1}");
    ann.does("POST", "/rooms/tea/messages", json!({ "text": "indeed", "reply": seq }));
    nc.hears(&format!("#tea [ann re {seq}]: indeed"));
    irc.hears("+draft/reply=");
    let at = format!("/rooms/tea/messages/{seq}");
    ann.does("PATCH", &at, json!({ "text": "hello, all" }));
    nc.hears(&format!("#tea [ann edited {seq}]: hello, all"));
    irc.hears(":* hello, all");
    ann.does("PUT", &format!("{at}/reactions/%F0%9F%91%8D"), Value::Null);
    nc.hears(&format!("*** ann reacted to {seq} in #tea with 👍 ***"));
    irc.hears("+draft/react=👍");
    ann.does("PUT", &format!("{at}/pin"), Value::Null);
    nc.hears("was pinned by ann");
    irc.hears("was pinned by ann");
    ann.does("POST", "/rooms/tea/typing", json!({ "state": "active" }));
    irc.hears("+typing=active");
    ann.does("DELETE", &format!("{at}?reason=oops"), Value::Null);
    nc.hears(&format!("{seq} in #tea"));
    irc.hears("REDACT #tea ");
    ann.does("PATCH", "/rooms/tea", json!({ "topic": "leaves" }));
    nc.hears("leaves");
    irc.hears("TOPIC #tea ");
    ann.does("POST", "/rooms/@bob/messages", json!({ "text": "psst" }));
    nc.hears("[From ann]: psst");
    ann.does("DELETE", "/rooms/tea/members/cas?reason=spam", Value::Null);
    nc.hears("cas was put out of #tea by ann");
    irc.hears("KICK #tea cas spam");
}

#[test]
fn what_others_do_is_seen_by_a_program() {
    let rig = unlimited();
    let ann = Program::register(&rig, "ann");
    ann.does("POST", "/rooms", json!({ "name": "tea" }));
    let mut nc = Talker::connect(rig.address, "bob", "Welcome, ");
    nc.does("/join #tea");
    let caps = "CAP REQ :message-tags draft/message-redaction echo-message\r\nNICK cas\r\nUSER cas 0 * :Cas\r\nCAP END";
    let mut irc = Talker::connect(rig.address, caps, " 376 ");
    irc.say("JOIN #tea");
    irc.hears(" 366 ");
    let settle = |irc: &mut Talker| {
        irc.say("PING done");
        irc.hears("PONG");
    };

    nc.does("one");
    irc.say("PRIVMSG #tea :two");
    let two = irc.hears(":two");
    let (tags, _) = two.split_once(' ').unwrap();
    let id = tags.split(['@', ';']).find_map(|tag| tag.strip_prefix("msgid=")).unwrap().to_owned();
    irc.say("PRIVMSG #tea :\u{1}ACTION waves\u{1}");
    settle(&mut irc);
    let page = ann.get("/rooms/tea/messages")["messages"].clone();
    let all: Vec<_> = page
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["author"]["name"].as_str().unwrap(),
                one["kind"].as_str().unwrap(),
                one["text"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(all, [("bob", "said", "one"), ("cas", "said", "two"), ("cas", "action", "waves")]);
    let seq = |n: usize| page[n]["seq"].as_u64().unwrap();
    let one = |n: usize| ann.get(&format!("/rooms/tea/messages/{}", seq(n)));

    nc.does(&format!("/edit {} one and a half", seq(0)));
    assert_eq!((&one(0)["text"], &one(0)["edited"]), (&json!("one and a half"), &json!(true)));
    irc.say(&format!("@+draft/reply={id};+draft/react=🎉 TAGMSG #tea"));
    settle(&mut irc);
    assert_eq!(one(1)["reactions"], json!([{ "emoji": "🎉", "count": 1 }]));
    nc.does(&format!("/react {} 🎉", seq(1)));
    assert_eq!(one(1)["reactions"], json!([{ "emoji": "🎉", "count": 2 }]));
    irc.say(&format!("REDACT #tea {id} :oops"));
    settle(&mut irc);
    assert_eq!((&one(1)["text"], &one(1)["redacted"]), (&json!(""), &json!(true)));
    let members = ann.get("/rooms/tea/members");
    assert_eq!(members["total"], 3);
    nc.does("/leave");
    irc.say("PART #tea");
    settle(&mut irc);
    assert_eq!(ann.get("/rooms/tea/members")["total"], 1);
    nc.does("/msg ann psst");
    assert_eq!(ann.reads("@bob"), ["psst"]);
    assert_eq!(ann.get("/users/bob")["online"], true);

    // And one who is put out of the room by somebody at a terminal hears nothing more of it.
    let dan = Program::come(&rig, "dan");
    ann.does("PATCH", "/rooms/tea", json!({ "access": "private" }));
    for name in ["dan", "bob"] {
        ann.does("POST", "/rooms/tea/invites", json!({ "user": name }));
    }
    dan.does("PUT", "/rooms/tea/membership", Value::Null);
    nc.does("/join #tea");
    ann.does("PUT", "/rooms/tea/members/bob", json!({ "role": "moderator" }));
    nc.does("/kick dan");
    assert_eq!(dan.ask("GET", "/rooms/tea/messages", Value::Null).status, 404);
}
