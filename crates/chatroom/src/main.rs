//! The command line: reads what was asked and hands it to the crate that does it.

mod bench;
mod client;
mod config;
mod configure;
mod doctor;
mod exit;
mod export;
mod given;
mod import;
mod manual;
mod operator;
mod out;
mod place;
mod progress;
mod restore;
mod room;
mod search;
mod send;
mod serve;
mod shown;
mod snapshot;
mod user;
mod verify;

use clap::{CommandFactory, Parser, Subcommand};
use std::process::ExitCode;

/// A chatroom for everything that speaks TCP: one program, one port, nothing acknowledged is ever lost.
#[derive(Debug, Parser)]
#[command(name = "chatroom", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    server: serve::Options,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the server (also without any verb)
    Server(serve::Options),
    /// Join a chatroom, on a terminal or in a pipe
    Client(client::Options),
    /// Send lines from standard input and wait until all are acknowledged
    Send(send::Options),
    /// Take a checked copy of the log, also while a server runs, and print its path
    Snapshot(snapshot::Options),
    /// Put a snapshot back into a data folder that has no log
    Restore(restore::Options),
    /// Take over the history of the original chatroom: a folder with messages.wal and snapshot.json
    Import(import::Options),
    /// Print everything people wrote
    Export(export::Options),
    /// Walk the log's hash chain and name the first row that is not what was written
    Verify(verify::Options),
    /// Who there is, who runs the server, who is kept out
    #[command(subcommand)]
    User(user::Verb),
    /// Which rooms there are, and what they are
    #[command(subcommand)]
    Room(room::Verb),
    /// Find what was said
    Search(search::Options),
    /// Say whether everything here is as it should be, and what is to be done if not
    Doctor(doctor::Options),
    /// Measure what a server holds on this machine, beside what the machine can do at all
    Bench(bench::BenchArgs),
    /// Look at the configuration
    #[command(subcommand)]
    Config(configure::Verb),
    /// Say whether the configuration is right
    CheckConfig(configure::Sources),
    /// Print a shell's completions
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => exit::report(&error),
    }
}

fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.verb {
        None => serve::run(arguments.server),
        Some(Verb::Server(options)) => serve::run(options),
        Some(Verb::Client(options)) => return client::run(options),
        Some(Verb::Send(options)) => send::run(options),
        Some(Verb::Snapshot(options)) => snapshot::run(&options),
        Some(Verb::Restore(options)) => restore::run(&options),
        Some(Verb::Import(options)) => import::run(&options),
        Some(Verb::Export(options)) => export::run(&options),
        Some(Verb::Verify(options)) => verify::run(&options),
        Some(Verb::User(verb)) => user::run(verb),
        Some(Verb::Room(verb)) => room::run(verb),
        Some(Verb::Search(options)) => search::run(&options),
        Some(Verb::Doctor(options)) => doctor::run(&options),
        Some(Verb::Bench(args)) => bench::run(args),
        Some(Verb::Config(verb)) => configure::run(&verb),
        Some(Verb::CheckConfig(sources)) => configure::check(&sources),
        Some(Verb::Completions { shell }) => manual::completions(shell, Arguments::command()),
        Some(Verb::Man) => manual::man(Arguments::command()),
    }
    .map(|()| ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
