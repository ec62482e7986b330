//! One core's part of delivery: its sessions, and what each is given. Single-threaded; never waits for a socket.

use crate::batch::{Asker, Batch, Step, To, What};
use crate::crowd::Crowd;
use crate::indexer::{Bell, Delivered};
use crate::limits::{Limits, Place};
use crate::operator::{Calls, Setup};
use crate::passwords::Passwords;
use crate::sequencer::Sequencer;
use crate::session::{self, Mail, Session};
use crate::settings::Settings;
use crate::tail::Tail;
use crate::unacked::Unacked;
use bytes::Bytes;
use chatroom_model::{Event, Fact, Incarnation, LOBBY, Position, RoomId, SessionId};
use chatroom_store::{Cursor, Readers, Searchers};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};
use tokio::task::LocalSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Batches that may wait for a shard; past this the engine waits for its processor time.
pub(crate) const BATCHES: usize = 64;
/// Batches gathered into one write a session.
const GATHER: usize = 32;

/// What a shard is told.
#[derive(Debug)]
pub(crate) enum ToShard {
    /// Something was committed.
    Batch(Arc<Batch>),
    /// Somebody connected, and is counted with their address while the place is kept.
    Connected(std::net::TcpStream, Place),
    /// Which sessions have not been given everything?
    Given(oneshot::Sender<Given>),
}

/// What a shard's sessions have certainly been given.
#[derive(Debug)]
pub(crate) struct Given {
    /// All of them have this …
    pub(crate) upto: Position,
    /// … but these.
    pub(crate) except: Vec<SessionId>,
}

/// What all shards share.
#[derive(Debug)]
pub(crate) struct Shared<S> {
    pub(crate) settings: Settings,
    pub(crate) sequencer: Arc<S>,
    pub(crate) readers: Arc<Readers>,
    pub(crate) searchers: Arc<Searchers>,
    /// Rings when the index has something to take in.
    pub(crate) bell: Bell,
    pub(crate) incarnation: Incarnation,
    /// Who may do how much; asked by the listeners and the sessions.
    pub(crate) limits: Arc<Limits>,
    pub(crate) passwords: Passwords,
    /// Calls of the operator that wait for the engine.
    pub(crate) calls: Arc<Calls>,
    /// By which the first of those who run the server becomes one.
    pub(crate) setup: Setup,
    pub(crate) sessions: AtomicU32,
    /// Connections of each shard.
    pub(crate) connections: Vec<AtomicUsize>,
    /// The last position that was delivered: nothing new needs no mark, and wakes nobody.
    pub(crate) delivered: AtomicU64,
    pub(crate) started: Instant,
    pub(crate) stop: CancellationToken,
}

/// What there is to give, when all of it is for one room.
struct ForOneRoom<'a> {
    room: RoomId,
    pieces: Vec<(&'a Bytes, Position)>,
    messages: u64,
}

/// One shard.
pub(crate) struct Shard<S> {
    pub(crate) shared: Arc<Shared<S>>,
    /// The last position that was given to whoever is live.
    pub(crate) position: Cell<Position>,
    /// Where sessions read into; none needs a buffer of its own.
    pub(crate) buffer: RefCell<Box<[u8]>>,
    pub(crate) unacked: RefCell<Unacked>,
    /// Which of the shards it is.
    number: usize,
    all: RefCell<HashMap<SessionId, Rc<Session>>>,
    live: RefCell<Vec<Rc<Session>>>,
    tail: RefCell<Tail>,
    /// The position of the lobby's last message, and the greeting's end that shows it and those before.
    said: Cell<Position>,
    pub(crate) recent: RefCell<Option<(Position, Rc<str>)>>,
    /// How often words were taken back or changed: what was read of the store before the last time is read anew.
    pub(crate) changes: Cell<u64>,
    crowd: Crowd,
    tasks: TaskTracker,
}

/// Runs a shard on this thread until all who tell it things are gone and its sessions have ended.
pub(crate) fn run<S: Sequencer>(
    shared: Arc<Shared<S>>,
    number: usize,
    position: Position,
    mut told: mpsc::Receiver<ToShard>,
) {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(2)
        .build()
        .expect("a runtime of one thread needs one epoll descriptor");
    let shard = Rc::new(Shard {
        shared,
        position: Cell::new(position),
        buffer: RefCell::new(vec![0; session::READ].into()),
        unacked: RefCell::new(Unacked::new()),
        number,
        all: RefCell::new(HashMap::new()),
        live: RefCell::new(Vec::new()),
        tail: RefCell::new(Tail::new(position)),
        said: Cell::new(Position(0)),
        recent: RefCell::new(None),
        changes: Cell::new(0),
        crowd: Crowd::default(),
        tasks: TaskTracker::new(),
    });
    let local = LocalSet::new();
    runtime.block_on(local.run_until(async {
        let mut batches = Vec::new();
        while let Some(first) = told.recv().await {
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    ToShard::Batch(batch) => batches.push(batch),
                    ToShard::Connected(socket, place) => shard.connected(socket, place),
                    ToShard::Given(answer) => {
                        let _ = answer.send(shard.given());
                    }
                }
                next = if batches.len() < GATHER { told.try_recv().ok() } else { None };
            }
            if !batches.is_empty() {
                shard.deliver(&batches);
                batches.clear();
                tokio::task::yield_now().await;
            }
        }
        shard.tasks.close();
        shard.tasks.wait().await;
    }));
}

