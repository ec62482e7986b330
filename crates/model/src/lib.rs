//! What chat means: names, requests, events, state, `decide`, `apply`. Knows no I/O, clock, randomness, tokio or SQL.
//!
//! ```text
//! Entry ──decide(&State)──► Vec<Event> or Refusal ──apply(&mut State)──► State
//! ```
//!
//! The same entries in the same order give the same events and the same state on every node, however they are batched.

mod apply;
mod body;
pub mod chain;
mod decide;
pub mod durable;
mod event;
mod id;
mod mention;
mod name;
mod refusal;
mod request;
mod rights;
mod room_name;
mod state;

pub use body::{BODY_MAX, BadBody, Body};
pub use decide::{ONLINE_TOLD, Past, Said, decide};
pub use event::{Event, Recipient, Record};
pub use id::{ClientId, Incarnation, Millis, NodeId, Position, RoomId, Seq, SessionId, UserId};
pub use mention::{MENTIONS_MAX, Mentions, mentions};
pub use name::{BadName, NAME_BYTES, NAME_CHARS, Name};
pub use refusal::Refusal;
pub use request::{CloseReason, Entry, Import, Proof, RULES, Request, TokenHash};
pub use rights::{Audience, audience};
pub use room_name::{BadRoomName, RoomName};
pub use state::{LOBBY, LOBBY_NAME, Room, Run, Session, State, TOKEN_HOLD, User};
