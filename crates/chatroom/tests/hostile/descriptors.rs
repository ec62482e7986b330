//! No descriptor is free: newcomers wait, whoever is in talks on, and it passes.

use super::{chat, house};
use chatroom_testkit::fault::{Books, Talker, privileged};
use std::process::Command;

#[test]
fn without_descriptors_those_inside_talk_on_and_newcomers_wait() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    if !privileged("the lack of descriptors", &["prlimit"]) {
        return Ok(());
    }
    let house = house(None, None)?;
    let books = Books(house.server.pid());
    let mut alice = Talker::join(house.server.address, "alice")?;
    let limit = books.descriptors()? + 10;
    prlimit(house.server.pid(), limit)?;
    let crowd: Vec<_> = (0..50).map(|_| Talker::connect(house.server.address)).collect::<Result<_, _>>()?;
    let mut late = Talker::connect(house.server.address)?;
    late.send("late")?;
    let slowest = chat(&mut alice, 100)?;
    assert!(books.descriptors()? >= limit - 1, "the limit was not reached");
    assert!(house.server.talk().contains("no descriptor is free"), "{}", house.server.talk());
    eprintln!("at the limit of {limit} descriptors the slowest round trip is {slowest:?}");
    alice.send("/history 5")?;
    alice.until("reading", |line| line.starts_with(" [alice]: round 99"))?;
    drop(crowd);
    late.enter("late")?;
    chat(&mut late, 5)?;
    Ok(())
}

fn prlimit(pid: u32, limit: usize) -> anyhow::Result<()> {
    let status = Command::new("prlimit")
        .args([format!("--pid={pid}"), format!("--nofile={limit}:{limit}")])
        .status()?;
    anyhow::ensure!(status.success(), "prlimit: {status}");
    Ok(())
}
