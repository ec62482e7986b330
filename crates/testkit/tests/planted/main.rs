//! The checker is checked: a simulated system without bugs passes, and each planted bug is caught by the check it
//! belongs to.

mod bugs;
mod sim;

use chatroom_testkit::checker::judge;
use chatroom_testkit::history::History;

/// In how many runs a bug must strike; it must be caught in each.
const STRIKES: usize = 6;
/// How many seeds are tried for that: under some the occasion of a rare bug never comes.
const SEEDS: u64 = 60;

#[test]
fn without_a_bug_every_promise_is_kept() {
    let first = rand::random_range(0..1_000_000_000_u64);
    eprintln!("seeds {first}..{}", first + 60);
    for seed in (first..first + 60).chain(0..20) {
        let run = sim::run(seed, None);
        let verdict = judge(&run.history);
        assert!(verdict.holds(), "seed {seed}: {verdict}");
        assert!(
            verdict.acknowledged > 100 && verdict.refused > 0 && verdict.unknown > 0,
            "seed {seed}: {verdict}"
        );
        assert!(verdict.received > 500 && verdict.resumed > 10, "seed {seed}: {verdict}");
    }
}

#[test]
fn each_planted_bug_is_caught_by_its_check() {
    let first = rand::random_range(0..1_000_000_000_u64);
    eprintln!("seeds {first}..{}", first + SEEDS);
    for &(bug, check) in bugs::ALL {
        let struck = (first..first + SEEDS)
            .map(|seed| (seed, sim::run(seed, Some(bug))))
            .filter(|(_, run)| run.planted > 0)
            .take(STRIKES)
            .inspect(|(seed, run)| {
                let verdict = judge(&run.history);
                assert!(verdict.found(check), "{bug:?} with seed {seed} was not found by {check}: {verdict}");
            });
        assert_eq!(struck.count(), STRIKES, "{bug:?} struck too seldom");
    }
}

#[test]
fn nothing_happening_is_not_a_pass() {
    assert!(judge(&History::default()).found("durable"));
}

#[test]
fn a_history_survives_its_file() {
    let run = sim::run(7, None);
    let mut file = Vec::new();
    run.history.write(&mut file).expect("memory takes it");
    let read = History::read(file.as_slice()).expect("it reads what it wrote");
    assert_eq!(read.ops.len(), run.history.ops.len());
    for (a, b) in read.ops.iter().zip(&run.history.ops) {
        assert_eq!(read.line(a), run.history.line(b));
    }
    let broken = History::read(&b"{\"op\":\"send\",\"invoked\":1}\n{\"op\":\"sing\"}\n"[..]).err();
    assert!(broken.is_some_and(|error| error.to_string().contains("line 2")));
}
