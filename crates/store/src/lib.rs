//! The log on disk: SQLite, one writer, many readers. Knows nothing of sockets, and decides nothing.

mod folder;
mod fault;
mod migrate;
mod durable;
mod writer;
mod load;
mod row;
mod cursor;
mod reader;
mod snapshot;
mod verify;

pub use cursor::Cursor;
pub use durable::Durable;
pub use fault::Fault;
pub use folder::{DATABASE, Folder, Lock, SNAPSHOTS};
pub use migrate::SCHEMA;
pub use reader::{Found, Lobby, Page, Person, Reader, Readers, WHO_MAX};
pub use snapshot::{Keep, Snapshot, list, prune, restore, take};
pub use verify::{Broken, Verified, verify};
pub use writer::Writer;
