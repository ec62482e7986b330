//! Holds a conversation on the pure model: entries decided, applied and shown in one thread, without disk, socket or
//! clock. What it shows is what the line protocol shows, for everything that is said; it knows no questions.

use std::collections::HashMap;

use anyhow::{Context, bail};
use chatroom_model::memory::Memory;
use chatroom_model::{
    Body, ClientId, CloseReason, Event, How, LOBBY, Name, NodeId, Position, Proof, Record, Refusal, Request,
    RoomName, Seq, SessionId, TokenHash, UserId, Where,
};
use chatroom_wire::line::input::{Input, Sendable};
use chatroom_wire::line::{render, words};

use super::{Runner, Step};

const NODE: NodeId = NodeId(0);
/// Messages a newcomer is shown.
const RECENT: usize = 10;

/// A conversation on the model alone.
pub struct ModelRunner {
    node: Memory,
    people: HashMap<String, Person>,
    sessions: u32,
}

struct Person {
    /// What the others know it by.
    name: String,
    token: [u8; 16],
    /// The session, whose it is, and how much of the log it has been given.
    session: Option<(SessionId, UserId, usize)>,
    seen: Vec<String>,
}

impl Default for ModelRunner {
    fn default() -> Self {
        let mut runner = Self { node: Memory::new(), people: HashMap::new(), sessions: 0 };
        runner.ask(Request::StartNode { node: NODE }).expect("a node may always start");
        runner
    }
}

impl ModelRunner {
    /// Gives a request its place, decides it and makes it so.
    fn ask(&mut self, request: Request) -> Result<(), Refusal> {
        // Time passes by one second an entry: enough to tell the times apart.
        let time = (self.node.last().0 as i64 + 1) * 1000;
        self.node.ask(time, request).map(|_| ())
    }

    fn open(&mut self, who: &str, name: &str, new: bool) -> anyhow::Result<()> {
        let new_person = Person { name: name.into(), token: [0; 16], session: None, seen: Vec::new() };
        let name = Name::parse(name).map_err(|why| anyhow::anyhow!("{name}: {why}"))?;
        self.sessions += 1;
        let session = SessionId::new(self.node.state.incarnation, self.sessions);
        let fresh = u128::from(self.sessions).to_be_bytes();
        let person = self.people.entry(who.into()).or_insert(new_person);
        let token = if new { fresh } else { person.token };
        let hash = TokenHash::of(&token);
        let proof = if new { Proof::NewGuest(hash) } else { Proof::Token(hash) };
        let place = self.node.records.len();
        if let Err(refusal) = self.ask(Request::Open { session, name, proof, address: None }) {
            let told = match refusal {
                Refusal::NameInUse => words::NAME_IN_USE,
                Refusal::NameHeld => words::NAME_HELD,
                Refusal::BadToken => words::BAD_TOKEN,
                other => bail!("{other}"),
            };
            let seen = &mut self.people.get_mut(who).expect("it was just put there").seen;
            seen.extend([told.to_owned(), "(closed)".into()]);
            return Ok(());
        }
        let opened = self.node.records[place..].iter().find_map(|record| match record.event {
            Event::SessionOpened { user, resume, .. } => Some((user, resume)),
            _ => None,
        });
        let (user, resume) = opened.context("an open session was opened")?;
        let shown = match resume {
            Some(from) => self.missed(user, session, from, place),
            None => self.recent(user, place),
        };
        let person = self.people.get_mut(who).expect("it was just put there");
        (person.token, person.session) = (token, Some((session, user, place)));
        person.seen.extend(shown);
        Ok(())
    }

    /// What somebody missed who had been given what stands up to `from`.
    fn missed(&self, user: UserId, session: SessionId, from: Position, place: usize) -> Vec<String> {
        let own = |event: &Event| match event {
            Event::CameOnline { user: whose, .. } | Event::WentOffline { user: whose, .. } => *whose == user,
            _ => false,
        };
        let later =
            self.node.records[..place].iter().filter(|record| record.position > from && !own(&record.event));
        let mut missed: Vec<String> =
            later.flat_map(|record| shown(&self.node, record, user, session)).collect();
        if !missed.is_empty() {
            missed.insert(0, words::MISSED.into());
        }
        missed
    }

    fn recent(&self, user: UserId, place: usize) -> Vec<String> {
        let said = |record: &&Record| matches!(record.event, Event::Message { to: None, .. });
        let mut last: Vec<Record> =
            self.node.records[..place].iter().rev().filter(said).take(RECENT).cloned().collect();
        last.reverse();
        let mut text = String::new();
        render::recent(&mut text, last.iter().map(|record| (record, None)), user);
        text.lines().map(str::to_owned).collect()
    }

