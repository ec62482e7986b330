//! How many written bytes a peer's kernel has not acknowledged yet, asked of ours by a socket-diagnosis request
//! (sock_diag(7)): what is unacknowledged when a connection breaks must be given again.

use rustix::fd::OwnedFd;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, sendto, socket_with,
};
use std::net::{IpAddr, SocketAddr};
use tokio::net::TcpStream;

/// Asks the kernel; one for each shard.
#[derive(Debug)]
pub(crate) struct Unacked(Option<OwnedFd>);

const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLM_F_REQUEST: u16 = 1;
const TCP: u8 = 6;
/// Netlink header, then `struct inet_diag_req_v2`.
const REQUEST: usize = 16 + 56;
/// Where `idiag_wqueue` stands in an answer: netlink header, 4 bytes, socket id, expires, rqueue.
const WQUEUE: usize = 16 + 4 + 48 + 4 + 4;

impl Unacked {
    pub(crate) fn new() -> Self {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(AddressFamily::NETLINK, SocketType::DGRAM, flags, Some(netlink::SOCK_DIAG));
        if let Err(error) = &socket {
            tracing::warn!(%error, "cannot ask what is unacknowledged: after a cut more will be repeated");
        }
        Self(socket.ok())
    }

    /// Bytes of a connection that were written and not acknowledged; none when the kernel does not tell.
    pub(crate) fn of(&mut self, stream: &TcpStream) -> Option<u32> {
        let socket = self.0.as_ref()?;
        let request = request(stream.local_addr().ok()?, stream.peer_addr().ok()?)?;
        let kernel = netlink::SocketAddrNetlink::new(0, 0);
        sendto(socket, &request, SendFlags::empty(), &kernel).ok()?;
        let mut answer = [0u8; 512];
        let (_, n) = recv(socket, &mut answer[..], RecvFlags::empty()).ok()?;
        let answer = answer.get(..n)?;
        if answer.get(4..6)? != SOCK_DIAG_BY_FAMILY.to_ne_bytes() {
            return None;
        }
        Some(u32::from_ne_bytes(answer.get(WQUEUE..WQUEUE + 4)?.try_into().ok()?))
    }
}

fn request(local: SocketAddr, peer: SocketAddr) -> Option<[u8; REQUEST]> {
    let mut bytes = [0u8; REQUEST];
    let mut at = 0;
    let mut put = |part: &[u8]| {
        bytes[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    };
    put(&(REQUEST as u32).to_ne_bytes());
    put(&SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    put(&NLM_F_REQUEST.to_ne_bytes());
    put(&[0; 8]); // sequence number and sender
    let family = if local.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    put(&[u8::try_from(family.as_raw()).ok()?, TCP, 0, 0]);
    put(&u32::MAX.to_ne_bytes()); // in whatever state
    put(&local.port().to_be_bytes());
    put(&peer.port().to_be_bytes());
    for address in [local.ip(), peer.ip()] {
        match address {
            IpAddr::V4(v4) => {
                put(&v4.octets());
                put(&[0; 12]);
            }
            IpAddr::V6(v6) => put(&v6.octets()),
        }
    }
    put(&[0; 4]); // on any interface
    put(&[0xff; 8]); // no cookie
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn unread_bytes_are_acknowledged_by_a_kernel_that_has_room_and_not_by_one_that_has_none() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let small = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        small.set_recv_buffer_size(4096).unwrap();
        small.connect(&listener.local_addr().unwrap().into()).unwrap();
        small.set_nonblocking(true).unwrap();
        let mut peer = TcpStream::from_std(small.into()).unwrap();
        let (ours, _) = listener.accept().await.unwrap();
        let mut unacked = Unacked::new();
        assert_eq!(unacked.of(&ours), Some(0));
        ours.writable().await.unwrap();
        let mut sent = 0;
        while let Ok(n) = ours.try_write(&[b'x'; 65536]) {
            sent += n;
        }
        let waiting = unacked.of(&ours).expect("the kernel tells");
        assert!(waiting > 0 && (waiting as usize) < sent, "{waiting} of {sent}");
        let mut buffer = vec![0; sent];
        peer.read_exact(&mut buffer).await.unwrap();
        // Reading everything lets everything be acknowledged; the last acknowledgement is on its way.
        while unacked.of(&ours).expect("the kernel tells") > 0 {
            tokio::task::yield_now().await;
        }
    }
}
