//! Takes connections and hands them to the shards in turn. Knows nothing of what is said on them.

use crate::settings::Speaks;
use crate::shard::{Shared, ToShard};
use rustix::io::Errno;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// Connections the kernel may hold for us while we are busy.
const BACKLOG: u32 = 4096;
/// Bytes the kernel may hold of what a client has not read: past this it is we who see that it is slow.
const SEND_BUFFER: usize = 256 * 1024;
/// Connections a shard has before the next one gets any: a few are served with fewer wake-ups by one thread.
const FILL: usize = 512;
/// How long to wait when no descriptor is free.
const BREATH: Duration = Duration::from_millis(50);

/// Opens a port.
pub(crate) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket =
        if address.is_ipv4() { tokio::net::TcpSocket::new_v4() } else { tokio::net::TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SEND_BUFFER as u32)?; // accepted sockets inherit it
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Accepts until the server stops.
pub(crate) async fn accept<S>(
    listener: TcpListener,
    speaks: Speaks,
    shared: Arc<Shared<S>>,
    shards: Vec<mpsc::Sender<ToShard>>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shared.stop.cancelled() => return,
        };
        let (socket, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if no_descriptor(&error) => {
                tracing::warn!(%error, "no descriptor is free: newcomers wait");
                tokio::time::sleep(BREATH).await;
                continue;
            }
            // The peer was gone before we looked.
            Err(_) => continue,
        };
        let place = if shared.settings.is_proxy(peer.ip()) {
            Ok(shared.limits.passing(peer.ip()))
        } else {
            shared.limits.connect(peer.ip(), Instant::now())
        };
        let place = match place {
            Ok(place) => place,
            Err(limited) => {
                tracing::debug!(address = %peer.ip(), limit = limited.which.key, "turned away");
                turn_away(socket, &format!("Closing: {limited}\n"));
                continue;
            }
        };
        let loads: Vec<_> = shared.connections.iter().map(|shard| shard.load(Ordering::Relaxed)).collect();
        if loads.iter().sum::<usize>() >= shared.settings.connections {
            turn_away(socket, "Closing: the server is full, try again later\n");
            continue;
        }
        if let Ok(socket) = prepare(socket, shared.settings.stall) {
            let shard = choose(&loads);
            shared.connections[shard].fetch_add(1, Ordering::Relaxed);
            if shards[shard].send(ToShard::Connected(socket, place, speaks)).await.is_err() {
                return;
            }
        }
    }
}

/// Says why, without waiting for anybody, and closes.
pub(crate) fn turn_away(socket: TcpStream, why: &str) {
    // The standard socket knows by trying; the runtime's would have to be told first that it is writable.
    let Ok(mut socket) = socket.into_std() else { return };
    let _ = socket.write_all(why.as_bytes());
    let _ = socket.shutdown(Shutdown::Write);
    // What the client has said already is read: left unread it would reset the connection, and the reason be lost.
    let _ = socket.read(&mut [0; 4096]);
}

/// The first shard that is not filled, or the one with least to do.
fn choose(loads: &[usize]) -> usize {
    let unfilled = loads.iter().position(|load| *load < FILL);
    let least = || loads.iter().enumerate().min_by_key(|(_, load)| **load).map(|(shard, _)| shard);
    unfilled.or_else(least).unwrap_or(0)
}

fn no_descriptor(error: &io::Error) -> bool {
    let codes = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    codes.iter().any(|code| error.raw_os_error() == Some(code.raw_os_error()))
}

fn prepare(socket: TcpStream, stall: Duration) -> io::Result<std::net::TcpStream> {
    socket.set_nodelay(true)?;
    let options = socket2::SockRef::from(&socket);
    let probes = socket2::TcpKeepalive::new()
        .with_time(Duration::from_secs(60))
        .with_interval(Duration::from_secs(15))
        .with_retries(4);
    // A reader whose connection is alive stays, however silent; one whose machine is gone does not.
    options.set_tcp_keepalive(&probes)?;
    // The kernel gives up on a connection a little after we would, so that the reason is ours.
    options.set_tcp_user_timeout(Some(stall + Duration::from_secs(30)))?;
    socket.into_std()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_filled_one_after_the_other_and_then_evenly() {
        assert_eq!(choose(&[0, 0]), 0);
        assert_eq!(choose(&[FILL - 1, 0]), 0);
        assert_eq!(choose(&[FILL, 0]), 1);
        assert_eq!(choose(&[FILL + 9, FILL + 3, FILL + 5]), 1);
        assert_eq!(choose(&[FILL + 9, 5, FILL]), 1);
    }
}
