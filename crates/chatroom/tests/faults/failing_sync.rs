//! P1, P2, P14: what could not be synced is not acknowledged; when syncs work again a retry makes it one message.

use super::{launch, readiness, refused_at_the_door, until_stored};
use chatroom_testkit::fault::{Answer, FailingCalls, Talker, Witness, privileged};
use std::path::Path;

#[test]
fn a_failing_sync_acknowledges_nothing_and_heals_within_ten_seconds() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    if !privileged("the failing sync", &["cc"]) {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/calls.c");
    let calls = FailingCalls::compile(&source, &folder.path().join("calls"))?;
    let mut launch = launch(&folder.path().join("chatdata"));
    launch.env = calls.environment();
    let server = launch.start()?;
    let witness = Witness::default();
    let mut alice = Talker::join(server.address, "alice")?;
    let mut bob = Talker::join(server.address, "bob")?;
    for n in 0..20 {
        assert_eq!(witness.say(&mut alice, &format!("before {n}"))?.1, Answer::Stored);
    }

    assert!(readiness(server.address)?.ends_with("\r\n\r\nready\n"));
    calls.syncs_fail()?;
    let mut open = Vec::new();
    let (id, answer) = witness.say(&mut alice, "the doubtful one")?;
    assert!(matches!(&answer, Answer::NotConfirmed(why) if why.contains("failed")), "{answer:?}");
    open.push((id, "the doubtful one".to_owned()));
    // Read-only, however often it is opened again.
    let mut n = 0;
    while calls.fired().len() < 4 {
        n += 1;
        let text = format!("meanwhile {n}");
        match witness.say(&mut alice, &text)? {
            (_, Answer::Stored) => panic!("{text:?} was acknowledged without a sync"),
            (id, Answer::NotConfirmed(_)) => open.push((id, text)),
            (_, Answer::NotSent(why)) => assert!(why.contains("failed"), "an unclear reason: {why}"),
        }
    }
    let reason = refused_at_the_door(server.address, "carol")?;
    assert!(reason.is_some_and(|why| why.contains("failed")));
    let unready = readiness(server.address)?;
    assert!(unready.starts_with("HTTP/1.1 503 ") && unready.contains(r#""code":"read-only""#), "{unready}");
    bob.send("/history 1")?;
    bob.until("the last thing that was stored", |line| line == " [alice]: before 19")?;

    calls.syncs_work()?;
    for _ in calls.fired().chars() {
        witness.struck("sync");
    }
    witness.expect("sync", 4);
    for (id, text) in &open {
        let waited = until_stored(&witness, &mut alice, *id, text)?;
        eprintln!("{text:?} is stored after {waited:?}; {} syncs had failed", calls.fired().len());
        // Once stored, again and again the same answer, and nothing new.
        assert_eq!(witness.say_as(&mut alice, *id, text)?, Answer::Stored);
    }
    assert_eq!(witness.say(&mut alice, "the end")?.1, Answer::Stored);
    assert!(readiness(server.address)?.starts_with("HTTP/1.1 200 "));
    let seen = bob.until("the end", |line| line == "[alice]: the end")?;
    for (_, text) in &open {
        let line = format!("[alice]: {text}");
        assert_eq!(seen.iter().filter(|seen| **seen == line).count(), 1, "{text} in {seen:?}");
    }
    let (status, talk) = server.stop()?;
    assert!(status.success() && !talk.contains("panicked"), "{status}: {talk}");
    eprintln!("{}", witness.judge(&launch)?);
    Ok(())
}
