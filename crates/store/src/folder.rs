//! The data folder: where its files stand, who may read them, and that one server at a time has it.

use crate::Fault;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The database's file name.
pub const DATABASE: &str = "chatroom.db";
/// The folder of snapshots.
pub const SNAPSHOTS: &str = "snapshots";

/// A data folder, by default `chatdata/`.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

/// Held while a server, or whoever writes, has the folder.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "holding it is the point")] File);

impl Folder {
    /// Names a folder; nothing is touched.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Makes the folder when it is missing, readable by its owner only.
    pub fn create(&self) -> Result<(), Fault> {
        let mut folders = DirBuilder::new();
        folders.recursive(true).mode(0o700);
        folders.create(&self.0).map_err(Fault::file(&self.0))?;
        folders.create(self.snapshots()).map_err(Fault::file(self.snapshots()))
    }

    /// Takes the folder for writing.
    pub fn lock(&self) -> Result<Lock, Fault> {
        lock(self.0.join("chatroom.lock"), || Fault::InUse(self.0.clone()))
    }

    /// Takes the folder of snapshots for a new one: a server and an operator may want one at the same time.
    pub(crate) fn lock_snapshots(&self) -> Result<Lock, Fault> {
        lock(self.snapshots().join("snapshot.lock"), || Fault::Snapshotting)
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.0.join(DATABASE)
    }

    /// The folder of snapshots.
    #[must_use]
    pub fn snapshots(&self) -> PathBuf {
        self.0.join(SNAPSHOTS)
    }
}

fn lock(path: PathBuf, taken: impl Fn() -> Fault) -> Result<Lock, Fault> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(Fault::file(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(taken()),
        Err(TryLockError::Error(error)) => Err(Fault::file(path)(error)),
    }
}

/// Makes an empty file that only its owner may read, before SQLite would make it with the usual rights.
pub(crate) fn private_file(path: &Path) -> Result<(), Fault> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map(drop)
        .map_err(Fault::file(path))
}
