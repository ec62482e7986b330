//! `chatroom doctor`: is everything here as it should be, and what is to be done if not. Changes nothing.

mod files;
mod finding;
mod log;
mod machine;

use crate::config::Config;
use crate::config::flags::{Flags, file_help};
use crate::exit::{self, coded};
use crate::operator;
use crate::out;
use crate::shown;
use chatroom_store::{Fault, Folder};
use finding::{Finding, Findings, State};
use serde_json::Value;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Walk the whole hash chain, as `chatroom verify` does
    #[arg(long)]
    all: bool,
    /// The result as JSON
    #[arg(long)]
    json: bool,
    /// The data folder [CHATROOM_DATA; default: chatdata]
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    #[arg(long, value_name = "FILE", help = file_help())]
    config: Option<PathBuf>,
}

/// Looks at everything; what must be mended is a failure.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let mut findings = Findings::default();
    examine(options, &mut findings);
    let findings = findings.all();
    if options.json {
        out::line(shown::json(&findings.iter().map(Finding::described).collect::<Value>()))?;
    } else {
        let mut out = out::Output::new();
        for finding in findings {
            out.line(shown::text(&finding.told()))?;
        }
        out.finish()?;
    }
    match findings.iter().filter(|finding| finding.state == State::Fail).count() {
        0 => Ok(()),
        1 => Err(coded(exit::FAILED, "one thing must be mended")),
        n => Err(coded(exit::FAILED, format!("{n} things must be mended"))),
    }
}

fn examine(options: &Options, findings: &mut Findings) {
    let flags = Flags::one("data", options.data.as_deref());
    let values = match Config::load(options.config.as_deref(), &flags) {
        Ok(config) => {
            let of = config.file.map_or("no file".to_owned(), |path| path.display().to_string());
            findings.ok("configuration", of);
            config.values
        }
        // Without it nobody knows which folder is meant.
        Err(error) => {
            return findings.fail(
                "configuration",
                format!("{error:#}"),
                "chatroom check-config says it too; mend the file",
            );
        }
    };
    machine::examine(findings);
    let folder = Folder::new(&values.data);
    if !folder.path().exists() {
        let todo = "chatroom server makes it; --data names another";
        return findings.warn("folder", format!("there is no {}", folder.path().display()), todo);
    }
    files::examine(&folder, findings);
    server(&folder, findings);
    log::examine(&folder, &values, options.all, findings);
}

/// Whether a server has the folder, and answers.
fn server(folder: &Folder, findings: &mut Findings) {
    match operator::status(folder) {
        Ok(status) => {
            let (uptime, people, at) = (status.uptime, status.connections, status.listen.join(" "));
            findings.ok("server", format!("answers: {at}, up {uptime} s, {people} connections"));
            if status.queue >= 500 {
                findings.warn(
                    "load",
                    format!("its queue is full to {} ‰", status.queue),
                    "see whether the disk keeps up",
                );
            }
        }
        Err(error) => match held(folder) {
            Some(true) => {
                let todo = "look into its log; a path of more than some 100 bytes is too long for a socket";
                findings.fail("server", format!("has the folder and does not answer: {error:#}"), todo);
            }
            Some(false) => findings.warn("server", "none has this folder", "chatroom server starts one"),
            None => findings.warn("server", format!("{error:#}"), "run this as the folder's owner"),
        },
    }
}

/// Whether somebody has the folder's lock; nothing where that cannot be told. It is taken for a moment, and only when no server
/// answers.
fn held(folder: &Folder) -> Option<bool> {
    if !folder.database().exists() {
        return Some(false);
    }
    match folder.lock() {
        Ok(_) => Some(false),
        Err(Fault::InUse(_)) => Some(true),
        Err(_) => None,
    }
}
