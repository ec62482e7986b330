//! What the rules say about rooms: coming, going, being put out, who decides, and when a room ends.

use crate::talk::{Talk, at, mask, name, room_name, token, words};
use chatroom_model::{
    Access, Deed, Doer, Event, Fact, Kind, LOBBY, Mask, Millis, Proof, Refusal, Request, Role, SLOW_MAX,
    Setting, TOKEN_HOLD, Way, room_password,
};

#[test]
fn whoever_makes_a_room_owns_it_and_its_name_is_one_of_a_kind() {
    let mut talk = Talk::new(&["ann", "bob"]);
    talk.create("ann", "#tea", Access::Public);
    assert_eq!(talk.role_of("#tea", "ann"), Some(Role::Owner));
    for taken in ["#tea", "#TEA", "#teа", "#lobby", "#LOBBY"] {
        let deed = Deed::Create { room: room_name(taken), access: Access::Public };
        assert_eq!(talk.does("bob", deed).unwrap_err(), Refusal::RoomNameTaken, "{taken}");
    }
    assert_eq!(talk.join("ann", "#tea").unwrap_err(), Refusal::AlreadyAMember);
    assert_eq!(words(&talk.join("bob", "#tea")), ["joined"]);
    assert_eq!(talk.role_of("#tea", "bob"), Some(Role::Member));
    assert_eq!(talk.join("bob", "#pot").unwrap_err(), Refusal::NoSuchRoom);
    assert_eq!(talk.leave("bob", "#pot").unwrap_err(), Refusal::NoSuchRoom);
    assert_eq!(words(&talk.leave("bob", "#tea")), ["left"]);
    assert_eq!(talk.leave("bob", "#tea").unwrap_err(), Refusal::NotAMember);
}

#[test]
fn an_owner_who_goes_leaves_an_heir_and_the_last_one_ends_the_room() {
    let mut talk = Talk::new(&["ann", "bob", "cas", "dot"]);
    talk.create("ann", "#tea", Access::Public);
    for who in ["bob", "cas", "dot"] {
        talk.join(who, "#tea").unwrap();
    }
    talk.role("ann", "#tea", "cas", Role::Moderator).unwrap();
    assert_eq!(words(&talk.leave("ann", "#tea")), ["left", "role_set"]);
    assert_eq!(talk.role_of("#tea", "cas"), Some(Role::Owner), "the highest comes first");
    assert_eq!(words(&talk.leave("cas", "#tea")), ["left", "role_set"]);
    assert_eq!(talk.role_of("#tea", "bob"), Some(Role::Owner), "then whoever has been there longest");
    assert_eq!(words(&talk.leave("dot", "#tea")), ["left"], "an owner is there");
    assert_eq!(words(&talk.leave("bob", "#tea")), ["left", "room_deleted"]);
    assert!(!talk.is_room("#tea"));
    talk.create("dot", "#tea", Access::Private);
    assert_eq!(talk.room("#tea").members.len(), 1, "a new room of that name knows nothing of the old one");
}

#[test]
fn a_room_that_an_operator_made_needs_no_owner_and_ends_with_its_last_member() {
    let mut talk = Talk::new(&["ann", "bob"]);
    talk.machine(Deed::Create { room: room_name("#hall"), access: Access::Public }).unwrap();
    assert_eq!(talk.room("#hall").members.len(), 0);
    talk.join("ann", "#hall").unwrap();
    talk.join("bob", "#hall").unwrap();
    assert_eq!(words(&talk.leave("ann", "#hall")), ["left"]);
    assert_eq!(talk.role_of("#hall", "bob"), Some(Role::Member));
    assert_eq!(words(&talk.leave("bob", "#hall")), ["left", "room_deleted"]);
}

#[test]
fn a_guest_who_is_forgotten_ends_the_rooms_nobody_else_is_in_and_hands_on_the_others() {
    let mut talk = Talk::new(&["ann", "bob", "cas"]);
    talk.create("ann", "#own", Access::Public);
    talk.create("ann", "#both", Access::Public);
    talk.create("ann", "#ours", Access::Public);
    for (who, room) in [("bob", "#both"), ("cas", "#both"), ("bob", "#ours")] {
        talk.join(who, room).unwrap();
    }
    talk.close("ann").unwrap();
    talk.close("bob").unwrap();
    talk.now += TOKEN_HOLD;
    // Both go at once: one room has an heir, two have nobody left, and each ends once.
    let answer = talk.open("dot");
    let mut deleted = Vec::new();
    for event in answer.as_ref().unwrap() {
        if let Event::Fact(Fact::RoomDeleted { at, .. }) = event {
            deleted.push(at.label.as_deref().unwrap().to_owned());
        }
    }
    deleted.sort();
    assert_eq!(deleted, ["#ours", "#own"], "{:?}", words(&answer));
    assert_eq!(talk.role_of("#both", "cas"), Some(Role::Owner));
    assert_eq!(talk.room("#both").members.len(), 1);
}

