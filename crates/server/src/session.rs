//! One connected client, as delivery sees it, and the task that serves it. Never reads the engine's state.

mod asks;
mod catch_up;
mod commands;
mod door;
mod input;
mod irc;
mod leave;
pub(crate) mod prove;
mod proxy;
mod speech;
mod stream;
mod talk;
mod write;

use crate::limits::Place;
use crate::outbox::Outbox;
use crate::sequencer::Sequencer;
use crate::settings::Speaks;
use crate::shard::Shard;
use crate::unacked::Unacked;
use crate::web;
use bytes::Bytes;
use chatroom_model::{CloseReason, Event, Position, Record, Refusal, RoomId, SessionId, UserId};
use chatroom_store::Cursor;
use compact_str::CompactString;
use door::Came;
use input::Input;
pub(crate) use irc::{Irc, Watch};
pub(crate) use speech::{Frames, Side, Speech};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::rc::Rc;
pub(crate) use stream::Taken;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Bytes read at once, into a buffer all of a shard's sessions share.
pub(crate) const READ: usize = 16 * 1024;
/// Requests a session may have on their way; past this its client waits.
const IN_FLIGHT: u32 = 1024;

/// What delivery and the session's own task share; both run on the shard's thread.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) user: Cell<UserId>,
    /// Where its client is connected from.
    pub(crate) address: IpAddr,
    /// Its place among those who are given what is committed as it is committed.
    pub(crate) live: Cell<Option<usize>>,
    /// The last position whose events are wholly written to the socket; while it is live and nothing waits, where its
    /// shard is, which is noted only when somebody needs it.
    pub(crate) written: Cell<Position>,
    pub(crate) wake: Notify,
    socket: TcpStream,
    outbox: RefCell<Outbox>,
    /// Where it reads on from the store while it is behind.
    cursor: Cell<Cursor>,
    behind: Cell<bool>,
    /// Nothing is written before the greeting.
    held: Cell<bool>,
    given: Cell<Position>,
    /// Whether events were written since the kernel last said that all is acknowledged.
    unsettled: Cell<bool>,
    in_flight: Cell<u32>,
    received: Cell<u64>,
    progress: Cell<Instant>,
    /// The rooms it is in, each with its place among those who are.
    pub(crate) rooms: RefCell<Vec<(RoomId, usize)>>,
    /// Those of whom its user wants to hear nothing.
    #[allow(clippy::box_collection, reason = "nearly nobody ignores anybody, and this is a third as large")]
    pub(crate) ignored: RefCell<Option<Box<BTreeSet<UserId>>>>,
    /// Where it came into a room or went out last.
    pub(crate) moved: Cell<Position>,
    /// Whether something waits to be flushed at the end of a delivery.
    touched: Cell<bool>,
    /// Whether what was passed on when it asked has been given.
    pub(crate) passed: Cell<bool>,
    /// Whether another session is to go on with its connection.
    pub(crate) moves: Cell<bool>,
    mail: RefCell<Option<Box<Mail>>>,
    end: Cell<Option<End>>,
    /// What JSON is put into, for who speaks it.
    pub(crate) frames: Option<Frames>,
    /// What an IRC client's session has beside.
    pub(crate) irc: Option<Box<Irc>>,
}

/// What delivery leaves for the session's task.
#[derive(Debug)]
pub(crate) enum Mail {
    /// It is in, at this position; a user who came back had been given what stands up to `resume`.
    Opened {
        at: Position,
        resume: Option<Position>,
        /// What stands up to here is not given live: a newcomer is shown the end of it.
        before: Position,
        /// The lobby's last message up to there.
        said: Position,
    },
    /// It asked to come in or leave, and this is the answer.
    Answer(Door),
}

/// Why a session is not let in, or its end not recorded.
#[derive(Debug)]
pub(crate) enum Door {
    Refused(Refusal),
    Failed(String),
}

/// Why a session's task ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Its user said goodbye.
    Quit,
    /// Its user wants it to look like a lost connection.
    Crash,
    /// The connection broke.
    Lost,
    /// The client ended its side; it may still read.
    Ended,
    /// Nothing could be written for too long.
    Stalled,
    /// The log says it is over.
    Closed(CloseReason),
    /// The server stops.
    Stopping,
    /// Another session goes on with its connection.
    Moved,
    /// It was said goodbye to in its protocol's own way.
    Parted,
}

/// Serves one connection from its first byte to its last.
#[allow(clippy::manual_async_fn, reason = "a block holds once what it is given, an `async` function twice")]
pub(crate) fn serve<S: Sequencer>(
    shard: Rc<Shard<S>>,
    // As small as it comes: it is held to the end.
    socket: std::net::TcpStream,
    mut place: Place,
    speaks: Speaks,
) -> impl Future<Output = ()> {
    async move {
        // Each part is a box of its own, so that a connection holds what its part needs and not the most any part needs.
        let arriving = Box::pin(arrive(&shard, socket, &mut place, speaks));
        let going_on = match arriving.await {
            None => None,
            Some((came, input)) => {
                place.named();
                let goes_on = match came {
                    Came::In(entered) => GoesOn::Talking(talk::Conversation::new(&shard, *entered, input)),
                    Came::Web(socket, version) => {
                        let (site, read) = (shard.site.clone(), input.unread().to_vec());
                        GoesOn::Asking(Box::pin(ask(&shard, site, socket, read, version, &place)))
                    }
                };
                Some(Box::pin(go_on(&shard, goes_on)))
            }
        };
        if let Some(going_on) = going_on {
            going_on.await;
        }
        shard.lets_go();
    }
}

