//! The log on a real disk: what is stored is read back, and what is altered or missing is named.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

use chatroom_model::{
    Body, Entry, Event, LOBBY, Millis, Name, Position, Proof, RULES, Record, Request, Say, Seq, SessionId,
    State, TokenHash, UserId, Where, decide,
};
use chatroom_model::{ClientId, Past, Said};
use chatroom_store::{
    Cursor, Fault, Folder, Found, Keep, Reader, Span, Told, Writer, list, prune, restore, take, verify,
};
use std::time::{Duration, SystemTime};

const ALL: Found = Found { rows: 10_000, bytes: usize::MAX };

fn folder() -> (tempfile::TempDir, Folder) {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::new(dir.path().join("chatdata"));
    folder.create().unwrap();
    (dir, folder)
}

/// Bob comes in and says `n` lines, each in a batch of its own.
fn talk(folder: &Folder, n: u64) -> State {
    let (mut writer, mut state) = Writer::open(folder).unwrap();
    let session = SessionId(1);
    for i in 0..=n {
        let request = if state.session(session).is_none() {
            let proof = Proof::NewGuest(TokenHash::of(&[1; 16]));
            Request::Open { session, name: Name::parse("bob").unwrap(), proof, address: None }
        } else {
            let body = Body::parse(&format!("line number {i}")).unwrap();
            Request::Say(Say {
                client_id: Some(ClientId(u128::from(state.position.0).to_be_bytes())),
                ..Say::new(session, Where::Id(LOBBY), body)
            })
        };
        let entry = Entry {
            position: state.position.next(),
            time: Millis(i as i64),
            rules: RULES,
            salt: [9; 16],
            request,
        };
        let events = decide(&state, &writer, &entry).unwrap();
        state.advance(&entry);
        let mut records = Vec::new();
        for (part, event) in (0..).zip(events) {
            let record = Record { position: entry.position, part, time: state.time, salt: entry.salt, event };
            state.apply(&record);
            writer.add(&record, &state).unwrap();
            records.push(record);
        }
        writer.commit(records, &state).unwrap();
    }
    writer.close().unwrap();
    state
}

/// The lobby's last messages, as Bob sees them.
fn recent(reader: &Reader, n: usize, upto: Position) -> Result<Vec<Told>, Fault> {
    let sight = reader.sight(UserId(1), SessionId(1), Position(0))?;
    reader.history(LOBBY, Span::Last, n, upto, &sight)
}

fn sql(folder: &Folder, text: &str) {
    rusqlite::Connection::open(folder.database()).unwrap().execute_batch(text).unwrap();
}

#[test]
fn what_is_stored_is_read_back_by_page_by_number_and_as_a_state() {
    let (_dir, folder) = folder();
    let state = talk(&folder, 50);
    let (writer, loaded) = Writer::open(&folder).unwrap();
    assert_eq!(loaded.hash(), state.hash());
    assert_eq!(loaded.room(LOBBY).unwrap().last, Seq(50));
    let said = writer.said(UserId(1), ClientId(7u128.to_be_bytes())).unwrap();
    assert_eq!(said, Said { position: Position(8), seq: Seq(7) });
    assert!(writer.said(UserId(2), ClientId(7u128.to_be_bytes())).is_none());
    let reader = Reader::open(&folder).unwrap();
    let sight = reader.sight(UserId(1), SessionId(1), Position(0)).unwrap();
    let mut cursor = Cursor::default();
    let mut seqs = Vec::new();
    loop {
        let few = Found { rows: 7, bytes: usize::MAX };
        let page = reader.page(cursor, state.position, &sight, few).unwrap();
        seqs.extend(page.records.iter().filter_map(|record| match &record.event {
            Event::Message { seq, .. } => Some(seq.0),
            _ => None,
        }));
        if page.end {
            break;
        }
        assert!(page.cursor > cursor);
        cursor = page.cursor;
    }
    assert_eq!(seqs, (1..=50).collect::<Vec<_>>());
    let recent = recent(&reader, 3, Position(20)).unwrap();
    assert_eq!(recent.iter().map(|told| told.record.position.0).collect::<Vec<_>>(), [18, 19, 20]);
}

#[test]
fn an_altered_row_is_never_served_and_verify_names_it() {
    for (change, position) in [
        ("UPDATE events SET body = 'line number 7!' WHERE seq = 7", 8),
        ("UPDATE events SET body = NULL WHERE seq = 7", 8),
        ("UPDATE events SET data = replace(data, 'bob', 'eve') WHERE seq = 7", 8),
        ("UPDATE events SET time = time + 1 WHERE seq = 7", 8),
        ("UPDATE events SET salt = zeroblob(16) WHERE seq = 7", 8),
        ("DELETE FROM events WHERE seq = 6", 8),
    ] {
        let (_dir, folder) = folder();
        let state = talk(&folder, 10);
        sql(&folder, change);
        let reader = Reader::open(&folder).unwrap();
        let broken = verify(&reader, |_| {}).unwrap().unwrap_err();
        assert_eq!(broken.position, Position(position), "{change}: {broken:?}");
        for served in [
            recent(&reader, 20, state.position).map(drop),
            reader.rows(Cursor::default(), state.position, ALL).map(drop),
        ] {
            let fault = served.unwrap_err();
            assert!(
                matches!(&fault, Fault::Damaged(what) if what.contains("position 8")),
                "{change}: {fault}"
            );
        }
        // What stands before the damage can be read.
        assert_eq!(recent(&reader, 20, Position(5)).unwrap().len(), 4, "{change}");
    }
}

