//! Form 3 of what is kept: what came with people who are there only while connected, read back to the letter. `UPDATE=1`
//! writes the files anew; a changed line needs a new form, not a new file.

use crate::golden::check;
use chatroom_model::durable::{read_entry, read_event, write_entry, write_event};
use chatroom_model::{
    Access, Alias, At, Body, By, CloseReason, Deed, Doer, Ending, Entry, Event, Fact, HookId, HookSecret,
    How, Ident, KeyId, Kind, LOBBY, Marked, Marker, Mask, Millis, Name, NewHook, NewKey, Position, Proof,
    Request, Role, RoomId, RoomName, Sanction, Say, Scopes, Seq, SessionId, Setting, Tags, TokenHash, UserId,
    Way, Where,
};

const USER: UserId = UserId(7);
const SESSION: SessionId = SessionId(4294967299);

fn name() -> Name {
    Name::parse("bob").unwrap()
}

fn ident() -> Ident {
    Ident::of("bob_", "Bob \"the\" Builder")
}

fn key(until: Option<Millis>) -> NewKey {
    NewKey {
        hash: TokenHash([0xab; 32]),
        label: "bot".into(),
        scopes: Scopes::READ.and(Scopes::WRITE),
        until,
        room: None,
    }
}

fn hook(label: &str) -> NewHook {
    let (url, label) = ("https://example.org/hook?a=b".into(), label.into());
    NewHook { url, label, secret: HookSecret([0xcd; 32]) }
}

fn by_key() -> Doer {
    Doer::Key { key: KeyId(5), user: USER, call: 9, address: None }
}

fn called(reason: &str) -> Setting {
    Setting::Name { name: RoomName::parse("#coffee").unwrap(), reason: reason.into() }
}

/// What only form 3 can say, done by somebody.
pub(crate) fn deeds() -> Vec<Deed> {
    let room = || Where::Id(RoomId(3));
    vec![
        Deed::Leave { room: room(), reason: "tea time".into() },
        Deed::Edit { room: room(), seq: Seq(12), body: "two\nlines".into(), client_id: None },
        Deed::Disconnect { user: name(), reason: "why".into() },
        Deed::CreateAccount { name: name(), phc: "$argon2id$x".into(), ident: Some(ident()) },
        Deed::CreateAccount { name: name(), phc: "$argon2id$x".into(), ident: None },
        Deed::Ident { ident: ident() },
        Deed::Come { name: name(), key: key(None), phc: Some("$argon2id$x".into()) },
        Deed::LogIn { name: name(), phc: "$argon2id$x".into(), key: key(Some(Millis(99))) },
        Deed::GiveKey { key: key(None) },
        Deed::RevokeKey { key: KeyId(5) },
        Deed::MakeBot { name: name(), key: key(None) },
        Deed::BotKey { bot: name(), key: key(None) },
        Deed::EndBot { bot: name() },
        Deed::Read { room: room(), seq: Seq(12), at: Some(Millis(77)) },
        Deed::Create { room: RoomName::parse("#den").unwrap(), access: Access::Hidden },
        Deed::Set { room: room(), setting: Setting::Access(Access::Hidden) },
        Deed::Set { room: room(), setting: Setting::Outside(true) },
        Deed::Set { room: room(), setting: Setting::OpenTopic(true) },
        Deed::Set { room: room(), setting: Setting::RegisteredSpeak(true) },
        Deed::Set { room: room(), setting: Setting::RegisteredJoin(true) },
        Deed::Set { room: room(), setting: Setting::NoCtcp(true) },
        Deed::Set { room: room(), setting: called("") },
        Deed::Set { room: room(), setting: called("beans") },
        Deed::Set {
            room: room(),
            setting: Setting::Several(vec![Setting::Access(Access::Invite), Setting::Moderated(true)]),
        },
        Deed::Exempt { room: room(), sort: Kind::Exempt, mask: Mask::parse("bob").unwrap(), on: true },
        Deed::Exempt { room: room(), sort: Kind::Welcome, mask: Mask::Account(USER), on: false },
        Deed::Ident { ident: ident().with('B', true) },
        Deed::Role { room: room(), user: name(), role: Role::Moderator, voiced: true },
        Deed::Metadata { room: None, key: "display-name".into(), value: Some("Bob".into()) },
        Deed::Metadata { room: Some(room()), key: "avatar".into(), value: None },
        Deed::Ban {
            room: room(),
            mask: Mask::parse("account:bob").unwrap(),
            reason: String::new(),
            until: None,
        },
        Deed::Mute {
            room: room(),
            mask: Mask::parse("client:web*").unwrap(),
            reason: String::new(),
            until: None,
        },
        Deed::AddHook { room: room(), hook: hook("town") },
        Deed::EndHook { room: room(), hook: HookId(5), why: Ending::Removed },
        Deed::EndHook { room: room(), hook: HookId(5), why: Ending::Gone },
    ]
}

