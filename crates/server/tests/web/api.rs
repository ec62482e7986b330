//! The API for programs, over real sockets: each route, what it gives, and what it refuses.

mod bodies;
mod document;
mod keys;
mod limits;
mod messages;
mod order;
mod paging;
mod parity;
mod people;
mod private;
mod program;
mod rooms;
mod scopes;
mod search;

use crate::patient;
use crate::rig::Rig;
use chatroom_server::limits::Settings;

/// A server that limits nobody.
fn unlimited() -> Rig {
    patient(|settings| settings.limits = Settings::off())
}
