//! What a kick, a ban and a mute do to whom they meet: nothing comes after, and another name does not help.

use crate::rights::{Situation, TARGET, ask, name, say, situations, tea, world};
use chatroom_model::memory::Memory;
use chatroom_model::{
    Access, CloseReason, Deed, Event, Fact, LOBBY, Mask, Refusal, Request, RoomName, SessionId, Setting,
    Where,
};

#[test]
fn nothing_after_a_kick_reaches_who_was_put_out() {
    let mut log = world(situations()[0], "mem");
    let (target, _) = log.state.holder(&name("target")).map(|(id, _)| (id, ())).unwrap();
    let room = || Where::Name(tea());
    ask(&mut log, 4, Deed::Kick { room: room(), user: name("target"), reason: "enough".into() }).unwrap();
    let cut = log.last();
    for session in [2, 4] {
        log.ask(2, say(session, room(), "after")).unwrap();
    }
    ask(&mut log, 4, Deed::Set { room: room(), setting: Setting::Topic("secret".into()) }).unwrap();
    let session = SessionId(TARGET.1);
    let shown: Vec<_> = log.records.iter().filter(|r| log.shows(r, target, session)).collect();
    assert!(shown.iter().any(|r| matches!(r.event, Event::Fact(Fact::Left { .. })) && r.position == cut));
    assert!(shown.iter().all(|record| record.position <= cut), "{:?}", shown.last());
    // Back in, the next words are theirs again, and what was said meanwhile was never given live.
    ask(&mut log, TARGET.1, Deed::Join { room: room(), password: None }).unwrap();
    log.ask(3, say(2, room(), "welcome back")).unwrap();
    let shown = log.records.iter().filter(|r| log.shows(r, target, session));
    let after: Vec<_> = shown.filter(|record| record.position > cut).collect();
    assert_eq!(after.len(), 2, "{after:?}");
    log.ask(4, Request::Close { session, reason: CloseReason::Quit, seen: cut, why: Default::default() })
        .unwrap();
    assert!(log.state.room(LOBBY).unwrap().members.contains_key(&target));
}

#[test]
fn a_ban_or_a_mute_follows_to_another_name() {
    let plain = situations()[0];
    for situation in [Situation { muted: true, ..plain }, Situation { banned: true, ..plain }] {
        let mut log = world(situation, "mem");
        ask(&mut log, 2, Deed::Nick { name: name("other") }).unwrap();
        let room = || Where::Name(tea());
        let tries = |log: &mut Memory| match situation.muted {
            true => log.ask(1, say(2, room(), "hello")).err(),
            false => ask(log, 2, Deed::Join { room: room(), password: None }).err(),
        };
        let no = if situation.muted { Refusal::Muted } else { Refusal::Banned };
        assert_eq!(tries(&mut log), Some(no), "{situation:?}");
        let mask = Mask::parse("mem").unwrap();
        let lift = match situation.muted {
            true => Deed::Unmute { room: room(), mask },
            false => Deed::Unban { room: room(), mask },
        };
        ask(&mut log, 4, lift).unwrap();
        assert_eq!(tries(&mut log), None, "{situation:?}");
    }
}

#[test]
fn a_ban_in_a_room_of_ones_own_keeps_nobody_from_renaming() {
    let mut log = world(situations()[0], "mem");
    let room = RoomName::parse("#mine").unwrap();
    ask(&mut log, 1, Deed::Create { room: room.clone(), access: Access::Private }).unwrap();
    let mask = Mask::parse("mem").unwrap();
    let ban = Deed::Ban { room: Where::Name(room), mask, reason: String::new(), until: None };
    ask(&mut log, 1, ban).unwrap();
    ask(&mut log, 2, Deed::Nick { name: name("other") }).unwrap();
}

#[test]
fn a_mute_is_laid_on_people_and_not_on_addresses() {
    let mut log = world(situations()[0], "mem");
    let mask = Mask::parse("10.0.0.0/8").unwrap();
    let mute = Deed::Mute { room: Where::Name(tea()), mask, reason: String::new(), until: None };
    assert_eq!(ask(&mut log, 4, mute).err(), Some(Refusal::MuteOfAddress));
}
