//! Programs that ask for pages of a room's history at a fixed rate, each answer checked. Owns a thread a caller. Knows the HTTP
//! that it says itself, and no more of it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use hdrhistogram::Histogram;
use serde_json::Value;

use super::crowd::STALL;
use super::load::nanoseconds;
use super::stream::shown;

/// Connections that ask, in turn.
pub(super) const CALLERS: u32 = 16;
/// Messages on a page.
pub(super) const PAGE: u64 = 50;
/// Who fills the room comes into it by events of its own, which stand before this number.
const FIRST: u64 = 1000;
/// No answer is longer.
const LONGEST: usize = 1 << 20;

/// Callers under way.
pub(super) struct Pages {
    ended: Arc<AtomicBool>,
    callers: Vec<JoinHandle<Result<Histogram<u64>>>>,
}

impl Pages {
    /// `rate` pages a second of the lobby, all callers together, each somewhere among its first `messages`.
    pub(super) fn start(address: SocketAddr, name: &str, rate: u32, messages: u64) -> Result<Self> {
        let ended = Arc::new(AtomicBool::new(false));
        let mut first = Caller::connect(address)?;
        let key = first.come_in(name)?;
        // Each is as far apart from the next as two pages are.
        let period = Duration::from_secs(1) / rate;
        let begun = Instant::now();
        let callers = (0..CALLERS).map(|number| {
            let (ended, key) = (Arc::clone(&ended), key.clone());
            let mut caller = Caller::connect(address)?;
            let asks =
                move || caller.ask_on(&key, messages, begun + period * number, period * CALLERS, &ended);
            Ok(std::thread::spawn(asks))
        });
        Ok(Self { callers: callers.collect::<Result<_>>()?, ended })
    }

    /// No more is asked; how long each answer took from the moment it was due to be asked, in nanoseconds.
    pub(super) fn stop(self) -> Result<Histogram<u64>> {
        self.ended.store(true, Ordering::Relaxed);
        let mut all = nanoseconds();
        for caller in self.callers {
            let times = caller.join().map_err(|_| anyhow!("a caller has panicked"))??;
            all.add(times).context("all have the same bounds")?;
        }
        ensure!(!all.is_empty(), "no page was asked for");
        Ok(all)
    }
}

/// One connection of HTTP/1.1 that is kept.
struct Caller {
    socket: TcpStream,
    /// What has come and was not looked at.
    came: Vec<u8>,
}

impl Caller {
    fn connect(address: SocketAddr) -> Result<Self> {
        let socket = TcpStream::connect(address).context("cannot connect")?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(STALL))?;
        Ok(Self { socket, came: Vec::new() })
    }

    /// Comes in as a guest; answers the key.
    fn come_in(&mut self, name: &str) -> Result<String> {
        let body = format!(r#"{{"name":"{name}"}}"#);
        let head = "POST /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
        write!(self.socket, "{head}Content-Length: {}\r\n\r\n{body}", body.len())?;
        let told = self.answer()?;
        Ok(told["key"].as_str().context("no key in the answer")?.to_owned())
    }

    fn ask_on(
        &mut self,
        key: &str,
        messages: u64,
        mut due: Instant,
        period: Duration,
        ended: &AtomicBool,
    ) -> Result<Histogram<u64>> {
        let mut times = nanoseconds();
        while !ended.load(Ordering::Relaxed) {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let before = rand::random_range(FIRST..FIRST.max(messages) + 1);
            write!(
                self.socket,
                "GET /api/v1/rooms/lobby/messages?before={before}&limit={PAGE} HTTP/1.1\r\nHost: localhost\r\n\
                 Authorization: Bearer {key}\r\n\r\n"
            )?;
            let page = self.answer()?;
            // From when it was due: a caller that waits for a slow answer does not hide the next.
            times.saturating_record(due.elapsed().as_nanos().try_into().unwrap_or(u64::MAX));
            check(&page, before)?;
            due += period;
        }
        Ok(times)
    }

    /// Reads one answer, which has to be a good one.
    fn answer(&mut self) -> Result<Value> {
        let head = loop {
            if let Some(end) = self.came.windows(4).position(|end| end == b"\r\n\r\n") {
                break end + 4;
            }
            self.more()?;
        };
        let said = String::from_utf8_lossy(&self.came[..head]).to_ascii_lowercase();
        let length = said.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.context("an answer without a length")?.parse()?;
        while self.came.len() < head + length {
            self.more()?;
        }
        let body = &self.came[head..head + length];
        if !said.starts_with("http/1.1 2") {
            bail!("the server refused: `{}`", shown(body));
        }
        let told = serde_json::from_slice(body).context("an answer that is not JSON")?;
        self.came.drain(..head + length);
        Ok(told)
    }

    fn more(&mut self) -> Result<()> {
        ensure!(self.came.len() < LONGEST, "an answer without end");
        let mut buffer = [0; 16 << 10];
        let got = self.socket.read(&mut buffer).context("cannot read an answer")?;
        ensure!(got > 0, "the server closed a caller's connection");
        self.came.extend_from_slice(&buffer[..got]);
        Ok(())
    }
}

/// A page is full, in order, and ends where it was asked to.
fn check(page: &Value, before: u64) -> Result<()> {
    let messages = page["messages"].as_array().context("no messages in the answer")?;
    let mut last = 0;
    for message in messages {
        let seq = message["seq"].as_u64().context("a message without a number")?;
        ensure!(last < seq && seq < before, "message {seq} stands behind {last} on a page before {before}");
        last = seq;
    }
    ensure!(messages.len() as u64 == PAGE, "{} messages on a page before {before}", messages.len());
    Ok(())
}
