//! Ten thousand who connect and say nothing: bounded in memory, idle in processor time, closed after the time to log in.

use super::{chat, house, megabytes};
use chatroom_testkit::fault::{Books, Talker, prompt_of, raise_descriptors};
use std::io::Read;
use std::net::TcpStream;
use std::time::Duration;

const SILENT: usize = 10_000;
/// Resident memory a silent connection may cost; a debug build's futures are larger than those people run.
const EACH: u64 = 6 * 1024;

#[test]
fn ten_thousand_silent_connections_cost_little_and_are_closed() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    let most = raise_descriptors()?;
    assert!(most > SILENT as u64 + 2000, "this needs {SILENT} open sockets and may have {most}");
    let house = house(Some("20s"), None)?;
    let books = Books(house.server.pid());
    let mut alice = Talker::join(house.server.address, "alice")?;
    let quiet = chat(&mut alice, 50)?;
    let before = books.resident()?;
    let mut silent = Vec::with_capacity(SILENT);
    for _ in 0..SILENT {
        silent.push(TcpStream::connect_timeout(&house.server.address, chatroom_testkit::fault::DEADLINE)?);
    }
    // The last one's prompt: all were accepted.
    let mut last = Talker::connect(house.server.address)?;
    prompt_of(&mut last)?;
    let each = books.resident()?.saturating_sub(before) / SILENT as u64;
    let crowded = chat(&mut alice, 100)?;
    eprintln!(
        "{SILENT} silent: {each} bytes each; the slowest round trip {quiet:?} before, {crowded:?} among them"
    );
    assert!(books.descriptors()? > SILENT, "they are all open");
    assert!(each <= EACH, "{each} bytes a connection");
    assert!(crowded < Duration::from_secs(1), "others wait {crowded:?}");

    // While nobody says anything until the first of them is closed, next to no processor time is used.
    let (cpu, began) = (books.processor()?, std::time::Instant::now());
    let mut first = silent.remove(0);
    let told = read_all(&mut first)?;
    let (used, passed) = (books.processor()?.saturating_sub(cpu), began.elapsed());
    eprintln!("idle for {passed:.1?}: {used:?} of processor time");
    assert!(used < passed / 20, "{used:?} of processor time in {passed:?} without a word");
    assert!(told.ends_with("Closing: no name was given in time\n"), "{told:?}");
    for mut socket in silent {
        let told = read_all(&mut socket)?;
        assert!(told.contains("Closing: no name was given in time\n"), "{told:?}");
        drop(socket);
    }
    last.rest()?;
    let closed = chat(&mut alice, 50)?;
    eprintln!("all were closed; then {closed:?}, {:.1} MiB resident", megabytes(books.resident()?));
    Ok(())
}

fn read_all(socket: &mut TcpStream) -> anyhow::Result<String> {
    socket.set_read_timeout(Some(Duration::from_secs(45)))?;
    let mut told = String::new();
    socket.read_to_string(&mut told)?;
    Ok(told)
}
