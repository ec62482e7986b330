//! Bytes to requests and events to bytes, for each protocol. Knows no socket, no clock and no runtime.

pub mod framing;
pub mod irc;
pub mod json;
pub mod line;
pub mod markup;
pub mod opening;
pub mod operator;
pub mod proxy;
pub mod sse;
pub mod text;
pub mod websocket;
