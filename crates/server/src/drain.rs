//! How a connection ends so that what was said last is read.

use std::net::Shutdown;
use std::time::Duration;
use tokio::net::TcpStream;

/// How long a client has to take what was said last.
pub(crate) const LINGER: Duration = Duration::from_secs(1);
/// Bytes that are taken of a client that does not stop.
const MOST: usize = 1024 * 1024;

/// Says that nothing more comes, and takes what the client still sends until it has ended, too: a socket that is closed with
/// something unread is reset, and with it goes what the client has not read yet. The caller says for how long.
pub(crate) async fn drain(socket: &TcpStream) {
    if socket2::SockRef::from(socket).shutdown(Shutdown::Write).is_err() {
        return;
    }
    let mut left = MOST;
    let mut buffer = [0u8; 512];
    while left > 0 && socket.readable().await.is_ok() {
        match socket.try_read(&mut buffer) {
            Ok(0) => return,
            Ok(n) => left = left.saturating_sub(n),
            Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}
