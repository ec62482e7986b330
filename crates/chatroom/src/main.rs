//! The command line: reads what was asked and hands it to the crate that does it.

fn main() {}
