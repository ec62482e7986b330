//! Clients behind a proxy that says where each comes from (the PROXY protocol): met as who they are, and only then.

use crate::rig::Rig;
use chatroom_server::limits::{self, Amount, LIMITS, Which};
use chatroom_server::{Listen, Settings, Speaks};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

/// Connections the first shard takes before the next gets any.
const FIRST_SHARD: usize = 512;

/// A server that believes this machine.
fn rig(set: impl FnOnce(&mut Settings)) -> Rig {
    Rig::start(|settings| {
        settings.proxies = vec!["127.0.0.0/8".parse().unwrap()];
        set(settings);
    })
}

fn version_1(source: &str) -> Vec<u8> {
    let (kind, target) = if source.contains(':') { ("TCP6", "::1") } else { ("TCP4", "127.0.0.1") };
    format!("PROXY {kind} {source} {target} 51234 6667\r\n").into_bytes()
}

fn version_2(source: &str) -> Vec<u8> {
    let (family, octets) = match source.parse().unwrap() {
        IpAddr::V4(v4) => (0x11, v4.octets().to_vec()),
        IpAddr::V6(v6) => (0x21, v6.octets().to_vec()),
    };
    let rest = [&octets[..], &octets, &[0xc8, 0x22, 0x1a, 0x0b], b"\x04\x00\x01\x00"].concat();
    let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
    [b"\r\n\r\n\0\r\nQUIT\n\x21", &[family][..], &length, &rest].concat()
}

fn connect(address: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    socket.set_nodelay(true).unwrap();
    socket
}

/// All that is answered to some bytes, up to the end of the connection.
fn told(address: SocketAddr, said: &[u8]) -> String {
    let mut socket = connect(address);
    socket.write_all(said).unwrap();
    let mut told = String::new();
    socket.read_to_string(&mut told).unwrap();
    told
}

/// An IRC client.
struct Client {
    from: BufReader<TcpStream>,
}

impl Client {
    /// Comes in by what these pieces say, each of them sent by itself.
    fn sends<'a>(rig: &Rig, pieces: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut socket = connect(rig.address);
        pieces.into_iter().for_each(|piece| socket.write_all(piece).unwrap());
        Self { from: BufReader::new(socket) }
    }

    /// Comes in behind a header, all of it in one piece.
    fn comes(rig: &Rig, header: &[u8], name: &str) -> Self {
        Self::sends(rig, [&opening(header, name)[..]])
    }

    fn say(&mut self, line: &str) {
        self.from.get_mut().write_all(format!("{line}\r\n").as_bytes()).unwrap();
    }

    /// What is answered to a line, up to one with this in it.
    fn asks(&mut self, line: &str, last: &str) -> Vec<String> {
        self.say(line);
        let mut heard = Vec::new();
        loop {
            let mut line = String::new();
            assert_ne!(self.from.read_line(&mut line).unwrap(), 0, "closed after {heard:?}");
            let line = line.trim_end().to_owned();
            let ends = line.contains(last);
            heard.push(line);
            if ends {
                return heard;
            }
        }
    }

    /// From where somebody is said to be connected.
    fn whois(&mut self, name: &str) -> Vec<String> {
        let heard = self.asks(&format!("WHOIS {name}"), " 318 ");
        let told = heard.iter().filter(|line| line.split(' ').nth(1) == Some("338"));
        let told = told.map(|line| {
            let words: Vec<_> = line.split(' ').skip(3).collect();
            assert_eq!((words[0], &*words[2..].join(" ")), (name, ":is actually using host"), "{line}");
            words[1].to_owned()
        });
        told.collect()
    }
}

/// A header and what a client says of itself.
fn opening(header: &[u8], name: &str) -> Vec<u8> {
    [header, format!("NICK {name}\r\nUSER {name} 0 * :{name}\r\n").as_bytes()].concat()
}

