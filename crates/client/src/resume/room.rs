//! Being in: what was missed comes first, then what waits is sent, and acknowledgements are matched to it.

use super::*;
use chatroom_wire::framing::MAX_LINE;
use chatroom_wire::line::heard::Said;
use chatroom_wire::line::id::Uuid;
use chatroom_wire::line::words;
use outbox::Own;

/// Silence that ends what the server gives on entering.
const QUIET: Duration = Duration::from_millis(300);
/// Time after which lines are sent although the server is still giving what was missed.
const SETTLED_BY: Duration = Duration::from_secs(3);
/// Lines on their way to a server that acknowledges by id.
const WINDOW: usize = 256;
/// Lines on their way to the original server: it drops what does not fit into a queue of ten.
const WINDOW_OF_ORIGINAL: usize = 8;
/// Missed lines held back until it is known which of them are new; past this all are shown.
const MISSED_HELD: usize = 20_000;

/// How the server tells that the user came back on another connection: to return would drive that one out in turn, for
/// ever.
const SUPERSEDED: &str = words::ELSEWHERE;

/// The time between entering and sending. An own line heard in it belongs to what was missed; only one heard later
/// can be the answer to what is sent then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Settling {
    quiet: Instant,
    at_most: Instant,
}

impl Settling {
    pub(super) fn begin(now: Instant) -> Self {
        Self { quiet: now + QUIET, at_most: now + SETTLED_BY }
    }

    pub(super) fn until(self) -> Instant {
        self.quiet.min(self.at_most)
    }
}

impl Resume {
    pub(super) fn heard_settling(&mut self, settling: Settling, line: &str, heard: &Heard<'_>, now: Instant) {
        self.phase = Phase::Settling(Settling { quiet: now + QUIET, ..settling });
        let back = self.been_in;
        if let Some(command) = line.strip_prefix("  /") {
            // The original has no `/help`, and no ids; ours has both.
            self.link.ours |= command.starts_with("help") || command.starts_with("id ");
        }
        match heard {
            Heard::MissedFollow if back => {
                self.link.missed = Some(Vec::new());
                return;
            }
            // Our own coming is told after everything that was before it.
            Heard::Joined { user } if *user == self.me => self.settle(now),
            _ if self.hold_missed(line) => return,
            Heard::Other if back && is_command_list(line) => return,
            Heard::RecentFollow if back => return,
            Heard::TokenLine { user, token } => {
                self.keep(user, *token);
                if back {
                    return;
                }
            }
            _ => {
                if let Some(said) = heard.recent() {
                    if back {
                        self.link.recent.push((Message::of(&said), line.to_owned()));
                        return;
                    }
                    self.seen.push(Message::of(&said));
                }
                if let Some(said) = heard.said() {
                    self.saw_settling(&said);
                }
            }
        }
        self.show(line);
    }

    fn saw_settling(&mut self, said: &Said<'_>) {
        if said.from == self.me {
            self.outbox.own_line_missed(said);
        }
        self.seen.push(Message::of(said));
    }

    /// Keeps a line of what was missed until all of it is known: a server that was killed begins further back than
    /// where the connection broke.
    fn hold_missed(&mut self, line: &str) -> bool {
        match &mut self.link.missed {
            Some(missed) if missed.len() < MISSED_HELD => missed.push(line.to_owned()),
            Some(_) => {
                self.show_missed();
                return false;
            }
            None => return false,
        }
        true
    }

