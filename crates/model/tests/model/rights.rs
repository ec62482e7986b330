//! The table of rights: every cell of it, by itself and through every deed that asks it.

use crate::golden2::{deeds as golden_deeds, number};
use chatroom_model::memory::Memory;
use chatroom_model::{
    Access, Act, Alias, Body, Deed, Doer, Event, How, Mask, Millis, Name, Needs, NodeId, Object, Proof,
    Refusal, Request, Role, RoomName, Say, Seq, SessionId, Setting, Standing, TABLE, TokenHash, Where, can,
    room_password,
};
use std::collections::BTreeSet;

/// The place of an act in the table. A new act does not compile without one.
fn place(act: Act) -> usize {
    match act {
        Act::See => 0,
        Act::Read => 1,
        Act::Members => 2,
        Act::Enter => 3,
        Act::Leave => 4,
        Act::Speak => 5,
        Act::CallAll => 6,
        Act::Edit => 7,
        Act::Redact => 8,
        Act::Pin => 9,
        Act::Topic => 10,
        Act::Invite => 11,
        Act::Kick => 12,
        Act::Ban => 13,
        Act::Mute => 14,
        Act::Purge => 15,
        Act::Role => 16,
        Act::Set => 17,
        Act::Archive => 18,
        Act::Delete => 19,
        Act::Audit => 20,
        Act::Relay => 21,
    }
}

#[test]
fn every_act_has_its_row_in_its_place() {
    for (n, (act, _)) in TABLE.iter().enumerate() {
        assert_eq!((place(*act), Act::ALL[n]), (n, *act));
    }
}

/// Every object the table can be asked about.
pub(crate) fn objects() -> impl Iterator<Item = Object> {
    let doors = [None, Some(true), Some(false)];
    (0..1u32 << 12).flat_map(move |bits| {
        let bit = move |n: u32| bits & 1 << n != 0;
        Access::ALL.iter().flat_map(move |access| {
            doors.into_iter().map(move |password| Object {
                access: *access,
                inside: bit(0),
                direct: bit(1),
                archived: bit(2),
                moderated: bit(3),
                voiced: bit(4),
                muted: bit(5),
                banned: bit(6),
                full: bit(7),
                invited: bit(8),
                own: bit(9),
                below: bit(10),
                // They tell of different acts, so one bit tries both.
                outside: bit(11),
                open_topic: bit(11),
                silent: bit(7),
                kept_out: bit(9),
                password,
            })
        })
    })
}

#[test]
fn every_cell_in_every_condition_keeps_what_the_table_promises() {
    let mut cells = 0u64;
    for object in objects() {
        for standing in Standing::ALL {
            for act in Act::ALL {
                cells += 1;
                let answer = can(standing, act, &object);
                let why = || format!("{standing:?} {act:?} {object:?}: {answer:?}");
                let outside = standing == Standing::Outsider;
                // From outside one sees and enters, and nothing else.
                let into = act == Act::Speak && object.outside && !object.direct;
                // Who is in a public room is everybody's to see.
                let public = object.access == Access::Public && !object.direct;
                let who = act == Act::Members && public;
                if outside && !matches!(act, Act::See | Act::Enter) && !into && !who {
                    assert!(answer.is_err(), "{}", why());
                }
                // A private room, and a conversation of others, answers like none at all, but to who holds a key.
                let hidden = object.direct || object.access == Access::Private;
                let hidden = hidden && !into;
                if outside && hidden && answer.is_err() && answer != Err(Refusal::Full) {
                    assert_eq!(answer, Err(Refusal::NoSuchRoom), "{}", why());
                }
                if answer == Err(Refusal::Full) && outside && hidden {
                    assert_eq!(object.password, Some(true), "{}", why());
                }
                // Nothing more is said in what is archived, nor by who is muted.
                let writes = matches!(act, Act::Speak | Act::CallAll | Act::Relay | Act::Edit);
                if writes && (object.archived || object.muted) {
                    assert!(answer.is_err(), "{}", why());
                }
                // A banned outsider stays out, whatever keys they hold.
                if outside && act == Act::Enter && object.banned {
                    assert!(answer.is_err(), "{}", why());
                }
                // Nobody touches who stands as high as they.
                if matches!(act, Act::Kick | Act::Role) && !object.below {
                    assert!(answer.is_err(), "{}", why());
                }
                // Running the server lets nobody read or speak where they are not.
                let quiet = matches!(
                    act,
                    Act::Read | Act::Speak | Act::CallAll | Act::Relay | Act::Edit | Act::Leave
                );
                if standing == Standing::Operator && !object.inside && quiet {
                    assert!(answer.is_err(), "{}", why());
                }
                // Who stands higher may what who stands lower may, the same things being so.
                let ladder = [Standing::Member, Standing::Voice, Standing::Moderator, Standing::Owner];
                if let Some(n) = ladder.iter().position(|one| *one == standing)
                    && let Some(higher) = ladder.get(n + 1)
                    && answer.is_ok()
                {
                    assert_eq!(can(*higher, act, &object), Ok(()), "{higher:?} above {}", why());
                }
            }
        }
    }
    println!("{cells} cells");
    assert_eq!(cells, (1 << 12) * 12 * 6 * 22);
}

