//! What is too much for now: who asks too often is told when to ask again.

use super::program::{Program, no, stranger};
use crate::caller::Answer;
use crate::patient;
use crate::rig::Rig;
use chatroom_server::limits::{Amount, LIMITS, Settings, Which};
use serde_json::{Value, json};

/// A server where only this is limited.
fn limited(which: Which, amount: &str) -> Rig {
    let mut limits = Settings::default();
    limits.exempt.clear();
    for limit in LIMITS {
        limits.set(limit.which, Amount::Off);
    }
    limits.set(which, which.limit().read(amount).unwrap());
    patient(|settings| settings.limits = limits)
}

/// How often it may still be done, as an answer says it of the limit that is near.
fn left(answer: &Answer, which: Which, most: u64) -> Option<u64> {
    let key = which.limit().key.trim_start_matches("limits.");
    let policy = format!("\"{key}\";q={most};w={}", most * 3600);
    assert_eq!(answer.header("ratelimit-policy"), Some(&*policy), "{answer:?}");
    let told = answer.header("ratelimit")?.strip_prefix(&format!("\"{key}\";r="))?;
    let (left, full_in) = told.split_once(";t=")?;
    let (left, full_in): (u64, u64) = (left.parse().ok()?, full_in.parse().ok()?);
    assert!(full_in > (most - left - 1) * 3600 && full_in <= (most - left) * 3600, "{told}");
    Some(left)
}

fn too_many(answer: &Answer) {
    assert_eq!(answer.problem(), no(429, "too-many-requests"));
    let after: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=3600).contains(&after), "{after}");
}

#[test]
fn each_limit_is_met_at_one_more() {
    let tea = |who: &Program| who.says("lobby", "hi").to_string();
    type Asks = fn(&Program, usize, &str) -> Answer;
    let all: [(Which, Asks); 7] = [
        (Which::NewPeoplePerUser, |who, n, _| {
            who.ask("POST", &format!("/rooms/@p{n}/messages"), json!({ "text": "hi" }))
        }),
        (Which::MessagesPerUser, |who, _, _| {
            who.ask("POST", "/rooms/lobby/messages", json!({ "text": "hi" }))
        }),
        (Which::ReadsPerUser, |who, _, _| who.ask("GET", "/me", Value::Null)),
        (Which::RoomsPerUser, |who, n, _| who.ask("POST", "/rooms", json!({ "name": format!("room{n}") }))),
        (Which::ReactionsPerUser, |who, n, seq| {
            who.ask("PUT", &format!("/rooms/lobby/messages/{seq}/reactions/{n}"), Value::Null)
        }),
        (Which::ChangesPerUser, |who, n, _| who.ask("PATCH", "/me", json!({ "profile": format!("{n}") }))),
        (Which::InvitesPerUser, |who, _, _| {
            who.ask("POST", "/rooms/lobby/invites", json!({ "user": "bob" }))
        }),
    ];
    for (which, asks) in all {
        let rig = limited(which, "1/h burst 3");
        let ann = Program::come(&rig, "ann");
        for name in ["bob", "p0", "p1", "p2", "p3"] {
            Program::come(&rig, name);
        }
        ann.does("PUT", "/rooms/lobby/membership", Value::Null);
        let seq = tea(&ann);
        let used = usize::from(which == Which::MessagesPerUser);
        for n in used..3 {
            let answer = asks(&ann, n, &seq);
            assert!(answer.status != 429, "{which:?}: {answer:?}");
            assert_eq!(left(&answer, which, 3), Some(2 - n as u64), "{which:?}");
        }
        let refused = asks(&ann, 3, &seq);
        too_many(&refused);
        assert_eq!(left(&refused, which, 3), Some(0), "{which:?}");
    }
}

#[test]
fn coming_in_is_limited_by_address() {
    let rig = limited(Which::LoginsPerAddress, "1/h burst 2");
    let comes = |n: usize| stranger(&rig, "POST", "/sessions", &json!({ "name": format!("guest{n}") }));
    assert_eq!((comes(1).status, comes(2).status), (201, 201));
    too_many(&comes(3));
}

#[test]
fn a_wrong_password_costs_an_attempt() {
    let rig = limited(Which::AttemptsPerAccountAndAddress, "1/h burst 3");
    Program::register(&rig, "ann");
    let tries =
        |password: &str| stranger(&rig, "POST", "/sessions", &json!({ "name": "ann", "password": password }));
    for _ in 0..3 {
        assert_eq!(tries("wrong horse").problem(), no(401, "bad-password"));
    }
    too_many(&tries("wrong horse"));
    too_many(&tries("correct horse"));
}

#[test]
fn who_is_slowed_is_told_for_how_long() {
    let rig = super::unlimited();
    let (ann, bob) = (Program::register(&rig, "ann"), Program::come(&rig, "bob"));
    ann.does("POST", "/rooms", json!({ "name": "tea" }));
    bob.does("PUT", "/rooms/tea/membership", Value::Null);
    ann.does("PATCH", "/rooms/tea", json!({ "slow": 60 }));
    bob.says("tea", "one");
    let two = bob.ask("POST", "/rooms/tea/messages", json!({ "text": "two" }));
    assert_eq!(two.problem(), no(429, "slow"));
    let after: u64 = two.header("retry-after").unwrap().parse().unwrap();
    assert!((30..=60).contains(&after), "{after}");
}
