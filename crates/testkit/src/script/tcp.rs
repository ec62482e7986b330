//! Holds a conversation with a real server over its line protocol. Knows when nothing more will come without waiting
//! for silence: a hidden somebody marks the end of what happened with a direct message, which comes after all of it.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use chatroom_wire::line::heard::Heard;
use chatroom_wire::line::{help, words};

use super::{Runner, Step};

/// Within this a line that must come has come.
const DEADLINE: Duration = Duration::from_secs(20);
/// Who marks; never shown.
const MARKER: &str = "marker";

/// A conversation over the line protocol.
pub struct TcpRunner {
    address: SocketAddr,
    marker: Line,
    marks: u32,
    people: HashMap<String, Person>,
    /// The lines of the greeting that are the same for everybody, shown only to those who ask for them.
    greeting: Option<Vec<String>>,
}

#[derive(Default)]
struct Person {
    /// What the server knows it by.
    name: String,
    line: Option<Line>,
    /// It has been let in: its end will be told.
    is_in: bool,
    token: Option<String>,
    seen: Vec<String>,
}

/// One connection.
struct Line {
    from: BufReader<TcpStream>,
    to: TcpStream,
}

impl Line {
    fn open(address: SocketAddr, login: &str) -> anyhow::Result<Self> {
        let to = TcpStream::connect(address).context("connecting")?;
        to.set_nodelay(true)?;
        to.set_read_timeout(Some(DEADLINE))?;
        let mut line = Self { from: BufReader::new(to.try_clone()?), to };
        line.say(login)?;
        Ok(line)
    }

    fn say(&mut self, text: &str) -> anyhow::Result<()> {
        self.to.write_all(format!("{text}\n").as_bytes()).context("writing")
    }

    /// The next line, without its end; `None` when the server has closed.
    fn hear(&mut self) -> anyhow::Result<Option<String>> {
        let mut line = String::new();
        self.from.read_line(&mut line).with_context(|| format!("no further line in {DEADLINE:?}"))?;
        let Some(line) = line.strip_suffix('\n') else { return Ok(None) };
        Ok(Some(line.into()))
    }

    /// Every line until one that is meant; whether it came.
    fn hear_until(&mut self, seen: &mut Vec<String>, is_it: impl Fn(&str) -> bool) -> anyhow::Result<bool> {
        while let Some(line) = self.hear()? {
            if is_it(&line) {
                return Ok(true);
            }
            seen.push(line);
        }
        Ok(false)
    }
}

impl TcpRunner {
    /// Joins an empty server as the one who marks. Greetings are left out of what is seen.
    pub fn new(address: SocketAddr) -> anyhow::Result<Self> {
        let mut greeting = String::new();
        help::greeting(&mut greeting);
        let greeting = Some(greeting.lines().map(str::to_owned).collect());
        let marker = Line::open(address, MARKER)?;
        let mut runner = Self { address, marker, marks: 0, people: HashMap::new(), greeting };
        runner.settle_marker()?;
        Ok(runner)
    }

