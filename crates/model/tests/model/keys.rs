//! Keys: who comes by one, what may be done by it, and that nothing is after it is revoked.

use crate::talk::{Answer, Talk, at, body, id, mask, name, phc, token};
use chatroom_model::{
    BOTS_MAX, CloseReason, Deed, Doer, Event, Fact, KEYS_MAX, KeyId, LABEL_BYTES, LOBBY, Millis, NewKey,
    Proof, Refusal, Request, Say, Scopes, Seq, TOKEN_HOLD, UserId, Where,
};

fn key(word: &str, scopes: Scopes) -> NewKey {
    NewKey { hash: token(word), label: word.into(), scopes, until: None, room: None }
}

impl Talk {
    fn newcomer(&mut self, deed: Deed) -> Answer {
        let doer = Doer::Newcomer { call: 1, address: Some("10.1.2.3".parse().unwrap()) };
        self.ask(Request::Do { doer, deed: deed.into() })
    }

    /// Somebody comes by a key; whose it is, and which.
    fn comes(&mut self, who: &str, word: Option<&str>) -> (UserId, KeyId) {
        let deed = Deed::Come { name: name(who), key: key(who, Scopes::ALL), phc: word.map(phc) };
        self.newcomer(deed).unwrap();
        self.held(who).pop().unwrap()
    }

    /// The keys of somebody.
    fn held(&self, who: &str) -> Vec<(UserId, KeyId)> {
        let (user, _) = self.log.state.holder(&name(who)).unwrap();
        self.log.state.keys_of(user).map(|(id, _)| (user, id)).collect()
    }

    fn by(&mut self, (user, key): (UserId, KeyId), deed: Deed) -> Answer {
        self.ask(Request::Do { doer: Doer::Key { key, user, call: 1, address: None }, deed: deed.into() })
    }

    fn says_by(&mut self, (user, key): (UserId, KeyId), text: &str) -> Answer {
        let doer = Doer::Key { key, user, call: 1, address: None };
        self.ask(Request::Say(Say::new(doer, Where::Id(LOBBY), body(text))))
    }

    /// A session by a key.
    fn streams(&mut self, who: &str, (user, key): (UserId, KeyId)) -> Answer {
        self.enter(who, Proof::Key(user, key))
    }
}

#[test]
fn a_guest_comes_by_a_key_and_speaks_without_a_session() {
    let mut talk = Talk::new(&["bob"]);
    let ann = talk.comes("ann", None);
    let said = talk.says_by(ann, "hello").unwrap();
    assert!(matches!(&said[..], [Event::Message { author, .. }] if *author == ann.0));
    // The name is held as every guest's is: for an hour after they were last seen, which is when they spoke.
    talk.now += TOKEN_HOLD - 1;
    assert_eq!(talk.open("ann").unwrap_err(), Refusal::NameHeld);
    talk.says_by(ann, "still here").unwrap();
    talk.now += TOKEN_HOLD - 1;
    assert_eq!(talk.open("ann").unwrap_err(), Refusal::NameHeld);
    talk.now += 1;
    talk.open("ann").unwrap();
    assert_eq!(talk.says_by(ann, "too late").unwrap_err(), Refusal::NoKey);
}

#[test]
fn the_same_id_by_a_key_is_the_same_message() {
    let mut talk = Talk::new(&[]);
    let (user, key) = talk.comes("ann", None);
    let doer = Doer::Key { key, user, call: 1, address: None };
    let said = |text| Request::Say(Say { client_id: id(7), ..Say::new(doer, Where::Id(LOBBY), body(text)) });
    talk.ask(said("once")).unwrap();
    assert!(matches!(talk.ask(said("again")).unwrap_err(), Refusal::AlreadyStored(_)));
}

