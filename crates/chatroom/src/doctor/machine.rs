//! What the machine lets a server do: open files, and tell the time. Knows no folder.

use super::Findings;
use rustix::process::{Resource, getrlimit};

/// The year this was written, in milliseconds: a clock before it is not set.
const WRITTEN: i64 = 1_767_225_600_000;
/// Fewer descriptors than this serve few people: each connection takes one.
const FEW: u64 = 4096;
/// With fewer than this a server hardly starts.
const LEAST: u64 = 256;

pub(super) fn examine(findings: &mut Findings) {
    // The server raises the soft limit itself.
    let what = |n: u64| format!("{n} files may be open at once");
    let todo = "raise the hard limit: ulimit -Hn, or LimitNOFILE= of the service";
    match getrlimit(Resource::Nofile).maximum {
        Some(n) if n < LEAST => findings.fail("descriptors", what(n), todo),
        Some(n) if n < FEW => findings.warn("descriptors", what(n), todo),
        Some(n) => findings.ok("descriptors", what(n)),
        None => findings.ok("descriptors", "without limit"),
    }
    if chatroom_server::now().0 < WRITTEN {
        findings.fail("clock", "the clock is not set", "set it: messages are stamped with it");
    } else {
        findings.ok("clock", "is set");
    }
}
