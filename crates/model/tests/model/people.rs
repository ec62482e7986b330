//! What the rules say about people: names, passwords, tokens, what they say of themselves, and being put out of it all.

use crate::talk::{Talk, mask, name, phc, token, words};
use chatroom_model::{
    Access, CloseReason, Deed, Entry, Event, Fact, IGNORES_MAX, LINE_MAX, LOBBY, MASKS_MAX, Mask, Millis,
    Proof, Refusal, Request, SESSIONS_MAX, SessionId, TICKETS_MAX, TOKEN_HOLD,
};

fn register(word: &str) -> Deed {
    Deed::Register { phc: phc(word) }
}

fn nick(text: &str) -> Deed {
    Deed::Nick { name: name(text) }
}

fn ban_here(on: &str, until: Option<Millis>) -> Deed {
    Deed::BanHere { mask: mask(on), reason: "why".into(), until }
}

#[test]
fn a_guest_registers_once_and_the_name_is_theirs_for_good() {
    let mut talk = Talk::new(&["ann"]);
    assert_eq!(talk.does("ann", Deed::Password { phc: phc("x") }).unwrap_err(), Refusal::Guest);
    for bad in ["secret".to_owned(), format!("$argon2{}", "x".repeat(506))] {
        assert_eq!(talk.does("ann", Deed::Register { phc: bad }).unwrap_err(), Refusal::NotAllowed);
    }
    assert_eq!(words(&talk.does("ann", register("one"))), ["registered", "account_told"]);
    assert_eq!(talk.does("ann", register("one")).unwrap_err(), Refusal::Registered);
    talk.close("ann").unwrap();
    talk.now += 1000 * TOKEN_HOLD;
    assert_eq!(talk.open("ANN").unwrap_err(), Refusal::NameRegistered);
    for _ in 0..3 {
        talk.open("bob").unwrap();
        talk.close("bob").unwrap();
        talk.now += TOKEN_HOLD;
    }
    assert_eq!(words(&talk.login("ann", "one", "later")), ["ticket_given", "session_opened", "online"]);
}

#[test]
fn only_the_password_of_now_is_a_proof() {
    let mut talk = Talk::new(&["ann", "bob"]);
    assert_eq!(talk.login("ann", "one", "t").unwrap_err(), Refusal::BadPassword, "a guest has none");
    assert_eq!(talk.login("zoe", "one", "t").unwrap_err(), Refusal::BadPassword, "nor has nobody");
    talk.does("ann", register("one")).unwrap();
    assert_eq!(talk.does("bob", Deed::Password { phc: phc("x") }).unwrap_err(), Refusal::Guest);
    talk.login("ann", "one", "second").unwrap();
    talk.does("ann", Deed::Password { phc: phc("two") }).unwrap();
    // Checked at the edge against the old hash, and decided after the new one stands.
    assert_eq!(talk.login("ann", "one", "third").unwrap_err(), Refusal::BadPassword);
    talk.login("ann", "two", "third").unwrap();
}

#[test]
fn a_registered_user_is_online_once_however_many_sessions_there_are() {
    let mut talk = Talk::new(&["ann", "bob"]);
    talk.does("ann", register("one")).unwrap();
    for n in 1..SESSIONS_MAX {
        assert_eq!(words(&talk.login("ann", "one", &format!("t{n}"))), ["ticket_given", "session_opened"]);
    }
    assert_eq!(talk.login("ann", "one", "more").unwrap_err(), Refusal::TooMany("sessions"));
    assert_eq!((talk.log.state.online(), talk.room("#lobby").online), (2, 2));
    // A token of a session that has ended opens none past the limit either.
    talk.close("ann").unwrap();
    talk.login("ann", "one", "twentieth").unwrap();
    let last = format!("t{}", SESSIONS_MAX - 1);
    assert_eq!(talk.back("ann", &last).unwrap_err(), Refusal::TooMany("sessions"));
    assert_eq!(words(&talk.back("ann", "twentieth")), ["session_closed", "ticket_given", "session_opened"]);
    let open = talk.user("ann").sessions.clone();
    for (n, session) in open.iter().enumerate() {
        let request = Request::Close {
            session: *session,
            reason: CloseReason::Quit,
            seen: Default::default(),
            why: Default::default(),
        };
        let answer = talk.ask(request);
        let last = n + 1 == open.len();
        assert_eq!(words(&answer).contains(&"offline"), last, "{n}");
    }
    assert_eq!((talk.log.state.online(), talk.room("#lobby").online), (1, 1));
}

