//! Somebody on the stream: over a WebSocket, frame by frame, or by Server-Sent Events.

use crate::caller::Caller;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Comes in as a guest; the key.
pub(crate) fn comes(address: SocketAddr, name: &str) -> String {
    let (status, came) = asks(address, "", "POST", "/sessions", &json!({"name": name}));
    assert_eq!(status, 201, "{came}");
    came["key"].as_str().unwrap().to_owned()
}

/// Asks the API over HTTP.
pub(crate) fn asks(address: SocketAddr, key: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let mut caller = Caller::connect(address);
    let body = if body.is_null() { String::new() } else { body.to_string() };
    caller.say(&format!(
        "{method} /api/v1{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    let answer = caller.hear(false);
    let body = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
    (answer.status, body)
}

/// Says something in the lobby.
pub(crate) fn says(address: SocketAddr, key: &str, text: &str) -> Value {
    let (status, said) = asks(address, key, "POST", "/rooms/lobby/messages", &json!({"text": text}));
    assert_eq!(status, 201, "{said}");
    said
}

/// A WebSocket.
pub(crate) struct Socket {
    from: BufReader<TcpStream>,
    to: TcpStream,
}

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Text(String),
    Pong(Vec<u8>),
    Close(u16, String),
    End,
}

pub(crate) fn opening(key: &str, query: &str, more: &str) -> String {
    format!(
        "GET /api/v1/stream{query} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nConnection: keep-alive, Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n"
    )
}

impl Socket {
    /// Opens the stream; what came first is the hello.
    pub(crate) fn open(address: SocketAddr, key: &str, query: &str) -> (Self, Value) {
        Self::open_saying(address, key, query, &[])
    }

    /// The same, with frames that follow at once.
    pub(crate) fn open_saying(address: SocketAddr, key: &str, query: &str, more: &[u8]) -> (Self, Value) {
        let to = TcpStream::connect(address).unwrap();
        to.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let mut socket = Self { from: BufReader::new(to.try_clone().unwrap()), to };
        let mut first = opening(key, query, "").into_bytes();
        first.extend_from_slice(more);
        socket.to.write_all(&first).unwrap();
        let head = socket.head();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "{head}");
        let hello = socket.json();
        assert_eq!(hello["type"], "hello", "{hello}");
        (socket, hello)
    }

    fn head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.from.read_line(&mut head).unwrap() > 0, "{head}");
        }
        head
    }

    /// Says bytes as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.to.write_all(bytes).unwrap();
    }

    /// Says a frame.
    pub(crate) fn frame(&mut self, first: u8, bytes: &[u8]) {
        self.raw(&frame(first, bytes));
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.frame(0x81, text.as_bytes());
    }

    /// Asks the API over it; what else is heard until the answer is thrown away.
    pub(crate) fn asks(&mut self, asked: &Value) -> Value {
        self.text(&asked.to_string());
        self.until(|heard| heard["type"] == "answer" && heard["id"] == asked["id"])
    }

    /// The next thing of a kind.
    pub(crate) fn until(&mut self, is: impl Fn(&Value) -> bool) -> Value {
        loop {
            let heard = self.json();
            if is(&heard) {
                return heard;
            }
        }
    }

    /// The next event of a name.
    pub(crate) fn event(&mut self, name: &str) -> Value {
        self.until(|heard| heard["type"] == "event" && heard["event"] == name)
    }

    pub(crate) fn json(&mut self) -> Value {
        match self.hear() {
            Heard::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// The next frame.
    pub(crate) fn hear(&mut self) -> Heard {
        let mut head = [0; 2];
        if self.from.read_exact(&mut head).is_err() {
            return Heard::End;
        }
        assert_eq!(head[1] & 0x80, 0, "a server does not mask");
        let length = match head[1] {
            126 => u64::from(u16::from_be_bytes(self.bytes())),
            127 => u64::from_be_bytes(self.bytes()),
            short => u64::from(short),
        };
        let mut bytes = vec![0; usize::try_from(length).unwrap()];
        self.from.read_exact(&mut bytes).unwrap();
        match head[0] {
            0x81 => Heard::Text(String::from_utf8(bytes).unwrap()),
            0x8a => Heard::Pong(bytes),
            0x88 => {
                let code = u16::from_be_bytes(*bytes.first_chunk().unwrap());
                Heard::Close(code, String::from_utf8(bytes[2..].to_vec()).unwrap())
            }
            other => panic!("a frame of {other:#x}"),
        }
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes).unwrap();
        bytes
    }
}

/// A masked frame.
pub(crate) fn frame(first: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    match bytes.len() {
        short @ 0..=125 => out.push(0x80 | short as u8),
        middle @ 126..=0xffff => {
            out.push(0x80 | 126);
            out.extend((middle as u16).to_be_bytes());
        }
        long => {
            out.push(0x80 | 127);
            out.extend((long as u64).to_be_bytes());
        }
    }
    let mask = [0x12, 0x34, 0x56, 0x78];
    out.extend(mask);
    out.extend(bytes.iter().zip(mask.into_iter().cycle()).map(|(byte, mask)| byte ^ mask));
    out
}

/// Somebody on the stream by Server-Sent Events.
pub(crate) struct Events(BufReader<TcpStream>);

impl Events {
    pub(crate) fn open(address: SocketAddr, key: &str, query: &str, more: &str) -> Self {
        let mut to = TcpStream::connect(address).unwrap();
        to.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let asked = format!(
            "GET /api/v1/stream{query} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\
             Accept: text/event-stream\r\n{more}\r\n"
        );
        to.write_all(asked.as_bytes()).unwrap();
        let mut events = Self(BufReader::new(to));
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(events.0.read_line(&mut head).unwrap() > 0, "{head}");
        }
        assert!(head.contains("Content-Type: text/event-stream\r\n"), "{head}");
        events
    }

    /// The next event: its id, where it has one, and what it says.
    pub(crate) fn next(&mut self) -> (Option<u64>, Value) {
        let (mut id, mut data) = (None, String::new());
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "the stream ended");
            match line.trim_end().split_once(": ") {
                Some(("id", value)) => id = value.parse().ok(),
                Some(("data", value)) => data.push_str(value),
                _ if line == "\n" => return (id, serde_json::from_str(&data).unwrap()),
                _ => {}
            }
        }
    }
}
