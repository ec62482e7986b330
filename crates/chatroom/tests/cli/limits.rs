//! Limits as an operator meets them: on by default, not for this machine itself, changed by SIGHUP.

use crate::program::Place;
use rustix::process::Signal;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A connection's first line, and the connection.
fn first_line(address: SocketAddr) -> (String, TcpStream) {
    let socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut line = String::new();
    BufReader::new(&socket).read_line(&mut line).unwrap();
    (line, socket)
}

#[test]
fn an_address_is_limited_as_the_file_says_and_sighup_changes_it() {
    let place = Place::new();
    let of = |most| format!("[limits]\nexempt = []\nopen_per_address = \"{most} at once\"\n");
    let file = place.write("own.toml", &of(1));
    let mut server = place.server(&["--config", "own.toml"]);
    let (prompt, _first) = first_line(server.address);
    assert!(!prompt.starts_with("Closing: "), "{prompt}");
    let (told, _) = first_line(server.address);
    assert_eq!(told, "Closing: too many connections from your address are open: try again later\n");
    std::fs::write(&file, of(2)).unwrap();
    server.signal(Signal::HUP);
    server.says(&["read again", "limits.open_per_address"]);
    let (prompt, _second) = first_line(server.address);
    assert!(!prompt.starts_with("Closing: "), "{prompt}");
    assert!(first_line(server.address).0.starts_with("Closing: "));
    server.stop();
}

#[test]
fn this_machine_is_no_stranger_unless_told_so() {
    let place = Place::new();
    let server = place.server(&["--limits-open-per-address", "1 at once"]);
    let all: Vec<_> = (0..3).map(|_| first_line(server.address)).collect();
    assert!(!all.iter().any(|(line, _)| line.starts_with("Closing: ")));
    server.stop();
    let server = place.server(&["--limits-open-per-address", "1 at once", "--limits-exempt", "none"]);
    let all: Vec<_> = (0..3).map(|_| first_line(server.address)).collect();
    assert_eq!(all.iter().filter(|(line, _)| line.starts_with("Closing: ")).count(), 2);
    server.stop();
    let place = Place::new();
    let off =
        ["--limits-open-per-address", "1 at once", "--limits-exempt", "none", "--limits-enabled", "off"];
    let server = place.server(&off);
    let all: Vec<_> = (0..3).map(|_| first_line(server.address)).collect();
    assert!(!all.iter().any(|(line, _)| line.starts_with("Closing: ")));
    server.stop();
}
