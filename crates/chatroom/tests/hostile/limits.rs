//! Each limit at the limit and one beyond it: lines, bodies, names.

use super::house;
use chatroom_testkit::fault::{Answer, Talker};
use uuid::Uuid;

#[test]
fn lines_and_bodies_at_their_limits() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    let house = house(None, None)?;
    let mut alice = Talker::join(house.server.address, "alice")?;
    let id = Uuid::from_u128(rand::random());
    let longest = "b".repeat(4096);
    assert_eq!(alice.say(id, &longest)?, Answer::Stored);
    let id = Uuid::from_u128(rand::random());
    let refused = alice.say(id, &"b".repeat(4097))?;
    assert!(matches!(&refused, Answer::NotSent(why) if why.contains("4096")), "{refused:?}");

    // A line of 8192 bytes, its end included, is a line: too long only as a body.
    alice.send(&"l".repeat(8191))?;
    alice.until("a body too long", |line| line == "Not sent: a message has at most 4096 bytes")?;
    alice.send(&"l".repeat(8192))?;
    let told = alice.until("a line too long", |line| line == "Line too long (at most 8192 bytes)")?;
    assert_eq!(told.len(), 1, "{told:?}");
    alice.send("and on")?;
    let told = alice.until("what follows", |line| line == "[alice]: and on")?;
    assert_eq!(told.len(), 1, "nothing of the line that was too long: {told:?}");
    Ok(())
}

#[test]
fn names_at_their_limits() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    let house = house(None, None)?;
    Talker::join(house.server.address, &"n".repeat(32))?;
    Talker::join(house.server.address, &"я".repeat(32))?;
    for bad in
        ["n".repeat(33), "я".repeat(33), "語".repeat(22), "a:b".into(), "two words".into(), "n".repeat(8191)]
    {
        let mut client = Talker::connect(house.server.address)?;
        client.send(&bad)?;
        let told = client.rest()?;
        assert!(told.iter().any(|line| line.starts_with("Invalid username: ")), "{bad:?}: {told:?}");
    }
    let mut client = Talker::connect(house.server.address)?;
    client.send(&"n".repeat(8192))?;
    assert!(client.rest()?.contains(&"Line too long (at most 8192 bytes)".to_owned()));
    Ok(())
}
