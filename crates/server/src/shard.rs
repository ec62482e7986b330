//! One core's part of delivery: its sessions, and what each is given. Single-threaded; never waits for a socket.

mod deliver;
mod pace;

use crate::batch::{Batch, To};
use crate::browsers::Browsers;
use crate::calls::Calls;
use crate::crowd::Crowd;
use crate::hooks::Hooks;
use crate::indexer::Bell;
use crate::limits::{Limits, Place};
use crate::operator::Setup;
use crate::passwords::Passwords;
use crate::people::People;
use crate::reads::Reads;
use crate::sequencer::Sequencer;
use crate::session::{self, Session, Side, Speech, Watch};
use crate::settings::{Settings, Speaks};
use crate::signal::{self, Signal};
use crate::tail::Tail;
use crate::unacked::Unacked;
use crate::web::{self, Metrics};
use chatroom_model::{Incarnation, Name, Position, SessionId, UserId, Where};
use chatroom_store::{Cursor, Searchers};
use pace::{Next, Pace};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use tokio::runtime::Builder;
use tokio::sync::{Notify, mpsc, oneshot};
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
    Connected(std::net::TcpStream, Place, Speaks),
    /// Something that is passed on and not kept.
    Signal(Arc<Signal>),
    /// What was passed on before this has been given: a session of this shard waits for that.
    Passed(SessionId),
    /// From where are the clients of somebody connected?
    Addresses(UserId, oneshot::Sender<Vec<IpAddr>>),
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
    pub(crate) reads: Reads,
    pub(crate) searchers: Arc<Searchers>,
    /// Rings when the index has something to take in.
    pub(crate) bell: Bell,
    pub(crate) incarnation: Incarnation,
    /// Whether what is said can be stored now.
    pub(crate) stores: Arc<AtomicBool>,
    /// What is sent to addresses outside.
    pub(crate) hooks: Arc<Hooks>,
    /// The threads that serve the web side.
    pub(crate) web: tokio::runtime::Handle,
    /// What is counted there.
    pub(crate) metrics: Arc<Metrics>,
    /// Who may do how much; asked by the listeners and the sessions.
    pub(crate) limits: Arc<Limits>,
    /// From where browsers came lately; asked by those who have to guess what a connection is.
    pub(crate) browsers: Browsers,
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
    /// The shards, as long as somebody else needs them.
    pub(crate) shards: OnceLock<Vec<mpsc::WeakSender<ToShard>>>,
    /// Rings when somebody asks that the configuration be read anew.
    pub(crate) reload: Arc<Notify>,
    /// The last position that is being published: every shard is told of it, or was.
    pub(crate) published: Arc<AtomicU64>,
    pub(crate) started: Instant,
    pub(crate) stop: CancellationToken,
}

impl<S> Shared<S> {
    /// Whom somebody writes to for the first time, if that is so.
    pub(crate) async fn stranger<'a>(&self, user: UserId, to: &'a Where) -> Option<&'a Name> {
        let Where::With(other) = to else { return None };
        if !self.limits.may_be_strangers(user, other) {
            return None;
        }
        let name = other.clone();
        let _reading = self.limits.reading();
        // What cannot be read holds nobody back, nor does a name that is free; what is said is decided in its place.
        let is_first =
            self.reads.read(move |reader| reader.is_first(user, &name)).await.unwrap_or_default()?;
        if !is_first {
            self.limits.have_met(user, other);
        }
        is_first.then_some(other)
    }

    /// From where the clients of somebody are connected, on whichever shard; each address once.
    pub(crate) async fn addresses(&self, user: UserId) -> Vec<IpAddr> {
        let mut all = Vec::new();
        for shard in self.shards.get().into_iter().flatten().filter_map(mpsc::WeakSender::upgrade) {
            let (answer, addresses) = oneshot::channel();
            if shard.send(ToShard::Addresses(user, answer)).await.is_ok() {
                all.extend(addresses.await.unwrap_or_default());
            }
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Hands something that is not kept to all shards; one that is too busy for it does without.
    pub(crate) fn spread(&self, signal: Signal) {
        let signal = Arc::new(signal);
        for shard in self.shards.get().into_iter().flatten().filter_map(mpsc::WeakSender::upgrade) {
            let _ = shard.try_send(ToShard::Signal(Arc::clone(&signal)));
        }
    }
}

/// A place in what happens, until which somebody waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    /// What was published up to here.
    upto: Position,
    /// So many requests were handed in.
    decided: u64,
}

