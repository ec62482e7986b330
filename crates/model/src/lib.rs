//! What chat means: names, requests, events, state, `decide`, `apply`. Knows no I/O, clock, randomness, tokio or SQL.
//!
//! ```text
//! Entry ──decide(&State)──► Vec<Event> or Refusal ──apply(&mut State)──► State
//! ```
//!
//! The same entries in the same order give the same events and the same state on every node, however they are batched.

mod alias;
mod apply;
mod body;
pub mod chain;
mod decide;
pub mod durable;
mod event;
mod hook;
mod id;
mod ident;
mod key;
pub mod memory;
mod mention;
mod metadata;
mod name;
mod place;
mod query;
mod refusal;
mod request;
mod rights;
mod room_name;
mod state;

pub use alias::Alias;
pub use body::{BODY_MAX, BadBody, Body};
pub use decide::{ONLINE_TOLD, Past, Said, Written, decide};
pub use event::{At, By, Event, Fact, How, Kind, Marked, Marker, Recipient, Record, Way};
pub use hook::{Ending, HOOK_URL_BYTES, HOOKS_MAX, Hook, HookSecret, NewHook};
pub use id::{
    ClientId, HookId, Incarnation, KeyId, Millis, NodeId, Position, RoomId, Seq, SessionId, UserId,
};
pub use ident::{IDENT_MODES, IDENT_REAL, IDENT_USER, Ident, TAGS_MAX, Tags};
pub use key::{BOTS_MAX, KEYS_MAX, Key, LABEL_BYTES, NewKey, Scopes};
pub use mention::{MENTIONS_MAX, Mentions, mentions};
pub use metadata::{
    METADATA_KEY_BYTES, METADATA_KEYS_MAX, METADATA_VALUE_BYTES, Subject, is_metadata_key, is_metadata_value,
};
pub use name::{BadName, NAME_BYTES, NAME_CHARS, Name};
pub use place::{
    Access, BadMask, IGNORES_MAX, LINE_MAX, MASKS_MAX, Mask, Member, OWNED_MAX, PINS_MAX, REACTION_BYTES,
    REACTIONS_MAX, ROOMS_MAX, Retention, Role, SEVERAL_MAX, SLOW_MAX, Sanction, Setting, Where, Whom,
    room_password,
};
pub use query::{BadQuery, QUERY_MAX, Query, TERMS_MAX, Term, pictured, searchable};
pub use refusal::Refusal;
pub use request::{CloseReason, Deed, Doer, Entry, Import, Needs, Proof, RULES, Request, Say, TokenHash};
pub use rights::{Act, Audience, Cell, Object, Standing, TABLE, Viewer, audience, can};
pub use room_name::{BadRoomName, RoomName};
pub use state::{
    Account, LOBBY, LOBBY_NAME, Purge, Room, Run, SESSIONS_MAX, Session, State, TICKETS_MAX, TOKEN_HOLD,
    Ticket, User,
};