#[test]
fn whoever_is_kicked_is_out_and_may_come_back() {
    let mut talk = Talk::new(&["ann", "bob", "cas", "dot"]);
    talk.create("ann", "#tea", Access::Public);
    for who in ["bob", "cas", "dot"] {
        talk.join(who, "#tea").unwrap();
    }
    for who in ["bob", "dot"] {
        talk.role("ann", "#tea", who, Role::Moderator).unwrap();
    }
    assert_eq!(talk.kick("cas", "#tea", "bob").unwrap_err(), Refusal::NotAllowed);
    assert_eq!(talk.kick("bob", "#tea", "dot").unwrap_err(), Refusal::NotAllowed, "of one's own standing");
    assert_eq!(talk.kick("bob", "#tea", "ann").unwrap_err(), Refusal::NotAllowed, "of a higher one");
    for itself in ["ann", "bob"] {
        assert_eq!(talk.kick(itself, "#tea", itself).unwrap_err(), Refusal::NotAllowed);
    }
    assert_eq!(talk.kick("bob", "#tea", "zoe").unwrap_err(), Refusal::NoSuchUser(name("zoe")));
    let answer = talk.kick("bob", "#tea", "cas");
    let by_bob =
        |way: &Way| matches!(way, Way::Kicked { by, reason } if by.name == name("bob") && reason == "why");
    assert!(matches!(&answer.unwrap()[..], [Event::Fact(Fact::Left { way, .. })] if by_bob(way)));
    assert_eq!(talk.kick("bob", "#tea", "cas").unwrap_err(), Refusal::TheyAreNotAMember);
    assert_eq!(talk.say("cas", "#tea", "hi").unwrap_err(), Refusal::NotAMember);
    talk.join("cas", "#tea").unwrap();
    talk.say("cas", "#tea", "hi").unwrap();
}

#[test]
fn a_ban_puts_out_whom_it_meets_and_keeps_them_out_until_it_ends() {
    let mut talk = Talk::new(&["ann", "spam1", "spam2", "bob"]);
    talk.create("ann", "#tea", Access::Public);
    for who in ["spam1", "spam2", "bob"] {
        talk.join(who, "#tea").unwrap();
    }
    let until = talk.now + 5000;
    let answer = talk.ban("ann", "#tea", "spam*", Some(until));
    assert_eq!(words(&answer), ["sanctioned", "left", "left"]);
    for who in ["spam1", "spam2"] {
        assert_eq!(talk.join(who, "#tea").unwrap_err(), Refusal::Banned);
        assert_eq!(talk.say(who, "#tea", "hi").unwrap_err(), Refusal::NotAMember);
    }
    assert_eq!(talk.ban("bob", "#tea", "ann", None).unwrap_err(), Refusal::NotAllowed);
    talk.now = until - 1;
    assert_eq!(talk.join("spam1", "#tea").unwrap_err(), Refusal::Banned);
    talk.now = until;
    talk.join("spam1", "#tea").unwrap();
    let gone = Deed::Unban { room: at("#tea"), mask: mask("spam*") };
    assert_eq!(talk.does("ann", gone).unwrap_err(), Refusal::AlreadySo, "it is over already");
    talk.ban("ann", "#tea", "spam1", None).unwrap();
    let lift = || Deed::Unban { room: at("#tea"), mask: mask("spam1") };
    assert_eq!(words(&talk.does("ann", lift())), ["sanctioned"]);
    assert_eq!(talk.does("ann", lift()).unwrap_err(), Refusal::AlreadySo);
    talk.join("spam1", "#tea").unwrap();
}

