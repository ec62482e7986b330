//! A listener may be given protocols of its own; the others are told so in their own language.

use crate::rig::Rig;
use chatroom_server::Listen;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// What a listener answers to some bytes, up to the end of the connection.
fn told(address: SocketAddr, said: &str) -> String {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    socket.write_all(said.as_bytes()).unwrap();
    let mut told = Vec::new();
    socket.read_to_end(&mut told).unwrap();
    String::from_utf8(told).unwrap()
}

#[test]
fn each_listener_speaks_what_it_may() {
    let at = |speaks: &str| format!("127.0.0.1:0{speaks}").parse::<Listen>().unwrap();
    let rig = Rig::start(|settings| settings.listen = ["", "=irc", "=line", "=web"].map(at).into());
    let [all, irc, line, web] = rig.addresses[..] else { panic!("four listeners") };
    let irc_client = "NICK ann\r\nUSER ann 0 * :Ann\r\nQUIT\r\n";
    for address in [all, irc] {
        assert!(told(address, irc_client).starts_with(":chatroom 001 ann :"));
    }
    assert_eq!(told(line, irc_client), "ERROR :IRC is not served at this address\r\n");
    // On a port of IRC alone nobody is prompted: whoever says something says it in IRC.
    let stranger = told(irc, "hello\r\nQUIT\r\n");
    assert!(stranger.starts_with(":chatroom 451 * :"), "{stranger}");
    let get = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    for address in [all, web] {
        assert!(told(address, get).starts_with("HTTP/1.1 200 "));
    }
    for address in [irc, line] {
        assert!(told(address, get).starts_with("HTTP/1.1 404 "));
    }
    assert_eq!(told(web, irc_client), "ERROR :IRC is not served at this address\r\n");
    assert_eq!(told(web, "bob\n"), "", "nobody is prompted there");
    for (address, name) in [(all, "bob"), (line, "cas")] {
        assert!(told(address, &format!("{name}\n/quit\n")).contains(&format!("Welcome, {name}!")));
    }
}
