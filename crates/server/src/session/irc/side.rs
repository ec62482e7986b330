//! What delivery and an IRC client's own task share: how the client wants to be spoken to, and what it waits to hear of.

use chatroom_model::{ClientId, Event, Fact, Name, Position, Record, Refusal, RoomId, Setting, UserId};
use chatroom_wire::irc::caps::Caps;
use chatroom_wire::irc::known::Known;
use chatroom_wire::irc::refusal::{self, Asked};
use chatroom_wire::irc::render::{self, View, Viewer};
use chatroom_wire::irc::reply::{line, numeric};
use compact_str::CompactString;
use std::cell::{Cell, RefCell, RefMut};
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use crate::batch::{Answer, What};
use crate::session::Session;

/// Messages of its own that may wait to be shown to a client.
const OWN_MAX: usize = 1024;

/// An IRC client's side of a session.
#[derive(Debug)]
pub(crate) struct Irc {
    /// What it understands.
    pub(crate) caps: Cell<Caps>,
    /// How its user is called, as far as it has been told.
    pub(crate) nick: RefCell<Name>,
    /// The server's name.
    pub(super) server: Rc<str>,
    /// What it asked for and has heard nothing of, in order.
    asked: RefCell<VecDeque<Context>>,
    /// What this delivery says of that, by position; only where it is said in another way than to everybody.
    matched: RefCell<Vec<(Position, Context)>>,
    /// The answer to the deed that is waited for.
    outcome: RefCell<Option<Outcome>>,
    /// The command that is being answered.
    answer: RefCell<Option<Box<Reply>>>,
    /// Whether it hears what operators say to all.
    pub(crate) wallops: Cell<bool>,
    /// How many batches there were.
    batches: Cell<u64>,
    /// The keys of which it wants to hear what is noted under them; mostly there are none.
    pub(super) subs: RefCell<Option<BTreeSet<Box<str>>>>,
    /// Rooms it has come into without asking, of which it is to be told.
    pub(super) arrived: RefCell<Vec<RoomId>>,
    /// What its user said about leaving.
    pub(in crate::session) farewell: RefCell<CompactString>,
}

/// What a client asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context {
    /// What it gave to know the answer by.
    label: Option<Box<str>>,
    /// For something that was said: what to say if it is refused. A deed is waited for, and answered by whoever waits.
    says: Option<Asked>,
    /// Whether the answer is one of several to a command, which are marked together.
    together: bool,
    /// Whether it is known to the client already.
    silent: bool,
    /// Whether it is answered with something that is not an event, which is given once.
    answer: bool,
}

/// What became of a deed.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It is done; whether the client is shown nothing of it.
    Done {
        /// Nothing else tells of it.
        quiet: bool,
    },
    /// It is not.
    Refused(Refusal),
    /// It is not, or not for certain, for want of a working disk.
    Failed(String),
}

/// The lines that answer one command.
#[derive(Debug, Default)]
pub(super) struct Reply {
    /// What the client gave to know them by.
    pub(super) label: Option<Box<str>>,
    /// The batch they are in, once it is begun.
    batch: Option<Box<str>>,
    /// Those that wait for how many there are.
    lines: String,
    count: usize,
    /// Whether something else carries the label.
    pub(super) taken: bool,
}

impl Irc {
    pub(in crate::session) fn new(server: Rc<str>, nick: Name, caps: Caps) -> Self {
        Self {
            caps: Cell::new(caps),
            nick: RefCell::new(nick),
            server,
            asked: RefCell::default(),
            matched: RefCell::default(),
            outcome: RefCell::default(),
            answer: RefCell::default(),
            wallops: Cell::new(false),
            batches: Cell::new(0),
            subs: RefCell::default(),
            arrived: RefCell::default(),
            farewell: RefCell::default(),
        }
    }

