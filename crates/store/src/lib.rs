//! The log on disk: SQLite, one writer, many readers.
