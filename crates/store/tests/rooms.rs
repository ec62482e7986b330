//! What becomes of rooms and messages on disk: retention, purges, what is unread, the record of moderation, old schemas.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

use chatroom_model::memory::Memory;
use chatroom_model::{
    Access, Act, Body, ClientId, Deed, Doer, Entry, Event, Fact, LOBBY, Millis, Name, NodeId, Position,
    Proof, RULES, Record, Refusal, Request, Retention, RoomId, RoomName, Say, Seq, SessionId, Setting, State,
    TokenHash, UserId, Where, chain, decide, durable,
};
use chatroom_store::{Cursor, Folder, Found, Reader, Span, Verified, Writer, verify};
use std::collections::BTreeSet;

/// A log in a folder of its own, and the state after it.
struct Log {
    _dir: tempfile::TempDir,
    folder: Folder,
    writer: Writer,
    state: State,
}

impl Log {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::new(dir.path().join("chatdata"));
        folder.create().unwrap();
        let (writer, state) = Writer::open(&folder).unwrap();
        Self { _dir: dir, folder, writer, state }
    }

    fn ask(&mut self, request: Request) -> Result<Vec<Record>, Refusal> {
        let position = self.state.position.next();
        let entry =
            Entry { position, time: Millis(position.0 as i64 * 1000), rules: RULES, salt: [9; 16], request };
        let decided = decide(&self.state, &self.writer, &entry);
        self.state.advance(&entry);
        let mut records = Vec::new();
        for (part, event) in (0..).zip(decided?) {
            let record = Record { position, part, time: self.state.time, salt: entry.salt, event };
            self.state.apply(&record);
            self.writer.add(&record, &self.state).unwrap();
            records.push(record);
        }
        let records = self.writer.commit(records, &self.state).unwrap();
        Ok(records.to_vec())
    }

    fn enter(&mut self, n: u64, name: &str) {
        self.ask(open(n, name)).unwrap();
    }

    fn act(&mut self, n: u64, deed: Deed) -> Result<Vec<Record>, Refusal> {
        self.ask(Request::Do {
            doer: Doer::Session { session: SessionId(n), address: None },
            deed: deed.into(),
        })
    }

    fn say(&mut self, n: u64, room: &Where, text: &str) -> Result<Vec<Record>, Refusal> {
        let position = self.state.position.0;
        self.ask(say(n, room.clone(), text, Some(ClientId([position as u8 + 1; 16]))))
    }

    fn reader(&self) -> Reader {
        Reader::open(&self.folder).unwrap()
    }

    fn whole(&self) -> Verified {
        verify(&self.reader(), |_| {}).unwrap().unwrap()
    }

    fn sql(&self, text: &str) -> rusqlite::Result<()> {
        rusqlite::Connection::open(self.folder.database()).unwrap().execute_batch(text)
    }

    /// What is loaded is what is in memory.
    fn reloads(&mut self) {
        let hash = self.state.hash();
        assert_eq!(self.writer.load().unwrap().hash(), hash);
    }
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn tea() -> Where {
    Where::Name(RoomName::parse("#tea").unwrap())
}

fn open(n: u64, who: &str) -> Request {
    let proof = Proof::NewGuest(TokenHash::of(&[n as u8; 16]));
    Request::Open { session: SessionId(n), name: name(who), proof, address: None }
}

fn say(n: u64, room: Where, text: &str, client_id: Option<ClientId>) -> Request {
    let body = Body::parse(text).unwrap();
    let (session, seen) = (SessionId(n), Position(0));
    Request::Say(Say { client_id, seen, ..Say::new(session, room, body) })
}

/// Ann's room, with Bob in it.
fn room() -> Log {
    let mut log = Log::new();
    log.enter(1, "ann");
    log.enter(2, "bob");
    log.act(1, Deed::Create { room: RoomName::parse("#tea").unwrap(), access: Access::Public }).unwrap();
    log.act(2, Deed::Join { room: tea(), password: None }).unwrap();
    log
}

const BOB: UserId = UserId(2);

