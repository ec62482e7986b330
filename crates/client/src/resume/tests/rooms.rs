//! Rooms: where lines are meant for, how they are acknowledged, and the way back after a cut.

use super::*;

fn in_tea(input: InputFrom) -> Play {
    let mut play = Play::in_ours(input);
    play.type_in(&["/join #tea"]);
    play.hear(&["Now in #tea.", "Recent messages: ", " #tea [bob]: before"]);
    play.steps();
    play
}

#[test]
fn own_lines_in_another_room_are_acknowledged_there() {
    let mut play = in_tea(InputFrom::Pipe);
    play.type_in(&["hi", "/me waves", "/reply 12 yes", "/in #coffee psst"]);
    assert_eq!(
        play.steps(),
        ["> /id #1 hi", "> /id #2 /me waves", "> /id #3 /reply 12 yes", "> /id #4 /in #coffee psst"]
    );
    play.hear(&["[ann]: hi", "#tea [bob]: hi", "#tea [ann edited 3]: hi"]);
    assert_eq!(play.resume.outbox.len(), 3, "a plain line may come into another room than was thought");
    play.hear(&["#coffee [ann]: psst", "#tea * ann waves", "#tea [ann re 12]: yes"]);
    assert_eq!(play.resume.tally().acknowledged, 4);
    assert!(play.resume.outbox.is_empty());
}

#[test]
fn after_a_cut_the_room_is_entered_before_anything_is_sent_and_shown_once() {
    let mut play = in_tea(InputFrom::Person);
    play.type_in(&["one"]);
    play.steps();
    play.lose();
    play.type_in(&["two", "/me waits"]);
    play.wait();
    play.return_to_ours(&["Missed messages:", "#tea [bob]: meanwhile", "*** ann joined the chat ***"]);
    let steps = play.steps();
    assert_eq!(
        steps[steps.len() - 4..],
        ["Missed messages:", "#tea [bob]: meanwhile", "> /join #tea", "*** ann joined the chat ***"]
    );
    play.hear(&["Now in #tea.", "Topic: leaves", "Recent messages: ", " #tea [bob]: meanwhile"]);
    assert_eq!(play.steps(), ["> /id #1 /in #tea one", "> /id #2 two", "> /id #3 /me waits"]);
    play.hear(&["#tea [ann]: one", "#tea [ann]: two", "#tea * ann waits"]);
    assert_eq!(play.steps(), ["#tea [ann]: one", "#tea [ann]: two", "#tea * ann waits"]);
    assert_eq!(play.resume.tally().acknowledged, 3);
}

#[test]
fn a_line_goes_where_it_was_typed_even_when_we_have_gone_elsewhere() {
    let mut play = in_tea(InputFrom::Person);
    play.type_in(&["for tea", "/join #coffee"]);
    play.hear(&["Now in #coffee."]);
    play.type_in(&["for coffee", "/leave"]);
    play.steps();
    play.hear(&["*** ann left #coffee ***", "Now in #lobby."]);
    play.type_in(&["for all"]);
    play.steps();
    play.lose();
    play.wait();
    play.return_to_ours(&["*** ann joined the chat ***"]);
    let steps = play.steps();
    assert_eq!(
        steps[steps.len() - 4..],
        [
            "> /id #1 /in #tea for tea",
            "> /id #2 /in #coffee for coffee",
            "> /id #3 for all",
            "*** ann joined the chat ***"
        ],
        "in the first room nothing needs to be entered"
    );
}

#[test]
fn a_pipe_does_not_wait_to_be_in_the_room_it_asked_for() {
    let mut play = Play::in_ours(InputFrom::Pipe);
    play.type_in(&["/join #tea", "hello", "/leave", "bye"]);
    assert_eq!(play.steps(), ["> /join #tea", "> /id #1 /in #tea hello", "> /leave", "> /id #2 bye"]);
    play.hear(&["Now in #tea.", "#tea [ann]: hello", "Now in #lobby.", "[ann]: bye"]);
    assert_eq!(play.resume.tally().acknowledged, 2);
}

#[test]
fn who_is_not_let_back_in_says_nothing_elsewhere() {
    let mut play = in_tea(InputFrom::Person);
    play.lose();
    play.type_in(&["secret", "/me secretly"]);
    play.wait();
    play.return_to_ours(&["*** ann joined the chat ***"]);
    play.steps();
    play.hear(&["No: you are banned from there"]);
    assert_eq!(
        play.steps(),
        [
            "No: you are banned from there",
            "> /id #1 /in #tea secret",
            "* Not sent: you are no longer in #tea: /me secretly"
        ]
    );
}

#[test]
fn a_server_that_never_answers_does_not_keep_lines_back() {
    let mut play = in_tea(InputFrom::Person);
    play.lose();
    play.type_in(&["one"]);
    play.wait();
    play.return_to_ours(&["*** ann joined the chat ***"]);
    play.steps();
    assert_eq!(play.wait(), outbox::ANSWER_TIME);
    assert_eq!(play.steps(), ["> /id #1 /in #tea one"]);
}

#[test]
fn on_the_original_there_are_no_rooms() {
    let mut play = Play::in_original(InputFrom::Pipe);
    play.type_in(&["/join #tea", "hello", "/me waves", "/in #tea psst"]);
    assert_eq!(play.steps(), ["> /join #tea", "> hello", "> /me waves", "> /in #tea psst"]);
    play.hear(&["Unknown: /join", "[ann]: hello", "Unknown: /me", "Unknown: /in"]);
    assert!(play.resume.outbox.is_empty(), "what the original does not know is not waited for");
}

#[test]
fn who_is_slowed_down_is_not_late() {
    let mut play = Play::in_ours(InputFrom::Pipe);
    play.type_in(&["one", "two", "three"]);
    play.steps();
    play.hear(&["slowed down: too many messages"]);
    for line in ["[ann]: one", "[ann]: two"] {
        play.now += outbox::ANSWER_TIME - Duration::from_secs(1);
        play.hear(&[line]);
    }
    play.resume.tick(play.now + Duration::from_secs(5));
    assert!(!play.steps().iter().any(|step| step.starts_with('>')), "nothing is sent twice");
}
