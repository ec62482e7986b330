//! One client of the crash rig: comes, talks, reads, is cut off, comes back by its token and says again what was not
//! answered. Writes down what it sees and judges nothing.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;

use anyhow::{Context, bail};
use chatroom_wire::line::heard::Heard;
use uuid::Uuid;

use super::PATIENCE;
use super::board::{Board, Epoch, NODE};
use super::talk::{Message, Words, canaries};
use crate::export::direct_room;
use crate::history::{BodyHash, ClientId, Kind, Line, Outcome};

const LOBBY: &str = "#lobby";
/// Who says the last word, which everybody waits for.
const HERALD: &str = "herald";
const LAST_WORD: &str = "that was all";
/// No command, so it is answered, by its name.
const CAUGHT_UP: &str = "/caught-up\n";

pub(super) struct Person {
    name: String,
    /// The name it was given first; another when it could not learn the token of that one.
    given_name: String,
    names_used: u32,
    token: Option<String>,
    window: usize,
    words: Words,
    board: Arc<Board>,
    /// Unanswered, in the order they were first said.
    under_way: VecDeque<Message>,
    /// It has been let in, in this connection.
    is_present: bool,
    /// All that was missed has been given, in this connection.
    caught_up: bool,
    all_answered: bool,
}

/// Why a connection was over.
enum Ended {
    /// Cut off.
    Cut(String),
    /// The name is held by a token that never reached its owner.
    NameLost,
    /// It broke off by itself, having read all that was on its way.
    Left,
    /// The last word was heard.
    Drained,
}

/// One connection.
struct Connection {
    from: BufReader<TcpStream>,
    to: TcpStream,
    /// Nothing can be said any more; what is on its way is still to be read, for the server knows it has arrived.
    mute: bool,
    /// By its own will.
    leaving: bool,
}

impl Connection {
    fn open(address: SocketAddr) -> std::io::Result<Self> {
        let to = TcpStream::connect(address)?;
        to.set_nodelay(true)?;
        to.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { from: BufReader::new(to.try_clone()?), to, mute: false, leaving: false })
    }

    fn say(&mut self, text: &str) {
        self.mute = self.mute || self.to.write_all(text.as_bytes()).is_err();
    }

    /// Breaks off: the server sees the end at once, and this side reads on to its own.
    fn leave(&mut self) {
        self.leaving = self.to.shutdown(Shutdown::Write).is_ok();
        self.mute = true;
    }

    /// The next line; `None` at the end. Half a line is no line.
    fn line(&mut self, line: &mut String) -> std::io::Result<Option<()>> {
        line.clear();
        self.from.read_line(line)?;
        Ok(line.ends_with('\n').then_some(()))
    }
}

impl Person {
    pub(super) fn new(name: String, window: usize, board: Arc<Board>, seed: u64) -> Self {
        Self {
            given_name: name.clone(),
            name,
            names_used: 1,
            token: None,
            window,
            words: Words::new(seed),
            board,
            under_way: VecDeque::new(),
            is_present: false,
            caught_up: false,
            all_answered: false,
        }
    }

    /// Lives until the last word, through as many servers as it takes.
    pub(super) fn live(mut self) {
        let mut after = 0;
        while let Some((epoch, address)) = self.board.wait_for_server(after) {
            after = epoch;
            // The server may be gone again already.
            let Ok(connection) = Connection::open(address) else { continue };
            self.board.connected();
            let ended = self.visit(connection);
            let unanswered = self.give_up();
            let expected = self.board.disconnected(epoch, std::mem::take(&mut self.is_present), unanswered);
            match ended {
                Ok(Ended::Drained) => return,
                Ok(Ended::NameLost) => {
                    self.names_used += 1;
                    self.name = format!("{}x{}", self.given_name, self.names_used);
                    after = earlier(epoch);
                }
                Ok(Ended::Left) => after = earlier(epoch),
                Ok(Ended::Cut(_)) if expected => {}
                Ok(Ended::Cut(why)) => {
                    return self
                        .board
                        .fail(format!("{} was cut off by a server that lived: {why}", self.name));
                }
                Err(error) => return self.board.fail(format!("{}: {error:#}", self.name)),
            }
        }
    }