#[test]
fn retention_takes_rows_away_and_the_chain_stays_whole() {
    let mut log = room();
    for n in 1..=5 {
        log.say(1, &tea(), &format!("words of {n}")).unwrap();
    }
    log.act(1, Deed::Edit { room: tea(), seq: Seq(2), body: "words edited".into(), client_id: None })
        .unwrap();
    log.act(2, Deed::React { room: tea(), seq: Seq(2), emoji: "+".into(), on: true }).unwrap();
    log.act(1, Deed::Pin { room: tea(), seq: Seq(1), on: true }).unwrap();
    let keep = Retention { age: None, number: Some(2) };
    log.act(1, Deed::Set { room: tea(), setting: Setting::Retention(keep) }).unwrap();
    log.ask(Request::Sweep).unwrap();
    log.reloads();
    assert_eq!(log.ask(Request::Sweep).unwrap_err(), Refusal::AlreadySo);
    assert_eq!(log.whole().gone, 4, "three messages and an edit");

    let reader = log.reader();
    let look = reader.look(BOB, &tea(), Act::Read).unwrap().unwrap();
    let sight = reader.sight(BOB, SessionId(2), Position(0)).unwrap();
    let told = reader.history(look.id, Span::Last, 10, log.state.position, &sight).unwrap();
    assert_eq!(told.iter().map(|told| told.seq.0).collect::<Vec<_>>(), [4, 5]);
    assert!(reader.pinned(&look, log.state.position, &sight).unwrap().is_empty());
    let all = Found { rows: 1000, bytes: usize::MAX };
    let page = reader.page(Cursor::default(), log.state.position, &sight, all).unwrap();
    let said = page.records.iter().filter(|record| matches!(record.event, Event::Message { .. })).count();
    assert_eq!(said, 2, "and reading on finds no more");
    assert_eq!(reader.seq_before(look.id, Millis(i64::MAX)).unwrap(), Seq(5));
    for deed in [
        Deed::Edit { room: tea(), seq: Seq(1), body: "x".into(), client_id: None },
        Deed::Pin { room: tea(), seq: Seq(1), on: true },
        Deed::Redact { room: tea(), seq: Seq(1), reason: String::new() },
    ] {
        assert_eq!(log.act(1, deed).unwrap_err(), Refusal::NoSuchMessage);
    }
    // The id of what is gone is still its own: a retry is no second message, and finds nothing to read.
    let gone = log.say(1, &tea(), "words of 6").unwrap().remove(0);
    let Event::Message { client_id, .. } = gone.event else { panic!("it is a message") };
    for n in 7..=9 {
        log.say(1, &tea(), &format!("words of {n}")).unwrap();
    }
    log.ask(Request::Sweep).unwrap();
    let again = log.ask(say(1, tea(), "words of 6", client_id)).unwrap_err();
    assert_eq!(again, Refusal::AlreadyStored(gone.position));
    assert!(log.writer.message_at(gone.position).unwrap().is_none());
    for (change, named) in [
        (
            "UPDATE events SET kind = 'gone', visible = 0, data = '', salt = NULL, body = NULL WHERE body = 'words of 9'",
            true,
        ),
        ("UPDATE events SET link = zeroblob(32) WHERE kind = 'gone' AND seq = 2", true),
    ] {
        log.sql(change).unwrap();
        assert_eq!(verify(&log.reader(), |_| {}).unwrap().is_err(), named, "{change}");
    }
}

#[test]
fn the_record_of_moderation_refuses_to_be_changed() {
    let mut log = room();
    log.act(1, Deed::Kick { room: tea(), user: name("bob"), reason: "enough".into() }).unwrap();
    let look = log.reader().look(UserId(1), &tea(), Act::Audit).unwrap().unwrap();
    assert_eq!(log.reader().audit(look.id, 10).unwrap().len(), 2, "made, and kicked");
    for change in ["DELETE FROM audit", "UPDATE audit SET room = 0", "UPDATE audit SET id = id + 1"] {
        let refused = log.sql(change).unwrap_err().to_string();
        assert!(refused.contains("the audit log is"), "{change}: {refused}");
    }
    assert_eq!(log.reader().audit(look.id, 10).unwrap().len(), 2);
    assert_eq!(log.reader().audit(look.id, 1).unwrap().len(), 1);
}

