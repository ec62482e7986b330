//! Hooks: who has a room sent somewhere, how many, and that nothing is once they may no longer have it.

use crate::talk::{Answer, Talk, at, mask, name, phc};
use chatroom_model::{
    Access, Deed, Doer, Ending, Event, Fact, HOOK_URL_BYTES, HOOKS_MAX, HookId, HookSecret, LABEL_BYTES,
    LOBBY, NewHook, Refusal, Request, Role, RoomId, Where,
};

fn hook(url: &str) -> NewHook {
    NewHook { url: url.into(), label: "town".into(), secret: HookSecret([7; 32]) }
}

fn add(room: &str) -> Deed {
    Deed::AddHook { room: at(room), hook: hook("https://example.org/in?key=secret") }
}

impl Talk {
    fn hooked(&mut self, who: &str, room: &str) -> HookId {
        match &self.does(who, add(room)).unwrap()[..] {
            [Event::Fact(Fact::HookAdded { id, .. })] => *id,
            events => panic!("{events:?}"),
        }
    }

    /// Why each hook of a room has ended, where it has.
    fn hooks(&self, room: RoomId) -> Vec<Option<Ending>> {
        self.log.state.hooks_of(room).map(|(_, hook)| hook.ended.map(|(_, why)| why)).collect()
    }

    fn gives(&mut self, who: &str, room: &str, user: &str, role: Role) {
        self.does(who, Deed::Role { room: at(room), user: name(user), role, voiced: false }).unwrap();
    }
}

fn ended(answer: Answer) -> Vec<Ending> {
    let events = answer.unwrap();
    let why = |event: &Event| match event {
        Event::Fact(Fact::HookEnded { why, origin, .. }) => {
            assert_eq!(origin, "https://example.org", "only to whom it was sent is told");
            Some(*why)
        }
        _ => None,
    };
    events.iter().filter_map(why).collect()
}

#[test]
fn who_sets_a_room_and_reads_it_has_a_hook_there() {
    let mut talk = Talk::new(&["ann", "bob", "cas", "eve"]);
    let tea = talk.create("ann", "#tea", Access::Private);
    for who in ["bob", "cas"] {
        talk.does("ann", Deed::Invite { room: at("#tea"), user: name(who) }).unwrap();
        talk.join(who, "#tea").unwrap();
    }
    talk.gives("ann", "#tea", "cas", Role::Moderator);
    assert_eq!(talk.does("bob", add("#tea")).unwrap_err(), Refusal::NotAllowed);
    assert_eq!(talk.does("cas", add("#tea")).unwrap_err(), Refusal::NotAllowed);
    // Outside, a private room is like none.
    assert_eq!(talk.does("eve", add("#tea")).unwrap_err(), Refusal::NoSuchRoom);
    assert_eq!(talk.does("eve", add("#pot")).unwrap_err(), Refusal::NoSuchRoom);
    // Who runs the server sets every room, and reads only those they are in.
    talk.does("eve", Deed::Register { phc: phc("eve") }).unwrap();
    talk.machine(Deed::Operator { user: name("eve"), on: true }).unwrap();
    assert_eq!(talk.does("eve", add("#tea")).unwrap_err(), Refusal::NotAMember);
    assert_eq!(talk.machine(add("#tea")).unwrap_err(), Refusal::NotAMember);
    talk.hooked("eve", "#lobby");
    let id = talk.hooked("ann", "#tea");
    let kept = talk.log.state.hook(tea, id).unwrap();
    assert_eq!(
        (kept.by.name.as_str(), kept.label.as_str(), kept.secret),
        ("ann", "town", HookSecret([7; 32]))
    );
    // Two who speak with each other have none.
    talk.does("ann", Deed::Leave { room: at("#lobby"), reason: String::new() }).unwrap();
    talk.tell_one_another("ann", "bob");
    assert!(talk.does("ann", add("bob")).is_err());
}

impl Talk {
    fn tell_one_another(&mut self, one: &str, other: &str) {
        let session = self.session(one);
        let said = chatroom_model::Say::new(session, Where::With(name(other)), crate::talk::body("psst"));
        self.ask(Request::Say(said)).unwrap();
    }
}

#[test]
fn limits_hold_at_one_more() {
    let mut talk = Talk::new(&["ann"]);
    let tea = talk.create("ann", "#tea", Access::Public);
    let long = |bytes: usize| format!("https://example.org/{}", "a".repeat(bytes - 20));
    let with = |new: NewHook| Deed::AddHook { room: at("#tea"), hook: new };
    talk.does("ann", with(hook(&long(HOOK_URL_BYTES)))).unwrap();
    let more = talk.does("ann", with(hook(&long(HOOK_URL_BYTES + 1)))).unwrap_err();
    assert_eq!(more, Refusal::TooMany("bytes in an address"));
    for bad in ["https://example.org/a b", "https://example.org/\n", "https://example.org/\u{7f}"] {
        assert_eq!(talk.does("ann", with(hook(bad))).unwrap_err(), Refusal::NotAllowed);
    }
    let label = |n: usize| NewHook { label: "l".repeat(n), ..hook("https://example.org") };
    talk.does("ann", with(label(LABEL_BYTES))).unwrap();
    assert_eq!(
        talk.does("ann", with(label(LABEL_BYTES + 1))).unwrap_err(),
        Refusal::TooMany("bytes in a label")
    );
    let first = talk.log.state.hooks_of(tea).next().unwrap().0;
    while talk.log.state.hooks_of(tea).count() < HOOKS_MAX {
        talk.hooked("ann", "#tea");
    }
    assert_eq!(talk.does("ann", add("#tea")).unwrap_err(), Refusal::TooMany("webhooks"));
    // One that has ended takes its place until it is removed.
    let end = |why| Deed::EndHook { room: at("#tea"), hook: first, why };
    talk.machine(end(Ending::Gone)).unwrap();
    assert_eq!(talk.does("ann", add("#tea")).unwrap_err(), Refusal::TooMany("webhooks"));
    talk.does("ann", end(Ending::Removed)).unwrap();
    talk.hooked("ann", "#tea");
    assert_eq!(talk.does("ann", end(Ending::Removed)).unwrap_err(), Refusal::NoSuchHook);
}

