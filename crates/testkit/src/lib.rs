//! Conversation scripts, faults and the checker. For tests only; knows nothing of how the product does what it checks.

pub mod checker;
pub mod crash;
pub mod export;
pub mod fault;
pub mod history;
pub mod process;
pub mod script;
