//! From the first byte to being in: which protocol, which name. Bounded in bytes and in time.

use super::leave::record_end;
use super::{Door, Input, Mail, Session};
use crate::outbox::Outbox;
use crate::sequencer::Sequencer;
use crate::shard::Shard;
use chatroom_model::{CloseReason, Name, Position, Proof, Refusal, Request, SessionId, TokenHash};
use chatroom_wire::framing::Framed;
use chatroom_wire::line::id::Hex;
use chatroom_wire::line::login::{Login, login};
use chatroom_wire::line::{help, render, words};
use chatroom_wire::opening::{Opening, Protocol, looks_like_http, looks_like_irc, refusal};
use chatroom_wire::text;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

/// Messages a newcomer is shown.
const RECENT: usize = 10;
/// Made-up names tried before giving up.
const GUESTS: usize = 16;
/// How long a last word may take to be written and read.
pub(super) const LINGER: Duration = Duration::from_secs(1);

/// A client that is not let in.
struct Turned {
    reason: String,
    /// Whether it may have been let in all the same, as far as the log goes.
    unsure: bool,
}

impl From<String> for Turned {
    fn from(reason: String) -> Self {
        Self { reason, unsure: false }
    }
}

/// A client that is in.
pub(super) struct Entered {
    pub(super) session: Rc<Session>,
    pub(super) name: Name,
    pub(super) token: [u8; 16],
    pub(super) at: Position,
    pub(super) resumed: bool,
    before: Position,
    said: Position,
}

