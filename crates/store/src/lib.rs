//! The log on disk: SQLite, one writer, many readers. Knows nothing of sockets, and decides nothing.

mod anchor;
mod cursor;
mod deliveries;
mod durable;
mod effect;
mod fault;
mod folder;
mod load;
mod migrate;
mod reader;
mod row;
mod search;
mod snapshot;
mod verify;
mod writer;

pub use anchor::Anchored;
pub use cursor::Cursor;
pub use deliveries::{DELIVERIES, DELIVERIES_MAX, Deliveries, Delivery, Standing};
pub use durable::Durable;
pub use fault::Fault;
pub use folder::{DATABASE, Folder, Lock, SNAPSHOTS};
pub use migrate::SCHEMA;
pub use reader::{
    Audited, Due, Found, Head, Held, Item, Lobby, Look, Mark, Page, Part, Person, Profile, Reader, Readers,
    Room, Seen, Sight, Span, ToSend, Told, WHO_MAX,
};
pub use search::{
    BATCH_ROWS, Change, Cost, Document, Hit, Hits, Index, Interrupt, LogRow, News, Progress, ROOMS_NAMED,
    SEARCH, Scope, SearchReader, Searchers, TAIL_MAX, marks, search,
};
pub use snapshot::{Keep, Snapshot, list, prune, restore, take};
pub use verify::{Broken, Verified, verify};
pub use writer::Writer;
