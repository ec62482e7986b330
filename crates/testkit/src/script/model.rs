//! Holds a conversation on the pure model: entries decided, applied and shown in one thread, without disk, socket or
//! clock. What it shows is what the line protocol shows, for everything that is said and done; it knows few questions.

mod asks;
mod view;

use std::collections::HashMap;

use anyhow::{Context, bail};
use chatroom_model::memory::Memory;
use chatroom_model::{
    Body, ClientId, CloseReason, Event, Fact, How, LOBBY, LOBBY_NAME, Name, NodeId, Proof, Refusal, Request,
    RoomId, RoomName, Say, Seq, SessionId, TokenHash, UserId, Where,
};
use chatroom_wire::line::ask::Ask;
use chatroom_wire::line::input::{Input, Sendable};
use chatroom_wire::line::{render, words};
use chatroom_wire::text;

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
    session: Option<Place>,
    seen: Vec<String>,
}

/// Where somebody is who is connected.
#[derive(Clone)]
struct Place {
    session: SessionId,
    user: UserId,
    /// How much of the log it has been given.
    given: usize,
    /// Where plain lines are said, and how that is called.
    here: RoomId,
    here_name: String,
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
    fn ask(&mut self, request: Request) -> Result<Vec<Event>, Refusal> {
        // Time passes by one second an entry: enough to tell the times apart.
        let time = self.now();
        let events = self.node.ask(time, request)?;
        for event in &events {
            if let Event::Fact(Fact::Renamed { from, to, .. }) = event {
                let named = self.people.values_mut().filter(|person| person.name == from.as_str());
                named.for_each(|person| person.name = to.to_string());
            }
        }
        Ok(events)
    }

    /// The time of the next entry.
    fn now(&self) -> i64 {
        (self.node.last().0 as i64 + 1) * 1000
    }

