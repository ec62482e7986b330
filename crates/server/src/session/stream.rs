//! The stream: what happens, as JSON, to whoever opened it by a key; and the API, asked over a WebSocket. A session like any.

use super::door::{self, Entered, Turned};
use super::leave::record_end;
use super::speech::Frames;
use super::talk::{ANSWERS, Talk};
use super::{End, Input, Session};
use crate::sequencer::Sequencer;
use crate::shard::Shard;
use crate::turns::Turns;
use crate::web::{Caller, Peer, Problem, over_http};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use bytes::{Bytes, BytesMut};
use chatroom_model::{CloseReason, Name, Position, Proof};
use chatroom_store::Cursor;
use chatroom_wire::json::{self, Asked, Method, NotAsked};
use chatroom_wire::websocket::{self, Message};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tower_service::Service as _;

/// Positions somebody may be behind who is told what they missed; who is further behind reads the history.
const BEHIND: u64 = 50_000;
/// Requests of one client that may be under way; past this no more is read from it.
const ASKS: usize = 128;
/// Those among them that read: each may have a page to say.
const READS: usize = 4;
/// Answers and events that may wait to be written before no more is read.
const PIECES: usize = 256;
/// Bytes one answer may have.
const ANSWER_BYTES: usize = 8 * 1024 * 1024;
/// Between two times a client that hears of nothing is told so.
const PING: Duration = Duration::from_secs(25);

/// A connection on which somebody asked for the stream.
#[derive(Debug)]
pub(crate) struct Taken {
    /// Who.
    pub(crate) caller: Caller,
    /// The last position they were given before.
    pub(crate) after: Option<Position>,
    /// What they want it in.
    pub(crate) frames: Frames,
    /// What a WebSocket's opening is answered with.
    pub(crate) accept: Option<String>,
}

/// What the task of such a client keeps.
pub(super) struct Mind {
    caller: Caller,
    api: Router,
    reader: websocket::Reader,
    asks: JoinSet<()>,
    reads: Rc<Cell<usize>>,
    turns: Turns,
    pinged: Cell<Instant>,
}

impl Mind {
    /// When it is to be told that nothing happened.
    pub(super) fn next_ping(&self) -> Instant {
        self.pinged.get() + PING
    }
}

/// Where somebody goes on who was given everything up to a cursor; none where they begin anew.
pub(super) fn goes_on_from(cursor: Cursor, before: Position) -> Option<Position> {
    let after = (cursor != Cursor::default()).then(|| cursor.settled())?;
    (after <= before && before.0 - after.0 <= BEHIND).then_some(after)
}

/// Opens a session on a connection that was taken over; nothing where it could not be, which they have been told.
pub(super) async fn enter<S: Sequencer>(
    shard: &Rc<Shard<S>>,
    socket: TcpStream,
    taken: Taken,
) -> Option<(Entered, Box<Mind>)> {
    let Taken { caller, after, frames, accept } = taken;
    let found = shard.shared.reads.read(move |reader| reader.profile_of(caller.user)).await.ok().flatten();
    let Some(profile) = found else {
        door::refuse(&socket, over_http(&Problem::unauthenticated()).as_bytes()).await;
        return None;
    };
    let session = door::begin(shard, socket, caller.address, None, Some(frames));
    if let Some(after) = after {
        session.cursor.set(Cursor::after(after));
    }
    let (proof, name) = (Proof::Key(caller.user, caller.key), Name::kept(&profile.name));
    let problem = match door::open(shard, &session, name, [0; 16], proof).await {
        Ok(Ok(entered)) => {
            let user = json::User {
                id: Some(profile.user),
                name: Some(&profile.name),
                account: profile.account.as_deref(),
                operator: profile.operator,
                bot: profile.ident.as_ref().is_some_and(|ident| ident.is('B')),
            };
            greet(&entered, frames, accept, after, &user);
            let pinged = Instant::now() - rand::random_range(Duration::ZERO..PING / 2);
            let mind = Mind {
                caller,
                api: shard.api.clone(),
                reader: websocket::Reader::default(),
                asks: JoinSet::new(),
                reads: Rc::default(),
                turns: Turns::default(),
                pinged: Cell::new(pinged),
            };
            return Some((entered, Box::new(mind)));
        }
        Ok(Err(refusal)) => Problem::from(refusal),
        Err(Turned { reason, unsure }) => {
            if unsure {
                record_end(shard, &session, CloseReason::Lost, Position(0)).await;
            }
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", reason)
        }
    };
    door::refuse(&session.socket, over_http(&problem).as_bytes()).await;
    shard.unregister(&session);
    None
}

