//! The command line, verb by verb, on the real program with real folders, ports and signals.
#![allow(clippy::unwrap_used, reason = "all of this is a test, helpers too: what goes wrong fails it")]

mod program;
mod talker;

mod configuration;
mod doctor;
mod export;
mod history;
mod import;
mod limits;
mod papers;
mod people;
mod room;
mod search;
mod server;
mod socket;
mod user;