fn events() -> Vec<Event> {
    let at = || At { room: RoomId(3), label: Some("#tea".into()), two: None, names: None };
    let message = |tags, body| Event::Message {
        room: RoomId(3),
        seq: Seq(12),
        session: SESSION,
        author: USER,
        name: name(),
        to: None,
        label: Some("#tea".into()),
        how: How::Said,
        reply: None,
        mentions: vec![],
        client_id: None,
        tags: Tags::parse(tags).unwrap(),
        seen: Position(5),
        body: Body::parse(body).unwrap(),
    };
    let way = Way::Parted { reason: "tea time".into() };
    let body = Body::parse("two\nlines").unwrap();
    let edited = Fact::Edited {
        at: at(),
        seq: Seq(12),
        author: USER,
        name: name(),
        session: SESSION,
        client_id: None,
        body,
    };
    vec![
        Event::GuestCreated {
            user: USER,
            name: name(),
            token: TokenHash([0; 32]),
            visitor: Some(ident().into()),
        },
        message("+draft/a=b\\s;+c", "hi"),
        message("", "two\nlines"),
        Event::WentOffline { user: USER, name: name(), rooms: vec![LOBBY], why: "tea time".into() },
        Event::SessionClosed { session: SESSION, user: USER, reason: CloseReason::Killed, seen: Position(4) },
        Event::SessionClosed {
            session: SESSION,
            user: USER,
            reason: CloseReason::Revoked,
            seen: Position(4),
        },
        Event::Fact(Fact::KeyGiven { user: USER, id: KeyId(5), key: key(Some(Millis(99))) }),
        Event::Fact(Fact::KeyGiven {
            user: USER,
            id: KeyId(6),
            key: NewKey { room: Some(RoomId(3)), ..key(None) },
        }),
        Event::Fact(Fact::BotMade { user: UserId(8), name: name(), owner: USER }),
        Event::Fact(Fact::KeyRevoked { user: USER, id: KeyId(5) }),
        Event::Fact(Fact::KeyUsed { user: USER, id: KeyId(5), session: SESSION }),
        Event::Fact(Fact::Left { at: at(), user: USER, name: name(), way, told: true }),
        Event::Fact(edited),
        Event::Fact(Fact::IdentSet {
            user: USER,
            name: name(),
            ident: ident(),
            was: Some(Ident::of("u", "Bob")),
            rooms: vec![LOBBY],
        }),
        Event::Fact(Fact::RoomSet {
            at: at(),
            setting: Setting::Several(vec![
                Setting::Access(Access::Private),
                Setting::Moderated(true),
                Setting::Limit(Some(9)),
            ]),
            by: By { user: USER, name: name() },
            was: Some(Access::Public),
        }),
        Event::Fact(Fact::RoomSet {
            at: at(),
            setting: called(""),
            by: By { user: USER, name: name() },
            was: None,
        }),
        Event::Fact(Fact::RoomSet {
            at: at(),
            setting: called("beans"),
            by: By { user: USER, name: name() },
            was: None,
        }),
        Event::Fact(Fact::MetadataSet {
            room: None,
            user: USER,
            name: name(),
            key: "display-name".into(),
            value: Some("Bob".into()),
            rooms: vec![LOBBY],
        }),
        Event::Fact(Fact::MetadataSet {
            room: Some(at()),
            user: USER,
            name: name(),
            key: "avatar".into(),
            value: None,
            rooms: vec![],
        }),
        Event::Fact(Fact::Reacted {
            at: At {
                room: RoomId(4),
                label: None,
                two: Some((USER, UserId(8))),
                names: Some(Box::new((name(), Name::parse("ann").unwrap()))),
            },
            seq: Seq(2),
            user: USER,
            name: name(),
            emoji: "👍".into(),
            on: true,
        }),
        Event::Fact(Fact::ReadUpTo {
            room: Some(RoomId(3)),
            user: USER,
            seq: Seq(12),
            marker: Some(Marker { at: Millis(77), of: Marked::Room(RoomName::parse("#tea").unwrap()) }),
        }),
        Event::Fact(Fact::ReadUpTo {
            room: None,
            user: USER,
            seq: Seq(0),
            marker: Some(Marker { at: Millis(77), of: Marked::With { user: UserId(8), name: name() } }),
        }),
        Event::Fact(Fact::Renamed {
            user: USER,
            from: name(),
            to: Name::parse("rob").unwrap(),
            rooms: vec![],
            keeps: true,
            away: true,
        }),
        Event::Fact(Fact::Sanctioned {
            at: at(),
            sort: Kind::Welcome,
            sanction: Sanction {
                mask: Mask::parse("bob").unwrap(),
                holder: None,
                by: "ann".into(),
                reason: String::new(),
                until: None,
                since: Some(Millis(7)),
            },
            lifted: false,
        }),
        Event::Fact(Fact::RoomSet {
            at: at(),
            setting: Setting::OpenTopic(true),
            by: By { user: USER, name: name() },
            was: None,
        }),
        Event::Fact(Fact::AccountTold {
            user: USER,
            name: name(),
            called: None,
            was: None,
            rooms: vec![LOBBY, RoomId(3)],
        }),
        Event::Fact(Fact::AccountTold {
            user: USER,
            name: name(),
            called: Some(Name::parse("rob").unwrap()),
            was: Some(UserId(4)),
            rooms: vec![LOBBY],
        }),
        Event::CameOnline { user: USER, name: name(), rooms: vec![RoomId(3)], instead: Some(UserId(4)) },
        Event::Fact(Fact::RoleSet {
            at: at(),
            user: USER,
            name: name(),
            role: Role::Moderator,
            by: By { user: UserId(9), name: Name::parse("ann").unwrap() },
            was: Some(Role::Voice),
            voiced: true,
            was_voiced: false,
        }),
        Event::Fact(Fact::RoleSet {
            at: at(),
            user: USER,
            name: name(),
            role: Role::Moderator,
            by: By { user: UserId(9), name: Name::parse("ann").unwrap() },
            was: Some(Role::Moderator),
            voiced: false,
            was_voiced: true,
        }),
        Event::Fact(Fact::InviteTold { at: at(), name: name(), by: By { user: UserId(9), name: name() } }),
        Event::Fact(Fact::HookAdded {
            at: at(),
            id: HookId(5),
            hook: hook("").into(),
            by: By { user: USER, name: name() },
        }),
        Event::Fact(Fact::HookEnded {
            at: at(),
            id: HookId(5),
            origin: "https://example.org".into(),
            by: By { user: UserId(0), name: Name::kept("server") },
            why: Ending::Failed,
        }),
    ]
}

