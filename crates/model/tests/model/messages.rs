//! What the rules say about messages: saying, answering, naming, changing, taking away, hiding, and letting go with time.

use crate::talk::{Talk, at, id, name, words};
use chatroom_model::{
    Access, Alias, Body, Deed, Event, Fact, How, Millis, PINS_MAX, Position, REACTION_BYTES, REACTIONS_MAX,
    Refusal, Request, Retention, Role, Say, Seq, Setting, UserId,
};

/// Ann's room #tea with Bob in it as a moderator and Cas as a member.
fn tea() -> Talk {
    let mut talk = Talk::new(&["ann", "bob", "cas", "out"]);
    talk.create("ann", "#tea", Access::Public);
    talk.join("bob", "#tea").unwrap();
    talk.join("cas", "#tea").unwrap();
    talk.role("ann", "#tea", "bob", Role::Moderator).unwrap();
    talk
}

fn message(answer: crate::talk::Answer) -> (Seq, Vec<UserId>, Option<String>) {
    let Event::Message { seq, mentions, label, .. } = answer.unwrap().pop().unwrap() else {
        panic!("no message")
    };
    (seq, mentions, label.map(|label| label.to_string()))
}

#[test]
fn messages_are_numbered_densely_in_each_room_by_itself() {
    let mut talk = tea();
    for n in 1..=3 {
        let (seq, _, label) = message(talk.say("ann", "#tea", "hi"));
        assert_eq!((seq, label.as_deref()), (Seq(n), Some("#tea")));
        let (seq, _, label) = message(talk.say("ann", "#lobby", "hi"));
        assert_eq!((seq, label), (Seq(n), None));
        assert_eq!(
            message(talk.say("ann", if n % 2 == 0 { "bob" } else { "cas" }, "hi")).0,
            Seq(n.div_ceil(2))
        );
        assert_eq!(talk.say("out", "#tea", "hi").unwrap_err(), Refusal::NotAMember);
    }
}

#[test]
fn only_a_voice_is_heard_where_it_is_moderated() {
    let mut talk = tea();
    talk.set("ann", "#tea", Setting::Moderated(true)).unwrap();
    assert_eq!(talk.say("cas", "#tea", "hi").unwrap_err(), Refusal::Moderated);
    talk.role("bob", "#tea", "cas", Role::Voice).unwrap();
    talk.say("cas", "#tea", "hi").unwrap();
}

#[test]
fn members_are_named_and_moderators_may_call_everybody() {
    let mut talk = tea();
    let [ann, bob, cas] = ["ann", "bob", "cas"].map(|who| talk.id(who));
    for (who, text, named) in [
        ("cas", "hi @Bob, @bob and @ann", vec![ann, bob]),
        ("cas", "hi @out and @nobody", vec![]),
        ("cas", "@room", vec![]),
        ("bob", "@room and @cas", vec![UserId(0), cas]),
    ] {
        assert_eq!(message(talk.say(who, "#tea", text)).1, named, "{text}");
    }
    assert_eq!(
        message(talk.say("ann", "bob", "@bob")).1,
        [],
        "in a conversation of two it is plain who is meant"
    );
}

#[test]
fn an_answer_is_to_what_stands_there() {
    let mut talk = tea();
    talk.say("ann", "#tea", "one").unwrap();
    talk.say("cas", "#tea", "two").unwrap();
    let answer = talk.reply("cas", "#tea", "yes", Some(1), None);
    assert!(matches!(&answer.unwrap()[0], Event::Message { reply: Some(Seq(1)), .. }));
    for missing in [0, 9] {
        let answer = talk.reply("cas", "#tea", "yes", Some(missing), None);
        assert_eq!(answer.unwrap_err(), Refusal::NoSuchMessage, "{missing}");
    }
    let until = Millis(talk.now + 1000);
    talk.does("bob", Deed::Purge { room: at("#tea"), user: name("cas"), since: Millis(0), until }).unwrap();
    let hidden = talk.reply("ann", "#tea", "yes", Some(2), None);
    assert_eq!(hidden.unwrap_err(), Refusal::NoSuchMessage);
    // Of what was redacted the place stays, and an answer may come too late.
    talk.redact("ann", "#tea", 1).unwrap();
    talk.reply("bob", "#tea", "to what is gone", Some(1), None).unwrap();
    assert_eq!(talk.reply("ann", "bob", "hm", Some(1), None).unwrap_err(), Refusal::NoSuchMessage);
}

