//! The rules of the model and its durable forms, tried from outside.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on panics, and prints its seed"
)]

mod always;
mod decide;
mod golden;
mod golden2;
mod golden3;
mod hooks;
mod keys;
mod machine;
mod made_up;
mod messages;
mod people;
mod put_out;
mod rights;
mod rights_text;
mod room_limits;
mod rooms;
mod talk;
mod visitors;
