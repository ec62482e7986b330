//! Leaving, by a person and at the end of a pipe.

use super::*;

#[test]
fn a_pipe_leaves_when_its_last_line_has_come_back() {
    let mut play = Play::new(Some("ann"), InputFrom::Pipe);
    play.type_in(&["one", "two"]);
    play.resume.input_ended(play.now);
    play.enter(&["  /help [command] - Say more about a command"]);
    play.hear(&["[ann]: one"]);
    assert_eq!(play.steps(), ["[ann]: one"]);
    play.hear(&["[ann]: two"]);
    assert_eq!(play.steps(), ["[ann]: two", "> /quit"]);
    play.hear(&["Goodbye!"]);
    play.lose();
    assert_eq!(play.steps(), ["Goodbye!", "* Disconnected from server.", "end Left"]);
}

#[test]
fn a_pipe_that_has_ended_waits_for_the_connection_but_not_for_ever() {
    let mut play = Play::in_ours(InputFrom::Pipe);
    play.type_in(&["one"]);
    play.resume.input_ended(play.now);
    play.lose();
    let lost = play.now;
    while !matches!(play.resume.phase, Phase::Ended) {
        play.wait();
        play.resume.unreachable("connection refused", play.now);
    }
    assert!((30..=31).contains(&(play.now - lost).as_secs()));
    let steps = play.steps();
    assert!(steps.contains(&"* 1 line was not confirmed.".to_owned()), "{steps:?}");
    assert!(steps.last().unwrap().starts_with("end Unreachable"), "{steps:?}");
}

#[test]
fn somebody_who_leaves_does_not_wait_for_a_connection() {
    let mut play = Play::in_ours(InputFrom::Person);
    play.lose();
    play.type_in(&["/quit"]);
    assert_eq!(play.steps().last().unwrap(), "end Left");
    let mut play = Play::in_ours(InputFrom::Person);
    play.type_in(&["/quit"]);
    assert_eq!(play.steps(), ["> /quit"]);
    play.wait();
    assert_eq!(play.steps(), ["hang up", "* Disconnected from server.", "end Left"]);
}

#[test]
fn somebody_who_leaves_waits_a_moment_for_the_last_line() {
    let mut play = Play::in_ours(InputFrom::Person);
    play.type_in(&["one", "/quit"]);
    assert_eq!(play.steps(), ["> /id #1 one"]);
    assert_eq!(play.wait(), Duration::from_secs(5));
    assert_eq!(
        play.steps(),
        ["hang up", "* 1 line was not confirmed.", "* Disconnected from server.", "end Left"]
    );
}

#[test]
fn whoever_is_in_elsewhere_does_not_fight_himself_for_the_name() {
    let mut play = Play::in_ours(InputFrom::Person);
    play.hear(&["Closing: you reconnected from elsewhere"]);
    play.lose();
    let words = "Closing: you reconnected from elsewhere".to_owned();
    assert_eq!(
        play.steps(),
        [&words, "* Disconnected from server.", &format!("end {:?}", Ending::Refused(words.clone()))]
    );
}
