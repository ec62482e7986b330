//! What the stream says beside events. Each is one line of JSON.

use super::asked::Id;
use super::{User, write};
use chatroom_model::{Position, RoomId};
use serde::Serialize;

/// Whether somebody is typing: kept nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Typing {
    /// They are.
    Active,
    /// They stopped, and what they typed stands there still.
    Paused,
    /// They are not.
    Done,
}

impl Typing {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Active, Self::Paused, Self::Done];

    /// As programs write it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Done => "done",
        }
    }

    /// Reads what [`Self::word`] writes.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Said<'a> {
    Hello { user: &'a User<'a>, position: Position, resumed: bool, server: &'a str },
    Ping { position: Position },
    Gap { after: Position, upto: Position },
    Typing { room: RoomId, user: &'a User<'a>, state: Typing },
    End { code: &'a str, detail: &'a str },
    Notice { text: &'a str },
}

/// Adds what comes first: who one is here, from where on one is told, and whether that goes on from what one had.
pub fn hello(out: &mut String, user: &User<'_>, position: Position, resumed: bool, server: &str) {
    write(out, &Said::Hello { user, position, resumed, server });
}

/// Adds that everything up to a position has been given.
pub fn ping(out: &mut String, position: Position) {
    write(out, &Said::Ping { position });
}

/// Adds that what happened between two positions is not told here.
pub fn gap(out: &mut String, after: Position, upto: Position) {
    write(out, &Said::Gap { after, upto });
}

/// Adds that somebody is typing, or no longer.
pub fn typing(out: &mut String, room: RoomId, user: &User<'_>, state: Typing) {
    write(out, &Said::Typing { room, user, state });
}

/// Adds a sentence to this client alone.
pub fn notice(out: &mut String, text: &str) {
    write(out, &Said::Notice { text });
}

/// Adds that the stream is over, and why.
pub fn end(out: &mut String, code: &str, detail: &str) {
    write(out, &Said::End { code, detail });
}

/// Adds the answer to what was asked; the body is JSON already, and its end of line is left out.
pub fn answer(out: &mut String, id: &Id<'_>, status: u16, body: Option<&str>) {
    out.push_str(r#"{"type":"answer","id":"#);
    write(out, id);
    out.push_str(r#","status":"#);
    write(out, &status);
    if let Some(body) = body.map(str::trim_end).filter(|body| !body.is_empty()) {
        out.extend([r#","body":"#, body]);
    }
    out.push('}');
}