    fn send(&mut self, who: &str, what: &Sendable<'_>, client_id: Option<ClientId>) -> anyhow::Result<()> {
        let (session, user, _) = self.session(who)?;
        let seen = self.node.state.position;
        let here = Where::Id(LOBBY);
        let (room, how, reply, text) = match what {
            Sendable::Text(text) => (here, How::Said, None, text),
            Sendable::Msg { to, text } => (Where::With(Name::parse(to)?), How::Said, None, text),
            Sendable::Me(text) => (here, How::Action, None, text),
            Sendable::In(room, text) => (Where::Name(RoomName::parse(room)?), How::Said, None, text),
            Sendable::Reply(number, text) => (here, How::Said, Some(Seq(*number)), text),
        };
        let body = Body::parse(text)?;
        let request = Request::Say { session, room, how, reply, body, client_id, seen };
        let Err(refusal) = self.ask(request) else { return Ok(()) };
        let mut text = String::new();
        match refusal {
            // It is true already, so the sender is shown it once more.
            Refusal::AlreadyStored(position) => {
                let there = |record: &&Record| {
                    record.position == position && !shown(&self.node, record, user, session).is_empty()
                };
                let record =
                    self.node.records.iter().find(there).context("what is stored stands in the log")?;
                render::event(&mut text, record, user);
            }
            other => {
                let id = client_id.map(|id| id.to_string());
                render::refusal(&mut text, &other, id.as_deref());
            }
        }
        let person = self.people.get_mut(who).expect("a session has its person");
        person.seen.extend(text.lines().map(str::to_owned));
        Ok(())
    }

    fn close(&mut self, who: &str, reason: CloseReason) -> anyhow::Result<()> {
        // Up to here everything was given; what the end itself causes is no longer.
        let lines = self.seen(who)?;
        let (session, ..) = self.session(who)?;
        let person = self.people.get_mut(who).expect("a session has its person");
        person.session = None;
        person.seen.extend(lines);
        let seen = self.node.state.position;
        self.ask(Request::Close { session, reason, seen })?;
        Ok(())
    }

    fn session(&self, who: &str) -> anyhow::Result<(SessionId, UserId, usize)> {
        let person = self.people.get(who).context("nobody of that name has connected")?;
        person.session.with_context(|| format!("{who} is not connected"))
    }
}

/// The lines that an event makes for somebody.
fn shown(node: &Memory, record: &Record, user: UserId, session: SessionId) -> Vec<String> {
    let mut text = String::new();
    if node.shows(record, user, session) {
        render::event(&mut text, record, user);
    }
    text.lines().map(str::to_owned).collect()
}

impl Runner for ModelRunner {
    fn step(&mut self, who: &str, step: &Step) -> anyhow::Result<()> {
        match step {
            Step::Connect(name) => self.open(who, name.as_deref().unwrap_or(who), true),
            Step::Reconnect => {
                let name = self.people.get(who).context("nobody of that name has connected")?.name.clone();
                self.open(who, &name, false)
            }
            Step::Cut => self.close(who, CloseReason::Lost),
            Step::Say(text) => match Input::parse(text) {
                Input::Empty => Ok(()),
                Input::Text(text) => self.send(who, &Sendable::Text(text), None),
                Input::Msg { to, text } => self.send(who, &Sendable::Msg { to, text }, None),
                Input::WithId { id, inner } => self.send(who, &inner, Some(ClientId(id))),
                Input::Quit => {
                    self.close(who, CloseReason::Quit)?;
                    let person = self.people.get_mut(who).expect("it has just left");
                    person.seen.extend([words::GOODBYE.to_owned(), "(closed)".into()]);
                    Ok(())
                }
                other => bail!("the model alone does not answer {other:?}"),
            },
        }
    }

    fn seen(&mut self, who: &str) -> anyhow::Result<Vec<String>> {
        let Some(person) = self.people.get_mut(who) else { return Ok(Vec::new()) };
        let mut seen = Vec::new();
        if let Some((session, user, given)) = &mut person.session {
            for record in &self.node.records[*given..] {
                seen.extend(shown(&self.node, record, *user, *session));
            }
            *given = self.node.records.len();
        }
        let mut before = std::mem::take(&mut person.seen);
        before.append(&mut seen);
        Ok(before)
    }
}
