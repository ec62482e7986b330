//! What a shard does with batches: to whom each event is given, in which words, and what becomes of what was asked.

use super::Shard;
use crate::batch::{Asker, Batch, Encoded, Run, Step, To, What};
use crate::indexer::Delivered;
use crate::sequencer::Sequencer;
use crate::session::{self, Mail, Session, Speech};
use bytes::Bytes;
use chatroom_model::{Event, Fact, LOBBY, Position, RoomId, SessionId};
use chatroom_wire::irc::render;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Bytes to write, each with the last position they carry.
type Pieces = Vec<(Bytes, Position)>;

/// What there is to give, when all of it is for one room.
struct ForOneRoom<'a> {
    room: RoomId,
    runs: Vec<(&'a Batch, &'a Run)>,
    messages: u64,
}

impl<S: Sequencer> Shard<S> {
    pub(super) fn deliver(&self, batches: &[Arc<Batch>]) {
        let mut fallen = Vec::new();
        let (before, said) = (self.position.get(), self.said.get());
        for batch in batches {
            self.people.borrow_mut().learn(batch);
            self.settle(batch, before, said);
        }
        match self.one_room(batches) {
            Some(for_one) => self.to_one_room(&for_one, before, &mut fallen),
            None => self.to_each(batches, before, &mut fallen),
        }
        if batches.iter().any(|batch| takes_back(batch) || edits(batch)) {
            self.changes.set(self.changes.get() + 1);
            self.recent.replace(None);
        }
        let taken_back = batches.iter().any(takes_back);
        if taken_back {
            // What waits to be written may be what was taken back: it is read anew, as it stands now. Also by those who are
            // behind already, and for whom a page of the store waits.
            let waits = |session: &&Rc<Session>| session.is_in() && !session.idle() && session.fall_behind();
            fallen.extend(self.all.borrow().values().filter(waits).cloned());
        }
        for session in fallen {
            self.leave_live(&session);
            session.wake.notify_one();
        }
        for batch in batches {
            self.answer(batch);
            let watch = self.watch.borrow();
            batch.records().iter().for_each(|record| watch.tell(record, &*self.people.borrow()));
            self.people.borrow_mut().forget(batch);
        }
        for session in self.answered.take() {
            // Who has fallen behind is shown its own when it reads on.
            if let Some(irc) = session.irc.as_ref().filter(|_| session.live.get().is_some()) {
                let all = Position(u64::MAX);
                if session.idle() { irc.heard(all) } else { irc.shown(all) }
            }
        }
        let last = batches.last().map_or(self.position.get(), |batch| batch.last);
        self.position.set(self.position.get().max(last));
        if let Some(batch) = batches.last() {
            self.decided.set(batch.decided);
        }
        self.waiting.borrow_mut().retain(|(mark, session)| {
            let waits = !self.is_past(*mark);
            if !waits {
                session.wake.notify_one();
            }
            waits
        });
        self.shared.delivered.fetch_max(last.0, Ordering::Relaxed);
        let words = if batches.iter().any(has_words) { Delivered::Words } else { Delivered::Nothing };
        self.shared.bell.ring(if taken_back { Delivered::TakenBack } else { words }, last.0);
        for batch in batches {
            self.tail.borrow_mut().push(batch, takes_back(batch));
        }
    }

