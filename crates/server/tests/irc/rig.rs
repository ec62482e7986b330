//! A server inside the test.

use chatroom_server::passwords::Cost;
use chatroom_server::{Server, Settings};
use chatroom_store::Folder;
use std::net::SocketAddr;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

/// A server, with the thread its listeners live on.
#[allow(dead_code, reason = "each suite of tests uses what it needs")]
pub(crate) struct Rig {
    server: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
    pub(crate) address: SocketAddr,
    /// All of them.
    pub(crate) addresses: Vec<SocketAddr>,
    /// Where what is counted can be read.
    pub(crate) admin: Option<SocketAddr>,
    _folder: tempfile::TempDir,
}

impl Rig {
    /// Starts one; what is special about it is set by `set`.
    pub(crate) fn start(set: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let mut settings = Settings::new(Folder::new(folder.path().join("chatdata")));
        settings.listen = vec![SocketAddr::from(([127, 0, 0, 1], 0)).into()];
        settings.detect = Duration::from_millis(5);
        settings.shards = 2;
        settings.passwords = Cost { memory_kib: 8, passes: 1, scram: 4096 };
        settings.irc.operators = vec![("operuser".into(), "operpassword".into())];
        set(&mut settings);
        let (stop, stopped) = oneshot::channel();
        let (started, addresses) = std::sync::mpsc::sync_channel(1);
        let thread = std::thread::spawn(move || {
            Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
                let server = Server::start(settings).unwrap();
                started.send((server.addresses().to_vec(), server.admin())).unwrap();
                let _ = stopped.await;
                server.stop().await;
            });
        });
        let (addresses, admin): (Vec<SocketAddr>, _) = addresses.recv().unwrap();
        Self { server: Some((stop, thread)), address: addresses[0], addresses, admin, _folder: folder }
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.server.take() {
            let _ = stop.send(());
            thread.join().unwrap();
        }
    }
}
