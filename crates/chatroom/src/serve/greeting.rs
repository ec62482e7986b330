//! What a server that accepts says of itself: where it is and how to join. Knows nothing of how it is said.

use serde_json::json;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// One line for scripts.
pub(super) fn json(addresses: &[SocketAddr], admin: Option<SocketAddr>, setup: Option<&str>) -> String {
    let listen: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    let mut line = json!({ "listen": listen, "admin": admin.map(|address| address.to_string()) });
    if let Some(token) = setup {
        line["setup"] = token.into();
    }
    line.to_string()
}

/// Lines for people: the original's, and how to join.
pub(super) fn text(addresses: &[SocketAddr], setup: Option<&str>) -> String {
    let mut lines: Vec<_> = addresses.iter().map(|address| format!("Server started on {address}")).collect();
    if let Some(first) = addresses.first() {
        let here = SocketAddr::new(reachable(first.ip()), first.port());
        lines.push(format!("Join at     http://{here}/ in a browser"));
        lines.push(format!("or with     nc {} {}", here.ip(), here.port()));
        lines.push(format!("or with     chatroom client {here}"));
        lines.push(format!(
            "or with     any IRC client: irssi -c {} -p {}, then /join #lobby",
            here.ip(),
            here.port()
        ));
        if addresses.iter().all(|address| address.ip().is_loopback()) {
            let port = first.port();
            lines.push(format!(
                "It listens to this machine only; --listen 0.0.0.0:{port} opens it to the network."
            ));
        }
    }
    if let Some(token) = setup {
        lines.push(format!(
            "Nobody runs this server yet. Register, then say   /operator {token}\n\
             or, on this machine,   chatroom user admin NAME"
        ));
    }
    lines.join("\n")
}

/// An address that reaches a listener from this machine.
fn reachable(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_how_to_join_and_how_to_open_it() {
        assert_eq!(
            text(&["127.0.0.1:9000".parse().unwrap()], None),
            "Server started on 127.0.0.1:9000\nJoin at     http://127.0.0.1:9000/ in a browser\n\
             or with     nc 127.0.0.1 9000\n\
             or with     chatroom client 127.0.0.1:9000\n\
             or with     any IRC client: irssi -c 127.0.0.1 -p 9000, then /join #lobby\n\
             It listens to this machine only; --listen 0.0.0.0:9000 opens it to the network."
        );
        let open = text(&["[::]:9000".parse().unwrap()], Some("0123abcd"));
        assert!(open.contains("nc ::1 9000\n") && open.contains("client [::1]:9000"), "{open}");
        assert!(!open.contains("this machine only"), "{open}");
        assert!(open.contains("/operator 0123abcd\n") && open.contains("chatroom user admin NAME"), "{open}");
    }

    #[test]
    fn scripts_get_one_line() {
        let line = json(&["127.0.0.1:43121".parse().unwrap()], None, None);
        assert_eq!(line, r#"{"admin":null,"listen":["127.0.0.1:43121"]}"#);
        let first = json(&[], "127.0.0.1:9001".parse().ok(), Some("0123"));
        assert_eq!(first, r#"{"admin":"127.0.0.1:9001","listen":[],"setup":"0123"}"#);
    }
}