/// One shard.
pub(crate) struct Shard<S> {
    pub(crate) shared: Arc<Shared<S>>,
    /// The last position that was given to whoever is live.
    pub(crate) position: Cell<Position>,
    /// Where sessions read into; none needs a buffer of its own.
    pub(crate) buffer: RefCell<Box<[u8]>>,
    pub(crate) unacked: RefCell<Unacked>,
    /// What browsers and programs are answered.
    pub(crate) site: axum::Router,
    /// What is asked over a stream.
    pub(crate) api: axum::Router,
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
    /// The server's name, as IRC clients know it.
    pub(crate) server: Rc<str>,
    /// People and rooms, as programs know them.
    pub(crate) people: RefCell<People>,
    /// Whom IRC clients watch.
    pub(crate) watch: RefCell<Watch>,
    crowd: Crowd,
    /// IRC clients of whose own something is delivered now.
    answered: RefCell<Vec<Rc<Session>>>,
    /// Who waits until what was published up to there is delivered here.
    waiting: RefCell<Vec<(Mark, Rc<Session>)>>,
    /// How many requests had been decided when what was delivered last was published.
    decided: Cell<u64>,
    tasks: TaskTracker,
}

/// Runs a shard on this thread until all who tell it things are gone and its sessions have ended.
pub(crate) fn run<S: Sequencer>(
    shared: Arc<Shared<S>>,
    number: usize,
    position: Position,
    people: People,
    mut told: mpsc::Receiver<ToShard>,
) {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(2)
        .build()
        .expect("a runtime of one thread needs one epoll descriptor");
    let server = shared.settings.irc.name.as_str().into();
    let (site, api) = (web::site(&shared), web::api(&shared));
    let shard = Rc::new(Shard {
        shared,
        position: Cell::new(position),
        buffer: RefCell::new(vec![0; session::READ].into()),
        unacked: RefCell::new(Unacked::new()),
        site,
        api,
        number,
        all: RefCell::new(HashMap::new()),
        live: RefCell::new(Vec::new()),
        tail: RefCell::new(Tail::new(position)),
        said: Cell::new(Position(0)),
        recent: RefCell::new(None),
        changes: Cell::new(0),
        server,
        people: RefCell::new(people),
        watch: RefCell::default(),
        crowd: Crowd::default(),
        answered: RefCell::default(),
        waiting: RefCell::default(),
        decided: Cell::new(0),
        tasks: TaskTracker::new(),
    });
    let local = LocalSet::new();
    runtime.block_on(local.run_until(async {
        let (mut gathered, mut pace) = (Vec::new(), Pace::new());
        loop {
            match pace.next(&mut told, gathered.len()).await {
                Next::Told(ToShard::Batch(batch)) => gathered.push(batch),
                Next::Told(ToShard::Connected(socket, place, speaks)) => {
                    shard.connected(socket, place, speaks)
                }
                Next::Told(ToShard::Signal(signal)) => shard.pass_on(&signal),
                Next::Told(ToShard::Passed(session)) => {
                    if let Some(session) = shard.all.borrow().get(&session) {
                        session.passed.set(true);
                        session.wake.notify_one();
                    }
                }
                Next::Told(ToShard::Addresses(user, answer)) => {
                    // Whoever came in before this is among them.
                    pace.round(&mut gathered, |batches| shard.deliver(batches));
                    let _ = answer.send(shard.crowd.addresses(user));
                }
                Next::Told(ToShard::Given(answer)) => {
                    let _ = answer.send(shard.given());
                }
                Next::Round => {
                    pace.round(&mut gathered, |batches| shard.deliver(batches));
                    tokio::task::yield_now().await;
                }
                Next::End => break,
            }
        }
        shard.tasks.close();
        shard.tasks.wait().await;
    }));
}

