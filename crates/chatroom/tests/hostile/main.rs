//! What clients may do to the real server, and what others notice of it: nothing. Every flood has a witness who chats on.

mod descriptors;
mod floods;
mod frames;
mod irc;
mod limits;
mod listener;
mod openings;
mod original;
mod silent;
mod slow_reader;
mod sockets;
mod web;

use chatroom_testkit::fault::Talker;
use chatroom_testkit::process::{Launch, Server};
use std::time::{Duration, Instant};

/// The server on a folder of its own, which goes with it.
struct House {
    server: Server,
    _folder: tempfile::TempDir,
}

/// Starts a server; a client may take this long to say its name, and to read on.
fn house(login: Option<&str>, stall: Option<&str>) -> anyhow::Result<House> {
    let folder = tempfile::tempdir()?;
    let mut launch = Launch::new(env!("CARGO_BIN_EXE_chatroom"), folder.path().join("chatdata"));
    for (flag, value) in [("--timeouts-login", login), ("--timeouts-stall", stall)] {
        launch.args.extend(value.iter().flat_map(|value| [flag.to_owned(), (*value).to_owned()]));
    }
    Ok(House { server: launch.start()?, _folder: folder })
}

/// Says something and hears it back, so often; the slowest of them.
fn chat(talker: &mut Talker, times: usize) -> anyhow::Result<Duration> {
    let mut slowest = Duration::ZERO;
    for n in 0..times {
        let text = format!("round {n} {}", rand::random::<u64>());
        let own = format!("[{}]: {text}", talker.name);
        let began = Instant::now();
        talker.send(&text)?;
        talker.until("its own line", |line| line == own)?;
        slowest = slowest.max(began.elapsed());
    }
    Ok(slowest)
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
