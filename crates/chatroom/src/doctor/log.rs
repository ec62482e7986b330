//! The log and its copies: does it end where it should, is it whole, is there a snapshot that can be read. Reads only.

use super::Findings;
use crate::config::values::Values;
use crate::progress::{self, Unit};
use crate::shown;
use chatroom_model::Millis;
use chatroom_server::now;
use chatroom_store::{Anchored, Fault, Folder, Reader, SCHEMA, SEARCH, SearchReader, list, verify};
use std::fs;
use std::time::{Duration, SystemTime};

/// Rows between two words to the bar.
const STEP: u64 = 1024;
/// How far the log's time may be ahead of the clock, in milliseconds.
const AHEAD: i64 = 60_000;
/// What to do about a log that is not whole.
const RESTORE: &str = "stop the server, then chatroom restore a snapshot into another folder";

pub(super) fn examine(folder: &Folder, values: &Values, all: bool, findings: &mut Findings) {
    if !folder.database().exists() {
        return findings.warn("log", "there is none yet", "chatroom server makes one");
    }
    let reader = match Reader::open(folder) {
        Ok(reader) => {
            findings.ok("schema", format!("{SCHEMA} or older, which this version knows"));
            reader
        }
        Err(fault @ Fault::Newer { .. }) => {
            return findings.fail("schema", fault.to_string(), "install the version that wrote it");
        }
        Err(fault) => return findings.fail("log", fault.to_string(), RESTORE),
    };
    for fault in [ends(&reader, folder, findings), whole(&reader, all, findings)] {
        if let Err(fault) = fault {
            findings.fail("log", fault.to_string(), RESTORE);
        }
    }
    snapshots(folder, values, findings);
    index(folder, findings);
}

fn ends(reader: &Reader, folder: &Folder, findings: &mut Findings) -> Result<(), Fault> {
    match reader.anchored(folder)? {
        Anchored::Holds => findings.ok("anchor", "everything that was acknowledged is there"),
        Anchored::Missing => {
            let todo = "the next start makes one; until then a lost end is not noticed";
            findings.warn("anchor", "there is none, or a torn one", todo);
        }
        Anchored::Lost(position) => {
            let what =
                format!("position {position} was acknowledged, and the log ends before it or otherwise");
            findings.fail("anchor", what, RESTORE);
        }
    }
    let head = reader.head()?;
    if head.meets {
        findings.ok("head", format!("position {}, {}", head.position, shown::moment(head.time)));
    } else {
        findings.fail("head", "the last row is not the one that was written", RESTORE);
    }
    if head.time > now().plus(AHEAD) {
        let what = format!("the log's time is {}, ahead of the clock", shown::moment(head.time));
        findings.warn("clock", what, "set the clock: until then messages keep the log's last time");
    }
    Ok(())
}

fn whole(reader: &Reader, all: bool, findings: &mut Findings) -> Result<(), Fault> {
    if !all {
        findings.ok("chain", "its end; --all walks the whole");
        return Ok(());
    }
    let bar = progress::bar("verifying", reader.events()?, Unit::Things);
    let walked = verify(reader, |n| {
        if n.is_multiple_of(STEP) {
            bar.set_position(n);
        }
    })?;
    bar.finish_and_clear();
    match walked {
        Ok(whole) => findings
            .ok("chain", format!("whole: {} events, of which retention took {}", whole.events, whole.gone)),
        Err(broken) => {
            let (position, part, what) = (broken.position, broken.part, broken.what);
            findings.fail("chain", format!("broken at position {position}, part {part}: {what}"), RESTORE);
        }
    }
    Ok(())
}

fn snapshots(folder: &Folder, values: &Values, findings: &mut Findings) {
    let take = "chatroom snapshot takes one";
    let found = match list(folder) {
        Ok(found) => found,
        Err(fault) => return findings.warn("snapshots", fault.to_string(), take),
    };
    let Some(newest) = found.last() else { return findings.warn("snapshots", "there are none", take) };
    for snapshot in &found {
        let read = Reader::open_file(&snapshot.path).and_then(|reader| reader.head());
        if !matches!(&read, Ok(head) if head.meets && head.position.0 == snapshot.position) {
            let why = read.err().map_or("it does not end where it should".into(), |fault| fault.to_string());
            let what = format!("{} cannot be used: {why}", snapshot.path.display());
            findings.fail("snapshots", what, "remove it, and chatroom snapshot");
        }
    }
    let taken = fs::metadata(&newest.path).and_then(|found| found.modified()).ok();
    let age = taken.and_then(|taken| SystemTime::now().duration_since(taken).ok()).unwrap_or_default();
    let what = format!("{}, the newest of position {}", found.len(), newest.position);
    // None is taken while nothing happens: two days are old only for a log that went on.
    let went_on = Reader::open(folder).and_then(|reader| reader.position());
    let behind = went_on.is_ok_and(|position| position.0 > newest.position);
    let old = (values.snapshot_every * 2).max(Duration::from_secs(2 * 24 * 60 * 60));
    if behind && age > old {
        let since = Millis(now().0.saturating_sub(i64::try_from(age.as_millis()).unwrap_or(i64::MAX)));
        findings.warn("snapshots", format!("{what}, is of {}", shown::moment(since)), take);
    } else {
        findings.ok("snapshots", what);
    }
}

fn index(folder: &Folder, findings: &mut Findings) {
    let path = folder.path().join(SEARCH);
    let todo = "nothing: the server makes it anew; until then a search misses old messages";
    match SearchReader::open(folder) {
        Ok(index) if index.damaged() => {
            findings.warn("search", format!("{} is damaged", path.display()), todo)
        }
        Ok(_) if !path.exists() => findings.warn("search", "there is no index yet", todo),
        Ok(_) => findings.ok("search", "the index can be read"),
        Err(fault) => findings.warn("search", fault.to_string(), todo),
    }
}
