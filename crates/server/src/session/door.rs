//! From the first byte to being in: which protocol, which name. Bounded in bytes and in time.

use super::leave::record_end;
use super::{Door, Input, Mail, Session, irc};
use crate::browsers::LONGER;
use crate::drain::{LINGER, drain};
use crate::limits::{self, ConnectionBuckets, Kind, Place};
use crate::passwords::Secret;
use crate::sequencer::Sequencer;
use crate::settings::Speaks;
use crate::shard::Shard;
use crate::web::Version;
use bytes::Bytes;
use chatroom_model::{CloseReason, LOBBY, Name, Position, Proof, Refusal, Request, SessionId, TokenHash};
use chatroom_store::{Reader, Span};
use chatroom_wire::framing::Framed;
use chatroom_wire::line::id::Hex;
use chatroom_wire::line::login::{Login, login};
use chatroom_wire::line::{help, render, words};
use chatroom_wire::opening::{LATE_HTTP, Opening, Protocol, looks_like_http, looks_like_irc, refusal};
use chatroom_wire::text;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

/// Messages a newcomer is shown.
const RECENT: usize = 10;
/// Made-up names tried before giving up.
const GUESTS: usize = 16;

/// A client that is not let in.
pub(super) struct Turned {
    pub(super) reason: String,
    /// Whether it may have been let in all the same, as far as the log goes.
    pub(super) unsure: bool,
}

impl From<String> for Turned {
    fn from(reason: String) -> Self {
        Self { reason, unsure: false }
    }
}

/// Why an IRC client is not let in.
pub(super) enum Failed {
    /// It may ask again under another name.
    Refused(Refusal),
    /// It may not.
    Closed(String),
}

/// A client that is in.
pub(super) struct Entered {
    pub(super) session: Rc<Session>,
    pub(super) name: Name,
    pub(super) token: [u8; 16],
    pub(super) at: Position,
    pub(super) resumed: bool,
    by_password: bool,
    pub(super) before: Position,
    said: Position,
}

/// What a connection turns out to be.
pub(super) enum Came {
    /// A client that is in.
    In(Box<Entered>),
    /// Something that asks by HTTP.
    Web(TcpStream, Version),
}

impl From<Entered> for Came {
    fn from(entered: Entered) -> Self {
        Self::In(Box::new(entered))
    }
}

/// Finds out who is there and lets them in; nothing for those who are not, who have been told why.
pub(super) async fn enter<S: Sequencer>(
    shard: &Rc<Shard<S>>,
    socket: TcpStream,
    input: &mut Input,
    place: &Place,
    speaks: Speaks,
) -> Option<Came> {
    let (settings, browsers) = (&shard.shared.settings, &shard.shared.browsers);
    let since = Instant::now();
    // Where nothing but IRC may be spoken, nobody is prompted.
    let patience = if speaks.has(Speaks::LINE) { settings.detect } else { settings.login };
    let opening = match detect(shard, &socket, input, since + patience).await? {
        // Spoken to, it would be of no use to a browser, and what it asks on it would fail.
        Some(opening) => opening,
        None if speaks.has(Speaks::WEB) && browsers.came_near(place.address(), since, patience) => {
            detect(shard, &socket, input, since + patience * LONGER).await?.unwrap_or(Protocol::Line)
        }
        None => Protocol::Line,
    };
    let is_irc = opening == Protocol::Irc || (opening == Protocol::Line && !speaks.has(Speaks::LINE));
    if is_irc && speaks.has(Speaks::IRC) {
        return Box::pin(irc::enter(shard, socket, input, place, None)).await.map(Came::from);
    }
    let web = match opening {
        Protocol::Http => Some(Version::Http1),
        Protocol::Http2 => Some(Version::Http2),
        _ => None,
    };
    if let Some(version) = web.filter(|_| speaks.has(Speaks::WEB)) {
        browsers.came(place.address());
        return Some(Came::Web(socket, version));
    }
    if opening != Protocol::Line || !speaks.has(Speaks::LINE) {
        refuse(&socket, refusal(opening)).await;
        return None;
    }
    let prompt = format!("{}\n", words::PROMPT);
    send(&socket, prompt.as_bytes()).await?;
    let Ok(first) = timeout_at(since + settings.login, first_line(shard, &socket, input)).await else {
        refuse(&socket, format!("{}no name was given in time\n", words::CLOSING).as_bytes()).await;
        return None;
    };
    let line = first?;
    if looks_like_irc(&line) && !speaks.has(Speaks::IRC) {
        refuse(&socket, refusal(Protocol::Irc)).await;
        return None;
    }
    if looks_like_irc(&line) {
        return Box::pin(irc::enter(shard, socket, input, place, Some(line))).await.map(Came::from);
    }
    if looks_like_http(&line) {
        refuse(&socket, LATE_HTTP).await;
        return None;
    }
    let session = begin(shard, socket, place.address(), None, None);
    let mut caller = Caller { shard, session: &session, input, until: since + settings.login };
    match caller.name_themselves(&line).await {
        Ok(entered) => {
            greet(shard, &entered).await;
            Some(entered.into())
        }
        Err(Turned { reason, .. }) if reason.is_empty() => {
            shard.unregister(&session);
            None
        }
        Err(Turned { reason, unsure }) => {
            refuse(&session.socket, format!("{reason}\n").as_bytes()).await;
            if unsure {
                // It may stand in the log as open; nobody is there.
                record_end(shard, &session, CloseReason::Lost, Position(0)).await;
            }
            shard.unregister(&session);
            None
        }
    }
}