#[test]
fn a_key_does_no_more_than_it_is_for() {
    let mut talk = Talk::new(&[]);
    let ann = talk.comes("ann", Some("word"));
    for (scopes, speaks, orders, manages) in [
        (Scopes::READ, false, false, false),
        (Scopes::WRITE, true, false, false),
        (Scopes::MODERATE, false, true, false),
        (Scopes::MANAGE, false, false, true),
    ] {
        talk.by(ann, Deed::GiveKey { key: key("bot", scopes) }).unwrap();
        let bot = talk.held("ann").pop().unwrap();
        let kept = |answer: Answer| answer.err() != Some(Refusal::KeyScope);
        assert_eq!(kept(talk.says_by(bot, "hi")), speaks, "{scopes:?}");
        let kick = Deed::Kick { room: at("#lobby"), user: name("ann"), reason: String::new() };
        assert_eq!(kept(talk.by(bot, kick)), orders, "{scopes:?}");
        assert_eq!(kept(talk.by(bot, Deed::Nick { name: name("anna") })), manages, "{scopes:?}");
        assert_eq!(kept(talk.streams("ann", bot)), scopes == Scopes::READ);
        // By a key for little nobody gets one for more.
        let more = key("more", scopes.and(Scopes::READ).and(Scopes::WRITE));
        assert!(talk.by(bot, Deed::GiveKey { key: more }).is_err());
        talk.by(ann, Deed::Nick { name: name("ann") }).ok();
        talk.by(ann, Deed::RevokeKey { key: bot.1 }).unwrap();
    }
}

#[test]
fn a_key_may_be_laid_down_whatever_it_is_for() {
    let mut talk = Talk::new(&[]);
    let ann = talk.comes("ann", Some("word"));
    talk.by(ann, Deed::GiveKey { key: key("bot", Scopes::READ) }).unwrap();
    let bot = talk.held("ann").pop().unwrap();
    assert_eq!(talk.by(bot, Deed::RevokeKey { key: ann.1 }).unwrap_err(), Refusal::KeyScope);
    talk.by(bot, Deed::RevokeKey { key: bot.1 }).unwrap();
    assert_eq!(talk.by(bot, Deed::RevokeKey { key: bot.1 }).unwrap_err(), Refusal::NoKey);
}

#[test]
fn a_revoked_key_ends_its_sessions_and_does_nothing_more() {
    let mut talk = Talk::new(&["bob"]);
    let ann = talk.comes("ann", Some("word"));
    talk.newcomer(Deed::LogIn { name: name("ann"), phc: phc("word"), key: key("two", Scopes::ALL) }).unwrap();
    let two = talk.held("ann").pop().unwrap();
    talk.streams("ann", ann).unwrap();
    talk.streams("ann", two).unwrap();
    let events = talk.by(ann, Deed::RevokeKey { key: ann.1 }).unwrap();
    let closes = |event: &&Event| matches!(event, Event::SessionClosed { reason: CloseReason::Revoked, .. });
    assert_eq!(events.iter().filter(closes).count(), 1, "{events:?}");
    assert_eq!(talk.log.state.user(ann.0).unwrap().sessions.len(), 1, "the other one goes on");
    assert_eq!(talk.says_by(ann, "hi").unwrap_err(), Refusal::NoKey);
    assert_eq!(talk.streams("ann", ann).unwrap_err(), Refusal::NoKey);
    // With the last one its user is gone, and others are told.
    let events = talk.by(two, Deed::RevokeKey { key: two.1 }).unwrap();
    assert!(events.iter().any(|event| matches!(event, Event::WentOffline { .. })), "{events:?}");
    assert_eq!(talk.by(two, Deed::RevokeKey { key: KeyId(99) }).unwrap_err(), Refusal::NoKey);
}

#[test]
fn nobody_revokes_the_key_of_another() {
    let mut talk = Talk::new(&[]);
    let (ann, bob) = (talk.comes("ann", None), talk.comes("bob", None));
    assert_eq!(talk.by(ann, Deed::RevokeKey { key: bob.1 }).unwrap_err(), Refusal::NoKey);
    // Nor is anybody somebody else by saying so.
    assert_eq!(talk.says_by((bob.0, ann.1), "as bob").unwrap_err(), Refusal::NoKey);
}

#[test]
fn another_password_logs_browsers_out_but_the_one_that_said_so() {
    let mut talk = Talk::new(&[]);
    let ann = talk.comes("ann", Some("word"));
    let log_in = |word| Deed::LogIn { name: name("ann"), phc: phc(word), key: key("two", Scopes::ALL) };
    talk.newcomer(log_in("word")).unwrap();
    talk.by(ann, Deed::GiveKey { key: key("bot", Scopes::WRITE) }).unwrap();
    let [_, two, bot] = talk.held("ann")[..] else { panic!() };
    talk.by(ann, Deed::Password { phc: phc("other") }).unwrap();
    assert_eq!(talk.held("ann"), [ann, bot]);
    assert_eq!(talk.says_by(two, "hi").unwrap_err(), Refusal::NoKey);
    assert_eq!(talk.newcomer(log_in("word")).unwrap_err(), Refusal::BadPassword);
    // Whoever recovers an account has it alone.
    talk.streams("ann", ann).unwrap();
    let events = talk.machine(Deed::ResetPassword { user: name("ann"), phc: phc("third") }).unwrap();
    assert!(talk.held("ann").is_empty());
    let closed = |event: &&Event| matches!(event, Event::SessionClosed { .. });
    assert_eq!(events.iter().filter(closed).count(), 1);
}

