//! Brings a database to this build's schema: numbered SQL, forward only, a copy taken first.

use crate::Fault;
use rusqlite::{Connection, MAIN_DB};
use std::path::Path;

const STEPS: &[&str] = &[
    include_str!("schema/001.sql"),
    include_str!("schema/002.sql"),
    include_str!("schema/003.sql"),
    include_str!("schema/004.sql"),
];

/// The schema this build writes.
pub const SCHEMA: i64 = STEPS.len() as i64;

/// The schema a database has; 0 when it is new.
pub(crate) fn version(db: &Connection) -> Result<i64, Fault> {
    Ok(db.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Refuses what a later build wrote.
pub(crate) fn readable(db: &Connection) -> Result<(), Fault> {
    match version(db)? {
        0 => Err(Fault::Damaged("there is no log in it".into())),
        found if found > SCHEMA => Err(Fault::Newer { found, known: SCHEMA }),
        _ => Ok(()),
    }
}

/// Runs the steps a database has not had, each in a transaction of its own.
pub(crate) fn migrate(db: &mut Connection, path: &Path) -> Result<(), Fault> {
    migrate_with(db, path, STEPS)
}

fn migrate_with(db: &mut Connection, path: &Path, steps: &[&str]) -> Result<(), Fault> {
    let known = steps.len() as i64;
    let found = version(db)?;
    if found > known {
        return Err(Fault::Newer { found, known });
    }
    if found > 0 && found < known {
        let copy = path.with_extension(format!("before-schema-{known}.db"));
        if !copy.exists() {
            crate::folder::private_file(&copy)?;
            db.backup(MAIN_DB, &copy, None::<fn(rusqlite::backup::Progress)>)?;
        }
    }
    for (n, step) in (1i64..).zip(steps).filter(|(n, _)| *n > found) {
        let tx = db.transaction()?;
        tx.execute_batch(step)?;
        tx.pragma_update(None, "user_version", n)?;
        tx.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table_exists(db: &Connection, name: &str) -> bool {
        db.query_row("SELECT count(*) FROM sqlite_master WHERE name = ?", [name], |row| row.get::<_, i64>(0))
            .unwrap()
            == 1
    }

    #[test]
    fn every_old_schema_comes_to_the_newest_and_a_copy_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("chatroom.db");
        let mut db = Connection::open(&path).unwrap();
        migrate(&mut db, &path).unwrap();
        let later = [STEPS, &["CREATE TABLE later (x INTEGER)"]].concat();
        migrate_with(&mut db, &path, &later).unwrap();
        assert!(table_exists(&db, "later"));
        let copy =
            Connection::open(path.with_extension(format!("before-schema-{}.db", later.len()))).unwrap();
        assert_eq!(version(&copy).unwrap(), SCHEMA);
        assert!(!table_exists(&copy, "later"));
        let refused = migrate(&mut db, &path).unwrap_err();
        assert!(matches!(refused, Fault::Newer { found, known } if found == known + 1), "{refused}");
    }

    #[test]
    fn a_step_that_fails_leaves_the_schema_before_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("chatroom.db");
        let mut db = Connection::open(&path).unwrap();
        migrate(&mut db, &path).unwrap();
        let broken = [STEPS, &["CREATE TABLE half (x INTEGER); CREATE TABLE events (again)"]].concat();
        migrate_with(&mut db, &path, &broken).unwrap_err();
        assert_eq!(version(&db).unwrap(), SCHEMA);
        assert!(!table_exists(&db, "half"));
    }
}
