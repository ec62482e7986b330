//! The line protocol, for `nc`, for people and for the original's client. Knows no other protocol.

pub mod ask;
pub mod command;
pub mod complete;
pub mod deed;
pub mod heard;
pub mod help;
pub mod id;
pub mod input;
pub mod login;
pub mod render;
pub mod words;
