//! Plays a script: what somebody does, and what everybody hears then. Times and the like stand in it as letters.
//!
//! ```text
//! + ann message-tags server-time   an IRC client comes, with these capabilities
//! + ann:secret sasl                … and logs in by this password
//! ~ dan CAP LS 302                 an IRC client comes and says this, and is not in yet
//! $ bob                            a client of the line protocol comes
//! ann> JOIN #tea                   somebody says a line
//! ann< :ann!~ann@u1 JOIN #tea      somebody hears a line
//! ```

use crate::rig::Rig;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

struct Client {
    from: BufReader<TcpStream>,
    to: TcpStream,
    irc: bool,
    marks: u32,
    gone: bool,
}

impl Client {
    fn connect(address: SocketAddr, irc: bool) -> Self {
        let to = TcpStream::connect(address).unwrap();
        to.set_nodelay(true).unwrap();
        to.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        Self { from: BufReader::new(to.try_clone().unwrap()), to, irc, marks: 0, gone: false }
    }

    fn say(&mut self, line: &str) {
        let mut bytes = Vec::new();
        let mut parts = line.split("\\x");
        bytes.extend(parts.next().unwrap_or_default().bytes());
        for part in parts {
            let (digits, rest) = part.split_at(2);
            bytes.push(u8::from_str_radix(digits, 16).expect("two digits follow \\x"));
            bytes.extend(rest.bytes());
        }
        bytes.extend(b"\r\n");
        let _ = self.to.write_all(&bytes);
    }

    fn hear(&mut self) -> Option<String> {
        let mut line = Vec::new();
        if self.from.read_until(b'\n', &mut line).expect("a line that must come has come in time") == 0 {
            self.gone = true;
            return None;
        }
        let line = String::from_utf8(line).expect("what a client is given is UTF-8");
        Some(line.trim_end_matches(['\r', '\n']).to_owned())
    }

    fn until(&mut self, end: &str) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(line) = self.hear() {
            if line.contains(end) {
                break;
            }
            lines.push(line);
        }
        lines
    }

    /// Everything up to the answer to all that was asked.
    fn settle(&mut self) -> Vec<String> {
        if self.gone {
            return Vec::new();
        }
        self.marks += 1;
        if self.irc {
            let mark = format!("mark-{}", self.marks);
            self.say(&format!("PING {mark}"));
            self.until(&mark)
        } else {
            let mark = format!("/mark{}", self.marks);
            self.say(&mark);
            self.until(&format!("Unknown: {mark}"))
        }
    }
}

fn comes(address: SocketAddr, who: &str, caps: &str) -> Client {
    let mut client = Client::connect(address, true);
    let (name, password) = who.split_once(':').map_or((who, None), |(name, word)| (name, Some(word)));
    if !caps.is_empty() {
        client.say(&format!("CAP REQ :{caps}"));
        assert!(client.hear().unwrap().contains(" ACK "), "{caps}");
    }
    if let Some(word) = password {
        let blob = base64(format!("\0{name}\0{word}").as_bytes());
        client.say("AUTHENTICATE PLAIN");
        client.until("AUTHENTICATE +");
        client.say(&format!("AUTHENTICATE {blob}"));
        client.until(" 903 ");
    }
    client.say(&format!("NICK {name}"));
    client.say(&format!("USER {name} 0 * :{} R", name.to_uppercase()));
    if !caps.is_empty() {
        client.say("CAP END");
    }
    client.until(" 376 ");
    client
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let n = chunk.iter().fold(0u32, |n, byte| n << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            let c = if i <= chunk.len() { ALPHABET[(n >> (18 - 6 * i) & 63) as usize] } else { b'=' };
            out.push(char::from(c));
        }
    }
    out
}

/// What changes from run to run, as letters; not the times that somebody said.
fn letters(line: &str, said: &str) -> String {
    let mut out = String::new();
    for (n, word) in line.split(' ').enumerate() {
        if n > 0 {
            out.push(' ');
        }
        let parts: Vec<String> = word
            .split(';')
            .map(|part| match part.split_once('=') {
                Some(("timestamp", time)) if said.contains(time) => part.to_owned(),
                Some((key @ ("time" | "@time" | "timestamp"), _)) => format!("{key}=T"),
                Some((key @ ("msgid" | "@msgid"), id)) if id.starts_with('s') => format!("{key}=S"),
                _ => part.to_owned(),
            })
            .collect();
        let word = parts.join(";");
        let stamp = word.len() == 24 && word.starts_with("20") && word.ends_with('Z') && word.contains('T');
        let clock = word.len() > 6 && word.contains(":[") && word.ends_with(']');
        let number = word.bytes().all(|byte| byte.is_ascii_digit());
        // So are the seconds somebody has said nothing for.
        let idle = line.contains(" 317 ") && n == 4;
        let moment = number && (idle || (word.len() >= 10 && word.starts_with("1")));
        out.push_str(match (moment, stamp, clock) {
            (true, ..) => "N",
            (_, true, _) => "T",
            (.., true) => ":[T]",
            // Behind `ACTION` there is no colon.
            _ if is_clock(&word) => "[T]",
            _ => &word,
        });
    }
    out
}

/// Plays a script; the answer is what it should have been.
pub(crate) fn play(text: &str) -> String {
    let rig = Rig::start(|_| {});
    let mut clients: BTreeMap<String, Client> = BTreeMap::new();
    let mut out = String::new();
    let spoken = |line: &&str| !line.split_once('<').is_some_and(|(name, _)| is_name(name));
    let said: String = text.lines().filter(spoken).collect();
    for line in text.lines().filter(spoken) {
        out.push_str(line);
        out.push('\n');
        let mut words = line.splitn(3, ' ');
        let mut first = None;
        match (words.next().unwrap_or_default(), words.next()) {
            ("+", Some(who)) => {
                let client = comes(rig.address, who, words.next().unwrap_or_default());
                let name = who.split(':').next().unwrap_or_default();
                clients.insert(name.to_owned(), client);
            }
            ("~", Some(who)) => {
                let mut client = Client::connect(rig.address, true);
                client.say(words.next().expect("it says something"));
                clients.insert(who.to_owned(), client);
            }
            ("$", Some(who)) => {
                let mut client = Client::connect(rig.address, false);
                client.say(who);
                client.until("Welcome, ");
                client.settle();
                clients.insert(who.to_owned(), client);
            }
            _ => match line.split_once("> ") {
                Some((name, said)) if is_name(name) => {
                    let client = clients.get_mut(name).expect("whoever speaks has come");
                    client.say(said);
                    first = Some(name.to_owned());
                }
                _ => continue,
            },
        }
        // Who did it hears of it first; then nothing of it is still on its way to the others.
        let mut order: Vec<String> = first.into_iter().collect();
        order.extend(clients.keys().filter(|name| !order.contains(name)).cloned().collect::<Vec<_>>());
        for name in order {
            let client = clients.get_mut(&name).unwrap();
            for heard in client.settle() {
                out.push_str(&format!("{name}< {}\n", letters(&heard, &said).replace('\x01', "\\x01")));
            }
        }
    }
    out
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// `[12:34]`.
fn is_clock(word: &str) -> bool {
    let inner = word.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inner.and_then(|time| time.split_once(':')).is_some_and(|(hours, minutes)| {
        [hours, minutes].iter().all(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
    })
}
