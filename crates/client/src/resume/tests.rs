//! Courses of events, played on the state machine without a socket and without waiting.

use super::*;
use rand::SeedableRng as _;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// Plays what happens and tells what the client does, a line a step. Ids are numbered as they appear.
struct Play {
    resume: Resume,
    now: Instant,
    ids: Vec<String>,
}

impl Play {
    fn new(name: Option<&str>, input: InputFrom) -> Self {
        Self::with(Settings { name: name.map(str::to_owned), input, tokens: HashMap::new() })
    }

    fn with(settings: Settings) -> Self {
        let seed = 20_261_101;
        println!("seed {seed}");
        let resume = Resume::new(settings, StdRng::seed_from_u64(seed));
        Self { resume, now: Instant::now(), ids: Vec::new() }
    }

    /// In the room of our server as `ann`, with a token.
    fn in_ours(input: InputFrom) -> Self {
        let mut play = Self::new(Some("ann"), input);
        play.enter(&["  /help [command] - Say more about a command"]);
        play
    }

    /// In the room of the original.
    fn in_original(input: InputFrom) -> Self {
        let mut play = Self::new(Some("ann"), input);
        play.enter(&[]);
        play
    }

    fn enter(&mut self, more_commands: &[&str]) {
        self.connect();
        self.hear(&["Your reconnect token: 0123456789abcdef0123456789abcdef"]);
        self.hear(&[
            &format!("   Save this to reconnect: reconnect:ann:{TOKEN}"),
            "Welcome, ann!",
            "Commands:",
        ]);
        self.hear(&["  /users - List all users", "  /quit - Leave"]);
        self.hear(more_commands);
        self.hear(&["Recent messages: ", " [bob]: before", "*** ann joined the chat ***"]);
        self.steps();
    }

    /// Back in the room of our server, with these lines missed.
    fn return_to_ours(&mut self, missed: &[&str]) {
        self.connect();
        self.hear(&["Welcome back, ann!", "Welcome, ann!", "Commands:", "  /quit - Leave"]);
        self.hear(&["  /help [command] - Say more about a command"]);
        self.hear(missed);
    }

    fn connect(&mut self) {
        self.resume.connected(self.now);
        self.hear(&["Enter username (or 'reconnect:<username>:<token>' to reconnect): "]);
    }

    fn hear(&mut self, lines: &[&str]) {
        for line in lines {
            self.resume.heard(line, &Heard::parse(line), self.now);
        }
    }

    fn type_in(&mut self, lines: &[&str]) {
        for line in lines {
            self.resume.typed(line, self.now);
        }
    }

    fn lose(&mut self) {
        self.resume.lost(self.now);
    }

    /// Waits until the client has planned something, and lets it happen.
    fn wait(&mut self) -> Duration {
        let before = self.now;
        self.now = self.resume.deadline().expect("the client waits for a time").max(self.now);
        self.resume.tick(self.now);
        self.now - before
    }

    fn steps(&mut self) -> Vec<String> {
        let mut steps = Vec::new();
        while let Some(step) = self.resume.next() {
            steps.push(match step {
                Do::Connect => "connect".to_owned(),
                Do::HangUp => "hang up".to_owned(),
                Do::Send(line) => format!("> {}", self.numbered(&line)),
                Do::Show(line) => line,
                Do::Note(words) => format!("* {words}"),
                Do::Keep(credential) => format!("keep {}", credential.user),
                Do::Forget(user) => format!("forget {user}"),
                Do::End(ending) => format!("end {ending:?}"),
            });
        }
        steps
    }

    fn numbered(&mut self, line: &str) -> String {
        let Some((id, text)) = line.strip_prefix("/id ").and_then(|rest| rest.split_once(' ')) else {
            return line.to_owned();
        };
        let known = self.ids.iter().position(|known| known == id).unwrap_or_else(|| {
            self.ids.push(id.to_owned());
            self.ids.len() - 1
        });
        format!("/id #{} {text}", known + 1)
    }

    /// The id that was numbered so.
    fn id(&self, number: usize) -> &str {
        &self.ids[number - 1]
    }
}

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
fn empty_lines_are_not_sent_and_commands_carry_no_id() {
    let mut play = Play::in_ours(InputFrom::Person);
    play.type_in(&["", "   ", "/users", "hello", "//etc", "/msg bob psst", "/msg bob", "/nonsense"]);
    assert_eq!(
        play.steps(),
        [
            "> /users",
            "> /id #1 hello",
            "> /id #2 //etc",
            "> /id #3 /msg bob psst",
            "> /msg bob",
            "> /nonsense"
        ]
    );
    play.hear(&["[ann]: hello", "[ann]: /etc", "Message sent to bob (away, will be delivered)"]);
    assert_eq!(play.resume.tally().acknowledged, 3);
    assert!(play.resume.outbox.is_empty());
}