/// What a client speaks, or nothing where it has not said so much until then.
async fn detect<S: Sequencer>(
    shard: &Shard<S>,
    socket: &TcpStream,
    input: &mut Input,
    until: Instant,
) -> Option<Option<Protocol>> {
    loop {
        // Something may be there already, with what a proxy said.
        if let Opening::Decided(protocol) = Opening::detect(input.unread()) {
            return Some(Some(protocol));
        }
        match timeout_at(until, socket.readable()).await {
            Ok(ready) => ready.ok()?,
            Err(_) => return Some(None),
        }
        input.read(socket, &shard.buffer).await.ok()?;
    }
}

async fn first_line<S: Sequencer>(shard: &Shard<S>, socket: &TcpStream, input: &mut Input) -> Option<String> {
    loop {
        match input.next_line() {
            Some(Framed::Line(line)) => return Some(text::clean(line).into_owned()),
            Some(Framed::TooLong) => {
                refuse(socket, format!("{}\n", words::TOO_LONG).as_bytes()).await;
                return None;
            }
            None => {
                socket.readable().await.ok()?;
                input.read(socket, &shard.buffer).await.ok()?;
            }
        }
    }
}

/// Somebody at the door, with a first line.
struct Caller<'a, S> {
    shard: &'a Rc<Shard<S>>,
    session: &'a Rc<Session>,
    input: &'a mut Input,
    /// By then they are in, or turned away.
    until: Instant,
}

impl<S: Sequencer> Caller<'_, S> {
    /// Asks for the name a first line gives.
    async fn name_themselves(&mut self, line: &str) -> Result<Entered, Turned> {
        let name = |text: &str| Name::parse(text).map_err(|why| format!("{}{why}", words::BAD_NAME));
        let who = limits::Caller { address: self.session.address, user: None };
        let mut buckets = ConnectionBuckets::default();
        let admitted =
            self.shard.shared.limits.admit(&who, &mut buckets, Kind::Login, std::time::Instant::now());
        admitted.map_err(|limited| format!("{}{limited}", words::CLOSING))?;
        match login(line) {
            Login::Name(text) => {
                let name = name(text)?;
                match self.open_guest(name.clone()).await? {
                    Ok(entered) => Ok(entered),
                    Err(Refusal::NameRegistered) => self.log_in(name).await,
                    Err(refusal) => Err(told(&refusal).into()),
                }
            }
            Login::Guest => {
                for digits in 0..GUESTS {
                    let most = 10u32.pow(4 + digits as u32 / 4);
                    let made_up = name(&format!("Guest{}", rand::random_range(1..most)))?;
                    match self.open_guest(made_up).await? {
                        Ok(entered) => return Ok(entered),
                        Err(Refusal::NameInUse | Refusal::NameHeld | Refusal::NameConfusing) => {}
                        Err(refusal) => return Err(told(&refusal).into()),
                    }
                }
                Err(words::NAME_IN_USE.to_owned().into())
            }
            Login::Reconnect { user, token } => {
                let proof = Proof::Token(TokenHash::of(&token));
                let opened = self.open(name(user)?, token, proof).await?;
                opened.map_err(|refusal| told(&refusal).into())
            }
            Login::BadToken => Err(words::BAD_TOKEN.to_owned().into()),
            Login::MalformedReconnect => Err(words::MALFORMED_RECONNECT.to_owned().into()),
        }
    }

    /// The name is registered: its password opens it.
    async fn log_in(&mut self, name: Name) -> Result<Entered, Turned> {
        let gone = || Turned::from(String::new());
        send(&self.session.socket, format!("{}\n", words::PASSWORD).as_bytes()).await.ok_or_else(gone)?;
        let line = timeout_at(self.until, first_line(self.shard, &self.session.socket, self.input)).await;
        let password = line.map_err(|_| format!("{}no password was given in time", words::CLOSING))?;
        let password = Secret::new(password.ok_or_else(gone)?);
        let proven = super::prove::prove(&self.shard.shared, self.session.address, &name, password).await;
        let phc = proven.map_err(|why| format!("{}{why}", words::CLOSING))?;
        let opened = open_proven(self.shard, self.session, (name, phc), None, None).await?;
        opened.map_err(|no| told(&no).into())
    }

    async fn open_guest(&mut self, name: Name) -> Result<Result<Entered, Refusal>, Turned> {
        let token: [u8; 16] = rand::random();
        self.open(name, token, Proof::NewGuest(TokenHash::of(&token))).await
    }

    async fn open(
        &mut self,
        name: Name,
        token: [u8; 16],
        proof: Proof,
    ) -> Result<Result<Entered, Refusal>, Turned> {
        open(self.shard, self.session, name, token, proof).await
    }
}

