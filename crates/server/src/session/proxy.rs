//! What a proxy in front says of a connection before anything else: whose it is. Knows nothing of what is said after that.

use super::Input;
use crate::limits::Place;
use crate::listener;
use crate::sequencer::Sequencer;
use crate::shard::Shard;
use chatroom_wire::proxy::{BadHeader, Header, Seen, look};
use std::io;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// How long a header may take to begin: a packet that was lost comes in that time (The PROXY protocol, 2).
const BEGINS: Duration = Duration::from_secs(3);

/// Why a connection of a proxy ends before it is known whose it is.
#[derive(Debug, thiserror::Error)]
enum Cut {
    #[error(transparent)]
    Bad(#[from] BadHeader),
    #[error("its end did not come in time")]
    Late,
    #[error(transparent)]
    Gone(#[from] io::Error),
}

/// Takes what a proxy says first, if it says anything, and counts the connection with the address it comes from; nothing where
/// it ends here.
pub(super) async fn passed<S: Sequencer>(
    shard: &Shard<S>,
    socket: TcpStream,
    input: &mut Input,
    place: &mut Place,
) -> Option<TcpStream> {
    let proxy = place.address();
    let header = match header(shard, &socket, input).await {
        Ok(header) => header,
        Err(Cut::Gone(_)) => return None,
        Err(why) => {
            tracing::warn!(%proxy, %why, "a proxy's header is improper: closed");
            return None;
        }
    };
    input.skip(header.map_or(0, |header| header.length));
    // One that speaks for itself, or does not know for whom, is met as whoever it is.
    let address = header.and_then(|header| header.source).unwrap_or(proxy);
    match shard.shared.limits.connect(address, std::time::Instant::now()) {
        Ok(counted) => {
            *place = counted;
            Some(socket)
        }
        Err(limited) => {
            tracing::debug!(%address, %proxy, limit = limited.which.key, "turned away");
            listener::turn_away(socket, &format!("Closing: {limited}\n"));
            None
        }
    }
}

/// The header; nothing where the first bytes are something else, or do not come.
async fn header<S: Sequencer>(
    shard: &Shard<S>,
    socket: &TcpStream,
    input: &mut Input,
) -> Result<Option<Header>, Cut> {
    let (since, login) = (Instant::now(), shard.shared.settings.login);
    loop {
        let (patience, then) = match look(input.unread())? {
            Seen::Nothing => return Ok(None),
            Seen::Whole(header) => return Ok(Some(header)),
            Seen::Perhaps => (login.min(BEGINS), Ok(None)),
            Seen::Part => (login, Err(Cut::Late)),
        };
        match timeout_at(since + patience, socket.readable()).await {
            Ok(ready) => ready?,
            Err(_) => return then,
        }
        input.read(socket, &shard.buffer).await?;
    }
}
