//! Losing the connection: what is said, what is shown, and what is sent again.

use super::*;

#[test]
fn after_a_cut_what_was_not_acknowledged_is_sent_again_under_its_id() {
    let mut play = Play::in_ours(InputFrom::Person);
    play.type_in(&["one", "two", "three"]);
    play.hear(&["[ann]: one"]);
    play.steps();
    play.lose();
    play.type_in(&["four", "five"]);
    assert_eq!(
        play.steps(),
        [
            "* Connection lost. Reconnecting in 1 s…",
            "* Not connected: it will be sent when the connection is back."
        ]
    );
    assert!(play.wait() <= Duration::from_secs(1));
    assert_eq!(play.steps(), ["connect"]);
    play.return_to_ours(&["Missed messages:", "[bob]: meanwhile", "[ann]: two"]);
    assert_eq!(
        play.steps(),
        [&format!("> reconnect:ann:{TOKEN}"), "* Reconnected as ann"],
        "nothing is sent before what was missed has been given"
    );
    play.hear(&["*** ann joined the chat ***"]);
    assert_eq!(
        play.steps(),
        [
            "Missed messages:",
            "[bob]: meanwhile",
            "[ann]: two",
            "> /id #2 two",
            "> /id #3 three",
            "> /id #4 four",
            "> /id #5 five",
            "*** ann joined the chat ***"
        ]
    );
    play.hear(&["[ann]: two", "[ann]: three", "[ann]: four", "[ann]: five"]);
    assert_eq!(
        play.steps(),
        ["[ann]: three", "[ann]: four", "[ann]: five"],
        "what was seen is not shown twice"
    );
    assert_eq!(play.resume.tally(), &Tally { acknowledged: 5, ..Tally::default() });
}

#[test]
fn what_was_missed_acknowledges_nothing() {
    let mut play = Play::in_ours(InputFrom::Person);
    play.type_in(&["same", "same"]);
    play.hear(&["[ann]: same"]);
    play.lose();
    play.wait();
    // The server gives once more what was in flight: this is the first `same`, not the second.
    play.return_to_ours(&["Missed messages:", "[ann]: same", "*** ann joined the chat ***"]);
    let steps = play.steps();
    assert!(steps.contains(&"> /id #2 same".to_owned()), "{steps:?}");
}

#[test]
fn without_an_announcement_silence_ends_what_was_missed() {
    let mut play = Play::in_ours(InputFrom::Person);
    play.type_in(&["one"]);
    play.lose();
    play.wait();
    play.steps();
    play.return_to_ours(&[]);
    assert_eq!(play.steps().len(), 2);
    assert_eq!(play.wait(), Duration::from_millis(300));
    assert_eq!(play.steps(), ["> /id #1 one"]);
}

#[test]
fn a_busy_room_does_not_keep_lines_back_for_long() {
    let mut play = Play::in_ours(InputFrom::Person);
    play.type_in(&["one"]);
    play.steps();
    play.lose();
    play.wait();
    play.return_to_ours(&[]);
    let mut waited = Duration::ZERO;
    while !play.steps().iter().any(|step| step.contains("one")) {
        play.hear(&["[bob]: and on and on"]);
        waited += play.wait().min(Duration::from_millis(300));
        assert!(waited <= Duration::from_secs(4), "still waiting");
    }
}

#[test]
fn waits_grow_until_the_server_lets_us_in_again() {
    let mut play = Play::in_ours(InputFrom::Person);
    play.lose();
    let mut waits = Vec::new();
    for _ in 0..8 {
        waits.push(play.wait());
        assert_eq!(play.steps().last().unwrap(), "connect");
        play.resume.unreachable("connection refused", play.now);
    }
    for (attempt, wait) in waits.iter().enumerate() {
        let bound = Duration::from_secs(1 << attempt).min(Duration::from_secs(30));
        assert!(*wait <= bound && *wait >= bound / 2, "attempt {attempt}: {wait:?}");
    }
    play.wait();
    play.return_to_ours(&["*** ann joined the chat ***"]);
    play.lose();
    assert!(play.wait() <= Duration::from_secs(1));
}

#[test]
fn a_new_registration_does_not_repeat_what_may_have_arrived() {
    let mut play = Play::in_ours(InputFrom::Person);
    play.type_in(&["one", "two"]);
    play.lose();
    play.type_in(&["three"]);
    play.wait();
    play.connect();
    play.hear(&["Invalid reconnect token or session expired. "]);
    play.lose();
    play.steps();
    play.enter_again_as_new();
    assert_eq!(
        play.steps(),
        [
            "> ann",
            "keep ann",
            "* Reconnected as ann",
            "* Not confirmed: two",
            "Recent messages: ",
            " [ann]: one",
            "> /id #1 three",
            "*** ann joined the chat ***"
        ]
    );
    assert_eq!((play.resume.tally().acknowledged, play.resume.tally().unconfirmed), (1, 1));
}

impl Play {
    fn enter_again_as_new(&mut self) {
        self.ids.clear();
        self.connect();
        self.hear(&["   Save this to reconnect: reconnect:ann:ffffffffffffffffffffffffffffffff"]);
        self.hear(&["Welcome, ann!", "Commands:", "  /help [command] - Say more about a command"]);
        self.hear(&["Recent messages: ", " [bob]: before", " [ann]: one", "*** ann joined the chat ***"]);
    }
}

#[test]
fn on_the_original_the_last_messages_tell_what_arrived_and_what_is_new() {
    let mut play = Play::in_original(InputFrom::Person);
    play.type_in(&["one", "two", "three"]);
    play.hear(&["[ann]: one", "[bob]: hi"]);
    play.lose();
    play.wait();
    play.steps();
    play.connect();
    play.hear(&["Welcome back, ann!", "Welcome, ann!", "Commands:", "  /quit - Leave", "Recent messages: "]);
    play.hear(&[" [bob]: before", " [ann]: one", " [bob]: hi", " [ann]: two", " [cid]: new"]);
    play.hear(&["*** ann joined the chat ***"]);
    assert_eq!(
        play.steps(),
        [
            &format!("> reconnect:ann:{TOKEN}"),
            "* Reconnected as ann",
            "Recent messages: ",
            " [ann]: two",
            " [cid]: new",
            "> three",
            "*** ann joined the chat ***"
        ]
    );
}

#[test]
fn what_a_killed_server_gives_again_is_not_shown_again() {
    let mut play = Play::in_ours(InputFrom::Person);
    play.hear(&["[bob]: 1", "*** cid joined the chat ***", "[bob]: 2", "[cid]: 3", "[bob]: 4"]);
    play.lose();
    play.wait();
    play.steps();
    play.return_to_ours(&["Missed messages:", "*** ann joined the chat ***"]);
    play.steps();
    play.lose();
    play.wait();
    play.return_to_ours(&["Missed messages:", "[bob]: before", "[bob]: 1", "*** cid joined the chat ***"]);
    play.hear(&["[bob]: 2", "[cid]: 3", "[bob]: 4", "*** cid left the chat ***", "[bob]: new"]);
    play.steps();
    assert_eq!(play.wait(), Duration::from_millis(300));
    assert_eq!(play.steps(), ["Missed messages:", "*** cid left the chat ***", "[bob]: new"]);
}