#[test]
fn a_room_may_have_another_name_that_nobody_has() {
    let mut talk = Talk::new(&["ann", "bob"]);
    talk.create("ann", "#tea", Access::Public);
    talk.create("bob", "#den", Access::Public);
    let set = |room: &str, to: &str| Deed::Set {
        room: at(room),
        setting: Setting::Name { name: room_name(to), reason: String::new() },
    };
    for taken in ["#den", "#DEN", "#dеn"] {
        assert_eq!(talk.does("ann", set("#tea", taken)).unwrap_err(), Refusal::RoomNameTaken, "{taken}");
    }
    assert_eq!(talk.does("bob", set("#tea", "#mine")).unwrap_err(), Refusal::NotAMember);
    assert_eq!(words(&talk.does("ann", set("#tea", "#coffee"))), ["room_set"]);
    assert_eq!(talk.does("ann", set("#coffee", "#coffee")).unwrap_err(), Refusal::AlreadySo);
    assert_eq!(talk.join("bob", "#tea").unwrap_err(), Refusal::NoSuchRoom);
    talk.join("bob", "#coffee").unwrap();
    // Its own name may be written otherwise, and the old one is free.
    assert_eq!(words(&talk.does("ann", set("#coffee", "#Coffee"))), ["room_set"]);
    talk.create("bob", "#tea", Access::Public);
    assert_eq!(talk.does("ann", set("#coffee", "#tea")).unwrap_err(), Refusal::RoomNameTaken);
    let lobby = talk.does("ann", set("#lobby", "#hall")).unwrap_err();
    assert!(matches!(lobby, Refusal::Lobby | Refusal::NotAllowed), "{lobby:?}");
}

#[test]
fn several_settings_are_set_at_once_or_not_at_all() {
    let mut talk = Talk::new(&["ann"]);
    talk.create("ann", "#tea", Access::Public);
    let set = |all: &[Setting]| Deed::Set { room: at("#tea"), setting: Setting::Several(all.to_vec()) };
    let (moderated, outside) = (Setting::Moderated(true), Setting::Outside(true));
    let answer = talk.does("ann", set(&[moderated.clone(), outside.clone()])).unwrap();
    let [Event::Fact(Fact::RoomSet { setting: Setting::Several(all), .. })] = &answer[..] else {
        panic!("{answer:?}");
    };
    assert_eq!(all[..], [moderated.clone(), outside.clone()]);
    assert_eq!(talk.does("ann", set(&[moderated.clone(), outside.clone()])).unwrap_err(), Refusal::AlreadySo);
    // What is so already is left out.
    let answer = talk.does("ann", set(&[moderated.clone(), Setting::Slow(5)])).unwrap();
    assert!(
        matches!(&answer[..], [Event::Fact(Fact::RoomSet { setting: Setting::Slow(5), .. })]),
        "{answer:?}"
    );
    let refused = talk.does("ann", set(&[Setting::Limit(Some(3)), Setting::Slow(SLOW_MAX + 1)])).unwrap_err();
    assert_eq!(refused, Refusal::TooMany("seconds of slow mode"));
    assert_eq!(words(&talk.does("ann", set(&[Setting::Limit(Some(3)), outside.clone()]))), ["room_set"]);
    for bad in [
        vec![],
        vec![Setting::Slow(1)],
        vec![Setting::Slow(1), Setting::Slow(2)],
        vec![Setting::Slow(1), Setting::Topic("x".into())],
        vec![Setting::Slow(1), Setting::Several(vec![moderated, outside])],
    ] {
        assert_eq!(talk.does("ann", set(&bad)).unwrap_err(), Refusal::NotAllowed, "{bad:?}");
    }
}

