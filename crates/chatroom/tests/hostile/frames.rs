//! WebSockets against the letter of the protocol: too much, too many, too slow, half, and garbage. Each is answered as
//! RFC 6455 has it, costs little, and nobody else notices.

use super::listener::{Flood, LITTLE, Listener, PING, TEXT, asking, key_of, opening};
use super::{chat, house, megabytes};
use chatroom_testkit::fault::{Books, DEADLINE, Talker};
use chatroom_wire::websocket::{FRAGMENTS_MAX, MESSAGE_BYTES, masked};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// Clients that write and never read.
const FLOODERS: usize = 16;
/// For so long nothing was taken from any of them: then they are heard no further.
const STILL: Duration = Duration::from_secs(2);
/// By then they are.
const SOON: Duration = Duration::from_secs(120);
/// Resident memory the server may have under it all.
const RESIDENT: u64 = 200 << 20;

#[test]
fn one_more_than_there_may_be_ends_the_connection_with_its_code() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    let house = house(None, None)?;
    let address = house.server.address;
    let mut alice = Talker::join(address, "alice")?;
    let key = key_of(address, "rude")?;
    let open = || Listener::open(address, &key, LITTLE);
    // As large as it may be, in one frame and in as many as there may be: understood, and refused for what it says.
    let room = MESSAGE_BYTES - asking(1, "PUT", "/rooms/1/typing", r#""""#).len();
    let text = asking(1, "PUT", "/rooms/1/typing", &format!(r#""{}""#, "x".repeat(room)));
    assert_eq!(text.len(), MESSAGE_BYTES);
    let mut polite = open()?;
    polite.send(TEXT, text.as_bytes())?;
    polite.until(r#""type":"answer","id":1,"status":405"#)?;
    let fragments = |last: u16| -> Vec<u8> {
        let mut out = Vec::new();
        masked(&mut out, 0x01, [1; 4], text.as_bytes());
        (2..last).for_each(|_| masked(&mut out, 0x00, [2; 4], b""));
        masked(&mut out, 0x80, [3; 4], b"");
        out
    };
    polite.socket.write_all(&fragments(FRAGMENTS_MAX))?;
    polite.until(r#""type":"answer","id":1,"status":405"#)?;
    let frame = |first, bytes: &[u8]| {
        let mut out = Vec::new();
        masked(&mut out, first, [7; 4], bytes);
        out
    };
    let announced = [&b"\x81\xff"[..], &(MESSAGE_BYTES as u64 + 1).to_be_bytes(), b"mask"].concat();
    for (what, bytes, code) in [
        ("a byte more", frame(TEXT, format!("{text} ").as_bytes()), 1009),
        ("a byte more, announced only", announced, 1009),
        ("a fragment more", fragments(FRAGMENTS_MAX + 1), 1009),
        ("a control frame of a byte more", frame(PING, &[b'x'; 126]), 1002),
        ("not masked", b"\x81\x02{}".to_vec(), 1002),
        ("bytes", frame(0x82, b"x"), 1003),
        ("no UTF-8", frame(TEXT, b"\xff"), 1007),
    ] {
        let mut rude = open()?;
        rude.socket.write_all(&bytes)?;
        assert_eq!(rude.closed()?, code, "{what}");
    }
    polite.send(PING, b"still there")?;
    while polite.frame()? != Some((0x8a, b"still there".to_vec())) {}
    chat(&mut alice, 5)?;
    Ok(())
}

#[test]
fn who_writes_and_never_reads_is_heard_no_further() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    let house = house(None, Some("300s"))?;
    let (address, books) = (house.server.address, Books(house.server.pid()));
    let mut alice = Talker::join(address, "alice")?;
    let quiet = chat(&mut alice, 100)?;
    let empty = books.resident()?;
    let frames = |texts: &[(u8, String)]| {
        let mut out = Vec::new();
        texts.iter().for_each(|(first, text)| masked(&mut out, *first, [9; 4], text.as_bytes()));
        out
    };
    let page = frames(&[(TEXT, asking(7, "GET", "/rooms/1/messages?limit=100", "null"))]).repeat(50);
    let deeds = frames(&[(TEXT, asking(7, "POST", "/rooms/1/messages", r#"{"text":""}"#))]).repeat(200);
    let wrong = frames(&[(TEXT, "no JSON".into())]).repeat(200);
    let pings = frames(&[(PING, "are you?".into())]).repeat(2000);
    let all =
        (0..FLOODERS).map(|n| Listener::join(address, &format!("deaf{n}"))).collect::<Result<_, _>>()?;
    let kinds = [page, deeds, wrong, pings];
    let mut flood = Flood::new(all, |n| kinds[n % kinds.len()].clone())?;
    let (began, mut slowest) = (Instant::now(), Duration::ZERO);
    while flood.write()? < STILL {
        anyhow::ensure!(began.elapsed() < SOON, "{:?} bytes were taken, and more are", flood.written);
        slowest = slowest.max(chat(&mut alice, 1)?);
    }
    let peak = books.peak()?;
    let each: Vec<usize> =
        (0..kinds.len()).map(|n| flood.written.iter().skip(n).step_by(kinds.len()).sum()).collect();
    eprintln!("bytes by kind (pages, deeds, no JSON, pings): {each:?}");
    eprintln!(
        "{FLOODERS} WebSockets wrote {:.1} MiB and were heard no further after {:.1?}: {:.1} MiB at most ({:.1} before), slowest round trip \
         {slowest:?} ({quiet:?} before)",
        megabytes(flood.written.iter().sum::<usize>() as u64),
        began.elapsed(),
        megabytes(peak),
        megabytes(empty)
    );
    assert!(peak < RESIDENT, "{:.1} MiB resident", megabytes(peak));
    assert!(slowest < Duration::from_secs(5), "others waited {slowest:?}");
    // Who reads on is heard on: the first of them asked for pages, and has an answer to each.
    let mut reader = flood.reader()?;
    for _ in 0..200 {
        reader.until(r#"{"type":"answer","id":7,"status":200"#)?;
    }
    Ok(())
}

#[test]
fn a_thousand_things_asked_at_once_are_answered_each() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    let house = house(None, None)?;
    let mut greedy = Listener::join(house.server.address, "greedy")?;
    let mut all = Vec::new();
    for id in 0..1000 {
        let text = asking(id, "POST", "/rooms/1/messages", &format!(r#"{{"text":"number {id}"}}"#));
        masked(&mut all, TEXT, [id as u8; 4], text.as_bytes());
    }
    let mut writes = greedy.socket.try_clone()?;
    let writer = std::thread::spawn(move || writes.write_all(&all));
    let (mut answered, mut told) = (vec![false; 1000], 0);
    while told < 1000 || answered.contains(&false) {
        let (_, bytes) = greedy.frame()?.expect("it is not cut");
        let text = String::from_utf8(bytes)?;
        if let Some(rest) = text.strip_prefix(r#"{"type":"answer","id":"#) {
            let (id, rest) = rest.split_once(',').expect("more");
            assert!(rest.starts_with(r#""status":201"#), "{text}");
            assert!(!std::mem::replace(&mut answered[id.parse::<usize>()?], true), "{id} twice");
        } else if text.contains(r#""event":"message""#) {
            assert!(text.contains(&format!(r#""text":"number {told}""#)), "{told} was due, and came {text}");
            told += 1;
        }
    }
    writer.join().expect("a writer does not panic")?;
    Ok(())
}

#[test]
fn half_a_request_half_a_connection_and_garbage_are_let_go() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    let house = house(None, None)?;
    let (address, books) = (house.server.address, Books(house.server.pid()));
    let mut alice = Talker::join(address, "alice")?;
    let key = key_of(address, "mallory")?;
    let open = || Listener::open(address, &key, LITTLE);
    let before = books.descriptors()?;
    // An opening that never ends, a byte at a time.
    let opening = opening(&key);
    let mut slow: Vec<_> = (0..20).map(|_| TcpStream::connect(address)).collect::<Result<_, _>>()?;
    let began = Instant::now();
    for socket in &mut slow {
        socket.write_all(&opening.as_bytes()[..opening.len() - 2])?;
        socket.set_nonblocking(true)?;
    }
    // Its side is ended after it was opened: it is let go with all it was told.
    let half: Vec<_> = (0..20).map(|_| open()).collect::<Result<_, _>>()?;
    half.iter().try_for_each(|listener| listener.socket.shutdown(Shutdown::Write))?;
    for mut listener in half {
        while listener.frame()?.is_some() {}
    }
    // What is no frame ends it, whatever it is.
    let seed: u64 = rand::random();
    eprintln!("seed {seed}");
    let mut garbage = <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(seed);
    for _ in 0..50 {
        let mut listener = open()?;
        let mut bytes = vec![0; 64 << 10];
        rand::Rng::fill_bytes(&mut garbage, &mut bytes);
        // It may be cut while it writes, and is ended where it only begins something.
        let _ = listener.socket.write_all(&bytes);
        let _ = listener.socket.shutdown(Shutdown::Write);
        while listener.frame()?.is_some() {}
    }
    while !slow.is_empty() {
        assert!(began.elapsed() < Duration::from_secs(38 + 15), "{} are still heard", slow.len());
        chat(&mut alice, 10)?;
        slow.retain_mut(|socket| socket.write_all(b"x").is_ok() && socket.read(&mut [0; 1024]).is_err());
    }
    eprintln!("an opening that does not end was heard for {:.1?} at most", began.elapsed());
    let until = Instant::now() + DEADLINE;
    while books.descriptors()? > before {
        assert!(Instant::now() < until, "{} descriptors, {before} before", books.descriptors()?);
        chat(&mut alice, 1)?;
    }
    assert_eq!(alice.users()?, ["alice"], "nobody is taken to be there any more");
    Ok(())
}