/// Who asks, what they are to the room, and their session.
const PEOPLE: [(&str, Standing, bool, u64); 8] = [
    ("xeno", Standing::Outsider, false, 1),
    ("mem", Standing::Member, true, 2),
    ("vic", Standing::Voice, true, 3),
    ("mod", Standing::Moderator, true, 4),
    ("own", Standing::Owner, true, 5),
    ("opin", Standing::Operator, true, 6),
    ("opout", Standing::Operator, false, 7),
    // Whoever sits at the machine: no user, and on no session.
    ("machine", Standing::Operator, false, MACHINE),
];
const MACHINE: u64 = 0;
/// Somebody in the room to whom things are done.
pub(crate) const TARGET: (&str, u64) = ("target", 8);
/// Somebody in the room whose words are hidden.
const SPAMMER: (&str, u64) = ("spammer", 9);

/// What is so about the room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation {
    pub(crate) access: Access,
    pub(crate) archived: bool,
    pub(crate) moderated: bool,
    pub(crate) muted: bool,
    pub(crate) banned: bool,
    pub(crate) full: bool,
    pub(crate) invited: bool,
    pub(crate) password: Option<bool>,
}

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(crate) fn tea() -> RoomName {
    RoomName::parse("#tea").unwrap()
}

fn doer(session: u64) -> Doer {
    if session == MACHINE {
        return Doer::Operator(1);
    }
    Doer::Session { session: SessionId(session), address: None }
}

pub(crate) fn ask(log: &mut Memory, session: u64, deed: Deed) -> Result<Vec<Event>, Refusal> {
    log.ask(1, Request::Do { doer: doer(session), deed: deed.into() })
}

pub(crate) fn say(session: u64, room: Where, text: &str) -> Request {
    let (session, body, how) = (SessionId(session), Body::parse(text).unwrap(), How::Said);
    Request::Say(Say { how, ..Say::new(session, room, body) })
}

