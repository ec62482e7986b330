//! IRC, with the capabilities of IRCv3: lines to messages, events to lines. No sockets, no clock.

pub mod caps;
pub mod formatting;
pub mod isupport;
pub mod known;
pub mod mask;
pub mod message;
pub mod mode;
pub mod refusal;
pub mod render;
pub mod reply;
pub mod tags;
pub mod time;
