//! Somebody on the line protocol, as with `nc`.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

pub(crate) struct Talker {
    write: TcpStream,
    read: BufReader<TcpStream>,
}

impl Talker {
    /// Joins, and returns once everybody was told.
    pub(crate) fn join(address: SocketAddr, name: &str) -> Self {
        let write = TcpStream::connect(address).unwrap();
        write.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let read = BufReader::new(write.try_clone().unwrap());
        let mut talker = Self { write, read };
        talker.send(name);
        talker.hears(&format!("*** {name} joined the chat ***"));
        talker
    }

    pub(crate) fn send(&mut self, line: &str) {
        writeln!(self.write, "{line}").unwrap();
    }

    /// Sends a line and waits until it is acknowledged: its own line comes back.
    pub(crate) fn says(&mut self, name: &str, text: &str) {
        self.send(text);
        self.hears(&format!("[{name}]: {text}"));
    }

    /// Reads until this line comes; the answer is all that came before it.
    pub(crate) fn hears(&mut self, expected: &str) -> String {
        let mut all = String::new();
        loop {
            let start = all.len();
            let read = self.read.read_line(&mut all);
            assert!(read.is_ok_and(|count| count > 0), "no {expected:?} in: {all}");
            if all[start..].trim_end() == expected {
                all.truncate(start);
                return all;
            }
        }
    }

    /// Comes as somebody registered, with a password, and hears this.
    pub(crate) fn knock(address: SocketAddr, name: &str, password: &str, expected: &str) {
        let write = TcpStream::connect(address).unwrap();
        write.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let read = BufReader::new(write.try_clone().unwrap());
        let mut talker = Self { write, read };
        talker.send(name);
        talker.hears("This name is registered. Its password, please:");
        talker.send(password);
        talker.hears(expected);
    }

    /// Reads until the server closes.
    pub(crate) fn ends(&mut self) {
        let mut line = String::new();
        while self.read.read_line(&mut line).unwrap() > 0 {
            line.clear();
        }
    }
}