#[test]
fn a_wide_ban_or_mute_leaves_alone_whoever_keeps_order_and_whoever_stays_all_the_same() {
    let mut talk = Talk::new(&["ann", "bob", "cas", "dan"]);
    talk.create("ann", "#tea", Access::Public);
    for who in ["bob", "cas", "dan"] {
        talk.join(who, "#tea").unwrap();
    }
    let exempt = |who: &str| Deed::Exempt { room: at("#tea"), sort: Kind::Exempt, mask: mask(who), on: true };
    talk.does("ann", exempt("bob")).unwrap();
    talk.role("ann", "#tea", "dan", Role::Moderator).unwrap();
    let mute = Deed::Mute { room: at("#tea"), mask: mask("*"), reason: String::new(), until: None };
    talk.does("dan", mute).unwrap();
    assert_eq!(talk.say("cas", "#tea", "hi").unwrap_err(), Refusal::Muted);
    for who in ["ann", "bob", "dan"] {
        talk.say(who, "#tea", "hi").unwrap();
    }
    assert_eq!(words(&talk.ban("dan", "#tea", "*", None)), ["sanctioned", "left"], "cas alone is put out");
    assert_eq!(talk.say("cas", "#tea", "hi").unwrap_err(), Refusal::NotAMember);
    assert_eq!(talk.join("cas", "#tea").unwrap_err(), Refusal::Banned);
    for who in ["ann", "bob", "dan"] {
        talk.say(who, "#tea", "still here").unwrap();
    }
    // By name it meets whom it names, or is refused.
    assert_eq!(talk.ban("dan", "#tea", "ann", None).unwrap_err(), Refusal::NotAllowed);
    assert_eq!(words(&talk.ban("dan", "#tea", "bob", None)), ["sanctioned", "left"]);
}

#[test]
fn a_ban_that_meets_owners_and_their_heirs_leaves_one_owner_or_no_room() {
    let mut talk = Talk::new(&["a1", "a2", "b1", "b2", "zoe"]);
    talk.create("a1", "#tea", Access::Public);
    for who in ["a2", "b1", "b2"] {
        talk.join(who, "#tea").unwrap();
    }
    talk.role("a1", "#tea", "a2", Role::Moderator).unwrap();
    let ban = |on: &str| Deed::Ban { room: at("#tea"), mask: mask(on), reason: String::new(), until: None };
    // The owner goes, and the heir with the owner: whoever is next owns it.
    assert_eq!(words(&talk.machine(ban("a*"))), ["sanctioned", "left", "left", "role_set"]);
    assert_eq!(talk.role_of("#tea", "b1"), Some(Role::Owner));
    assert_eq!(words(&talk.machine(ban("b*"))), ["sanctioned", "left", "left", "room_deleted"]);
    assert!(!talk.is_room("#tea"));
}

#[test]
fn a_ban_of_an_account_or_a_network_is_asked_at_the_door() {
    let mut talk = Talk::new(&["ann", "bob", "cas"]);
    talk.create("ann", "#tea", Access::Public);
    talk.ban("ann", "#tea", "10.0.0.0/8", None).unwrap();
    let join = || Deed::Join { room: at("#tea"), password: None };
    assert_eq!(talk.does_from("bob", "10.1.2.3", join()).unwrap_err(), Refusal::Banned);
    talk.does_from("bob", "11.1.2.3", join()).unwrap();
    talk.does("cas", Deed::Register { phc: crate::talk::phc("x") }).unwrap();
    let account = Mask::Account(talk.id("cas"));
    let ban = Deed::Ban { room: at("#tea"), mask: account, reason: String::new(), until: None };
    talk.does("ann", ban).unwrap();
    assert_eq!(talk.does("cas", join()).unwrap_err(), Refusal::Banned);
}

#[test]
fn whoever_is_muted_reads_and_says_nothing_until_it_ends() {
    let mut talk = Talk::new(&["ann", "bob"]);
    talk.create("ann", "#tea", Access::Public);
    talk.join("bob", "#tea").unwrap();
    talk.say("bob", "#tea", "one").unwrap();
    let until = talk.now + 5000;
    assert_eq!(words(&talk.mute("ann", "#tea", "bob", Some(until))), ["sanctioned"]);
    assert_eq!(talk.say("bob", "#tea", "two").unwrap_err(), Refusal::Muted);
    assert_eq!(talk.edit("bob", "#tea", 1, "other").unwrap_err(), Refusal::Muted);
    assert_eq!(talk.react("bob", "#tea", 1, "👍", true).unwrap_err(), Refusal::Muted);
    talk.say("bob", "#lobby", "elsewhere they may").unwrap();
    talk.now = until;
    talk.say("bob", "#tea", "three").unwrap();
    talk.mute("ann", "#tea", "bob", None).unwrap();
    talk.does("ann", Deed::Unmute { room: at("#tea"), mask: mask("bob") }).unwrap();
    talk.say("bob", "#tea", "four").unwrap();
}

