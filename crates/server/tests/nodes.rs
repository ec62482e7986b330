//! Several nodes, one log: whatever the batching, they end with equal states and equal chains, in memory and on disk.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on panics, and prints its seed"
)]

use chatroom_model::{
    Access, Body, ClientId, CloseReason, Deed, Doer, How, Import, Incarnation, LOBBY, Mask, Millis, Name,
    NodeId, Position, Proof, Request, Retention, Role, RoomName, Say, Seq, SessionId, Setting, TokenHash,
    Where,
};
use chatroom_server::Core;
use chatroom_server::sequencer::{Sequencer, Shared, SharedLog};
use chatroom_store::{Folder, Reader, verify};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::sync::Arc;

const ENTRIES: usize = 2500;
const PEOPLE: [&str; 12] =
    ["ann", "bob", "Оля", "zoe", "max", "ida", "kim", "lou", "uwe", "gil", "rosa", "hans"];

/// A request of any kind, by and about few enough people that they meet.
fn request(dice: &mut StdRng, n: usize) -> Request {
    let session = SessionId::new(Incarnation(dice.random_range(1..4)), dice.random_range(0..8));
    let who = PEOPLE[dice.random_range(0..PEOPLE.len())];
    let who = Name::parse(who).unwrap();
    let token = TokenHash([who.as_str().len() as u8; 32]);
    let client_id = dice.random_bool(0.5).then(|| ClientId([dice.random_range(0..200); 16]));
    let seen = Position(dice.random_range(0..n as u64 + 1));
    let body = Body::parse(&format!("line {n}")).unwrap();
    match dice.random_range(0..100) {
        0 if n.is_multiple_of(2) => Request::StartNode { node: NodeId(dice.random_range(0..3)) },
        0..20 => Request::Open { session, name: who, proof: Proof::NewGuest(token), address: None },
        20..28 => Request::Open { session, name: who, proof: Proof::Token(token), address: None },
        28..32 => Request::Close { session, reason: CloseReason::Lost, seen, why: Default::default() },
        32..65 => {
            let room = if dice.random_bool(0.4) { Where::With(who) } else { place(dice) };
            let how = [How::Said, How::Action, How::Notice][dice.random_range(0..3)];
            let reply = dice.random_bool(0.2).then(|| Seq(dice.random_range(0..200)));
            Request::Say(Say { how, reply, client_id, seen, ..Say::new(session, room, body) })
        }
        65..95 => {
            let doer = match dice.random_bool(0.1) {
                true => Doer::Operator(n as u64),
                false => Doer::Session { session, address: None },
            };
            Request::Do { doer, deed: deed(dice, who, n).into() }
        }
        95..97 => Request::MarkSeen { node: NodeId(0), upto: seen, except: vec![session] },
        97..99 => Request::Sweep,
        _ => {
            Request::Import(Import { author: "eve".into(), at: Millis(9), body, id: ClientId([n as u8; 16]) })
        }
    }
}

/// One of few rooms.
fn place(dice: &mut StdRng) -> Where {
    match dice.random_range(0..5) {
        0 | 1 => Where::Id(LOBBY),
        n => Where::Name(room(n)),
    }
}

fn room(n: u32) -> RoomName {
    RoomName::parse(["#tea", "#pot", "#cup"][n as usize % 3]).unwrap()
}

/// A deed of any kind.
fn deed(dice: &mut StdRng, user: Name, n: usize) -> Deed {
    let (place, seq, on) = (place(dice), Seq(dice.random_range(1..200)), dice.random_bool(0.7));
    let (reason, text) = (["", "because"][n % 2].to_owned(), format!("text {n}"));
    let until = dice.random_bool(0.5).then(|| Millis(n as i64 * 20_000 + 600_000));
    let mask = || Mask::parse(user.as_str()).unwrap();
    let phc = || format!("$argon2id$v=19$m=8,t=1,p=1${n}$x");
    let role = Role::ALL[dice.random_range(0..Role::ALL.len())];
    match dice.random_range(0..34) {
        0..3 => Deed::Create { room: room(n as u32), access: Access::ALL[dice.random_range(0..3)] },
        3..7 => Deed::Join { room: place, password: None },
        7 => Deed::Leave { room: place, reason: String::new() },
        8..12 => Deed::Set { room: place, setting: setting(dice, text, on) },
        12 if n.is_multiple_of(5) => Deed::Delete { room: place },
        12 | 13 => Deed::Invite { room: place, user },
        14 => Deed::Kick { room: place, user, reason },
        15 => Deed::Ban { room: place, mask: mask(), reason, until },
        16 => Deed::Unban { room: place, mask: mask() },
        17 => Deed::Mute { room: place, mask: mask(), reason, until },
        18 => Deed::Unmute { room: place, mask: mask() },
        19 => Deed::Role { room: place, user, role, voiced: on },
        20 => Deed::Edit { room: place, seq, body: text, client_id: on.then_some(ClientId([n as u8; 16])) },
        21 => Deed::Redact { room: place, seq, reason },
        22 => Deed::React { room: place, seq, emoji: ["👍", "☕"][n % 2].into(), on },
        23 => Deed::Pin { room: place, seq, on },
        24 => Deed::Read { room: place, seq, at: None },
        25 => {
            let (since, until) = (Millis(n as i64 * 10_000), Millis(n as i64 * 20_000 + 900_000));
            Deed::Purge { room: place, user, since, until }
        }
        26 => Deed::Unpurge { room: place, purge: dice.random_range(0..n as u64 + 1) },
        27 if on => Deed::Nick { name: user },
        27 => Deed::Register { phc: phc() },
        28 => Deed::Password { phc: phc() },
        29 => Deed::Away { text: on.then_some(text) },
        30 => Deed::Profile { text },
        31 => Deed::Ignore { user, on },
        32 if n.is_multiple_of(7) => {
            Deed::BanHere { mask: mask(), reason, until: Some(Millis(n as i64 * 20_000)) }
        }
        32 => Deed::UnbanHere { mask: mask() },
        _ if on => Deed::ResetPassword { user, phc: phc() },
        _ => Deed::Operator { user, on: n.is_multiple_of(2) },
    }
}

