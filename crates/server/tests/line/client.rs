//! A server inside the test, and clients that read when they are told to. Every byte they are given is kept.

use chatroom_server::passwords::Cost;
use chatroom_server::{Server, Settings};
use chatroom_store::Folder;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

/// Within this a line that must come has come.
const DEADLINE: Duration = Duration::from_secs(30);

/// A server, with the thread its listeners live on.
pub(crate) struct Rig {
    server: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
    pub(crate) address: SocketAddr,
    pub(crate) folder: tempfile::TempDir,
}

impl Rig {
    pub(crate) fn start() -> Self {
        Self::start_in(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap())
    }

    /// One that goes on with the log there.
    pub(crate) fn start_in(folder: tempfile::TempDir) -> Self {
        let mut settings = Settings::new(Folder::new(folder.path().join("chatdata")));
        settings.listen = vec![SocketAddr::from(([127, 0, 0, 1], 0)).into()];
        settings.detect = Duration::from_millis(5);
        settings.shards = 2;
        settings.passwords = Cost { memory_kib: 8, passes: 1, scram: 4096 };
        let (stop, stopped) = oneshot::channel();
        let (started, address) = std::sync::mpsc::sync_channel(1);
        let thread = std::thread::spawn(move || {
            Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
                let server = Server::start(settings).unwrap();
                started.send(server.addresses()[0]).unwrap();
                let _ = stopped.await;
                server.stop().await;
            });
        });
        Self { server: Some((stop, thread)), address: address.recv().unwrap(), folder }
    }

    /// Ends the server in order.
    pub(crate) fn stop(&mut self) {
        if let Some((stop, thread)) = self.server.take() {
            let _ = stop.send(());
            thread.join().unwrap();
        }
    }

    /// Somebody new, or who is opened by what these lines say.
    pub(crate) fn enter(&self, login: &str) -> Client {
        let mut client = Client::connect(self.address, login.as_bytes());
        client.until(|line| line.starts_with("Welcome, "));
        client.settle();
        client
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A client of the line protocol.
pub(crate) struct Client {
    from: BufReader<TcpStream>,
    to: TcpStream,
    marks: u32,
    /// All that was given to it.
    pub(crate) heard: Vec<u8>,
}

impl Client {
    /// Connects and says its first lines. Its kernel takes little that it does not read.
    pub(crate) fn connect(address: SocketAddr, login: &[u8]) -> Self {
        let domain = socket2::Domain::for_address(address);
        let socket = socket2::Socket::new(domain, socket2::Type::STREAM, None).unwrap();
        socket.set_recv_buffer_size(8 * 1024).unwrap();
        socket.connect(&address.into()).unwrap();
        let to = TcpStream::from(socket);
        to.set_nodelay(true).unwrap();
        to.set_read_timeout(Some(DEADLINE)).unwrap();
        let from = BufReader::new(to.try_clone().unwrap());
        let mut client = Self { from, to, marks: 0, heard: Vec::new() };
        client.raw(login);
        client
    }

    pub(crate) fn raw(&mut self, line: &[u8]) {
        let mut line = line.to_vec();
        line.push(b'\n');
        // The server may have closed already; then the end is what will be read.
        let _ = self.to.write_all(&line);
    }

    pub(crate) fn say(&mut self, line: &str) {
        self.raw(line.as_bytes());
    }

    /// The next line; none when the server has closed.
    pub(crate) fn hear(&mut self) -> Option<String> {
        let mut line = Vec::new();
        self.from.read_until(b'\n', &mut line).expect("a line that must come has come in time");
        self.heard.extend(&line);
        let line = line.strip_suffix(b"\n")?;
        Some(String::from_utf8(line.to_vec()).expect("what a client is given is UTF-8"))
    }

    /// Every line until one that is meant, that one too; all of them when the server closes.
    pub(crate) fn until(&mut self, is_it: impl Fn(&str) -> bool) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(line) = self.hear() {
            let found = is_it(&line);
            lines.push(line);
            if found {
                break;
            }
        }
        lines
    }

    /// Everything up to the answer to all that was asked.
    pub(crate) fn settle(&mut self) -> Vec<String> {
        self.marks += 1;
        let mark = format!("mark{}", self.marks);
        self.say(&format!("/{mark}"));
        let mark = format!("Unknown: /{mark}");
        let mut lines = self.until(|line| line == mark);
        lines.pop();
        lines
    }

    /// Says something and hears all that follows.
    pub(crate) fn ask(&mut self, line: &str) -> Vec<String> {
        self.say(line);
        self.settle()
    }

    /// The token by which it comes back, as a first line.
    pub(crate) fn token(&mut self) -> String {
        let lines = self.ask("/token");
        let line = lines.iter().find_map(|line| line.trim_start().strip_prefix("reconnect:"));
        format!("reconnect:{}", line.expect("a token is told"))
    }

    /// Ends its side and reads to the end.
    pub(crate) fn end(mut self) -> Vec<u8> {
        let _ = self.to.shutdown(Shutdown::Write);
        let _ = self.from.read_to_end(&mut self.heard);
        self.heard
    }
}
