//! Conversation scripts, faults and the checker. For tests only.