#[test]
fn ones_own_message_is_changed_by_nobody_else() {
    let mut talk = tea();
    talk.say("cas", "#tea", "one").unwrap();
    assert_eq!(words(&talk.edit("cas", "#tea", 1, "other")), ["edited"]);
    for other in ["ann", "bob"] {
        assert_eq!(talk.edit(other, "#tea", 1, "mine").unwrap_err(), Refusal::NotYours);
    }
    assert_eq!(talk.edit("out", "#tea", 1, "mine").unwrap_err(), Refusal::NotAMember);
    assert_eq!(talk.edit("cas", "#tea", 2, "x").unwrap_err(), Refusal::NoSuchMessage);
    for bad in ["".to_owned(), "a\rb".into(), "x".repeat(chatroom_model::BODY_MAX + 1)] {
        assert_eq!(talk.edit("cas", "#tea", 1, &bad).unwrap_err(), Refusal::NotAllowed);
    }
    talk.edit("cas", "#tea", 1, &"x".repeat(chatroom_model::BODY_MAX)).unwrap();
    talk.leave("cas", "#tea").unwrap();
    assert_eq!(talk.edit("cas", "#tea", 1, "late").unwrap_err(), Refusal::NotAMember);
}

#[test]
fn an_edit_or_a_message_tried_again_is_stored_once() {
    let mut talk = tea();
    talk.reply("cas", "#tea", "one", None, id(1)).unwrap();
    let stands = talk.log.last();
    let edit = || Deed::Edit { room: at("#tea"), seq: Seq(1), body: "two".into(), client_id: id(2) };
    talk.does("cas", edit()).unwrap();
    let edited = talk.log.last();
    talk.edit("cas", "#tea", 1, "three").unwrap();
    assert_eq!(talk.does("cas", edit()).unwrap_err(), Refusal::AlreadyStored(edited));
    assert_eq!(talk.reply("cas", "#tea", "x", None, id(1)).unwrap_err(), Refusal::AlreadyStored(stands));
    assert_eq!(talk.reply("cas", "#lobby", "x", None, id(2)).unwrap_err(), Refusal::AlreadyStored(edited));
    // Also when they may no longer do it: what was asked is true.
    talk.leave("cas", "#tea").unwrap();
    assert_eq!(talk.does("cas", edit()).unwrap_err(), Refusal::AlreadyStored(edited));
}

#[test]
fn what_is_redacted_is_gone_for_everything() {
    let mut talk = tea();
    for who in ["cas", "ann", "bob"] {
        talk.say(who, "#tea", "words").unwrap();
    }
    talk.pin("bob", "#tea", 1, true).unwrap();
    assert_eq!(talk.redact("cas", "#tea", 2).unwrap_err(), Refusal::NotYours);
    talk.redact("cas", "#tea", 1).unwrap();
    assert!(talk.room("#tea").pins.is_empty());
    talk.redact("bob", "#tea", 2).unwrap();
    for refused in [
        talk.redact("bob", "#tea", 1),
        talk.edit("cas", "#tea", 1, "x"),
        talk.react("ann", "#tea", 1, "👍", true),
        talk.pin("bob", "#tea", 1, true),
    ] {
        assert_eq!(refused.unwrap_err(), Refusal::NoSuchMessage);
    }
}

#[test]
fn reactions_stand_once_and_are_limited_at_limit_plus_one() {
    let mut talk = tea();
    talk.say("cas", "#tea", "one").unwrap();
    assert_eq!(talk.react("ann", "#tea", 1, "👍", false).unwrap_err(), Refusal::AlreadySo);
    talk.react("ann", "#tea", 1, "👍", true).unwrap();
    assert_eq!(talk.react("ann", "#tea", 1, "👍", true).unwrap_err(), Refusal::AlreadySo);
    talk.react("bob", "#tea", 1, "👍", true).unwrap();
    talk.react("ann", "#tea", 1, "👍", false).unwrap();
    for bad in ["".to_owned(), "a b".into(), "a\u{1b}".into(), "x".repeat(REACTION_BYTES + 1)] {
        assert_eq!(talk.react("ann", "#tea", 1, &bad, true).unwrap_err(), Refusal::NotAllowed, "{bad:?}");
    }
    talk.react("ann", "#tea", 1, &"x".repeat(REACTION_BYTES), true).unwrap();
    for n in 2..REACTIONS_MAX {
        talk.react("ann", "#tea", 1, &format!("r{n}"), true).unwrap();
    }
    let full = Refusal::TooMany("reactions to one message");
    assert_eq!(talk.react("ann", "#tea", 1, "more", true).unwrap_err(), full);
    talk.react("ann", "#tea", 1, "r2", false).unwrap();
    talk.react("ann", "#tea", 1, "more", true).unwrap();
    assert_eq!(talk.react("out", "#tea", 1, "👍", true).unwrap_err(), Refusal::NotAMember);
}

