//! Starting, stopping, signals, and what a start that fails says.

use crate::program::{Ended, Place};
use crate::talker::Talker;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

#[test]
fn a_server_is_ready_at_once_and_stops_at_once_when_nobody_is_there() {
    let place = Place::new();
    let server = place.server(&[]);
    assert_eq!(server.ready["admin"], serde_json::Value::Null);
    assert!(server.address.ip().is_loopback() && server.address.port() != 0);
    let ready_in = server.ready_in;
    let stopped_in = server.stop();
    eprintln!("ready in {ready_in:?}, stopped in {stopped_in:?}");
    assert!(place.data().join("chatroom.db").exists());
}

#[test]
fn what_is_counted_is_served_where_somebody_says() {
    let place = Place::new();
    let server = place.server(&["--admin", "127.0.0.1:0"]);
    let admin: SocketAddr = server.ready["admin"].as_str().unwrap().parse().unwrap();
    Talker::join(server.address, "bob").says("bob", "count me");
    let mut socket = TcpStream::connect(admin).unwrap();
    socket.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut told = String::new();
    socket.read_to_string(&mut told).unwrap();
    let requests = told.lines().find_map(|line| line.strip_prefix("chatroom_requests_total "));
    let requests: u64 = requests.unwrap_or_else(|| panic!("{told}")).parse().unwrap();
    assert!(requests >= 2, "coming and saying something are two");
    server.stop();
}

#[test]
fn it_also_starts_without_a_verb_and_tells_people_how_to_join() {
    let place = Place::new();
    let mut child = place.command(&["--listen", "127.0.0.1:0"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.next().unwrap(), "Starting server...");
    let started = lines.next().unwrap();
    let address = started.strip_prefix("Server started on ").unwrap().to_owned();
    let (ip, port) = address.rsplit_once(':').unwrap();
    assert_eq!(lines.next().unwrap(), format!("Join at     http://{address}/ in a browser"));
    assert_eq!(lines.next().unwrap(), format!("or with     nc {ip} {port}"));
    assert_eq!(lines.next().unwrap(), format!("or with     chatroom client {address}"));
    assert!(lines.next().unwrap().starts_with("or with     any IRC client: irssi -c 127.0.0.1 -p "));
    assert!(lines.next().unwrap().contains(&format!("--listen 0.0.0.0:{port} opens it")));
    Talker::join(address.parse().unwrap(), "bob").says("bob", "it is true");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn nobody_else_can_read_the_data() {
    let place = Place::new();
    let server = place.server(&[]);
    Talker::join(server.address, "bob").says("bob", "private");
    place.run(&["snapshot"]).ok();
    check_modes(&place.data());
    server.stop();
    check_modes(&place.data());
}

fn check_modes(path: &Path) {
    let metadata = std::fs::metadata(path).unwrap();
    let mode = metadata.permissions().mode() & 0o777;
    assert_eq!(mode, if metadata.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
    if metadata.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            check_modes(&entry.unwrap().path());
        }
    }
}

#[test]
fn a_folder_or_port_in_use_and_a_folder_that_cannot_be_made_have_their_codes() {
    let place = Place::new();
    let server = place.server(&[]);
    let second = place.run(&["server", "--listen", "127.0.0.1:0"]).fails(69);
    assert!(second.contains("chatdata is in use by another chatroom server"), "{second}");
    let import =
        place.run(&["import", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/original")]).fails(69);
    assert!(import.contains("in use"), "{import}");
    let address = server.address.to_string();
    let port = place.run(&["server", "--listen", &address, "--data", "other"]).fails(69);
    assert!(port.contains(&format!("cannot listen on {address}")), "{port}");
    place.write("file", "no folder");
    let folder = place.run(&["server", "--listen", "127.0.0.1:0", "--data", "file/data"]).fails(73);
    assert!(folder.contains("file/data"), "{folder}");
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let place = Place::new();
    let mut server = place.server(&[]);
    // Both are there when it wakes up, so the second comes while it stops.
    server.signal(Signal::STOP);
    server.signal(Signal::TERM);
    server.signal(Signal::INT);
    server.signal(Signal::CONT);
    server.says(&["stopped at once by a second signal"]);
    assert_eq!(server.wait().code(), Some(1));
}

#[test]
fn sighup_takes_over_what_it_can_keeps_the_old_on_error_and_says_what_needs_a_restart() {
    let place = Place::new();
    let file = place.write("own.toml", "[log]\nlevel = \"info\"\n");
    let mut server = place.server(&["--config", "own.toml"]);
    std::fs::write(&file, "[log]\nlevle = \"debug\"\n").unwrap();
    server.signal(Signal::HUP);
    let kept = server.says(&["the old one stays"]);
    assert!(kept.contains("own.toml:2") && kept.contains("did you mean"), "{kept}");
    std::fs::write(&file, "shards = 3\n[log]\nlevel = \"warn,chatroom=info\"\n").unwrap();
    server.signal(Signal::HUP);
    server.says(&["needs a restart", "shards"]);
    server.says(&["read again", "log.level"]);
    server.stop();
}

#[test]
fn logs_are_json_in_a_pipe_text_when_asked_and_silent_when_off() {
    let place = Place::new();
    let mut server = place.server(&[]);
    let line: serde_json::Value = serde_json::from_str(&server.says(&["accepting"])).unwrap();
    assert_eq!(line["level"], "INFO");
    server.stop();
    let mut server = place.server(&["--log-format", "text"]);
    let line = server.says(&["accepting"]);
    assert!(!line.starts_with('{') && !line.contains('\u{1b}'), "{line}");
    server.stop();
    let mut child =
        place.command(&["--listen", "127.0.0.1:0", "--ready-json", "--log-level", "off"]).spawn().unwrap();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(Ended::of(child.wait_with_output().unwrap()).fails(0), "");
}
