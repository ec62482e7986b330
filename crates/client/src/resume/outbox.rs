//! The lines that wait to be sent or to be acknowledged, in order. Knows no connection and no words of the server.

use chatroom_wire::line::heard::{Manner, Said};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Lines that may wait; past this a pipe is not read on and a person is told so.
pub(super) const MAX_WAITING: usize = 1000;
/// Time an answer to a line may take on a living connection before the line is sent once more.
pub(super) const ANSWER_TIME: Duration = Duration::from_secs(10);
/// Times a line is sent on one connection before its outcome is called unknown.
const MAX_TRIES: u8 = 3;
/// Half the time before a line whose outcome the server could not tell is tried again; it doubles each time.
const UNSURE_WAIT: Duration = Duration::from_millis(500);
/// Times a line whose outcome the server cannot tell is sent: over about half a minute.
const MAX_UNSURE_TRIES: u8 = 6;

/// The first room, whose name no line of it bears.
pub(super) const LOBBY: &str = "#lobby";

/// The name a line goes by: sent again under it, it is the same line.
pub(super) type Id = [u8; 16];

/// What will tell that a line arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// It comes back as our own line.
    OwnLine(Own),
    /// `Message sent to …`
    DirectSent,
    /// Nothing: a command whose answer is only read.
    None,
}

/// How an own line comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Own {
    /// The room it is meant for, unless it is the first.
    pub(super) room: Option<String>,
    pub(super) manner: Manner,
    pub(super) text: String,
    /// The line itself names the room, or is one that the original does not know.
    pub(super) ours_only: bool,
}

impl Own {
    fn is(&self, said: &Said<'_>) -> bool {
        self.manner == said.manner && self.text.trim() == said.text.trim()
    }

    fn is_there(&self, said: &Said<'_>) -> bool {
        self.is(said) && same_room(self.room.as_deref(), said.room)
    }
}

/// Whether two names are of one room; nothing is the first.
pub(super) fn same_room(one: Option<&str>, other: Option<&str>) -> bool {
    let key = |room: Option<&str>| room.unwrap_or(LOBBY).to_lowercase();
    key(one) == key(other)
}

#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub(super) id: Id,
    pub(super) line: String,
    pub(super) answer: Answer,
    /// When it was sent on this connection; `None` when it is still to be sent.
    sent: Option<Instant>,
    not_before: Option<Instant>,
    tries: u8,
    /// Whether it was ever given to a server: its outcome is then unknown until it is acknowledged.
    pub(super) ever_sent: bool,
    /// Whether its text was already shown to the user, among what was missed.
    shown: bool,
}

impl Waiting {
    pub(super) fn own(&self) -> Option<&Own> {
        match &self.answer {
            Answer::OwnLine(own) => Some(own),
            Answer::DirectSent | Answer::None => None,
        }
    }

    /// What a server without rooms says of it.
    fn own_text(&self) -> Option<&str> {
        self.own().filter(|own| own.room.is_none() && own.manner == Manner::Plain).map(|own| &*own.text)
    }
}

#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: VecDeque<Waiting>,
}