impl<S: Sequencer> Shard<S> {
    fn connected(self: &Rc<Self>, socket: std::net::TcpStream, place: Place) {
        let shard = Rc::clone(self);
        self.tasks.spawn_local(async move {
            session::serve(Rc::clone(&shard), socket, &place).await;
            drop(place);
            shard.shared.connections[shard.number].fetch_sub(1, Ordering::Relaxed);
        });
    }

    pub(crate) fn register(&self, session: &Rc<Session>) {
        self.all.borrow_mut().insert(session.id, Rc::clone(session));
    }

    /// Forgets a session that was never let in, or whose end is recorded.
    pub(crate) fn unregister(&self, session: &Rc<Session>) {
        self.all.borrow_mut().remove(&session.id);
        self.crowd.go(session);
    }

    /// From now on a session is given what is committed, as it is committed.
    pub(crate) fn go_live(&self, session: &Rc<Session>) {
        let mut live = self.live.borrow_mut();
        session.goes_live(live.len());
        live.push(Rc::clone(session));
    }

    /// From now on a session reads on from the store, or not at all.
    pub(crate) fn leave_live(&self, session: &Session) {
        session.note_position(self.position.get());
        let Some(place) = session.live.take() else { return };
        let mut live = self.live.borrow_mut();
        live.swap_remove(place);
        if let Some(moved) = live.get(place) {
            moved.live.set(Some(place));
        }
    }

    /// Gives a session the rest from memory and makes it live, if what it lacks was delivered lately.
    pub(crate) fn catch_tail(&self, session: &Rc<Session>, cursor: Cursor) -> bool {
        // What it was in then is known to the store only, and so is what it does not want to hear.
        if session.moved.get() > cursor.settled() || session.ignores() {
            return false;
        }
        let tail = self.tail.borrow();
        let Some(runs) = tail.after(cursor) else { return false };
        self.go_live(session);
        for run in runs.filter(|run| self.crowd.includes(&run.to, session)) {
            if !session.queue(run.bytes_for(session.user.get()), run.last, u64::from(run.messages)) {
                self.leave_live(session);
                break;
            }
        }
        true
    }

    fn deliver(&self, batches: &[Arc<Batch>]) {
        let mut fallen = Vec::new();
        let (before, said) = (self.position.get(), self.said.get());
        for batch in batches {
            self.settle(batch, before, said);
        }
        match self.one_room(batches) {
            Some(ForOneRoom { room, pieces, messages }) => {
                self.crowd.each_in(room, |session| {
                    session.note_position(before);
                    if session.live.get().is_some() && !session.give(&pieces, messages) {
                        fallen.push(Rc::clone(session));
                    }
                });
            }
            None => self.to_each(batches, before, &mut fallen),
        }
        if batches.iter().any(|batch| takes_back(batch) || edits(batch)) {
            self.changes.set(self.changes.get() + 1);
            self.recent.replace(None);
        }
        let taken_back = batches.iter().any(takes_back);
        if taken_back {
            // What waits to be written may be what was taken back: it is read anew, as it stands now. Also by those who are
            // behind already, and for whom a page of the store waits.
            let waits = |session: &&Rc<Session>| session.is_in() && !session.idle() && session.fall_behind();
            fallen.extend(self.all.borrow().values().filter(waits).cloned());
        }
        for session in fallen {
            self.leave_live(&session);
            session.wake.notify_one();
        }
        for batch in batches {
            self.answer(batch);
        }
        let last = batches.last().map_or(self.position.get(), |batch| batch.last);
        self.position.set(self.position.get().max(last));
        self.shared.delivered.fetch_max(last.0, Ordering::Relaxed);
        let words = if batches.iter().any(has_words) { Delivered::Words } else { Delivered::Nothing };
        self.shared.bell.ring(if taken_back { Delivered::TakenBack } else { words }, last.0);
        for batch in batches {
            self.tail.borrow_mut().push(batch, takes_back(batch));
        }
    }