#[test]
fn a_key_ends_at_its_time_and_with_a_ban() {
    let mut talk = Talk::new(&[]);
    let ann = talk.comes("ann", None);
    let until = Some(Millis(talk.now + 1000));
    talk.by(ann, Deed::GiveKey { key: NewKey { until, ..key("short", Scopes::WRITE) } }).unwrap();
    let short = talk.held("ann").pop().unwrap();
    talk.now += 999;
    talk.says_by(short, "in time").unwrap();
    talk.now += 1;
    assert_eq!(talk.says_by(short, "too late").unwrap_err(), Refusal::NoKey);
    talk.machine(Deed::BanHere { mask: mask("ann"), reason: String::new(), until: None }).unwrap();
    assert_eq!(talk.says_by(ann, "hi").unwrap_err(), Refusal::BannedHere);
    let come = Deed::Come { name: name("ann"), key: key("new", Scopes::ALL), phc: None };
    assert_eq!(talk.newcomer(come).unwrap_err(), Refusal::BannedHere);
}

#[test]
fn who_is_banned_from_the_lobby_comes_in_beside_it() {
    let mut talk = Talk::new(&[]);
    talk.machine(Deed::Ban {
        room: at("#lobby"),
        mask: mask("10.0.0.0/8"),
        reason: String::new(),
        until: None,
    })
    .unwrap();
    let ann = talk.comes("ann", None);
    assert_eq!(talk.says_by(ann, "hi").unwrap_err(), Refusal::NotAMember);
}

#[test]
fn keys_are_limited_at_limit_plus_one() {
    let mut talk = Talk::new(&[]);
    let ann = talk.comes("ann", None);
    let give = |n: usize, scopes| Deed::GiveKey { key: key(&format!("bot {n}"), scopes) };
    for n in 1..KEYS_MAX {
        talk.by(ann, give(n, Scopes::WRITE)).unwrap();
    }
    assert_eq!(talk.held("ann").len(), KEYS_MAX);
    // One more takes the place of a browser's …
    let events = talk.by(ann, give(KEYS_MAX, Scopes::WRITE)).unwrap();
    assert!(matches!(&events[0], Event::Fact(Fact::KeyRevoked { id, .. }) if *id == ann.1), "{events:?}");
    assert_eq!(talk.held("ann").len(), KEYS_MAX);
    // … and where there is none, of nothing.
    let mut talk = Talk::new(&["ann"]);
    for n in 0..KEYS_MAX {
        talk.does("ann", give(n, Scopes::WRITE)).unwrap();
    }
    assert_eq!(talk.does("ann", give(0, Scopes::WRITE)).unwrap_err(), Refusal::TooMany("keys"));
    let label = |bytes| Deed::GiveKey { key: NewKey { label: "x".repeat(bytes), ..key("k", Scopes::READ) } };
    let mut talk = Talk::new(&["ann"]);
    talk.does("ann", label(LABEL_BYTES)).unwrap();
    assert_eq!(talk.does("ann", label(LABEL_BYTES + 1)).unwrap_err(), Refusal::TooMany("bytes in a label"));
    assert_eq!(talk.does("ann", give(0, Scopes(0))).unwrap_err(), Refusal::KeyScope);
    assert_eq!(talk.does("ann", give(0, Scopes(16))).unwrap_err(), Refusal::KeyScope);
}

#[test]
fn who_has_no_key_does_nothing_but_come() {
    let mut talk = Talk::new(&["ann"]);
    assert_eq!(talk.newcomer(Deed::Nick { name: name("zed") }).unwrap_err(), Refusal::NotAllowed);
    let doer = Doer::Newcomer { call: 1, address: None };
    let said = Request::Say(Say::new(doer, Where::Id(LOBBY), body("hi")));
    assert_eq!(talk.ask(said).unwrap_err(), Refusal::NotAllowed);
    let come = |who: &str| Deed::Come { name: name(who), key: key(who, Scopes::ALL), phc: None };
    assert_eq!(talk.newcomer(come("ann")).unwrap_err(), Refusal::NameInUse);
    assert_eq!(talk.newcomer(come("аnn")).unwrap_err(), Refusal::NameConfusing);
    assert_eq!(talk.does("ann", come("zed")).unwrap_err(), Refusal::AlreadySo, "who is here does not come");
}

