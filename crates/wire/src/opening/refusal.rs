//! How to tell a client, in its own language, that its protocol is not served. Only constants.

use super::Protocol;

/// The whole answer to send before closing; empty for the line protocol, which is always served.
pub fn refusal(protocol: Protocol) -> &'static [u8] {
    match protocol {
        Protocol::Line => b"",
        Protocol::Irc => b"ERROR :IRC is not served at this address\r\n",
        Protocol::Http => HTTP,
        Protocol::Http2 => HTTP2,
        Protocol::Tls => TLS,
        Protocol::Ssh => b"SSH is not served here yet; join with nc or telnet on this port\r\n",
    }
}

/// A whole answer by HTTP, of constants only.
macro_rules! http {
    ($status:literal, $length:literal, $text:literal) => {
        concat!(
            "HTTP/1.1 ",
            $status,
            "\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ",
            $length,
            "\r\nconnection: close\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\n",
            "content-security-policy: default-src 'none'; frame-ancestors 'none'\r\nreferrer-policy: no-referrer\r\n\r\n",
            $text
        )
        .as_bytes()
    };
}

const HTTP: &[u8] = http!("404 Not Found", 38, "The web is not served at this address\n");

/// The whole answer to an HTTP request that comes after the prompt of the line protocol (RFC 9110, 15.5.9).
pub const LATE_HTTP: &[u8] =
    http!("408 Request Timeout", 65, "This port had begun to speak to a person; ask again, and at once\n");

/// Empty SETTINGS, then GOAWAY with HTTP_1_1_REQUIRED (RFC 9113, 6.5 and 6.8).
const HTTP2: &[u8] = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00\
    \x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0d";

/// A fatal alert, handshake_failure (RFC 8446, section 6).
const TLS: &[u8] = b"\x15\x03\x03\x00\x02\x02\x28";