/// Opens a session by a password that was proven, which goes on with the socket of another one: that one ends with it.
pub(super) async fn open_over<S: Sequencer>(
    shard: &Rc<Shard<S>>,
    other: &Session,
    irc: Option<Box<super::Irc>>,
    (name, phc): (Name, String),
) -> Result<Entered, String> {
    let socket = socket2::SockRef::from(&other.socket).try_clone();
    let socket = socket.and_then(|socket| TcpStream::from_std(socket.into())).map_err(|e| e.to_string())?;
    let called = irc.as_ref().map(|irc| Box::new(irc.nick.borrow().clone()));
    let session = begin(shard, socket, other.address, irc, None);
    other.moves.set(true);
    let over = Some(other.id);
    let why = match open_proven(shard, &session, (name, phc), called, over).await {
        Ok(Ok(entered)) => return Ok(entered),
        Ok(Err(refusal)) => refusal.to_string(),
        Err(Turned { reason, unsure }) => {
            if unsure {
                record_end(shard, &session, CloseReason::Lost, Position(0)).await;
            }
            reason
        }
    };
    other.moves.set(false);
    shard.unregister(&session);
    Err(why)
}

/// A session of this run, which nobody is on yet.
pub(super) fn begin<S: Sequencer>(
    shard: &Rc<Shard<S>>,
    socket: TcpStream,
    address: IpAddr,
    irc: Option<Box<super::Irc>>,
    frames: Option<super::Frames>,
) -> Rc<Session> {
    let n = shard.shared.sessions.fetch_add(1, Ordering::Relaxed);
    let session = Session::new(SessionId::new(shard.shared.incarnation, n), socket, address, irc, frames);
    shard.register(&session);
    session
}

/// Opens a session by a password that was proven.
async fn open_proven<S: Sequencer>(
    shard: &Shard<S>,
    session: &Rc<Session>,
    (name, phc): (Name, String),
    called: Option<Box<Name>>,
    over: Option<SessionId>,
) -> Result<Result<Entered, Refusal>, Turned> {
    let token: [u8; 16] = rand::random();
    let proof = Proof::Password { phc, token: TokenHash::of(&token), called, over };
    let opened = open(shard, session, name, token, proof).await?;
    Ok(opened.map(|entered| Entered { by_password: true, ..entered }))
}

/// Opens a session of an IRC client; if that fails, its connection comes back.
pub(super) async fn open_as<S: Sequencer>(
    shard: &Rc<Shard<S>>,
    socket: TcpStream,
    irc: Option<Box<super::Irc>>,
    address: IpAddr,
    name: Name,
    token: [u8; 16],
    proof: Proof,
) -> Result<Entered, (TcpStream, Failed)> {
    let session = begin(shard, socket, address, irc, None);
    let failed = match open(shard, &session, name, token, proof).await {
        Ok(Ok(entered)) => return Ok(entered),
        Ok(Err(refusal)) => Failed::Refused(refusal),
        Err(Turned { reason, unsure }) => {
            if unsure {
                record_end(shard, &session, CloseReason::Lost, Position(0)).await;
            }
            Failed::Closed(reason)
        }
    };
    shard.unregister(&session);
    let session = Rc::into_inner(session).expect("nobody else holds a session that was never let in");
    Err((session.socket, failed))
}