/// The head of the answer, who one is here, and what cannot be told; what was held back since the opening follows.
fn greet(
    entered: &Entered,
    frames: Frames,
    accept: Option<String>,
    after: Option<Position>,
    user: &json::User<'_>,
) {
    let mut out = BytesMut::new();
    out.extend_from_slice(head(frames, accept.as_deref()).as_bytes());
    let (mut text, resumed) = (String::new(), entered.resumed);
    let position = if resumed { after.unwrap_or_default() } else { entered.before };
    json::hello(&mut text, user, position, resumed, concat!("chatroom ", env!("CARGO_PKG_VERSION")));
    frames.put(&mut out, &text, None);
    if let Some(after) = after.filter(|_| !resumed) {
        text.clear();
        json::gap(&mut text, after, entered.before);
        frames.put(&mut out, &text, None);
    }
    entered.session.greet(out.freeze(), Bytes::new());
}

fn head(frames: Frames, accept: Option<&str>) -> String {
    let mut head = match frames {
        Frames::WebSocket => {
            let accept = accept.unwrap_or_default();
            format!(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Accept: {accept}\r\n"
            )
        }
        // It ends with the connection.
        Frames::Events => {
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n".into()
        }
    };
    for (name, value) in crate::web::EVERYWHERE {
        head.extend([name.as_str(), ": ", value, "\r\n"]);
    }
    head + "\r\n"
}

/// Hears what a client says, and waits for something to happen.
pub(super) async fn turn<S: Sequencer>(talk: &mut Talk<'_, S>, input: &mut Input) -> Result<(), End> {
    loop {
        while is_full(talk) {
            talk.happen(false).await?;
        }
        if !next(talk, input)? {
            break;
        }
    }
    talk.hear(input).await
}

fn mind<'a, S>(talk: &'a mut Talk<'_, S>) -> &'a mut Mind {
    match &mut talk.mind {
        Some(super::talk::Mind::Json(mind)) => mind,
        _ => unreachable!("who speaks JSON has this mind"),
    }
}

/// Whether so much is under way, or waits to be written, that no more is heard for now.
fn is_full<S>(talk: &mut Talk<'_, S>) -> bool {
    // Small answers cost more to keep than their bytes: they are counted too.
    let outbox = talk.session.outbox.borrow();
    let waits = outbox.bytes() > ANSWERS || outbox.pieces() > PIECES;
    drop(outbox);
    let mind = mind(talk);
    while mind.asks.try_join_next().is_some() {}
    waits || mind.asks.len() >= ASKS || mind.reads.get() >= READS
}

/// Takes the next thing a client said; whether there was one.
fn next<S: Sequencer>(talk: &mut Talk<'_, S>, input: &mut Input) -> Result<bool, End> {
    let (session, frames) = (Rc::clone(&talk.session), talk.session.frames);
    if frames == Some(Frames::Events) {
        // Nobody listens on this side.
        input.take(|rest| *rest = &[]);
        return Ok(false);
    }
    let within = talk.shard.shared.settings.web.request;
    let mind = mind(talk);
    let Mind { caller, api, reader, asks, reads, turns, .. } = mind;
    input.take(|rest| {
        let wrong = match reader.next_message(rest) {
            Ok(None) => return Ok(false),
            Ok(Some(Message::Text(text))) => {
                match Asked::read(text) {
                    Ok(asked) => ask(&session, api, caller, (asks, reads, turns), &asked, within),
                    Err(NotAsked { id, problem }) => {
                        let id = id.unwrap_or(json::Id::Number(0));
                        tell_answer(&session, &id, problem.status, Some(&problem.to_json()));
                    }
                }
                return Ok(true);
            }
            Ok(Some(Message::Ping(bytes))) => {
                let mut out = Vec::new();
                websocket::pong(&mut out, bytes);
                session.tell(out);
                return Ok(true);
            }
            Ok(Some(Message::Pong)) => return Ok(true),
            Ok(Some(Message::Close(code))) => {
                let mut out = Vec::new();
                websocket::close(&mut out, code.or(Some(1000)), "");
                session.tell(out);
                return Err(End::Parted);
            }
            Err(wrong) => wrong,
        };
        let mut out = Vec::new();
        websocket::close(&mut out, Some(wrong.code()), &wrong.to_string());
        session.tell(out);
        Err(End::Parted)
    })
}

