//! Faults that a machine and its clients can have, by name, and what a test needs to see them through: a talker, a
//! witness that judges, a mount that fills up, calls that fail. Knows the line protocol and the kernel, no server.

mod books;
mod calls;
mod mount;
mod privilege;
mod talker;
mod witness;

pub use books::{Books, raise_descriptors};
pub use calls::FailingCalls;
pub use mount::{Mount, copy_sparse};
pub use privilege::{Timed, privileged, timed};
pub use talker::{Answer, DEADLINE, Talker, prompt_of};
pub use witness::Witness;
