//! Search over a real log: what is found, what is never found, what it may cost, and an index that is lost.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod bounds;
mod changed;
mod found;
mod log;
mod lost;
mod naive;