#[test]
fn one_that_has_ended_signs_nothing_more_and_ends_once() {
    let mut talk = Talk::new(&["ann", "bob"]);
    let tea = talk.create("ann", "#tea", Access::Public);
    let id = talk.hooked("ann", "#tea");
    let end = |why| Deed::EndHook { room: at("#tea"), hook: id, why };
    // What became of deliveries is not for people to say.
    assert_eq!(talk.does("ann", end(Ending::Failed)).unwrap_err(), Refusal::NotAllowed);
    assert_eq!(talk.does("bob", end(Ending::Removed)).unwrap_err(), Refusal::NotAMember);
    assert_eq!(ended(talk.machine(end(Ending::Failed))), [Ending::Failed]);
    assert_eq!(talk.hooks(tea), [Some(Ending::Failed)]);
    assert_eq!(talk.log.state.hook(tea, id).unwrap().secret, HookSecret([0; 32]));
    assert_eq!(talk.machine(end(Ending::Gone)).unwrap_err(), Refusal::AlreadySo);
    assert_eq!(ended(talk.does("ann", end(Ending::Removed))), [Ending::Removed]);
    assert!(talk.hooks(tea).is_empty());
}

#[test]
fn it_ends_at_the_place_where_its_keeper_may_no_longer_have_it() {
    let ways: [fn(&mut Talk) -> Answer; 5] = [
        |talk| talk.leave("bob", "#tea"),
        |talk| talk.machine(Deed::Kick { room: at("#tea"), user: name("bob"), reason: String::new() }),
        |talk| {
            let (room, mask) = (at("#tea"), mask("bob"));
            talk.machine(Deed::Ban { room, mask, reason: String::new(), until: None })
        },
        |talk| {
            let (room, user, role) = (at("#tea"), name("bob"), Role::Moderator);
            talk.machine(Deed::Role { room, user, role, voiced: false })
        },
        |talk| talk.machine(Deed::BanHere { mask: mask("bob"), reason: String::new(), until: None }),
    ];
    for (n, way) in ways.into_iter().enumerate() {
        let mut talk = Talk::new(&["ann", "bob"]);
        let tea = talk.create("ann", "#tea", Access::Public);
        talk.join("bob", "#tea").unwrap();
        talk.gives("ann", "#tea", "bob", Role::Owner);
        let (_, _) = (talk.hooked("ann", "#tea"), talk.hooked("bob", "#tea"));
        assert_eq!(ended(way(&mut talk)), [Ending::Keeper], "way {n}");
        assert_eq!(talk.hooks(tea), [None, Some(Ending::Keeper)], "way {n}: the other's goes on");
    }
}

#[test]
fn it_ends_with_the_rank_of_who_ran_the_server_and_with_the_room() {
    let mut talk = Talk::new(&["ann"]);
    talk.does("ann", Deed::Register { phc: phc("ann") }).unwrap();
    talk.machine(Deed::Operator { user: name("ann"), on: true }).unwrap();
    talk.hooked("ann", "#lobby");
    let tea = talk.create("ann", "#tea", Access::Public);
    talk.hooked("ann", "#tea");
    // Its owner sets the room all the same.
    let answer = talk.machine(Deed::Operator { user: name("ann"), on: false });
    assert_eq!(ended(answer), [Ending::Keeper]);
    assert_eq!((talk.hooks(LOBBY), talk.hooks(tea)), (vec![Some(Ending::Keeper)], vec![None]));
    assert_eq!(ended(talk.leave("ann", "#tea")), [], "the room is gone, and its hooks with it");
    assert_eq!(talk.log.state.hooks_of(tea).count(), 0);
}

#[test]
fn a_key_needs_to_be_for_keeping_order() {
    use chatroom_model::{NewKey, Scopes};
    let mut talk = Talk::new(&["ann"]);
    talk.create("ann", "#tea", Access::Public);
    let (user, _) = talk.log.state.holder(&name("ann")).unwrap();
    for (scopes, may) in [(Scopes::READ.and(Scopes::WRITE), false), (Scopes::MODERATE, true)] {
        let new =
            NewKey { hash: crate::talk::token("k"), label: "k".into(), scopes, until: None, room: None };
        talk.does("ann", Deed::GiveKey { key: new }).unwrap();
        let key = talk.log.state.keys_of(user).last().unwrap().0;
        let doer = Doer::Key { key, user, call: 1, address: None };
        let answer = talk.ask(Request::Do { doer, deed: add("#tea").into() });
        assert_eq!(answer.is_ok(), may, "{answer:?}");
    }
}
