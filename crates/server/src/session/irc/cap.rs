//! CAP: what a client understands, before it is in and afterwards. Knows no session.

use chatroom_wire::irc::caps::{self, Caps};
use chatroom_wire::irc::message::Message;
use chatroom_wire::irc::reply::line;

/// What CAP changes, and what there is to say; nothing where it is no command. `early`: who connects may register.
pub(super) fn negotiate(
    out: &mut String,
    server: &str,
    nick: &str,
    have: Caps,
    message: &Message<'_>,
    early: bool,
) -> Option<Caps> {
    let mut caps = have;
    match message.param(0).to_ascii_uppercase().as_str() {
        "LS" => {
            let version = message.param(1).parse::<u32>().unwrap_or(0);
            if version >= 302 {
                // Whoever speaks version 302 is told of new ones.
                caps = caps.with(Caps::CAP_NOTIFY);
            }
            let values = |cap: &caps::Cap| match cap.caps {
                _ if version < 302 => "",
                Caps::ACCOUNT_REGISTRATION if !early => "",
                _ => cap.value,
            };
            list(out, server, nick, "LS", values, caps::CAPS.iter(), version >= 302);
        }
        "LIST" => {
            let own = caps::CAPS.iter().filter(|cap| have.has(cap.caps));
            list(out, server, nick, "LIST", |_| "", own, true);
        }
        "REQ" => {
            let asked = message.param(1).trim();
            match caps::requested(have, asked) {
                Some(with) => {
                    caps = with;
                    line(out, server, "CAP", &[nick, "ACK", &trailing(asked)]);
                }
                None => line(out, server, "CAP", &[nick, "NAK", &trailing(asked)]),
            }
        }
        "END" => {}
        _ => return None,
    }
    Some(caps)
}

/// A list that a client takes for one parameter even where it is one word.
fn trailing(list: &str) -> String {
    list.to_owned()
}

fn list<'a>(
    out: &mut String,
    server: &str,
    nick: &str,
    sub: &str,
    value: impl Fn(&caps::Cap) -> &'static str,
    caps: impl Iterator<Item = &'a caps::Cap>,
    several: bool,
) {
    let mut lines: Vec<String> = vec![String::new()];
    for cap in caps {
        let mut word = cap.name.to_owned();
        let value = value(cap);
        if !value.is_empty() {
            word.extend(["=", value]);
        }
        let full = lines.last().is_some_and(|line| line.len() + word.len() > 400);
        if full {
            lines.push(String::new());
        }
        if let Some(last) = lines.last_mut() {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(&word);
        }
    }
    let count = lines.len();
    for (n, text) in lines.iter().enumerate() {
        let head = format!(":{server} CAP {nick} {sub}");
        let more = if several && n + 1 < count { " *" } else { "" };
        out.extend([&head, more, " :", text, "\r\n"]);
    }
}
