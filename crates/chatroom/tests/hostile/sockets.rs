//! Five thousand WebSockets that never read while people talk: bounded in memory, let go when they are full, and nobody else
//! notices. Who is not full has lost nothing.

use super::listener::{LITTLE, Listener, MUCH, key_of};
use super::{House, chat, house, megabytes};
use chatroom_testkit::fault::{Books, DEADLINE, Talker, raise_descriptors};
use std::time::{Duration, Instant};

const SOCKETS: usize = 5_000;
/// One person has so many of them, and may have one more.
const EACH: usize = 15;
/// Of them, so many are told more than the kernel holds for them.
const FULL: usize = 300;
/// Messages said meanwhile to all, and to the full how many beside each of them, of how many letters.
const SAID: usize = 100;
const MORE: usize = 3;
const LONG: usize = 3_500;
/// Resident memory all of it may cost.
const MOST: u64 = 200 << 20;
/// Who takes nothing for so long is let go: longer than the messages take.
const STALL: Duration = Duration::from_secs(45);

#[test]
fn five_thousand_who_never_read_are_bounded_and_hold_nobody_up() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    let most = raise_descriptors()?;
    assert!(most > SOCKETS as u64 + 2000, "this needs {SOCKETS} open sockets and may have {most}");
    let House { server, _folder } = house(None, Some("45s"))?;
    let (address, books) = (server.address, Books(server.pid()));
    let mut alice = Talker::join(address, "alice")?;
    let quiet = chat(&mut alice, 50)?;
    let keys: Vec<_> = (0..SOCKETS.div_ceil(EACH))
        .map(|n| key_of(address, &format!("deaf{n}")))
        .collect::<Result<_, _>>()?;
    let mut all = Vec::with_capacity(SOCKETS);
    for n in 0..SOCKETS {
        // A kernel too gives up on who takes nothing: theirs who are not full has room for all that comes.
        all.push(Listener::open(address, &keys[n / EACH], if n < FULL { LITTLE } else { MUCH })?);
    }
    let opened = books.resident()?;
    // The first of them are in a room where more is said.
    let mut bob = Talker::join(address, "bob")?;
    bob.send("/create #deluge")?;
    bob.until("his room", |line| line == "Now in #deluge.")?;
    for key in keys.iter().take(FULL / EACH) {
        let mut enters = Listener::open(address, key, MUCH)?;
        enters.ask(1, "PUT", "/rooms/deluge/membership", "{}")?;
        enters.until(r#""id":1,"status":200"#)?;
    }
    let others = books.descriptors()? - FULL;
    let (began, mut slowest, long) = (Instant::now(), Duration::ZERO, "x".repeat(LONG));
    for n in 0..SAID {
        slowest = slowest.max(chat(&mut alice, 1)?);
        for m in 0..MORE {
            bob.send(&format!("{long}{n}.{m}"))?;
            bob.until("his own", |line| line.ends_with(&format!("x{n}.{m}")))?;
        }
    }
    let (took, peak) = (began.elapsed(), books.peak()?);
    eprintln!(
        "{SOCKETS} WebSockets that never read: {:.1} MiB when they had come, {:.1} MiB at most; slowest round trip {slowest:?} ({quiet:?} \
         before), {:.0} messages/s",
        megabytes(opened),
        megabytes(peak),
        (SAID * (1 + MORE)) as f64 / took.as_secs_f64()
    );
    assert!(peak <= MOST, "{:.1} MiB resident", megabytes(peak));
    assert!(slowest < Duration::from_secs(5), "others wait {slowest:?}");
    assert!(took < STALL, "the full were let go meanwhile: {took:?}");
    // The full are let go, by the server or by its kernel, and they alone. Meanwhile nothing is said.
    let until = Instant::now() + STALL + 2 * DEADLINE;
    // Of some a kernel may have taken all, however little room it was told to have.
    while books.descriptors()? > others + FULL / 10 {
        anyhow::ensure!(Instant::now() < until, "{} descriptors are open", books.descriptors()?);
        alice.users()?;
    }
    eprintln!("the full were let go within {:.1?}", began.elapsed());
    alice.send("the end")?;
    let open = books.descriptors()?;
    assert!(open >= others, "{} others were let go", others - open.min(others));
    // Who was not full is told everything that was said, in order.
    let mut reader = all.pop().expect("there are five thousand");
    for n in 0..SAID {
        let told = reader.until(r#""name":"alice""#)?;
        assert!(told.contains(r#""text":"round 0 "#), "message {n} is {told}");
    }
    reader.until(r#""text":"the end""#)?;
    Ok(())
}