    /// What there is to give, when all of it is for one room and nobody goes.
    fn one_room<'a>(&self, batches: &'a [Arc<Batch>]) -> Option<ForOneRoom<'a>> {
        let mut room = None;
        let mut pieces = Vec::new();
        let mut messages = 0;
        for step in batches.iter().flat_map(|batch| batch.line().iter()) {
            let Step::Run(run) = step else { return None };
            let To::Room(of) = run.to else { return None };
            if room.is_some_and(|room| room != of) || self.crowd.ignores_in(of) {
                return None;
            }
            room = Some(of);
            messages += u64::from(run.messages);
            pieces.push((&run.bytes, run.last));
        }
        room.map(|room| ForOneRoom { room, pieces, messages })
    }

    /// Tells sessions what became of what they asked for.
    fn settle(&self, batch: &Batch, before: Position, said: Position) {
        let all = self.all.borrow();
        let own = self.shared.incarnation;
        let mut homes = batch.homes.iter();
        for record in batch.records() {
            match &record.event {
                Event::Message { session, room, .. } => {
                    if *room == LOBBY {
                        self.said.set(record.position);
                    }
                    if let Some(session) = all.get(session).filter(|_| session.incarnation() == own) {
                        session.settled();
                    }
                }
                Event::SessionOpened { session, user, resume, .. } => {
                    let home = homes.find(|home| home.session == *session);
                    if let Some(session) = all.get(session) {
                        session.opened(record, *user, *resume, before, said);
                        if let Some(home) = home {
                            self.crowd.come(session, &home.rooms, &home.ignores);
                        }
                        if resume.is_none() {
                            // A newcomer has nothing to catch up with: it is live, and held until it is greeted.
                            self.go_live(session);
                        }
                    }
                }
                Event::SessionClosed { session, reason, .. } => {
                    if let Some(session) = all.get(session) {
                        session.closed(*reason);
                    }
                }
                Event::Fact(Fact::Ignored { user, other, on }) => self.crowd.ignore(*user, *other, *on),
                _ => {}
            }
        }
    }

    /// The way when it is not all for one room: in order, each to whom it concerns, then one write a session.
    fn to_each(&self, batches: &[Arc<Batch>], before: Position, fallen: &mut Vec<Rc<Session>>) {
        let mut touched: Vec<Rc<Session>> = Vec::new();
        for batch in batches {
            for step in batch.line().iter() {
                match step {
                    Step::Run(run) => self.crowd.each(&run.to, |session| {
                        if session.live.get().is_none() {
                            return;
                        }
                        let own;
                        let bytes = if session.ignores() {
                            own = self.crowd.without_ignored(batch, run, session);
                            &own
                        } else {
                            run.bytes_for(session.user.get())
                        };
                        if bytes.is_empty() {
                            return;
                        }
                        if session.touch() {
                            session.note_position(before);
                            touched.push(Rc::clone(session));
                        }
                        if !session.queue(bytes, run.last, u64::from(run.messages))
                            && !fallen.iter().any(|other| other.id == session.id)
                        {
                            fallen.push(Rc::clone(session));
                        }
                    }),
                    Step::Enter(room, user) => self.crowd.enter(*room, *user, batch.last),
                    Step::Exit(room, user) => self.crowd.exit(*room, *user, batch.last),
                    Step::End(room) => self.crowd.end(*room, batch.last),
                }
            }
        }
        for session in touched {
            session.untouch();
            session.flush();
        }
    }

    fn answer(&self, batch: &Batch) {
        let all = self.all.borrow();
        for answer in &batch.answers {
            let Asker::Session(id) = answer.to else { continue };
            let Some(session) = all.get(&id) else { continue };
            if answer.door {
                session.mail(Mail::Answer(match &answer.what {
                    What::Refused(refusal) => session::Door::Refused(refusal.clone()),
                    What::NotStored(why) | What::NotConfirmed(why) => session::Door::Failed(why.clone()),
                    What::Again(_) | What::Done { .. } => continue,
                }));
            } else {
                session.answer(answer);
            }
        }
    }

    fn given(&self) -> Given {
        let upto = self.position.get();
        let mut unacked = self.unacked.borrow_mut();
        let all = self.all.borrow();
        let lags =
            |session: &&Rc<Session>| session.is_in() && session.settle_given(&mut unacked, upto) < upto;
        let except = all.values().filter(lags).map(|session| session.id).collect();
        Given { upto, except }
    }
}

/// Whether anything was said in a batch, or says something else from then on.
fn has_words(batch: &Arc<Batch>) -> bool {
    batch.records().iter().any(|record| record.event.body().is_some())
}

/// Whether a batch gives a message other words.
fn edits(batch: &Arc<Batch>) -> bool {
    batch.records().iter().any(|record| matches!(record.event, Event::Fact(Fact::Edited { .. })))
}

/// Whether a batch takes words back that were given before: then nothing that was encoded earlier is given again.
fn takes_back(batch: &Arc<Batch>) -> bool {
    batch.records().iter().any(|record| {
        matches!(
            record.event,
            Event::Fact(
                Fact::Redacted { .. }
                    | Fact::Purged { .. }
                    | Fact::PurgeUndone { .. }
                    | Fact::PurgeDone { .. }
                    | Fact::Dropped { .. }
                    | Fact::RoomDeleted { .. }
            )
        )
    })
}
