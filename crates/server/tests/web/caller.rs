//! Somebody who asks by HTTP/1.1, byte for byte as a test wants it.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A connection.
pub(crate) struct Caller {
    from: BufReader<TcpStream>,
    to: TcpStream,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// A header that stands there once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(other, _)| other == name).map(|(_, value)| &**value);
        let first = found.next();
        assert_eq!(found.next(), None, "{name} stands there twice");
        first
    }
}

impl Caller {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let to = TcpStream::connect(address).unwrap();
        to.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        Self { from: BufReader::new(to.try_clone().unwrap()), to }
    }

    pub(crate) fn say(&mut self, text: &str) {
        self.to.write_all(text.as_bytes()).unwrap();
    }

    /// Says something and listens for a moment; whether the other side has ended by then.
    pub(crate) fn is_cut_after(&mut self, text: &str, moment: Duration) -> bool {
        if self.to.write_all(text.as_bytes()).is_err() {
            return true;
        }
        self.to.set_read_timeout(Some(moment)).unwrap();
        match self.from.read(&mut [0; 4096]) {
            Ok(heard) => heard == 0,
            Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        }
    }

    /// The next answer; `head` is whether it is one without a body.
    pub(crate) fn hear(&mut self, head: bool) -> Answer {
        let status = self.line();
        let status =
            status.split(' ').nth(1).unwrap_or_else(|| panic!("no status in {status:?}")).parse().unwrap();
        let mut headers = Vec::new();
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(": ") else { break };
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let mut answer = Answer { status, headers, body: String::new() };
        let length: usize = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; if head { 0 } else { length }];
        self.from.read_exact(&mut body).unwrap();
        answer.body = String::from_utf8(body).unwrap();
        answer
    }

    /// What comes until the other side ends.
    pub(crate) fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        // A connection that is reset has ended too.
        let _ = self.from.read_to_end(&mut rest);
        String::from_utf8_lossy(&rest).into_owned()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

/// Sends one request with a body and hears the answer; `more` is further header fields, a line each.
pub(crate) fn send(address: SocketAddr, method: &str, path: &str, more: &str, body: &[u8]) -> Answer {
    let mut caller = Caller::connect(address);
    let (port, length) = (address.port(), body.len());
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: {length}\r\n{more}\r\n"
    );
    // A server that has heard enough may have answered and ended already.
    let _ = caller.to.write_all(&[head.as_bytes(), body].concat());
    caller.hear(method == "HEAD")
}

/// Asks one thing; `more` is further header fields, a line each.
pub(crate) fn ask(address: SocketAddr, method: &str, path: &str, more: &str) -> Answer {
    ask_of(address, &format!("localhost:{}", address.port()), method, path, more)
}

/// The same of a host by some name.
pub(crate) fn ask_of(address: SocketAddr, host: &str, method: &str, path: &str, more: &str) -> Answer {
    let mut caller = Caller::connect(address);
    caller.say(&format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n"));
    caller.hear(method == "HEAD")
}