#[test]
fn a_token_takes_up_its_own_session_and_no_other() {
    let mut talk = Talk::new(&["ann"]);
    let first = talk.session("ann");
    talk.does("ann", register("one")).unwrap();
    talk.login("ann", "one", "second").unwrap();
    let second = talk.session("ann");
    let closes = |answer: &crate::talk::Answer| -> Vec<SessionId> {
        let events = answer.as_ref().unwrap().iter();
        events
            .filter_map(|e| if let Event::SessionClosed { session, .. } = e { Some(*session) } else { None })
            .collect()
    };
    // The guest's token has become that of the session on which they registered.
    assert_eq!(closes(&talk.back("ann", "ann")), [first]);
    assert_eq!(closes(&talk.back("ann", "second")), [second]);
    assert_eq!(talk.back("ann", "third").unwrap_err(), Refusal::BadToken);
    assert_eq!(talk.user("ann").sessions.len(), 2);
}

#[test]
fn the_ninth_ticket_drops_the_oldest() {
    let mut talk = Talk::new(&["ann"]);
    talk.does("ann", register("one")).unwrap();
    for n in 1..TICKETS_MAX {
        talk.login("ann", "one", &format!("t{n}")).unwrap();
    }
    assert!(talk.back("ann", "ann").is_ok(), "eight are kept");
    talk.login("ann", "one", "ninth").unwrap();
    assert_eq!(talk.user("ann").tickets.len(), TICKETS_MAX);
    // Coming back made the guest's the youngest but one: the oldest is the first password's.
    assert_eq!(talk.back("ann", "t1").unwrap_err(), Refusal::BadToken);
    for kept in ["t2", "ann", "ninth"] {
        assert!(talk.back("ann", kept).is_ok(), "{kept}");
    }
}

#[test]
fn a_token_is_good_for_an_hour_after_a_registered_user_was_last_seen_too() {
    let mut talk = Talk::new(&["ann"]);
    talk.does("ann", register("one")).unwrap();
    talk.close("ann").unwrap();
    talk.now += TOKEN_HOLD - 1;
    talk.back("ann", "ann").unwrap();
    talk.close("ann").unwrap();
    talk.now += TOKEN_HOLD;
    assert_eq!(talk.back("ann", "ann").unwrap_err(), Refusal::BadToken);
}

#[test]
fn a_new_password_ends_tokens_of_sessions_that_have_ended() {
    let mut talk = Talk::new(&["ann"]);
    talk.does("ann", register("one")).unwrap();
    talk.login("ann", "one", "old").unwrap();
    talk.close("ann").unwrap();
    talk.login("ann", "one", "open").unwrap();
    talk.does("ann", Deed::Password { phc: phc("two") }).unwrap();
    assert_eq!(talk.back("ann", "old").unwrap_err(), Refusal::BadToken);
    talk.back("ann", "open").unwrap();
}

#[test]
fn an_operator_gives_a_new_password_and_whoever_had_the_old_one_is_out() {
    let mut talk = Talk::new(&["ann", "bob"]);
    let reset = |user: &str, phc: String| Deed::ResetPassword { user: name(user), phc };
    assert_eq!(talk.does("bob", reset("ann", phc("x"))).unwrap_err(), Refusal::NotAllowed);
    assert_eq!(talk.machine(reset("zoe", phc("x"))).unwrap_err(), Refusal::NoSuchUser(name("zoe")));
    assert_eq!(talk.machine(reset("ann", phc("x"))).unwrap_err(), Refusal::Guest);
    talk.does("ann", register("one")).unwrap();
    talk.login("ann", "one", "second").unwrap();
    assert_eq!(talk.machine(reset("ann", "plain".into())).unwrap_err(), Refusal::NotAllowed);
    let answer = talk.machine(reset("ann", phc("two")));
    assert_eq!(words(&answer), ["session_closed", "session_closed", "offline", "password_set"]);
    for gone in ["ann", "second"] {
        assert_eq!(talk.back("ann", gone).unwrap_err(), Refusal::BadToken);
    }
    assert_eq!(talk.login("ann", "one", "third").unwrap_err(), Refusal::BadPassword);
    talk.login("ann", "two", "third").unwrap();
    talk.close("ann").unwrap();
    assert_eq!(words(&talk.machine(reset("ann", phc("three")))), ["password_set"], "nobody is put out");
}

