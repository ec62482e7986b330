//! Two small servers to try the client on, a thread a connection: one that speaks to the letter like the original, one
//! like ours. Keeps no promise except those that the client relies on.

use chatroom_wire::line::id::Hex;
use chatroom_wire::line::words;
use std::collections::{HashMap, HashSet};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

const COMMANDS: &str = "Commands:\n  /users - List all users\n  /history [N] - Show last N messages\n  /msg <user> <msg> - \
                        Private message\n  /token - Show your reconnect token\n  /stats - Show your stats\n  /simulate \
                        crash - Test crash handling\n  /quit - Leave\n";
const HELP: &str = "  /help [command] - Say more about a command\n";

/// When to cut a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// When a line has come, and before anything is done about it.
    BeforeStoring,
    /// When it is stored, and before its sender learns of it.
    AfterStoring,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Original,
    Ours,
}

/// A running server.
pub(super) struct Fake {
    pub(super) address: String,
    shared: Arc<Shared>,
}

struct Shared {
    kind: Kind,
    room: Mutex<Room>,
    changed: Condvar,
}

#[derive(Default)]
struct Room {
    log: Vec<(String, String)>,
    /// Who is in, and where in the log what he was given ends.
    online: HashMap<String, TcpStream>,
    given: HashMap<String, usize>,
    tokens: HashMap<String, String>,
    ids: HashSet<(String, String)>,
    /// Cut when the line with this text comes, once.
    cuts: HashMap<String, Cut>,
    cuts_made: usize,
    refused: HashSet<String>,
    /// Registered names with their passwords.
    passwords: HashMap<String, String>,
    /// Everything that was ever received.
    received: Vec<String>,
}