/// What a connection that has come does from then on.
enum GoesOn<'a, S, A> {
    Talking(Box<talk::Conversation<'a, S>>),
    Asking(A),
}

async fn go_on<S: Sequencer, A: Future>(shard: &Rc<Shard<S>>, goes_on: GoesOn<'_, S, A>) {
    match goes_on {
        GoesOn::Talking(conversation) => {
            let (session, end) = conversation.go_on().await;
            Box::pin(leave::leave(shard, session, end)).await;
        }
        GoesOn::Asking(asking) => {
            asking.await;
        }
    }
}

/// Serves whoever asks by HTTP; who asks for the stream goes on as a session.
async fn ask<S: Sequencer>(
    shard: &Rc<Shard<S>>,
    site: axum::Router,
    socket: TcpStream,
    read: Vec<u8>,
    version: web::Version,
    place: &Place,
) {
    let asking = Box::pin(web::serve(&shard.shared, site, socket, read, version, place));
    let Some((socket, read, taken)) = asking.await else { return };
    let Some((entered, mind)) = Box::pin(stream::enter(shard, socket, taken)).await else { return };
    let conversation = talk::Conversation::stream(shard, entered, Input::of(read), mind);
    let (session, end) = conversation.go_on().await;
    Box::pin(leave::leave(shard, session, end)).await;
}

async fn arrive<S: Sequencer>(
    shard: &Rc<Shard<S>>,
    socket: std::net::TcpStream,
    place: &mut Place,
    speaks: Speaks,
) -> Option<(Came, Input)> {
    let mut socket = TcpStream::from_std(socket).ok()?;
    let mut input = Input::default();
    if shard.shared.settings.is_proxy(place.address()) {
        let passed = Box::pin(proxy::passed(shard, socket, &mut input, place));
        socket = tokio::select! {
            passed = passed => passed?,
            () = shard.shared.stop.cancelled() => return None,
        };
    }
    let came = tokio::select! {
        came = door::enter(shard, socket, &mut input, place, speaks) => came,
        () = shard.shared.stop.cancelled() => None,
    };
    Some((came?, input))
}

impl Session {
    fn new(
        id: SessionId,
        socket: TcpStream,
        address: IpAddr,
        irc: Option<Box<Irc>>,
        frames: Option<Frames>,
    ) -> Rc<Self> {
        Rc::new(Self {
            id,
            user: Cell::new(UserId(0)),
            address,
            live: Cell::new(None),
            written: Cell::new(Position(0)),
            wake: Notify::new(),
            socket,
            outbox: RefCell::new(Outbox::default()),
            cursor: Cell::new(Cursor::default()),
            behind: Cell::new(true),
            held: Cell::new(true),
            given: Cell::new(Position(0)),
            unsettled: Cell::new(false),
            in_flight: Cell::new(0),
            received: Cell::new(0),
            progress: Cell::new(Instant::now()),
            rooms: RefCell::new(Vec::new()),
            ignored: RefCell::new(None),
            moved: Cell::new(Position(0)),
            touched: Cell::new(false),
            passed: Cell::new(false),
            moves: Cell::new(false),
            mail: RefCell::new(None),
            end: Cell::new(None),
            frames,
            irc,
        })
    }

    /// Whether it has been let in.
    pub(crate) fn is_in(&self) -> bool {
        self.user.get() != UserId(0)
    }