#[test]
fn an_operator_makes_an_account_and_whoever_knows_its_password_comes_in() {
    let mut talk = Talk::new(&["ann", "bob", "cas"]);
    let make = |called: &str, phc: String| Deed::CreateAccount { name: name(called), phc, ident: None };
    assert_eq!(talk.does("bob", make("zoe", phc("x"))).unwrap_err(), Refusal::NotAllowed);
    assert_eq!(talk.machine(make("zoe", "plain".into())).unwrap_err(), Refusal::NotAllowed);
    talk.does("cas", register("one")).unwrap();
    talk.close("cas").unwrap();
    talk.close("bob").unwrap();
    for (wanted, refusal) in [
        ("ann", Refusal::NameInUse),
        ("cas", Refusal::NameRegistered),
        ("bob", Refusal::NameHeld),
        ("b0b", Refusal::NameConfusing),
    ] {
        assert_eq!(talk.machine(make(wanted, phc("x"))).unwrap_err(), refusal, "{wanted}");
    }
    assert_eq!(words(&talk.machine(make("zoe", phc("made")))), ["guest_created", "registered"]);
    assert_eq!(talk.machine(make("zoe", phc("again"))).unwrap_err(), Refusal::NameRegistered);
    assert_eq!(talk.back("zoe", "zoe").unwrap_err(), Refusal::BadToken, "it has no ticket");
    assert_eq!(talk.login("zoe", "other", "t").unwrap_err(), Refusal::BadPassword);
    talk.login("zoe", "made", "t").unwrap();
}

#[test]
fn a_name_is_had_by_one_and_a_new_one_must_be_free() {
    let mut talk = Talk::new(&["ann", "bob", "cas", "dot"]);
    talk.does("cas", register("one")).unwrap();
    talk.close("cas").unwrap();
    talk.close("dot").unwrap();
    for (wanted, refusal) in [
        ("ann", Refusal::AlreadySo),
        ("bob", Refusal::NameInUse),
        ("cas", Refusal::NameRegistered),
        ("DOT", Refusal::NameHeld),
        ("b0b", Refusal::NameConfusing),
        ("bоb", Refusal::NameConfusing),
    ] {
        assert_eq!(talk.does("ann", nick(wanted)).unwrap_err(), refusal, "{wanted}");
    }
    assert_eq!(words(&talk.does("ann", nick("Ann"))), ["renamed"], "one's own in other letters");
    assert_eq!(talk.open("ann").unwrap_err(), Refusal::NameInUse);
    assert_eq!(words(&talk.does("ann", nick("eve"))), ["renamed"]);
    assert!(talk.log.state.holder(&name("ann")).is_none());
    talk.open("ann").unwrap();
    talk.now += TOKEN_HOLD;
    let answer = talk.does("bob", nick("dot"));
    assert_eq!(words(&answer), ["guest_forgotten", "renamed"], "whoever is away too long holds it no more");
    assert!(matches!(&answer.unwrap()[1], Event::Fact(Fact::Renamed { rooms, .. }) if *rooms == [LOBBY]));
    // The old name's own lookalikes are free again.
    talk.open("b0b").unwrap();
}

#[test]
fn a_new_name_keeps_what_one_is() {
    let mut talk = Talk::new(&["ann", "bob"]);
    talk.create("ann", "#tea", Access::Private);
    talk.does("ann", register("one")).unwrap();
    talk.does("bob", Deed::Ignore { user: name("ann"), on: true }).unwrap();
    let id = talk.id("ann");
    talk.does("ann", nick("eve")).unwrap();
    assert_eq!(talk.id("eve"), id);
    assert!(talk.room("#tea").members.contains_key(&id) && talk.user("bob").ignores.contains(&id));
    talk.close("ann").unwrap();
    // The account is called as it was, and that name stays theirs too.
    assert_eq!(talk.does("bob", nick("ann")).unwrap_err(), Refusal::NameRegistered);
    assert_eq!(talk.does("bob", nick("eve")).unwrap_err(), Refusal::NameRegistered);
    talk.login("eve", "one", "t").unwrap();
    talk.does("eve", nick("zoe")).unwrap();
    talk.does("bob", nick("eve")).unwrap();
    talk.close("eve").unwrap();
    talk.login("ann", "one", "u").unwrap();
    assert_eq!(talk.id("zoe"), id, "beside no other session, they come back as they went");
}

#[test]
fn whoever_logs_in_is_called_as_they_ask_if_they_were_away() {
    let mut talk = Talk::new(&["ann", "bob"]);
    talk.does("ann", register("one")).unwrap();
    let id = talk.id("ann");
    talk.close("ann").unwrap();
    let refused = talk.login_as("ann", "one", "t", "bob").unwrap_err();
    assert_eq!(refused, Refusal::NameInUse);
    let events = talk.login_as("ann", "one", "t", "eve").unwrap();
    assert!(events.iter().any(|event| {
        matches!(event, Event::Fact(Fact::Renamed { away: true, keeps: true, rooms, .. }) if rooms.is_empty())
    }));
    let came = events.iter().find_map(|event| match event {
        Event::CameOnline { name, .. } => Some(name.as_str()),
        _ => None,
    });
    assert_eq!(came, Some("eve"));
    // Beside another session they are called as they are.
    talk.login_as("ann", "one", "u", "zoe").unwrap();
    assert_eq!((talk.id("eve"), talk.log.state.holder(&name("zoe")).is_none()), (id, true));
}

