-- Rooms, people, rights, and what becomes of messages. Everything here follows from the log.
ALTER TABLE users ADD COLUMN phc TEXT;                          -- a registered user's password, hashed (PHC string)
ALTER TABLE users ADD COLUMN operator INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN away TEXT;
ALTER TABLE users ADD COLUMN profile TEXT NOT NULL DEFAULT '';

ALTER TABLE rooms ADD COLUMN name TEXT;                         -- NULL for a direct conversation
ALTER TABLE rooms ADD COLUMN access TEXT NOT NULL DEFAULT 'public';
ALTER TABLE rooms ADD COLUMN topic TEXT NOT NULL DEFAULT '';
ALTER TABLE rooms ADD COLUMN password TEXT;
ALTER TABLE rooms ADD COLUMN slow INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN most INTEGER;                      -- members it may have
ALTER TABLE rooms ADD COLUMN moderated INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN keep_for INTEGER;                  -- milliseconds
ALTER TABLE rooms ADD COLUMN keep INTEGER;                      -- messages
ALTER TABLE rooms ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0; -- the last message retention took away
UPDATE rooms SET name = '#lobby' WHERE id = 1;
CREATE INDEX rooms_by_a ON rooms (a) WHERE a IS NOT NULL;
CREATE INDEX rooms_by_b ON rooms (b) WHERE b IS NOT NULL;
CREATE INDEX rooms_by_name ON rooms (name COLLATE NOCASE);

CREATE TABLE tickets (                  -- the tokens by which registered users take sessions up again
    owner   INTEGER NOT NULL,
    n       INTEGER NOT NULL,           -- the oldest first
    token   BLOB    NOT NULL,
    session INTEGER NOT NULL,
    seen    INTEGER NOT NULL,
    PRIMARY KEY (owner, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE ignores (
    owner INTEGER NOT NULL,
    other INTEGER NOT NULL,
    PRIMARY KEY (owner, other)
) STRICT, WITHOUT ROWID;
CREATE TABLE members (
    room  INTEGER NOT NULL,
    user  INTEGER NOT NULL,
    role  TEXT    NOT NULL,
    since INTEGER NOT NULL,             -- the position where they came in
    read  INTEGER NOT NULL,             -- the last message they have marked as read
    spoke INTEGER NOT NULL,
    PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_user ON members (user, room);
CREATE TABLE stays (                    -- who was in a room from where to where, once they have gone out
    user  INTEGER NOT NULL,
    upto  INTEGER NOT NULL,             -- the event by which they went out
    room  INTEGER NOT NULL,
    since INTEGER NOT NULL,             -- the position where they had come in
    PRIMARY KEY (user, upto, room)
) STRICT, WITHOUT ROWID;
CREATE TABLE invitations (
    room INTEGER NOT NULL,
    user INTEGER NOT NULL,
    PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;
CREATE TABLE sanctions (
    room   INTEGER NOT NULL,            -- 0 is the whole server
    n      INTEGER NOT NULL,
    sort   TEXT    NOT NULL,            -- 'ban' or 'mute'
    data   TEXT    NOT NULL,            -- on whom, by whom, why, until when
    PRIMARY KEY (room, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE pins (
    room INTEGER NOT NULL,
    n    INTEGER NOT NULL,
    seq  INTEGER NOT NULL,
    PRIMARY KEY (room, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE purges (
    room  INTEGER NOT NULL,
    id    INTEGER NOT NULL,
    user  INTEGER NOT NULL,
    since INTEGER NOT NULL,
    upto  INTEGER NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (room, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE edits (                    -- the events that gave a message other words
    room INTEGER NOT NULL,
    seq  INTEGER NOT NULL,
    id   INTEGER NOT NULL,
    PRIMARY KEY (room, seq, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE reactions (
    room  INTEGER NOT NULL,
    seq   INTEGER NOT NULL,
    emoji TEXT    NOT NULL,
    user  INTEGER NOT NULL,
    PRIMARY KEY (room, seq, emoji, user)
) STRICT, WITHOUT ROWID;
CREATE TABLE mentions (                 -- messages that name somebody; user 0 is everybody in the room
    user INTEGER NOT NULL,
    room INTEGER NOT NULL,
    seq  INTEGER NOT NULL,
    PRIMARY KEY (user, room, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE audit (                    -- the events by which somebody moderated or administered
    id   INTEGER PRIMARY KEY,
    room INTEGER NOT NULL               -- 0 is the whole server
) STRICT;
CREATE INDEX audit_by_room ON audit (room, id);
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is kept'); END;
CREATE TRIGGER audit_is_final BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is final'); END;

-- Whoever was there when rooms came is in the lobby, from where the log began.
INSERT INTO members SELECT id, a, 'member', 0, last, 0 FROM rooms WHERE a IS NOT NULL;
INSERT INTO members SELECT id, b, 'member', 0, last, 0 FROM rooms WHERE b IS NOT NULL;
INSERT INTO members SELECT 1, id, 'member', 0, (SELECT last FROM rooms WHERE id = 1), 0 FROM users;