#[test]
fn a_hook_speaks_in_its_room_and_does_nothing_else() {
    let mut talk = Talk::new(&["ann"]);
    let tea = talk.create("ann", "#tea", chatroom_model::Access::Private);
    let hook = NewKey { room: Some(tea), ..key("hook", Scopes::WRITE) };
    talk.does("ann", Deed::GiveKey { key: hook }).unwrap();
    let hook = talk.held("ann").pop().unwrap();
    let says = |talk: &mut Talk, room| {
        let doer = Doer::Key { key: hook.1, user: hook.0, call: 1, address: None };
        talk.ask(Request::Say(Say::new(doer, room, body("built"))))
    };
    says(&mut talk, Where::Id(tea)).unwrap();
    assert_eq!(says(&mut talk, Where::Id(LOBBY)).unwrap_err(), Refusal::KeyScope);
    assert_eq!(says(&mut talk, at("ann")).unwrap_err(), Refusal::KeyScope);
    let react = Deed::React { room: Where::Id(tea), seq: Seq(1), emoji: "👍".into(), on: true };
    assert_eq!(talk.by(hook, react).unwrap_err(), Refusal::KeyScope);
    let leave = Deed::Leave { room: at("#tea"), reason: String::new() };
    assert_eq!(talk.by(hook, leave).unwrap_err(), Refusal::KeyScope);
    // Where nobody is any more nothing is said, by whatever.
    talk.does("ann", Deed::Delete { room: at("#tea") }).unwrap();
    assert_eq!(says(&mut talk, Where::Id(tea)).unwrap_err(), Refusal::NoSuchRoom);
    let nowhere = NewKey { room: Some(tea), ..key("late", Scopes::WRITE) };
    assert_eq!(talk.does("ann", Deed::GiveKey { key: nowhere }).unwrap_err(), Refusal::NoSuchRoom);
}

#[test]
fn a_bot_is_its_owners_and_has_no_password() {
    let mut talk = Talk::new(&["ann", "bob"]);
    let make = |called: &str| Deed::MakeBot { name: name(called), key: key(called, Scopes::WRITE) };
    assert_eq!(talk.does("ann", make("robot")).unwrap_err(), Refusal::Guest, "guests have none");
    talk.does("ann", Deed::Register { phc: phc("word") }).unwrap();
    talk.does("ann", make("robot")).unwrap();
    let robot = talk.held("robot").pop().unwrap();
    talk.says_by(robot, "beep").unwrap();
    let user = talk.log.state.user(robot.0).unwrap();
    assert!(user.ident.as_ref().unwrap().is('B') && user.account.is_some());
    // No password opens it.
    let deed = Deed::LogIn { name: name("robot"), phc: phc("word"), key: key("in", Scopes::ALL) };
    assert_eq!(talk.newcomer(deed).unwrap_err(), Refusal::BadPassword);
    assert_eq!(talk.open("robot").unwrap_err(), Refusal::NameRegistered);
    let reset = Deed::ResetPassword { user: name("robot"), phc: phc("word") };
    assert_eq!(talk.machine(reset).unwrap_err(), Refusal::NotAllowed);
    // It is nobody else's, and changes nothing of itself.
    let more = || Deed::BotKey { bot: name("robot"), key: key("more", Scopes::READ) };
    assert_eq!(talk.does("bob", more()).unwrap_err(), Refusal::NotAllowed);
    assert_eq!(talk.does("bob", Deed::EndBot { bot: name("robot") }).unwrap_err(), Refusal::NotAllowed);
    let all = Deed::BotKey { bot: name("robot"), key: key("all", Scopes::ALL) };
    assert_eq!(talk.does("ann", all).unwrap_err(), Refusal::KeyScope);
    talk.does("ann", more()).unwrap();
    talk.does("ann", Deed::EndBot { bot: name("robot") }).unwrap();
    assert_eq!(talk.says_by(robot, "beep").unwrap_err(), Refusal::NoKey);
    assert_eq!(talk.does("ann", Deed::EndBot { bot: name("robot") }).unwrap_err(), Refusal::AlreadySo);
    for n in 1..BOTS_MAX {
        talk.does("ann", make(&format!("robot{n}"))).unwrap();
    }
    assert_eq!(talk.does("ann", make("onemore")).unwrap_err(), Refusal::TooMany("bots"));
}