#[test]
fn pins_are_limited_at_limit_plus_one() {
    let mut talk = tea();
    for _ in 0..=PINS_MAX {
        talk.say("ann", "#tea", "words").unwrap();
    }
    assert_eq!(talk.pin("cas", "#tea", 1, true).unwrap_err(), Refusal::NotAllowed);
    assert_eq!(talk.pin("bob", "#tea", 1, false).unwrap_err(), Refusal::AlreadySo);
    for n in 1..=PINS_MAX as u64 {
        talk.pin("bob", "#tea", n, true).unwrap();
    }
    assert_eq!(talk.pin("bob", "#tea", 1, true).unwrap_err(), Refusal::AlreadySo);
    let more = PINS_MAX as u64 + 1;
    assert_eq!(talk.pin("bob", "#tea", more, true).unwrap_err(), Refusal::TooMany("pinned messages"));
    talk.pin("ann", "#tea", 7, false).unwrap();
    talk.pin("bob", "#tea", more, true).unwrap();
    assert_eq!(talk.room("#tea").pins.last(), Some(&Seq(more)), "the last put up stands last");
}

#[test]
fn a_room_is_read_forwards_and_no_further_than_it_goes() {
    let mut talk = tea();
    for _ in 0..3 {
        talk.say("ann", "#tea", "words").unwrap();
    }
    let read = |n| Deed::Read { room: at("#tea"), seq: Seq(n), at: None };
    talk.does("cas", read(2)).unwrap();
    for back in [0, 1, 2] {
        assert_eq!(talk.does("cas", read(back)).unwrap_err(), Refusal::AlreadySo);
    }
    talk.does("cas", read(99)).unwrap();
    assert_eq!(talk.room("#tea").members[&talk.id("cas")].read, Seq(3));
    assert_eq!(talk.does("out", read(1)).unwrap_err(), Refusal::NotAMember);
    talk.join("out", "#tea").unwrap();
    assert_eq!(
        talk.does("out", read(3)).unwrap_err(),
        Refusal::AlreadySo,
        "what was before is none of their unread"
    );
}

#[test]
fn what_one_has_read_of_somebody_begins_no_conversation() {
    let mut talk = tea();
    let read = |to: &str, time| Deed::Read { room: at(to), seq: Seq(0), at: time };
    assert_eq!(talk.does("cas", read("ann", None)).unwrap_err(), Refusal::NoSuchRoom);
    let marker = |events: &[Event]| match events {
        [Event::Fact(Fact::ReadUpTo { room, marker: Some(marker), .. })] => (*room, marker.clone()),
        other => panic!("{other:?}"),
    };
    let (room, marked) = marker(&talk.does("cas", read("ann", Some(Millis(77)))).unwrap());
    assert_eq!((room, marked.at), (None, Millis(77)));
    let (ann, cas) = (talk.id("ann"), talk.id("cas"));
    assert_eq!(talk.log.state.direct(ann, cas), None);
    talk.say("cas", "ann", "hi").unwrap();
    let (room, same) = marker(&talk.does("cas", read("ann", Some(Millis(77)))).unwrap());
    assert_eq!((room, same), (talk.log.state.direct(ann, cas), marked));
}

fn purge(user: &str, since: i64, until: i64) -> Deed {
    Deed::Purge { room: at("#tea"), user: name(user), since: Millis(since), until: Millis(until) }
}

