//! A real server and clients of the line protocol that check what no client may ever be given. Knows nothing of how it is kept.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod client;
mod corpus;
mod kick;
mod redaction;
mod rights;
