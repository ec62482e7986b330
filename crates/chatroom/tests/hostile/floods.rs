//! Endless lines, NULs, telnet, escapes, broken UTF-8, single bytes: all at once, while two people talk.

use super::{chat, house, megabytes};
use chatroom_testkit::fault::{Books, Talker};
use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const ENDLESS: usize = 100;
const BYTES: usize = 64 << 20;
/// Resident memory the server may have under it all.
const RESIDENT: u64 = 200 << 20;

#[test]
fn everything_at_once_and_two_people_notice_nothing() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    let house = house(None, None)?;
    let (address, books) = (house.server.address, Books(house.server.pid()));
    let mut bob = Talker::join(address, "bob")?;
    let mut alice = Talker::join(address, "alice")?;
    let over = AtomicBool::new(false);
    let slowest = std::thread::scope(|threads| -> anyhow::Result<Duration> {
        let floods: Vec<_> =
            (0..8).map(|part| threads.spawn(move || endless(address, part, ENDLESS / 8 + 1))).collect();
        let others = [
            threads.spawn(|| hostile_chat(address)),
            threads.spawn(|| byte_by_byte(address)),
            threads.spawn(|| repeat(address, "nul", &[0; 4096], 4096, &over)),
            threads.spawn(|| {
                repeat(
                    address,
                    "telnet",
                    b"\xff\xfb\x01\xff\xfd\x03\xff\xfa\x18\x00xterm\xff\xf0",
                    200_000,
                    &over,
                )
            }),
        ];
        let mut slowest = Duration::ZERO;
        let mut left: Vec<_> = floods.into_iter().chain(others).collect();
        while !left.is_empty() {
            slowest = slowest.max(chat(&mut alice, 10)?);
            let (ended, running) = left.into_iter().partition(|flood| flood.is_finished());
            left = running;
            for flood in Vec::from_iter::<Vec<std::thread::ScopedJoinHandle<'_, anyhow::Result<()>>>>(ended) {
                flood.join().expect("a flood does not panic")?;
            }
        }
        over.store(true, Ordering::Relaxed);
        Ok(slowest)
    })?;
    let peak = books.peak()?;
    eprintln!(
        "{ENDLESS} endless lines of 64 MiB and more: slowest round trip {slowest:?}, peak {:.1} MiB",
        megabytes(peak)
    );
    assert!(peak < RESIDENT, "{:.1} MiB resident", megabytes(peak));
    assert!(slowest < Duration::from_secs(5), "others waited {slowest:?}");
    alice.send("the end")?;
    let seen = bob.until("the end", |line| line == "[alice]: the end")?;
    let mut mallory = Vec::new();
    for line in &seen {
        assert!(line.chars().all(|c| !c.is_control()), "control characters reach others: {line:?}");
        let known = ["[alice]: ", "*** ", "[mallory]: ", "[slow]: "];
        assert!(known.iter().any(|start| line.starts_with(start)), "a forged line: {line:?}");
        mallory.extend(line.strip_prefix("[mallory]: "));
    }
    assert_eq!(mallory, EXPECTED);
    assert_eq!(seen.iter().filter(|line| **line == "[slow]: one byte after the other").count(), 1);
    Ok(())
}

/// A part of the endless lines, written by turns.
fn endless(address: SocketAddr, part: usize, count: usize) -> anyhow::Result<()> {
    let mut sockets = Vec::new();
    for n in 0..count {
        let mut talker = Talker::connect(address)?;
        if n % 2 == 0 {
            // Half of them come in first; the others never get so far.
            talker.send(&format!("endless{part}x{n}"))?;
            talker.enter(&format!("endless{part}x{n}"))?;
        }
        talker.stream.set_nonblocking(true)?;
        sockets.push((talker.stream, 0));
    }
    let chunk = vec![b'x'; 256 << 10];
    while !sockets.is_empty() {
        let mut wrote = false;
        sockets.retain_mut(|(socket, sent)| {
            // What is sent to it is never read: it may be closed for that, or for its line.
            match socket.write(&chunk) {
                Ok(n) => {
                    *sent += n;
                    wrote = true;
                    *sent < BYTES
                }
                Err(error) => error.kind() == ErrorKind::WouldBlock,
            }
        });
        if !wrote {
            std::thread::yield_now();
        }
    }
    Ok(())
}

const SENT: &[&[u8]] = &[
    b"red \x1b[31mtext\x1b[0m\x07\n",
    b"title \x1b]0;pwned\x07\n",
    b"broken \xc3\x28 utf-8 \xf0\x9f\n",
    b"over\rwrite\r\n",
    b"nul\0\0byte\n",
    b"\xff\xfb\x01telnet\xff\xf1\n",
    b"c1 \xc2\x9b31m csi\n",
    b"bidi \xe2\x80\xaegpj.exe\n",
    b"line\xe2\x80\xa8separator\xc2\x85next\n",
    b"\x1b\x07\x08\n",
    b"tab\there\n",
    b"[alice]: forged\n",
    b"*** alice left the chat ***\n",
];

const EXPECTED: &[&str] = &[
    "red [31mtext[0m",
    "title ]0;pwned",
    "broken \u{fffd}( utf-8 \u{fffd}",
    "over write",
    "nulbyte",
    "telnet",
    "c1 31m csi",
    "bidi gpj.exe",
    "line separator next",
    "tab here",
    "[alice]: forged",
    "*** alice left the chat ***",
];

fn hostile_chat(address: SocketAddr) -> anyhow::Result<()> {
    let mut mallory = Talker::join(address, "mallory")?;
    for line in SENT {
        mallory.stream.write_all(line)?;
    }
    mallory.until("its last line", |line| line == "[mallory]: *** alice left the chat ***").map(drop)
}

fn byte_by_byte(address: SocketAddr) -> anyhow::Result<()> {
    let mut slow = Talker::connect(address)?;
    for byte in b"slow\r\none byte after the other\r\n" {
        slow.stream.write_all(&[*byte])?;
    }
    slow.until("its own line", |line| line == "[slow]: one byte after the other").map(drop)
}

fn repeat(
    address: SocketAddr,
    name: &str,
    bytes: &[u8],
    times: usize,
    over: &AtomicBool,
) -> anyhow::Result<()> {
    let mut talker = Talker::join(address, name)?;
    for _ in 0..times {
        if over.load(Ordering::Relaxed) || talker.stream.write_all(bytes).is_err() {
            break;
        }
    }
    Ok(())
}
