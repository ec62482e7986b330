//! A log in a folder of its own, an index beside it, and questions to both.

use chatroom_model::{
    At, Body, By, ClientId, Event, Fact, How, Millis, Name, Position, Query, Record, RoomId, Seq, SessionId,
    State, UserId,
};
use chatroom_store::{Cost, Cursor, Fault, Folder, Hits, Index, Reader, Scope, SearchReader, Writer, search};

/// A day in milliseconds; message `n` of a test is usually said on day `n`.
pub(crate) const DAY: i64 = 86_400_000;

/// Cost that no test reaches by accident.
pub(crate) const ANY: Cost = Cost { hits: 10_000, candidates: 1_000_000, volumes: 1_000 };

pub(crate) struct Log {
    _dir: tempfile::TempDir,
    pub(crate) folder: Folder,
    writer: Writer,
    pub(crate) state: State,
    waiting: Vec<Record>,
    seqs: std::collections::HashMap<u64, u64>,
}

impl Log {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::new(dir.path().join("chatdata"));
        folder.create().unwrap();
        let (writer, state) = Writer::open(&folder).unwrap();
        Self { _dir: dir, folder, writer, state, waiting: Vec::new(), seqs: Default::default() }
    }

    /// Says something at a time, which may not be before the last.
    pub(crate) fn say(&mut self, room: u64, name: &str, at: i64, text: &str) -> &mut Self {
        let seq = self.seq(room);
        let event = Event::Message {
            room: RoomId(room),
            seq,
            session: SessionId(1),
            author: author(name),
            name: Name::kept(name),
            to: None,
            label: None,
            how: How::Said,
            reply: None,
            mentions: Vec::new(),
            client_id: None,
            tags: Default::default(),
            seen: Position(0),
            body: Body::parse(text).unwrap(),
        };
        self.happened(at, event)
    }

    /// Something happens at the time of what happened last.
    pub(crate) fn fact(&mut self, fact: Fact) -> &mut Self {
        self.happened(self.state.time.0, Event::Fact(fact))
    }

    /// Gives a message other words.
    pub(crate) fn edit(&mut self, room: u64, seq: u64, name: &str, text: &str) -> &mut Self {
        let (author, name) = (author(name), Name::kept(name));
        let (session, body) = (SessionId(1), Body::parse(text).unwrap());
        self.fact(Fact::Edited { at: at(room), seq: Seq(seq), author, name, session, client_id: None, body })
    }

    /// Takes a message back.
    pub(crate) fn redact(&mut self, room: u64, seq: u64) -> &mut Self {
        let by = By { user: UserId(0), name: Name::kept("op") };
        let (at, seq, reason) = (at(room), Seq(seq), String::new());
        self.fact(Fact::Redacted { at, seq, author: UserId(1), by, reason })
    }

    /// Takes over a line that was written elsewhere, earlier.
    pub(crate) fn import(&mut self, name: &str, at: i64, text: &str) -> &mut Self {
        let seq = self.seq(1);
        let event = Event::Imported {
            room: RoomId(1),
            seq,
            author: name.into(),
            at: Millis(at),
            id: ClientId(u128::from(seq.0).to_le_bytes()),
            body: Body::parse(text).unwrap(),
        };
        let time = self.state.time.0;
        self.happened(time, event)
    }

    fn seq(&mut self, room: u64) -> Seq {
        let seq = self.seqs.entry(room).or_default();
        *seq += 1;
        Seq(*seq)
    }

    fn happened(&mut self, at: i64, event: Event) -> &mut Self {
        self.state.position = self.state.position.next();
        self.state.time = self.state.time.max(Millis(at));
        let (position, time) = (self.state.position, self.state.time);
        self.waiting.push(Record { position, part: 0, time, salt: [9; 16], event });
        self
    }

    /// Lets positions pass in which nothing was said.
    pub(crate) fn skip(&mut self, positions: u64) -> &mut Self {
        self.state.position = Position(self.state.position.0 + positions);
        self
    }

    pub(crate) fn commit(&mut self) -> &mut Self {
        let waiting = std::mem::take(&mut self.waiting);
        waiting.iter().for_each(|record| self.writer.add(record, &self.state).unwrap());
        self.writer.commit(waiting, &self.state).unwrap();
        self
    }

    pub(crate) fn reader(&self) -> Reader {
        Reader::open(&self.folder).unwrap()
    }

    /// Takes so many rows into the index.
    pub(crate) fn index(&mut self, rows: usize) -> Index {
        self.commit();
        let mut index = Index::open(&self.folder).unwrap();
        index.catch_up(&self.reader(), rows).unwrap();
        index
    }

    pub(crate) fn search(&self, text: &str) -> Vec<String> {
        let hits = self.ask(text, None, None, ANY, |_| true).unwrap();
        assert_eq!(hits.next, None);
        assert!(hits.complete);
        texts(&hits)
    }

    /// Asks; rooms are those the asker may see, `in:#2` names one.
    pub(crate) fn ask(
        &self,
        text: &str,
        rooms: Option<Vec<RoomId>>,
        before: Option<Cursor>,
        cost: Cost,
        may_see: impl FnMut(&Record) -> bool,
    ) -> Result<Hits, Fault> {
        let query = Query::parse(text, self.state.time).unwrap();
        let rooms = match &query.room {
            Some(room) => Some(vec![RoomId(room.trim_start_matches('#').parse().unwrap())]),
            None => rooms,
        };
        let index = SearchReader::open(&self.folder).unwrap();
        let scope = Scope { rooms, author: None };
        search(&index, &self.reader(), &query, &scope, before, cost, may_see)
    }
}

pub(crate) fn at(room: u64) -> At {
    At { room: RoomId(room), label: None, two: None, names: None }
}

/// Each name has a number of its own in these tests.
pub(crate) fn author(name: &str) -> UserId {
    UserId(name.bytes().fold(1, |sum, byte| sum * 31 + u64::from(byte)) & 0xffff)
}

pub(crate) fn text(record: &Record) -> &str {
    match &record.event {
        Event::Message { body, .. } | Event::Imported { body, .. } => body.as_str(),
        other => panic!("{other:?} was found"),
    }
}

pub(crate) fn texts(hits: &Hits) -> Vec<String> {
    hits.hits.iter().map(|hit| text(&hit.record).to_owned()).collect()
}
