//! The hash chain: each event's hash covers the one before it. Knows nothing of where the rows are kept.

use crate::Record;
use crate::durable::EventForm;

/// A link of the chain: BLAKE3, 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link(pub [u8; 32]);

/// The link before the first event.
pub const GENESIS: Link = Link([0; 32]);

/// What the chain covers of a body: its hash, blinded by a salt, so that the body can go and the chain still holds.
#[must_use]
pub fn body_hash(salt: &[u8; 16], body: &str) -> [u8; 32] {
    *blake3::Hasher::new().update(salt).update(body.as_bytes()).finalize().as_bytes()
}

/// The link of one event: over the link before it, its place, its time, its durable form and its body's hash.
#[must_use]
pub fn link(before: Link, record: &Record, form: &EventForm) -> Link {
    let body = form.body.as_deref().map(|body| body_hash(&record.salt, body));
    link_row(before, record.position.0, record.part, record.time.0, form.data.as_bytes(), body.as_ref())
}

/// The same from a stored row, whose body may be gone while its hash stays.
#[must_use]
pub fn link_row(
    before: Link,
    position: u64,
    part: u32,
    time: i64,
    data: &[u8],
    body_hash: Option<&[u8; 32]>,
) -> Link {
    let mut hash = blake3::Hasher::new();
    hash.update(&before.0)
        .update(&position.to_le_bytes())
        .update(&part.to_le_bytes())
        .update(&time.to_le_bytes());
    hash.update(&(data.len() as u64).to_le_bytes()).update(data);
    if let Some(body) = body_hash {
        hash.update(body);
    }
    Link(*hash.finalize().as_bytes())
}
