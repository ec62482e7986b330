//! Bytes to requests, events to bytes. No sockets, no clock.
