//! The kernel's books on a process: its memory, its processor time, its open files. Knows nothing of what it does.

use anyhow::Context;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::time::Duration;

/// One process, by its id.
#[derive(Clone, Copy, Debug)]
pub struct Books(pub u32);

impl Books {
    /// Resident memory, in bytes.
    pub fn resident(self) -> anyhow::Result<u64> {
        self.kilobytes("VmRSS:")
    }

    /// Resident memory in bytes that is its own: without the pages of its program, of which a debug build touches many.
    pub fn anonymous(self) -> anyhow::Result<u64> {
        self.kilobytes("RssAnon:")
    }

    /// The most that was resident at any time, in bytes.
    pub fn peak(self) -> anyhow::Result<u64> {
        self.kilobytes("VmHWM:")
    }

    /// Processor time used until now, by all its threads.
    pub fn processor(self) -> anyhow::Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0))?;
        // The second field is a name in parentheses that may itself have spaces.
        let (_, fields) = stat.rsplit_once(')').context("no name in stat")?;
        let ticks = |nth: usize| -> anyhow::Result<u64> {
            Ok(fields.split_whitespace().nth(nth).context("stat is short")?.parse()?)
        };
        let (user, system) = (ticks(11)?, ticks(12)?);
        Ok(Duration::from_secs(user + system) / u32::try_from(rustix::param::clock_ticks_per_second())?)
    }

    /// Open files and sockets.
    pub fn descriptors(self) -> anyhow::Result<usize> {
        Ok(std::fs::read_dir(format!("/proc/{}/fd", self.0))?.count())
    }

    fn kilobytes(self, field: &str) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0))?;
        let line = status.lines().find_map(|line| line.strip_prefix(field)).context("no such field")?;
        let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kilobytes * 1024)
    }
}

/// Lets this process have as many open files as it may; the answer is how many.
pub fn raise_descriptors() -> anyhow::Result<u64> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?;
    Ok(limit.maximum.unwrap_or(u64::MAX))
}
