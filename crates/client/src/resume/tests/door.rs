//! Getting in: names, tokens and refusals.

use super::*;

#[test]
fn entering_shows_what_the_server_says_and_keeps_the_token() {
    let mut play = Play::new(Some("ann"), InputFrom::Person);
    play.connect();
    let greeting = [
        "Your reconnect token: 0123456789abcdef0123456789abcdef",
        "   Save this to reconnect: reconnect:ann:0123456789abcdef0123456789abcdef",
        "Welcome, ann!",
        "Commands:",
        "  /quit - Leave",
        "Recent messages: ",
        " [bob]: before",
        "*** ann joined the chat ***",
        "[bob]: hello ann",
    ];
    play.hear(&greeting);
    let mut expected =
        vec!["connect", "* Connected to chat server", "* Welcome to the chat server!", "> ann"];
    expected.extend_from_slice(&greeting);
    expected.insert(5, "keep ann");
    assert_eq!(play.steps(), expected);
}

#[test]
fn without_a_name_the_user_is_asked_and_an_empty_answer_is_one() {
    let mut play = Play::new(None, InputFrom::Person);
    play.connect();
    let asked = play.steps();
    assert!(asked.last().is_some_and(|step| step.starts_with("Enter username")), "{asked:?}");
    play.type_in(&[""]);
    assert_eq!(play.steps(), ["> "]);
    play.hear(&[&format!("   Save this to reconnect: reconnect:Guest7:{TOKEN}"), "Welcome, Guest7!"]);
    assert!(!play.steps().iter().any(|step| step.starts_with("keep")), "a made-up name is not worth keeping");
    play.wait();
    play.lose();
    play.wait();
    play.steps();
    play.connect();
    assert_eq!(
        play.steps(),
        [format!("> reconnect:Guest7:{TOKEN}")],
        "but it is taken up again while we live"
    );
}

#[test]
fn the_first_line_of_a_pipe_is_the_name() {
    let mut play = Play::new(None, InputFrom::Pipe);
    play.type_in(&["ann", "hello"]);
    play.connect();
    assert_eq!(play.steps().last().map(String::as_str), Some("> ann"));
}

#[test]
fn at_first_an_unreachable_server_is_the_end() {
    let mut play = Play::new(Some("ann"), InputFrom::Person);
    play.resume.unreachable("connection refused", play.now);
    assert_eq!(play.steps(), ["connect", r#"end Unreachable("connection refused")"#]);
    let mut play = Play::new(Some("ann"), InputFrom::Person);
    play.resume.connected(play.now);
    play.wait();
    let steps = play.steps();
    assert!(steps.contains(&"hang up".to_owned()), "a server that never asks is no chat server: {steps:?}");
    assert_eq!(steps.last().unwrap(), r#"end Unreachable("the server closed the connection")"#);
}

fn with_kept_token() -> Play {
    let credential = Credential::parse(&format!("reconnect:Ann:{TOKEN}")).unwrap();
    let tokens = HashMap::from([(name_key("Ann"), credential)]);
    Play::with(Settings { name: Some("ann".to_owned()), input: InputFrom::Pipe, tokens })
}

#[test]
fn a_kept_token_resumes_and_a_rejected_one_is_forgotten() {
    let mut play = with_kept_token();
    play.connect();
    assert_eq!(play.steps().last(), Some(&format!("> reconnect:Ann:{TOKEN}")));
    play.hear(&["Invalid reconnect token or session expired. "]);
    play.lose();
    assert_eq!(play.steps(), ["forget Ann", "Invalid reconnect token or session expired. ", "connect"]);
    play.connect();
    assert_eq!(play.steps().last().unwrap(), "> ann");
    play.hear(&["Username held for its owner, Use reconnect with its token or choose another name"]);
    play.lose();
    assert!(play.steps().last().unwrap().starts_with("end Refused"));
}

#[test]
fn the_original_lets_a_bad_token_in_all_the_same() {
    let mut play = with_kept_token();
    play.connect();
    play.hear(&[
        "Invalid reconnect token or session expired. ",
        "Welcome, Ann!",
        "Commands:",
        "Recent messages: ",
    ]);
    play.hear(&["*** Ann joined the chat ***"]);
    play.type_in(&["hello"]);
    let steps = play.steps();
    assert!(steps.contains(&"forget Ann".to_owned()) && steps.contains(&"> hello".to_owned()), "{steps:?}");
}

#[test]
fn somebody_whose_name_is_taken_is_asked_for_another() {
    let mut play = Play::new(Some("ann"), InputFrom::Person);
    play.connect();
    play.steps();
    play.hear(&["Username already connected, Use reconnect if you lost connection"]);
    play.lose();
    play.type_in(&["eve"]);
    play.connect();
    assert_eq!(
        play.steps(),
        [
            "Username already connected, Use reconnect if you lost connection",
            "* Enter another username:",
            "connect",
            "* Connected to chat server",
            "* Welcome to the chat server!",
            "> eve"
        ]
    );
}

#[test]
fn an_old_session_that_the_server_has_not_missed_yet_is_waited_for() {
    let mut play = Play::in_original(InputFrom::Pipe);
    play.lose();
    play.wait();
    play.connect();
    play.hear(&["Username already connected, Use reconnect if you lost connection"]);
    play.lose();
    let steps = play.steps();
    assert!(steps.last().unwrap().starts_with("* The server still holds the old session"), "{steps:?}");
}