pub(super) async fn open<S: Sequencer>(
    shard: &Shard<S>,
    session: &Rc<Session>,
    name: Name,
    token: [u8; 16],
    proof: Proof,
) -> Result<Result<Entered, Refusal>, Turned> {
    let address = Some(session.address);
    let request = Request::Open { session: session.id, name: name.clone(), proof, address };
    let stopping = || Turned::from(words::SHUTTING_DOWN.to_owned());
    shard.shared.sequencer.submit(request).await.map_err(|_| stopping())?;
    match session.wait_mail_or_end().await.ok_or_else(stopping)? {
        Mail::Opened { at, resume, before, said } => {
            let (resumed, session) = (resume.is_some(), Rc::clone(session));
            Ok(Ok(Entered { session, name, token, at, resumed, by_password: false, before, said }))
        }
        Mail::Answer(Door::Refused(refusal)) => Ok(Err(refusal)),
        Mail::Answer(Door::Failed(why)) => {
            Err(Turned { reason: format!("{}{why}", words::CLOSING), unsure: true })
        }
    }
}

fn told(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NameInUse => words::NAME_IN_USE.into(),
        Refusal::NameHeld => words::NAME_HELD.into(),
        Refusal::BadToken => words::BAD_TOKEN.into(),
        Refusal::NameConfusing => format!("{}it looks like another one", words::BAD_NAME),
        other => format!("{}{other}", words::CLOSING),
    }
}

pub(super) async fn greet<S: Sequencer>(shard: &Rc<Shard<S>>, entered: &Entered) {
    let Entered { session, name, token, resumed, by_password, .. } = entered;
    let mut text = String::with_capacity(1024);
    let add = |text: &mut String, parts: &[&str]| text.extend(parts.iter().copied());
    if *resumed {
        add(&mut text, &[words::WELCOME_BACK, name.as_str(), "!\n"]);
    }
    if !*resumed || *by_password {
        let hex = Hex(*token).to_string();
        add(&mut text, &[words::YOUR_TOKEN, &hex, "\n"]);
        add(&mut text, &[words::SAVE_THIS, words::RECONNECT, name.as_str(), ":", &hex, "\n"]);
    }
    add(&mut text, &[words::WELCOME, name.as_str(), "!\n"]);
    help::greeting(&mut text);
    let shown =
        if *resumed { Bytes::new() } else { Bytes::copy_from_slice(recent(shard, entered).await.as_bytes()) };
    session.greet(text.into(), shown);
}

/// The last messages before somebody came in. As long as nothing is said they are the same for all who come, but for those
/// who want to hear nothing of somebody; who was put out of the lobby is shown none of them.
async fn recent<S: Sequencer>(shard: &Rc<Shard<S>>, entered: &Entered) -> Rc<str> {
    let (user, id) = (entered.session.user.get(), entered.session.id);
    let mut text = String::new();
    if !entered.session.inside(LOBBY) {
        render::recent(&mut text, [], user);
        return text.into();
    }
    let own = entered.session.ignores();
    let kept = shard.recent.borrow().as_ref().filter(|(said, _)| !own && *said == entered.said).cloned();
    if let Some((_, text)) = kept {
        return text;
    }
    let before = entered.before;
    let found = loop {
        let changes = shard.changes.get();
        let read = move |reader: &Reader| {
            let sight = reader.sight(user, id, before)?;
            reader.history(LOBBY, Span::Last, RECENT, before, &sight)
        };
        let found = shard.shared.reads.read(read).await;
        // What was taken back meanwhile is not shown any more.
        if shard.changes.get() == changes {
            break found;
        }
    };
    match found {
        Ok(records) => {
            let told = records.iter().map(|told| (&told.record, told.edited.as_ref()));
            render::recent(&mut text, told, user);
            let text: Rc<str> = text.into();
            if !own {
                shard.recent.replace(Some((entered.said, Rc::clone(&text))));
            }
            return text;
        }
        Err(fault) => {
            tracing::error!(%fault, "recent messages cannot be read");
            text.push_str("Recent messages cannot be read.\n");
        }
    }
    text.into()
}

pub(super) async fn send(socket: &TcpStream, mut bytes: &[u8]) -> Option<()> {
    while !bytes.is_empty() {
        socket.writable().await.ok()?;
        match socket.try_write(bytes) {
            Ok(n) => bytes = &bytes[n..],
            Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return None,
        }
    }
    Some(())
}

/// Says why, and closes so that it can be read: what the client still sends is read and thrown away, for a while.
pub(super) async fn refuse(socket: &TcpStream, reason: &[u8]) {
    let _ = timeout(LINGER, async {
        send(socket, reason).await?;
        drain(socket).await;
        Some(())
    })
    .await;
}

/// Writes what waits, for a while, and ends the connection so that it can be read.
pub(super) async fn finish(session: &Session) {
    let _ = timeout(LINGER, async {
        if session.all_written().await {
            drain(&session.socket).await;
        }
    })
    .await;
}
