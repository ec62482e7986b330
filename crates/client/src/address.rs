//! Where a server is. Knows no name service.

/// The port of a chatroom that says none.
const PORT: u16 = 9000;

/// `HOST:PORT`, the port being the usual one where `address` has none.
pub(crate) fn with_port(address: &str) -> String {
    let address = address.trim();
    let has_port = match address.rsplit_once(':') {
        Some((host, port)) => port.parse::<u16>().is_ok() && (!host.contains(':') || host.ends_with(']')),
        None => false,
    };
    if has_port {
        address.to_owned()
    } else if address.contains(':') && !address.starts_with('[') {
        format!("[{address}]:{PORT}")
    } else {
        format!("{address}:{PORT}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_may_be_left_out() {
        for (given, meant) in [
            ("chat.example", "chat.example:9000"),
            ("chat.example:7", "chat.example:7"),
            ("127.0.0.1", "127.0.0.1:9000"),
            ("::1", "[::1]:9000"),
            ("[::1]", "[::1]:9000"),
            ("[::1]:7", "[::1]:7"),
        ] {
            assert_eq!(with_port(given), meant);
        }
    }
}