    /// Whether the log says that it is over.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.end.get(), Some(End::Closed(_)))
    }

    /// It has caught up: from now on it is given what is committed as it is committed.
    pub(crate) fn goes_live(&self, place: usize) {
        self.live.set(Some(place));
        self.behind.set(false);
    }

    /// Whether its user does not want to hear everybody.
    pub(crate) fn ignores(&self) -> bool {
        self.ignored.borrow().is_some()
    }

    /// Notes that it is to be flushed; whether that is news.
    pub(crate) fn touch(&self) -> bool {
        !self.touched.replace(true)
    }

    pub(crate) fn untouch(&self) {
        self.touched.set(false);
    }

    /// What waits and is not begun is dropped, and read anew from the store; false where no event was.
    pub(crate) fn fall_behind(&self) -> bool {
        let mut outbox = self.outbox.borrow_mut();
        outbox.drop_shown();
        let before = outbox.pieces();
        let kept = outbox.drop_events().unwrap_or(self.written.get());
        if outbox.pieces() == before {
            return false;
        }
        self.cursor.set(Cursor::after(kept));
        self.behind.set(true);
        true
    }

    /// Whether it is in a room, as far as its shard has delivered.
    pub(crate) fn inside(&self, room: RoomId) -> bool {
        self.rooms.borrow().iter().any(|(other, _)| *other == room)
    }

    /// It is live and nothing waits: then it has been given all that its shard has delivered, up to here.
    pub(crate) fn note_position(&self, delivered: Position) {
        if self.live.get().is_some() && !self.behind.get() && self.idle() && self.end.get() != Some(End::Lost)
        {
            self.written.set(self.written.get().max(delivered));
        }
    }

    /// Whether nothing waits to be written.
    pub(crate) fn idle(&self) -> bool {
        self.outbox.borrow().is_empty()
    }

    /// It is in. `before` is what its shard had delivered, `said` the lobby's last message up to there. Whether there is nothing
    /// it has to catch up with.
    pub(crate) fn opened(
        &self,
        record: &Record,
        user: UserId,
        resume: Option<Position>,
        before: Position,
        said: Position,
    ) -> bool {
        self.user.set(user);
        if let (Some(irc), Event::SessionOpened { name, .. }) = (&self.irc, &record.event) {
            irc.nick.replace(name.clone());
        }
        let resume = match self.speech() {
            Speech::Line => resume,
            // An IRC client is told where it is now, and asks for what it missed.
            Speech::Irc(_) => None,
            Speech::Json(_) => stream::goes_on_from(self.cursor.get(), before),
        };
        let from = resume.unwrap_or(before);
        self.cursor.set(Cursor::after(from));
        self.written.set(from);
        self.given.set(from);
        self.mail(Mail::Opened { at: record.position, resume, before, said });
        resume.is_none()
    }

    /// What was held back since it came in follows its greeting.
    fn greet(&self, greeting: Bytes, shown: Bytes) {
        let mut outbox = self.outbox.borrow_mut();
        outbox.push_first(greeting, shown);
        drop(outbox);
        self.held.set(false);
        self.progress.set(Instant::now());
        self.flush();
    }

    pub(crate) fn closed(&self, reason: CloseReason) {
        self.end.set(Some(End::Closed(reason)));
        self.wake.notify_one();
    }

    pub(crate) fn mail(&self, mail: Mail) {
        self.mail.replace(Some(Box::new(mail)));
        self.wake.notify_one();
    }

    /// One of its requests has been answered.
    pub(crate) fn settled(&self) {
        let before = self.in_flight.get();
        self.in_flight.set(before.saturating_sub(1));
        // Whoever waits, waits for none or for half.
        if before == 1 || before == IN_FLIGHT / 2 {
            self.wake.notify_one();
        }
    }

    /// What its user said about leaving; may be empty.
    fn farewell(&self) -> CompactString {
        self.irc.as_ref().map(|irc| irc.farewell.take()).unwrap_or_default()
    }

    fn lost(&self) -> bool {
        if self.end.get().is_none() {
            self.end.set(Some(End::Lost));
        }
        self.wake.notify_one();
        true
    }

    /// The last position this client has certainly been given: written, and acknowledged by its kernel; `delivered` is
    /// where its shard is.
    pub(crate) fn settle_given(&self, unacked: &mut Unacked, delivered: Position) -> Position {
        self.note_position(delivered);
        if self.unsettled.get() && unacked.of(&self.socket) == Some(0) {
            self.unsettled.set(false);
        }
        if !self.unsettled.get() {
            self.given.set(self.written.get());
        }
        self.given.get()
    }

    /// Writes what waits, however long the client takes; whether it could be.
    async fn all_written(&self) -> bool {
        loop {
            if self.outbox.borrow_mut().flush(&self.socket).is_err() {
                return false;
            }
            if self.idle() {
                return true;
            }
            if self.socket.writable().await.is_err() {
                return false;
            }
        }
    }

    async fn nothing_in_flight(&self) {
        while self.in_flight.get() > 0 && self.live.get().is_some() {
            self.wake.notified().await;
        }
    }

    async fn wait_mail_or_end(&self) -> Option<Mail> {
        loop {
            if let Some(mail) = self.mail.take() {
                return Some(*mail);
            }
            if self.is_over() {
                return None;
            }
            self.wake.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sequencer::Local;

    fn size<A, B, C, D, F>(_: impl Fn(A, B, C, D) -> F) -> usize {
        std::mem::size_of::<F>()
    }

    #[test]
    fn what_every_connection_holds_is_small() {
        let serves =
            size(|shard: Rc<Shard<Local>>, socket, place, speaks| serve(shard, socket, place, speaks));
        let going_on = size(|shard: &'static Rc<Shard<Local>>, talk, (), ()| {
            go_on(shard, GoesOn::<_, std::future::Ready<()>>::Talking(talk))
        });
        let (talk, session) =
            (std::mem::size_of::<talk::Conversation<'_, Local>>(), std::mem::size_of::<Session>());
        // A task's storage comes in steps of 128 bytes, of which it needs some 112 itself: in two of them there is room for this.
        assert!(serves <= 2 * 128 - 112, "{serves}");
        // The other parts are boxes of their own, in steps of 16.
        assert!(going_on <= 552 && talk <= 264 && session <= 328, "{going_on}, {talk}, {session}");
    }
}