#[test]
fn slow_mode_lets_a_member_write_now_and_then() {
    let mut talk = Talk::new(&["ann", "bob", "cas"]);
    talk.create("ann", "#tea", Access::Public);
    talk.join("bob", "#tea").unwrap();
    talk.join("cas", "#tea").unwrap();
    talk.role("ann", "#tea", "cas", Role::Voice).unwrap();
    talk.set("ann", "#tea", Setting::Slow(10)).unwrap();
    talk.say("bob", "#tea", "one").unwrap();
    talk.now += 9_999;
    assert_eq!(talk.say("bob", "#tea", "two").unwrap_err(), Refusal::Slow { wait: Millis(1) });
    talk.now += 1;
    talk.say("bob", "#tea", "two").unwrap();
    // Going out and in again shakes nothing off.
    talk.leave("bob", "#tea").unwrap();
    talk.join("bob", "#tea").unwrap();
    assert_eq!(talk.say("bob", "#tea", "three").unwrap_err(), Refusal::Slow { wait: Millis(10_000) });
    for who in ["ann", "cas"] {
        talk.say(who, "#tea", "one").unwrap();
        talk.say(who, "#tea", "two").unwrap();
    }
    assert!(talk.set("ann", "#tea", Setting::Slow(SLOW_MAX)).is_ok());
    let more = talk.set("ann", "#tea", Setting::Slow(SLOW_MAX + 1));
    assert_eq!(more.unwrap_err(), Refusal::TooMany("seconds of slow mode"));
    talk.set("ann", "#tea", Setting::Slow(0)).unwrap();
    talk.say("bob", "#tea", "three").unwrap();
}

#[test]
fn a_full_room_takes_in_nobody_but_the_invited() {
    let mut talk = Talk::new(&["ann", "bob", "cas"]);
    talk.create("ann", "#tea", Access::Public);
    talk.set("ann", "#tea", Setting::Limit(Some(2))).unwrap();
    talk.join("bob", "#tea").unwrap();
    assert_eq!(talk.join("cas", "#tea").unwrap_err(), Refusal::Full);
    let invite = || Deed::Invite { room: at("#tea"), user: name("cas") };
    talk.does("bob", invite()).unwrap();
    assert_eq!(talk.join("cas", "#tea").unwrap_err(), Refusal::Full, "a member's word opens no door");
    talk.does("ann", invite()).unwrap();
    assert_eq!(talk.does("ann", invite()).unwrap_err(), Refusal::AlreadySo);
    talk.set("ann", "#tea", Setting::Access(Access::Invite)).unwrap();
    let other = Deed::Invite { room: at("#tea"), user: name("ann") };
    assert_eq!(talk.does("bob", other).unwrap_err(), Refusal::NotAllowed);
    talk.set("ann", "#tea", Setting::Access(Access::Public)).unwrap();
    talk.join("cas", "#tea").unwrap();
    talk.leave("cas", "#tea").unwrap();
    assert_eq!(talk.join("cas", "#tea").unwrap_err(), Refusal::Full, "an invitation is good for one time");
}

#[test]
fn a_password_or_an_invitation_opens_a_door() {
    let mut talk = Talk::new(&["ann", "bob", "cas"]);
    for (room, access) in [
        ("#pub", Access::Public),
        ("#inv", Access::Invite),
        ("#hid", Access::Hidden),
        ("#pri", Access::Private),
    ] {
        talk.create("ann", room, access);
        talk.set("ann", room, Setting::Password(Some(room_password("word")))).unwrap();
        let with = |word: &str| Deed::Join { room: at(room), password: Some(room_password(word)) };
        let (none, wrong) = match access {
            Access::Public | Access::Hidden => (Refusal::WrongPassword, Refusal::WrongPassword),
            Access::Invite => (Refusal::InviteOnly, Refusal::InviteOnly),
            Access::Private => (Refusal::NoSuchRoom, Refusal::NoSuchRoom),
        };
        assert_eq!(talk.join("bob", room).unwrap_err(), none, "{room}");
        assert_eq!(talk.does("bob", with("wrong")).unwrap_err(), wrong, "{room}");
        talk.does("bob", with("word")).unwrap();
        talk.does("ann", Deed::Invite { room: at(room), user: name("cas") }).unwrap();
        talk.join("cas", room).unwrap();
        talk.set("ann", room, Setting::Password(None)).unwrap();
    }
}

