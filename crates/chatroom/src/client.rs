//! `chatroom client`: joins from a terminal or a pipe. Knows nothing of the protocol.

use std::process::ExitCode;

/// Where a server listens when nobody says otherwise.
pub(crate) const ADDRESS: &str = "127.0.0.1:9000";

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Where the server is; without a port, 9000
    #[arg(value_name = "HOST:PORT", default_value = ADDRESS)]
    address: String,
    /// The name to join under [default: asked for]
    #[arg(long)]
    name: Option<String>,
}

/// Joins, and stays until the user leaves.
pub(crate) fn run(options: Options) -> anyhow::Result<ExitCode> {
    let state_dir = chatroom_client::default_state_dir();
    chatroom_client::run(chatroom_client::Options { address: options.address, name: options.name, state_dir })
}
