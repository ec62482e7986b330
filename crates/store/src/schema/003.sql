-- People who are there only while connected, and how programs know them (IRC).
ALTER TABLE users ADD COLUMN visitor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN ident_user TEXT;
ALTER TABLE users ADD COLUMN ident_real TEXT;
CREATE TABLE read_marks (                -- up to which time somebody has read, where a program said it
    room INTEGER NOT NULL,
    user INTEGER NOT NULL,
    at   INTEGER NOT NULL,
    PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;