#[test]
fn an_archived_room_is_kept_as_it_is() {
    let mut talk = Talk::new(&["ann", "bob", "cas"]);
    talk.create("ann", "#tea", Access::Public);
    talk.join("bob", "#tea").unwrap();
    talk.say("ann", "#tea", "one").unwrap();
    assert_eq!(talk.set("bob", "#tea", Setting::Archived(true)).unwrap_err(), Refusal::NotAllowed);
    talk.set("ann", "#tea", Setting::Archived(true)).unwrap();
    assert_eq!(talk.set("ann", "#tea", Setting::Archived(true)).unwrap_err(), Refusal::AlreadySo);
    for refused in [
        talk.say("ann", "#tea", "two"),
        talk.edit("ann", "#tea", 1, "other"),
        talk.pin("ann", "#tea", 1, true),
        talk.set("ann", "#tea", Setting::Topic("x".into())),
        talk.kick("ann", "#tea", "bob"),
        talk.role("ann", "#tea", "bob", Role::Voice),
        talk.does("ann", Deed::Invite { room: at("#tea"), user: name("cas") }),
    ] {
        assert_eq!(refused.unwrap_err(), Refusal::Archived);
    }
    talk.join("cas", "#tea").unwrap();
    talk.redact("ann", "#tea", 1).unwrap();
    talk.set("ann", "#tea", Setting::Archived(false)).unwrap();
    talk.say("ann", "#tea", "two").unwrap();
}

#[test]
fn a_deleted_room_is_no_more_for_anybody() {
    let mut talk = Talk::new(&["ann", "bob"]);
    talk.create("ann", "#tea", Access::Public);
    talk.join("bob", "#tea").unwrap();
    let delete = || Deed::Delete { room: at("#tea") };
    assert_eq!(talk.does("bob", delete()).unwrap_err(), Refusal::NotAllowed);
    assert_eq!(words(&talk.does("ann", delete())), ["room_deleted"]);
    assert_eq!(talk.does("ann", delete()).unwrap_err(), Refusal::NoSuchRoom);
    assert_eq!(talk.say("bob", "#tea", "hi").unwrap_err(), Refusal::NoSuchRoom);
    assert_eq!(talk.log.state.rooms_of(talk.id("bob")).collect::<Vec<_>>(), [LOBBY]);
}

#[test]
fn the_lobby_is_everybodys() {
    let mut talk = Talk::new(&["ann", "bob"]);
    let lobby = |setting| Deed::Set { room: at("#lobby"), setting };
    assert_eq!(talk.does("ann", lobby(Setting::Slow(1))).unwrap_err(), Refusal::NotAllowed);
    for setting in [Setting::Access(Access::Private), Setting::Password(None), Setting::Limit(Some(1))] {
        assert_eq!(talk.machine(lobby(setting)).unwrap_err(), Refusal::Lobby);
    }
    assert_eq!(talk.machine(Deed::Delete { room: at("#lobby") }).unwrap_err(), Refusal::Lobby);
    talk.machine(lobby(Setting::Topic("welcome".into()))).unwrap();
    for who in ["ann", "bob"] {
        assert_eq!(words(&talk.leave(who, "#lobby")), ["left"], "it stays when nobody is in it");
    }
    talk.join("ann", "#lobby").unwrap();
    assert_eq!(talk.role_of("#lobby", "ann"), Some(Role::Member));
    talk.open("cas").unwrap();
    assert_eq!(talk.role_of("#lobby", "cas"), Some(Role::Member));
}

#[test]
fn who_is_banned_from_the_lobby_comes_in_beside_it() {
    let mut talk = Talk::new(&["ann"]);
    let ban = |text| Deed::Ban { room: at("#lobby"), mask: mask(text), reason: String::new(), until: None };
    talk.machine(ban("spam*")).unwrap();
    talk.machine(ban("10.0.0.0/8")).unwrap();
    let came = talk.open("spammer");
    assert_eq!(words(&came), ["guest_created", "left", "session_opened", "online"]);
    assert!(matches!(&came.unwrap()[3], Event::CameOnline { rooms, .. } if rooms.is_empty()));
    assert_eq!(talk.role_of("#lobby", "spammer"), None);
    assert_eq!(talk.say("spammer", "#lobby", "hi").unwrap_err(), Refusal::NotAMember);
    assert_eq!(talk.join("spammer", "#lobby").unwrap_err(), Refusal::Banned);
    let session = talk.fresh();
    let address = Some("10.1.2.3".parse().unwrap());
    let proof = Proof::NewGuest(token("dan"));
    let came = talk.ask(Request::Open { session, name: name("dan"), proof, address });
    assert_eq!(words(&came).get(1), Some(&"left"));
    talk.open("eve").unwrap();
    assert_eq!(talk.role_of("#lobby", "eve"), Some(Role::Member));
}

