//! What a server answers to a WebSocket's opening, so that the client knows it was understood (RFC 6455, 4.2.2).

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use sha1::{Digest, Sha1};

/// What every server adds to the key.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// Bytes of a key, and characters of it in base64.
const KEY: (usize, usize) = (16, 24);
/// The last character of a key has bits that say nothing: some clients set them.
const LENIENT: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key`; none where that is not 16 bytes in base64.
#[must_use]
pub fn accept(key: &str) -> Option<String> {
    let proper = key.len() == KEY.1 && LENIENT.decode(key).is_ok_and(|bytes| bytes.len() == KEY.0);
    proper.then(|| LENIENT.encode(Sha1::new().chain_update(key).chain_update(GUID).finalize()))
}
