//! Starting and stopping, each one function to be read from top to bottom.

use crate::browsers::Browsers;
use crate::calls::Calls;
use crate::core::Core;
use crate::engine::Engine;
use crate::hooks::{self, Hooks};
use crate::limits::Limits;
use crate::operator::{self, Setup};
use crate::passwords::Passwords;
use crate::people::People;
use crate::reads::Reads;
use crate::sequencer::{Local, Sequencer};
use crate::settings::{Listen, Settings};
use crate::shard::{self, BATCHES, Given, Shared, ToShard};
use crate::{indexer, listener, snapshots, web};
use chatroom_model::{Entry, NodeId, Position, RULES, Request};
use chatroom_store::{Deliveries, Fault, Lock, Reader, Searchers};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A server that runs alone is this node.
const ALONE: NodeId = NodeId(0);
/// Clients that lag behind a mark; with more than this the mark is left for the next time.
const LAGGARDS: usize = 1000;
/// How long clients may take to hear that the server stops.
const FAREWELL: Duration = Duration::from_secs(4);
/// How long the last snapshot may take.
const LAST_SNAPSHOT: Duration = Duration::from_secs(4);

/// A server that runs.
#[derive(Debug)]
pub struct Server {
    settings: Settings,
    addresses: Vec<SocketAddr>,
    admin: Option<SocketAddr>,
    shared: Arc<Shared<Local>>,
    tasks: TaskTracker,
    shards: Vec<JoinHandle<()>>,
    engine: JoinHandle<()>,
    web: web::Threads,
    _lock: Lock,
}

/// What a server that could not start says.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The data folder.
    #[error(transparent)]
    Store(#[from] Fault),
    /// A port.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
}

impl Server {
    /// Starts a server on the current runtime: folder, log, engine, shards, ports, in this order.
    pub fn start(settings: Settings) -> Result<Self, Stopped> {
        settings.folder.create()?;
        let lock = settings.folder.lock()?;
        let mut core = Core::open(&settings.folder)?;
        core.step(&[start_of_run(core.state().position.next())])?;
        let position = core.state().position;
        let incarnation = core.state().incarnation;
        let people = People::of(core.state());
        let nobody_runs_it = !core.state().users().any(|(_, user)| user.operator);

        let mut listeners = Vec::new();
        for Listen { address, speaks } in settings.listen.iter().copied() {
            let listen = |error| Stopped::Listen { address, error };
            listeners.push((listener::bind(address).map_err(listen)?, speaks));
        }
        let admin = settings
            .admin
            .map(|address| listener::bind(address).map_err(|error| Stopped::Listen { address, error }));
        let admin = admin.transpose()?;
        let admin_address = admin.as_ref().and_then(|admin| admin.local_addr().ok());
        let addresses: Vec<_> =
            listeners.iter().filter_map(|(listener, _)| listener.local_addr().ok()).collect();

        let shards = settings.shards.max(1);
        let web = web::Threads::start(shards);
        let sequencer = Arc::new(Local::new());
        // Whoever keeps the limits does not keep the queue: it ends with the engine.
        let queue = Arc::downgrade(&sequencer);
        let fill = move || queue.upgrade().map_or(0, |queue| queue.fill());
        let limits = Arc::new(Limits::new(&settings.limits, Instant::now(), fill));
        // People are served all the same; only what is said goes nowhere else.
        let deliveries = Deliveries::open(&settings.folder, position)
            .inspect_err(|fault| tracing::error!(%fault, "webhooks are off: deliveries.db cannot be opened"));
        let hooks = Arc::new(Hooks::new(deliveries.ok(), &settings.web.hooks.authorities));
        let shared = Arc::new(Shared {
            settings: settings.clone(),
            sequencer: Arc::clone(&sequencer),
            reads: Reads::of(settings.folder.clone(), shards),
            searchers: Arc::new(Searchers::new(settings.folder.clone())),
            bell: indexer::Bell::default(),
            incarnation,
            stores: Arc::new(AtomicBool::new(true)),
            hooks,
            web: web.handle(),
            metrics: Arc::default(),
            limits,
            browsers: Browsers::new(),
            passwords: Passwords::new(settings.passwords),
            calls: Arc::new(Calls::default()),
            setup: Setup::new(nobody_runs_it),
            sessions: AtomicU32::new(1),
            connections: (0..shards).map(|_| AtomicUsize::new(0)).collect(),
            delivered: AtomicU64::new(position.0),
            shards: OnceLock::new(),
            reload: Arc::default(),
            published: Arc::new(AtomicU64::new(position.0)),
            started: Instant::now(),
            stop: CancellationToken::new(),
        });
        let (senders, receivers): (Vec<mpsc::Sender<ToShard>>, Vec<_>) =
            (0..shards).map(|_| mpsc::channel(BATCHES)).unzip();
        let _ = shared.shards.set(senders.iter().map(mpsc::Sender::downgrade).collect());
        let shards = receivers.into_iter().enumerate().map(|(n, told)| {
            let (shared, people) = (Arc::clone(&shared), people.clone());
            thread(format!("shard-{n}"), move || shard::run(shared, n, position, people, told))
        });
        let shards = shards.collect();
        let engine = Engine::new(
            settings.folder.clone(),
            Arc::clone(&sequencer),
            core,
            senders.clone(),
            Arc::clone(&shared.calls),
            (Arc::clone(&shared.published), Arc::clone(&shared.stores)),
            Arc::clone(&shared.hooks),
        );
        let engine = thread("engine".into(), move || engine.run());

        let tasks = TaskTracker::new();
        for (listener, speaks) in listeners {
            tasks.spawn(listener::accept(listener, speaks, Arc::clone(&shared), senders.clone()));
        }
        if let Some(admin) = admin {
            tasks.spawn(web::serve_admin(admin, Arc::clone(&shared), tasks.clone()));
        }
        match operator::Door::open(&settings.folder) {
            Ok(door) => {
                tasks.spawn(door.serve(Arc::clone(&shared), addresses.clone(), tasks.clone()));
            }
            // People are served all the same; only the operator's verbs have nobody to talk to.
            Err(error) => tracing::error!(%error, "the operator's socket cannot be made"),
        }
        let stop = shared.stop.clone();
        let (folder, every, keep) = (settings.folder.clone(), settings.snapshot_every, settings.keep);
        tasks.spawn(snapshots::periodically(folder, every, keep, stop));
        tasks.spawn(mark(Arc::clone(&shared), senders));
        tasks.spawn(sweep(Arc::clone(&shared)));
        tasks.spawn(indexer::run(Arc::clone(&shared)));
        tasks.spawn(hooks::run(Arc::clone(&shared)));
        Ok(Self {
            settings,
            addresses,
            admin: admin_address,
            shared,
            tasks,
            shards,
            engine,
            web,
            _lock: lock,
        })
    }

