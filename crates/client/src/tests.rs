//! The whole client but for the terminal, over real sockets, against servers like the original and like ours.

mod fake;

use super::*;
use crate::screen::Shown;
use fake::{Cut, Fake, Kind};
use std::path::Path;
use std::sync::mpsc as std_mpsc;
use std::time::Duration;

/// Longer than anything here takes; a test that reaches it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A client at work: lines go in, and what it shows comes out.
struct Client {
    input: Option<mpsc::Sender<Typed>>,
    shown: std_mpsc::Receiver<Shown>,
    exit: std::thread::JoinHandle<u8>,
    all: Vec<String>,
}

impl Client {
    fn start(address: &str, name: Option<&str>, state: Option<&Path>, from: InputFrom) -> Self {
        let password = match from {
            InputFrom::Person => PasswordFrom::Person(Hidden::default()),
            InputFrom::Pipe => PasswordFrom::File(None),
        };
        Self::with_password(address, name, state, from, password)
    }

    fn with_password(
        address: &str,
        name: Option<&str>,
        state: Option<&Path>,
        from: InputFrom,
        password: PasswordFrom,
    ) -> Self {
        let (input, lines) = mpsc::channel(64);
        let (showing, shown) = std_mpsc::channel();
        let options = Options {
            address: address.to_owned(),
            name: name.map(str::to_owned),
            state_dir: state.map(Path::to_owned),
        };
        let exit = std::thread::spawn(move || {
            let screen = Screen::printed_by(move |batch| {
                batch.into_iter().for_each(|shown| drop(showing.send(shown)));
                Ok(())
            });
            let user = User { from, lines, screen, names: Arc::default(), password };
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(converse(options, user)).unwrap()
        });
        Self { input: Some(input), shown, exit, all: Vec::new() }
    }

    fn write(&self, lines: &[&str]) {
        for line in lines {
            self.input.as_ref().unwrap().blocking_send(Typed::Line((*line).to_owned())).unwrap();
        }
    }

    /// Waits until this is shown.
    fn sees(&mut self, wanted: &str) {
        while self.all.last().map(String::as_str) != Some(wanted) {
            match self.shown.recv_timeout(PATIENCE) {
                Ok(Shown::Line(line) | Shown::Note(line)) => self.all.push(line),
                Err(error) => panic!("{error} while waiting for {wanted:?} after {:#?}", self.all),
            }
        }
    }

    /// Ends the input; everything shown, and the exit code.
    fn finish(mut self) -> (Vec<String>, u8) {
        self.input = None;
        let exit = self.exit.join().unwrap();
        self.all.extend(self.shown.try_iter().map(|(Shown::Line(line) | Shown::Note(line))| line));
        (self.all, exit)
    }
}

fn ids_of(received: &[String], text: &str) -> Vec<String> {
    let with_id = |line: &String| Some(line.strip_prefix("/id ")?.strip_suffix(text)?.trim().to_owned());
    received.iter().filter_map(with_id).collect()
}

#[test]
fn a_pipe_to_the_original_goes_as_with_its_own_client() {
    let server = Fake::start(Kind::Original);
    server.say("bob", "before");
    let client = Client::start(&server.address, Some("ann"), None, InputFrom::Pipe);
    client.write(&["hello", "", "/users", "bye"]);
    let (shown, exit) = client.finish();
    assert_eq!(exit, 0);
    let token = "01".repeat(16);
    assert_eq!(
        shown.join("\n"),
        format!(
            "Starting chatroom client...\nConnected to chat server\nWelcome to the chat server!\n\
             Your reconnect token: {token}\n   Save this to reconnect: reconnect:ann:{token}\nWelcome, ann!\n\
             Commands:\n  /users - List all users\n  /history [N] - Show last N messages\n  \
             /msg <user> <msg> - Private message\n  /token - Show your reconnect token\n  /stats - Show your stats\n  \
             /simulate crash - Test crash handling\n  /quit - Leave\nRecent messages: \n [bob]: before\n\
             *** ann joined the chat ***\n[ann]: hello\nUsers online:\n  - ann\n\nTotal messages: 1\nUptime: 1s\n\
             [ann]: bye\nGoodbye!\nDisconnected from server."
        )
    );
    assert_eq!(server.received(), ["ann", "hello", "/users", "bye", "/quit"], "and never an id");
}

#[test]
fn the_first_line_of_a_pipe_answers_the_question_for_the_name() {
    let server = Fake::start(Kind::Original);
    let client = Client::start(&server.address, None, None, InputFrom::Pipe);
    client.write(&["ann", "hello"]);
    assert_eq!(client.finish().1, 0);
    assert_eq!(server.said(), ["ann: hello"]);
}