/// Asks the API for a client, beside whatever else is under way; the answer is told when it is there.
fn ask(
    session: &Rc<Session>,
    api: &Router,
    caller: &Caller,
    (asks, reads, turns): (&mut JoinSet<()>, &Rc<Cell<usize>>, &Turns),
    asked: &Asked<'_>,
    within: Duration,
) {
    let id = asked.id.clone().into_owned();
    let mut request = Request::builder()
        .method(asked.method.word())
        .uri(format!("/api/v1{}", asked.path))
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(key) = asked.key {
        request = request.header("idempotency-key", key.to_string());
    }
    let Ok(mut request) = request.body(Body::from(asked.body.unwrap_or_default().to_owned())) else {
        let problem = json::Problem::bad_request("that is no path");
        return tell_answer(session, &id, problem.status, Some(&problem.to_json()));
    };
    request.extensions_mut().insert(*caller);
    request.extensions_mut().insert(Peer(caller.address));
    let reads = (asked.method == Method::Get).then(|| Reads::begin(reads));
    // Who only looks waits for nobody.
    let turns = reads.is_none().then(|| turns.clone());
    let (session, mut api) = (Rc::clone(session), api.clone());
    asks.spawn_local(async move {
        let answer = async {
            let called = api.call(request);
            let Ok(response) = match turns {
                Some(turns) => turns.take(called).await,
                None => called.await,
            };
            let status = response.status().as_u16();
            let body = axum::body::to_bytes(response.into_body(), ANSWER_BYTES).await.unwrap_or_default();
            (status, body)
        };
        match tokio::time::timeout(within, answer).await {
            Ok((status, body)) => {
                let body = std::str::from_utf8(&body).ok();
                tell_answer(&session, &id, status, body);
            }
            Err(_) => tell_answer(&session, &id, StatusCode::REQUEST_TIMEOUT.as_u16(), None),
        }
        drop(reads);
        session.wake.notify_one();
    });
}

/// Something that reads, while it does.
struct Reads(Rc<Cell<usize>>);

impl Reads {
    fn begin(all: &Rc<Cell<usize>>) -> Self {
        all.set(all.get() + 1);
        Self(Rc::clone(all))
    }
}

impl Drop for Reads {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

fn tell_answer(session: &Session, id: &json::Id<'_>, status: u16, body: Option<&str>) {
    let Some(frames) = session.frames else { return };
    let mut text = String::new();
    json::answer(&mut text, id, status, body);
    session.tell(frames.one(&text));
}

/// Tells a client that it has been given everything up to here, where that is so.
pub(super) fn ping<S: Sequencer>(talk: &Talk<'_, S>) -> Result<(), End> {
    let Some(super::talk::Mind::Json(mind)) = &talk.mind else { return Ok(()) };
    mind.pinged.set(Instant::now());
    let session = &talk.session;
    if let Some(frames) = session.frames.filter(|_| session.live.get().is_some() && session.idle()) {
        let (mut text, mut out) = (String::new(), BytesMut::new());
        let position = talk.shard.position.get();
        json::ping(&mut text, position);
        frames.put(&mut out, &text, Some(position.next()));
        session.tell(out.freeze());
    }
    Ok(())
}

/// A sentence to a client alone.
pub(super) fn notice(text: &str) -> String {
    let mut out = String::new();
    json::notice(&mut out, text);
    out
}

/// What a client is told last.
pub(super) fn farewell(frames: Frames, end: End, detail: &str) -> Bytes {
    let code = match end {
        End::Closed(CloseReason::Revoked) => "revoked",
        End::Closed(CloseReason::Banned) => "banned-here",
        End::Closed(CloseReason::Killed) => "put-off",
        End::Closed(CloseReason::Password) => "password",
        End::Stopping | End::Closed(CloseReason::Server) => "stopping",
        End::Stalled => "stalled",
        _ => "closed",
    };
    let (mut text, mut out) = (String::new(), BytesMut::new());
    json::end(&mut text, code, detail);
    frames.put(&mut out, &text, None);
    if frames == Frames::WebSocket {
        let mut close = Vec::new();
        // 1001 says "going away": whoever it is may come again soon.
        websocket::close(&mut close, Some(if code == "stopping" { 1001 } else { 1008 }), code);
        out.extend_from_slice(&close);
    }
    out.freeze()
}
