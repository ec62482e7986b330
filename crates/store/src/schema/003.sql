-- People who are there only while connected, and how programs know them (IRC).
ALTER TABLE users ADD COLUMN visitor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN ident_user TEXT;
ALTER TABLE users ADD COLUMN ident_real TEXT;