impl Fake {
    pub(super) fn start(kind: Kind) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shared = Arc::new(Shared { kind, room: Mutex::default(), changed: Condvar::new() });
        let serving = shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = serving.clone();
                // A connection that breaks is what is being tried.
                thread::spawn(move || drop(shared.serve(stream)));
            }
        });
        Self { address, shared }
    }

    pub(super) fn cut(&self, text: &str, cut: Cut) {
        self.shared.room.lock().unwrap().cuts.insert(text.to_owned(), cut);
    }

    /// Refuse the line with this text.
    pub(super) fn refuse(&self, text: &str) {
        self.shared.room.lock().unwrap().refused.insert(text.to_owned());
    }

    /// The name is registered.
    pub(super) fn register(&self, name: &str, password: &str) {
        self.shared.room.lock().unwrap().passwords.insert(name.to_owned(), password.to_owned());
    }

    /// Forget all tokens.
    pub(super) fn forget_tokens(&self) {
        self.shared.room.lock().unwrap().tokens.clear();
    }

    pub(super) fn cuts_made(&self) -> usize {
        self.shared.room.lock().unwrap().cuts_made
    }

    pub(super) fn received(&self) -> Vec<String> {
        self.shared.room.lock().unwrap().received.clone()
    }

    /// All texts, each as `<from>: <text>`, after the room if it is not the first.
    pub(super) fn said(&self) -> Vec<String> {
        let room = self.shared.room.lock().unwrap();
        room.log
            .iter()
            .filter(|(from, _)| from != "system")
            .map(|(from, text)| format!("{from}: {text}"))
            .collect()
    }

    /// Somebody else says something.
    pub(super) fn say(&self, from: &str, text: &str) {
        self.shared.publish(&mut self.shared.room.lock().unwrap(), from, text);
    }

    /// Waits until somebody is in.
    pub(super) fn wait_for(&self, user: &str) {
        let room = self.shared.room.lock().unwrap();
        drop(self.shared.changed.wait_while(room, |room| !room.online.contains_key(user)).unwrap());
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        writeln!(stream, "Enter username (or 'reconnect:<username>:<token>' to reconnect): ")?;
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let Some(answer) = lines.next().transpose()? else { return Ok(()) };
        let password = self.room.lock().unwrap().passwords.get(&answer).cloned();
        if let Some(password) = password {
            writeln!(stream, "{}", words::PASSWORD)?;
            if lines.next().transpose()? != Some(password) {
                writeln!(stream, "Closing: the password is wrong")?;
                return stream.shutdown(Shutdown::Both);
            }
        }
        let Some(user) = self.enter(&answer, &mut stream)? else { return stream.shutdown(Shutdown::Both) };
        self.changed.notify_all();
        let ended = self.listen(&user, &mut stream, lines);
        let mut room = self.room.lock().unwrap();
        room.online.remove(&user);
        self.announce(&mut room, &user, "left");
        drop(room);
        stream.shutdown(Shutdown::Both)?;
        ended
    }

    /// The door; `None` when it stays shut.
    fn enter(&self, answer: &str, stream: &mut TcpStream) -> io::Result<Option<String>> {
        let mut room = self.room.lock().unwrap();
        room.received.push(answer.to_owned());
        let ours = self.kind == Kind::Ours;
        let mut resumed = false;
        let user = match answer.strip_prefix("reconnect:").map(|pair| pair.split_once(':')) {
            Some(None) => {
                writeln!(stream, "Invalid reconnect format. Use: reconnect:<username>:<token> ")?;
                return Ok(None);
            }
            Some(Some((user, token))) => {
                resumed = room.tokens.get(user).is_some_and(|known| known == token);
                if resumed {
                    writeln!(stream, "Welcome back, {user}!")?;
                } else {
                    writeln!(stream, "Invalid reconnect token or session expired. ")?;
                    if ours {
                        return Ok(None);
                    }
                }
                user.to_owned()
            }
            None if answer.is_empty() => "Guest1".to_owned(),
            None => answer.to_owned(),
        };
        if room.online.contains_key(&user) {
            writeln!(stream, "Username already connected, Use reconnect if you lost connection")?;
            return Ok(None);
        }
        if !resumed {
            let seen_before = room.tokens.contains_key(&user);
            if seen_before && ours {
                writeln!(
                    stream,
                    "Username held for its owner, Use reconnect with its token or choose another name"
                )?;
                return Ok(None);
            }
            let fresh = Hex([room.tokens.len() as u8 + 1; 16]).to_string();
            let token = room.tokens.entry(user.clone()).or_insert(fresh).clone();
            if seen_before {
                write!(stream, "Tip: Save this reconnect token: {token}\n   To reconnect later: ")?;
            } else {
                write!(stream, "Your reconnect token: {token}\n   Save this to reconnect: ")?;
            }
            writeln!(stream, "reconnect:{user}:{token}")?;
        }
        write!(stream, "Welcome, {user}!\n{COMMANDS}{}", if ours { HELP } else { "" })?;
        if ours && resumed {
            let missed = &room.log[room.given[&user]..];
            if !missed.is_empty() {
                writeln!(stream, "Missed messages:")?;
            }
            for (from, text) in missed {
                writeln!(stream, "{}", live(from, text))?;
            }
        } else {
            writeln!(stream, "Recent messages: ")?;
            for (from, text) in &room.log[room.log.len().saturating_sub(10)..] {
                writeln!(stream, " [{from}]: {text}")?;
            }
        }
        room.online.insert(user.clone(), stream.try_clone()?);
        self.announce(&mut room, &user, "joined");
        Ok(Some(user))
    }

    fn listen(
        &self,
        user: &str,
        stream: &mut TcpStream,
        lines: impl Iterator<Item = io::Result<String>>,
    ) -> io::Result<()> {
        let mut here = None;
        for line in lines {
            let line = line?;
            let mut room = self.room.lock().unwrap();
            room.received.push(line.clone());
            let (id, text) = match line.strip_prefix("/id ").and_then(|rest| rest.split_once(' ')) {
                Some((id, text)) if self.kind == Kind::Ours => (Some(id.to_owned()), text),
                _ => (None, line.as_str()),
            };
            let (at, text) = match text.strip_prefix("/in ").and_then(|rest| rest.split_once(' ')) {
                Some((there, text)) if self.kind == Kind::Ours => (Some(there.to_owned()), text),
                _ => (here.clone(), text),
            };
            let from = at.map_or(user.to_owned(), |at| format!("{at} {user}"));
            let cut = room.cuts.remove(text);
            room.cuts_made += usize::from(cut.is_some());
            if cut == Some(Cut::BeforeStoring) {
                return Ok(());
            }
            if cut == Some(Cut::AfterStoring) {
                room.online.remove(user);
            }
            match text.strip_prefix('/') {
                Some("quit") => return writeln!(stream, "Goodbye!"),
                Some("users") => {
                    writeln!(stream, "Users online:\n  - {user}\n\nTotal messages: 1\nUptime: 1s")?
                }
                Some(command) if self.kind == Kind::Ours && command.starts_with("join ") => {
                    here = command.strip_prefix("join ").map(str::to_owned);
                    writeln!(stream, "Now in {}.", &command[5..])?;
                }
                Some(command) => {
                    writeln!(stream, "Unknown: /{}", command.split(' ').next().unwrap_or_default())?;
                }
                None if room.refused.contains(text) => {
                    writeln!(stream, "Not sent {}: no such words here", id.unwrap_or_default())?;
                }
                None => {
                    let again = id.is_some_and(|id| !room.ids.insert((user.to_owned(), id)));
                    if again {
                        writeln!(stream, "{}", live(&from, text))?;
                    } else {
                        self.publish(&mut room, &from, text);
                    }
                }
            }
            if cut.is_some() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn announce(&self, room: &mut Room, user: &str, verb: &str) {
        self.publish(room, "system", &format!("*** {user} {verb} the chat ***"));
    }

    fn publish(&self, room: &mut Room, from: &str, text: &str) {
        room.log.push((from.to_owned(), text.to_owned()));
        let end = room.log.len();
        for (user, stream) in &mut room.online {
            // Who is gone will ask for what he missed.
            if writeln!(stream, "{}", live(from, text)).is_ok() {
                room.given.insert(user.clone(), end);
            }
        }
    }
}

fn live(from: &str, text: &str) -> String {
    match from.split_once(' ') {
        _ if from == "system" => text.to_owned(),
        Some((room, from)) => format!("{room} [{from}]: {text}"),
        None => format!("[{from}]: {text}"),
    }
}