    /// Lets somebody in by a proof, or tells them why not.
    fn open(&mut self, who: &str, name: &str, proof: impl FnOnce([u8; 16]) -> Proof) -> anyhow::Result<()> {
        let parsed = Name::parse(name).map_err(|why| anyhow::anyhow!("{name}: {why}"))?;
        self.sessions += 1;
        let session = SessionId::new(self.node.state.incarnation, self.sessions);
        let token = u128::from(self.sessions).to_be_bytes();
        let place = self.node.records.len();
        let proof = proof(token);
        let again = matches!(proof, Proof::Token(_));
        if !again {
            let person = Person { name: name.into(), token: [0; 16], session: None, seen: Vec::new() };
            let before = self.people.insert(who.into(), person);
            if let Some(before) = before {
                let person = self.people.get_mut(who).expect("it was just put there");
                (person.seen, person.token) = (before.seen, before.token);
            }
        }
        if let Err(refusal) = self.ask(Request::Open { session, name: parsed, proof, address: None }) {
            let told = match refusal {
                Refusal::NameInUse => words::NAME_IN_USE.into(),
                Refusal::NameHeld => words::NAME_HELD.into(),
                Refusal::BadToken => words::BAD_TOKEN.into(),
                Refusal::NameConfusing => format!("{}it looks like another one", words::BAD_NAME),
                Refusal::NameRegistered => {
                    let seen = &mut self.people.get_mut(who).expect("it was just put there").seen;
                    seen.push(words::PASSWORD.into());
                    format!("{}{}", words::CLOSING, Refusal::BadPassword)
                }
                other => format!("{}{other}", words::CLOSING),
            };
            let seen = &mut self.people.get_mut(who).expect("it was just put there").seen;
            seen.extend([told, "(closed)".into()]);
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
        if !again {
            person.token = token;
        }
        person.session =
            Some(Place { session, user, given: place, here: LOBBY, here_name: LOBBY_NAME.to_owned() });
        person.seen.extend(shown);
        Ok(())
    }

    fn log_in(&mut self, who: &str, name: &str, password: &str) -> anyhow::Result<()> {
        let person = || Person { name: name.into(), token: [0; 16], session: None, seen: Vec::new() };
        self.people.entry(who.into()).or_insert_with(person).seen.push(words::PASSWORD.into());
        let phc = asks::phc(password);
        self.open(who, name, |token| Proof::Password {
            phc,
            token: TokenHash::of(&token),
            called: None,
            over: None,
        })
    }

    fn send(&mut self, who: &str, what: &Sendable<'_>, client_id: Option<ClientId>) -> anyhow::Result<()> {
        let place = self.place(who)?.clone();
        let seen = self.node.state.position;
        let id = client_id.map(|id| id.to_string());
        let here = Where::Id(place.here);
        let (room, how, reply, text) = match what {
            Sendable::Text(text) => (here, How::Said, None, text),
            Sendable::Msg { to, text } => match Name::parse(&text::clean(to)) {
                Ok(to) if self.node.state.holder(&to).is_some_and(|(user, _)| user == place.user) => {
                    let mut line = String::new();
                    render::refusal(&mut line, &Refusal::Yourself, id.as_deref());
                    return self.tell(who, &line);
                }
                Ok(to) => (Where::With(to), How::Said, None, text),
                Err(_) => {
                    let to = text::clean(to);
                    return self.tell(who, &format!("{}{to}{}\n", words::USER_QUOTE, words::NOT_FOUND));
                }
            },
            Sendable::Me(text) => (here, How::Action, None, text),
            Sendable::In(room, text) => match RoomName::parse(&text::clean(room)) {
                Ok(name) => (Where::Name(name), How::Said, None, text),
                Err(_) => {
                    let mut line = String::new();
                    let why = Refusal::NoSuchRoom.to_string();
                    render::not(&mut line, words::NOT_SENT, id.as_deref(), &why);
                    return self.tell(who, &line);
                }
            },
            Sendable::Reply(number, text) => (here, How::Said, Some(Seq(*number)), text),
        };
        let body = Body::parse(&text::clean(text))?;
        let session = place.session;
        let request = Request::Say(Say { how, reply, client_id, seen, ..Say::new(session, room, body) });
        let Err(refusal) = self.ask(request) else { return Ok(()) };
        let mut text = String::new();
        match refusal {
            // It is true already, so the sender is shown it once more.
            Refusal::AlreadyStored(position) => {
                let there = |record: &&chatroom_model::Record| {
                    record.position == position && self.node.shows(record, place.user, session)
                };
                let record = self.node.records.iter().find(there);
                let record = record.context("what is stored stands in the log")?;
                render::event(&mut text, &self.stored(record), place.user);
            }
            other => render::refusal(&mut text, &other, id.as_deref()),
        }
        self.tell(who, &text)
    }

    /// Lines to one alone, after everything that has happened.
    fn tell(&mut self, who: &str, text: &str) -> anyhow::Result<()> {
        let mut seen = self.seen(who)?;
        seen.extend(text.lines().map(str::to_owned));
        self.people.get_mut(who).context("nobody of that name has connected")?.seen = seen;
        Ok(())
    }

    fn close(&mut self, who: &str, reason: CloseReason) -> anyhow::Result<()> {
        // Up to here everything was given; what the end itself causes is no longer.
        let lines = self.seen(who)?;
        let session = self.place(who)?.session;
        let person = self.people.get_mut(who).expect("a session has its person");
        person.session = None;
        person.seen.extend(lines);
        let seen = self.node.state.position;
        self.ask(Request::Close { session, reason, seen, why: Default::default() })?;
        Ok(())
    }

    fn place(&self, who: &str) -> anyhow::Result<&Place> {
        let person = self.people.get(who).context("nobody of that name has connected")?;
        person.session.as_ref().with_context(|| format!("{who} is not connected"))
    }
}

impl Runner for ModelRunner {
    fn step(&mut self, who: &str, step: &Step) -> anyhow::Result<()> {
        match step {
            Step::Connect(name) => {
                let name = name.as_deref().unwrap_or(who);
                self.open(who, name, |token| Proof::NewGuest(TokenHash::of(&token)))
            }
            Step::LogIn { name, password } => self.log_in(who, name, password),
            Step::Reconnect => {
                let person = self.people.get(who).context("nobody of that name has connected")?;
                let (name, token) = (person.name.clone(), person.token);
                self.open(who, &name, |_| Proof::Token(TokenHash::of(&token)))
            }
            Step::Cut => self.close(who, CloseReason::Lost),
            Step::Say(text) => match Input::parse(text) {
                Input::Empty => Ok(()),
                Input::Text(text) => self.send(who, &Sendable::Text(text), None),
                Input::Msg { to, text } => self.send(who, &Sendable::Msg { to, text }, None),
                Input::WithId { id, inner } => self.send(who, &inner, Some(ClientId(id))),
                Input::Ask(Ask::Me(text)) => self.send(who, &Sendable::Me(text), None),
                Input::Ask(Ask::In { room, text }) => self.send(who, &Sendable::In(room, text), None),
                Input::Ask(Ask::Reply { number, text }) => {
                    self.send(who, &Sendable::Reply(number, text), None)
                }
                Input::Ask(ask) => self.answer(who, &ask),
                Input::Usage(line) => self.tell(who, line),
                Input::Unknown(word) => self.tell(who, &format!("{}{word}", words::UNKNOWN)),
                Input::History(n) => {
                    let place = self.place(who)?.clone();
                    match self.look(place.user, &Where::Id(place.here), chatroom_model::Act::Read) {
                        Ok(_) => {
                            let text = self.history(place.user, place.here, n, self.node.records.len());
                            self.tell(who, &text)
                        }
                        Err(refusal) => self.no(who, refusal.into()),
                    }
                }
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
        let mut seen = std::mem::take(&mut person.seen);
        if let Some(place) = &mut person.session {
            let given = std::mem::replace(&mut place.given, self.node.records.len());
            let place = place.clone();
            for record in &self.node.records[given..] {
                seen.extend(self.shown(record, place.user, place.session));
            }
        }
        Ok(seen)
    }
}