impl<S: Sequencer> Shard<S> {
    fn connected(self: &Rc<Self>, socket: std::net::TcpStream, place: Place, speaks: Speaks) {
        self.tasks.spawn_local(session::serve(Rc::clone(self), socket, place, speaks));
    }

    /// A connection has ended.
    pub(crate) fn lets_go(&self) {
        self.shared.connections[self.number].fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn register(&self, session: &Rc<Session>) {
        self.all.borrow_mut().insert(session.id, Rc::clone(session));
    }

    /// Forgets a session that was never let in, or whose end is recorded.
    pub(crate) fn unregister(&self, session: &Rc<Session>) {
        self.all.borrow_mut().remove(&session.id);
        self.crowd.go(session);
        self.watch.borrow_mut().forget(session.id);
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
        // And it is the line protocol that is remembered.
        if session.moved.get() > cursor.settled() || session.ignores() || session.speech() != Speech::Line {
            return false;
        }
        let tail = self.tail.borrow();
        let Some(runs) = tail.after(cursor) else { return false };
        self.go_live(session);
        for (run, given) in runs.filter(|(run, _)| self.crowd.includes(&run.to, session)) {
            let bytes = given.to(session.user.get());
            if !session.queue(bytes, run.last, u64::from(run.messages)) {
                self.leave_live(session);
                break;
            }
        }
        true
    }

    /// Asks to be told when everything that was passed on by now has been given; whether it will be.
    pub(crate) fn ask_passed(&self, session: &Session) -> bool {
        session.passed.set(false);
        let shards = self.shared.shards.get();
        let own = shards.and_then(|shards| shards.get(self.number)).and_then(mpsc::WeakSender::upgrade);
        own.is_some_and(|own| own.try_send(ToShard::Passed(session.id)).is_ok())
    }

    /// How far everything has come: what is published by now, and what is on its way to be decided.
    pub(crate) fn mark(&self) -> Mark {
        let decided = self.shared.sequencer.handed_in();
        Mark { upto: Position(self.shared.published.load(Ordering::Acquire)), decided }
    }

    /// Whether everything up to a mark has been delivered here; if not, the session is woken when it is.
    pub(crate) fn reached(&self, mark: Mark, session: &Rc<Session>) -> bool {
        let reached = self.is_past(mark);
        let mut waiting = self.waiting.borrow_mut();
        if !reached && !waiting.iter().any(|(_, other)| other.id == session.id) {
            waiting.push((mark, Rc::clone(session)));
        }
        reached
    }

    fn is_past(&self, mark: Mark) -> bool {
        mark.upto <= self.position.get() && mark.decided <= self.decided.get()
    }

    /// Gives programs what is passed on and not kept.
    fn pass_on(&self, signal: &Signal) {
        let people = self.people.borrow();
        let give = |session: &Rc<Session>| {
            if session.live.get().is_none() {
                return;
            }
            // A slow reader does without.
            let echo = session.id == signal.session && session.user.get() != signal.addressee();
            if echo || !session.idle() || session.ignoring(signal.from) {
                return;
            }
            let mut out = String::new();
            match session.side() {
                Side::Irc(irc) => {
                    signal.show(&mut out, irc.caps.get(), &*people);
                    session.pass(out);
                }
                Side::Json(frames) => {
                    signal.tell(&mut out, &*people);
                    session.pass(frames.one(&out));
                }
                Side::Line => {}
            }
        };
        match &signal.to {
            signal::To::Room(room) => self.crowd.each_in(*room, give),
            signal::To::Among(room, users) => self.crowd.each_in(*room, |session| {
                if users.binary_search(&session.user.get()).is_ok() {
                    give(session);
                }
            }),
            signal::To::User(user) => self.crowd.each(&To::User(*user), give),
            signal::To::Listeners => {
                let all = self.all.borrow();
                all.values()
                    .filter(|one| one.irc.as_ref().is_some_and(|irc| irc.wallops.get()))
                    .for_each(give);
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
