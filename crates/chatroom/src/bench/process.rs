//! What a process has cost so far: its CPU time in nanoseconds and its resident memory, from the kernel's own books.
//! Never samples and never guesses: a machine that cannot tell yields an error or nothing, not a number.

use std::time::Duration;

use anyhow::{Context, Result};

/// CPU time (user and system) of a whole process since it started, ended threads included.
#[cfg(target_os = "linux")]
pub(super) fn cpu(pid: u32) -> Result<Duration> {
    use nix::{time::ClockId, unistd::Pid};
    let pid = Pid::from_raw(i32::try_from(pid).context("a process id fits an i32")?);
    // The process's CPU clock counts scheduler nanoseconds; /proc/<pid>/stat would round to 10 ms.
    let clock = ClockId::pid_cpu_clock_id(pid).with_context(|| format!("process {pid} has no CPU clock"))?;
    Ok(Duration::from(clock.now().with_context(|| format!("the CPU clock of process {pid}"))?))
}

/// Elsewhere nobody has shown us another process's CPU clock yet.
#[cfg(not(target_os = "linux"))]
pub(super) fn cpu(_pid: u32) -> Result<Duration> {
    anyhow::bail!("chatroom bench reads CPU time and memory from Linux's books; this system has none")
}

/// Resident memory of a process in bytes.
pub(super) fn resident(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/status");
    let status = std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).context("no VmRSS line")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().context("VmRSS is not a number")?;
    Ok(kib * 1024)
}

/// Lets this process, and the servers it starts, hold as many connections as the machine's hard limit allows;
/// answers how many descriptors that is.
pub(super) fn raise_descriptor_limit() -> Result<u64> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).context("cannot raise the limit of open files")?;
    Ok(limit.maximum.unwrap_or(u64::MAX))
}