/// Finds out who is there and lets them in; nothing for those who are not, who have been told why.
pub(super) async fn enter<S: Sequencer>(
    shard: &Rc<Shard<S>>,
    socket: TcpStream,
    input: &mut Input,
) -> Option<Entered> {
    let settings = &shard.shared.settings;
    let since = Instant::now();
    let opening = detect(shard, &socket, input, since + settings.detect).await?;
    if opening != Protocol::Line {
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
    for (hit, protocol) in [(looks_like_irc(&line), Protocol::Irc), (looks_like_http(&line), Protocol::Http)]
    {
        if hit {
            refuse(&socket, refusal(protocol)).await;
            return None;
        }
    }
    let n = shard.shared.sessions.fetch_add(1, Ordering::Relaxed);
    let session = Session::new(SessionId::new(shard.shared.incarnation, n), socket);
    shard.register(&session);
    match name_themselves(shard, &session, &line).await {
        Ok(entered) => {
            greet(shard, &entered).await;
            Some(entered)
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

async fn detect<S: Sequencer>(
    shard: &Shard<S>,
    socket: &TcpStream,
    input: &mut Input,
    until: Instant,
) -> Option<Protocol> {
    loop {
        match timeout_at(until, socket.readable()).await {
            Ok(ready) => ready.ok()?,
            Err(_) => return Some(Protocol::Line),
        }
        input.read(socket, &shard.buffer).await.ok()?;
        if let Opening::Decided(protocol) = Opening::detect(input.unread()) {
            return Some(protocol);
        }
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

/// Asks for the name a first line gives.
async fn name_themselves<S: Sequencer>(
    shard: &Rc<Shard<S>>,
    session: &Rc<Session>,
    line: &str,
) -> Result<Entered, Turned> {
    let name = |text: &str| Name::parse(text).map_err(|why| format!("{}{why}", words::BAD_NAME));
    match login(line) {
        Login::Name(text) => {
            let name = name(text)?;
            open_guest(shard, session, name).await?.map_err(|refusal| told(&refusal).into())
        }
        Login::Guest => {
            for digits in 0..GUESTS {
                let most = 10u32.pow(4 + digits as u32 / 4);
                let made_up = name(&format!("Guest{}", rand::random_range(1..most)))?;
                match open_guest(shard, session, made_up).await? {
                    Ok(entered) => return Ok(entered),
                    Err(Refusal::NameInUse | Refusal::NameHeld) => {}
                    Err(refusal) => return Err(told(&refusal).into()),
                }
            }
            Err(words::NAME_IN_USE.to_owned().into())
        }
        Login::Reconnect { user, token } => {
            let name = name(user)?;
            let proof = Proof::Token(TokenHash::of(&token));
            open(shard, session, name, token, proof).await?.map_err(|refusal| told(&refusal).into())
        }
        Login::BadToken => Err(words::BAD_TOKEN.to_owned().into()),
        Login::MalformedReconnect => Err(words::MALFORMED_RECONNECT.to_owned().into()),
    }
}

fn told(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NameInUse => words::NAME_IN_USE.into(),
        Refusal::NameHeld => words::NAME_HELD.into(),
        Refusal::BadToken => words::BAD_TOKEN.into(),
        other => format!("{}{other}", words::CLOSING),
    }
}

async fn open_guest<S: Sequencer>(
    shard: &Rc<Shard<S>>,
    session: &Rc<Session>,
    name: Name,
) -> Result<Result<Entered, Refusal>, Turned> {
    let token: [u8; 16] = rand::random();
    open(shard, session, name, token, Proof::NewGuest(TokenHash::of(&token))).await
}

async fn open<S: Sequencer>(
    shard: &Rc<Shard<S>>,
    session: &Rc<Session>,
    name: Name,
    token: [u8; 16],
    proof: Proof,
) -> Result<Result<Entered, Refusal>, Turned> {
    let request = Request::Open { session: session.id, name: name.clone(), proof };
    let stopping = || Turned::from(words::SHUTTING_DOWN.to_owned());
    shard.shared.sequencer.submit(request).await.map_err(|_| stopping())?;
    match session.wait_mail_or_end().await.ok_or_else(stopping)? {
        Mail::Opened { at, resume, before, said } => {
            let resumed = resume.is_some();
            Ok(Ok(Entered { session: Rc::clone(session), name, token, at, resumed, before, said }))
        }
        Mail::Answer(Door::Refused(refusal)) => Ok(Err(refusal)),
        Mail::Answer(Door::Failed(why)) => {
            Err(Turned { reason: format!("{}{why}", words::CLOSING), unsure: true })
        }
    }
}

async fn greet<S: Sequencer>(shard: &Rc<Shard<S>>, entered: &Entered) {
    let Entered { session, name, token, resumed, .. } = entered;
    let mut text = String::with_capacity(1024);
    let add = |text: &mut String, parts: &[&str]| text.extend(parts.iter().copied());
    if *resumed {
        add(&mut text, &[words::WELCOME_BACK, name.as_str(), "!\n"]);
    } else {
        let hex = Hex(*token).to_string();
        add(&mut text, &[words::YOUR_TOKEN, &hex, "\n"]);
        add(&mut text, &[words::SAVE_THIS, words::RECONNECT, name.as_str(), ":", &hex, "\n"]);
    }
    add(&mut text, &[words::WELCOME, name.as_str(), "!\n"]);
    help::greeting(&mut text);
    if !resumed {
        text.push_str(&recent(shard, entered).await);
    }
    session.greet(text.into());
}

/// The last messages before somebody came in. As long as nothing is said they are the same for all who come.
async fn recent<S: Sequencer>(shard: &Rc<Shard<S>>, entered: &Entered) -> Rc<str> {
    if let Some((_, text)) = shard.recent.borrow().as_ref().filter(|(said, _)| *said == entered.said) {
        return Rc::clone(text);
    }
    let readers = std::sync::Arc::clone(&shard.shared.readers);
    let before = entered.before;
    let read = move || readers.read(|reader| reader.recent(RECENT, before));
    let mut text = String::new();
    match tokio::task::spawn_blocking(read).await {
        Ok(Ok(records)) => {
            render::recent(&mut text, &records, entered.session.user.get());
            let text: Rc<str> = text.into();
            shard.recent.replace(Some((entered.said, Rc::clone(&text))));
            return text;
        }
        Ok(Err(fault)) => {
            tracing::error!(%fault, "recent messages cannot be read");
            text.push_str("Recent messages cannot be read.\n");
        }
        Err(_) => {}
    }
    text.into()
}

async fn send(socket: &TcpStream, mut bytes: &[u8]) -> Option<()> {
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
async fn refuse(socket: &TcpStream, reason: &[u8]) {
    let _ = timeout(LINGER, async {
        send(socket, reason).await?;
        drain(socket).await
    })
    .await;
}

/// Writes what waits, for a while, and ends the connection so that it can be read.
pub(super) async fn finish(socket: &TcpStream, outbox: &RefCell<Outbox>) {
    let _ = timeout(LINGER, async {
        loop {
            if outbox.borrow_mut().flush(socket).is_err() {
                return None;
            }
            if outbox.borrow().is_empty() {
                break;
            }
            socket.writable().await.ok()?;
        }
        drain(socket).await
    })
    .await;
}

async fn drain(socket: &TcpStream) -> Option<()> {
    socket2::SockRef::from(socket).shutdown(std::net::Shutdown::Write).ok()?;
    let mut left = 1024 * 1024usize;
    let mut buffer = [0u8; 512];
    while left > 0 {
        socket.readable().await.ok()?;
        match socket.try_read(&mut buffer) {
            Ok(0) => return Some(()),
            Ok(n) => left = left.saturating_sub(n),
            Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return None,
        }
    }
    None
}
