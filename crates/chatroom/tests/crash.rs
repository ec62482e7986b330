//! Kills the real program again and again under load: nothing acknowledged is lost, nothing stands twice, nobody misses
//! anything (P1, P2, P3, P5, P7, P11).

use std::time::{Duration, Instant};

use chatroom_testkit::crash::{Options, crash_rig};

/// Kills with traffic in flight, over all lives.
const KILLS: u64 = 200;
/// Folders begun anew, so that many short histories are judged and not one whose every return is long.
const LIVES: u64 = 8;
/// For all of it.
const WITHIN: Duration = Duration::from_secs(240);

#[test]
fn two_hundred_kills_under_load_break_no_promise() {
    let began = Instant::now();
    let mut kills = 0;
    for _ in 0..LIVES {
        let mut options = Options::new(env!("CARGO_BIN_EXE_chatroom"));
        options.kills = KILLS / LIVES;
        options.within = WITHIN;
        let report = crash_rig(&options).unwrap();
        eprintln!("{report}");
        assert!(
            report.acknowledged > 500 && report.unknown > 500 && report.resumed > 100,
            "hardly any load: {report}"
        );
        kills += report.kills;
    }
    assert!(kills >= KILLS, "only {kills} kills struck traffic");
    assert!(began.elapsed() < WITHIN, "it took {:?}", began.elapsed());
}
