//! A thousand IRC clients that write as fast as they can, read nothing, and are limited as everybody is by default: others
//! notice nothing.

use super::{chat, megabytes};
use chatroom_testkit::fault::{Books, Talker};
use chatroom_testkit::process::Launch;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

const CLIENTS: usize = 1000;
const THREADS: usize = 4;
/// Resident memory the server may have under it all.
const RESIDENT: u64 = 200 << 20;
/// Written by all of them together before it counts as a flood: more than the kernels between them hold.
const FLOOD: u64 = 64 << 20;

#[test]
fn a_thousand_that_flood_do_not_move_others() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    let folder = tempfile::tempdir()?;
    let mut launch = Launch::new(env!("CARGO_BIN_EXE_chatroom"), folder.path().join("chatdata"));
    launch.env.push(("CHATROOM_LIMITS_ENABLED".into(), "on".into()));
    let server = launch.start()?;
    let (address, books) = (server.address, Books(server.pid()));
    let mut alice = Talker::join(address, "alice")?;
    let quiet = chat(&mut alice, 20)?;
    let (over, written) = (AtomicBool::new(false), AtomicU64::new(0));
    let slowest = std::thread::scope(|threads| -> anyhow::Result<Duration> {
        let floods: Vec<_> = (0..THREADS)
            .map(|part| {
                threads.spawn({
                    let (over, written) = (&over, &written);
                    move || flood(address, part, over, written)
                })
            })
            .collect();
        let mut slowest = Duration::ZERO;
        let mut rounds = 0;
        while rounds < 30 || written.load(Ordering::Relaxed) < FLOOD {
            slowest = slowest.max(chat(&mut alice, 1)?);
            rounds += 1;
            if floods.iter().any(|flood| flood.is_finished()) {
                break;
            }
        }
        over.store(true, Ordering::Relaxed);
        for flood in floods {
            flood.join().expect("a flood does not panic")?;
        }
        Ok(slowest)
    })?;
    let (peak, written) = (books.peak()?, written.into_inner());
    eprintln!(
        "{CLIENTS} IRC clients wrote {:.0} MiB: slowest round trip {slowest:?} ({quiet:?} before), peak {:.1} MiB",
        megabytes(written),
        megabytes(peak)
    );
    assert!(written >= FLOOD, "only {:.1} MiB were written: no flood", megabytes(written));
    assert!(peak < RESIDENT, "{:.1} MiB resident", megabytes(peak));
    assert!(slowest < Duration::from_secs(5), "others waited {slowest:?}");
    Ok(())
}

/// A part of the clients: each in a room of its own, which it fills as fast as its socket takes it.
fn flood(address: SocketAddr, part: usize, over: &AtomicBool, written: &AtomicU64) -> anyhow::Result<()> {
    let mut sockets = Vec::new();
    for n in 0..CLIENTS / THREADS {
        let mut socket = TcpStream::connect(address)?;
        let name = format!("f{part}x{n}");
        socket.write_all(format!("NICK {name}\r\nUSER {name} 0 * :{name}\r\nJOIN #{name}\r\n").as_bytes())?;
        let mut heard = Vec::new();
        while !heard.windows(5).any(|part| part == b" 001 ") {
            let mut buffer = [0; 1024];
            let n = socket.read(&mut buffer)?;
            anyhow::ensure!(n > 0, "{name} was turned away: {}", String::from_utf8_lossy(&heard));
            heard.extend_from_slice(&buffer[..n]);
        }
        socket.set_nonblocking(true)?;
        let lines = format!("PRIVMSG #{name} :{}\r\nWHO *\r\nJOIN #x{name}\r\n", "x".repeat(400)).repeat(20);
        sockets.push((socket, lines, 0));
    }
    while !over.load(Ordering::Relaxed) && !sockets.is_empty() {
        let mut wrote = false;
        sockets.retain_mut(|(socket, lines, at)| match socket.write(&lines.as_bytes()[*at..]) {
            Ok(n) => {
                *at = if *at + n == lines.len() { 0 } else { *at + n };
                written.fetch_add(n as u64, Ordering::Relaxed);
                wrote = true;
                true
            }
            Err(error) => error.kind() == ErrorKind::WouldBlock,
        });
        if !wrote {
            std::thread::yield_now();
        }
    }
    Ok(())
}
