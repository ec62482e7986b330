//! Whatever stands in a folder of the original, reading it never panics, and what comes out of it is fit to be kept.
#![no_main]

#[path = "../import/parts.rs"]
mod parts;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| parts::read(data));
