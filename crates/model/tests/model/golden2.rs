//! Form 2 of what is kept: every fact, deed and setting, each read back to the letter. `UPDATE=1` writes the files anew; a
//! changed line needs a new form, not a new file.

use crate::golden::check;
use crate::made_up::MadeUp;
use chatroom_model::durable::{read_entry, read_event, write_entry, write_event};
use chatroom_model::memory::Memory;
use chatroom_model::{
    Access, At, Body, By, ClientId, CloseReason, Deed, Doer, Entry, Event, Fact, How, Kind, LOBBY, Mask,
    Millis, Name, Position, Proof, Recipient, Request, Retention, Role, RoomId, RoomName, Sanction, Say, Seq,
    SessionId, Setting, TokenHash, UserId, Way, Where,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const USER: UserId = UserId(7);
const SESSION: SessionId = SessionId(4294967299);

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn body(text: &str) -> Body {
    Body::parse(text).unwrap()
}

fn at() -> At {
    At { room: RoomId(3), label: Some("#tea".into()), two: None, names: None }
}

fn by() -> By {
    By { user: UserId(9), name: name("ann") }
}

fn sanction(mask: Mask, until: Option<Millis>) -> Sanction {
    let holder = matches!(&mask, Mask::Name(name) if name == "bob").then_some(UserId(9));
    Sanction { mask, holder, by: "ann".into(), reason: "rude \"words\"".into(), until, since: None }
}

fn settings() -> Vec<Setting> {
    vec![
        Setting::Topic("tea".into()),
        Setting::Access(Access::Private),
        Setting::Access(Access::Invite),
        Setting::Password(Some("00ff".into())),
        Setting::Password(None),
        Setting::Slow(5),
        Setting::Limit(Some(9)),
        Setting::Limit(None),
        Setting::Moderated(true),
        Setting::Retention(Retention { age: Some(1000), number: Some(10) }),
        Setting::Retention(Retention::default()),
        Setting::Archived(true),
    ]
}

/// The number of a fact's kind. A new one does not compile without one, and has no golden line without a sample.
pub(crate) fn kind(fact: &Fact) -> usize {
    match fact {
        Fact::RoomCreated { .. } => 0,
        Fact::Joined { .. } => 1,
        Fact::Left { .. } => 2,
        Fact::RoleSet { .. } => 3,
        Fact::RoomSet { .. } => 4,
        Fact::RoomDeleted { .. } => 5,
        Fact::Invited { .. } => 6,
        Fact::Sanctioned { .. } => 7,
        Fact::Banned { .. } => 8,
        Fact::Edited { .. } => 9,
        Fact::Redacted { .. } => 10,
        Fact::Reacted { .. } => 11,
        Fact::Pinned { .. } => 12,
        Fact::ReadUpTo { .. } => 13,
        Fact::Renamed { .. } => 14,
        Fact::Registered { .. } => 15,
        Fact::PasswordSet { .. } => 16,
        Fact::AwaySet { .. } => 17,
        Fact::ProfileSet { .. } => 18,
        Fact::Ignored { .. } => 19,
        Fact::OperatorSet { .. } => 20,
        Fact::TicketGiven { .. } => 21,
        Fact::Purged { .. } => 22,
        Fact::PurgeUndone { .. } => 23,
        Fact::PurgeDone { .. } => 24,
        Fact::Dropped { .. } => 25,
        Fact::IdentSet { .. } => 26,
        Fact::MetadataSet { .. } => 29,
        Fact::AccountTold { .. } => 27,
        Fact::InviteTold { .. } => 28,
        Fact::KeyGiven { .. } => 30,
        Fact::KeyRevoked { .. } => 31,
        Fact::KeyUsed { .. } => 32,
        Fact::BotMade { .. } => 33,
        Fact::HookAdded { .. } => 34,
        Fact::HookEnded { .. } => 35,
    }
}

fn facts() -> Vec<Fact> {
    let (user, name, reason) = (USER, name("bob"), "why".to_owned());
    let direct = At { room: RoomId(4), label: None, two: Some((USER, UserId(8))), names: None };
    let seq = Seq(12);
    let mut facts = vec![
        Fact::RoomCreated { at: at(), by: user, access: Access::Public },
        Fact::Joined { at: at(), user, name: name.clone(), role: Role::Owner, told: true },
        Fact::Left { at: at(), user, name: name.clone(), way: Way::Left, told: false },
        Fact::Left { at: at(), user, name: name.clone(), way: Way::Kicked { by: by(), reason }, told: true },
        Fact::RoleSet {
            at: at(),
            user,
            name: name.clone(),
            role: Role::Moderator,
            by: by(),
            was: None,
            voiced: false,
            was_voiced: false,
        },
        Fact::RoomDeleted { at: at(), by: by() },
        Fact::Invited { at: at(), user, name: name.clone(), by: by(), word: false },
        Fact::Edited {
            at: direct.clone(),
            seq,
            author: user,
            name: name.clone(),
            session: SESSION,
            client_id: Some(ClientId([0x33; 16])),
            body: body("other words"),
        },
        Fact::Redacted { at: direct, seq, author: user, by: by(), reason: String::new() },
        Fact::Redacted { at: at(), seq, author: user, by: by(), reason: "spam".into() },
        Fact::Reacted { at: at(), seq, user, name: name.clone(), emoji: "👍🏽".into(), on: true },
        Fact::Pinned { at: at(), seq, by: by(), on: false },
        Fact::ReadUpTo { room: Some(LOBBY), user, seq, marker: None },
        Fact::Renamed {
            user,
            from: name.clone(),
            to: Name::parse("Оля").unwrap(),
            rooms: vec![LOBBY],
            keeps: false,
            away: false,
        },
        Fact::Registered { user, phc: "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA".into() },
        Fact::PasswordSet { user, phc: "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaB".into() },
        Fact::AwaySet { user, name: name.clone(), text: Some("lunch".into()), rooms: vec![LOBBY, RoomId(3)] },
        Fact::AwaySet { user, name: name.clone(), text: None, rooms: vec![] },
        Fact::ProfileSet { user, text: "reads".into() },
        Fact::Ignored { user, other: UserId(8), on: true },
        Fact::OperatorSet { user, on: true },
        Fact::TicketGiven { user, session: SESSION, token: TokenHash([0xcd; 32]) },
        Fact::Purged {
            at: at(),
            purge: 77,
            user,
            name,
            since: Millis(5),
            upto: seq,
            by: by(),
            until: Millis(9),
        },
        Fact::PurgeUndone { at: at(), purge: 77, by: by() },
        Fact::PurgeDone { at: at(), purge: 77, user, since: Millis(5), upto: seq },
        Fact::Dropped { at: at(), upto: seq },
    ];
    for mask in ["bob", "sp*m", "10.0.0.0/8", "2001:db8::/32"] {
        let sanction = sanction(Mask::parse(mask).unwrap(), Some(Millis(99)));
        facts.push(Fact::Sanctioned { at: at(), sort: Kind::Ban, sanction: sanction.clone(), lifted: false });
        facts.push(Fact::Banned { sanction, lifted: true });
    }
    let account = sanction(Mask::Account(user), None);
    facts.push(Fact::Sanctioned { at: at(), sort: Kind::Mute, sanction: account, lifted: true });
    facts.extend(settings().into_iter().map(|setting| Fact::RoomSet {
        at: at(),
        setting,
        by: by(),
        was: None,
    }));
    facts
}

fn events() -> Vec<Event> {
    let message = |how, reply, mentions, to: Option<Box<Recipient>>, label: Option<&str>| Event::Message {
        room: RoomId(3),
        seq: Seq(12),
        session: SESSION,
        author: USER,
        name: name("bob"),
        to,
        label: label.map(Into::into),
        how,
        reply,
        mentions,
        client_id: None,
        tags: Default::default(),
        seen: Position(5),
        body: body("hi @ann"),
    };
    let to = Box::new(Recipient { user: UserId(8), name: name("ann"), away: false });
    let mut events = vec![
        message(How::Said, None, vec![], None, Some("#tea")),
        message(How::Action, None, vec![], None, None),
        message(How::Notice, Some(Seq(3)), vec![UserId(0), UserId(9)], None, Some("#tea")),
        message(How::Said, Some(Seq(1)), vec![], Some(to), None),
        Event::CameOnline { user: USER, name: name("bob"), rooms: vec![LOBBY, RoomId(3)], instead: None },
        Event::WentOffline { user: USER, name: name("bob"), rooms: vec![RoomId(3)], why: Default::default() },
        Event::SessionClosed { session: SESSION, user: USER, reason: CloseReason::Banned, seen: Position(4) },
        Event::SessionClosed {
            session: SESSION,
            user: USER,
            reason: CloseReason::Password,
            seen: Position(4),
        },
    ];
    events.extend(facts().into_iter().map(Event::Fact));
    events
}

#[test]
fn every_event_of_form_2_keeps_it_and_reads_back() {
    let kinds: BTreeSet<_> = facts().iter().map(kind).collect();
    assert_eq!(kinds, (0..26).collect(), "every fact has a sample");
    let mut lines = String::new();
    for event in events() {
        let form = write_event(&event);
        assert!(form.data.starts_with("{\"v\":2") || form.data.contains("\"v\":2"), "{}", form.data);
        assert!(form.data.contains(&format!("\"kind\":\"{}\"", form.kind)), "{}", form.data);
        let again = write_event(&read_event(&form.data, form.body.as_deref()).unwrap());
        assert_eq!((&again.data, &again.body), (&form.data, &form.body));
        lines += &format!("{}\t{}\n", form.data, form.body.unwrap_or_default());
    }
    check("events.v2.txt", &lines);
}

/// The number of a deed; see [`kind`].
pub(crate) fn number(deed: &Deed) -> usize {
    match deed {
        Deed::Create { .. } => 0,
        Deed::Join { .. } => 1,
        Deed::Leave { .. } => 2,
        Deed::Set { .. } => 3,
        Deed::Delete { .. } => 4,
        Deed::Invite { .. } => 5,
        Deed::Kick { .. } => 6,
        Deed::Ban { .. } => 7,
        Deed::Unban { .. } => 8,
        Deed::Mute { .. } => 9,
        Deed::Unmute { .. } => 10,
        Deed::Role { .. } => 11,
        Deed::Edit { .. } => 12,
        Deed::Redact { .. } => 13,
        Deed::React { .. } => 14,
        Deed::Pin { .. } => 15,
        Deed::Read { .. } => 16,
        Deed::Purge { .. } => 17,
        Deed::Unpurge { .. } => 18,
        Deed::Nick { .. } => 19,
        Deed::Register { .. } => 20,
        Deed::Password { .. } => 21,
        Deed::Away { .. } => 22,
        Deed::Profile { .. } => 23,
        Deed::Ignore { .. } => 24,
        Deed::BanHere { .. } => 25,
        Deed::UnbanHere { .. } => 26,
        Deed::ResetPassword { .. } => 27,
        Deed::Operator { .. } => 28,
        Deed::CreateAccount { .. } => 33,
        Deed::Disconnect { .. } => 29,
        Deed::Ident { .. } => 30,
        Deed::Exempt { .. } => 31,
        Deed::Metadata { .. } => 32,
        Deed::Come { .. } => 34,
        Deed::LogIn { .. } => 35,
        Deed::GiveKey { .. } => 36,
        Deed::RevokeKey { .. } => 37,
        Deed::MakeBot { .. } => 38,
        Deed::BotKey { .. } => 39,
        Deed::EndBot { .. } => 40,
        Deed::AddHook { .. } => 41,
        Deed::EndHook { .. } => 42,
    }
}

pub(crate) fn deeds() -> Vec<Deed> {
    let room = || Where::Name(RoomName::parse("#tea").unwrap());
    let here = || Where::Id(RoomId(3));
    let user = || name("bob");
    let mask = || Mask::parse("sp*m").unwrap();
    let phc = || "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA".to_owned();
    let (seq, reason, until) = (Seq(12), "why".to_owned(), Some(Millis(99)));
    let client_id = Some(ClientId([0x33; 16]));
    let mut deeds = vec![
        Deed::Create { room: RoomName::parse("#tea").unwrap(), access: Access::Invite },
        Deed::Join { room: room(), password: Some("00ff".into()) },
        Deed::Leave { room: Where::With(user()), reason: String::new() },
        Deed::Delete { room: here() },
        Deed::Invite { room: here(), user: user() },
        Deed::Kick { room: here(), user: user(), reason: reason.clone() },
        Deed::Ban { room: here(), mask: mask(), reason: reason.clone(), until },
        Deed::Unban { room: here(), mask: Mask::parse("10.0.0.0/8").unwrap() },
        Deed::Mute { room: here(), mask: Mask::Account(USER), reason: reason.clone(), until: None },
        Deed::Unmute { room: here(), mask: mask() },
        Deed::Role { room: here(), user: user(), role: Role::Voice, voiced: false },
        Deed::Edit { room: here(), seq, body: "other".into(), client_id },
        Deed::Redact { room: here(), seq, reason: reason.clone() },
        Deed::React { room: here(), seq, emoji: "👍".into(), on: false },
        Deed::Pin { room: here(), seq, on: true },
        Deed::Read { room: here(), seq, at: None },
        Deed::Purge { room: here(), user: user(), since: Millis(5), until: Millis(9) },
        Deed::Unpurge { room: here(), purge: 77 },
        Deed::Nick { name: user() },
        Deed::Register { phc: phc() },
        Deed::Password { phc: phc() },
        Deed::Away { text: Some("lunch".into()) },
        Deed::Away { text: None },
        Deed::Profile { text: "reads".into() },
        Deed::Ignore { user: user(), on: true },
        Deed::BanHere { mask: mask(), reason, until },
        Deed::UnbanHere { mask: mask() },
        Deed::ResetPassword { user: user(), phc: phc() },
        Deed::Operator { user: user(), on: true },
    ];
    deeds.extend(settings().into_iter().map(|setting| Deed::Set { room: here(), setting }));
    deeds
}

#[test]
fn every_entry_of_form_2_keeps_it_and_reads_back() {
    let numbers: BTreeSet<_> = deeds().iter().map(number).collect();
    assert_eq!(numbers, (0..29).collect(), "every deed has a sample");
    let address = Some("2001:db8::7".parse().unwrap());
    let token = TokenHash([0xcd; 32]);
    let open = |proof| Request::Open { session: SESSION, name: name("bob"), proof, address };
    let say = |room, how, reply| {
        Request::Say(Say { how, reply, seen: Position(5), ..Say::new(SESSION, room, body("hi")) })
    };
    let mut requests = vec![
        open(Proof::NewGuest(token)),
        open(Proof::Token(token)),
        open(Proof::Password { phc: "$argon2id$x".into(), token, called: None, over: None }),
        say(Where::Id(RoomId(3)), How::Said, None),
        say(Where::Name(RoomName::parse("#tea").unwrap()), How::Action, None),
        say(Where::With(name("ann")), How::Notice, Some(Seq(3))),
        Request::Close {
            session: SESSION,
            reason: CloseReason::Banned,
            seen: Position(5),
            why: Default::default(),
        },
        Request::Sweep,
        Request::Do {
            doer: Doer::Operator(5),
            deed: Deed::UnbanHere { mask: Mask::parse("bob").unwrap() }.into(),
        },
    ];
    let doer = Doer::Session { session: SESSION, address };
    requests.extend(deeds().into_iter().map(|deed| Request::Do { doer, deed: deed.into() }));
    let mut lines = String::new();
    for (n, request) in (1..).zip(requests) {
        let (position, time) = (Position(n), Millis(1000 + n as i64));
        let form = write_entry(&Entry { position, time, rules: 2, salt: [n as u8; 16], request });
        assert!(form.starts_with("{\"v\":2"), "{form}");
        assert_eq!(write_entry(&read_entry(&form).unwrap()), form);
        lines += &(form + "\n");
    }
    check("entries.v2.jsonl", &lines);
}

/// Some hundred made-up entries in which every deed is done at least once; finding a seed for it takes minutes.
fn made_up_log() -> String {
    for seed in 0..20_000 {
        let (mut log, mut made_up) = (Memory::new(), MadeUp::new(seed));
        let (mut done, mut lines) = (BTreeSet::new(), String::new());
        for _ in 0..600 {
            let entry = made_up.entry(&log);
            lines += &(write_entry(&entry) + "\n");
            if let (Ok(_), Request::Do { deed, .. }) = (log.take(&entry), &entry.request) {
                done.insert(number(deed));
            }
            if done.len() == 29 && log.state.position.0 >= 400 {
                return lines;
            }
        }
    }
    panic!("no seed does every deed")
}

#[test]
fn a_golden_log_of_rules_2_leads_to_the_same_state_and_chain_for_ever() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/log.v2.jsonl");
    if std::env::var_os("UPDATE").is_some() && !path.exists() {
        std::fs::write(&path, made_up_log()).unwrap();
    }
    let (mut log, mut done, mut kinds) = (Memory::new(), BTreeSet::new(), BTreeMap::new());
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let entry = read_entry(line).unwrap();
        match (log.take(&entry), &entry.request) {
            (Ok(_), Request::Do { deed, .. }) => _ = done.insert(number(deed)),
            (Ok(_), _) => {}
            (Err(no), _) => *refused.entry(no.to_string()).or_default() += 1,
        }
    }
    assert_eq!(done, (0..29).collect(), "every deed is done in it");
    for record in &log.records {
        *kinds.entry(write_event(&record.event).kind).or_insert(0) += 1;
    }
    let link: String = log.link.0.iter().map(|b| format!("{b:02x}")).collect();
    let mut end = format!("events {}\n", log.records.len());
    kinds.iter().for_each(|(kind, count)| end += &format!("  {count} {kind}\n"));
    end += &format!("refused {}\n", refused.values().sum::<usize>());
    refused.iter().for_each(|(no, count)| end += &format!("  {count} {no}\n"));
    end += &format!("state {}\nchain {link}\n", log.state.hash().to_hex());
    check("log.v2.end.txt", &end);
}
