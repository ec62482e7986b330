//! P1, P2, P14: the n-th write, sync or truncate fails, for every n; then another one while it heals.

use super::{launch, until_stored};
use chatroom_testkit::fault::{Answer, FailingCalls, Talker, Witness, privileged};
use std::path::Path;

/// Calls of some ten commits.
const EVERY: std::ops::RangeInclusive<u32> = 1..=24;

#[test]
fn whichever_call_fails_nothing_acknowledged_is_lost() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    each("calls that fail once", |n| vec![n])
}

#[test]
fn whichever_call_fails_again_while_it_heals_nothing_acknowledged_is_lost() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    each("calls that fail twice", |n| vec![3, n])
}

fn each(what: &str, plan: impl Fn(u32) -> Vec<u32>) -> anyhow::Result<()> {
    if !privileged(what, &["cc"]) {
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
    let (mut doubtful, mut refused) = (0, 0);
    for n in EVERY {
        calls.fail(&plan(n))?;
        let mut k = 0;
        while !calls.done() {
            k += 1;
            let text = format!("{n}.{k}");
            match witness.say(&mut alice, &text)? {
                (_, Answer::Stored) => {}
                (id, Answer::NotConfirmed(_)) => {
                    doubtful += 1;
                    until_stored(&witness, &mut alice, id, &text)?;
                }
                (_, Answer::NotSent(_)) => refused += 1,
            }
            anyhow::ensure!(k < 100_000, "call {n} never came");
        }
    }
    let fired = calls.fired();
    for _ in fired.chars() {
        witness.struck("call");
    }
    witness.expect("call", u64::from(EVERY.end() - EVERY.start() + 1));
    assert!(fired.contains('w') && fired.contains('s'), "both writes and syncs failed: {fired}");
    until_stored(&witness, &mut alice, uuid::Uuid::from_u128(rand::random()), "whole again")?;
    let (status, talk) = server.stop()?;
    assert!(status.success() && !talk.contains("panicked"), "{status}: {talk}");
    eprintln!("{what}: {fired}; {doubtful} doubtful, {refused} refused\n{}", witness.judge(&launch)?);
    Ok(())
}
