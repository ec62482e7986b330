//! JSON, as programs read it over HTTP and on the stream, and what they ask in it. Knows no status line and no header.
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

mod asked;
mod event;
mod message;
mod plain;
mod problem;
mod read;
mod spans;
mod stream;
mod user;
mod write;

pub use asked::{Asked, ID_BYTES, Id, KEY_BYTES, Method, NotAsked, PATH_BYTES};
pub use event::event;
pub use message::{Message, Now, Reaction};
pub use plain::line;
pub use problem::Problem;
pub use read::{DEPTH, is_shallow, read};
pub use spans::Spans;
pub use stream::{Typing, answer, end, gap, hello, notice, ping, typing};
pub use user::User;
pub use write::write;

/// A text, unless there is nothing in it.
fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
