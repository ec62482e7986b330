//! What somebody says, and to whom. Knows nothing of whether it may be said.

use crate::place::Where;
use crate::{Alias, Body, ClientId, Doer, How, Position, Seq, Tags};

/// Text for a room or for one person.
#[derive(Clone, Debug)]
pub struct Say {
    /// Who speaks.
    pub doer: Doer,
    /// Where.
    pub room: Where,
    /// As what.
    pub how: How,
    /// The message it answers.
    pub reply: Option<Seq>,
    /// What.
    pub body: Body,
    /// The sender's own id for it.
    pub client_id: Option<ClientId>,
    /// What programs say to programs about it; see [`Tags`].
    pub tags: Tags,
    /// The last position this session has certainly been given.
    pub seen: Position,
    /// For whom of another network it is said; its author is who says it.
    pub called: Option<Box<Alias>>,
}

impl Say {
    /// Plain words, of which nothing more is known.
    #[must_use]
    pub fn new(doer: impl Into<Doer>, room: Where, body: Body) -> Self {
        let (reply, client_id, tags, called) = (None, None, Tags::default(), None);
        Self {
            doer: doer.into(),
            room,
            how: How::Said,
            reply,
            body,
            client_id,
            tags,
            seen: Position(0),
            called,
        }
    }
}
