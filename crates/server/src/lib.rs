//! Owns every task: sequencer, engine, delivery, sessions, listeners. Knows nothing of SQL or of bytes on the wire.
//!
//! ```text
//! listener ─► session ─submit─► sequencer ─► engine: decide → commit → publish ─► shard ─► outbox ─► socket
//! ```

mod clock;
mod settings;
pub mod sequencer;
mod core;
mod batch;
mod engine;
mod shard;
mod outbox;
mod session;
mod unacked;
mod listener;
mod snapshots;
mod server;

pub use batch::{Answer, Batch, What};
pub use clock::now;
pub use core::Core;
pub use server::{Server, Stopped};
pub use settings::Settings;