#[test]
fn what_is_unread_leaves_out_own_hidden_and_ignored_words() {
    let mut log = room();
    log.enter(3, "cas");
    log.act(3, Deed::Join { room: tea(), password: None }).unwrap();
    let id = log.state.room_named(&RoomName::parse("#tea").unwrap()).unwrap();
    let unread = |log: &Log| log.reader().unread(id, BOB).unwrap();
    assert_eq!(unread(&log), (0, 0));
    log.say(1, &tea(), "one").unwrap();
    log.say(2, &tea(), "two, by Bob").unwrap();
    log.say(3, &tea(), "three, by Cas").unwrap();
    log.say(1, &tea(), "four").unwrap();
    assert_eq!(unread(&log), (3, 0), "what one says is no news to oneself");
    log.sql("INSERT INTO mentions VALUES (2, 2, 1), (2, 2, 4), (0, 2, 4)").unwrap();
    assert_eq!(id, RoomId(2));
    assert_eq!(unread(&log), (3, 2), "named and called in one message is once");
    log.act(2, Deed::Ignore { user: name("cas"), on: true }).unwrap();
    assert_eq!(unread(&log), (2, 2));
    log.act(2, Deed::Ignore { user: name("cas"), on: false }).unwrap();
    log.act(1, Deed::Redact { room: tea(), seq: Seq(1), reason: String::new() }).unwrap();
    assert_eq!(unread(&log), (2, 1), "what is deleted names nobody");
    let until = Millis(1_000_000);
    log.act(1, Deed::Purge { room: tea(), user: name("cas"), since: Millis(0), until }).unwrap();
    assert_eq!(unread(&log).0, 1);
    let purge = log.state.room(id).unwrap().purges[0].id;
    log.act(1, Deed::Unpurge { room: tea(), purge }).unwrap();
    assert_eq!(unread(&log).0, 2);
    log.act(2, Deed::Read { room: tea(), seq: Seq(3), at: None }).unwrap();
    assert_eq!(unread(&log), (1, 1));
    log.act(2, Deed::Read { room: tea(), seq: Seq(99), at: None }).unwrap();
    assert_eq!(unread(&log), (0, 0));
    log.act(2, Deed::Leave { room: tea(), reason: String::new() }).unwrap();
    log.say(1, &tea(), "five").unwrap();
    assert_eq!(unread(&log), (0, 0), "nothing is unread where one is not");
    log.reloads();
}

#[test]
fn whoever_goes_out_sees_what_stands_before_and_no_more() {
    let mut log = room();
    // With the owner's going another one is owner, in the same entry.
    let gone = log.act(1, Deed::Leave { room: tea(), reason: String::new() }).unwrap();
    assert_eq!(gone.len(), 2);
    log.say(2, &tea(), "later").unwrap();
    let reader = log.reader();
    let sees = |user: u64, record: &Record| {
        reader.sight(UserId(user), SessionId(user), Position(0)).unwrap().sees(record)
    };
    assert!(sees(1, &gone[0]) && !sees(1, &gone[1]));
    assert!(sees(2, &gone[0]) && sees(2, &gone[1]));
    log.reloads();
}