    /// The answer to the command at hand; it takes no place while there is none.
    pub(super) fn reply(&self) -> RefMut<'_, Reply> {
        RefMut::map(self.answer.borrow_mut(), |answer| &mut **answer.get_or_insert_with(Box::default))
    }

    /// A message is on its way; what to say if it is refused.
    pub(in crate::session) fn says(&self, asked: Asked, label: Option<&str>, together: bool) {
        let label = label.map(Into::into);
        self.asked.borrow_mut().push_back(Context {
            label,
            says: Some(asked),
            together,
            ..Context::default()
        });
    }

    /// A deed is on its way, and waited for. `together`: what follows of it is one of several answers.
    pub(super) fn does(&self, together: bool) {
        self.outcome.replace(None);
        let label = self.reply().label.clone();
        self.asked.borrow_mut().push_back(Context { label, together, ..Context::default() });
    }

    /// The label of a deed that is waited for and is answered by one line; then it has been given.
    pub(super) fn label_of_deed(&self) -> Option<Box<str>> {
        let waits = self.asked.borrow().front().is_some_and(|front| front.says.is_none() && !front.together);
        let mut reply = self.reply();
        let label = reply.label.clone().filter(|_| waits && !reply.taken);
        reply.taken |= label.is_some();
        label
    }

    /// What became of the deed that is waited for; nothing yet.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        self.outcome.take()
    }

    /// What happens there is its own coming, of which its greeting tells.
    pub(crate) fn comes(&self, at: Position) {
        self.matched.borrow_mut().push((at, Context { silent: true, ..Context::default() }));
    }

    /// Something it asked for was decided there: a message of its own, or an answer.
    pub(crate) fn decided(&self, at: Position, answer: bool) {
        let mut asked = self.asked.borrow_mut();
        let Some(mut context) = asked.pop_front() else { return };
        context.answer = answer;
        if asked.is_empty() {
            *asked = VecDeque::new();
        }
        let plain = match &context.says {
            // A refusal is said in its words; that it was not is only known where the answers are.
            Some(_) => false,
            None => context.label.is_none(),
        };
        if !plain {
            self.matched.borrow_mut().push((at, context));
        }
    }

    /// What was delivered up to there is written.
    pub(crate) fn heard(&self, upto: Position) {
        self.keep(|at, context| at > upto || context.answer);
    }

    /// What was delivered up to there waits to be written. It may be dropped and read anew: its own messages have to be
    /// known then, while answers to deeds are given once.
    pub(crate) fn shown(&self, upto: Position) {
        self.keep(|at, context| {
            at > upto || (context.says.is_some() && !context.together && !context.answer)
        });
    }

    /// Whether so much of its own waits to be written that it may say no more for now.
    pub(in crate::session) fn is_full(&self) -> bool {
        self.matched.borrow().len() >= OWN_MAX
    }

    fn keep(&self, keeps: impl Fn(Position, &Context) -> bool) {
        let mut matched = self.matched.borrow_mut();
        matched.retain(|(at, context)| keeps(*at, context));
        if matched.is_empty() {
            *matched = Vec::new();
        }
    }

    /// Whether something between two positions is its own, and not written yet.
    pub(super) fn has_matched(&self, from: Position, upto: Position) -> bool {
        self.matched.borrow().iter().any(|(at, _)| from <= *at && *at <= upto)
    }

    fn context(&self, at: Position) -> Option<Context> {
        self.matched.borrow().iter().find(|(other, _)| *other == at).map(|(_, context)| context.clone())
    }

    /// An event as this client is shown it.
    pub(crate) fn show(&self, out: &mut String, record: &Record, session: &Session, known: &impl Known) {
        let caps = self.caps.get();
        let nick = self.nick.borrow();
        let rooms: Vec<_> = session.rooms.borrow().iter().map(|(room, _)| *room).collect();
        let viewer = Some(Viewer { user: session.user.get(), name: &nick, rooms: &rooms });
        let view = View { server: &self.server, caps, known, viewer, tag: "" };
        if let Event::Fact(Fact::MetadataSet { key, user, .. }) = &record.event
            && (!self.subscribes(key) || *user == session.user.get())
        {
            // Whoever noted it is answered, not told.
            return;
        }
        if let Event::Fact(Fact::RoomSet { at, setting: Setting::Name { .. }, .. }) = &record.event
            && !caps.has(Caps::CHANNEL_RENAME)
        {
            self.arrived.borrow_mut().push(at.room);
            session.wake.notify_one();
        }
        match self.context(record.position) {
            None => {
                render::event(out, record, &view);
                self.noted_of_newcomer(out, record, &view, session);
            }
            Some(Context { silent: true, .. }) => {}
            Some(Context { label, says: Some(_), together: false, .. }) => {
                let to_self = matches!(&record.event,
                    Event::Message { author, to: Some(to), .. } if to.user == *author);
                let tag = label.as_ref().map(|label| format!("label={label}")).unwrap_or_default();
                if caps.has(Caps::ECHO_MESSAGE) {
                    render::event(out, record, &View { tag: &tag, ..view });
                } else if !tag.is_empty() && record.event.body().is_some() {
                    out.extend(["@", &tag, " "]);
                    line(out, &self.server, "ACK", &[]);
                }
                if to_self {
                    // Said to oneself it is heard too.
                    render::event(out, record, &view);
                }
            }
            Some(Context { says: None, together: false, .. }) => {
                // The first line carries the label.
                let mut reply = self.reply();
                let label = if reply.taken { None } else { reply.label.clone() };
                let before = out.len();
                let tag = label.map(|label| format!("label={label}")).unwrap_or_default();
                render::event(out, record, &View { tag: &tag, ..view });
                reply.taken |= out.len() > before;
            }
            Some(Context { says, .. }) => {
                if says.is_some() && !caps.has(Caps::ECHO_MESSAGE) {
                    return;
                }
                let mut reply = self.reply();
                self.open(out, &mut reply);
                let tag = reply.batch.as_ref().map(|batch| format!("batch={batch}")).unwrap_or_default();
                render::event(out, record, &View { tag: &tag, ..view });
            }
        }
    }

    /// Whether it has come into a room of which it is to be told.
    pub(in crate::session) fn has_arrived(&self) -> bool {
        !self.arrived.borrow().is_empty()
    }

    /// Whether it wants to hear what is noted under a key.
    pub(super) fn subscribes(&self, key: &str) -> bool {
        self.subs.borrow().as_ref().is_some_and(|subs| subs.contains(key))
    }

    /// Adds what is noted of somebody, as far as this client wants to hear it.
    pub(super) fn noted<K: Known>(&self, out: &mut String, view: &View<'_, K>, user: UserId, name: &str) {
        let Some(person) = view.known.person(user) else { return };
        for (key, value) in person.metadata.iter().filter(|(key, _)| self.subscribes(key)) {
            render::metadata(out, view, name, key, Some(value));
        }
    }

    /// Whoever comes into sight brings along what is noted of them.
    fn noted_of_newcomer<K: Known>(
        &self,
        out: &mut String,
        record: &Record,
        view: &View<'_, K>,
        session: &Session,
    ) {
        if self.subs.borrow().is_none() {
            return;
        }
        let (user, name) = match &record.event {
            Event::Fact(Fact::Joined { user, name, .. }) | Event::CameOnline { user, name, .. } => {
                (user, name)
            }
            _ => return,
        };
        if *user != session.user.get() {
            self.noted(out, view, *user, name.as_str());
        }
    }

    /// Begins the batch of an answer of several lines.
    fn open(&self, out: &mut String, reply: &mut Reply) {
        if reply.batch.is_some() {
            return;
        }
        let Some(label) = &reply.label else { return };
        let batch = format!("r{}", self.next_batch());
        out.extend(["@label=", label, " "]);
        line(out, &self.server, "BATCH", &[&format!("+{batch}"), "labeled-response"]);
        reply.batch = Some(batch.into());
    }

    /// Adds lines to the answer of a command.
    pub(super) fn answer_with(&self, lines: &str) {
        let mut reply = self.reply();
        reply.count += lines.matches('\n').count();
        reply.lines.push_str(lines);
    }

    /// A command begins, by which the client knows its answer.
    pub(super) fn begin(&self, label: Option<&str>) {
        let mut reply = self.reply();
        *reply = Reply { label: label.map(Into::into), ..Reply::default() };
    }

    /// The number of the next batch.
    pub(super) fn next_batch(&self) -> u64 {
        self.batches.set(self.batches.get() + 1);
        self.batches.get()
    }

    /// What there is of an answer so far, where nothing has to be known of the rest.
    pub(super) fn so_far(&self) -> String {
        let mut reply = self.reply();
        if reply.label.is_some() {
            return String::new();
        }
        reply.count = 0;
        std::mem::take(&mut reply.lines)
    }

    /// Takes back errors that were to be said: what is left is that it was heard, and what there is of it.
    pub(super) fn hush(&self) {
        let mut reply = self.reply();
        let kept: String =
            reply.lines.split_inclusive('\n').filter(|line| line.contains(" NOTICE ")).collect();
        reply.count = kept.matches('\n').count();
        reply.lines = kept;
    }

    /// Whether nothing has been answered yet.
    pub(super) fn so_far_is_empty(&self) -> bool {
        self.reply().lines.is_empty()
    }

    /// The end of an answer: lines as they are, or marked with the label they answer.
    pub(super) fn end(&self) -> String {
        let Some(mut reply) = self.answer.take() else { return String::new() };
        let mut out = String::new();
        let lines = std::mem::take(&mut reply.lines);
        let Some(label) = reply.label.clone() else { return lines };
        if reply.taken && reply.count == 0 && reply.batch.is_none() {
            return out;
        }
        match (reply.count, &reply.batch) {
            (0, None) => {
                out.extend(["@label=", &label, " "]);
                line(&mut out, &self.server, "ACK", &[]);
                return out;
            }
            (1, None) => {
                tagged(&mut out, &lines, &format!("label={label}"));
                return out;
            }
            _ => self.open(&mut out, &mut reply),
        }
        let batch = reply.batch.take().unwrap_or_default();
        let tag = format!("batch={batch}");
        let mut inner = false;
        for text in lines.split_inclusive('\n') {
            // What is in a batch of its own already is in that one.
            let is_end = text.contains(" BATCH -");
            if inner && !is_end {
                out.push_str(text);
            } else {
                tagged(&mut out, text, &tag);
            }
            inner = (inner || text.contains(" BATCH +")) && !is_end;
        }
        line(&mut out, &self.server, "BATCH", &[&format!("-{batch}")]);
        out
    }

    /// What is said of an answer that is not an event.
    pub(crate) fn answered(&self, answer: &Answer, session: &Session, known: &impl Known) -> String {
        let mut out = String::new();
        let context = self.context(answer.at);
        if let Some(Context { label, says: Some(asked), together, .. }) = context {
            match &answer.what {
                What::Refused(_) if asked.command == "NOTICE" => {}
                What::Refused(refusal) => {
                    refusal::refused(&mut out, &self.server, self.nick.borrow().as_str(), &asked, refusal);
                }
                What::Again(stored) => {
                    let nick = self.nick.borrow();
                    let viewer = Some(Viewer { user: session.user.get(), name: &nick, rooms: &[] });
                    let caps = self.caps.get();
                    if caps.has(Caps::ECHO_MESSAGE) {
                        render::event(
                            &mut out,
                            stored,
                            &View { server: &self.server, caps, known, viewer, tag: "" },
                        );
                    }
                }
                What::Done { .. } | What::Said(_) => {}
                What::NotStored(why) | What::NotConfirmed(why) => {
                    let target: &str = &asked.target;
                    let nick = self.nick.borrow();
                    let why = format!("Cannot send: {why}");
                    numeric(
                        &mut out,
                        &self.server,
                        numeric::ERR_CANNOTSENDTOCHAN,
                        nick.as_str(),
                        &[target, &why],
                    );
                }
            }
            if together {
                self.answer_with(&out);
                return String::new();
            }
            if let Some(label) = label {
                let mut marked = String::new();
                if out.is_empty() {
                    marked.extend(["@label=", &label, " "]);
                    line(&mut marked, &self.server, "ACK", &[]);
                } else {
                    tagged(&mut marked, &out, &format!("label={label}"));
                }
                return marked;
            }
            return out;
        }
        self.outcome.replace(Some(match &answer.what {
            What::Done { quiet } => Outcome::Done { quiet: *quiet },
            What::Again(_) | What::Said(_) => Outcome::Done { quiet: true },
            What::Refused(refusal) => Outcome::Refused(refusal.clone()),
            What::NotStored(why) | What::NotConfirmed(why) => Outcome::Failed(why.clone()),
        }));
        out
    }

    /// A numeric reply to this client.
    pub(super) fn numeric(&self, out: &mut String, code: u16, params: &[&str]) {
        numeric(out, &self.server, code, self.nick.borrow().as_str(), params);
    }

    pub(super) fn server(&self) -> &str {
        &self.server
    }
}

/// Adds a tag before a line, or beside the tags it has.
fn tagged(out: &mut String, text: &str, tag: &str) {
    match text.strip_prefix('@') {
        Some(rest) => out.extend(["@", tag, ";", rest]),
        None => out.extend(["@", tag, " ", text]),
    }
}

/// A client id from the tag by which an IRC client says the same thing again (`+chatroom/id`).
pub(super) fn client_id(tag: Option<&str>) -> Option<ClientId> {
    tag.and_then(|text| text.parse().ok())
}