#[test]
fn columns_that_only_queries_use_are_held_to_the_chained_data() {
    for change in ["author = 99", "visible = 0", "client_id = NULL"] {
        let (_dir, folder) = folder();
        talk(&folder, 10);
        sql(&folder, &format!("UPDATE events SET {change} WHERE seq = 7"));
        let broken = verify(&Reader::open(&folder).unwrap(), |_| {}).unwrap().unwrap_err();
        assert_eq!(broken.position, Position(8), "{broken:?}");
    }
}

#[test]
fn an_order_of_the_file_that_leads_astray_is_noticed_though_every_row_is_whole() {
    let (_dir, folder) = folder();
    talk(&folder, 2_000);
    sql(&folder, "PRAGMA wal_checkpoint(TRUNCATE)");
    assert!(verify(&Reader::open(&folder).unwrap(), |_| {}).unwrap().is_ok());
    let file = folder.database();
    let mut bytes = std::fs::read(&file).unwrap();
    // The first page of a table that only leads to others; its first cell: a page's number, and the last key there
    // (SQLite's file format, 1.6).
    let size = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
    let page = (1..bytes.len() / size).map(|n| n * size).find(|at| bytes[*at] == 5).expect("a large table");
    let cell = page + usize::from(u16::from_be_bytes([bytes[page + 12], bytes[page + 13]]));
    bytes[cell + 4] ^= 2;
    std::fs::write(&file, bytes).unwrap();
    let broken = verify(&Reader::open(&folder).unwrap(), |_| {}).unwrap().unwrap_err();
    assert!(broken.what.contains("not where it would be looked for"), "{broken:?}");
}

#[test]
fn an_end_that_went_missing_is_noticed_though_what_is_left_is_whole() {
    let (_dir, folder) = folder();
    talk(&folder, 10);
    let copy = folder.path().join("earlier.db");
    std::fs::copy(folder.database(), &copy).unwrap();
    let later = talk(&folder, 5).position;
    std::fs::rename(&copy, folder.database()).unwrap();
    assert!(verify(&Reader::open(&folder).unwrap(), |_| {}).unwrap().is_ok());
    let fault = Writer::open(&folder).unwrap_err();
    let sentence = fault.to_string();
    assert!(sentence.contains(&format!("{later} was acknowledged")), "{sentence}");
    std::fs::write(folder.database(), "").unwrap();
    let fault = Writer::open(&folder).unwrap_err();
    assert!(fault.to_string().contains("ends at position 0"), "a log that is gone is not a new one: {fault}");
    std::fs::remove_file(folder.path().join("chatroom.anchor")).unwrap();
    Writer::open(&folder).unwrap();
}

#[test]
fn a_torn_anchor_is_none() {
    let (_dir, folder) = folder();
    talk(&folder, 3);
    std::fs::write(folder.path().join("chatroom.anchor"), [0xff; 48]).unwrap();
    Writer::open(&folder).unwrap();
}

#[test]
fn snapshots_are_taken_checked_kept_by_number_and_age_and_put_back() {
    let (dir, folder) = folder();
    let mut last = None;
    for _ in 0..4 {
        talk(&folder, 3);
        last = take(&folder, |_, _| true).unwrap();
    }
    let newest = last.unwrap();
    let keep = Keep { number: 3, age: Duration::from_secs(3600) };
    assert_eq!(prune(&folder, keep, SystemTime::now()).unwrap(), 1);
    assert_eq!(list(&folder).unwrap().len(), 3);
    let much_later = SystemTime::now() + Duration::from_secs(7200);
    assert_eq!(prune(&folder, keep, much_later).unwrap(), 2);
    assert_eq!(list(&folder).unwrap()[0].path, newest.path, "the newest stays however old it is");
    assert!(take(&folder, |_, _| false).unwrap().is_none(), "a stopped one leaves nothing");
    assert!(!folder.snapshots().join("snapshot.part").exists());

    let refused = restore(&newest.path, &folder, |_, _| {}).unwrap_err();
    assert!(matches!(refused, Fault::Exists(_)), "{refused}");
    let other = Folder::new(dir.path().join("restored"));
    assert_eq!(restore(&newest.path, &other, |_, _| {}).unwrap(), newest.position);
    let (_, state) = Writer::open(&other).unwrap();
    assert_eq!(state.position.0, newest.position);
    assert!(verify(&Reader::open(&other).unwrap(), |_| {}).unwrap().is_ok());
}
