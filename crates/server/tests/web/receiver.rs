//! Somebody to whom a room is sent: a small server of HTTP on loopback that answers as a test wants it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver as Queue, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

/// How long is waited for what must come.
const LONG: Duration = Duration::from_secs(30);

/// What is answered.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Status(u16),
    /// Somewhere else.
    Moved(String),
    /// Nothing, for as long as the receiver is there.
    Silence,
    /// More than anybody wants to hear.
    Endless,
}

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) head: String,
    pub(crate) body: String,
}

/// The receiver.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    got: Queue<Got>,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("no {name} in {}", self.head))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// What was said, where it is a message.
    pub(crate) fn text(&self) -> String {
        self.json()["event"]["message"]["text"].as_str().unwrap_or_default().to_owned()
    }

    /// Whether it is from whoever knows the secret.
    pub(crate) fn is_signed_by(&self, secret: &str) -> bool {
        let secret = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        assert_eq!(secret.len(), 32);
        let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
        let (id, at) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        mac.update(format!("{id}.{at}.{}", self.body).as_bytes());
        self.header("webhook-signature") == format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl Receiver {
    /// One that answers by a rule; the rule is told how many requests came before.
    pub(crate) fn start(reply: impl FnMut(usize, &Got) -> Reply + Send + 'static) -> Self {
        Self::speaking(|socket| socket, reply)
    }

    /// One that speaks TLS.
    pub(crate) fn tls(
        config: ServerConfig,
        reply: impl FnMut(usize, &Got) -> Reply + Send + 'static,
    ) -> Self {
        let config = Arc::new(config);
        let speaks =
            move |socket| StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), socket);
        Self::speaking(speaks, reply)
    }

    fn speaking<S: Read + Write + Send>(
        speaks: impl Fn(TcpStream) -> S + Send + Sync + 'static,
        reply: impl FnMut(usize, &Got) -> Reply + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, got) = channel();
        let (reply, speaks) = (Arc::new(Mutex::new((0, reply))), Arc::new(speaks));
        // It lives as long as the test's process, and waits for nobody.
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let (reply, speaks, tell) = (Arc::clone(&reply), Arc::clone(&speaks), tell.clone());
                std::thread::spawn(move || answer(speaks(socket.unwrap()), &reply, &tell));
            }
        });
        Self { address, got }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/in?key=1", self.address)
    }

    /// What comes next.
    pub(crate) fn next(&self) -> Got {
        self.got.recv_timeout(LONG).expect("something comes")
    }

    /// The texts of so many messages that come next.
    pub(crate) fn texts(&self, n: usize) -> Vec<String> {
        (0..n).map(|_| self.next().text()).collect()
    }

    /// Whether nothing has come that was not taken yet.
    pub(crate) fn is_quiet(&self) -> bool {
        self.got.try_recv().is_err()
    }
}

type Rule<F> = Mutex<(usize, F)>;

fn answer<S: Read + Write, F: FnMut(usize, &Got) -> Reply>(socket: S, reply: &Rule<F>, tell: &Sender<Got>) {
    let mut from = BufReader::new(socket);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if from.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    let mut got = Got { head, body: String::new() };
    let mut body = vec![0; got.header("content-length").parse().unwrap()];
    from.read_exact(&mut body).unwrap();
    got.body = String::from_utf8(body).unwrap();
    let reply = {
        let (before, rule) = &mut *reply.lock().unwrap();
        *before += 1;
        let reply = rule(*before - 1, &got);
        tell.send(got).unwrap();
        reply
    };
    let to = from.get_mut();
    let _ = match reply {
        Reply::Status(status) => {
            write!(to, "HTTP/1.1 {status} X\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        }
        Reply::Moved(url) => write!(to, "HTTP/1.1 307 X\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n"),
        // Until the other side has had enough.
        Reply::Silence => from.read_to_end(&mut Vec::new()).map(drop),
        Reply::Endless => {
            let head = write!(to, "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n");
            while write!(to, "1000\r\n{}\r\n", "x".repeat(0x1000)).is_ok() {}
            head
        }
    };
    let _ = from.get_mut().flush();
}
