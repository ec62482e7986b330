//! What goes wrong in the made-up system, and how it ends: cuts, crashes, coming back, redactions, kicks, the export.

use super::*;

impl Sim {
    pub(super) fn cut_connection(&mut self, who: usize) {
        self.people[who].connected = false;
        self.cuts += 1;
        let invoked = self.tick();
        self.write(Line { op: Kind::Fault, invoked, name: "cut".into(), ..Line::default() });
        self.note(who, Line { op: Kind::Disconnect, ..Line::default() });
    }

    pub(super) fn crash(&mut self) {
        self.crashes += 1;
        let invoked = self.tick();
        if !self.strikes(Bug::FaultNeverFires) {
            self.write(Line { op: Kind::Fault, invoked, name: "kill".into(), ..Line::default() });
        }
        for who in 0..PEOPLE {
            self.people[who].connected = false;
        }
    }

    pub(super) fn resume(&mut self, who: usize) {
        self.people[who].connected = true;
        self.people[who].since = 0;
        let (line, last) = (self.people[who].line, self.people[who].last);
        if line {
            self.note(who, Line { op: Kind::Resume, ..Line::default() });
            // What was in flight may come twice.
            let back = self.rng.random_range(0..4);
            self.people[who].given = self.people[who].given.saturating_sub(back);
        } else {
            let op = if last == 0 { Kind::Connect } else { Kind::Resume };
            let room = if last == 0 { "" } else { LOBBY };
            self.note(who, Line { op, room: room.into(), seq: last, ..Line::default() });
            self.resume_at(who);
        }
        self.retry(who);
    }

    /// A session that says where it left off goes on there, or is told of a gap.
    pub(super) fn resume_at(&mut self, who: usize) {
        let (given, last) = (self.people[who].given, self.people[who].last);
        if last == 0 || self.people[who].out {
            return;
        }
        let next = (given..self.log.len()).find(|&at| lobby_at(&self.log, at));
        let more = next.is_some_and(|next| (next + 1..self.log.len()).any(|at| lobby_at(&self.log, at)));
        if let Some(next) = next.filter(|_| more)
            && self.strikes(Bug::ResumesTooLate)
        {
            self.deliver_until(who, next);
            self.people[who].given = next + 1;
            return self.deliver_until(who, next + 3.min(self.log.len() - next));
        }
        let before = (0..given).rev().find(|&at| lobby_at(&self.log, at) && self.log[at].seq <= last);
        if let Some(before) = before
            && self.strikes(Bug::ResumesTooEarly)
        {
            return self.give(who, before);
        }
        if let Some(next) = next.filter(|_| self.chance(10)) {
            self.deliver_until(who, next);
            let (skipped, seq) = (next + 1, self.log[next].seq + 1);
            self.people[who].given = skipped;
            self.people[who].last = seq - 1;
            self.people[who].since = 0;
            self.note(who, Line { op: Kind::Gap, room: LOBBY.into(), seq, ..Line::default() });
        }
    }

    /// Says again, under the same ids, what was not confirmed.
    pub(super) fn retry(&mut self, who: usize) {
        if self.people[who].line {
            self.deliver_until(who, self.log.len());
        }
        let before = self.log.len();
        for said in std::mem::take(&mut self.people[who].unconfirmed) {
            let invoked = self.tick();
            let lobby = said.room == LOBBY;
            let known = self.log.iter().any(|stored| stored.said.id == said.id);
            if !known && lobby && self.people[who].out {
                self.attempt(who, &said, invoked, Outcome::Refused);
                continue;
            }
            if !known || self.strikes(Bug::ForgetsIds) {
                self.store(said.clone());
            }
            self.attempt(who, &said, invoked, Outcome::Ok);
            if known && lobby && self.people[who].line && !self.redacted(&said) {
                let body = BodyHash::of(&said.author, &said.text);
                let room = LOBBY.into();
                self.note(who, Line { op: Kind::Receive, room, body, ..Line::default() });
            }
            if known && lobby {
                self.repeat_to_others(who, &said);
            }
        }
        self.swap_last(before, Bug::ReordersRetries);
    }

    pub(super) fn redacted(&self, said: &Said) -> bool {
        self.log.iter().any(|stored| stored.said.id == said.id && stored.redacted)
    }

    pub(super) fn repeat_to_others(&mut self, who: usize, said: &Said) {
        let Some(at) = self.log.iter().position(|stored| stored.said.id == said.id) else { return };
        let others: Vec<usize> = (0..PEOPLE).filter(|&other| other != who).collect();
        for other in others {
            let person = &self.people[other];
            let seq = self.log[at].seq;
            let seen = person.since != 0 && (person.since..=person.last).contains(&seq);
            if seen
                && person.connected
                && !person.out
                && !self.log[at].redacted
                && self.strikes(Bug::RepeatsOnRetry)
            {
                self.deliver_until(other, self.log.len());
                self.give(other, at);
            }
        }
    }