#[test]
fn a_purge_hides_from_a_moment_on_and_can_be_undone_until_its_time() {
    let mut talk = tea();
    talk.say("cas", "#tea", "before").unwrap();
    talk.now += 10;
    let since = talk.now;
    talk.say("cas", "#tea", "spam").unwrap();
    talk.say("ann", "#tea", "other").unwrap();
    assert_eq!(talk.does("cas", purge("ann", 0, 1)).unwrap_err(), Refusal::NotAllowed);
    assert_eq!(
        talk.does("bob", purge("ann", 0, 1)).unwrap_err(),
        Refusal::NotAllowed,
        "of a higher standing"
    );
    let until = talk.now + 5000;
    talk.does("bob", purge("cas", since, until)).unwrap();
    let number = talk.log.last().0;
    talk.say("cas", "#tea", "after").unwrap();
    for (seq, there) in [(1, true), (2, false), (3, true), (4, true)] {
        assert_eq!(talk.react("ann", "#tea", seq, "👍", true).is_ok(), there, "{seq}");
    }
    talk.now = until - 1;
    assert_eq!(talk.ask(Request::Sweep).unwrap_err(), Refusal::AlreadySo, "its time is not over");
    let unpurge = |purge| Deed::Unpurge { room: at("#tea"), purge };
    assert_eq!(talk.does("cas", unpurge(number)).unwrap_err(), Refusal::NotAllowed);
    assert_eq!(talk.does("bob", unpurge(number + 1)).unwrap_err(), Refusal::AlreadySo);
    talk.does("bob", unpurge(number)).unwrap();
    assert_eq!(talk.does("bob", unpurge(number)).unwrap_err(), Refusal::AlreadySo);
    talk.react("ann", "#tea", 2, "👍", true).unwrap();
    talk.now = until;
    assert_eq!(talk.ask(Request::Sweep).unwrap_err(), Refusal::AlreadySo, "it was undone");
}

#[test]
fn a_purge_becomes_final_when_its_time_is_over() {
    let mut talk = tea();
    talk.say("cas", "#tea", "spam").unwrap();
    talk.pin("bob", "#tea", 1, true).unwrap();
    let until = talk.now + 5000;
    talk.does("bob", purge("cas", 0, until)).unwrap();
    let number = talk.log.last().0;
    assert_eq!(talk.log.state.next_due(), Some(Millis(until)));
    talk.now = until;
    let late = talk.does("bob", Deed::Unpurge { room: at("#tea"), purge: number });
    assert_eq!(late.unwrap_err(), Refusal::AlreadySo, "also before a sweep has come by");
    assert_eq!(words(&talk.ask(Request::Sweep)), ["purge_done"]);
    assert_eq!(talk.ask(Request::Sweep).unwrap_err(), Refusal::AlreadySo);
    assert_eq!(talk.react("ann", "#tea", 1, "👍", true).unwrap_err(), Refusal::NoSuchMessage);
    assert_eq!(talk.log.state.next_due(), None);
    talk.pin("bob", "#tea", 1, false).expect("what is gone can be taken down");
    assert!(talk.room("#tea").pins.is_empty());
}

#[test]
fn purges_are_limited_in_number_and_time_and_go_with_their_room() {
    let mut talk = tea();
    let month = 30 * 24 * 60 * 60 * 1000;
    let end = talk.now + month;
    for _ in 0..20 {
        let answer = talk.does("bob", purge("cas", 0, i64::MAX)).unwrap();
        assert!(matches!(&answer[0], Event::Fact(Fact::Purged { until, .. }) if until.0 == end));
    }
    let more = talk.does("bob", purge("cas", 0, i64::MAX));
    assert_eq!(more.unwrap_err(), Refusal::TooMany("purges that may still be undone"));
    talk.does("ann", Deed::Delete { room: at("#tea") }).unwrap();
    talk.now = end;
    assert_eq!(talk.ask(Request::Sweep).unwrap_err(), Refusal::AlreadySo);
}

fn keep(age: Option<i64>, number: Option<u64>) -> Setting {
    Setting::Retention(Retention { age, number })
}

fn dropped(answer: &crate::talk::Answer) -> Vec<u64> {
    let events = answer.as_ref().unwrap().iter();
    events
        .map(|e| if let Event::Fact(Fact::Dropped { upto, .. }) = e { upto.0 } else { panic!("{e:?}") })
        .collect()
}

