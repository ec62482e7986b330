//! The operator's socket: a file in the data folder that only its owner may use, a call a line, a reply a line.

mod setup;

pub(crate) use setup::Setup;

use crate::batch::What;
use crate::sequencer::Sequencer;
use crate::shard::Shared;
use chatroom_store::Folder;
use chatroom_wire::operator::{CALL_MAX, Call, Question, Reply, SOCKET, Status};
use socket2::{Domain, SockAddr, Socket, Type};
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

/// Connections at once; past this the next is told so and closed.
const CONNECTIONS: usize = 8;
/// How long a connection may be silent, and how long it may take to read its reply.
const PATIENCE: Duration = Duration::from_secs(30);

/// The socket, in place.
#[derive(Debug)]
pub(crate) struct Door {
    listener: UnixListener,
    path: PathBuf,
}

impl Door {
    /// Puts the socket into the folder. Whoever does this has the folder's lock: a socket that stands there is a leftover.
    pub(crate) fn open(folder: &Folder) -> io::Result<Self> {
        let path = folder.path().join(SOCKET);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.bind(&SockAddr::unix(&path)?)?;
        // Nobody can connect before it listens, so there is no moment at which others may.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        socket.listen(CONNECTIONS as i32)?;
        socket.set_nonblocking(true)?;
        let listener = UnixListener::from_std(std::os::unix::net::UnixListener::from(
            std::os::fd::OwnedFd::from(socket),
        ))?;
        Ok(Self { listener, path })
    }

    /// Serves the operator until the server stops; then the socket is gone.
    pub(crate) async fn serve<S: Sequencer>(
        self,
        shared: Arc<Shared<S>>,
        listen: Vec<SocketAddr>,
        tasks: TaskTracker,
    ) {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let listen: Arc<[SocketAddr]> = listen.into();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = shared.stop.cancelled() => break,
            };
            let Ok((mut stream, _)) = accepted else {
                tokio::time::sleep(Duration::from_millis(50)).await; // No descriptor is free.
                continue;
            };
            if !trusted(&stream) {
                tracing::warn!("somebody else is at the operator's socket: turned away");
                continue;
            }
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                let line = Reply::Error("too many are at the operator's socket".into()).line() + "\n";
                let _ = stream.try_write(line.as_bytes());
                let _ = stream.shutdown().await;
                continue;
            };
            let caller = Caller { shared: Arc::clone(&shared), listen: Arc::clone(&listen), stream };
            tasks.spawn(async move {
                caller.serve().await;
                drop(place);
            });
        }
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether it is the owner of the server's process, or root: the file's rights say so already, and a copy of its descriptor
/// may have gone elsewhere.
fn trusted(stream: &UnixStream) -> bool {
    let own = rustix::process::geteuid().as_raw();
    stream.peer_cred().is_ok_and(|peer| peer.uid() == own || peer.uid() == 0)
}

/// Somebody at the socket.
struct Caller<S> {
    shared: Arc<Shared<S>>,
    listen: Arc<[SocketAddr]>,
    stream: UnixStream,
}

impl<S: Sequencer> Caller<S> {
    async fn serve(mut self) {
        let mut unread = Vec::new();
        while let Some(line) = self.line(&mut unread).await {
            let reply = match line {
                Ok(line) => self.answer(&line).await,
                Err(reply) => reply,
            };
            let text = reply.line() + "\n";
            let written = tokio::time::timeout(PATIENCE, self.stream.write_all(text.as_bytes())).await;
            if !matches!(written, Ok(Ok(()))) {
                return;
            }
        }
    }

    /// The next line; nothing when there are no more. One that is too long ends the conversation after its reply.
    async fn line(&mut self, unread: &mut Vec<u8>) -> Option<Result<String, Reply>> {
        loop {
            if let Some(end) = unread.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = unread.drain(..=end).take(end).collect();
                return Some(String::from_utf8(line).map_err(|_| Reply::Error("a call is UTF-8".into())));
            }
            if unread.len() > CALL_MAX {
                let reply = Reply::Error(format!("a call has at most {CALL_MAX} bytes")).line() + "\n";
                let _ = tokio::time::timeout(PATIENCE, self.stream.write_all(reply.as_bytes())).await;
                return None;
            }
            let mut buffer = [0; 2048];
            let room = buffer.len().min(CALL_MAX + 2 - unread.len());
            let part = buffer.get_mut(..room)?;
            let read = tokio::select! {
                read = tokio::time::timeout(PATIENCE, self.stream.read(part)) => read.ok()?.ok()?,
                () = self.shared.stop.cancelled() => return None,
            };
            if read == 0 {
                return None;
            }
            unread.extend_from_slice(buffer.get(..read)?);
        }
    }

    async fn answer(&self, line: &str) -> Reply {
        match Call::read(line) {
            Err(why) => Reply::Error(why),
            Ok(Call::Ask(Question::Status)) => Reply::Status(self.status()),
            Ok(Call::Deed(deed)) => match self.shared.calls.act(&*self.shared.sequencer, deed).await {
                Ok(what) => reply(what),
                Err(why) => Reply::Error(why.to_string()),
            },
        }
    }

    fn status(&self) -> Status {
        let shared = &self.shared;
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            uptime: shared.started.elapsed().as_secs(),
            listen: self.listen.iter().map(ToString::to_string).collect(),
            connections: shared.connections.iter().map(|shard| shard.load(Ordering::Relaxed)).sum(),
            position: shared.delivered.load(Ordering::Relaxed),
            queue: shared.sequencer.fill(),
        }
    }
}

fn reply(what: What) -> Reply {
    match what {
        What::Done { .. } | What::Again(_) | What::Said(_) => Reply::Done,
        What::Refused(refusal) => Reply::Refused(refusal.to_string()),
        What::NotStored(why) => Reply::NotStored(why),
        What::NotConfirmed(why) => Reply::NotConfirmed(why),
    }
}
