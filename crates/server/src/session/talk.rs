//! A client that is in: its lines in, everybody's lines out, until one side ends it.

use super::door::Entered;
use super::{End, IN_FLIGHT, Input, Session, asks, commands, irc, stream};
use crate::limits::{Caller, ConnectionBuckets, Kind, Limited};
use crate::sequencer::Sequencer;
use crate::shard::Shard;
use chatroom_model::{
    Body, ClientId, How, LOBBY, LOBBY_NAME, Name, Position, Refusal, Request, RoomId, Say, Seq, Tags, Where,
};
use chatroom_wire::framing::Framed;
use chatroom_wire::line::ask::Ask;
use chatroom_wire::line::deed;
use chatroom_wire::line::input::{Input as Asked, Sendable};
use chatroom_wire::line::{render, words};
use chatroom_wire::text;
use std::borrow::Cow;
use std::io::ErrorKind;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::Interest;
use tokio::time::Instant;

/// Bytes that may wait before no more is read from a client: it must take its answers before it asks on.
pub(super) const ANSWERS: usize = 64 * 1024;
/// Whoever would have to wait no longer than this before the next line is read no faster; past it the line is refused.
const SLOWED: Duration = Duration::from_secs(10);

/// Between two times the kernel is asked what a client who talks has been given.
const ASK: Duration = Duration::from_secs(1);

/// What the task of a program keeps beside what every task does.
pub(super) enum Mind {
    /// Of an IRC client.
    Irc(Box<irc::Mind>),
    /// Of who speaks JSON.
    Json(Box<stream::Mind>),
}

/// One client's side of the conversation.
pub(super) struct Talk<'a, S> {
    pub(super) shard: &'a Rc<Shard<S>>,
    pub(super) session: Rc<Session>,
    pub(super) token: [u8; 16],
    /// Where it came in.
    pub(super) at: Position,
    /// Whether what it missed has yet to be announced.
    pub(super) missed: bool,
    /// Where plain lines are said, and how that room is called.
    pub(super) room: RoomId,
    pub(super) room_name: Cow<'static, str>,
    /// What a program's task keeps.
    pub(super) mind: Option<Mind>,
    /// The session that goes on with this connection.
    pub(super) next: Option<Box<Entered>>,
    /// What this connection has done lately.
    buckets: ConnectionBuckets,
    /// When it last had to wait: it is told that it is read no faster than it may write, and then not for a while.
    slowed: Option<Instant>,
    /// When the kernel was last asked what the client has been given.
    asked: Instant,
}

/// A client's side and what it has sent, in one place: a future that holds both itself would hold them twice.
pub(super) struct Conversation<'a, S> {
    talk: Talk<'a, S>,
    input: Input,
}

impl<'a, S: Sequencer> Conversation<'a, S> {
    pub(super) fn new(shard: &'a Rc<Shard<S>>, entered: Entered, input: Input) -> Box<Self> {
        let Entered { session, token, at, resumed, .. } = entered;
        let talk = Talk {
            shard,
            session,
            token,
            at,
            missed: resumed,
            room: LOBBY,
            room_name: LOBBY_NAME.into(),
            mind: None,
            next: None,
            buckets: ConnectionBuckets::default(),
            slowed: None,
            asked: Instant::now(),
        };
        Box::new(Self { talk, input })
    }

    /// The side of who speaks JSON.
    pub(super) fn stream(
        shard: &'a Rc<Shard<S>>,
        entered: Entered,
        input: Input,
        mind: Box<stream::Mind>,
    ) -> Box<Self> {
        let mut conversation = Self::new(shard, entered, input);
        // It is told otherwise from where on it is told.
        (conversation.talk.mind, conversation.talk.missed) = (Some(Mind::Json(mind)), false);
        conversation
    }

    /// Serves a client until it ends: on which session, and why.
    pub(super) async fn go_on(mut self: Box<Self>) -> (Rc<Session>, End) {
        let Self { talk, input } = &mut *self;
        loop {
            let went = match talk.turn(input).await {
                Err(End::Moved) => Box::pin(talk.move_on()).await,
                went => went,
            };
            if let Err(end) = went {
                return (Rc::clone(&talk.session), end);
            }
        }
    }
}