    /// One connection from its login to its end.
    fn visit(&mut self, mut connection: Connection) -> anyhow::Result<Ended> {
        let login = match &self.token {
            Some(token) => format!("reconnect:{}:{token}\n", self.name),
            None => format!("{}\n", self.name),
        };
        let returning = self.token.is_some();
        self.caught_up = false;
        connection.say(&login);
        let (mut line, mut inside) = (String::new(), false);
        let mut patience = self.words.lines_until_cut();
        loop {
            match connection.line(&mut line) {
                Ok(Some(())) => {}
                _ if connection.leaving => return Ok(Ended::Left),
                Ok(None) => return Ok(Ended::Cut("the end of the stream".into())),
                Err(error) => return Ok(Ended::Cut(error.to_string())),
            }
            let heard = Heard::parse(&line);
            self.look_for_canaries(&line);
            match heard {
                Heard::YourToken { token } => {
                    self.token = Some(format!("{:032x}", u128::from_be_bytes(token)))
                }
                Heard::TokenLine { .. } | Heard::Prompt => {}
                Heard::NameHeld if !returning => return Ok(Ended::NameLost),
                Heard::WelcomeBack { .. } if returning => {
                    self.note(Line { op: Kind::Resume, ..Line::default() });
                }
                Heard::Welcome { .. } => {
                    if !returning {
                        self.note(Line { op: Kind::Connect, ..Line::default() });
                    }
                    self.board.present(&self.name);
                    (inside, self.is_present) = (true, true);
                    connection.say(CAUGHT_UP);
                }
                // Answers keep their order, and no question is answered before what was missed has been given.
                Heard::Unknown { word: "caught-up" } => self.caught_up = true,
                Heard::BadToken
                | Heard::MalformedReconnect
                | Heard::NameInUse
                | Heard::NameHeld
                // Another program's server may have taken the port of one that was killed: then this is no finding.
                | Heard::BadName { .. } => return Ok(Ended::Cut(format!("not let in: {line:?}"))),
                Heard::LineTooLong | Heard::NotYourself | Heard::Unknown { .. } => bail!("told {line:?}"),
                heard if self.hear(heard) => return Ok(Ended::Drained),
                _ => {}
            }
            patience -= 1;
            if patience == 0 && inside && !self.board.is_quiet() {
                self.board.cut_by_client();
                connection.leave();
            }
            if inside && !connection.mute {
                self.talk(&mut connection);
            }
        }
    }

    /// Sends what is to be sent: first again what was not answered, then new things.
    fn talk(&mut self, connection: &mut Connection) {
        // The answer to a direct message has no id, and what was missed has such lines too: it waits until after that.
        let must_wait = self.under_way.iter().any(|message| message.to.is_some());
        if self.window == 0 || !self.caught_up && must_wait {
            return;
        }
        if self.board.is_quiet() {
            if self.under_way.is_empty() && !self.all_answered {
                self.all_answered = true;
                self.board.all_answered();
            }
        } else {
            while self.under_way.len() < self.window {
                let message = self
                    .words
                    .next(&self.name, |number| self.board.somebody(number).filter(|_| self.caught_up));
                if let (Some(canary), Some(to)) = (message.canary(), &message.to) {
                    let (room, body) = (direct_room(&self.name, to), BodyHash::of_canary(canary));
                    self.note(Line { op: Kind::Canary, room: room.into(), body, ..Line::default() });
                }
                self.under_way.push_back(message);
            }
        }
        let mut lines = String::new();
        let mut count = 0;
        for message in self.under_way.iter_mut().filter(|message| message.invoked.is_none()) {
            message.invoked = Some(self.board.now());
            lines.push_str(&message.line());
            count += 1;
        }
        if count == 0 {
            return;
        }
        self.board.sent(count);
        connection.say(&lines);
    }

    /// Writes down what a line says; whether it was the last word.
    fn hear(&mut self, heard: Heard<'_>) -> bool {
        match heard {
            Heard::Said { from, text } => {
                self.received(LOBBY, from, text);
                if from == self.name {
                    self.answer(Outcome::Ok, |message| message.to.is_none() && message.text == text);
                }
                if from == HERALD && text == LAST_WORD {
                    let (op, invoked) = (Kind::Drained, self.board.drained());
                    self.note(Line { op, invoked, room: LOBBY.into(), ..Line::default() });
                    return true;
                }
            }
            Heard::Recent { from, text } => self.received(LOBBY, from, text),
            Heard::From { sender, text } => {
                self.received(&direct_room(sender, &self.name), sender, text);
            }
            Heard::SentTo { user, .. } => {
                self.answer(Outcome::Ok, |message| message.to.as_deref() == Some(user));
            }
            Heard::NoSuchUser { user } => {
                self.answer(Outcome::Refused, |message| message.to.as_deref() == Some(user));
            }
            Heard::NotSent { id, .. } => self.answer(Outcome::Refused, with_id(id)),
            Heard::NotConfirmed { id, .. } => self.answer(Outcome::Unknown, with_id(id)),
            _ => {}
        }
        false
    }

