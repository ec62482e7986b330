-- The log: one row an event, in order. Open it with sqlite3 and read.
CREATE TABLE events (
    id        INTEGER PRIMARY KEY,  -- position * 1048576 + the event's number within its entry
    time      INTEGER NOT NULL,     -- UTC milliseconds; never runs backwards
    kind      TEXT    NOT NULL,     -- 'message', 'online', …
    visible   INTEGER NOT NULL,     -- whether anybody is given it: messages, coming and going that is told
    room      INTEGER,              -- where, for what stands in a room; 1 is #lobby
    seq       INTEGER,              -- its number there: 1, 2, 3 …
    author    INTEGER,              -- who wrote it; 0 for imported lines
    client_id BLOB,                 -- the sender's own id (UUID)
    data      TEXT    NOT NULL,     -- everything but the body, as versioned JSON: what the chain covers
    salt      BLOB,                 -- blinds the body's hash
    body      TEXT,                 -- what was written; NULL once redacted
    body_hash BLOB,                 -- stays when the body is redacted
    link      BLOB    NOT NULL      -- BLAKE3 over the link before and this row
) STRICT;
CREATE UNIQUE INDEX events_by_room ON events (room, seq) WHERE seq IS NOT NULL;
CREATE UNIQUE INDEX events_by_client_id ON events (author, client_id) WHERE client_id IS NOT NULL;

-- What is so after the last event. All of it follows from the log.
CREATE TABLE head (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    position    INTEGER NOT NULL,
    time        INTEGER NOT NULL,
    next_user   INTEGER NOT NULL,
    next_room   INTEGER NOT NULL,
    incarnation INTEGER NOT NULL,
    link        BLOB    NOT NULL
) STRICT;
CREATE TABLE users (
    id          INTEGER PRIMARY KEY,
    name        TEXT    NOT NULL,
    token       BLOB    NOT NULL,   -- BLAKE3 of the reconnect token
    last_seen   INTEGER NOT NULL,
    last_active INTEGER NOT NULL,
    sent        INTEGER NOT NULL,
    seen        INTEGER NOT NULL
) STRICT;
CREATE TABLE sessions (
    id    INTEGER PRIMARY KEY,
    owner INTEGER NOT NULL,
    opened INTEGER NOT NULL,        -- the position where it opened
    since INTEGER NOT NULL,         -- the position it had been given when it opened
    lag   INTEGER                   -- the position it has been given, while it lags behind its node's
) STRICT;
CREATE INDEX sessions_by_owner ON sessions (owner);
CREATE TABLE rooms (
    id   INTEGER PRIMARY KEY,
    a    INTEGER,                   -- the two people of a direct conversation
    b    INTEGER,
    last INTEGER NOT NULL
) STRICT;
CREATE TABLE nodes (
    id          INTEGER PRIMARY KEY,
    incarnation INTEGER NOT NULL,
    given       INTEGER NOT NULL    -- the position all its sessions that do not lag have been given
) STRICT;
INSERT INTO rooms (id, last) VALUES (1, 0);
INSERT INTO head VALUES (1, 0, 0, 1, 2, 0, zeroblob(32));