/// What a build of the first schema left behind.
fn old(folder: &Folder) -> Memory {
    let mut node = Memory::new();
    let mut time = 0;
    let mut ask = |node: &mut Memory, request: Request| {
        time += 1000;
        node.ask(time, request).unwrap();
    };
    ask(&mut node, Request::StartNode { node: NodeId(0) });
    ask(&mut node, open(11, "ann"));
    ask(&mut node, open(12, "bob"));
    ask(&mut node, say(11, Where::Id(LOBBY), "hello", Some(ClientId([5; 16]))));
    ask(&mut node, say(11, Where::With(name("bob")), "psst", None));
    ask(&mut node, say(12, Where::Id(LOBBY), "hello, ann", None));
    let db = rusqlite::Connection::open(folder.database()).unwrap();
    db.execute_batch(include_str!("../src/schema/001.sql")).unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
    let mut link = chain::GENESIS;
    for record in &node.records {
        let form = durable::write_event(&record.event);
        link = chain::link(link, record, &form);
        let (room, seq, author, client_id) = match &record.event {
            Event::Message { room, seq, author, client_id, .. } => {
                (Some(room.0 as i64), Some(seq.0 as i64), Some(author.0 as i64), client_id.map(|id| id.0))
            }
            _ => (None, None, None, None),
        };
        let visible = chatroom_model::audience(&record.event).reads_on();
        db.execute(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)",
            rusqlite::params![
                (record.position.0 << 20) as i64 + i64::from(record.part),
                record.time.0,
                form.kind,
                visible,
                room,
                seq,
                author,
                client_id,
                form.data,
                form.body.as_ref().map(|_| record.salt),
                form.body,
                link.0
            ],
        )
        .unwrap();
    }
    let state = &node.state;
    for (id, user) in state.users() {
        let token = user.tickets[0].token.0;
        db.execute(
            "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?)",
            rusqlite::params![
                id.0 as i64,
                user.name.as_str(),
                token,
                user.last_seen.0,
                user.last_active.0,
                user.sent as i64,
                user.seen.0 as i64
            ],
        )
        .unwrap();
        for session in &user.sessions {
            let open = state.session(*session).unwrap();
            db.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?, NULL)",
                [session.0 as i64, id.0 as i64, open.opened.0 as i64, open.from.0 as i64],
            )
            .unwrap();
        }
    }
    db.execute_batch("UPDATE rooms SET last = 2 WHERE id = 1; INSERT INTO rooms VALUES (2, 1, 2, 1)")
        .unwrap();
    let run = state.node(NodeId(0)).unwrap();
    db.execute("INSERT INTO nodes VALUES (0, ?, 0)", [run.incarnation.0 as i64]).unwrap();
    db.execute(
        "UPDATE head SET position = ?, time = ?, next_user = ?, next_room = ?, incarnation = ?, link = ?",
        rusqlite::params![
            state.position.0 as i64,
            state.time.0,
            state.next_user.0 as i64,
            state.next_room.0 as i64,
            state.incarnation.0 as i64,
            link.0
        ],
    )
    .unwrap();
    node
}

#[test]
fn a_log_of_the_first_schema_is_taken_over_whole() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::new(dir.path().join("chatdata"));
    folder.create().unwrap();
    let node = old(&folder);
    let (mut writer, state) = Writer::open(&folder).unwrap();
    let (ann, bob) = (UserId(1), UserId(2));
    let lobby = state.room(LOBBY).unwrap();
    assert_eq!(lobby.members.keys().copied().collect::<BTreeSet<_>>(), [ann, bob].into());
    assert_eq!((lobby.last, lobby.online), (Seq(2), 2));
    assert_eq!(state.position, node.state.position);
    assert_eq!(writer.link(), node.link);
    assert_eq!(state.direct(ann, bob), Some(RoomId(2)));
    assert_eq!(state.session(SessionId(11)).unwrap().user, ann);
    let reader = Reader::open(&folder).unwrap();
    let whole = verify(&reader, |_| {}).unwrap().unwrap();
    assert_eq!(whole.events, node.records.len() as u64);
    // Everything that was said stands there for them, from the beginning.
    let sight = reader.sight(bob, SessionId(12), Position(0)).unwrap();
    let told = reader.history(LOBBY, Span::Last, 10, state.position, &sight).unwrap();
    assert_eq!(told.len(), 2);
    assert_eq!(reader.unread(LOBBY, bob).unwrap(), (0, 0), "what was there before is no news");
    let all = Found { rows: 1000, bytes: usize::MAX };
    let page = reader.page(Cursor::default(), state.position, &sight, all).unwrap();
    let direct = |record: &&Record| matches!(record.event, Event::Message { to: Some(_), .. });
    assert_eq!(page.records.iter().filter(direct).count(), 1);
    assert_eq!(writer.load().unwrap().hash(), state.hash());
    // The file as it was is kept beside it.
    let copy = folder.path().join(format!("chatroom.before-schema-{}.db", chatroom_store::SCHEMA));
    let db = rusqlite::Connection::open(copy).unwrap();
    let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    let rows: i64 = db.query_row("SELECT count(*) FROM events", [], |row| row.get(0)).unwrap();
    assert_eq!((version, rows), (1, node.records.len() as i64));
}

