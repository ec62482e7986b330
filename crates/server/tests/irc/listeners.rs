//! A listener may be given protocols of its own; the others are told so in their own language.

use crate::rig::Rig;
use chatroom_server::{Listen, Speaks};
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
    let at =
        |line, irc| Listen { address: SocketAddr::from(([127, 0, 0, 1], 0)), speaks: Speaks { line, irc } };
    let rig = Rig::start(|settings| settings.listen = vec![at(true, true), at(false, true), at(true, false)]);
    let [all, irc, line] = rig.addresses[..] else { panic!("three listeners") };
    let irc_client = "NICK ann\r\nUSER ann 0 * :Ann\r\nQUIT\r\n";
    for address in [all, irc] {
        assert!(told(address, irc_client).starts_with(":chatroom 001 ann :"));
    }
    assert_eq!(told(line, irc_client), "ERROR :IRC is not served at this address\r\n");
    // On a port of IRC alone nobody is prompted: whoever says something says it in IRC.
    let stranger = told(irc, "hello\r\nQUIT\r\n");
    assert!(stranger.starts_with(":chatroom 451 * :"), "{stranger}");
    assert!(told(irc, "GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 501 "));
    for (address, name) in [(all, "bob"), (line, "cas")] {
        assert!(told(address, &format!("{name}\n/quit\n")).contains(&format!("Welcome, {name}!")));
    }
}
