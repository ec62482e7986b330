//! `chatroom send`: lines from standard input to a room, for scripts. Done when all are acknowledged.

use crate::client::ADDRESS;
use crate::exit::{self, coded};
use crate::given;
use crate::out;
use anyhow::Context;
use chatroom_client::SendOptions;
use chatroom_model::{LOBBY_NAME, RoomName};
use std::io::{self, BufRead};
use std::sync::{Arc, OnceLock};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The room; it is joined first, and must be one that may be
    #[arg(value_parser = given::room)]
    room: RoomName,
    /// Where the server is; without a port, 9000
    #[arg(long, value_name = "HOST:PORT", default_value = ADDRESS)]
    to: String,
    /// The name to send under [default: the server makes one up]
    #[arg(long)]
    name: Option<String>,
}

/// Sends every line of standard input.
pub(crate) fn run(options: Options) -> anyhow::Result<()> {
    let room = Some(options.room.as_str()).filter(|room| *room != LOBBY_NAME).map(str::to_owned);
    let state_dir = options.name.as_ref().and_then(|_| chatroom_client::default_state_dir());
    let to = SendOptions { address: options.to, name: options.name, room, state_dir };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the event loop")?;
    // Reading stops at an error, and that must not look like the end of the input.
    let broken = Arc::new(OnceLock::new());
    let sent = runtime.block_on(chatroom_client::send(to, lines(Arc::clone(&broken))))?;
    if let Some(error) = broken.get() {
        return Err(coded(exit::IO, format!("cannot read standard input: {error}")));
    }
    out::talk(format_args!("{} lines sent", sent.lines));
    Ok(())
}

fn lines(broken: Arc<OnceLock<io::Error>>) -> impl Iterator<Item = String> + Send {
    std::iter::from_fn(move || {
        let mut line = Vec::new();
        match io::stdin().lock().read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(_) => {
                let text = String::from_utf8_lossy(&line);
                Some(text.trim_end_matches(['\r', '\n']).to_owned())
            }
            Err(error) => {
                let _ = broken.set(error);
                None
            }
        }
    })
}
