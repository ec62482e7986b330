//! A PONG comes after what others had said by then, also where they are on another shard.

use crate::rig::Rig;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

const TIMES: usize = 300;

struct Client {
    from: BufReader<TcpStream>,
    to: TcpStream,
}

impl Client {
    fn comes(rig: &Rig, name: &str) -> Self {
        let to = TcpStream::connect(rig.address).unwrap();
        to.set_nodelay(true).unwrap();
        to.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut client = Self { from: BufReader::new(to.try_clone().unwrap()), to };
        client.say(&format!("NICK {name}\r\nUSER {name} 0 * :{name}\r\nJOIN #tea"));
        client.until(" 366 ");
        client
    }

    fn say(&mut self, lines: &str) {
        self.to.write_all(format!("{lines}\r\n").as_bytes()).unwrap();
    }

    fn until(&mut self, part: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            assert_ne!(self.from.read_line(&mut line).unwrap(), 0, "closed");
            let done = line.contains(part);
            lines.push(line);
            if done {
                return lines;
            }
        }
    }
}

#[test]
fn a_pong_comes_after_what_others_had_said() {
    let rig = Rig::start(|settings| settings.shards = 2);
    let mut people: Vec<Client> = (0..4).map(|n| Client::comes(&rig, &format!("p{n}"))).collect();
    for n in 0..TIMES {
        let (speaker, listener) = (n % 4, (n + 1 + n / 4 % 3) % 4);
        // It has been handed in when its author's own PONG comes; the other's must not come before it.
        people[speaker].say(&format!("PRIVMSG #tea :word {n}\r\nPING {n}"));
        people[speaker].until(&format!("PONG chatroom {n}"));
        people[listener].say(&format!("PING {n}"));
        let heard = people[listener].until(&format!("PONG chatroom {n}"));
        assert!(heard.iter().any(|line| line.contains(&format!(":word {n}\r"))), "{n}: {heard:?}");
    }
    // What is passed on and not kept too.
    for n in 0..TIMES {
        let (speaker, listener) = (n % 4, (n + 1 + n / 4 % 3) % 4);
        people[speaker].say(&format!("PRIVMSG p{listener} :\x01ASK {n}\x01\r\nPING {n}"));
        people[speaker].until(&format!("PONG chatroom {n}"));
        people[listener].say(&format!("PING {n}"));
        let heard = people[listener].until(&format!("PONG chatroom {n}"));
        assert!(heard.iter().any(|line| line.contains(&format!("ASK {n}\x01"))), "{n}: {heard:?}");
    } // And what somebody says to themselves in the same breath.
    for n in 0..TIMES {
        let who = n % 4;
        people[who].say(&format!("PRIVMSG p{who} :\x01SELF {n}\x01\r\nPING {n}"));
        let heard = people[who].until(&format!("PONG chatroom {n}"));
        assert!(heard.iter().any(|line| line.contains(&format!("SELF {n}\x01"))), "{n}: {heard:?}");
    }
}
