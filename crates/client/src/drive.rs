//! Carries out what `resume` decides: the one task that owns the connection, the input and the screen. Decides nothing.

use crate::input::Typed;
use crate::link::Link;
use crate::names::Names;
use crate::password::PasswordFrom;
use crate::resume::{Do, Ending, Resume};
use crate::screen::Screen;
use crate::tokens::Tokens;
use chatroom_wire::framing::Framed;
use chatroom_wire::line::heard::Heard;
use chatroom_wire::text::clean;
use std::future::{Future, pending};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::mpsc;

/// A conversation and all it touches.
pub(crate) struct Conversation {
    pub(crate) resume: Resume,
    /// `HOST:PORT`
    pub(crate) address: String,
    pub(crate) lines: mpsc::Receiver<Typed>,
    pub(crate) screen: Screen,
    pub(crate) tokens: Option<Tokens>,
    pub(crate) names: Arc<Mutex<Names>>,
    pub(crate) password: PasswordFrom,
}

/// What there is of a connection.
enum Connection {
    None,
    Opening(Pin<Box<dyn Future<Output = io::Result<Link>> + Send>>),
    Open(Link),
}

impl Conversation {
    /// Goes on until the conversation ends. An error says that nobody can see it any more.
    pub(crate) async fn drive(&mut self) -> anyhow::Result<Ending> {
        let mut connection = Connection::None;
        let mut input_open = true;
        loop {
            while let Some(step) = self.resume.next() {
                if let Do::End(ending) = step {
                    if let Ending::Unreachable(reason) = &ending {
                        self.screen.note(&format!("Cannot reach {}: {reason}", self.address));
                    }
                    return Ok(ending);
                }
                self.carry_out(step, &mut connection);
            }
            let may_read = self.screen.has_room();
            let deadline = self.resume.deadline();
            tokio::select! {
                event = connection.next(may_read) => match event {
                    Event::Opened(opened) => self.opened(opened, &mut connection),
                    Event::Read(read) => self.read(read, &mut connection),
                },
                typed = self.lines.recv(), if input_open && self.resume.wants_input() => match typed {
                    Some(typed) => self.typed(typed),
                    None => {
                        input_open = false;
                        self.resume.input_ended(Instant::now());
                    }
                },
                printed = self.screen.print() => printed?,
                () = at(deadline) => self.resume.tick(Instant::now()),
            }
        }
    }

    fn carry_out(&mut self, step: Do, connection: &mut Connection) {
        match step {
            Do::Connect => *connection = Connection::Opening(Box::pin(Link::open(self.address.clone()))),
            Do::HangUp => *connection = Connection::None,
            Do::Send(line) => {
                if let Connection::Open(link) = connection {
                    link.send(&line);
                }
            }
            Do::AskPassword => match self.password.get() {
                Ok(Some(secret)) => self.resume.password(secret, Instant::now()),
                Ok(None) => {}
                Err(reason) => {
                    self.screen.note(&format!("Not let in: {reason}"));
                    self.resume.no_password(&reason);
                }
            },
            Do::PasswordOver => self.password.over(),
            Do::SendSecret(secret) => {
                if let Connection::Open(link) = connection {
                    link.send(secret.line());
                }
            }
            Do::Show(line) => self.screen.line(line),
            Do::Note(words) => self.screen.note(&words),
            Do::Keep(credential) => {
                self.with_tokens("keep the reconnect token", |tokens| tokens.keep(&credential));
            }
            Do::Forget(user) => self.with_tokens("forget the reconnect token", |tokens| tokens.forget(&user)),
            Do::End(_) => {}
        }
    }

    /// A token that cannot be kept costs a resumption later, not the conversation now.
    fn with_tokens(&mut self, what: &str, act: impl FnOnce(&Tokens) -> io::Result<()>) {
        if let Some(Err(error)) = self.tokens.as_ref().map(act) {
            self.screen.note(&format!("Cannot {what}: {error}"));
        }
    }

    fn opened(&mut self, opened: io::Result<Link>, connection: &mut Connection) {
        match opened {
            Ok(link) => {
                *connection = Connection::Open(link);
                self.resume.connected(Instant::now());
            }
            Err(error) => {
                *connection = Connection::None;
                self.resume.unreachable(&error.to_string(), Instant::now());
            }
        }
    }

    fn read(&mut self, read: io::Result<usize>, connection: &mut Connection) {
        let now = Instant::now();
        match (read, &mut *connection) {
            (Ok(count), Connection::Open(link)) if count > 0 => {
                link.lines(count, |framed| self.heard(framed, now))
            }
            _ => {
                *connection = Connection::None;
                self.resume.lost(now);
            }
        }
    }

    fn heard(&mut self, framed: Framed<'_>, now: Instant) {
        let Framed::Line(line) = framed else {
            return self.screen.note("The server sent a line that is too long; it is left out.");
        };
        // Whatever a server says, it never acts on this terminal.
        let line = clean(line);
        let heard = Heard::parse(&line);
        self.names.lock().unwrap_or_else(PoisonError::into_inner).heard(&line, &heard);
        self.resume.heard(&line, &heard, now);
    }

    fn typed(&mut self, typed: Typed) {
        let now = Instant::now();
        match typed {
            Typed::Line(lines) => lines.split('\n').for_each(|line| self.resume.typed(&clean(line), now)),
            Typed::Secret(secret) => self.resume.password(secret, now),
            Typed::TooLong => self.resume.typed_too_long(),
        }
    }
}

/// What happened on a connection.
enum Event {
    Opened(io::Result<Link>),
    Read(io::Result<usize>),
}

impl Connection {
    async fn next(&mut self, may_read: bool) -> Event {
        match self {
            Connection::None => pending().await,
            Connection::Opening(opening) => Event::Opened(opening.await),
            Connection::Open(link) => Event::Read(link.read(may_read).await),
        }
    }
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => pending().await,
    }
}