#[test]
fn what_people_say_of_themselves_is_limited_at_limit_plus_one() {
    let mut talk = Talk::new(&["ann"]);
    let (fits, long) = ("x".repeat(LINE_MAX), "x".repeat(LINE_MAX + 1));
    let away = |text: Option<&str>| Deed::Away { text: text.map(str::to_owned) };
    assert_eq!(talk.does("ann", away(None)).unwrap_err(), Refusal::AlreadySo);
    talk.does("ann", away(Some(&fits))).unwrap();
    assert_eq!(talk.does("ann", away(Some(&fits))).unwrap_err(), Refusal::AlreadySo);
    let refused = talk.does("ann", away(Some(&long)));
    assert_eq!(refused.unwrap_err(), Refusal::TooMany("bytes in an away text"));
    talk.does("ann", away(None)).unwrap();
    assert_eq!(talk.does("ann", Deed::Profile { text: String::new() }).unwrap_err(), Refusal::AlreadySo);
    talk.does("ann", Deed::Profile { text: fits }).unwrap();
    let refused = talk.does("ann", Deed::Profile { text: long });
    assert_eq!(refused.unwrap_err(), Refusal::TooMany("bytes in a profile line"));
}

#[test]
fn ignoring_is_limited_at_limit_plus_one_and_the_forgotten_take_no_place() {
    let mut talk = Talk::new(&["ann", "bob"]);
    let ignore = |user: &str, on| Deed::Ignore { user: name(user), on };
    assert_eq!(talk.does("ann", ignore("ann", true)).unwrap_err(), Refusal::Yourself);
    assert_eq!(talk.does("ann", ignore("zoe", true)).unwrap_err(), Refusal::NoSuchUser(name("zoe")));
    assert_eq!(talk.does("ann", ignore("bob", false)).unwrap_err(), Refusal::AlreadySo);
    for n in 0..IGNORES_MAX {
        let who = format!("u{n}");
        talk.open(&who).unwrap();
        talk.does("ann", ignore(&who, true)).unwrap();
    }
    assert_eq!(talk.does("ann", ignore("u1", true)).unwrap_err(), Refusal::AlreadySo);
    assert_eq!(talk.does("ann", ignore("bob", true)).unwrap_err(), Refusal::TooMany("ignored users"));
    talk.does("ann", ignore("u0", false)).unwrap();
    talk.does("ann", ignore("bob", true)).unwrap();
    assert_eq!(talk.does("ann", ignore("u0", true)).unwrap_err(), Refusal::TooMany("ignored users"));
    talk.close("u7").unwrap();
    talk.now += TOKEN_HOLD;
    talk.open("zoe").unwrap();
    talk.does("ann", ignore("u0", true)).unwrap();
    assert_eq!(talk.user("ann").ignores.len(), IGNORES_MAX);
}

#[test]
fn a_ban_from_the_server_ends_sessions_and_opens_none() {
    let mut talk = Talk::new(&["ann", "bob", "spam1", "spam2", "rosa"]);
    talk.does("rosa", register("one")).unwrap();
    talk.does("ann", register("two")).unwrap();
    let operator = |user: &str, on| Deed::Operator { user: name(user), on };
    assert_eq!(talk.machine(operator("bob", true)).unwrap_err(), Refusal::Guest);
    talk.machine(operator("rosa", true)).unwrap();
    assert_eq!(talk.machine(operator("rosa", true)).unwrap_err(), Refusal::AlreadySo);
    assert_eq!(talk.does("ann", ban_here("spam*", None)).unwrap_err(), Refusal::NotAllowed);
    let until = Millis(talk.now + 5000);
    let answer = talk.does("rosa", ban_here("spam*", Some(until)));
    assert_eq!(words(&answer), ["banned", "session_closed", "offline", "session_closed", "offline"]);
    assert_eq!(talk.room("#lobby").online, 3);
    for who in ["spam1", "spam3"] {
        assert_eq!(talk.open(who).unwrap_err(), Refusal::BannedHere);
    }
    assert_eq!(talk.back("spam2", "spam2").unwrap_err(), Refusal::BannedHere);
    assert_eq!(talk.does("bob", nick("spam4")).unwrap_err(), Refusal::BannedHere, "nor is it had by /nick");
    talk.now = until.0;
    talk.back("spam2", "spam2").unwrap();
    // An account is met whatever it is called; an operator by nothing, also when away.
    let account = Mask::Account(talk.id("ann"));
    talk.machine(Deed::BanHere { mask: account.clone(), reason: String::new(), until: None }).unwrap();
    assert_eq!(talk.login("ann", "two", "t").unwrap_err(), Refusal::BannedHere);
    talk.machine(Deed::UnbanHere { mask: account.clone() }).unwrap();
    assert_eq!(talk.machine(Deed::UnbanHere { mask: account }).unwrap_err(), Refusal::AlreadySo);
    talk.login("ann", "two", "t").unwrap();
    for _ in 0..2 {
        assert_eq!(talk.machine(ban_here("ro*", None)).unwrap_err(), Refusal::NotAllowed);
        let _ = talk.close("rosa");
    }
}

