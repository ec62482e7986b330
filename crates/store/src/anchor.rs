//! The last place that was acknowledged, kept outside the log, so that an end that went missing is noticed.
//!
//! SQLite takes a damaged write-ahead log for one that ends before the damage. Nothing in the log itself can tell
//! that from a crash; this can. It is written after each commit and not synced: it may be older than the log, which
//! means nothing, and never newer, unless something that was acknowledged is gone.

use crate::folder::private_file;
use crate::{Fault, Folder, Reader};
use chatroom_model::Position;
use chatroom_model::chain::Link;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;

/// The anchor's file name.
pub(crate) const ANCHOR: &str = "chatroom.anchor";

/// Position, link, and the beginning of their hash: a torn one is no anchor.
const SIZE: usize = 8 + 32 + 8;

#[derive(Debug)]
pub(crate) struct Anchor(File);

impl Anchor {
    /// Opens or makes a folder's anchor, at its full size: writing it never needs space.
    pub(crate) fn open(folder: &Folder) -> Result<Self, Fault> {
        let path = folder.path().join(ANCHOR);
        private_file(&path)?;
        let file = OpenOptions::new().read(true).write(true).open(&path).map_err(Fault::file(&path))?;
        if file.metadata().map_err(Fault::file(&path))?.len() < SIZE as u64 {
            file.write_all_at(&[0; SIZE], 0).map_err(Fault::file(&path))?;
        }
        Ok(Self(file))
    }

    /// Refuses a log that ends before what was acknowledged.
    pub(crate) fn check(&self, position: Position, link: Link) -> Result<(), Fault> {
        let Some((anchored, anchored_link)) = self.read() else { return Ok(()) };
        if anchored < position || (anchored == position && anchored_link == link) {
            return Ok(());
        }
        Err(Fault::Damaged(format!(
            "the log ends at position {position}, but {anchored} was acknowledged: its end is lost or altered. \
             Restore a snapshot into another folder, or remove {ANCHOR} to go on with what is there"
        )))
    }

    /// Notes what is stored from now on. That it cannot be noted is no reason not to go on.
    pub(crate) fn write(&self, position: Position, link: Link) {
        let _ = self.0.write_all_at(&form(position, link), 0);
    }

    fn read(&self) -> Option<(Position, Link)> {
        let mut bytes = [0; SIZE];
        self.0.read_exact_at(&mut bytes, 0).ok()?;
        let position = Position(u64::from_le_bytes(bytes[..8].try_into().ok()?));
        let link = Link(bytes[8..40].try_into().ok()?);
        (form(position, link) == bytes).then_some((position, link))
    }
}

fn form(position: Position, link: Link) -> [u8; SIZE] {
    let mut bytes = [0; SIZE];
    bytes[..8].copy_from_slice(&position.0.to_le_bytes());
    bytes[8..40].copy_from_slice(&link.0);
    let check = blake3::hash(&bytes[..40]);
    bytes[40..].copy_from_slice(&check.as_bytes()[..8]);
    bytes
}

/// What a folder's anchor says of its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchored {
    /// There is none, or a torn one: a lost end would not be noticed.
    Missing,
    /// The log goes at least as far as was acknowledged.
    Holds,
    /// This position was acknowledged, and the log ends before it, or otherwise.
    Lost(Position),
}

impl Reader {
    /// Compares the log with its folder's anchor, also while a server writes.
    pub fn anchored(&self, folder: &Folder) -> Result<Anchored, Fault> {
        // The anchor first: what it says was stored before it was written.
        let Ok(file) = File::open(folder.path().join(ANCHOR)) else { return Ok(Anchored::Missing) };
        let Some((anchored, link)) = Anchor(file).read() else { return Ok(Anchored::Missing) };
        let head = self.head()?;
        let holds = anchored < head.position || (anchored == head.position && link == head.link);
        Ok(if holds { Anchored::Holds } else { Anchored::Lost(anchored) })
    }
}
