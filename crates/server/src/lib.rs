//! Owns every task: sequencer, engine, delivery, sessions, listeners.