    fn received(&self, room: &str, author: &str, text: &str) {
        let body = BodyHash::of(author, text);
        self.note(Line { op: Kind::Receive, room: room.into(), body, ..Line::default() });
    }

    fn look_for_canaries(&self, line: &str) {
        for canary in canaries(line) {
            let body = BodyHash::of_canary(canary);
            self.note(Line { op: Kind::Sighting, body, ..Line::default() });
        }
    }

    /// The first message under way that this fits has its answer: answers come in the order of the attempts.
    fn answer(&mut self, outcome: Outcome, fits: impl Fn(&Message) -> bool) {
        let fits = |message: &Message| message.invoked.is_some() && fits(message);
        // One that has its answer already: shown again after a resume.
        let Some(at) = self.under_way.iter().position(fits) else { return };
        self.attempt(&self.under_way[at], outcome);
        self.board.answered(outcome == Outcome::Ok);
        match outcome {
            Outcome::Unknown => self.under_way[at].invoked = None,
            Outcome::Ok | Outcome::Refused => drop(self.under_way.remove(at)),
        }
    }

    fn attempt(&self, message: &Message, outcome: Outcome) {
        let room = match &message.to {
            Some(to) => direct_room(&self.name, to),
            None => LOBBY.into(),
        };
        let (op, room, id) = (Kind::Send, room.into(), ClientId::of(message.id));
        let invoked = message.invoked.expect("only what was sent is answered or given up");
        let body = BodyHash::of(&self.name, &message.text);
        self.note(Line { op, invoked, outcome, room, id, body, ..Line::default() });
    }

    /// The connection is gone: nothing under way will be answered any more. How many that were.
    fn give_up(&mut self) -> u64 {
        let mut count = 0;
        for at in 0..self.under_way.len() {
            if self.under_way[at].invoked.is_some() {
                self.attempt(&self.under_way[at], Outcome::Unknown);
                self.under_way[at].invoked = None;
                count += 1;
            }
        }
        self.note(Line { op: Kind::Disconnect, ..Line::default() });
        count
    }

    fn note(&self, line: Line<'_>) {
        note(&self.board, &self.name, line);
    }
}

fn earlier(epoch: Epoch) -> Epoch {
    epoch.saturating_sub(1)
}

fn with_id(id: Option<[u8; 16]>) -> impl Fn(&Message) -> bool {
    move |message| id.map(Uuid::from_bytes) == Some(message.id)
}

fn note(board: &Board, name: &str, line: Line<'_>) {
    let invoked = if line.invoked == 0 { board.now() } else { line.invoked };
    let (node, protocol) = (NODE.into(), "line".into());
    board.note(Line { session: name.into(), user: name.into(), node, protocol, invoked, ..line });
}

/// Comes, says one thing that everybody waits for, and stays until it is acknowledged.
pub(super) fn say_the_last_word(board: &Board, address: SocketAddr) -> anyhow::Result<()> {
    let mut connection = Connection::open(address).context("the herald")?;
    let id = Uuid::from_u128(rand::random());
    let mut line = String::new();
    connection.to.write_all(format!("{HERALD}\n").as_bytes())?;
    while !matches!(Heard::parse(&line), Heard::Welcome { .. }) {
        connection.line(&mut line)?.context("the herald was cut off")?;
    }
    note(board, HERALD, Line { op: Kind::Connect, ..Line::default() });
    let invoked = board.last_word_begins();
    connection.to.write_all(format!("/id {id} {LAST_WORD}\n").as_bytes())?;
    while !matches!(Heard::parse(&line), Heard::Said { from: HERALD, .. }) {
        connection.line(&mut line)?.context("the herald was cut off")?;
    }
    let (op, room, body) = (Kind::Send, LOBBY.into(), BodyHash::of(HERALD, LAST_WORD));
    note(board, HERALD, Line { op, invoked, room, id: ClientId::of(id), body, ..Line::default() });
    Ok(())
}