#[test]
fn a_ban_of_a_network_is_asked_at_the_door() {
    let mut talk = Talk::new(&[]);
    talk.machine(ban_here("2001:db8::/32", None)).unwrap();
    for (from, refused) in [("2001:db8:7::1", true), ("2001:db9::1", false)] {
        let (session, proof) = (talk.fresh(), Proof::NewGuest(token(from)));
        let who = if refused { "ann" } else { "bob" };
        let open = Request::Open { session, name: name(who), proof, address: Some(from.parse().unwrap()) };
        assert_eq!(talk.ask(open).err(), refused.then_some(Refusal::BannedHere), "{from}");
    }
}

#[test]
fn bans_from_the_server_are_limited_at_limit_plus_one_and_what_is_over_takes_no_place() {
    let mut talk = Talk::new(&[]);
    let until = talk.now + 1000;
    for n in 0..MASKS_MAX {
        talk.machine(ban_here(&format!("b{n}"), Some(Millis(until)))).unwrap();
    }
    assert_eq!(talk.machine(ban_here("more", None)).unwrap_err(), Refusal::TooMany("bans"));
    talk.machine(ban_here("b0", Some(Millis(until)))).unwrap();
    talk.now = until;
    talk.machine(ban_here("more", None)).unwrap();
    assert_eq!(talk.log.state.bans().len(), 1);
    let long = Deed::BanHere { mask: mask("x"), reason: "x".repeat(LINE_MAX + 1), until: None };
    assert_eq!(talk.machine(long).unwrap_err(), Refusal::TooMany("bytes in a reason"));
}

#[test]
fn the_operator_at_the_machine_is_nobody() {
    let mut talk = Talk::new(&["ann"]);
    for deed in [
        nick("rosa"),
        register("x"),
        Deed::Password { phc: phc("x") },
        Deed::Away { text: Some("x".into()) },
        Deed::Profile { text: "x".into() },
        Deed::Ignore { user: name("ann"), on: true },
        Deed::Join { room: crate::talk::at("#lobby"), password: None },
        Deed::Leave { room: crate::talk::at("#lobby"), reason: String::new() },
        Deed::Read { room: crate::talk::at("#lobby"), seq: Default::default(), at: None },
        Deed::React { room: crate::talk::at("#lobby"), seq: Default::default(), emoji: "x".into(), on: true },
        Deed::Edit {
            room: crate::talk::at("#lobby"),
            seq: Default::default(),
            body: "x".into(),
            client_id: None,
        },
    ] {
        assert_eq!(talk.machine(deed.clone()).unwrap_err(), Refusal::NotAllowed, "{deed:?}");
    }
}

#[test]
fn names_of_rules_1_that_look_alike_are_known_one_by_one() {
    let mut talk = Talk::new(&[]);
    for who in ["bob", "b0b"] {
        let (session, proof) = (talk.fresh(), Proof::NewGuest(token(who)));
        let request = Request::Open { session, name: name(who), proof, address: None };
        let (position, time) = (talk.log.state.position.next(), Millis(talk.now));
        talk.log.take(&Entry { position, time, rules: 1, salt: [0; 16], request }).unwrap();
        if who == "b0b" {
            let seen = Default::default();
            talk.ask(Request::Close { session, reason: CloseReason::Lost, seen, why: Default::default() })
                .unwrap();
        }
    }
    talk.now += TOKEN_HOLD;
    talk.open("zoe").unwrap();
    assert!(talk.log.state.holder(&name("b0b")).is_none(), "the one that came last is forgotten");
    assert_eq!(talk.open("b0b").unwrap_err(), Refusal::NameConfusing, "the other one is still there");
}