/// A room in which everybody is what they are, in a situation, seen by `actor`.
pub(crate) fn world(situation: Situation, actor: &str) -> Memory {
    let mut log = Memory::new();
    log.ask(0, Request::StartNode { node: NodeId(0) }).unwrap();
    let people = PEOPLE.iter().filter(|p| p.3 != MACHINE).map(|p| (p.0, p.3));
    for (who, session) in people.chain([TARGET, SPAMMER]) {
        let token = TokenHash([session as u8; 32]);
        let (session, proof) = (SessionId(session), Proof::NewGuest(token));
        log.ask(0, Request::Open { session, name: name(who), proof, address: None }).unwrap();
    }
    let room = || Where::Name(tea());
    let own = 5;
    ask(&mut log, own, Deed::Create { room: tea(), access: Access::Public }).unwrap();
    for session in [2, 3, 4, 6, 8, SPAMMER.1] {
        ask(&mut log, session, Deed::Join { room: room(), password: None }).unwrap();
    }
    for (who, role) in [("vic", Role::Voice), ("mod", Role::Moderator)] {
        ask(&mut log, own, Deed::Role { room: room(), user: name(who), role, voiced: false }).unwrap();
    }
    for operator in ["opin", "opout"] {
        let session = PEOPLE.iter().find(|p| p.0 == operator).unwrap().3;
        ask(&mut log, session, Deed::Register { phc: "$argon2id$x".into() }).unwrap();
        let deed = Deed::Operator { user: name(operator), on: true };
        log.ask(1, Request::Do { doer: Doer::Operator(1), deed: deed.into() }).unwrap();
    }
    // Message 1 is the target's, the next ones everybody's own, by session.
    for session in [8, 2, 3, 4, 5, 6, SPAMMER.1] {
        log.ask(1, say(session, room(), "words")).unwrap();
    }
    let machine = |log: &mut Memory, deed: Deed| {
        log.ask(1, Request::Do { doer: Doer::Operator(1), deed: deed.into() }).unwrap();
    };
    let set = |log: &mut Memory, setting| machine(log, Deed::Set { room: Where::Name(tea()), setting });
    if situation.access != Access::Public {
        set(&mut log, Setting::Access(situation.access));
    }
    if situation.password.is_some() {
        set(&mut log, Setting::Password(Some(room_password("word"))));
    }
    if situation.moderated {
        set(&mut log, Setting::Moderated(true));
    }
    if situation.full {
        set(&mut log, Setting::Limit(Some(1)));
    }
    // There is something to lift, of people who are not there.
    let (reason, until) = (String::new, None);
    machine(
        &mut log,
        Deed::Ban { room: room(), mask: Mask::parse("kept").unwrap(), reason: reason(), until },
    );
    machine(
        &mut log,
        Deed::Mute { room: room(), mask: Mask::parse("hushed").unwrap(), reason: reason(), until },
    );
    let (since, until) = (Millis(0), Millis(99));
    machine(&mut log, Deed::Purge { room: room(), user: name(SPAMMER.0), since, until });
    let mask = Mask::parse(actor).unwrap();
    if situation.invited {
        machine(&mut log, Deed::Invite { room: room(), user: name(actor) });
    }
    if situation.muted {
        machine(
            &mut log,
            Deed::Mute { room: room(), mask: mask.clone(), reason: String::new(), until: None },
        );
    }
    if situation.banned {
        machine(&mut log, Deed::Ban { room: room(), mask, reason: String::new(), until: None });
    }
    if situation.archived {
        set(&mut log, Setting::Archived(true));
    }
    log
}