#[test]
fn an_id_that_was_typed_is_the_one_that_is_used_and_never_on_the_original() {
    let line = "/id 0192d1b4-7c3a-4d10-8a5e-00c0ffee0001 hello";
    let mut play = Play::in_ours(InputFrom::Pipe);
    play.type_in(&[line]);
    assert_eq!(play.steps(), ["> /id #1 hello"]);
    assert_eq!(play.id(1), "0192d1b4-7c3a-4d10-8a5e-00c0ffee0001");
    let mut play = Play::in_original(InputFrom::Pipe);
    play.type_in(&[line, "plain"]);
    assert_eq!(play.steps(), ["> hello", "> plain"]);
}

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
        [
            &format!("> reconnect:ann:{TOKEN}"),
            "* Reconnected as ann",
            "Missed messages:",
            "[bob]: meanwhile",
            "[ann]: two"
        ],
        "nothing is sent before what was missed has been given"
    );
    play.hear(&["*** ann joined the chat ***"]);
    assert_eq!(
        play.steps(),
        ["> /id #2 two", "> /id #3 three", "> /id #4 four", "> /id #5 five", "*** ann joined the chat ***"]
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
fn the_original_is_given_few_lines_at_a_time() {
    let mut play = Play::in_original(InputFrom::Pipe);
    let lines: Vec<String> = (0..20).map(|number| format!("line {number}")).collect();
    play.type_in(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(play.steps().len(), 8);
    play.hear(&["[ann]: line 0"]);
    assert_eq!(play.steps(), ["[ann]: line 0", "> line 8"]);
}

#[test]
fn refused_and_unsure_lines_are_told_apart() {
    let mut play = Play::in_ours(InputFrom::Person);
    play.type_in(&["bad", "maybe"]);
    play.steps();
    let (bad, maybe) = (play.id(1).to_owned(), play.id(2).to_owned());
    play.hear(&[&format!("Not sent {bad}: too long"), &format!("Not confirmed {maybe}: the disk is full")]);
    assert_eq!(
        play.steps(),
        ["* Not sent: too long: bad", "* Not confirmed yet, trying again: the disk is full"]
    );
    assert!(play.wait() >= Duration::from_secs(1));
    assert_eq!(play.steps(), ["> /id #2 maybe"]);
    play.hear(&["[ann]: maybe"]);
    assert_eq!(play.resume.tally().acknowledged, 1);
    assert_eq!(play.resume.tally().first_refusal.as_deref(), Some("too long"));
}

#[test]
fn a_line_the_server_can_never_confirm_is_given_up_in_the_end() {
    let mut play = Play::in_ours(InputFrom::Pipe);
    play.type_in(&["maybe"]);
    play.resume.input_ended(play.now);
    let begun = play.now;
    play.steps();
    let id = play.id(1).to_owned();
    while play.resume.tally().unconfirmed == 0 {
        play.hear(&[&format!("Not confirmed {id}: the disk is full")]);
        if play.resume.tally().unconfirmed == 0 {
            play.wait();
        }
        assert!(play.now - begun < Duration::from_secs(60), "never given up");
    }
    assert_eq!(play.steps().last().unwrap(), "> /quit");
}

#[test]
fn a_line_without_an_answer_is_sent_again_and_then_given_up() {
    let mut play = Play::in_ours(InputFrom::Pipe);
    play.type_in(&["one"]);
    play.wait();
    play.wait();
    assert_eq!(play.steps(), ["> /id #1 one", "> /id #1 one", "> /id #1 one"]);
    play.wait();
    assert_eq!(play.steps(), ["* Not confirmed: one"]);
    assert_eq!(play.resume.tally().unconfirmed, 1);
    // The original would say it twice, and its silence proves nothing.
    let mut play = Play::in_original(InputFrom::Pipe);
    play.type_in(&["one"]);
    play.wait();
    assert_eq!(play.steps(), ["> one", "* Not confirmed: one"]);
    assert_eq!(play.resume.tally().unconfirmed, 0);
}

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
fn what_waits_is_bounded() {
    let mut pipe = Play::in_ours(InputFrom::Pipe);
    let mut person = Play::in_ours(InputFrom::Person);
    for play in [&mut pipe, &mut person] {
        play.lose();
        for number in 0..outbox::MAX_WAITING {
            assert!(play.resume.wants_input());
            play.type_in(&[&format!("line {number}")]);
        }
        play.steps();
    }
    assert!(!pipe.resume.wants_input());
    assert!(person.resume.wants_input());
    person.type_in(&["one too many"]);
    assert_eq!(person.steps(), ["* Not sent: too many lines are waiting: one too many"]);
}

#[test]
fn a_line_too_long_for_the_server_is_refused_here() {
    let mut play = Play::in_ours(InputFrom::Pipe);
    play.type_in(&[&"x".repeat(8190), "short"]);
    let steps = play.steps();
    assert!(steps[0].starts_with("* Not sent: the line is too long: xxx"), "{steps:?}");
    assert_eq!(steps[1], "> /id #1 short");
    assert_eq!(play.resume.tally().refused, 1);
}
