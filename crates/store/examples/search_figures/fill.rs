//! Writes a large log as people would have talked it full: words by Zipf's law, rooms and authors of very unequal size.

use chatroom_model::chain::{GENESIS, link};
use chatroom_model::durable::write_event;
use chatroom_model::{Body, Event, How, Millis, Name, Position, Record, RoomId, Seq, SessionId, UserId};
use chatroom_store::{Folder, Writer};
use rusqlite::{Connection, params};

/// Words there are.
pub(crate) const WORDS: usize = 60_000;
/// Rooms there are.
pub(crate) const ROOMS: usize = 20;
const AUTHORS: usize = 500;
const BATCH: u64 = 100_000;
const BEGAN: i64 = 1_600_000_000_000;

/// A generator of numbers that repeats itself for the same seed (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.roll() % n
    }
}

/// Ranks by Zipf's law: the n-th is n times as rare as the first.
struct Zipf(Vec<f64>);

impl Zipf {
    fn new(n: usize) -> Self {
        let mut sum = 0.0;
        let mut steps: Vec<f64> = (1..=n)
            .map(|rank| {
                sum += 1.0 / rank as f64;
                sum
            })
            .collect();
        steps.iter_mut().for_each(|step| *step /= sum);
        Self(steps)
    }

    fn draw(&self, dice: &mut Dice) -> usize {
        let at = dice.roll() as f64 / u64::MAX as f64;
        self.0.partition_point(|step| *step < at).min(self.0.len() - 1)
    }
}

/// The word of a rank; the common ones are short.
pub(crate) fn word(rank: usize) -> String {
    const SYLLABLES: [&str; 16] =
        ["ka", "to", "mi", "ra", "se", "no", "lu", "ve", "di", "po", "sha", "en", "or", "ti", "ba", "gu"];
    let mut word = String::new();
    let mut left = rank + 1;
    while left > 0 {
        word.push_str(SYLLABLES[left % 16]);
        left /= 16;
    }
    word
}

fn room_name(room: usize) -> String {
    if room == 0 { "#lobby".into() } else { format!("#room{}", room + 1) }
}

/// Fills a folder with so many messages; the chain holds, and the log opens.
pub(crate) fn fill(folder: &Folder, messages: u64) -> Result<(), Box<dyn std::error::Error>> {
    folder.create()?;
    Writer::open(folder)?.0.close()?;
    let mut db = Connection::open(folder.database())?;
    db.pragma_update(None, "synchronous", "OFF")?;
    db.pragma_update(None, "cache_size", -256 * 1024)?;
    let mut dice = Dice(7);
    let (words, rooms, authors) = (Zipf::new(WORDS), Zipf::new(ROOMS), Zipf::new(AUTHORS));
    let mut seqs = [0_u64; ROOMS];
    let mut sent = [0_u64; AUTHORS];
    let (mut before, mut time) = (GENESIS, BEGAN);
    let mut position = 0;
    while position < messages {
        let tx = db.transaction()?;
        {
            let mut insert = tx.prepare(
                "INSERT INTO events (id, time, kind, visible, room, seq, author, client_id, data, salt, body, link) \
                 VALUES (?, ?, ?, 1, ?, ?, ?, NULL, ?, ?, ?, ?)",
            )?;
            for _ in 0..BATCH.min(messages - position) {
                position += 1;
                time += dice.below(20_000) as i64;
                let (room, author) = (rooms.draw(&mut dice), authors.draw(&mut dice));
                seqs[room] += 1;
                sent[author] += 1;
                let length = 2 + dice.below(8) + dice.below(10);
                let mut text: Vec<String> = (0..length).map(|_| word(words.draw(&mut dice))).collect();
                // The worst for an index: two words in half of all messages each, and never in the same.
                text.push(if dice.below(2) == 0 { "zig" } else { "zag" }.into());
                let record = Record {
                    position: Position(position),
                    part: 0,
                    time: Millis(time),
                    salt: dice.roll().to_le_bytes().repeat(2).try_into().unwrap_or_default(),
                    event: Event::Message {
                        room: RoomId(room as u64 + 1),
                        seq: Seq(seqs[room]),
                        session: SessionId(1),
                        author: UserId(author as u64 + 1),
                        name: Name::kept(&format!("user{author}")),
                        to: None,
                        label: (room > 0).then(|| room_name(room).into()),
                        how: How::Said,
                        reply: None,
                        mentions: Vec::new(),
                        client_id: None,
                        tags: Default::default(),
                        seen: Position(position - 1),
                        body: Body::parse(&text.join(" "))?,
                    },
                };
                let form = write_event(&record.event);
                before = link(before, &record, &form);
                insert.execute(params![
                    (position << 20) as i64,
                    time,
                    form.kind,
                    room as i64 + 1,
                    seqs[room] as i64,
                    author as i64 + 1,
                    form.data,
                    record.salt,
                    form.body,
                    before.0
                ])?;
            }
        }
        tx.execute(
            "UPDATE head SET position = ?, time = ?, next_user = ?, next_room = ?, link = ?",
            params![position as i64, time, AUTHORS as i64 + 1, ROOMS as i64 + 1, before.0],
        )?;
        tx.commit()?;
    }
    for (room, last) in seqs.iter().enumerate() {
        db.execute(
            "INSERT OR REPLACE INTO rooms (id, last, name) VALUES (?, ?, ?)",
            params![room as i64 + 1, *last as i64, room_name(room)],
        )?;
    }
    for (author, sent) in sent.iter().enumerate() {
        db.execute(
            "INSERT OR REPLACE INTO users (id, name, token, last_seen, last_active, sent, seen) \
             VALUES (?, ?, zeroblob(32), ?, ?, ?, 0)",
            params![author as i64 + 1, format!("user{author}"), time, time, *sent as i64],
        )?;
        db.execute(
            "INSERT OR REPLACE INTO members SELECT id, ?, 'member', 0, last, 0 FROM rooms",
            [author as i64 + 1],
        )?;
    }
    Ok(())
}
