//! JSON, as programs read it over HTTP. Knows no status line and no header.
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

mod problem;

pub use problem::Problem;
