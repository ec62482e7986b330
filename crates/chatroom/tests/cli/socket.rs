//! The operator's socket itself: whose it is, and how much may be said on it.

use crate::program::Place;
use chatroom_testkit::fault::privileged;
use chatroom_wire::operator::{CALL_MAX, Reply, SOCKET};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::time::Duration;

/// Connections the server serves at once.
const CONNECTIONS: usize = 8;

struct Caller(BufReader<UnixStream>);

impl Caller {
    fn new(place: &Place) -> Self {
        let stream = UnixStream::connect(place.data().join(SOCKET)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self(BufReader::new(stream))
    }

    fn call(&mut self, line: &str) -> Reply {
        self.0.get_mut().write_all(format!("{line}\n").as_bytes()).unwrap();
        self.reply()
    }

    fn reply(&mut self) -> Reply {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        Reply::read(&line).unwrap()
    }
}

#[test]
fn it_is_the_owners_alone_and_goes_with_the_server() {
    let place = Place::new();
    std::fs::create_dir(place.data()).unwrap();
    drop(UnixListener::bind(place.data().join(SOCKET)).unwrap());
    let server = place.server(&[]);
    let rights = std::fs::metadata(place.data().join(SOCKET)).unwrap().permissions().mode();
    assert_eq!(rights & 0o777, 0o600);
    let mut caller = Caller::new(&place);
    assert!(matches!(caller.call(r#"{"ask":"status"}"#), Reply::Status(status) if status.uptime < 100));
    for none in ["", "{}", "nonsense", r#"{"ask":"everything"}"#, r#"{"deed":{"do":"nick","name":"x"}}"#] {
        assert!(matches!(caller.call(none), Reply::Error(_)), "{none}");
    }
    let make = r##"{"deed":{"do":"create","room":"#tea","access":"public"}}"##;
    assert_eq!(caller.call(make), Reply::Done);
    assert!(matches!(caller.call(make), Reply::Refused(_)));
    server.stop();
    assert!(!place.data().join(SOCKET).exists());
}

#[test]
fn a_call_of_one_byte_too_many_ends_the_conversation() {
    let place = Place::new();
    let _server = place.server(&[]);
    let ask = r#"{"ask":"status"}"#;
    let mut caller = Caller::new(&place);
    assert!(matches!(caller.call(&format!("{ask:CALL_MAX$}")), Reply::Status(_)));
    let long = CALL_MAX + 1;
    assert!(matches!(caller.call(&format!("{ask:long$}")), Reply::Error(why) if why.contains("at most")));
    let mut endless = Caller::new(&place);
    endless.0.get_mut().write_all(&vec![b'x'; long]).unwrap();
    assert!(matches!(endless.reply(), Reply::Error(why) if why.contains("at most")));
    assert_eq!(endless.0.read(&mut [0; 1]).unwrap(), 0, "it is closed");
}

#[test]
fn no_more_are_served_at_once_than_may_be() {
    let place = Place::new();
    let _server = place.server(&[]);
    let mut callers: Vec<_> = (0..CONNECTIONS).map(|_| Caller::new(&place)).collect();
    for caller in &mut callers {
        assert!(matches!(caller.call(r#"{"ask":"status"}"#), Reply::Status(_)));
    }
    assert!(matches!(Caller::new(&place).reply(), Reply::Error(why) if why.contains("too many")));
}

#[test]
fn somebody_else_on_the_machine_cannot_use_it() {
    if !privileged("somebody_else_on_the_machine_cannot_use_it", &[]) {
        return;
    }
    const NOBODY: u32 = 65534;
    let place = Place::new();
    let _server = place.server(&[]);
    let everybody = |path: &std::path::Path| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    let program = place.path().join("program");
    std::fs::copy(env!("CARGO_BIN_EXE_chatroom"), &program).unwrap();
    everybody(place.path());
    everybody(&program);
    let refused = || {
        let mut command = std::process::Command::new(&program);
        command.args(["room", "create", "#tea"]).current_dir(place.path()).uid(NOBODY).gid(NOBODY);
        crate::program::Ended::of(command.output().unwrap()).fails(77)
    };
    assert!(refused().contains("only the owner"), "the folder is closed");
    everybody(&place.data());
    assert!(refused().contains("only the owner"), "and so is the socket");
    assert_eq!(place.run(&["room", "list", "--json"]).json().as_array().unwrap().len(), 1);
}