fn setting(dice: &mut StdRng, text: String, on: bool) -> Setting {
    match dice.random_range(0..8) {
        0 => Setting::Topic(text),
        1 => Setting::Access(Access::ALL[dice.random_range(0..3)]),
        2 => Setting::Password(on.then(|| chatroom_model::room_password("word"))),
        3 => Setting::Slow(dice.random_range(0..30)),
        4 => Setting::Limit(on.then(|| dice.random_range(1..5))),
        5 => Setting::Moderated(!on),
        6 => Setting::Retention(Retention { age: Some(3_600_000), number: on.then_some(50) }),
        _ => Setting::Archived(!on),
    }
}

fn drain(node: &mut Core, from: &Shared) -> usize {
    let mut records = 0;
    while let Ok(entries) = from.next_batch(node.state().position, None) {
        let batch = node.step(&entries).unwrap();
        records += batch.records().len();
        // What is loaded is what was in memory; entries after the last event leave nothing, and would be decided for ever.
        let (position, hash) = (node.state().position, node.state().hash());
        if batch.records().last().is_none_or(|record| record.position != position)
            || (entries.len() == 1 && position.0 % 8 != 0)
        {
            continue;
        }
        node.reload().unwrap();
        assert!(
            node.state().hash() == hash,
            "loaded at {position} is another state than was in memory, after {:?}",
            entries.last()
        );
    }
    records
}

fn nodes_agree(seed: u64) {
    println!("seed {seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let log = Arc::new(SharedLog::default());
    for node in 0..3 {
        log.append(Request::StartNode { node: NodeId(node) }, Millis(0), [1; 16]);
    }
    for n in 0..ENTRIES {
        // An hour passes now and then, and clocks of different nodes differ by seconds.
        let time = Millis(n as i64 * 20_000 + dice.random_range(0..5_000));
        log.append(request(&mut dice, n), time, dice.random());
    }
    log.close();
    let mut ends = Vec::new();
    for batch in [1, dice.random_range(2..50), 4096] {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let folder = Folder::new(dir.path());
        folder.create().unwrap();
        let mut node = Core::open(&folder).unwrap();
        let records = drain(&mut node, &Shared { log: Arc::clone(&log), batch });
        let (hash, link) = (node.state().hash(), node.link());
        assert!(records > ENTRIES / 4, "only {records} events: the log tries too little");
        drop(node);
        // What is on disk is what was in memory: but for the entries after the last event, which left nothing.
        let mut again = Core::open(&folder).unwrap();
        drain(&mut again, &Shared { log: Arc::clone(&log), batch: 7 });
        assert_eq!(
            (again.state().hash(), again.link()),
            (hash, link),
            "seed {seed}, batches of {batch}: on disk"
        );
        let whole = verify(&Reader::open(&folder).unwrap(), |_| {}).unwrap().expect("the chain is whole");
        assert_eq!((whole.events, whole.link), (records as u64, link));
        ends.push((batch, records, hash, link));
    }
    let first = &ends[0];
    for other in &ends[1..] {
        assert_eq!(
            (first.1, first.2, first.3),
            (other.1, other.2, other.3),
            "seed {seed}, batches of {}",
            other.0
        );
    }
}

#[test]
fn three_nodes_fed_by_one_log_agree_whatever_the_batching() {
    for seed in [1, 2, 3, rand::random()] {
        nodes_agree(seed);
    }
}
