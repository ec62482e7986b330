-- People who are there only while connected, and how programs know them (IRC).
ALTER TABLE users ADD COLUMN visitor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN ident_user TEXT;
ALTER TABLE users ADD COLUMN ident_real TEXT;
ALTER TABLE users ADD COLUMN ident_modes TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN account TEXT;                      -- what a registered user's account is called
UPDATE users SET account = name WHERE phc IS NOT NULL;
CREATE INDEX users_by_account ON users (account COLLATE NOCASE) WHERE account IS NOT NULL;
ALTER TABLE rooms ADD COLUMN outside INTEGER NOT NULL DEFAULT 0; -- whether those who are not in it may speak into it
ALTER TABLE rooms ADD COLUMN open_topic INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN registered_speak INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN registered_join INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN no_ctcp INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN made INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN topic_by TEXT;
ALTER TABLE rooms ADD COLUMN topic_at INTEGER;
ALTER TABLE members ADD COLUMN voiced INTEGER NOT NULL DEFAULT 0; -- whether they have a voice beside being more
CREATE TABLE metadata (                  -- what programs noted for programs: of a room, or of a user (room 0)
    room  INTEGER NOT NULL,
    user  INTEGER NOT NULL,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (room, user, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE read_marks (                -- up to which time somebody has read, where a program said it
    user   INTEGER NOT NULL,
    target TEXT NOT NULL,                -- a room's name in the form by which names compare, or @ and the number of somebody
    at     INTEGER NOT NULL,
    PRIMARY KEY (user, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX read_marks_by_target ON read_marks (target);
CREATE TABLE keys (                      -- what people's browsers and programs act by
    owner  INTEGER NOT NULL,
    id     INTEGER NOT NULL,             -- the position where it was given
    hash   BLOB NOT NULL,
    label  TEXT NOT NULL,
    scopes INTEGER NOT NULL,             -- 1 read, 2 write, 4 moderate, 8 manage
    made   INTEGER NOT NULL,
    until  INTEGER,                      -- when it ends by itself
    room   INTEGER,                      -- the one room in which may be spoken by it, if it is for that
    PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE keyed (                     -- the open sessions that came in by one
    session INTEGER PRIMARY KEY,
    owner   INTEGER NOT NULL,
    key     INTEGER NOT NULL
) STRICT;
CREATE TABLE hooks (                     -- addresses to which what is said in a room is sent
    room    INTEGER NOT NULL,
    id      INTEGER NOT NULL,            -- the position where it was added
    url     TEXT NOT NULL,
    label   TEXT NOT NULL,
    secret  BLOB NOT NULL,               -- as it is: a signature takes the secret itself; all zero once it has ended
    keeper  INTEGER NOT NULL,            -- the user whose it is
    name    TEXT NOT NULL,               -- and their name at that time
    made    INTEGER NOT NULL,
    ended   INTEGER,                     -- when it ended, where it has
    why     TEXT,                        -- gone, failed, keeper
    PRIMARY KEY (room, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_by_hash ON keys (hash);
ALTER TABLE users ADD COLUMN bot_of INTEGER;  -- whose bot it is
CREATE INDEX users_by_bot_of ON users (bot_of) WHERE bot_of IS NOT NULL;