    /// What there is to give, when all of it is for one room and nobody goes.
    fn one_room<'a>(&self, batches: &'a [Arc<Batch>]) -> Option<ForOneRoom<'a>> {
        let mut room = None;
        let mut runs = Vec::new();
        let mut messages = 0;
        let steps = batches.iter().flat_map(|batch| batch.steps().iter().map(move |step| (&**batch, step)));
        for (batch, step) in steps {
            let Step::Run(run) = step else { return None };
            let To::Room(of) = run.to else { return None };
            if room.is_some_and(|room| room != of) || self.crowd.ignores_in(of) {
                return None;
            }
            // Messages look the same to all.
            let others = run.records.len() > run.messages as usize;
            if others && run.of(batch.records()).any(|record| render::is_personal(&record.event)) {
                return None;
            }
            room = Some(of);
            messages += u64::from(run.messages);
            runs.push((batch, run));
        }
        room.map(|room| ForOneRoom { room, runs, messages })
    }

    /// The way when it is all for one room and nobody goes: one write a session, of bytes that all share.
    fn to_one_room(
        &self,
        ForOneRoom { room, runs, messages }: &ForOneRoom<'_>,
        before: Position,
        fallen: &mut Vec<Rc<Session>>,
    ) {
        // What is made for each way of speaking, once somebody speaks it.
        let mut spoken: Vec<(Speech, Pieces)> = Vec::new();
        self.crowd.each_in(*room, |session| {
            session.note_position(before);
            if session.live.get().is_none() {
                return;
            }
            let kept = if session.has_subs() || session.has_own(Position(0), Position(u64::MAX)) {
                let give = |(batch, run): &(&Batch, &Run)| {
                    let bytes = self.bytes(batch, run, session);
                    bytes.is_empty() || session.queue(&bytes, run.last, u64::from(run.messages))
                };
                let kept = runs.iter().all(give);
                session.flush();
                kept
            } else {
                let speech = session.speech();
                let n = spoken.iter().position(|(other, _)| *other == speech).unwrap_or_else(|| {
                    let piece = |(batch, run): &(&Batch, &Run)| {
                        (self.encoded(batch, speech)[run.n].shared().clone(), run.last)
                    };
                    spoken.push((
                        speech,
                        runs.iter().map(piece).filter(|(bytes, _)| !bytes.is_empty()).collect(),
                    ));
                    spoken.len() - 1
                });
                session.give(&spoken[n].1, *messages)
            };
            if !kept {
                fallen.push(Rc::clone(session));
            }
        });
        for (batch, run) in runs {
            self.to_outsiders(batch, run, before, fallen);
        }
    }

    /// Whoever spoke into a room without being in it is told that it was said.
    fn to_outsiders(&self, batch: &Batch, run: &Run, before: Position, fallen: &mut Vec<Rc<Session>>) {
        let To::Room(room) = run.to else { return };
        for record in run.of(batch.records()) {
            let Event::Message { author, .. } = &record.event else { continue };
            self.crowd.each(&To::User(*author), |session| {
                if session.inside(room) || session.live.get().is_none() {
                    return;
                }
                let words = session.own_words(std::iter::once(record), &*self.people.borrow());
                if words.is_empty() {
                    return;
                }
                session.note_position(before);
                if !session.queue(&words, record.position, 1)
                    && !fallen.iter().any(|one| one.id == session.id)
                {
                    fallen.push(Rc::clone(session));
                }
                session.flush();
            });
        }
    }

    /// A batch's runs in one way of speaking: as lines, in JSON, or for IRC clients that understand so much.
    fn encoded(&self, batch: &Batch, speech: Speech) -> Encoded {
        match speech {
            Speech::Line => batch.line().clone(),
            Speech::Json(frames) => batch.json(frames, &self.people.borrow()).clone(),
            Speech::Irc(caps) => batch.irc(&self.shared.settings.irc.name, caps, &self.people.borrow()),
        }
    }

    /// A run's bytes for one session: those that all share, or its own where it does not want to hear everybody, has said
    /// something itself, or is shown it in another way than others.
    pub(super) fn bytes(&self, batch: &Batch, run: &Run, session: &Session) -> Bytes {
        let personal = || run.of(batch.records()).any(|record| render::is_personal(&record.event));
        let first = batch.records().get(run.records.start).map_or(run.last, |record| record.position);
        if session.ignores()
            || session.has_subs()
            || session.has_own(first, run.last)
            || (session.is_irc() && personal())
        {
            session.own_words(run.of(batch.records()), &*self.people.borrow())
        } else {
            self.encoded(batch, session.speech())[run.n].to(session.user.get()).clone()
        }
    }

    /// Tells sessions what became of what they asked for.
    fn settle(&self, batch: &Batch, before: Position, said: Position) {
        let all = self.all.borrow();
        let own = self.shared.incarnation;
        let mut homes = batch.homes.iter();
        for record in batch.records() {
            match &record.event {
                Event::Message { session, room, .. } => {
                    if *room == LOBBY {
                        self.said.set(record.position);
                    }
                    if let Some(session) = all.get(session).filter(|_| session.incarnation() == own) {
                        session.settled();
                    }
                }
                Event::SessionOpened { session, user, resume, .. } => {
                    let home = homes.find(|home| home.session == *session);
                    if let Some(session) = all.get(session) {
                        let goes_live = session.opened(record, *user, *resume, before, said);
                        if let Some(irc) = &session.irc {
                            irc.comes(record.position);
                            self.answered.borrow_mut().push(Rc::clone(session));
                        }
                        if let Some(home) = home {
                            self.crowd.come(session, &home.rooms, &home.ignores);
                        }
                        if goes_live {
                            // A newcomer has nothing to catch up with: it is live, and held until it is greeted.
                            self.go_live(session);
                        }
                    }
                }
                Event::SessionClosed { session, reason, .. } => {
                    if let Some(session) = all.get(session) {
                        // Whoever goes on with its connection is given the rest.
                        if session.moves.get() {
                            self.leave_live(session);
                        }
                        session.closed(*reason);
                    }
                }
                Event::Fact(Fact::Renamed { user, from, to, rooms, .. }) => {
                    let people = self.people.borrow();
                    self.crowd.each(&To::User(*user), |session| {
                        session.renamed(from, to, rooms.is_empty(), &*people);
                    });
                }
                Event::Fact(Fact::Ignored { user, other, on }) => self.crowd.ignore(*user, *other, *on),
                _ => {}
            }
        }
        self.decided(batch, &all);
    }

    /// Tells IRC clients where what they asked for was decided, each in the order in which it asked.
    fn decided(&self, batch: &Batch, all: &HashMap<SessionId, Rc<Session>>) {
        let irc = |id: SessionId| all.get(&id).filter(|session| session.is_irc());
        let mut decided: Vec<(Position, bool, &Rc<Session>)> = Vec::new();
        for record in batch.records() {
            if let Event::Message { session, .. } = &record.event {
                decided.extend(irc(*session).map(|session| (record.position, false, session)));
            }
        }
        for answer in batch.answers.iter().filter(|answer| !answer.door) {
            if let Asker::Session(id) = answer.to {
                decided.extend(irc(id).map(|session| (answer.at, true, session)));
            }
        }
        decided.sort_by_key(|(at, answer, session)| (*at, *answer, session.id));
        for (at, answer, session) in decided {
            if let Some(irc) = &session.irc {
                irc.decided(at, answer);
                self.answered.borrow_mut().push(Rc::clone(session));
            }
        }
    }

    /// The way when it is not all for one room: in order, each to whom it concerns, then one write a session.
    fn to_each(&self, batches: &[Arc<Batch>], before: Position, fallen: &mut Vec<Rc<Session>>) {
        let mut touched: Vec<Rc<Session>> = Vec::new();
        for batch in batches {
            for step in batch.steps().iter() {
                match step {
                    Step::Run(run) => {
                        self.crowd.each(&run.to, |session| {
                            if session.live.get().is_none() {
                                return;
                            }
                            let bytes = &self.bytes(batch, run, session);
                            if bytes.is_empty() {
                                return;
                            }
                            if session.touch() {
                                session.note_position(before);
                                touched.push(Rc::clone(session));
                            }
                            if !session.queue(bytes, run.last, u64::from(run.messages))
                                && !fallen.iter().any(|other| other.id == session.id)
                            {
                                fallen.push(Rc::clone(session));
                            }
                        });
                        self.to_outsiders(batch, run, before, fallen);
                    }
                    Step::Enter(room, user) => self.crowd.enter(*room, *user, batch.last),
                    Step::Exit(room, user) => self.crowd.exit(*room, *user, batch.last),
                    Step::End(room) => self.crowd.end(*room, batch.last),
                }
            }
        }
        for session in touched {
            session.untouch();
            session.flush();
        }
    }

    fn answer(&self, batch: &Batch) {
        let all = self.all.borrow();
        for answer in &batch.answers {
            let Asker::Session(id) = answer.to else { continue };
            let Some(session) = all.get(&id) else { continue };
            if answer.door {
                session.mail(Mail::Answer(match &answer.what {
                    What::Refused(refusal) => session::Door::Refused(refusal.clone()),
                    What::NotStored(why) | What::NotConfirmed(why) => session::Door::Failed(why.clone()),
                    What::Again(_) | What::Said(_) | What::Done { .. } => continue,
                }));
            } else {
                session.answer(answer, &self.people.borrow());
            }
        }
    }
}

/// Whether anything was said in a batch, or says something else from then on.
fn has_words(batch: &Arc<Batch>) -> bool {
    batch.records().iter().any(|record| record.event.body().is_some())
}

/// Whether a batch gives a message other words.
fn edits(batch: &Arc<Batch>) -> bool {
    batch.records().iter().any(|record| matches!(record.event, Event::Fact(Fact::Edited { .. })))
}

/// Whether a batch takes words back that were given before: then nothing that was encoded earlier is given again.
fn takes_back(batch: &Arc<Batch>) -> bool {
    batch.records().iter().any(|record| {
        matches!(
            record.event,
            Event::Fact(
                Fact::Redacted { .. }
                    | Fact::Purged { .. }
                    | Fact::PurgeUndone { .. }
                    | Fact::PurgeDone { .. }
                    | Fact::Dropped { .. }
                    | Fact::RoomDeleted { .. }
            )
        )
    })
}
