//! The command line: reads what was asked and hands it to the crate that does it.

mod serve;

use clap::{Parser, Subcommand};

/// A chatroom for everything that speaks TCP: nc, an IRC client, a browser, a terminal, curl.
#[derive(Debug, Parser)]
#[command(name = "chatroom", version, about)]
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
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    match arguments.verb {
        None => serve::run(arguments.server),
        Some(Verb::Server(options)) => serve::run(options),
    }
}
