//! IRC clients that stop reading, and one that says much at once: nothing is lost, nothing comes twice, all in one order.

use crate::rig::Rig;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// More than the kernel and an outbox hold for somebody who reads nothing.
const MESSAGES: usize = 12_000;
const TEXT: usize = 300;
/// What the sleeper says in its sleep.
const OWN: usize = 300;

struct Client {
    from: BufReader<TcpStream>,
    to: TcpStream,
}

impl Client {
    /// Comes into `#tea`.
    fn comes(address: SocketAddr, name: &str, caps: &str) -> Self {
        Self::over(TcpStream::connect(address).unwrap(), name, caps)
    }

    /// The same, by somebody who takes little that they do not read. Their kernel throws away what comes beyond, with the word
    /// in it of what the server has taken: it is no place to speak much from.
    fn comes_narrowly(address: SocketAddr, name: &str, caps: &str) -> Self {
        let domain = socket2::Domain::for_address(address);
        let socket = socket2::Socket::new(domain, socket2::Type::STREAM, None).unwrap();
        socket.set_recv_buffer_size(8 * 1024).unwrap();
        socket.connect(&address.into()).unwrap();
        Self::over(socket.into(), name, caps)
    }

    fn over(to: TcpStream, name: &str, caps: &str) -> Self {
        to.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let mut client = Self { from: BufReader::new(to.try_clone().unwrap()), to };
        client.say(&format!(
            "CAP REQ :{caps}\r\nNICK {name}\r\nUSER {name} 0 * :{name}\r\nCAP END\r\nJOIN #tea"
        ));
        client.until(" 366 ");
        client
    }

    fn say(&mut self, lines: &str) {
        self.to.write_all(lines.as_bytes()).unwrap();
        self.to.write_all(b"\r\n").unwrap();
    }

    fn hear(&mut self) -> String {
        self.try_hear().expect("a line that must come has come in time")
    }

    fn try_hear(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        let length = self.from.read_line(&mut line)?;
        assert_ne!(length, 0, "closed");
        Ok(line.trim_end().to_owned())
    }

    /// Hears until all that is said in the room has come.
    fn until_all(&mut self, lines: &mut Vec<String>) {
        let mut left = MESSAGES + OWN + 1 - numbers(lines).len();
        while left > 0 {
            let line = self.try_hear().unwrap_or_else(|late| {
                let came: BTreeSet<usize> = numbers(lines).into_iter().collect();
                let missing: Vec<usize> =
                    (1..=MESSAGES + OWN + 1).filter(|number| !came.contains(number)).collect();
                let last = lines.last().map_or("", String::as_str);
                panic!(
                    "{late}: {left} are missing of {}, {:?} … {:?}; the last line was {last}",
                    came.len(),
                    missing.first(),
                    missing.last()
                );
            });
            left -= numbers(std::slice::from_ref(&line)).len();
            lines.push(line);
        }
    }

    fn until(&mut self, end: &str) -> Vec<String> {
        let mut lines = vec![self.hear()];
        while !lines.last().unwrap().contains(end) {
            let line = self.hear();
            lines.push(line);
        }
        lines
    }
}

/// The numbers of the messages in some lines, by their ids.
fn numbers(lines: &[String]) -> Vec<usize> {
    let number = |line: &String| {
        let (_, rest) = line.split_once("msgid=2-")?;
        line.contains(" PRIVMSG #tea ").then(|| rest.split([';', ' ']).next().unwrap().parse().unwrap())
    };
    lines.iter().filter_map(number).collect()
}

#[test]
fn who_stops_reading_gets_everything_once_and_in_order() {
    let rig = Rig::start(|_| {});
    let mut talker = Client::comes(rig.address, "ann", "message-tags");
    let mut sleeper =
        Client::comes_narrowly(rig.address, "bob", "message-tags echo-message labeled-response batch");
    let mut awake = Client::comes(rig.address, "cas", "message-tags");
    let text = "x".repeat(TEXT);
    // The sleeper speaks too, all along and without listening: what it hears of itself is given at once, or waits and is
    // dropped, or is read later, and comes once, in its place, with its label. What it says while too much waits for it is
    // heard once it reads on.
    let mut murmur = sleeper.to.try_clone().unwrap();
    let reading = std::thread::spawn(move || {
        let mut lines = Vec::new();
        let (mut seen, mut own) = (0, 0);
        while seen < MESSAGES {
            let line = awake.hear();
            seen += usize::from(line.contains(" :ann!"));
            while own * (MESSAGES / OWN) < seen {
                murmur
                    .write_all(format!("@label=own{own} PRIVMSG #tea :in my sleep\r\n").as_bytes())
                    .unwrap();
                own += 1;
            }
            lines.push(line);
        }
        (awake, lines)
    });
    for _ in 0..MESSAGES {
        talker.say(&format!("PRIVMSG #tea :{text}"));
    }
    let (mut awake, mut seen) = reading.join().unwrap();
    talker.say("PRIVMSG #tea :the end");
    let all: Vec<usize> = (1..=MESSAGES + OWN + 1).collect();
    let waking = std::thread::spawn(move || {
        let mut lines = Vec::new();
        sleeper.until_all(&mut lines);
        lines
    });
    awake.until_all(&mut seen);
    assert_eq!(numbers(&seen), all, "a reader notices nothing of a sleeper");
    let lines = waking.join().unwrap();
    assert_eq!(numbers(&lines), all, "the sleeper gets it all");
    let own: Vec<_> = lines.iter().filter(|line| line.contains("in my sleep")).collect();
    assert_eq!(own.len(), OWN);
    for (k, line) in own.iter().enumerate() {
        assert!(line.starts_with(&format!("@label=own{k};")), "{line}");
    }
}

#[test]
fn whoever_says_much_at_once_hears_each_of_it_once_with_its_label() {
    let rig = Rig::start(|_| {});
    let mut ann = Client::comes(rig.address, "ann", "message-tags echo-message labeled-response batch");
    let mut bob = Client::comes(rig.address, "bob", "message-tags");
    let mut said = String::new();
    for n in 0..2_000 {
        // Every tenth goes nowhere, and is refused with its label, in between.
        let room = if n % 10 == 9 { "#nowhere" } else { "#tea" };
        said += &format!("@label=l{n} PRIVMSG {room} :m{n}\r\n");
    }
    ann.say(&(said + "PING done"));
    let heard = ann.until("PONG");
    let mut labels: Vec<usize> = Vec::new();
    for line in heard.iter().filter(|line| line.starts_with("@label=l")) {
        let n: usize = line[8..].split([';', ' ']).next().unwrap().parse().unwrap();
        let answer =
            if n % 10 == 9 { " 403 ann #nowhere ".to_owned() } else { format!(" PRIVMSG #tea :m{n}") };
        assert!(line.contains(&answer), "{line}");
        labels.push(n);
    }
    let echoes: Vec<_> = labels.iter().copied().filter(|n| n % 10 != 9).collect();
    assert_eq!(echoes, (0..2_000).filter(|n| n % 10 != 9).collect::<Vec<_>>());
    labels.sort_unstable();
    assert_eq!(labels, (0..2_000).collect::<Vec<_>>(), "each is answered once");
    bob.say("PING done");
    let lines = bob.until("PONG");
    assert_eq!(lines.iter().filter(|line| line.contains(" PRIVMSG #tea :m")).count(), 1_800);
    assert!(!lines.iter().any(|line| line.contains("label=")), "a label is its sender's alone");
}