/// Every deed in a room, once, such that only the table can say no; beside it whether it is about a message or somebody.
fn deeds(situation: Situation, own: u64, purge: u64) -> Vec<(Deed, bool, bool)> {
    let room = || Where::Name(tea());
    let target = || name(TARGET.0);
    let mask = || Mask::parse("nobody").unwrap();
    let set = |setting| Deed::Set { room: room(), setting };
    let word = if situation.password == Some(true) { "word" } else { "wrong" };
    let password = situation.password.map(|_| room_password(word));
    let reason = String::new;
    vec![
        (Deed::Join { room: room(), password }, false, false),
        (Deed::Leave { room: room(), reason: String::new() }, false, false),
        (set(Setting::Topic("new".into())), false, false),
        (set(Setting::Slow(9)), false, false),
        (set(Setting::Limit(Some(99))), false, false),
        (set(Setting::Archived(!situation.archived)), false, false),
        (Deed::Delete { room: room() }, false, false),
        (Deed::Invite { room: room(), user: name("fresh") }, false, false),
        (Deed::Kick { room: room(), user: target(), reason: reason() }, false, true),
        (Deed::Kick { room: room(), user: name("own"), reason: reason() }, false, false),
        (Deed::Ban { room: room(), mask: mask(), reason: reason(), until: None }, false, false),
        (Deed::Mute { room: room(), mask: mask(), reason: reason(), until: None }, false, false),
        (Deed::Unban { room: room(), mask: Mask::parse("kept").unwrap() }, false, false),
        (Deed::Unmute { room: room(), mask: Mask::parse("hushed").unwrap() }, false, false),
        (Deed::Unpurge { room: room(), purge }, false, false),
        (Deed::Role { room: room(), user: target(), role: Role::Voice, voiced: false }, false, true),
        (Deed::Edit { room: room(), seq: Seq(own), body: "other".into(), client_id: None }, true, false),
        (Deed::Edit { room: room(), seq: Seq(1), body: "other".into(), client_id: None }, false, false),
        (Deed::Redact { room: room(), seq: Seq(own), reason: reason() }, true, false),
        (Deed::Redact { room: room(), seq: Seq(1), reason: reason() }, false, false),
        (Deed::React { room: room(), seq: Seq(1), emoji: "👍".into(), on: true }, false, false),
        (Deed::Pin { room: room(), seq: Seq(1), on: true }, false, false),
        (Deed::Read { room: room(), seq: Seq(1), at: None }, false, false),
        (Deed::Purge { room: room(), user: target(), since: Millis(0), until: Millis(9) }, false, false),
    ]
}

pub(crate) fn situations() -> Vec<Situation> {
    let plain = |access| Situation {
        access,
        archived: false,
        moderated: false,
        muted: false,
        banned: false,
        full: false,
        invited: false,
        password: None,
    };
    let mut all = Vec::new();
    for access in Access::ALL.iter().copied() {
        let plain = plain(access);
        all.extend([
            plain,
            Situation { archived: true, ..plain },
            Situation { moderated: true, ..plain },
            Situation { muted: true, ..plain },
            Situation { banned: true, ..plain },
            Situation { full: true, ..plain },
            Situation { invited: true, ..plain },
            Situation { password: Some(true), ..plain },
            Situation { password: Some(false), ..plain },
            Situation { invited: true, full: true, password: Some(false), ..plain },
            Situation { invited: true, banned: true, ..plain },
        ]);
    }
    all
}