#[test]
fn retention_lets_go_by_number_and_by_age() {
    let mut talk = tea();
    for _ in 0..5 {
        talk.now += 1000;
        talk.say("ann", "#tea", "words").unwrap();
    }
    talk.pin("ann", "#tea", 2, true).unwrap();
    talk.pin("ann", "#tea", 5, true).unwrap();
    assert_eq!(talk.set("bob", "#tea", keep(None, Some(3))).unwrap_err(), Refusal::NotAllowed);
    talk.set("ann", "#tea", keep(None, Some(3))).unwrap();
    assert_eq!(dropped(&talk.ask(Request::Sweep)), [2]);
    assert_eq!(talk.ask(Request::Sweep).unwrap_err(), Refusal::AlreadySo);
    assert_eq!(talk.room("#tea").pins, [Seq(5)]);
    assert_eq!(talk.redact("ann", "#tea", 2).unwrap_err(), Refusal::NoSuchMessage);
    assert_eq!(talk.reply("ann", "#tea", "re", Some(2), None).unwrap_err(), Refusal::NoSuchMessage);
    talk.set("ann", "#tea", keep(Some(1500), None)).unwrap();
    assert_eq!(dropped(&talk.ask(Request::Sweep)), [3], "the fourth is 1000 ms old");
    talk.now += 10_000;
    assert_eq!(dropped(&talk.ask(Request::Sweep)), [5]);
    assert_eq!(message(talk.say("ann", "#tea", "on")).0, Seq(6), "numbers go on");
}

#[test]
fn a_sweep_does_a_bounded_part_and_every_room_has_its_turn() {
    let mut talk = Talk::new(&["ann"]);
    let rooms = 100;
    for n in 0..rooms {
        let room = format!("#r{n}");
        let create = Deed::Create { room: crate::talk::room_name(&room), access: Access::Public };
        talk.machine(create).unwrap();
        talk.machine(Deed::Set { room: at(&room), setting: keep(None, Some(1)) }).unwrap();
        talk.join("ann", &room).unwrap();
    }
    // All of them are busy all the time.
    for round in 0..40 {
        for n in 0..rooms {
            talk.say("ann", &format!("#r{n}"), "words").unwrap();
        }
        let done = talk.ask(Request::Sweep);
        assert!(round == 0 || dropped(&done).len() == 64, "{round}");
    }
    for n in 0..rooms {
        assert!(talk.room(&format!("#r{n}")).dropped.0 > 0, "#r{n} never had its turn");
    }
}

#[test]
fn what_is_said_can_be_done_or_noted() {
    let mut talk = tea();
    for how in [How::Action, How::Notice] {
        let (session, body) = (talk.session("cas"), Body::parse("waves").unwrap());
        let (room, reply, client_id, seen) = (at("#tea"), None, None, Position(0));
        let answer =
            talk.ask(Request::Say(Say { how, reply, client_id, seen, ..Say::new(session, room, body) }));
        assert!(matches!(&answer.unwrap()[0], Event::Message { how: is, .. } if *is == how));
    }
}

#[test]
fn those_who_keep_order_speak_for_people_elsewhere() {
    let mut talk = tea();
    let relay = |talk: &mut Talk, who: &str, room: &str| {
        talk.ask(Request::Say(Say {
            called: Some(Box::new(Alias::parse("smt/discord").unwrap())),
            ..Say::new(talk.session(who), at(room), Body::parse("from afar").unwrap())
        }))
    };
    let owner = talk.id("ann");
    assert_eq!(relay(&mut talk, "cas", "#tea").unwrap_err(), Refusal::NotAllowed);
    let told = relay(&mut talk, "ann", "#tea").unwrap();
    let Event::Message { author: by, name: called, .. } = &told[0] else { panic!("{told:?}") };
    assert_eq!((*by, called.as_str()), (owner, "smt/discord"));
    // It is the author's in all that follows.
    let (seq, _, _) = message(Ok(told));
    let redact = Deed::Redact { room: at("#tea"), seq, reason: String::new() };
    assert_eq!(talk.does("cas", redact.clone()).unwrap_err(), Refusal::NotYours);
    talk.does("ann", redact).unwrap();
    // Nobody speaks for others to one alone.
    assert_eq!(relay(&mut talk, "ann", "cas").unwrap_err(), Refusal::NotAllowed);
}
