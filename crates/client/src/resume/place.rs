//! The room in which plain lines are said: where the server says we are, and where the user means to be. Only names.

use super::outbox::{LOBBY, same_room};
use std::collections::VecDeque;

/// Moves that wait for the server's word; past this the oldest is forgotten.
const MOVES: usize = 16;

/// Where we are. No name is the first room.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// Where the server last said that we are, on whatever connection.
    told: Option<String>,
    /// Where the user has asked to go since, oldest first.
    moves: VecDeque<String>,
}

impl Place {
    /// Where a line is meant for that is typed now.
    pub(super) fn meant(&self) -> Option<&str> {
        self.moves.back().map(|room| named(room)).unwrap_or(self.told.as_deref())
    }

    /// Where the server last said that we are.
    pub(super) fn told(&self) -> Option<&str> {
        self.told.as_deref()
    }

    /// The user asks to go there.
    pub(super) fn goes(&mut self, room: &str) {
        if self.moves.len() == MOVES {
            self.moves.pop_front();
        }
        self.moves.push_back(room.to_owned());
    }

    /// The server says that we are there.
    pub(super) fn is(&mut self, room: &str) {
        let asked = self.moves.iter().position(|asked| same_room(Some(asked), Some(room)));
        self.moves.drain(..asked.map_or(self.moves.len(), |asked| asked + 1));
        self.told = named(room).map(str::to_owned);
    }

    /// The server refused something; perhaps the oldest move.
    pub(super) fn refused(&mut self) {
        self.moves.pop_front();
    }

    /// The connection is gone, and with it what was asked for.
    pub(super) fn lost(&mut self) {
        if let Some(room) = self.moves.drain(..).next_back() {
            self.told = named(&room).map(str::to_owned);
        }
    }
}

fn named(room: &str) -> Option<&str> {
    Some(room).filter(|room| !same_room(Some(room), Some(LOBBY)))
}