#[test]
fn hooks_stand_in_the_state_and_what_they_have_to_send_is_found_in_the_log() {
    use chatroom_model::{Ending, HookId, HookSecret, NewHook};
    use chatroom_store::{Due, ToSend};
    let mut log = Log::new();
    log.ask(Request::StartNode { node: NodeId(0) }).unwrap();
    log.enter(1, "ann");
    log.act(1, Deed::Create { room: RoomName::parse("#tea").unwrap(), access: Access::Public }).unwrap();
    let tea_id = log.state.room_named(&RoomName::parse("#tea").unwrap()).unwrap();
    let hook =
        NewHook { url: "https://example.org".into(), label: "town".into(), secret: HookSecret([0xcd; 32]) };
    let added = log.act(1, Deed::AddHook { room: tea(), hook }).unwrap();
    let id = HookId(added[0].position.0);
    log.reloads();
    let said = log.say(1, &tea(), "hello").unwrap();
    log.act(1, Deed::Edit { room: tea(), seq: Seq(1), body: "hallo".into(), client_id: None }).unwrap();
    log.say(1, &Where::Id(LOBBY), "elsewhere").unwrap();
    let reader = log.reader();
    let due = |reader: &Reader, upto| reader.due(Cursor::after(added[0].position), upto).unwrap().due;
    let all = due(&reader, log.state.position);
    let places: Vec<_> =
        all.iter().filter(|due| matches!(due, Due::Said(room, _) if *room == tea_id)).collect();
    assert_eq!((all.len(), places.len()), (3, 2));
    let sends = |reader: &Reader| reader.to_send(tea_id, id, Cursor::at(&said[0])).unwrap().0;
    assert!(
        matches!(sends(&reader), ToSend::Event(record) if record.event.body().unwrap().as_str() == "hello")
    );
    // Hidden, it is not sent; redacted, it is sent without its words; dropped, it is known to be gone.
    let (since, until) = (Millis(0), Millis(i64::MAX));
    let purge = log.act(1, Deed::Purge { room: tea(), user: name("ann"), since, until }).unwrap();
    assert!(matches!(sends(&log.reader()), ToSend::Nothing));
    log.act(1, Deed::Unpurge { room: tea(), purge: purge[0].position.0 }).unwrap();
    log.act(1, Deed::Redact { room: tea(), seq: Seq(1), reason: String::new() }).unwrap();
    assert!(
        matches!(sends(&log.reader()), ToSend::Event(record) if record.event.body().unwrap().is_redacted())
    );
    log.say(1, &tea(), "last").unwrap();
    let keep = Setting::Retention(Retention { age: None, number: Some(1) });
    log.act(1, Deed::Set { room: tea(), setting: keep }).unwrap();
    log.ask(Request::Sweep).unwrap();
    assert!(matches!(sends(&log.reader()), ToSend::Nothing));
    let gone = due(&log.reader(), log.state.position);
    assert!(gone.contains(&Due::Gone(tea_id, Cursor::at(&said[0]))), "{gone:?}");
    // Of one that has ended nothing is left to sign by; it goes with its room.
    let end = Deed::EndHook { room: tea(), hook: id, why: Ending::Failed };
    log.ask(Request::Do { doer: Doer::Operator(1), deed: end.into() }).unwrap();
    log.reloads();
    assert!(matches!(sends(&log.reader()), ToSend::Over));
    let kept = log.reader().hook(tea_id, id).unwrap().unwrap();
    assert_eq!((kept.secret, kept.ended.unwrap().1), (HookSecret([0; 32]), Ending::Failed));
    assert_eq!(
        log.reader()
            .audit(tea_id, 50)
            .unwrap()
            .iter()
            .filter(|one| {
                matches!(&one.record.event, Event::Fact(Fact::HookAdded { .. } | Fact::HookEnded { .. }))
            })
            .count(),
        2
    );
    log.act(1, Deed::Delete { room: tea() }).unwrap();
    log.reloads();
    assert!(log.reader().all_hooks().unwrap().is_empty());
    log.whole();
}
