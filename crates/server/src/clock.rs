//! The clock, asked at the edge only: everything deeper is told the time.

use chatroom_model::Millis;
use std::time::{SystemTime, UNIX_EPOCH};

/// The time now.
#[must_use]
pub fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
