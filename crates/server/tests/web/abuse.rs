//! Who asks for too much, too slowly, or for nothing.

use crate::caller::{Caller, ask};
use crate::patient;
use crate::rig::Rig;
use std::time::{Duration, Instant};

/// A server that does not wait long.
fn impatient(idle: Duration) -> Rig {
    patient(|settings| settings.web.idle = idle)
}

fn request(more: &str) -> String {
    format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{more}\r\n")
}

#[test]
fn a_head_is_bounded() {
    let rig = patient(|_| {});
    let status = |head: &str| {
        let mut caller = Caller::connect(rig.address);
        caller.say(head);
        caller.hear(false).status
    };
    // Host is one of them.
    assert_eq!(status(&request(&"X: y\r\n".repeat(63))), 200);
    assert_eq!(status(&request(&"X: y\r\n".repeat(64))), 431);
    let fills = |bytes: usize| {
        let bare = request("X: \r\n").len();
        request(&format!("X: {}\r\n", "y".repeat(bytes - bare)))
    };
    assert_eq!(status(&fills(16 * 1024 - 1)), 200);
    assert_eq!(status(&fills(16 * 1024 + 1)), 431);
    assert_eq!(status("GET / HTTP/1.1\r\nHost localhost\r\n\r\n"), 400);
}

#[test]
fn who_never_ends_a_head_is_cut() {
    let idle = Duration::from_millis(300);
    let rig = impatient(idle);
    let began = Instant::now();
    let mut caller = Caller::connect(rig.address);
    // A byte at a time: each comes soon after the one before.
    let bytes = request(&"X: y\r\n".repeat(40));
    let moment = Duration::from_millis(20);
    let cut = bytes.chars().position(|byte| caller.is_cut_after(&byte.to_string(), moment));
    assert!(cut.is_some(), "it was heard to the end");
    assert!(began.elapsed() >= idle);
    assert_eq!(ask(rig.address, "GET", "/healthz", "").status, 200, "others are answered");
}

#[test]
fn who_asks_for_nothing_more_is_let_go() {
    // Long enough that a busy machine answers within it.
    let rig = impatient(Duration::from_secs(1));
    let mut caller = Caller::connect(rig.address);
    caller.say(&request(""));
    assert_eq!(caller.hear(false).status, 200);
    assert_eq!(caller.rest(), "", "the other side ends it");
    // The same by HTTP/2, where nothing is asked at all.
    let mut caller = Caller::connect(rig.address);
    caller.say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    let rest = caller.rest();
    assert!(rest.contains("\0\0\0\x04"), "settings, and an end: {rest:?}");
}

#[test]
fn a_server_that_stops_does_not_wait_for_the_silent() {
    let rig = patient(|_| {});
    let mut caller = Caller::connect(rig.address);
    caller.say(&request(""));
    assert_eq!(caller.hear(false).status, 200);
    let mut half = Caller::connect(rig.address);
    half.say("GET /healthz HTTP/1.1\r\nHost: loc");
    let began = Instant::now();
    drop(rig);
    // Its farewell takes four seconds where somebody does not go.
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    assert_eq!(caller.rest(), "");
}
