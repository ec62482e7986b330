//! Registered names: a password is asked for, sent, and kept nowhere.

use super::*;
use crate::password::Secret;
use chatroom_wire::line::words;

#[test]
fn a_password_is_asked_for_and_the_token_kept_for_later() {
    let mut play = Play::new(Some("ann"), InputFrom::Person);
    play.connect();
    play.steps();
    play.hear(&[words::PASSWORD]);
    assert_eq!(play.steps(), [words::PASSWORD, "ask for the password"]);
    play.type_in(&["typed ahead"]);
    let secret = Secret::new("correct horse".to_owned());
    assert!(!format!("{:?} {:?}", secret, Do::SendSecret(secret.clone())).contains("horse"));
    play.resume.password(secret, play.now);
    assert_eq!(play.steps(), ["> secret correct horse"]);
    play.hear(&[
        &format!("   Save this to reconnect: reconnect:ann:{TOKEN}"),
        "Welcome, ann!",
        "  /help [command] - Say more about a command",
        "*** ann joined the chat ***",
    ]);
    let steps = play.steps();
    assert!(steps.contains(&"keep ann".to_owned()) && steps.contains(&"> /id #1 typed ahead".to_owned()));
    assert!(!format!("{:?}", play.resume).contains("horse"));
    play.lose();
    play.wait();
    play.steps();
    play.connect();
    assert_eq!(play.steps(), [format!("> reconnect:ann:{TOKEN}")], "nobody is asked twice");
    play.resume.password(Secret::new("late".to_owned()), play.now);
    assert!(play.steps().is_empty(), "a password that nobody waits for is dropped");
}

#[test]
fn a_wrong_password_is_a_refusal() {
    let mut play = Play::new(Some("ann"), InputFrom::Pipe);
    play.connect();
    play.hear(&[words::PASSWORD]);
    play.resume.password(Secret::new("wrong".to_owned()), play.now);
    play.hear(&["Closing: the password is wrong"]);
    play.lose();
    assert_eq!(play.steps().last().unwrap(), r#"end Refused("Closing: the password is wrong")"#);
}

#[test]
fn who_takes_too_long_is_asked_for_nothing_any_more() {
    let mut play = Play::new(Some("ann"), InputFrom::Person);
    play.connect();
    play.hear(&[words::PASSWORD, "Closing: no password was given in time"]);
    play.steps();
    play.lose();
    assert_eq!(play.steps(), ["no password any more", "* Enter another username:"]);
}

#[test]
fn without_a_password_a_pipe_ends() {
    let mut play = Play::new(Some("ann"), InputFrom::Pipe);
    play.connect();
    play.hear(&[words::PASSWORD]);
    play.resume.no_password("none");
    assert_eq!(play.steps().last().unwrap(), r#"end Refused("none")"#);
}

#[test]
fn who_logs_in_on_the_connection_returns_as_the_new_name() {
    let mut play = Play::in_ours(InputFrom::Person);
    play.steps();
    play.hear(&[
        "Welcome back, bob!",
        &format!("Your reconnect token: {TOKEN}"),
        &format!("   Save this to reconnect: reconnect:bob:{TOKEN}"),
        "Welcome, bob!",
    ]);
    assert!(play.steps().contains(&"keep bob".to_owned()));
    play.lose();
    play.wait();
    play.steps();
    play.connect();
    assert_eq!(play.steps().last().unwrap(), &format!("> reconnect:bob:{TOKEN}"));
}
