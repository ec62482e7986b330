//! Several nodes, one log: whatever the batching, they end with equal states and equal chains, in memory and on disk.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on panics, and prints its seed"
)]

use chatroom_model::{
    Body, ClientId, CloseReason, Import, Incarnation, Millis, Name, NodeId, Position, Proof, Request,
    SessionId, TokenHash,
};
use chatroom_server::Core;
use chatroom_server::sequencer::{Sequencer, Shared, SharedLog};
use chatroom_store::{Folder, Reader, verify};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::sync::Arc;

const ENTRIES: usize = 1500;

/// A request of any kind, by and about few enough people that they meet.
fn request(dice: &mut StdRng, n: usize) -> Request {
    let session = SessionId::new(Incarnation(dice.random_range(1..4)), dice.random_range(0..8));
    let who = Name::parse(["ann", "bob", "Оля", "zoe", "max"][dice.random_range(0..5)]).unwrap();
    let token = TokenHash([who.as_str().len() as u8; 32]);
    let client_id = dice.random_bool(0.5).then(|| ClientId([dice.random_range(0..200); 16]));
    let seen = Position(dice.random_range(0..n as u64 + 1));
    let body = Body::parse(&format!("line {n}")).unwrap();
    match dice.random_range(0..100) {
        0..2 => Request::StartNode { node: NodeId(dice.random_range(0..3)) },
        2..20 => Request::Open { session, name: who, proof: Proof::NewGuest(token) },
        20..30 => Request::Open { session, name: who, proof: Proof::Token(token) },
        30..36 => Request::Close { session, reason: CloseReason::Lost, seen },
        36..70 => Request::Say { session, body, client_id, seen },
        70..90 => Request::Tell { session, to: who, body, client_id, seen },
        90..95 => Request::MarkSeen { node: NodeId(0), upto: seen, except: vec![session] },
        _ => {
            Request::Import(Import { author: "eve".into(), at: Millis(9), body, id: ClientId([n as u8; 16]) })
        }
    }
}

fn drain(node: &mut Core, from: &Shared) -> usize {
    let mut records = 0;
    while let Ok(entries) = from.next_batch(node.state().position, None) {
        records += node.step(&entries).unwrap().records().len();
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
