//! When the user ends a measurement early, what it has started ends too and leaves nothing behind.

use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::{Mutex, MutexGuard};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use tokio::signal::unix::{SignalKind, signal};

// Protects what is running now; held while it is changed or, at the end, for good.
static RUNNING: Mutex<Option<Running>> = Mutex::new(None);

struct Running {
    pid: u32,
    folder: Option<PathBuf>,
}

/// From now on an interruption or SIGTERM ends the noted child, removes its folder and ends this program.
pub(super) fn watch() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let entered = runtime.enter();
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot watch for SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot watch for SIGTERM")?;
    drop(entered);
    // It ends with the program; the measuring thread must not share a poll with it.
    std::thread::spawn(move || {
        let status = runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => 130,
                _ = terminate.recv() => 143,
            }
        });
        let running = lock();
        if let Some(Running { pid, folder }) = &*running {
            kill(*pid);
            // Best effort: nobody is left to tell.
            let _ = folder.as_ref().map(std::fs::remove_dir_all);
        }
        std::process::exit(status)
    });
    Ok(())
}

/// Starts a child with data in this folder; an interruption waits until it is noted.
pub(super) fn start(command: &mut Command, folder: Option<PathBuf>) -> std::io::Result<Child> {
    let mut running = lock();
    let child = command.spawn()?;
    *running = Some(Running { pid: child.id(), folder });
    Ok(child)
}

/// Nothing runs any more.
pub(super) fn forget() {
    *lock() = None;
}

/// Kills a child of ours that has not been waited for.
pub(super) fn kill(pid: u32) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, Signal::KILL);
    }
}

fn lock() -> MutexGuard<'static, Option<Running>> {
    RUNNING.lock().expect("nobody panics while holding it")
}