    /// Shows what was missed, without the beginning that the user has seen before.
    fn show_missed(&mut self) {
        let missed = self.link.missed.take().unwrap_or_default();
        let said = missed.iter().enumerate();
        let said = said.filter_map(|(place, line)| Some((place, Heard::parse(line).said()?)));
        let (places, said): (Vec<usize>, Vec<Said<'_>>) = said.unzip();
        let messages: Vec<Message> = said.iter().map(Message::of).collect();
        let repeated = self.seen.repeated(&messages).checked_sub(1).map_or(0, |last| places[last] + 1);
        for said in &said[places.partition_point(|place| *place < repeated)..] {
            self.saw_settling(said);
        }
        if repeated < missed.len() {
            self.show(words::MISSED);
        }
        self.steps.extend(missed.into_iter().skip(repeated).map(Do::Show));
    }

    /// We are in, and know what was missed: now what waits can be sent.
    pub(super) fn settle(&mut self, now: Instant) {
        self.show_missed();
        let recent = std::mem::take(&mut self.link.recent);
        if self.been_in && !(self.link.ours && self.link.resumed) {
            self.reconcile(&recent);
        }
        if self.been_in && self.link.ours {
            self.return_to_room(now);
        }
        self.been_in = true;
        self.told_offline = false;
        self.backoff.reset();
        self.phase = Phase::Open;
        self.go_on(now);
    }

    /// Without numbers, the last messages are all that tells what was missed and what had arrived.
    fn reconcile(&mut self, recent: &[(Message, String)]) {
        let (recent, lines): (Vec<Message>, Vec<&String>) =
            recent.iter().map(|(message, line)| (message.clone(), line)).unzip();
        let recent = &recent[..];
        let unknown: Vec<&str> = self.outbox.unknown_texts().collect();
        let arrived = self.seen.arrived(&self.me, &unknown, recent);
        self.outbox.arrived(arrived);
        self.tally.acknowledged += arrived;
        if self.link.ours {
            // Under a new registration the ids are new too: a second try could stand twice.
            for waiting in self.outbox.take_unknown() {
                self.unconfirmed(&waiting);
            }
        }
        let unseen = self.seen.unseen(recent).to_vec();
        if !unseen.is_empty() {
            self.show("Recent messages: ");
        }
        let first = recent.len() - unseen.len();
        for (message, line) in unseen.into_iter().zip(&lines[first..]) {
            self.seen.push(message);
            self.show(line);
        }
    }

    pub(super) fn heard_in_room(&mut self, line: &str, heard: &Heard<'_>, now: Instant) {
        if self.is_of_return(line, heard) {
            return;
        }
        if let Some(said) = heard.said() {
            self.seen.push(Message::of(&said));
            if said.from == self.me && self.own_line_came(&said, now) {
                return;
            }
        }
        match heard {
            Heard::NowIn { room } => {
                self.place.is(room);
                self.link.here = self.place.told().map(str::to_owned);
            }
            Heard::No { .. } => self.place.refused(),
            Heard::SlowedDown { .. } => self.link.slowed = true,
            Heard::SentTo { .. } if self.outbox.direct_answered().is_some() => self.tally.acknowledged += 1,
            Heard::NoSuchUser { .. } | Heard::NotYourself if self.outbox.direct_answered().is_some() => {
                self.tally.refuse(line);
            }
            Heard::NotSent { id: Some(id), reason } => {
                if let Some(waiting) = self.outbox.refused(*id) {
                    return self.refuse(&waiting.line, reason);
                }
            }
            Heard::NotConfirmed { id: Some(id), reason } => {
                if let Some(given_up) = self.outbox.unsure(*id, now) {
                    self.unconfirmed(&given_up);
                }
                return self.note(&format!("Not confirmed yet, trying again: {reason}"));
            }
            // Greeted again: the user has logged in on this connection, under a name worth keeping.
            Heard::YourToken { .. } => self.guest = false,
            Heard::TokenLine { user, token } => self.keep(user, *token),
            Heard::Welcome { user } => self.is_now(user),
            Heard::Closing { reason } if reason.starts_with(SUPERSEDED) => {
                self.show(line);
                return self.end(Ending::Refused(line.to_owned()));
            }
            _ => {}
        }
        self.show(line);
    }

    /// Matches our own line to what waits; whether the user has already seen it.
    fn own_line_came(&mut self, said: &Said<'_>, now: Instant) -> bool {
        let Some(seen_before) = self.outbox.own_line(said) else { return false };
        self.tally.acknowledged += 1;
        if self.link.slowed {
            self.outbox.goes_on(now);
        }
        seen_before
    }

    /// Sends what may be sent.
    pub(super) fn flush(&mut self, now: Instant) {
        if self.phase != Phase::Open || self.link.returning.is_some() {
            return;
        }
        let window = if self.link.ours { WINDOW } else { WINDOW_OF_ORIGINAL };
        while let Some(waiting) = self.outbox.next_to_send(self.link.ours, window, now) {
            let line = self.encode(&waiting);
            if let Some(room) = self.left_room(&waiting) {
                self.outbox.refused(waiting.id);
                self.refuse(&waiting.line, &format!("you are no longer in {room}"));
            } else if self.link.ours && line.len() >= MAX_LINE {
                self.outbox.refused(waiting.id);
                self.refuse(&waiting.line, "the line is too long");
            } else {
                self.steps.push_back(Do::Send(line));
            }
        }
    }

    fn encode(&self, waiting: &Waiting) -> String {
        if !self.link.ours || waiting.answer == Answer::None {
            return waiting.line.clone();
        }
        let id = Uuid(waiting.id);
        match waiting.own().filter(|own| !own.ours_only) {
            // It goes where it was meant for, wherever we have gone since.
            Some(own) if waiting.ever_sent && own.room.is_some() || self.is_elsewhere(own) => {
                let room = own.room.as_deref().unwrap_or(outbox::LOBBY);
                format!("/id {id} /in {room} {}", own.text)
            }
            _ => format!("/id {id} {}", waiting.line),
        }
    }

    fn is_elsewhere(&self, own: &Own) -> bool {
        !outbox::same_room(own.room.as_deref(), self.link.here.as_deref())
    }

    /// The room of a line that can only be sent from inside it, when we are not there and not on our way.
    fn left_room(&self, waiting: &Waiting) -> Option<String> {
        let own = waiting.own().filter(|own| own.ours_only && self.link.ours && self.link.returned)?;
        let says_where =
            waiting.line.trim_start().get(..4).is_some_and(|word| word.eq_ignore_ascii_case("/in "));
        let meant = outbox::same_room(self.place.meant(), own.room.as_deref());
        (!says_where && !meant && self.is_elsewhere(own))
            .then(|| own.room.clone().unwrap_or_else(|| outbox::LOBBY.to_owned()))
    }

    /// A line without answer is sent once more where that is harmless, and given up where it is not.
    pub(super) fn mind_the_late(&mut self, now: Instant) {
        for waiting in self.outbox.overdue(self.link.ours, now) {
            self.unconfirmed(&waiting);
        }
    }
}

/// Whether a line belongs to the list of commands that greets a user.
fn is_command_list(line: &str) -> bool {
    line == words::COMMANDS || line.starts_with("  /")
}
