-- What is looked for whenever somebody comes, or takes something back, is found without looking at everybody.
CREATE INDEX users_by_name ON users (name COLLATE NOCASE);
CREATE INDEX keyed_by_owner ON keyed (owner);
CREATE INDEX mentions_by_message ON mentions (room, seq);
