//! Copies of the log: taken while it is written, checked after they are written, kept by number and age, put back.

use crate::anchor::ANCHOR;
use crate::folder::private_file;
use crate::{Fault, Folder, Reader, migrate};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Pages copied at a time: 4 MiB, after which the caller may stop it.
const STEP: i32 = 1024;

/// A checked copy.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The file.
    pub path: PathBuf,
    /// The last position in it.
    pub position: u64,
}

/// Which snapshots stay.
#[derive(Clone, Copy, Debug)]
pub struct Keep {
    /// At most this many …
    pub number: usize,
    /// … none older than this, but always the newest.
    pub age: Duration,
}

/// Takes a snapshot and checks it. `progress(done, of)` says whether to go on; a stopped one leaves nothing.
pub fn take(folder: &Folder, mut progress: impl FnMut(u64, u64) -> bool) -> Result<Option<Snapshot>, Fault> {
    let source = Reader::open(folder)?;
    let _alone = folder.lock_snapshots()?;
    // A read transaction pins what is copied, however much is written meanwhile.
    let pinned = source.db().unchecked_transaction()?;
    let position: i64 = pinned.query_row("SELECT position FROM head", [], |row| row.get(0))?;
    let dir = folder.snapshots();
    let part = dir.join("snapshot.part");
    let _ = fs::remove_file(&part);
    private_file(&part)?;
    let copied = copy(&pinned, &part, &mut progress)
        .and_then(|whole| if whole { check(&part, position).map(Some) } else { Ok(None) });
    match copied {
        Ok(Some(())) => {}
        other => {
            let _ = fs::remove_file(&part);
            return other.map(|_| None);
        }
    }
    let path = dir.join(format!("{position:012}.db"));
    sync(&part)?;
    fs::rename(&part, &path).map_err(Fault::file(&path))?;
    sync(&dir)?;
    Ok(Some(Snapshot { path, position: position as u64 }))
}

fn copy(from: &Connection, to: &Path, progress: &mut impl FnMut(u64, u64) -> bool) -> Result<bool, Fault> {
    let mut target = Connection::open(to)?;
    target.pragma_update(None, "synchronous", "OFF")?;
    {
        let backup = Backup::new(from, &mut target)?;
        loop {
            let result = backup.step(STEP)?;
            let at = backup.progress();
            if !progress((at.pagecount - at.remaining) as u64, at.pagecount as u64) {
                return Ok(false);
            }
            match result {
                StepResult::Done => break,
                StepResult::More => {}
                _ => return Err(Fault::Disk("the log is locked by another program".into())),
            }
        }
    }
    // A snapshot is one file: no write-ahead log beside it.
    target.pragma_update(None, "journal_mode", "DELETE")?;
    target.close().map_err(|(_, error)| error.into()).map(|()| true)
}

/// Opens a copy and checks that it is whole and ends where it should.
fn check(path: &Path, position: i64) -> Result<(), Fault> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    migrate::readable(&db)?;
    let found: i64 = db.query_row("SELECT position FROM head", [], |row| row.get(0))?;
    let same: bool = db.query_row(
        "SELECT link = coalesce((SELECT link FROM events ORDER BY id DESC LIMIT 1), zeroblob(32)) FROM head",
        [],
        |row| row.get(0),
    )?;
    let word: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if word != "ok" || !same || found != position {
        return Err(Fault::Damaged(format!("the copy {} is not whole: {word}", path.display())));
    }
    Ok(())
}

fn sync(path: &Path) -> Result<(), Fault> {
    File::open(path).and_then(|file| file.sync_all()).map_err(Fault::file(path))
}

/// The snapshots of a folder, oldest first.
pub fn list(folder: &Folder) -> Result<Vec<Snapshot>, Fault> {
    let dir = folder.snapshots();
    let mut found = Vec::new();
    for entry in fs::read_dir(&dir).map_err(Fault::file(&dir))? {
        let path = entry.map_err(Fault::file(&dir))?.path();
        let position = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
        if let (Some(position), Some("db")) = (position, path.extension().and_then(|e| e.to_str())) {
            found.push(Snapshot { path, position });
        }
    }
    found.sort_by_key(|snapshot| snapshot.position);
    Ok(found)
}

/// Removes what need not be kept; the answer is how many went.
pub fn prune(folder: &Folder, keep: Keep, now: SystemTime) -> Result<usize, Fault> {
    let mut found = list(folder)?;
    found.pop();
    let spare = found.len().saturating_sub(keep.number.saturating_sub(1));
    let mut gone = 0;
    for (n, snapshot) in found.iter().enumerate() {
        let modified =
            fs::metadata(&snapshot.path).and_then(|m| m.modified()).map_err(Fault::file(&snapshot.path))?;
        let old = now.duration_since(modified).is_ok_and(|age| age > keep.age);
        if n < spare || old {
            fs::remove_file(&snapshot.path).map_err(Fault::file(&snapshot.path))?;
            gone += 1;
        }
    }
    Ok(gone)
}

/// Puts a snapshot back as a folder's log. Never overwrites one; `progress(done, of)` is told of bytes.
pub fn restore(snapshot: &Path, folder: &Folder, mut progress: impl FnMut(u64, u64)) -> Result<u64, Fault> {
    let target = folder.database();
    folder.create()?;
    let _lock = folder.lock()?;
    for taken in [target.clone(), target.with_extension("db-wal")] {
        if taken.exists() {
            return Err(Fault::Exists(taken));
        }
    }
    let source = Reader::open_file(snapshot)?;
    let position = source.position()?.0 as i64;
    drop(source);
    check(snapshot, position)?;
    // The place acknowledged last was another log's.
    match fs::remove_file(folder.path().join(ANCHOR)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Fault::file(ANCHOR)(error)),
        _ => {}
    }
    let part = target.with_extension("part");
    private_file(&part)?;
    let of = fs::metadata(snapshot).map_err(Fault::file(snapshot))?.len();
    let mut from = File::open(snapshot).map_err(Fault::file(snapshot))?;
    let mut to = File::create(&part).map_err(Fault::file(&part))?;
    let mut done = 0;
    loop {
        let n = std::io::copy(&mut std::io::Read::take(&mut from, 4 << 20), &mut to)
            .map_err(Fault::file(&part))?;
        if n == 0 {
            break;
        }
        done += n;
        progress(done, of);
    }
    to.sync_all().map_err(Fault::file(&part))?;
    check(&part, position)?;
    fs::rename(&part, &target).map_err(Fault::file(&target))?;
    sync(folder.path())?;
    Ok(position as u64)
}
