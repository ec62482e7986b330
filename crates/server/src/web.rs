//! The web side of the port: one HTTP connection, served to its end. Knows nothing of what people say.

mod admin;
mod api;
mod assets;
mod begun;
mod front;
mod guard;
mod health;
mod join;
mod metrics;
mod openapi;
mod problem;
mod pulse;
mod quota;
mod stream;

pub(crate) use admin::serve as serve_admin;
pub(crate) use api::{Authors, Caller};
pub(crate) use guard::EVERYWHERE;
pub(crate) use metrics::Metrics;

use crate::drain::{LINGER, drain};
use crate::limits::Place;
use crate::reads;
use crate::sequencer::Sequencer;
use crate::session::Taken;
use crate::shard::Shared;
use axum::Router;
use axum::extract::Request;
use axum::routing::get;
use begun::Begun;
use bytes::Bytes;
use guard::Gate;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::Service as _;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
pub(crate) use problem::{Problem, over_http};
use pulse::Pulse;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use stream::Hand;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio_util::sync::CancellationToken;

/// Bytes the head of a request may have, in lines and in all.
const HEAD_BYTES: usize = 16 * 1024;
/// Header fields a request may have.
const HEADERS: usize = 64;
/// Requests one HTTP/2 connection may have under way.
const STREAMS: u32 = 32;
/// How long what is under way may take when a connection is to end.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// Which version a connection began in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// HTTP/1.0 or 1.1.
    Http1,
    /// HTTP/2 by prior knowledge.
    Http2,
}

/// What can be set about the web side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The names by which browsers reach the server, besides its addresses, `localhost` and the machine's name.
    pub names: Vec<String>,
    /// How long the head of a request may take, and how long a connection may ask for nothing; up to a quarter more.
    pub idle: Duration,
    /// How long one request may take, its body included.
    pub request: Duration,
    /// To where what is said in rooms may be sent, and how often it is tried.
    pub hooks: crate::hooks::Settings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            names: Vec::new(),
            idle: Duration::from_secs(30),
            request: Duration::from_secs(30),
            hooks: crate::hooks::Settings::default(),
        }
    }
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// What is served on the port.
pub(crate) fn site<S: Sequencer>(shared: &Arc<Shared<S>>) -> Router {
    let gate = Gate::new(&shared.settings.web, Arc::clone(&shared.metrics));
    let (api, described) = api::routes().split_for_parts();
    let routes = Router::new()
        .route("/", get(front::page))
        .route("/assets/{build}/{*path}", get(assets::asset))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready::<S>))
        .nest("/api/v1", api.route("/stream", get(stream::take::<S>)))
        .merge(api::incoming())
        .merge(openapi::routes(described))
        .with_state(Arc::clone(shared));
    gate.around(routes)
}

/// The API alone, for who asks it over a stream.
pub(crate) fn api<S: Sequencer>(shared: &Arc<Shared<S>>) -> Router {
    let routes = Router::new().nest("/api/v1", api::routes().split_for_parts().0);
    routes.fallback(nothing_here).method_not_allowed_fallback(not_so).with_state(Arc::clone(shared))
}

/// Serves a connection of which some bytes were read. Where it is taken over for the stream, that is the answer, with what
/// was read and not looked at.
///
/// It is served by threads of its own: one that gives a message to a thousand people would keep a request waiting as long.
pub(crate) async fn serve<S: Sequencer>(
    shared: &Shared<S>,
    site: Router,
    socket: TcpStream,
    read: Vec<u8>,
    version: Version,
    place: &Place,
) -> Option<(TcpStream, Vec<u8>, Taken)> {
    let connection = Connection::new(shared, Peer(place.address()));
    let socket = socket.into_std().ok()?;
    let serves = async move {
        let socket = TcpStream::from_std(socket).ok()?;
        let (begun, read, taken) = connection.converse(Begun::new(socket, read), version, site).await?;
        let (socket, rest) = begun.into_parts();
        Some((socket.into_std().ok()?, [&read[..], &rest].concat(), taken))
    };
    let (socket, read, taken) = shared.web.spawn(serves).await.ok()??;
    Some((TcpStream::from_std(socket).ok()?, read, taken))
}

/// Threads of the web side, for each processor.
pub(crate) const THREADS: usize = 2;

/// The threads on which the web side is served, until this is dropped.
#[derive(Debug)]
pub(crate) struct Threads(Option<Runtime>);