impl Outbox {
    pub(super) fn push(&mut self, id: Id, line: String, answer: Answer) {
        let waiting = Waiting {
            id,
            line,
            answer,
            sent: None,
            not_before: None,
            tries: 0,
            ever_sent: false,
            shown: false,
        };
        self.waiting.push_back(waiting);
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= MAX_WAITING
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// What is on its way is now unknown, and will be sent again when there is a connection.
    pub(super) fn connection_lost(&mut self) {
        for waiting in &mut self.waiting {
            waiting.sent = None;
            waiting.tries = 0;
        }
    }

    /// Takes the next line to be sent, unless `window` lines are on their way. What is not answered leaves at once: on
    /// the original server, what it does not know.
    pub(super) fn next_to_send(&mut self, ours: bool, window: usize, now: Instant) -> Option<Waiting> {
        let on_the_way = self.waiting.iter().filter(|waiting| waiting.sent.is_some()).count();
        let ready =
            |waiting: &Waiting| waiting.sent.is_none() && waiting.not_before.is_none_or(|at| at <= now);
        let index = self.waiting.iter().position(ready)?;
        let unknown = !ours && self.waiting[index].own().is_some_and(|own| own.ours_only);
        if unknown || self.waiting[index].answer == Answer::None {
            return self.waiting.remove(index);
        }
        if on_the_way >= window {
            return None;
        }
        let waiting = &mut self.waiting[index];
        // As it was before: whoever sends it learns whether it has been sent already.
        let taken = waiting.clone();
        waiting.sent = Some(now);
        waiting.not_before = None;
        waiting.ever_sent = true;
        waiting.tries += 1;
        Some(taken)
    }

    /// Our own line was heard: the first one like it that is on its way has arrived. The answer tells whether the user
    /// has seen it before; `None` when it is not ours to wait for.
    pub(super) fn own_line(&mut self, said: &Said<'_>) -> Option<bool> {
        let on_the_way = |like: fn(&Own, &Said<'_>) -> bool| {
            let found = |waiting: &Waiting| {
                waiting.sent.is_some() && waiting.own().is_some_and(|own| like(own, said))
            };
            self.waiting.iter().position(found)
        };
        // A plain line typed behind a `/join` may have come into another room than we thought.
        let index = on_the_way(Own::is_there).or_else(|| on_the_way(Own::is))?;
        self.waiting.remove(index).map(|waiting| waiting.shown)
    }

    /// Our own line was heard among what was missed: it will come once more as the answer to the retry.
    pub(super) fn own_line_missed(&mut self, said: &Said<'_>) {
        let unseen = |waiting: &&mut Waiting| {
            waiting.ever_sent && !waiting.shown && waiting.own().is_some_and(|own| own.is_there(said))
        };
        if let Some(waiting) = self.waiting.iter_mut().find(unseen) {
            waiting.shown = true;
        }
    }

    /// A private message was taken or refused; they are answered in order.
    pub(super) fn direct_answered(&mut self) -> Option<Waiting> {
        let sent = |waiting: &Waiting| waiting.sent.is_some() && waiting.answer == Answer::DirectSent;
        let index = self.waiting.iter().position(sent)?;
        self.waiting.remove(index)
    }

    /// The server said that this one never happened.
    pub(super) fn refused(&mut self, id: Id) -> Option<Waiting> {
        let index = self.waiting.iter().position(|waiting| waiting.id == id)?;
        self.waiting.remove(index)
    }

    /// The server could not tell whether this one happened: it is tried again, with its id, a little later. Returned
    /// when it has been tried often enough.
    pub(super) fn unsure(&mut self, id: Id, now: Instant) -> Option<Waiting> {
        let index = self.waiting.iter().position(|waiting| waiting.id == id)?;
        let waiting = &mut self.waiting[index];
        if waiting.tries >= MAX_UNSURE_TRIES {
            return self.waiting.remove(index);
        }
        waiting.sent = None;
        waiting.not_before = Some(now + UNSURE_WAIT * 2_u32.pow(waiting.tries.into()));
        None
    }

    /// The server answers one line after another, slowly: none of those on their way is late yet.
    pub(super) fn goes_on(&mut self, now: Instant) {
        for waiting in self.waiting.iter_mut().filter(|waiting| waiting.sent.is_some()) {
            waiting.sent = Some(now);
        }
    }

    /// What was not answered in time: to be sent again where that is harmless, else given up and returned.
    pub(super) fn overdue(&mut self, may_retry: bool, now: Instant) -> Vec<Waiting> {
        for waiting in &mut self.waiting {
            waiting.not_before = waiting.not_before.filter(|at| *at > now);
        }
        let late = |waiting: &Waiting| waiting.sent.is_some_and(|sent| sent + ANSWER_TIME <= now);
        for waiting in self.waiting.iter_mut().filter(|waiting| may_retry && late(waiting)) {
            if waiting.tries < MAX_TRIES {
                waiting.sent = None;
            }
        }
        self.take_out(late)
    }

    /// Texts that were given to a server and wait for their answer, oldest first.
    pub(super) fn unknown_texts(&self) -> impl Iterator<Item = &str> {
        self.waiting.iter().filter(|waiting| waiting.ever_sent).filter_map(Waiting::own_text)
    }

    /// The first `count` lines of unknown outcome were found to have arrived.
    pub(super) fn arrived(&mut self, count: usize) {
        let mut left = count;
        self.waiting.retain(|waiting| {
            let gone = left > 0 && waiting.ever_sent && waiting.own_text().is_some();
            left -= usize::from(gone);
            !gone
        });
    }

    /// Takes out everything whose outcome is unknown.
    pub(super) fn take_unknown(&mut self) -> Vec<Waiting> {
        self.take_out(|waiting| waiting.ever_sent)
    }

    /// When something here next needs attention.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.waiting
            .iter()
            .filter_map(|waiting| waiting.sent.map(|sent| sent + ANSWER_TIME).or(waiting.not_before))
            .min()
    }

    fn take_out(&mut self, wanted: impl Fn(&Waiting) -> bool) -> Vec<Waiting> {
        let (taken, kept): (Vec<Waiting>, Vec<Waiting>) =
            std::mem::take(&mut self.waiting).into_iter().partition(wanted);
        self.waiting = kept.into();
        taken
    }
}
