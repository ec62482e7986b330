//! Five thousand who ask by HTTP and never come to an end, and five thousand who never read what they asked for: bounded in
//! memory, let go after a while, and nobody else notices.

use super::{chat, house, megabytes};
use chatroom_testkit::fault::{Books, Talker, raise_descriptors};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

const EACH: usize = 5_000;
/// Of those who never read, so many ask for more than the kernel holds for them.
const FULL: usize = 50;
/// Of the slow, so many say a byte at once.
const AT_ONCE: usize = 500;
/// Resident memory all of them together may cost.
const MOST: u64 = 200 << 20;
/// How long a head may take, and how long nothing may be asked: up to a quarter more, and some seconds for last words.
const PATIENCE: Duration = Duration::from_secs(38 + 15);

#[test]
fn slow_and_deaf_callers_are_bounded_and_let_go() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    let most = raise_descriptors()?;
    assert!(most > 2 * EACH as u64 + 2000, "this needs {} open sockets and may have {most}", 2 * EACH);
    let house = house(None, None)?;
    let books = Books(house.server.pid());
    let mut alice = Talker::join(house.server.address, "alice")?;
    let quiet = chat(&mut alice, 50)?;
    let connect = || -> anyhow::Result<TcpStream> {
        let socket = TcpStream::connect_timeout(&house.server.address, chatroom_testkit::fault::DEADLINE)?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    };
    // Those who never read ask for some; the first of them for more than the kernel holds of the answers.
    let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut deaf = Vec::with_capacity(EACH);
    for n in 0..EACH {
        let mut socket = connect()?;
        let requests = request.repeat(if n < FULL { 1500 } else { 5 });
        socket.write_all(requests.as_bytes())?;
        deaf.push(socket);
    }
    let opened = Instant::now();
    let mut slow = Vec::with_capacity(EACH);
    for _ in 0..EACH {
        let mut socket = connect()?;
        socket.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ")?;
        slow.push(socket);
    }
    // What they asked for at once is answered first: that is work, and not what is looked at here.
    let crowded = chat(&mut alice, 200)?;
    let (began, mut peak, mut slowest) = (Instant::now(), 0, Duration::ZERO);
    let mut next = 0;
    while !slow.is_empty() {
        anyhow::ensure!(began.elapsed() < PATIENCE, "{} are still heard", slow.len());
        // A byte more, again and again, from some of them at a time.
        for _ in 0..AT_ONCE.min(slow.len()) {
            let n = next % slow.len();
            if slow[n].write_all(b"x").is_ok() && !is_over(&mut slow[n]) {
                next += 1;
            } else {
                slow.swap_remove(n);
            }
            if slow.is_empty() {
                break;
            }
        }
        peak = peak.max(books.anonymous()?);
        slowest = slowest.max(chat(&mut alice, 20)?);
    }
    // The last of them had at least the time that all have.
    let after = opened.elapsed();
    assert!(after >= Duration::from_secs(30), "they were let go after {after:?} already");
    eprintln!(
        "{EACH} slow and {EACH} deaf: {:.1} MiB at most, slowest round trip {slowest:?} ({quiet:?} before, {crowded:?} as they came), {} bytes \
         each until {after:.1?}",
        megabytes(peak),
        next / EACH
    );
    assert!(next > 3 * EACH, "nobody was slow");
    assert!(peak <= MOST, "{peak} bytes");
    assert!(slowest < Duration::from_secs(1), "others wait {slowest:?}");
    // The deaf are let go too, and what is left for them is theirs to read.
    let until = Instant::now() + PATIENCE;
    while books.descriptors()? > 200 {
        anyhow::ensure!(Instant::now() < until, "{} descriptors are still open", books.descriptors()?);
        chat(&mut alice, 20)?;
    }
    let mut first = deaf.swap_remove(0);
    first.set_nonblocking(false)?;
    let _ = first.shutdown(Shutdown::Write);
    let mut answers = Vec::new();
    let _ = first.read_to_end(&mut answers);
    assert!(answers.starts_with(b"HTTP/1.1 200 OK\r\n"), "{} bytes", answers.len());
    chat(&mut alice, 50)?;
    Ok(())
}

/// Whether the other side has ended.
fn is_over(socket: &mut TcpStream) -> bool {
    match socket.read(&mut [0; 1024]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() != ErrorKind::WouldBlock,
    }
}
