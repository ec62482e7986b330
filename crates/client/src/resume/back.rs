//! Coming back to the room one talked in: asked for before anything that waits is sent, and shown only once.

use super::*;
use outbox::ANSWER_TIME;

/// How the server introduces a room's topic.
const TOPIC: &str = "Topic: ";

impl Resume {
    /// Asks for the room in which plain lines were said before the cut.
    pub(super) fn return_to_room(&mut self, now: Instant) {
        self.link.returned = true;
        if let Some(room) = self.place.told() {
            self.steps.push_back(Do::Send(format!("/join {room}")));
            self.link.returning = Some(now + ANSWER_TIME);
        }
    }

    /// Whether a line belongs to the answer to that, which the user need not see.
    pub(super) fn is_of_return(&mut self, line: &str, heard: &Heard<'_>) -> bool {
        match heard {
            Heard::NowIn { room } if self.link.returning.is_some() => {
                self.link.returning = None;
                self.link.introduced = true;
                self.link.here = self.place.told().map(|_| (*room).to_owned());
                true
            }
            Heard::No { .. } if self.link.returning.take().is_some() => {
                // We are in the first room, and what waits for the other is refused there and not said here.
                self.place.is(outbox::LOBBY);
                false
            }
            Heard::RecentFollow if self.link.introduced => true,
            Heard::Other if self.link.introduced && line.starts_with(TOPIC) => true,
            _ if self.link.introduced => {
                // What was missed has been given to who was still known, and only to them.
                let known = heard
                    .recent()
                    .map(|said| self.link.resumed || self.seen.has(&recent::Message::of(&said)));
                self.link.introduced = known.is_some();
                known == Some(true)
            }
            _ => false,
        }
    }

    /// The server does not say whether we are back: what waits goes on without it.
    pub(super) fn return_is_overdue(&mut self, now: Instant) {
        if self.link.returning.is_some_and(|until| until <= now) {
            self.link.returning = None;
        }
    }
}
