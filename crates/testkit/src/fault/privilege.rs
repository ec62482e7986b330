//! Whether this machine lets a test do what only root may, and how long it took. A skip is loud, and in CI a failure.

use std::path::Path;
use std::time::Instant;

/// Says, when dropped, how long a test took.
#[derive(Debug)]
pub struct Timed(Instant);

/// Begins to measure the test on this thread.
pub fn timed() -> Timed {
    Timed(Instant::now())
}

impl Drop for Timed {
    fn drop(&mut self) {
        eprintln!("{} took {:.1?}", std::thread::current().name().unwrap_or("a test"), self.0.elapsed());
    }
}

/// Whether a test may mount file systems here and has these tools; says so on standard error when not.
///
/// # Panics
/// When the environment variable `CI` is set and it may not: in CI nothing is skipped.
pub fn privileged(test: &str, tools: &[&str]) -> bool {
    let mut lacks: Vec<&str> = tools.iter().copied().filter(|tool| !installed(tool)).collect();
    if !rustix::process::geteuid().is_root() {
        lacks.push("root");
    }
    if lacks.is_empty() {
        return true;
    }
    let lacks = lacks.join(", ");
    assert!(std::env::var_os("CI").is_none(), "{test} needs {lacks}, and CI skips nothing");
    eprintln!("\n!!! SKIPPED: {test} needs {lacks}; nothing was tested !!!\n");
    false
}

fn installed(tool: &str) -> bool {
    let path = std::env::var("PATH").unwrap_or_default();
    path.split(':').chain(["/sbin", "/usr/sbin"]).any(|folder| Path::new(folder).join(tool).exists())
}
