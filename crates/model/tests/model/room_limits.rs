//! How many rooms there may be, and how much is kept of each: each at its limit and one over.

use crate::talk::{Talk, at, mask, name, room_name};
use chatroom_model::{
    Access, Deed, LINE_MAX, MASKS_MAX, OWNED_MAX, ROOMS_MAX, Refusal, Request, Retention, Setting, TOKEN_HOLD,
};

#[test]
fn rooms_are_limited_at_limit_plus_one() {
    let mut talk = Talk::new(&["ann", "bob"]);
    for n in 0..OWNED_MAX {
        talk.create("ann", &format!("#r{n}"), Access::Public);
    }
    let more = Deed::Create { room: room_name("#more"), access: Access::Public };
    assert_eq!(talk.does("ann", more.clone()).unwrap_err(), Refusal::TooMany("rooms of your own"));
    for n in 1..=ROOMS_MAX {
        talk.machine(Deed::Create { room: room_name(&format!("#o{n}")), access: Access::Public }).unwrap();
    }
    for n in 1..ROOMS_MAX {
        talk.join("bob", &format!("#o{n}")).unwrap();
    }
    assert_eq!(talk.join("bob", &format!("#o{ROOMS_MAX}")).unwrap_err(), Refusal::TooMany("rooms"));
    assert_eq!(talk.does("bob", more).unwrap_err(), Refusal::TooMany("rooms"));
    talk.leave("bob", "#o1").unwrap();
    talk.join("bob", &format!("#o{ROOMS_MAX}")).unwrap();
}

#[test]
fn bans_are_limited_at_limit_plus_one_and_what_is_over_takes_no_place() {
    let mut talk = Talk::new(&["ann"]);
    talk.create("ann", "#tea", Access::Public);
    let until = talk.now + 1000;
    for n in 0..MASKS_MAX {
        talk.ban("ann", "#tea", &format!("b{n}"), Some(until)).unwrap();
        talk.mute("ann", "#tea", &format!("m{n}"), None).unwrap();
    }
    let full = Refusal::TooMany("bans and mutes");
    assert_eq!(talk.ban("ann", "#tea", "more", None).unwrap_err(), full);
    assert_eq!(talk.mute("ann", "#tea", "more", None).unwrap_err(), full);
    talk.ban("ann", "#tea", "b0", None).expect("one that is laid anew takes no place");
    talk.now = until;
    talk.ban("ann", "#tea", "more", None).expect("those that are over take none");
    assert_eq!(talk.room("#tea").sanctions.len(), MASKS_MAX + 2, "and are gone");
}

#[test]
fn invitations_are_limited_at_limit_plus_one_and_the_forgotten_take_no_place() {
    let mut talk = Talk::new(&["ann", "bob"]);
    talk.create("ann", "#tea", Access::Private);
    let invite = |user: &str| Deed::Invite { room: at("#tea"), user: name(user) };
    for n in 0..MASKS_MAX {
        let who = format!("u{n}");
        talk.open(&who).unwrap();
        talk.does("ann", invite(&who)).unwrap();
    }
    assert_eq!(talk.does("ann", invite("bob")).unwrap_err(), Refusal::TooMany("invitations"));
    talk.close("u7").unwrap();
    talk.now += TOKEN_HOLD;
    talk.open("zoe").unwrap();
    talk.does("ann", invite("bob")).unwrap();
    assert_eq!(talk.room("#tea").invited.len(), MASKS_MAX);
}

#[test]
fn what_is_said_of_a_room_is_limited_at_limit_plus_one() {
    let mut talk = Talk::new(&["ann", "bob"]);
    talk.create("ann", "#tea", Access::Public);
    talk.join("bob", "#tea").unwrap();
    talk.set("ann", "#tea", Setting::Topic("x".repeat(LINE_MAX))).unwrap();
    let topic = talk.set("ann", "#tea", Setting::Topic("x".repeat(LINE_MAX + 1)));
    assert_eq!(topic.unwrap_err(), Refusal::TooMany("bytes in a topic"));
    let long = "x".repeat(LINE_MAX + 1);
    let (room, reason) = (|| at("#tea"), || long.clone());
    talk.say("ann", "#tea", "one").unwrap();
    for deed in [
        Deed::Kick { room: room(), user: name("bob"), reason: reason() },
        Deed::Ban { room: room(), mask: mask("bob"), reason: reason(), until: None },
        Deed::Mute { room: room(), mask: mask("bob"), reason: reason(), until: None },
        Deed::Redact { room: room(), seq: chatroom_model::Seq(1), reason: reason() },
        Deed::Set { room: room(), setting: Setting::Name { name: room_name("#coffee"), reason: reason() } },
    ] {
        assert_eq!(talk.does("ann", deed).unwrap_err(), Refusal::TooMany("bytes in a reason"));
    }
    let reason = "x".repeat(LINE_MAX);
    talk.does("ann", Deed::Kick { room: room(), user: name("bob"), reason }).unwrap();
    for keep in [
        Retention { age: Some(0), number: None },
        Retention { age: Some(i64::MIN), number: None },
        Retention { age: None, number: Some(0) },
    ] {
        assert_eq!(talk.set("ann", "#tea", Setting::Retention(keep)).unwrap_err(), Refusal::NotAllowed);
    }
    talk.set("ann", "#tea", Setting::Retention(Retention { age: Some(i64::MAX), number: Some(1) })).unwrap();
    assert_eq!(talk.ask(Request::Sweep).unwrap_err(), Refusal::AlreadySo);
}
