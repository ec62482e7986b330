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

const HTTP: &[u8] = b"HTTP/1.1 404 Not Found\r\n\
    content-type: text/plain; charset=utf-8\r\n\
    content-length: 38\r\n\
    connection: close\r\n\
    cache-control: no-store\r\n\
    x-content-type-options: nosniff\r\n\
    content-security-policy: default-src 'none'; frame-ancestors 'none'\r\n\
    referrer-policy: no-referrer\r\n\
    \r\n\
    The web is not served at this address\n";

/// The whole answer to an HTTP request that comes after the prompt of the line protocol (RFC 9110, 15.5.9).
pub const LATE_HTTP: &[u8] = b"HTTP/1.1 408 Request Timeout\r\n\
    content-type: text/plain; charset=utf-8\r\n\
    content-length: 65\r\n\
    connection: close\r\n\
    cache-control: no-store\r\n\
    x-content-type-options: nosniff\r\n\
    content-security-policy: default-src 'none'; frame-ancestors 'none'\r\n\
    referrer-policy: no-referrer\r\n\
    \r\n\
    This port had begun to speak to a person; ask again, and at once\n";

/// Empty SETTINGS, then GOAWAY with HTTP_1_1_REQUIRED (RFC 9113, 6.5 and 6.8).
const HTTP2: &[u8] = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00\
    \x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0d";

/// A fatal alert, handshake_failure (RFC 8446, section 6).
const TLS: &[u8] = b"\x15\x03\x03\x00\x02\x02\x28";
