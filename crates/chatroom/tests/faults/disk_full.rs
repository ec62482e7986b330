//! P1, P14: a disk that is full refuses with a reason, lets everybody read, and is whole again when there is space.

use super::{WHOLE_AGAIN, launch, refused_at_the_door};
use chatroom_testkit::fault::{Answer, Mount, Talker, Witness, privileged};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

/// Messages that certainly fill the disk.
const FILLS: usize = 4000;

#[test]
fn a_full_disk_refuses_reads_on_and_heals_by_itself() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    if !privileged("the full disk", &["mount"]) {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let disk = Mount::tmpfs(folder.path().join("disk"), "6m")?;
    let ballast = disk.path().join("ballast");
    std::fs::write(&ballast, vec![1; 3 << 20])?;
    let launch = launch(&disk.path().join("chatdata"));
    let server = launch.start()?;
    let witness = Witness::default();
    let mut alice = Talker::join(server.address, "alice")?;
    let mut bob = Talker::join(server.address, "bob")?;

    let (stored, why) = fill(&witness, &mut alice)?;
    eprintln!("full after {stored} messages: {why}");
    fill_the_rest(disk.path())?;
    let mut refused = 0;
    for n in 0.. {
        if refused == 20 {
            break;
        }
        match witness.say(&mut alice, &format!("is there room for this, {n}?"))?.1 {
            Answer::Stored => refused = 0,
            Answer::NotSent(why) => {
                anyhow::ensure!(why.contains("full"), "an unclear reason: {why}");
                witness.struck("disk full");
                refused += 1;
            }
            Answer::NotConfirmed(why) => anyhow::bail!("a full disk is a refusal, not a doubt: {why}"),
        }
    }
    witness.expect("disk full", 20);

    // Reading goes on.
    bob.send("/history 5")?;
    let shown = bob.until("the history", |line| line == "Recent messages: ")?;
    assert!(shown.len() > stored / 2, "bob had been given what was stored: {} lines", shown.len());
    for _ in 0..5 {
        assert!(bob.line()?.is_some_and(|line| line.starts_with(" [alice]: ")));
    }
    assert!(bob.users()?.contains(&"alice".to_owned()));
    // A small thing may still fit; before long nobody comes in any more.
    let reason = (0..50).find_map(|n| refused_at_the_door(server.address, &format!("carol{n}")).transpose());
    let reason = reason.expect("a full disk lets nobody in")?;
    assert!(reason.contains("full"), "an unclear reason: {reason}");
    drop(bob);

    std::fs::remove_file(ballast)?;
    let freed = Instant::now();
    let mut tries = 1;
    while witness.say(&mut alice, &format!("and now, {tries}?"))?.1 != Answer::Stored {
        assert!(freed.elapsed() < WHOLE_AGAIN, "not whole again: {}", server.talk());
        tries += 1;
    }
    eprintln!("whole again after {:?}", freed.elapsed());
    Talker::join(server.address, "dora")?;
    // Who left while nothing could be stored is recorded as left.
    while alice.users()?.contains(&"bob".to_owned()) {
        assert!(freed.elapsed() < WHOLE_AGAIN, "bob is still there");
    }
    let (status, talk) = server.stop()?;
    assert!(status.success() && !talk.contains("panicked"), "{status}: {talk}");
    let verdict = witness.judge(&launch)?;
    eprintln!("{verdict}");
    Ok(())
}

fn fill(witness: &Witness, talker: &mut Talker) -> anyhow::Result<(usize, String)> {
    for stored in 0..FILLS {
        match witness.say(talker, &format!("{stored} {}", "x".repeat(3000)))?.1 {
            Answer::Stored => {}
            Answer::NotSent(why) => return Ok((stored, why)),
            Answer::NotConfirmed(why) => anyhow::bail!("a full disk is a refusal, not a doubt: {why}"),
        }
    }
    anyhow::bail!("{FILLS} messages did not fill the disk")
}

fn fill_the_rest(disk: &Path) -> anyhow::Result<()> {
    let mut filler = std::fs::File::create(disk.join("filler"))?;
    while filler.write_all(&[1; 4096]).is_ok() {}
    Ok(())
}