#[test]
fn a_header_says_where_a_client_comes_from() {
    let rig = rig(|_| {});
    for (n, (header, address)) in [
        (version_1("192.0.2.7"), "192.0.2.7"),
        (version_2("192.0.2.7"), "192.0.2.7"),
        (version_1("2001:db8::7"), "2001:db8::7"),
        (version_2("2001:db8::7"), "2001:db8::7"),
        (version_2("::ffff:192.0.2.7"), "192.0.2.7"),
        (version_2("::7"), "0::7"),
        (b"PROXY UNKNOWN\r\n".to_vec(), "127.0.0.1"),
        (b"\r\n\r\n\0\r\nQUIT\n\x20\x00\0\0".to_vec(), "127.0.0.1"),
        (Vec::new(), "127.0.0.1"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("ann{n}");
        assert_eq!(Client::comes(&rig, &header, &name).whois(&name), [address], "{name}");
    }
}

#[test]
fn a_header_and_what_follows_it_come_in_any_pieces() {
    let rig = rig(|_| {});
    for header in [version_1("192.0.2.7"), version_2("192.0.2.7")] {
        let whole = opening(&header, "ann");
        for end in 1..header.len() + 5 {
            let mut client = Client::sends(&rig, [&whole[..end], &whole[end..]]);
            assert_eq!(client.whois("ann"), ["192.0.2.7"], "{end}");
            client.asks("QUIT", "ERROR ");
        }
        let mut client = Client::sends(&rig, whole.chunks(1));
        assert_eq!(client.whois("ann"), ["192.0.2.7"]);
        client.asks("QUIT", "ERROR ");
    }
}

#[test]
fn from_anybody_else_a_header_is_what_any_bytes_are() {
    let listen = [Speaks::ALL, Speaks::IRC]
        .map(|speaks| Listen { address: SocketAddr::from(([127, 0, 0, 1], 0)), speaks });
    let rig = Rig::start(|settings| {
        settings.proxies = vec!["127.0.0.2".parse().unwrap(), "192.0.2.0/24".parse().unwrap()];
        settings.listen = listen.into();
    });
    let [all, irc] = rig.addresses[..] else { panic!("two listeners") };
    let header = version_1("192.0.2.7");
    let refused = told(all, &opening(&header, "ann"));
    assert!(refused.contains("Invalid username"), "{refused}");
    let said = [opening(&header, "ann"), b"WHOIS ann\r\nQUIT\r\n".to_vec()].concat();
    let met = told(irc, &said);
    assert!(met.starts_with(":chatroom 451 * :") && met.contains(" 338 ann ann 127.0.0.1 :"), "{met}");
    // An empty line makes a guest of the line protocol, who then says what the rest is.
    let said = [opening(&version_2("192.0.2.7"), "bob"), b"/quit\n".to_vec()].concat();
    let met = told(all, &said);
    assert!(met.contains("Welcome, Guest") && !met.contains(" 001 bob "), "{met}");
}

#[test]
fn where_others_are_is_for_whoever_runs_the_server() {
    let rig = rig(|_| {});
    let mut ann = Client::comes(&rig, &version_1("192.0.2.7"), "ann");
    let mut bob = Client::comes(&rig, &version_2("198.51.100.1"), "bob");
    assert_eq!((ann.whois("ann"), bob.whois("bob")), (vec!["192.0.2.7".into()], vec!["198.51.100.1".into()]));
    assert!(ann.whois("bob").is_empty() && bob.whois("ann").is_empty());
    ann.asks("OPER operuser operpassword", " 381 ");
    assert_eq!(ann.whois("bob"), ["198.51.100.1"]);
    assert!(bob.whois("ann").is_empty());
    // Whoever registers may be there from several places, and goes on from the same one when logging in.
    bob.asks("NS REGISTER correct-horse", "Account created");
    let mut again = Client::comes(&rig, &version_1("203.0.113.9"), "bobby");
    again.asks("NS IDENTIFY bob correct-horse", " 900 ");
    let both = ["198.51.100.1", "203.0.113.9"];
    assert_eq!(
        (ann.whois("bob"), again.whois("bob")),
        (both.map(Into::into).into(), both.map(Into::into).into())
    );
    bob.asks("QUIT", "ERROR ");
    assert_eq!(ann.whois("bob"), ["203.0.113.9"]);
}

#[test]
fn clients_on_another_shard_are_found() {
    let most = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: most.maximum, ..most }).unwrap();
    let rig = rig(|_| {});
    let mut ann = Client::comes(&rig, &version_1("192.0.2.7"), "ann");
    ann.asks("OPER operuser operpassword", " 381 ");
    let _silent: Vec<_> = (1..FIRST_SHARD).map(|_| connect(rig.address)).collect();
    let mut bob = Client::comes(&rig, &version_1("198.51.100.1"), "bob");
    assert_eq!(bob.whois("bob"), ["198.51.100.1"]);
    assert_eq!(ann.whois("bob"), ["198.51.100.1"]);
}