impl Threads {
    /// So many for each of so many processors: some of them may wait for the disk.
    pub(crate) fn start(processors: usize) -> Self {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(processors * THREADS).max_blocking_threads(2 * processors);
        builder.thread_name("web").enable_all().on_thread_start(reads::may_wait);
        Self(Some(builder.build().expect("a few threads can be started when the server starts")))
    }

    /// By which they are given something to do.
    pub(crate) fn handle(&self) -> Handle {
        self.0.as_ref().expect("they run until they are dropped").handle().clone()
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // Whoever is served has ended with the shard that has the connection; there is nobody to wait for.
        self.0.take().expect("they run until they are dropped").shutdown_background();
    }
}

/// One connection, whatever it asks for.
struct Connection {
    idle: Duration,
    pulse: Arc<Pulse>,
    stop: CancellationToken,
    peer: Peer,
}

impl Connection {
    fn new<S>(shared: &Shared<S>, peer: Peer) -> Self {
        let idle = shared.settings.web.idle;
        // Those who came together are not let go together: it would keep all others waiting for that moment.
        let idle = idle + idle.mul_f64(rand::random_range(0.0..0.25));
        Self { idle, pulse: Arc::default(), stop: shared.stop.clone(), peer }
    }

    /// Answers requests until the client has no more, is silent for too long, or the server stops; or until one takes it over.
    async fn converse(self, io: Begun, version: Version, router: Router) -> Option<(Begun, Bytes, Taken)> {
        let (pulse, peer) = (Arc::clone(&self.pulse), self.peer);
        // Several requests share a connection of HTTP/2: none of them has it.
        let hand = (version == Version::Http1).then(Arc::<Hand>::default);
        let lent = hand.clone();
        let router = TowerToHyperService::new(router);
        let answer = move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            if let Some(hand) = &lent {
                request.extensions_mut().insert(Arc::clone(hand));
            }
            let (router, beat) = (router.clone(), pulse.begin());
            async move {
                let response = router.call(request).await;
                drop(beat);
                response
            }
        };
        let service = hyper::service::service_fn(answer);
        let io = TokioIo::new(io);
        // In boxes of their own, so that each holds what its version needs and not what the other does.
        match version {
            Version::Http1 => {
                let serves = async move {
                    let mut http = http1::Builder::new();
                    http.timer(TokioTimer::new())
                        .half_close(true) // As `printf … | nc` does it.
                        .header_read_timeout(self.idle)
                        .max_headers(HEADERS)
                        .max_buf_size(HEAD_BYTES);
                    let mut connection = http.serve_connection(io, service);
                    let pinned = Pin::new(&mut connection);
                    let taken = self.go_on(pinned, hand, |connection| connection.graceful_shutdown()).await;
                    let parts = connection.into_parts();
                    let io = parts.io.into_inner();
                    if taken.is_none() && !self.stop.is_cancelled() {
                        // It may be sending what it was told not to.
                        let _ = tokio::time::timeout(LINGER, drain(&io.socket)).await;
                    }
                    Some((io, parts.read_buf, taken?))
                };
                Box::pin(serves).await
            }
            Version::Http2 => {
                let serves = async move {
                    let mut http = http2::Builder::new(TokioExecutor::new());
                    http.timer(TokioTimer::new())
                        .max_concurrent_streams(STREAMS)
                        .max_header_list_size(HEAD_BYTES as u32)
                        .max_send_buf_size(HEAD_BYTES);
                    let connection = std::pin::pin!(http.serve_connection(io, service));
                    self.go_on(connection, None, |connection| connection.graceful_shutdown()).await;
                };
                Box::pin(serves).await;
                None
            }
        }
    }

    /// Drives a connection to its end, or until it is taken over. Whoever asks for nothing for too long is asked to go, and
    /// then cut.
    async fn go_on<C: Future>(
        &self,
        mut connection: Pin<&mut C>,
        hand: Option<Arc<Hand>>,
        shut: impl FnOnce(Pin<&mut C>),
    ) -> Option<Taken> {
        let taken = async {
            match &hand {
                Some(hand) => hand.taken().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = &mut connection => return None,
            taken = taken => return Some(taken),
            () = self.pulse.silent_for(self.idle) => {}
            () = self.stop.cancelled() => {}
        }
        shut(connection.as_mut());
        let _ = tokio::time::timeout(LAST_WORDS, connection).await;
        None
    }
}

/// What stands for an answer where there is none.
async fn nothing_here() -> Problem {
    Problem::new(axum::http::StatusCode::NOT_FOUND, "not-found", "There is nothing at this address")
}

/// What stands for an answer to a method that is not understood there.
async fn not_so() -> Problem {
    Problem::new(
        axum::http::StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "This address does not take that method",
    )
}
