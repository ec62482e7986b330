//! The command line, verb by verb, on the real program with real folders, ports and signals.

mod program;
mod talker;

mod configuration;
mod history;
mod import;
mod papers;
mod people;
mod server;
