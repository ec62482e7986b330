//! Registering while connecting: where it is not let, and by two at once.

use crate::rig::Rig;
use chatroom_server::Register;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What a client that is not in hears, having said this, up to the answer to its PING.
fn heard(rig: &Rig, lines: &str) -> Vec<String> {
    let mut to = TcpStream::connect(rig.address).unwrap();
    to.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    to.write_all(format!("{lines}\r\nPING end\r\n").as_bytes()).unwrap();
    let lines = BufReader::new(to).lines().map(Result::unwrap);
    lines.take_while(|line| !line.contains(" PONG ")).collect()
}

fn capability(heard: &[String]) -> &str {
    let mut words = heard.iter().flat_map(|line| line.split(' '));
    words.find(|word| word.starts_with("draft/account-registration")).unwrap()
}

#[test]
fn who_is_not_in_registers_only_where_that_is_let() {
    const ASKS: &str = "CAP LS 302\r\nNICK ann\r\nREGISTER * * correct-horse";
    let rig = Rig::start(|settings| settings.irc.register = Register::Connected);
    let later = heard(&rig, ASKS);
    assert_eq!(capability(&later), "draft/account-registration");
    assert!(later.last().unwrap().contains(" FAIL REGISTER COMPLETE_CONNECTION_REQUIRED * :"), "{later:?}");
    // Logging in stands for the server's password, and so an account must not be had without it.
    let rig = Rig::start(|settings| settings.irc.password = "word".into());
    let closed = heard(&rig, ASKS);
    assert_eq!(capability(&closed), "draft/account-registration");
    assert!(closed.last().unwrap().contains(" FAIL REGISTER COMPLETE_CONNECTION_REQUIRED * :"), "{closed:?}");
    let rig = Rig::start(|_| {});
    let early = heard(&rig, ASKS);
    assert_eq!(capability(&early), "draft/account-registration=before-connect");
    assert!(early.iter().any(|line| line.contains(" REGISTER SUCCESS ann :")), "{early:?}");
}

#[test]
fn of_those_who_register_one_name_at_once_one_has_it() {
    let rig = Rig::start(|_| {});
    let asks = |n: usize| format!("CAP LS 302\r\nNICK ann\r\nREGISTER * * correct-horse-{n}");
    let answers: Vec<Vec<String>> = std::thread::scope(|scope| {
        let rig = &rig;
        let all: Vec<_> = (0..8).map(|n| scope.spawn(move || heard(rig, &asks(n)))).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let count = |word: &str| answers.iter().flatten().filter(|line| line.contains(word)).count();
    assert_eq!(count(" REGISTER SUCCESS ann "), 1, "{answers:?}");
    assert_eq!(count(" FAIL REGISTER USERNAME_EXISTS ann "), 7, "{answers:?}");
}
