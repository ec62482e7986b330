//! The line client alone, to try by hand: `cargo run -p chatroom-client --example client -- HOST:PORT [NAME]`.

use chatroom_client::{Options, default_state_dir, run};
use std::process::ExitCode;

fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:9000".to_owned());
    run(Options { address, name: arguments.next(), state_dir: default_state_dir() })
}
