//! Which data folder a verb works on. Knows nothing of what is done there.

use crate::config::Config;
use crate::config::flags::{Flags, file_help};
use crate::config::values::Values;
use chatroom_store::Folder;
use std::path::PathBuf;

/// The flags of every verb that works on a data folder.
#[derive(Debug, clap::Args)]
pub(crate) struct Place {
    /// The data folder [CHATROOM_DATA; default: chatdata]
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    #[arg(long, value_name = "FILE", help = file_help())]
    config: Option<PathBuf>,
}

impl Place {
    /// The folder, by flag, environment, file or default.
    pub(crate) fn folder(&self) -> anyhow::Result<Folder> {
        Ok(Folder::new(self.values()?.data))
    }

    /// All that is configured for it.
    pub(crate) fn values(&self) -> anyhow::Result<Values> {
        let flags = Flags::one("data", self.data.as_deref());
        Ok(Config::load(self.config.as_deref(), &flags)?.values)
    }
}