#[test]
fn roles_are_given_from_above_and_the_last_owner_stays() {
    let mut talk = Talk::new(&["ann", "bob", "cas"]);
    talk.create("ann", "#tea", Access::Public);
    talk.join("bob", "#tea").unwrap();
    talk.join("cas", "#tea").unwrap();
    assert_eq!(talk.role("ann", "#tea", "ann", Role::Member).unwrap_err(), Refusal::LastOwner);
    talk.role("ann", "#tea", "bob", Role::Moderator).unwrap();
    assert_eq!(talk.role("ann", "#tea", "bob", Role::Moderator).unwrap_err(), Refusal::AlreadySo);
    talk.role("bob", "#tea", "cas", Role::Voice).unwrap();
    for role in [Role::Moderator, Role::Owner] {
        assert_eq!(talk.role("bob", "#tea", "cas", role).unwrap_err(), Refusal::NotAllowed);
    }
    assert_eq!(talk.role("bob", "#tea", "bob", Role::Owner).unwrap_err(), Refusal::NotAllowed);
    talk.role("ann", "#tea", "bob", Role::Owner).unwrap();
    assert_eq!(
        talk.role("bob", "#tea", "ann", Role::Member).unwrap_err(),
        Refusal::NotAllowed,
        "nobody's above"
    );
    talk.role("ann", "#tea", "ann", Role::Member).unwrap();
    assert_eq!(talk.room("#tea").owners(), 1);
}

#[test]
fn a_conversation_of_two_is_nobody_elses() {
    let mut talk = Talk::new(&["ann", "bob", "cas"]);
    assert_eq!(talk.leave("ann", "bob").unwrap_err(), Refusal::NoSuchRoom);
    talk.say("ann", "bob", "psst").unwrap();
    let room = talk.log.state.direct(talk.id("ann"), talk.id("bob")).unwrap();
    let here = || chatroom_model::Where::Id(room);
    let deeds = || {
        [
            Deed::Join { room: here(), password: None },
            Deed::Leave { room: here(), reason: String::new() },
            Deed::Set { room: here(), setting: Setting::Topic("x".into()) },
            Deed::Delete { room: here() },
            Deed::Kick { room: here(), user: name("bob"), reason: String::new() },
            Deed::Redact { room: here(), seq: chatroom_model::Seq(1), reason: String::new() },
            Deed::Read { room: here(), seq: chatroom_model::Seq(1), at: None },
        ]
    };
    for deed in deeds() {
        assert_eq!(talk.does("cas", deed.clone()).unwrap_err(), Refusal::NoSuchRoom, "{deed:?}");
        if !matches!(deed, Deed::Join { .. } | Deed::Leave { .. } | Deed::Read { .. }) {
            assert_eq!(talk.machine(deed.clone()).unwrap_err(), Refusal::NoSuchRoom, "{deed:?}");
        }
    }
    for (deed, refusal) in deeds().into_iter().zip([
        Refusal::AlreadyAMember,
        Refusal::NotAllowed,
        Refusal::NotAllowed,
        Refusal::NotAllowed,
        Refusal::NotAllowed,
        Refusal::NotYours,
    ]) {
        assert_eq!(talk.does("bob", deed.clone()).unwrap_err(), refusal, "{deed:?}");
    }
    assert_eq!(words(&talk.does("bob", deeds()[6].clone())), ["read_up_to"]);
    talk.edit("ann", "bob", 1, "pssst").unwrap();
    talk.react("bob", "ann", 1, "👍", true).unwrap();
    talk.redact("ann", "bob", 1).unwrap();
}

#[test]
fn a_session_that_is_gone_does_nothing() {
    let mut talk = Talk::new(&["ann"]);
    let session = talk.session("ann");
    talk.close("ann").unwrap();
    let doer = Doer::Session { session, address: None };
    let deed = Deed::Create { room: room_name("#tea"), access: Access::Public };
    assert_eq!(talk.ask(Request::Do { doer, deed: deed.into() }).unwrap_err(), Refusal::NoSession);
    assert_eq!(talk.enter("bob", Proof::Token(token("bob"))).unwrap_err(), Refusal::BadToken);
}
