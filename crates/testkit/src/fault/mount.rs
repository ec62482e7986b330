//! File systems that a test may fill, make read-only or copy while they are in use. Needs root; undone when dropped.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

/// A mounted file system; dropping it unmounts it, whoever still has files open there.
#[derive(Debug)]
pub struct Mount {
    at: PathBuf,
}

impl Mount {
    /// A file system in memory of a fixed size, such as `2m`.
    pub fn tmpfs(at: impl Into<PathBuf>, size: &str) -> anyhow::Result<Self> {
        let at = at.into();
        std::fs::create_dir_all(&at)?;
        run(Command::new("mount")
            .args(["-t", "tmpfs", "-o"])
            .arg(format!("size={size}"))
            .arg("tmpfs")
            .arg(&at))?;
        Ok(Self { at })
    }

    /// Makes a file an ext4 disk of this size and mounts it.
    pub fn new_disk(image: &Path, megabytes: u64, at: impl Into<PathBuf>) -> anyhow::Result<Self> {
        std::fs::File::create(image)?.set_len(megabytes << 20)?;
        run(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(image))?;
        Self::disk(image, at)
    }

    /// Mounts a file that is an ext4 disk; its journal is replayed, as after a power cut.
    pub fn disk(image: &Path, at: impl Into<PathBuf>) -> anyhow::Result<Self> {
        let at = at.into();
        std::fs::create_dir_all(&at)?;
        run(Command::new("mount").args(["-t", "ext4", "-o", "loop"]).arg(image).arg(&at))?;
        Ok(Self { at })
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.at
    }

    /// Makes it read-only; refused while a file is open there for writing.
    pub fn read_only(&self) -> anyhow::Result<()> {
        self.remount("ro")
    }

    /// Makes an ext4 disk read-only although files are open for writing, as the kernel does after an error. It stays
    /// so until it is mounted anew.
    pub fn abort(&self) -> anyhow::Result<()> {
        // The journal is aborted at once; that the remount itself then reports an error is part of it.
        let _ = self.remount("abort");
        let probe = std::fs::write(self.at.join("probe"), "");
        ensure!(probe.is_err(), "the disk can still be written to");
        Ok(())
    }

    /// Makes it writable again.
    pub fn writable(&self) -> anyhow::Result<()> {
        self.remount("rw")
    }

    fn remount(&self, how: &str) -> anyhow::Result<()> {
        run(Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(&self.at))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Lazily: a server that is being killed may have its files open a moment longer.
        if let Err(error) = run(Command::new("umount").arg("-l").arg(&self.at)) {
            eprintln!("{error:#}");
        }
    }
}

/// Copies a disk's file as it is at this moment, holes as holes: what a power cut would have left.
pub fn copy_sparse(from: &Path, to: &Path) -> anyhow::Result<()> {
    run(Command::new("cp").arg("--sparse=always").arg(from).arg(to))
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
