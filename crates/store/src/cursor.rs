//! A place between two events: where reading goes on. The row's number in the `events` table.

use chatroom_model::{Position, Record};

/// Events one entry may cause; a node holds far fewer sessions than this.
const PARTS: u64 = 1 << 20;

/// The last event that has been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(pub(crate) i64);

impl Cursor {
    /// After all events of an entry.
    #[must_use]
    pub fn after(position: Position) -> Self {
        Self((position.0 * PARTS + (PARTS - 1)) as i64)
    }

    /// After one event.
    #[must_use]
    pub fn at(record: &Record) -> Self {
        Self::of(record.position, record.part)
    }

    pub(crate) fn of(position: Position, part: u32) -> Self {
        Self((position.0 * PARTS) as i64 + i64::from(part))
    }

    /// The last position all of whose events are certainly behind this cursor.
    #[must_use]
    pub fn settled(self) -> Position {
        let position = self.0 as u64 / PARTS;
        if self.0 as u64 % PARTS == PARTS - 1 {
            Position(position)
        } else {
            Position(position.saturating_sub(1))
        }
    }

    pub(crate) fn place(self) -> (Position, u32) {
        (Position(self.0 as u64 / PARTS), (self.0 as u64 % PARTS) as u32)
    }
}