    pub(super) fn read(&mut self, who: usize) {
        if self.people[who].out {
            return;
        }
        let invoked = self.tick();
        let stale = self.people[who].last > 2 && self.strikes(Bug::ReadsStale);
        let seq = if stale { 1 } else { self.seq };
        self.note(who, Line { op: Kind::Read, invoked, room: LOBBY.into(), seq, ..Line::default() });
    }

    pub(super) fn redact(&mut self) {
        if self.log.is_empty() {
            return;
        }
        let at = self.rng.random_range(0..self.log.len());
        if self.log[at].seq == 0 || self.log[at].redacted {
            return;
        }
        self.log[at].redacted = true;
        self.position += 1;
        let (invoked, position, seq) = (self.tick(), self.position, self.log[at].seq);
        let body = BodyHash::of(&self.log[at].said.author, &self.log[at].said.text);
        self.write(Line {
            op: Kind::Redact,
            invoked,
            room: LOBBY.into(),
            seq,
            position,
            body,
            ..Line::default()
        });
    }

    /// Kicks somebody out of the lobby, or lets them in again.
    pub(super) fn kick_or_return(&mut self, who: usize) {
        self.position += 1;
        self.deliver_until(who, self.log.len());
        let out = !self.people[who].out;
        self.people[who].out = out;
        if !out {
            self.people[who].last = self.seq; // It sees the room from here.
            self.people[who].since = 0;
        }
        let (op, position) = (if out { Kind::Cut } else { Kind::Join }, self.position);
        self.note(who, Line { op, room: LOBBY.into(), position, ..Line::default() });
    }

    pub(super) fn end(&mut self) {
        for who in 0..PEOPLE {
            if !self.people[who].connected {
                self.resume(who);
            }
            if self.people[who].out {
                self.kick_or_return(who);
            }
        }
        // Something that everybody can wait for.
        let last =
            Said { room: LOBBY.into(), id: ClientId(1, 1), author: "user0".into(), text: "the end".into() };
        let invoked = self.tick();
        self.store(last.clone());
        self.attempt(0, &last, invoked, Outcome::Ok);
        for who in 0..PEOPLE {
            let all = self.log.len() - usize::from(self.strikes(Bug::LosesTail));
            self.deliver_until(who, all);
            self.note(who, Line { op: Kind::Drained, room: LOBBY.into(), ..Line::default() });
        }
        self.export("n1");
        self.export("n2");
        for (name, count) in [("kill", self.crashes.max(1)), ("cut", self.cuts)] {
            let (op, invoked) = (Kind::Expect, self.tick());
            self.write(Line { op, invoked, name: name.into(), value: count, ..Line::default() });
        }
        let tasks = 12 + u64::from(self.strikes(Bug::LeaksTasks));
        self.sample("tasks", tasks);
        let memory = if self.strikes(Bug::LeaksMemory) { 90 << 20 } else { 45 << 20 };
        self.sample("memory", memory);
    }

    pub(super) fn export(&mut self, node: &'static str) {
        let second = node == "n2";
        let common = Line { node: node.into(), protocol: "file".into(), ..Line::default() };
        let mut rows: Vec<usize> = (0..self.log.len()).collect();
        let acked: HashMap<usize, bool> =
            rows.iter().map(|&at| (at, self.log[at].acked != u64::MAX)).collect();
        if second && self.strikes(Bug::LosesOnOneNode) {
            let lost = rows.iter().position(|at| acked[at]).expect("something was acknowledged");
            rows.remove(lost);
        }
        let mut numbers: Vec<usize> = rows.clone();
        if second && self.strikes(Bug::ReordersNodes) {
            let lobby: Vec<usize> = (0..rows.len()).filter(|&at| lobby_at(&self.log, rows[at])).collect();
            numbers.swap(lobby[3], lobby[4]);
        }
        let shown = rows.len() - usize::from(second && self.strikes(Bug::TruncatesExport));
        for (&row, &number) in rows.iter().zip(&numbers).take(shown) {
            let invoked = self.tick();
            let (seq, position, time) =
                (self.log[number].seq, self.log[number].position, self.log[number].time);
            let said = self.log[row].said.clone();
            let hidden = self.log[row].redacted && !self.strikes(Bug::ServesRedacted);
            let body = if hidden { BodyHash::default() } else { BodyHash::of(&said.author, &said.text) };
            let id = if self.strikes(Bug::SwapsIds) { ClientId(9, 9) } else { said.id };
            let (op, room, user) = (Kind::Export, said.room.into(), said.author.into());
            self.write(Line { op, invoked, room, seq, position, id, body, time, user, ..common.clone() });
        }
        let (invoked, value, position) = (self.tick(), rows.len() as u64, self.position);
        self.write(Line { op: Kind::View, invoked, value, ..common.clone() });
        let chain = 77 + u64::from(second && self.strikes(Bug::DivergesChain));
        self.write(Line { op: Kind::Chain, invoked, position, value: chain, ..common.clone() });
        let state = 88;
        self.write(Line { op: Kind::State, invoked, position, value: state, ..common.clone() });
        let replay = state + u64::from(second && self.strikes(Bug::DivergesReplay));
        self.write(Line { op: Kind::Replay, invoked, position, value: replay, ..common });
    }
}
