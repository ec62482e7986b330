//! Owns every task: sequencer, engine, delivery, sessions, listeners. Knows nothing of SQL or of bytes on the wire.
//!
//! ```text
//! listener ─► session ─submit─► sequencer ─► engine: decide → commit → publish ─► shard ─► outbox ─► socket
//! ```

mod batch;
mod browsers;
mod calls;
mod clock;
mod core;
mod crowd;
mod drain;
mod engine;
mod find;
mod hooks;
mod indexer;
pub mod limits;
mod listener;
mod operator;
mod outbox;
pub mod passwords;
mod people;
mod reads;
pub mod sequencer;
mod server;
mod session;
mod settings;
mod shard;
mod signal;
mod snapshots;
mod stand;
mod tail;
mod turns;
mod unacked;
mod web;

pub use batch::{Answer, Asker, Batch, Said, What};
pub use clock::now;
pub use core::Core;
pub use hooks::{Authorities, Settings as Hooks};
pub use server::{Server, Stopped};
pub use settings::{Irc, Listen, Register, Settings, Speaks};
pub use web::Settings as Web;
