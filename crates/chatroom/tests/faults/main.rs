//! What the real server does when the disk misbehaves, each fault a real one. Needs root, mount, mkfs.ext4 and cc; on a
//! machine without them a test says so loudly, and in CI it fails.

mod damage;
mod disk_full;
mod failing_calls;
mod failing_sync;
mod power_cut;
mod read_only;

use chatroom_testkit::fault::{Answer, Talker, Witness};
use chatroom_testkit::process::Launch;
use std::io::{Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// When a fault ends, service is whole within this, without an operator (P14).
const WHOLE_AGAIN: Duration = Duration::from_secs(10);

fn launch(data: &Path) -> Launch {
    Launch::new(env!("CARGO_BIN_EXE_chatroom"), data)
}

/// Says one thing until it is stored; how long that took.
fn until_stored(witness: &Witness, talker: &mut Talker, id: Uuid, text: &str) -> anyhow::Result<Duration> {
    let began = Instant::now();
    loop {
        let answer = witness.say_as(talker, id, text)?;
        let waited = began.elapsed();
        if answer == Answer::Stored {
            break;
        }
        anyhow::ensure!(waited < WHOLE_AGAIN, "not whole again after {waited:?}: {answer:?}");
    }
    Ok(began.elapsed())
}

/// Tries to join where joining must be refused; the reason that was given.
fn refused_at_the_door(address: std::net::SocketAddr, name: &str) -> anyhow::Result<Option<String>> {
    let mut newcomer = Talker::connect(address)?;
    newcomer.send(name)?;
    let joined = format!("*** {name} joined the chat ***");
    while let Some(line) = newcomer.line()? {
        if let Some(why) = line.strip_prefix("Closing: ") {
            return Ok(Some(why.into()));
        }
        if line == joined {
            return Ok(None);
        }
    }
    anyhow::bail!("{name} was closed without a reason")
}

/// What a load balancer is told.
fn readiness(address: std::net::SocketAddr) -> anyhow::Result<String> {
    let mut socket = std::net::TcpStream::connect(address)?;
    socket.set_read_timeout(Some(chatroom_testkit::fault::DEADLINE))?;
    socket.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut told = String::new();
    socket.read_to_string(&mut told)?;
    Ok(told)
}
