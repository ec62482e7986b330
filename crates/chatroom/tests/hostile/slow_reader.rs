//! P6, P7: a reader that stops reading costs nobody anything, and gets everything when it reads on; one that never
//! does is closed, and has left.

use super::{house, megabytes};
use chatroom_testkit::fault::{Books, DEADLINE, Talker};
use std::io::Write;
use std::time::Instant;

/// Messages that flow while somebody does not read.
const FLOW: usize = 200_000;
/// Memory the server may gain by it.
const GAIN: u64 = 64 << 20;

#[test]
fn whoever_stops_reading_gets_everything_later_and_slows_nobody() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    let house = house(None, Some("300s"))?;
    let books = Books(house.server.pid());
    let mut alice = Talker::join(house.server.address, "alice")?;
    let alone = flow(&mut alice, "warm", FLOW / 10)?;
    let before = books.resident()?;
    let mut reader = Talker::join(house.server.address, "reader")?;
    let beside = flow(&mut alice, "m", FLOW)?;
    let gain = books.peak()?.saturating_sub(before);
    eprintln!(
        "{alone:.0} messages/s alone, {beside:.0} beside a reader that does not read; {:.1} MiB more",
        megabytes(gain)
    );
    assert!(beside > alone / 3.0, "{beside:.0} messages/s instead of {alone:.0}");
    assert!(gain < GAIN, "{:.1} MiB more", megabytes(gain));
    let began = Instant::now();
    for n in 0..FLOW {
        let line = reader.line()?;
        assert_eq!(line.as_deref(), Some(format!("[alice]: m {n}").as_str()), "in order, each once");
    }
    eprintln!("caught up with {FLOW} in {:.1?}", began.elapsed());
    alice.send("live again")?;
    assert_eq!(reader.line()?.as_deref(), Some("[alice]: live again"));
    Ok(())
}

#[test]
fn whoever_never_reads_on_is_closed_and_has_left() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    let house = house(None, Some("3s"))?;
    let mut alice = Talker::join(house.server.address, "alice")?;
    let mut stuck = Talker::join(house.server.address, "stuck")?;
    // What the kernels of both sides hold is some megabytes at most.
    flow(&mut alice, &"x".repeat(3000), 8_000)?;
    let began = Instant::now();
    while alice.users()?.contains(&"stuck".to_owned()) {
        assert!(began.elapsed() < DEADLINE, "it is still there");
    }
    eprintln!("recorded as left at the latest {:.1?} after the last message", began.elapsed());
    let given = stuck.rest()?;
    assert!(given.len() < 8_000, "it read on: {} lines", given.len());
    Ok(())
}

/// Sends many messages, many at a time, and waits until all are back in order; how many a second.
fn flow(talker: &mut Talker, text: &str, count: usize) -> anyhow::Result<f64> {
    let began = Instant::now();
    let window = (1 << 19) / (text.len() + 32);
    let window = window.min(2000);
    let (mut sent, mut heard) = (0, 0);
    while heard < count {
        if sent < count && sent - heard <= window / 2 {
            let until = count.min(heard + window);
            let lines: String = (sent..until).map(|n| format!("{text} {n}\n")).collect();
            talker.stream.write_all(lines.as_bytes())?;
            sent = until;
        }
        let due = format!("[{}]: {text} {heard}", talker.name);
        match talker.line()? {
            Some(line) if line == due => heard += 1,
            Some(line) if line.starts_with("***") => {}
            other => anyhow::bail!("{due:?} was due, and came {other:?}"),
        }
    }
    Ok(count as f64 / began.elapsed().as_secs_f64())
}