    /// The same, with every line of every greeting.
    pub fn with_greetings(address: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self { greeting: None, ..Self::new(address)? })
    }

    fn settle_marker(&mut self) -> anyhow::Result<()> {
        self.marks += 1;
        let answer = format!("{}mark-{}", words::UNKNOWN, self.marks);
        self.marker.say(&format!("/mark-{}", self.marks))?;
        ensure!(self.marker.hear_until(&mut Vec::new(), |line| line == answer)?, "the marker was cut off");
        Ok(())
    }

    /// Waits until the one who acted has had the answer to it, or was closed.
    fn settle(&mut self, who: &str) -> anyhow::Result<()> {
        self.marks += 1;
        let mark = format!("mark-{}", self.marks);
        let answer = format!("{}{mark}", words::UNKNOWN);
        let person = self.people.get_mut(who).context("nobody of that name has connected")?;
        let Some(line) = &mut person.line else { bail!("{who} is not connected") };
        // The server may have closed already; then the end is what will be read.
        let _ = line.say(&format!("/{mark}"));
        if !line.hear_until(&mut person.seen, |line| line == answer)? {
            person.seen.push("(closed)".into());
            person.line = None;
            if person.is_in {
                person.is_in = false;
                self.wait_until_gone(who)?;
            }
        }
        Ok(())
    }

    /// Waits until the server has noticed that somebody is no longer there.
    fn wait_until_gone(&mut self, who: &str) -> anyhow::Result<()> {
        let name = self.people.get(who).map_or(who, |person| &person.name);
        if self.people.values().any(|person| person.line.is_some() && person.name == *name) {
            return Ok(()); // Another session of theirs is open: nobody is told of this one.
        }
        let (entry, began) = (format!("  - {name}"), Instant::now());
        loop {
            let mut answer = Vec::new();
            self.marker.say("/users")?;
            self.marker.hear_until(&mut answer, |line| line.starts_with("Uptime: "))?;
            if !answer.iter().any(|line| line.strip_suffix(" (idle)").unwrap_or(line) == entry) {
                return Ok(());
            }
            ensure!(began.elapsed() < DEADLINE, "{who} is still there after {DEADLINE:?}");
        }
    }

    /// Somebody who has another name now is marked, and comes back, by that.
    fn note_name(&mut self, who: &str) {
        let Some(person) = self.people.get_mut(who) else { return };
        // Greeted again: they have logged in as somebody else.
        for line in &person.seen {
            match Heard::parse(line) {
                Heard::TokenLine { token, .. } => {
                    person.token = Some(format!("{:032x}", u128::from_be_bytes(token)));
                }
                Heard::Welcome { user } => person.name = user.to_owned(),
                _ => {}
            }
        }
        let before = format!("{} {} is now ", words::STARS, person.name);
        let found = person.seen.iter().find_map(|line| line.strip_prefix(&before)?.strip_suffix(" ***"));
        let Some(name) = found.map(str::to_owned) else { return };
        let before = person.name.clone();
        let same = self.people.values_mut().filter(|person| person.name == before);
        same.for_each(|person| person.name.clone_from(&name));
    }

    fn enter(&mut self, who: &str, login: &str) -> anyhow::Result<()> {
        let line = Line::open(self.address, login)?;
        let person = self.people.entry(who.into()).or_default();
        ensure!(person.line.is_none(), "{who} is connected already");
        (person.line, person.is_in) = (Some(line), false);
        self.settle(who)?;
        let person = self.people.get_mut(who).expect("it has just been put there");
        person.is_in = person.line.is_some();
        for line in &person.seen {
            if let Heard::TokenLine { token, .. } = Heard::parse(line) {
                person.token = Some(format!("{:032x}", u128::from_be_bytes(token)));
            }
        }
        if let Some(greeting) = &self.greeting {
            person.seen.retain(|line| !greeting.contains(line) && !is_greeting(line));
        }
        Ok(())
    }
}

/// The lines of a greeting that differ from one to another.
fn is_greeting(line: &str) -> bool {
    let heard = Heard::parse(line);
    matches!(heard, Heard::Prompt | Heard::YourToken { .. } | Heard::TokenLine { .. })
        || matches!(heard, Heard::Welcome { .. } | Heard::WelcomeBack { .. })
}

impl Runner for TcpRunner {
    fn step(&mut self, who: &str, step: &Step) -> anyhow::Result<()> {
        match step {
            Step::Connect(name) => {
                let name = name.as_deref().unwrap_or(who);
                self.people.entry(who.into()).or_default().name = name.into();
                self.enter(who, name)
            }
            Step::LogIn { name, password } => {
                self.people.entry(who.into()).or_default().name = name.clone();
                self.enter(who, &format!("{name}\n{password}"))
            }
            Step::Reconnect => {
                let person = self.people.get(who).context("nobody of that name has connected")?;
                let token = person.token.as_deref().context("has no token to reconnect by")?;
                let login = format!("reconnect:{}:{token}", person.name);
                self.enter(who, &login)
            }
            Step::Cut => {
                // What is unread when a socket is closed was not given, as far as the server can know.
                self.settle(who)?;
                let person = self.people.get_mut(who).context("nobody of that name has connected")?;
                ensure!(person.line.take().is_some(), "{who} is not connected");
                self.wait_until_gone(who)
            }
            Step::Say(text) => {
                let person = self.people.get_mut(who).context("nobody of that name has connected")?;
                person.line.as_mut().with_context(|| format!("{who} is not connected"))?.say(text)?;
                self.settle(who)?;
                self.note_name(who);
                Ok(())
            }
        }
    }

    fn seen(&mut self, who: &str) -> anyhow::Result<Vec<String>> {
        let Some(person) = self.people.get_mut(who) else { return Ok(Vec::new()) };
        if let Some(line) = &mut person.line {
            self.marks += 1;
            let mark = format!("mark-{}", self.marks);
            self.marker.say(&format!("/msg {} {mark}", person.name))?;
            let last = format!("[From {MARKER}]: {mark}");
            if !line.hear_until(&mut person.seen, |line| line == last)? {
                person.seen.push("(closed)".into());
                person.line = None;
            }
        }
        let (hidden, talk) = (format!("  - {MARKER}"), format!("  * @{MARKER} ("));
        let mut seen = std::mem::take(&mut person.seen);
        // A mark comes to every session of a user.
        let mark = format!("[From {MARKER}]: mark-");
        seen.retain(|line| *line != hidden && !line.starts_with(&mark) && !line.starts_with(&talk));
        Ok(seen)
    }
}
