//! `chatroom config show` and `chatroom check-config`: what is configured, and whether it is right. Starts nothing.

use crate::config::flags::{Flags, file_help};
use crate::config::{Config, show};
use crate::out;
use clap::Subcommand;
use std::path::PathBuf;

/// Where the configuration comes from, as for the server.
#[derive(Debug, clap::Args)]
pub(crate) struct Sources {
    #[command(flatten)]
    flags: Flags,
    #[arg(long, value_name = "FILE", help = file_help())]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Print a complete, documented file that says what is in force; without any settings, a sample
    Show {
        /// Say for each key who said so
        #[arg(long)]
        origin: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        sources: Sources,
    },
}

impl Sources {
    /// Reads all of it anew.
    pub(crate) fn load(&self) -> anyhow::Result<Config> {
        Config::load(self.config.as_deref(), &self.flags)
    }
}

/// Shows what is configured.
pub(crate) fn run(verb: &Verb) -> anyhow::Result<()> {
    let Verb::Show { origin, json, sources } = verb;
    let config = sources.load()?;
    if *json {
        return out::line(show::json(&config, *origin));
    }
    let mut out = out::Output::new();
    out.bytes(show::toml(&config, *origin).as_bytes())?;
    out.finish()
}

/// Says whether the configuration is right.
pub(crate) fn check(sources: &Sources) -> anyhow::Result<()> {
    let config = sources.load()?;
    match &config.file {
        Some(path) => out::line(format_args!("{} is right", path.display())),
        None => out::line("There is no configuration file; flags and environment are right"),
    }
}
