//! P10 for the whole server: a ban ends every session of whom it meets, and nothing opens another one while it holds.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use chatroom_model::{
    Body, CloseReason, Deed, Doer, Entry, Event, Fact, LOBBY, Mask, Millis, Name, Proof, RULES, Refusal,
    Request, Say, SessionId, TokenHash, Where,
};
use chatroom_server::{Batch, Core, What};
use chatroom_store::Folder;

const PHC: &str = "$argon2id$v=19$m=8,t=1,p=1$x$y";

fn step(core: &mut Core, time: i64, request: Request) -> Batch {
    let position = core.state().position.next();
    core.step(&[Entry { position, time: Millis(time), rules: RULES, salt: [1; 16], request }]).unwrap()
}

fn open(core: &mut Core, time: i64, n: u64, proof: Proof) -> Option<Refusal> {
    let name = Name::parse("bob").unwrap();
    let request = Request::Open { session: SessionId(n), name, proof, address: None };
    step(core, time, request).answers.into_iter().find_map(|answer| match answer.what {
        What::Refused(refusal) => Some(refusal),
        _ => None,
    })
}

fn act(core: &mut Core, time: i64, doer: Doer, deed: Deed) -> Batch {
    step(core, time, Request::Do { doer, deed: deed.into() })
}

#[test]
fn a_ban_from_the_server_ends_all_ten_sessions_and_opens_none() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::new(dir.path());
    folder.create().unwrap();
    let mut core = Core::open(&folder).unwrap();
    let token = |n: u64| TokenHash::of(&[n as u8; 16]);
    let password = |n: u64| Proof::Password { phc: PHC.into(), token: token(n), called: None, over: None };
    assert_eq!(open(&mut core, 1, 1, Proof::NewGuest(token(1))), None);
    let bob = Doer::Session { session: SessionId(1), address: None };
    act(&mut core, 2, bob, Deed::Register { phc: PHC.into() });
    for n in 2..=10 {
        assert_eq!(open(&mut core, 3, n, password(n)), None);
    }
    let mask = Mask::parse("b*").unwrap();
    let ban = Deed::BanHere { mask: mask.clone(), reason: "spam".into(), until: Some(Millis(1000)) };
    assert!(act(&mut core, 4, bob, ban.clone()).records().is_empty(), "only whoever runs the server may");
    let batch = act(&mut core, 4, Doer::Operator(1), ban);
    let ended = |record: &&chatroom_model::Record| {
        matches!(record.event, Event::SessionClosed { reason: CloseReason::Banned, .. })
    };
    assert_eq!(batch.records().iter().filter(ended).count(), 10);
    let gone = batch.records().iter().filter(|record| matches!(record.event, Event::WentOffline { .. }));
    assert_eq!(gone.count(), 1, "the others are told once");
    assert_eq!(core.state().holder(&Name::parse("bob").unwrap()).unwrap().1.sessions.len(), 0);
    for (n, proof) in [(11, password(11)), (12, Proof::Token(token(3))), (13, Proof::NewGuest(token(13)))] {
        assert_eq!(open(&mut core, 999, n, proof), Some(Refusal::BannedHere));
    }
    assert!(
        act(&mut core, 999, bob, Deed::Away { text: None }).records().is_empty(),
        "an ended session does nothing"
    );
    core.reload().unwrap();
    assert_eq!(open(&mut core, 999, 14, password(14)), Some(Refusal::BannedHere), "also after a restart");
    assert_eq!(open(&mut core, 1000, 15, password(15)), None, "until it is over");
    // Lifted before its time.
    act(
        &mut core,
        1001,
        Doer::Operator(2),
        Deed::BanHere { mask: mask.clone(), reason: String::new(), until: None },
    );
    assert_eq!(open(&mut core, 1002, 16, password(16)), Some(Refusal::BannedHere));
    act(&mut core, 1003, Doer::Operator(3), Deed::UnbanHere { mask });
    assert_eq!(open(&mut core, 1004, 17, password(17)), None);
}

#[test]
fn who_is_banned_from_the_lobby_is_never_in_it_not_even_for_the_rest_of_a_batch() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::new(dir.path());
    folder.create().unwrap();
    let mut core = Core::open(&folder).unwrap();
    let proof = |n: u8| Proof::NewGuest(TokenHash::of(&[n; 16]));
    assert_eq!(open(&mut core, 1, 1, proof(1)), None);
    let (room, mask) = (Where::Id(LOBBY), Mask::parse("spam*").unwrap());
    act(&mut core, 2, Doer::Operator(1), Deed::Ban { room, mask, reason: String::new(), until: None });
    // Said in the same batch as they come: whoever is in the lobby at its end is given all of it.
    let mut position = core.state().position;
    let mut entry = |request| {
        position = position.next();
        Entry { position, time: Millis(3), rules: RULES, salt: [1; 16], request }
    };
    let said = Request::Say(Say::new(SessionId(1), Where::Id(LOBBY), Body::parse("not for them").unwrap()));
    let comes = |n: u8, text: &str| {
        let name = Name::parse(text).unwrap();
        Request::Open { session: SessionId(n.into()), name, proof: proof(n), address: None }
    };
    let entries = [entry(said), entry(comes(2, "spammer")), entry(comes(3, "ann"))];
    let batch = core.step(&entries).unwrap();
    let homes: Vec<_> = batch.homes.iter().map(|home| (home.session.0, home.rooms.as_slice())).collect();
    assert_eq!(homes, [(2, &[][..]), (3, &[LOBBY][..])]);
    assert!(batch.records().iter().any(|record| {
        matches!(&record.event, Event::Fact(Fact::Left { name, .. }) if name.as_str() == "spammer")
    }));
}
