//! System calls that fail when told to: a library loaded before the C library, compiled on the spot. Knows how it is
//! told (files in a folder), nothing of who makes the calls.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

/// The library and the folder through which it is told what to do.
#[derive(Debug)]
pub struct FailingCalls {
    library: PathBuf,
    folder: PathBuf,
}

impl FailingCalls {
    /// Compiles the library's source into a folder of its own.
    pub fn compile(source: &Path, folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let library = folder.join("faults.so");
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]).arg(&library).arg(source);
        let output = cc.output().context("running cc")?;
        ensure!(output.status.success(), "cc: {}", String::from_utf8_lossy(&output.stderr));
        Ok(Self { library, folder: folder.into() })
    }

    /// What a program's environment needs so that its calls can fail.
    pub fn environment(&self) -> Vec<(String, String)> {
        let text = |path: &Path| path.to_str().expect("a temporary folder's name is UTF-8").to_owned();
        vec![("LD_PRELOAD".into(), text(&self.library)), ("FAULT_FOLDER".into(), text(&self.folder))]
    }

    /// From now on every sync fails.
    pub fn syncs_fail(&self) -> anyhow::Result<()> {
        Ok(std::fs::write(self.folder.join("syncs-fail"), "")?)
    }

    /// From now on syncs do what they say.
    pub fn syncs_work(&self) -> anyhow::Result<()> {
        Ok(std::fs::remove_file(self.folder.join("syncs-fail"))?)
    }

    /// The n-th call (write, sync or truncate) from now on fails; then the m-th after that, and so on.
    pub fn fail(&self, nth: &[u32]) -> anyhow::Result<()> {
        let text: Vec<_> = nth.iter().map(ToString::to_string).collect();
        let part = self.folder.join("nth.part");
        std::fs::write(&part, text.join(" ") + " ")?;
        Ok(std::fs::rename(part, self.folder.join("nth"))?)
    }

    /// Whether the list of failures has been worked through.
    pub fn done(&self) -> bool {
        !self.folder.join("nth").exists()
    }

    /// How often a call has failed, and which: a letter each (`w`rite, `s`ync, `t`runcate).
    pub fn fired(&self) -> String {
        std::fs::read_to_string(self.folder.join("fired")).unwrap_or_default()
    }
}