#[test]
fn every_event_of_form_3_keeps_it_and_reads_back() {
    let mut lines = String::new();
    for event in events() {
        let form = write_event(&event);
        assert!(form.data.contains("\"v\":3"), "{}", form.data);
        assert!(form.data.contains(&format!("\"kind\":\"{}\"", form.kind)), "{}", form.data);
        let again = write_event(&read_event(&form.data, form.body.as_deref()).unwrap());
        assert_eq!((&again.data, &again.body), (&form.data, &form.body));
        lines += &format!("{}\t{}\n", form.data, form.body.unwrap_or_default().escape_debug());
    }
    check("events.v3.txt", &lines);
}

#[test]
fn every_entry_of_form_3_keeps_it_and_reads_back() {
    let say = |tags, body| {
        Request::Say(Say {
            tags: Tags::parse(tags).unwrap(),
            seen: Position(5),
            ..Say::new(SESSION, Where::Id(RoomId(3)), Body::parse(body).unwrap())
        })
    };
    let mut requests = vec![
        Request::Say(Say {
            seen: Position(5),
            called: Alias::parse("smt/discord").ok().map(Box::new),
            ..Say::new(SESSION, Where::Id(RoomId(3)), Body::parse("from afar").unwrap())
        }),
        Request::Open {
            session: SESSION,
            name: name(),
            proof: Proof::Visitor(ident().into()),
            address: None,
        },
        Request::Open {
            session: SESSION,
            name: name(),
            proof: Proof::Password {
                phc: "$argon2id$x".into(),
                token: TokenHash([1; 32]),
                called: Some(Box::new(Name::parse("rob").unwrap())),
                over: None,
            },
            address: None,
        },
        Request::Open {
            session: SESSION,
            name: name(),
            proof: Proof::Password {
                phc: "$argon2id$x".into(),
                token: TokenHash([1; 32]),
                called: None,
                over: Some(SessionId(8)),
            },
            address: None,
        },
        Request::Open { session: SESSION, name: name(), proof: Proof::Key(USER, KeyId(5)), address: None },
        Request::Say(Say::new(by_key(), Where::Id(LOBBY), Body::parse("by a program").unwrap())),
        Request::Do { doer: by_key(), deed: Deed::RevokeKey { key: KeyId(5) }.into() },
        Request::Do {
            doer: Doer::Newcomer { call: 8, address: None },
            deed: Deed::Come { name: name(), key: key(None), phc: None }.into(),
        },
        say("+a", "hi"),
        say("", "two\nlines"),
        Request::Close {
            session: SESSION,
            reason: CloseReason::Quit,
            seen: Position(5),
            why: "tea time".into(),
        },
        Request::Close {
            session: SESSION,
            reason: CloseReason::Killed,
            seen: Position(5),
            why: Default::default(),
        },
    ];
    let doer = Doer::Session { session: SESSION, address: None };
    requests.extend(deeds().into_iter().map(|deed| Request::Do { doer, deed: deed.into() }));
    let mut lines = String::new();
    for (n, request) in (1..).zip(requests) {
        let (position, time) = (Position(n), Millis(1000 + n as i64));
        let form = write_entry(&Entry { position, time, rules: 3, salt: [n as u8; 16], request });
        assert!(form.starts_with("{\"v\":3"), "{form}");
        assert_eq!(write_entry(&read_entry(&form).unwrap()), form);
        lines += &(form + "\n");
    }
    check("entries.v3.jsonl", &lines);
}
