//! What chat means. Pure: no I/O, clock, randomness, tokio or SQL.