#[test]
fn a_ban_of_addresses_meets_who_is_behind_the_proxy() {
    let rig = rig(|_| {});
    let mut ann = Client::comes(&rig, &version_1("198.51.100.1"), "ann");
    ann.asks("JOIN #tea", " 366 ");
    ann.asks("MODE #tea +b *!*@192.0.2.0/24", " MODE #tea +b ");
    for (name, header) in [("bob", version_1("192.0.2.7")), ("cas", version_2("192.0.2.8"))] {
        let heard = Client::comes(&rig, &header, name).asks("JOIN #tea", " #tea ");
        assert!(heard.last().unwrap().contains(&format!(" 474 {name} #tea ")), "{heard:?}");
    }
    Client::comes(&rig, &version_2("203.0.113.9"), "dan").asks("JOIN #tea", " 366 ");
    Client::comes(&rig, b"", "eve").asks("JOIN #tea", " 366 ");
}

fn one_at_once() -> limits::Settings {
    let mut limits = limits::Settings::default();
    limits.exempt.clear();
    for limit in LIMITS {
        limits.set(limit.which, Amount::Off);
    }
    limits.set(Which::OpenPerAddress, Amount::AtOnce(1));
    limits
}

#[test]
fn each_address_behind_the_proxy_has_its_own_connections() {
    const TOO_MANY: &str = "Closing: too many connections from your address are open: try again later\n";
    let rig = rig(|settings| settings.limits = one_at_once());
    let mut ann = Client::comes(&rig, &version_1("192.0.2.7"), "ann");
    let mut bob = Client::comes(&rig, &version_2("192.0.2.8"), "bob");
    let mut cas = Client::comes(&rig, b"", "cas");
    for (name, client) in [("ann", &mut ann), ("bob", &mut bob), ("cas", &mut cas)] {
        assert_eq!(client.whois(name).len(), 1);
    }
    assert_eq!(told(rig.address, &opening(&version_2("192.0.2.7"), "dan")), TOO_MANY);
    assert_eq!(told(rig.address, &opening(b"PROXY UNKNOWN\r\n", "dan")), TOO_MANY, "the proxy's own");
    ann.asks("QUIT", "ERROR ");
    drop(ann);
    // When the server notices that she has gone is for the kernel to say.
    let come =
        || told(rig.address, &[opening(&version_1("192.0.2.7"), "dan"), b"QUIT\r\n".to_vec()].concat());
    let came = std::iter::repeat_with(come).find(|told| told != TOO_MANY).unwrap();
    assert!(came.contains(" 001 dan "), "{came}");
}

#[test]
fn an_improper_header_ends_the_connection() {
    let rig = rig(|_| {});
    for header in [&b"PROXY TCP4 nowhere 127.0.0.1 1 1\r\n"[..], b"\r\n\r\n\0\r\nQUIT\n\x2f\x11\0\x0c"] {
        assert_eq!(told(rig.address, header), "");
    }
    assert_eq!(told(rig.address, &[b"PROXY UNKNOWN ", &[b'x'; 93][..]].concat()), "", "it has no end");
}

#[test]
fn a_header_that_never_ends_is_cut_and_one_that_never_comes_is_not_waited_for() {
    let rig = rig(|settings| settings.login = Duration::from_millis(300));
    for header in [version_1("192.0.2.7"), version_2("192.0.2.7")] {
        assert_eq!(told(rig.address, &header[..header.len() - 1]), "");
    }
    for begun in [&b""[..], b"\r", b"PROX"] {
        let told = told(rig.address, begun);
        assert!(told.ends_with("Closing: no name was given in time\n"), "{begun:?}: {told}");
    }
}

#[test]
fn whoever_waits_to_be_asked_is_asked_behind_a_proxy_too() {
    let rig = rig(|_| {});
    let mut socket = connect(rig.address);
    socket.write_all(&version_2("192.0.2.7")).unwrap();
    let mut from = BufReader::new(socket);
    let mut line = String::new();
    from.read_line(&mut line).unwrap();
    assert!(line.contains("username"), "{line}");
    from.get_mut().write_all(b"ann\n/quit\n").unwrap();
    let mut rest = String::new();
    from.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("Welcome, ann!"), "{rest}");
}