impl<S: Sequencer> Talk<'_, S> {
    async fn turn(&mut self, input: &mut Input) -> Result<(), End> {
        if self.session.is_json() {
            return Box::pin(stream::turn(self, input)).await;
        }
        loop {
            // Of where it has come it is told before it is answered anything more.
            if self.session.irc.as_ref().is_some_and(|irc| irc.has_arrived()) {
                Box::pin(irc::arrived(self)).await;
            }
            let Some(framed) = input.next_line() else { break };
            match framed {
                Framed::Line(line) if self.session.is_irc() => Box::pin(irc::heard(self, line)).await?,
                Framed::Line(line) => Box::pin(self.line(line)).await?,
                Framed::TooLong if self.session.is_irc() => irc::too_long(self),
                Framed::TooLong => self.session.tell(format!("{}\n", words::TOO_LONG)),
            }
            while self.session.outbox.borrow().bytes() > ANSWERS {
                Box::pin(self.happen(false)).await?;
            }
        }
        self.hear(input).await
    }

    /// Waits for one thing to happen; where it is that something was said, that is read.
    pub(super) async fn hear(&mut self, input: &mut Input) -> Result<(), End> {
        if self.happen(true).await? {
            let read = input.read(&self.session.socket, &self.shard.buffer).await;
            read.map_err(|error| match error.kind() {
                ErrorKind::UnexpectedEof => End::Ended,
                _ => End::Lost,
            })?;
        }
        Ok(())
    }

    /// Waits for one thing to happen and does what it needs; the answer is whether there is input to read.
    pub(super) async fn happen(&mut self, input: bool) -> Result<bool, End> {
        if let Some(end) = self.session.end.get() {
            return Err(end);
        }
        let stop = &self.shard.shared.stop;
        if stop.is_cancelled() {
            return Err(End::Stopping);
        }
        if self.session.live.get().is_none() && self.session.idle() {
            Box::pin(self.catch_up()).await?;
            // A client that is far behind is heard between two pages too.
            return Ok(input);
        }
        let waiting = !self.session.idle();
        // Who waits for nothing is asked now and then whether it is there, where its protocol has a word for that.
        let next = match &self.mind {
            _ if waiting => Some(self.session.progress.get() + self.shard.shared.settings.stall),
            Some(Mind::Json(mind)) => Some(mind.next_ping()),
            _ => None,
        };
        let interest = match (input, waiting) {
            (true, true) => Interest::READABLE | Interest::WRITABLE,
            (true, false) => Interest::READABLE,
            (false, _) => Interest::WRITABLE,
        };
        let session = &self.session;
        tokio::select! {
            ready = session.socket.ready(interest), if input || waiting => {
                let ready = ready.map_err(|_| End::Lost)?;
                if waiting && ready.is_writable() {
                    session.flush();
                }
                Ok(input && ready.is_readable())
            }
            () = session.wake.notified() => Ok(false),
            () = stop.cancelled() => Err(End::Stopping),
            () = come(next) => {
                if waiting { Err(End::Stalled) } else { stream::ping(self).map(|()| false) }
            }
        }
    }

    /// Waits until everything this client asked for has been answered and given to it.
    pub(super) async fn settled(&mut self) -> Result<(), End> {
        while self.session.in_flight.get() > 0 || self.session.live.get().is_none() {
            self.happen(false).await?;
        }
        Ok(())
    }

    async fn line(&mut self, line: &str) -> Result<(), End> {
        match Asked::parse(line) {
            Asked::Empty => Ok(()),
            Asked::Text(text) => self.send(&Sendable::Text(text), None).await,
            Asked::Msg { to, text } => self.send(&Sendable::Msg { to, text }, None).await,
            Asked::Ask(Ask::Me(text)) => self.send(&Sendable::Me(text), None).await,
            Asked::Ask(Ask::In { room, text }) => self.send(&Sendable::In(room, text), None).await,
            Asked::Ask(Ask::Reply { number, text }) => self.send(&Sendable::Reply(number, text), None).await,
            Asked::WithId { id, inner } => self.send(&inner, Some(ClientId(id))).await,
            Asked::Ask(ask) => Box::pin(asks::answer(self, ask)).await,
            other => {
                let reads = matches!(other, Asked::Users | Asked::History(_) | Asked::Stats);
                if let Some(limited) = self.wait_for(if reads { Kind::Read } else { Kind::Command }).await? {
                    return self.limited(&limited).await;
                }
                Box::pin(commands::answer(self, other)).await
            }
        }
    }

    /// Waits until this client may do that, while everything else goes on; the answer is what it meets if that is too
    /// long, or nothing that waiting helps against.
    pub(super) async fn wait_for(&mut self, kind: Kind) -> Result<Option<Limited>, End> {
        loop {
            let Err(limited) = self.admit(kind) else { return Ok(None) };
            let slows = matches!(kind, Kind::Message | Kind::Command) && !limited.is_busy();
            if !slows || limited.retry_after.is_zero() || limited.retry_after > SLOWED {
                return Ok(Some(limited));
            }
            if self.slowed.replace(Instant::now()).is_none_or(|last| last.elapsed() > SLOWED) {
                self.session.mention(&format!("{}{}", words::SLOWED, limited.which.told));
            }
            let until = Instant::now() + limited.retry_after;
            while let Ok(happened) = tokio::time::timeout_at(until, Box::pin(self.happen(false))).await {
                happened?;
            }
        }
    }

    /// Whether this client may do that now.
    fn admit(&mut self, kind: Kind) -> Result<(), Limited> {
        let who = Caller { address: self.session.address, user: Some(self.session.user.get()) };
        self.shard.shared.limits.admit(&who, &mut self.buckets, kind, std::time::Instant::now()).map(drop)
    }

    /// Waits until this client may write to whom it writes to for the first time, if it does; the answer as with
    /// [`Self::wait_for`].
    pub(super) async fn stranger(&mut self, to: &Where) -> Result<Option<Limited>, End> {
        let user = self.session.user.get();
        let Some(other) = self.shard.shared.stranger(user, to).await else { return Ok(None) };
        let limited = self.wait_for(Kind::NewPerson).await?;
        if limited.is_none() {
            self.shard.shared.limits.have_met(user, other);
        }
        Ok(limited)
    }

    /// Says that it may not, after the answers to what it asked before.
    pub(super) async fn limited(&mut self, limited: &Limited) -> Result<(), End> {
        self.settled().await?;
        self.session.mention(&format!("{}{limited}", words::NO));
        Ok(())
    }

    async fn send(&mut self, what: &Sendable<'_>, client_id: Option<ClientId>) -> Result<(), End> {
        let (Sendable::Text(text)
        | Sendable::Msg { text, .. }
        | Sendable::Me(text)
        | Sendable::In(_, text)
        | Sendable::Reply(_, text)) = what;
        if let Some(limited) = self.wait_for(Kind::Message).await? {
            return self.refuse(client_id, &limited.to_string()).await;
        }
        let body = match Body::parse(&text::clean(text)) {
            Ok(body) => body,
            Err(why) => return self.refuse(client_id, &why.to_string()).await,
        };
        let here = Where::Id(self.room);
        let (room, how, reply) = match what {
            Sendable::Text(_) => (here, How::Said, None),
            Sendable::Me(_) => (here, How::Action, None),
            Sendable::Reply(number, _) => (here, How::Said, Some(Seq(*number))),
            Sendable::In(room, _) => match deed::place(room) {
                Ok(place) => (place, How::Said, None),
                Err(_) => return self.refuse(client_id, &Refusal::NoSuchRoom.to_string()).await,
            },
            Sendable::Msg { to, .. } => match Name::parse(&text::clean(to)) {
                Ok(to) => {
                    // The original refuses this, and so does its protocol; elsewhere it is a note to oneself.
                    let user = self.session.user.get();
                    let me = commands::read(self, move |reader| reader.name(user)).await.flatten();
                    if me.is_some_and(|me| Name::kept(&me).key() == to.key()) {
                        self.settled().await?;
                        let id = client_id.map(|id| id.to_string());
                        let mut line = String::new();
                        render::refusal(&mut line, &Refusal::Yourself, id.as_deref());
                        self.session.tell(line);
                        return Ok(());
                    }
                    (Where::With(to), How::Said, None)
                }
                Err(_) => {
                    self.settled().await?;
                    let to = text::clean(to);
                    self.session.tell(format!("{}{to}{}\n", words::USER_QUOTE, words::NOT_FOUND));
                    return Ok(());
                }
            },
        };
        if let Some(limited) = Box::pin(self.stranger(&room)).await? {
            return self.refuse(client_id, &limited.to_string()).await;
        }
        if self.asked.elapsed() >= ASK {
            self.asked = Instant::now();
            let delivered = self.shard.position.get();
            self.session.settle_given(&mut self.shard.unacked.borrow_mut(), delivered);
        }
        let (session, seen) = (self.session.id, self.session.given.get());
        let tags = Tags::default();
        self.submit(Request::Say(Say { how, reply, client_id, tags, seen, ..Say::new(session, room, body) }))
            .await
    }

    /// Hands a request in, once not too many are on their way.
    pub(super) async fn submit(&mut self, request: Request) -> Result<(), End> {
        while self.session.in_flight.get() >= IN_FLIGHT {
            self.happen(false).await?;
        }
        self.session.in_flight.set(self.session.in_flight.get() + 1);
        self.shard.shared.sequencer.submit(request).await.map_err(|_| End::Stopping)
    }

    async fn refuse(&mut self, client_id: Option<ClientId>, why: &str) -> Result<(), End> {
        self.settled().await?;
        let mut line = String::new();
        let id = client_id.map(|id| id.to_string());
        render::not(&mut line, words::NOT_SENT, id.as_deref(), why);
        self.session.tell(line);
        Ok(())
    }
}

/// Waits for a moment that may never come. What most who are silent do not need is a box: they hold only its place.
async fn come(moment: Option<Instant>) {
    match moment {
        Some(moment) => Box::pin(tokio::time::sleep_until(moment)).await,
        None => std::future::pending().await,
    }
}