#[test]
fn on_our_server_nothing_is_lost_or_doubled_by_cuts() {
    let server = Fake::start(Kind::Ours);
    server.cut("line 20", Cut::BeforeStoring);
    server.cut("line 40", Cut::AfterStoring);
    server.cut("line 60", Cut::AfterStoring);
    let client = Client::start(&server.address, Some("ann"), None, InputFrom::Pipe);
    let lines: Vec<String> = (0..100).map(|number| format!("line {number}")).collect();
    client.write(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let (shown, exit) = client.finish();
    assert_eq!((exit, server.cuts_made()), (0, 3));
    let expected: Vec<String> = lines.iter().map(|line| format!("ann: {line}")).collect();
    assert_eq!(server.said(), expected);
    for line in &lines {
        let times = shown.iter().filter(|shown| **shown == format!("[ann]: {line}")).count();
        assert_eq!(times, 1, "{line} was shown {times} times");
    }
    let ids = ids_of(&server.received(), "line 40");
    assert!(ids.len() >= 2 && ids.iter().all(|id| *id == ids[0]), "one line, one id: {ids:?}");
    assert_eq!(shown.iter().filter(|line| *line == "Reconnected as ann").count(), 3);
}

#[test]
fn what_was_missed_is_shown_and_a_person_goes_on_typing() {
    let server = Fake::start(Kind::Ours);
    let mut ann = Client::start(&server.address, Some("ann"), None, InputFrom::Person);
    ann.sees("*** ann joined the chat ***");
    server.cut("hm", Cut::AfterStoring);
    ann.write(&["hm"]);
    ann.sees("Connection lost. Reconnecting in 1 s…");
    server.say("bob", "meanwhile");
    ann.write(&["typed without a connection"]);
    for line in ["Missed messages:", "[ann]: hm", "[bob]: meanwhile", "[ann]: typed without a connection"] {
        ann.sees(line);
    }
    ann.write(&["/quit"]);
    let (shown, exit) = ann.finish();
    assert_eq!(exit, 0);
    assert_eq!(shown.iter().filter(|line| *line == "[ann]: hm").count(), 1);
    assert_eq!(server.said(), ["ann: hm", "bob: meanwhile", "ann: typed without a connection"]);
}

#[test]
fn on_the_original_a_cut_is_mended_as_far_as_its_last_messages_tell() {
    let server = Fake::start(Kind::Original);
    let mut ann = Client::start(&server.address, Some("ann"), None, InputFrom::Pipe);
    ann.sees("*** ann joined the chat ***");
    server.cut("stored", Cut::AfterStoring);
    server.cut("not stored", Cut::BeforeStoring);
    ann.write(&["stored", "not stored", "last"]);
    let (shown, exit) = ann.finish();
    assert_eq!((exit, server.cuts_made()), (0, 2), "{shown:#?}");
    assert_eq!(server.said(), ["ann: stored", "ann: not stored", "ann: last"]);
}

#[test]
fn a_token_is_kept_and_used_at_the_next_start_and_forgotten_when_it_is_rejected() {
    let server = Fake::start(Kind::Ours);
    let state = tempfile::tempdir().unwrap();
    let join = |text: &str| {
        let client = Client::start(&server.address, Some("ann"), Some(state.path()), InputFrom::Pipe);
        client.write(&[text]);
        client.finish()
    };
    assert_eq!(join("first").1, 0);
    server.say("bob", "while she was away");
    let (shown, exit) = join("second");
    assert_eq!(exit, 0);
    assert!(
        shown.contains(&"Welcome back, ann!".to_owned())
            && shown.contains(&"[bob]: while she was away".to_owned())
    );
    server.forget_tokens();
    let (shown, exit) = join("third");
    assert_eq!(exit, 0);
    assert!(shown.contains(&"Invalid reconnect token or session expired. ".to_owned()), "{shown:#?}");
    assert!(join("fourth").0.contains(&"Welcome back, ann!".to_owned()), "the new token was kept");
    let ann = |text| format!("ann: {text}");
    assert_eq!(
        server.said(),
        [ann("first"), "bob: while she was away".to_owned(), ann("second"), ann("third"), ann("fourth")]
    );
}

#[test]
fn a_name_in_use_is_refused_with_its_own_exit_code() {
    let server = Fake::start(Kind::Original);
    let mut ann = Client::start(&server.address, Some("ann"), None, InputFrom::Person);
    ann.sees("*** ann joined the chat ***");
    let (shown, exit) = Client::start(&server.address, Some("ann"), None, InputFrom::Pipe).finish();
    assert_eq!(exit, EXIT_REFUSED, "{shown:#?}");
}

#[test]
fn without_a_server_the_exit_code_says_so() {
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (shown, exit) = Client::start(&unused.to_string(), Some("ann"), None, InputFrom::Pipe).finish();
    assert_eq!(exit, EXIT_UNAVAILABLE, "{shown:#?}");
    assert!(shown.last().is_some_and(|line| line.contains("refused")), "{shown:#?}");
}

#[test]
fn what_a_server_says_never_acts_on_the_terminal() {
    let server = Fake::start(Kind::Ours);
    let mut ann = Client::start(&server.address, Some("ann"), None, InputFrom::Person);
    server.wait_for("ann");
    server.say("eve", "\x1b]0;owned\x07 \u{202e}txt.exe \u{9b}2J\rover");
    ann.sees("[eve]: ]0;owned txt.exe 2J over");
}

#[test]
fn what_is_said_in_another_room_survives_cuts_and_stays_there() {
    let server = Fake::start(Kind::Ours);
    server.cut("two", Cut::BeforeStoring);
    server.cut("three", Cut::AfterStoring);
    let client = Client::start(&server.address, Some("ann"), None, InputFrom::Pipe);
    client.write(&["one", "/join #tea", "two", "three", "four"]);
    let (shown, exit) = client.finish();
    assert_eq!((exit, server.cuts_made()), (0, 2), "{shown:#?}");
    assert_eq!(server.said(), ["ann: one", "#tea ann: two", "#tea ann: three", "#tea ann: four"]);
    for line in ["#tea [ann]: two", "#tea [ann]: three", "#tea [ann]: four"] {
        assert_eq!(shown.iter().filter(|shown| *shown == line).count(), 1, "{line} in {shown:#?}");
    }
}

#[test]
fn a_pipe_takes_the_password_from_a_file_and_a_person_is_asked() {
    let server = Fake::start(Kind::Ours);
    server.register("ann", "correct horse");
    let state = tempfile::tempdir().unwrap();
    let file = state.path().join("password");
    std::fs::write(&file, "correct horse\n").unwrap();
    let pipe = |password| {
        Client::with_password(
            &server.address,
            Some("ann"),
            None,
            InputFrom::Pipe,
            PasswordFrom::File(password),
        )
    };
    let client = pipe(Some(file.clone()));
    client.write(&["hello"]);
    assert_eq!(client.finish().1, 0);
    assert_eq!(server.said(), ["ann: hello"]);
    server.forget_tokens();
    for password in [None, Some(state.path().join("nothing"))] {
        assert_eq!(pipe(password).finish().1, EXIT_REFUSED);
    }
    std::fs::write(&file, "wrong\n").unwrap();
    assert_eq!(pipe(Some(file)).finish().1, EXIT_REFUSED);

    let hidden = Hidden::default();
    let asked = PasswordFrom::Person(hidden.clone());
    let mut ann =
        Client::with_password(&server.address, Some("ann"), Some(state.path()), InputFrom::Person, asked);
    ann.sees(chatroom_wire::line::words::PASSWORD);
    while !hidden.take() {
        std::thread::yield_now();
    }
    let secret = Typed::Secret(password::Secret::new("correct horse".to_owned()));
    ann.input.as_ref().unwrap().blocking_send(secret).unwrap();
    ann.sees("*** ann joined the chat ***");
    let (shown, exit) = ann.finish();
    assert!(exit == 0 && !shown.iter().any(|line| line.contains("horse")), "{shown:#?}");
}

#[test]
fn a_flood_is_shown_to_its_last_line() {
    let server = Fake::start(Kind::Ours);
    let mut ann = Client::start(&server.address, Some("ann"), None, InputFrom::Person);
    ann.sees("*** ann joined the chat ***");
    for number in 1..=5000 {
        server.say("bob", &number.to_string());
    }
    ann.sees("[bob]: 5000");
    let flood = ann.all.iter().filter(|line| line.starts_with("[bob]")).count();
    assert_eq!(flood, 5000);
}

fn send_lines(options: SendOptions, lines: &[&str]) -> Result<Sent, SendError> {
    let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(send(options, lines))
}

#[test]
fn send_returns_when_all_is_acknowledged() {
    let server = Fake::start(Kind::Ours);
    let state = tempfile::tempdir().unwrap();
    let options = SendOptions {
        address: server.address.clone(),
        name: Some("cron".to_owned()),
        room: None,
        state_dir: Some(state.path().to_owned()),
    };
    server.cut("two", Cut::AfterStoring);
    assert_eq!(send_lines(options.clone(), &["one", "two", "", "three"]), Ok(Sent { lines: 3 }));
    assert_eq!(send_lines(options.clone(), &["again"]), Ok(Sent { lines: 1 }), "under the same name");
    assert_eq!(server.said(), ["cron: one", "cron: two", "cron: three", "cron: again"]);
    server.refuse("rude");
    let refused = send_lines(options, &["fine", "rude"]);
    let first_reason = "no such words here".to_owned();
    assert_eq!(refused, Err(SendError::Refused { count: 1, first_reason, acknowledged: 1 }));
}

#[test]
fn send_needs_no_name_and_tells_who_cannot_be_reached() {
    let server = Fake::start(Kind::Ours);
    let guest = SendOptions { address: server.address.clone(), name: None, room: None, state_dir: None };
    assert_eq!(send_lines(guest, &["hello"]), Ok(Sent { lines: 1 }));
    assert_eq!(server.said(), ["Guest1: hello"]);
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nowhere = SendOptions { address: unused.to_string(), name: None, room: None, state_dir: None };
    assert!(matches!(send_lines(nowhere, &["hello"]), Err(SendError::Unreachable { acknowledged: 0, .. })));
}