#[test]
fn every_deed_of_everybody_in_every_situation_is_decided_by_the_table() {
    let (mut run, mut done) = (0, BTreeSet::new());
    for situation in situations() {
        for (who, standing, inside, session) in PEOPLE {
            // A ban puts members out, and an invitation is for those outside: then it is another situation.
            if (inside || session == MACHINE) && (situation.banned || situation.invited) {
                continue;
            }
            let own = match session {
                2..=6 => session,
                _ => 1,
            };
            let purge =
                world(situation, who).state.rooms().find_map(|(_, room)| room.purges.first()).unwrap().id;
            for (deed, owned, below) in deeds(situation, own, purge) {
                done.insert(number(&deed));
                let mut log = world(situation, who);
                if let Deed::Invite { user, .. } = &deed {
                    let (session, proof) = (SessionId(90), Proof::NewGuest(TokenHash([9; 32])));
                    let open = Request::Open { session, name: user.clone(), proof, address: None };
                    log.ask(1, open).unwrap();
                }
                let Needs::Act(act) = deed.needs() else { panic!("{deed:?} is done in a room") };
                // What `can` must be told is known here from how the room was made, not from the room.
                let object = Object {
                    access: situation.access,
                    inside,
                    direct: false,
                    archived: situation.archived,
                    moderated: situation.moderated,
                    voiced: false,
                    muted: situation.muted,
                    banned: situation.banned,
                    full: situation.full,
                    invited: situation.invited,
                    password: situation.password,
                    own: owned && inside,
                    outside: false,
                    open_topic: false,
                    silent: false,
                    kept_out: false,
                    below: below || (standing == Standing::Operator && matches!(deed, Deed::Kick { .. })),
                };
                let mut expected = can(standing, act, &object);
                // What only a person does nobody does at the machine.
                let personal = matches!(
                    deed,
                    Deed::Join { .. }
                        | Deed::Leave { .. }
                        | Deed::React { .. }
                        | Deed::Edit { .. }
                        | Deed::Read { .. }
                );
                if session == MACHINE && personal {
                    expected = Err(Refusal::NotAllowed);
                }
                // Whoever is in it need not come in.
                if inside && matches!(deed, Deed::Join { .. }) {
                    expected = Err(Refusal::AlreadyAMember);
                }
                let before = log.state.clone();
                let answer = ask(&mut log, session, deed.clone());
                let what = || format!("{who} {deed:?} in {situation:?}");
                assert_eq!(answer.as_ref().err(), expected.as_ref().err(), "{}", what());
                if answer.is_err() {
                    let mut same = log.state.clone();
                    (same.position, same.time) = (before.position, before.time);
                    assert_eq!(same.hash(), before.hash(), "a refusal changes nothing: {}", what());
                }
                run += 1;
            }
            if session == MACHINE {
                continue; // It has no session to speak on.
            }
            let mut log = world(situation, who);
            let object = Object {
                access: situation.access,
                inside,
                archived: situation.archived,
                moderated: situation.moderated,
                muted: situation.muted,
                ..Object::default()
            };
            let answer = log.ask(2, say(session, Where::Name(tea()), "hello"));
            let expected = can(standing, Act::Speak, &object);
            assert_eq!(answer.err(), expected.clone().err(), "{who} speaks in {situation:?}");
            let mut said = say(session, Where::Name(tea()), "from afar");
            if let Request::Say(Say { called, .. }) = &mut said {
                *called = Alias::parse("smt/discord").ok().map(Box::new);
            }
            let answer = world(situation, who).ask(2, said);
            let expected = expected.and_then(|()| can(standing, Act::Relay, &object));
            assert_eq!(answer.err(), expected.err(), "{who} speaks for others in {situation:?}");
            run += 2;
        }
    }
    println!("{run} cells through decide");
    assert!(run > 4000, "{run}");
    // A deed that an act of the table allows has its line here.
    let due = golden_deeds().into_iter().filter(|deed| matches!(deed.needs(), Needs::Act(_)));
    let due: BTreeSet<usize> = due.map(|deed| number(&deed)).collect();
    assert_eq!(done, due);
}

#[test]
fn to_those_outside_a_private_room_is_like_none() {
    let mut run = 0;
    for situation in situations().into_iter().filter(|s| s.access == Access::Private && !s.invited) {
        if situation.password == Some(true) {
            continue; // Who knows the word knows the room.
        }
        for (deed, ..) in deeds(situation, 1, 1) {
            let mut there = world(situation, "xeno");
            let mut nowhere = Memory::new();
            nowhere.ask(0, Request::StartNode { node: NodeId(0) }).unwrap();
            let (session, proof) = (SessionId(1), Proof::NewGuest(TokenHash([1; 32])));
            nowhere.ask(0, Request::Open { session, name: name("xeno"), proof, address: None }).unwrap();
            let answers = [&mut there, &mut nowhere].map(|log| ask(log, 1, deed.clone()).err());
            assert_eq!(answers[0], answers[1], "{deed:?} in {situation:?}");
            assert_eq!(answers[0], Some(Refusal::NoSuchRoom), "{deed:?}");
            let said =
                [&mut there, &mut nowhere].map(|log| log.ask(1, say(1, Where::Name(tea()), "x")).err());
            assert_eq!(said[0], said[1]);
            run += 1;
        }
    }
    assert!(run > 100, "{run}");
    // The one thing that can be learned: the name cannot be had, for one of several reasons.
    let mut log = world(situations()[22], "xeno");
    for taken in ["#tea", "#TEA", "#teа"] {
        let room = RoomName::parse(taken).unwrap();
        let answer = ask(&mut log, 1, Deed::Create { room, access: Access::Public });
        assert_eq!(answer.err(), Some(Refusal::RoomNameTaken), "{taken}");
    }
}
