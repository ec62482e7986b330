//! Who may read the data folder and what is in it, and how much space is left there. Opens nothing.

use super::Findings;
use crate::config::FILE_NAME;
use chatroom_store::{Folder, SNAPSHOTS};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

/// Files looked at in one folder; a data folder has a dozen.
const FILES_MAX: usize = 1000;
/// Less than this and writing may end at any moment.
const SPACE_LEAST: u64 = 64 << 20;
/// Less than this is worth a word.
const SPACE_FEW: u64 = 1 << 30;

pub(super) fn examine(folder: &Folder, findings: &mut Findings) {
    rights(folder, findings);
    space(folder, findings);
}

fn rights(folder: &Folder, findings: &mut Findings) {
    let mut open = Vec::new();
    let mut foreign = Vec::new();
    let owner = rustix::process::geteuid().as_raw();
    let mut look = |path: &Path| {
        let Ok(found) = fs::symlink_metadata(path) else { return };
        // A configuration may be read by others as long as its secrets stand in files of their own.
        if found.permissions().mode() & 0o077 != 0 && !path.ends_with(FILE_NAME) && !found.is_symlink() {
            open.push((path.display().to_string(), found.is_dir()));
        }
        if found.uid() != owner && owner != 0 {
            foreign.push(path.display().to_string());
        }
    };
    look(folder.path());
    for dir in [folder.path().to_owned(), folder.path().join(SNAPSHOTS)] {
        for entry in fs::read_dir(dir).into_iter().flatten().take(FILES_MAX).flatten() {
            look(&entry.path());
        }
    }
    for (path, is_dir) in &open {
        let mode = if *is_dir { "700" } else { "600" };
        findings.fail("rights", format!("others may use {path}"), format!("chmod {mode} '{path}'"));
    }
    for path in &foreign {
        findings.fail(
            "rights",
            format!("{path} belongs to somebody else"),
            "run this and the server as its owner",
        );
    }
    if open.is_empty() && foreign.is_empty() {
        findings.ok("rights", "only their owner may use the folder and its files");
    }
}

fn space(folder: &Folder, findings: &mut Findings) {
    let Ok(found) = rustix::fs::statvfs(folder.path()) else {
        return findings.warn("space", "how much is left cannot be told", "look with df");
    };
    let left = found.f_bavail.saturating_mul(found.f_frsize);
    let log = fs::metadata(folder.database()).map_or(0, |database| database.len());
    let what = format!("{} MiB left, the log has {}", left >> 20, log >> 20);
    if found.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY) {
        findings.fail("space", "the disk is read-only", "mount it for writing");
    } else if left < SPACE_LEAST {
        findings.fail("space", what, "make space: writing is refused when there is none");
    } else if left < SPACE_FEW.max(log * 2) {
        findings.warn("space", what, "make space: each snapshot is as large as the log");
    } else {
        findings.ok("space", what);
    }
}