    /// Where it listens, with the real ports.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Where what is counted can be read, with the real port.
    #[must_use]
    pub fn admin(&self) -> Option<SocketAddr> {
        self.admin
    }

    /// The token by which somebody who is registered becomes the first to run the server (`/operator <token>`); nothing when
    /// somebody does already, or it was used. A new one each run, and nowhere on disk.
    #[must_use]
    pub fn setup_token(&self) -> Option<String> {
        self.shared.setup.shown()
    }

    /// What clients may do how often; to be changed while the server runs.
    #[must_use]
    pub fn limits(&self) -> Arc<Limits> {
        Arc::clone(&self.shared.limits)
    }

    /// Rings when somebody asks over IRC that the configuration be read anew.
    #[must_use]
    pub fn reload(&self) -> Arc<tokio::sync::Notify> {
        Arc::clone(&self.shared.reload)
    }

    /// Stops: no more newcomers, tell the clients, record their leaving, close the log, take a snapshot.
    pub async fn stop(self) {
        self.shared.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        let shards = self.shards;
        let (engine, web) = (self.engine, self.web);
        let sequencer = Arc::clone(&self.shared.sequencer);
        let settings = self.settings;
        let stopping = tokio::task::spawn_blocking(move || {
            // The engine ends when the queue is closed and empty, and a shard when the engine and the listeners have
            // let go of it and its sessions have ended; sessions end by the stop above, within the farewell.
            let until = Instant::now() + FAREWELL;
            while busy(&self.shared) && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(2));
            }
            sequencer.close();
            let _ = engine.join();
            for shard in shards {
                let _ = shard.join();
            }
            drop(web);
            snapshots::at_the_end(&settings.folder, LAST_SNAPSHOT);
        });
        let _ = stopping.await;
    }
}

fn busy<S>(shared: &Shared<S>) -> bool {
    shared.connections.iter().any(|shard| shard.load(Ordering::Relaxed) > 0)
}

fn start_of_run(position: Position) -> Entry {
    let request = Request::StartNode { node: ALONE };
    Entry { position, time: crate::now(), rules: RULES, salt: rand::random(), request }
}

fn thread(name: String, run: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    std::thread::Builder::new().name(name).spawn(run).expect("a thread can be started when the server starts")
}

/// Notes in the log, now and then, what all clients have certainly been given.
async fn mark<S: Sequencer>(shared: Arc<Shared<S>>, shards: Vec<mpsc::Sender<ToShard>>) {
    let mut marked = Position(0);
    loop {
        tokio::select! {
            () = tokio::time::sleep(shared.settings.mark) => {}
            () = shared.stop.cancelled() => return,
        }
        // The mark itself is an entry: without anything else there is nothing new to note.
        if shared.delivered.load(Ordering::Relaxed) <= marked.next().0 {
            continue;
        }
        let mut upto = Position(u64::MAX);
        let mut except = Vec::new();
        for shard in &shards {
            let (answer, given) = oneshot::channel();
            if shard.send(ToShard::Given(answer)).await.is_err() {
                return;
            }
            let Ok(Given { upto: shard_upto, except: behind }) = given.await else { return };
            upto = upto.min(shard_upto);
            except.extend(behind);
        }
        if upto > marked.next() && except.len() <= LAGGARDS {
            if shared.sequencer.submit(Request::MarkSeen { node: ALONE, upto, except }).await.is_err() {
                return;
            }
            marked = upto;
        }
    }
}

/// Reminds the log, now and then, that time has passed: purges become final, and retention takes old messages away.
async fn sweep<S: Sequencer>(shared: Arc<Shared<S>>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(shared.settings.sweep) => {}
            () = shared.stop.cancelled() => return,
        }
        // An entry that does nothing is not worth its place.
        if matches!(shared.reads.read(Reader::sweeps).await, Ok(true))
            && shared.sequencer.submit(Request::Sweep).await.is_err()
        {
            return;
        }
    }
}
