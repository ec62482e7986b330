//! Courses of events, played on the state machine without a socket and without waiting.

mod cuts;
mod door;
mod leaving;
mod passwords;
mod rooms;

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
        eprintln!("seed {seed}");
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
                Do::AskPassword => "ask for the password".to_owned(),
                Do::PasswordOver => "no password any more".to_owned(),
                Do::SendSecret(secret) => format!("> secret {}", secret.line()),
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
