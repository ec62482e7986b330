//! The table of rights on every path by which somebody reads: what they missed, what comes live, history, search, lists. One
//! room a situation, and everybody there is to a room; what each may is asked of the table, and what each is given is read
//! from the socket.

use crate::client::{Client, Rig};
use chatroom_model::{
    Access, Act, Body, Deed, Doer, Entry, How, Mask, Millis, Name, NodeId, Object, Position, Proof, RULES,
    Request, Role, RoomName, Say, Seq, SessionId, Setting, Standing, TokenHash, Where, can, room_password,
};
use chatroom_server::{Core, What};
use chatroom_store::Folder;

/// Who there is, and what they are to every room; the last was in it, and was put out.
const PEOPLE: [(&str, Standing, bool); 8] = [
    ("xeno", Standing::Outsider, false),
    ("mem", Standing::Member, true),
    ("vic", Standing::Voice, true),
    ("mod", Standing::Moderator, true),
    ("own", Standing::Owner, true),
    ("opin", Standing::Operator, true),
    ("opout", Standing::Operator, false),
    ("gone", Standing::Outsider, false),
];
const OWN: usize = 4;
const GONE: usize = 7;

/// What is so about a room, beside its access.
#[derive(Clone, Copy, Debug, Default)]
struct Situation {
    archived: bool,
    moderated: bool,
    /// Of the member.
    muted: bool,
    /// Of the outsider.
    banned: bool,
    full: bool,
    /// The outsider is.
    invited: bool,
    password: bool,
}

fn situations() -> [Situation; 10] {
    let plain = Situation::default();
    [
        plain,
        Situation { archived: true, ..plain },
        Situation { moderated: true, ..plain },
        Situation { muted: true, ..plain },
        Situation { banned: true, ..plain },
        Situation { full: true, ..plain },
        Situation { invited: true, ..plain },
        Situation { password: true, ..plain },
        Situation { invited: true, full: true, password: true, ..plain },
        Situation { invited: true, banned: true, moderated: true, archived: true, ..plain },
    ]
}

/// What the table must be told, from how the room was made.
fn object(access: Access, situation: Situation, who: usize) -> Object {
    let (name, _, inside) = PEOPLE[who];
    Object {
        access,
        inside,
        archived: situation.archived,
        moderated: situation.moderated,
        muted: situation.muted && name == "mem",
        banned: situation.banned && name == "xeno",
        full: situation.full,
        invited: situation.invited && name == "xeno",
        password: situation.password.then_some(false),
        ..Object::default()
    }
}

fn may(access: Access, situation: Situation, who: usize, act: Act) -> bool {
    can(PEOPLE[who].1, act, &object(access, situation, who)).is_ok()
}

fn room(n: usize) -> String {
    format!("#r{n}")
}

/// A word that stands in one room only, at one time only.
fn canary(time: &str, n: usize) -> String {
    format!("canary{time}{n}x")
}

fn token(who: usize) -> [u8; 16] {
    [who as u8 + 1; 16]
}

/// The log of a world, made without a server.
struct World {
    core: Core,
}

impl World {
    fn ask(&mut self, request: Request) {
        let position = self.core.state().position.next();
        let entry = Entry { position, time: now(), rules: RULES, salt: [1; 16], request };
        let what = format!("{entry:?}");
        let refused =
            self.core.step(&[entry]).unwrap().answers.into_iter().find_map(|answer| {
                if let What::Refused(refusal) = answer.what { Some(refusal) } else { None }
            });
        assert_eq!(refused, None, "{what}");
    }

    fn session(&self, who: usize) -> SessionId {
        SessionId::new(self.core.state().incarnation, who as u32)
    }

    fn does(&mut self, who: usize, deed: Deed) {
        let doer = Doer::Session { session: self.session(who), address: None };
        self.ask(Request::Do { doer, deed: deed.into() });
    }

    fn machine(&mut self, deed: Deed) {
        self.ask(Request::Do { doer: Doer::Operator(1), deed: deed.into() });
    }

    fn says(&mut self, who: usize, room: &str, text: &str) {
        let (session, room, body) = (self.session(who), at(room), Body::parse(text).unwrap());
        let (how, reply, client_id, seen) = (How::Said, None, None, Position(0));
        self.ask(Request::Say(Say { how, reply, client_id, seen, ..Say::new(session, room, body) }));
    }
}

fn now() -> Millis {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Millis(since.as_millis() as i64)
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn at(room: &str) -> Where {
    Where::Name(RoomName::parse(room).unwrap())
}

/// A folder with everybody and every room of one access in it.
fn world(access: Access) -> tempfile::TempDir {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let folder = Folder::new(dir.path().join("chatdata"));
    folder.create().unwrap();
    let mut world = World { core: Core::open(&folder).unwrap() };
    world.ask(Request::StartNode { node: NodeId(0) });
    for (who, (called, ..)) in PEOPLE.into_iter().enumerate() {
        let (session, proof) = (world.session(who), Proof::NewGuest(TokenHash::of(&token(who))));
        world.ask(Request::Open { session, name: name(called), proof, address: None });
    }
    for (who, (called, ..)) in PEOPLE.iter().enumerate().filter(|(_, p)| p.1 == Standing::Operator) {
        world.does(who, Deed::Register { phc: "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA".into() });
        world.machine(Deed::Operator { user: name(called), on: true });
    }
    for (n, situation) in situations().into_iter().enumerate() {
        let called = room(n);
        let here = || at(&called);
        world.does(OWN, Deed::Create { room: RoomName::parse(&called).unwrap(), access: Access::Public });
        for who in [1, 2, 3, 5, GONE] {
            world.does(who, Deed::Join { room: here(), password: None });
        }
        for (who, role) in [("vic", Role::Voice), ("mod", Role::Moderator)] {
            world.does(OWN, Deed::Role { room: here(), user: name(who), role, voiced: false });
        }
        world.says(OWN, &called, &canary("one", n));
        world.does(3, Deed::Pin { room: here(), seq: Seq(1), on: true });
        let reason = String::new;
        match n % 2 {
            0 => world.does(OWN, Deed::Kick { room: here(), user: name("gone"), reason: reason() }),
            _ => {
                let mask = Mask::parse("gone").unwrap();
                world.does(OWN, Deed::Ban { room: here(), mask, reason: reason(), until: None });
            }
        }
        world.says(OWN, &called, &canary("two", n));
        let settings = [
            (access != Access::Public, Setting::Access(access)),
            (situation.password, Setting::Password(Some(room_password("word")))),
            (situation.moderated, Setting::Moderated(true)),
            (situation.full, Setting::Limit(Some(1))),
        ];
        for (_, setting) in settings.into_iter().filter(|(is, _)| *is) {
            world.does(OWN, Deed::Set { room: here(), setting });
        }
        if situation.invited {
            world.does(OWN, Deed::Invite { room: here(), user: name("xeno") });
        }
        for (is, who, mute) in [(situation.muted, "mem", true), (situation.banned, "xeno", false)] {
            let (mask, reason, until) = (Mask::parse(who).unwrap(), reason(), None);
            match (is, mute) {
                (true, true) => world.does(OWN, Deed::Mute { room: here(), mask, reason, until }),
                (true, false) => world.does(OWN, Deed::Ban { room: here(), mask, reason, until }),
                _ => {}
            }
        }
        if situation.archived {
            world.does(OWN, Deed::Set { room: here(), setting: Setting::Archived(true) });
        }
    }
    world.core.close().unwrap();
    dir
}

/// The cells that were looked at.
struct Cells {
    access: Access,
    count: usize,
}

impl Cells {
    /// Whether somebody is given something, on one path, is as the table says.
    fn check(&mut self, n: usize, who: usize, act: Act, path: &str, lines: &[String], word: &str) {
        let situation = situations()[n];
        let given = lines.iter().any(|line| line.contains(word));
        let due = may(self.access, situation, who, act);
        assert_eq!(
            given, due,
            "{} by {path} in {:?} {situation:?}: {act:?}, {word} in {lines:#?}",
            PEOPLE[who].0, self.access
        );
        self.count += 1;
    }
}

/// Everybody comes back with a token; beside each what they had missed.
fn all_return(rig: &Rig) -> Vec<(Client, Vec<String>)> {
    let come = |who: usize| {
        let hex: String = token(who).iter().map(|byte| format!("{byte:02x}")).collect();
        let login = format!("reconnect:{}:{hex}", PEOPLE[who].0);
        let mut client = Client::connect(rig.address, login.as_bytes());
        client.until(|line| line.starts_with("Welcome, "));
        let missed = client.settle();
        (client, missed)
    };
    (0..PEOPLE.len()).map(come).collect()
}

/// The owner says something to each alone, so that what was said before has come.
fn hear_all(people: &mut [Client], mark: &str) -> Vec<Vec<String>> {
    for (called, ..) in PEOPLE.into_iter().filter(|(called, ..)| *called != PEOPLE[OWN].0) {
        people[OWN].say(&format!("/msg {called} {mark}"));
    }
    let end = format!("[From own]: {mark}");
    let hear = |(who, client): (usize, &mut Client)| match who {
        OWN => client.settle(),
        _ => client.until(|line| line == end),
    };
    people.iter_mut().enumerate().map(hear).collect()
}

fn every_cell(access: Access) -> usize {
    let mut rig = Rig::start_in(world(access));
    let mut cells = Cells { access, count: 0 };
    let (mut people, missed): (Vec<Client>, Vec<Vec<String>>) = all_return(&rig).into_iter().unzip();
    let rooms = situations().len();
    for n in 0..rooms {
        for (who, missed) in missed.iter().enumerate() {
            cells.check(n, who, Act::Read, "resume", missed, &canary("two", n));
            // What came before they were put out is theirs.
            let was_there = PEOPLE[who].2 || who == GONE;
            assert_eq!(missed.iter().any(|line| line.contains(&canary("one", n))), was_there);
        }
    }
    // Lists and search, wherever one talks.
    for (who, person) in people.iter_mut().enumerate() {
        let listed = person.ask("/rooms");
        let unread = person.ask("/unread");
        for n in 0..rooms {
            cells.check(n, who, Act::See, "rooms", &listed, &format!("{} ", room(n)));
            if who != OWN {
                cells.check(n, who, Act::Read, "unread", &unread, &format!("{} ", room(n)));
            }
            let who_is = person.ask(&format!("/who {}", room(n)));
            cells.check(n, who, Act::Members, "who", &who_is, &format!("In {}:", room(n)));
            for time in ["one", "two"] {
                let word = canary(time, n);
                for query in [format!("/search {word}"), format!("/search {word} in:{}", room(n))] {
                    let found = person.ask(&query);
                    // A refusal repeats no word of the query.
                    cells.check(n, who, Act::Read, &query, &found, "canary");
                }
            }
        }
    }
    // Live.
    for n in (0..rooms).filter(|n| !situations()[*n].archived) {
        people[OWN].say(&format!("/in {} {}", room(n), canary("live", n)));
    }
    let heard = hear_all(&mut people, "END-live");
    for n in (0..rooms).filter(|n| !situations()[*n].archived) {
        for (who, heard) in heard.iter().enumerate() {
            cells.check(n, who, Act::Read, "live", heard, &canary("live", n));
        }
    }
    // History and what moderators read, for those who can talk there.
    for n in 0..rooms {
        for who in (0..people.len()).filter(|who| PEOPLE[*who].2) {
            let one = canary("one", n);
            let came = people[who].ask(&format!("/join {}", room(n)));
            cells.check(n, who, Act::Read, "join", &came, &one);
            for path in ["/history 50", "/ids 50", "/around 1", "/before 3", "/since 1h", "/pins"] {
                let shown = people[who].ask(path);
                cells.check(n, who, Act::Read, path, &shown, &one);
            }
            let bans = people[who].ask("/bans");
            let listed = if bans.iter().any(|line| line.starts_with("Nobody is kept")) {
                "Nobody is kept"
            } else {
                "Kept out or muted:"
            };
            cells.check(n, who, Act::Ban, "/bans", &bans, listed);
            let audit = people[who].ask("/audit 50");
            cells.check(n, who, Act::Audit, "/audit", &audit, "Done here:");
        }
    }
    put_out_where_they_talk(&mut people, rooms);
    rig.stop();
    cells.count
}

/// Whoever is put out where they talk, or loses a role there, asks in vain from then on.
fn put_out_where_they_talk(people: &mut [Client], rooms: usize) {
    for n in (0..rooms).filter(|n| !situations()[*n].archived) {
        for who in [1, 3] {
            people[who].ask(&format!("/join {}", room(n)));
        }
        people[OWN].ask(&format!("/join {}", room(n)));
        people[OWN].say("/role mod member");
        people[OWN].say("/kick mem");
        people[OWN].say(&format!("/in {} {}", room(n), canary("after", n)));
        let mark = format!("END-out-{n}");
        let heard = hear_all(people, &mark);
        assert!(heard[1].iter().any(|line| line.contains("was put out")));
        let mut given = heard[1].iter().skip_while(|line| !line.contains("was put out"));
        assert!(!given.any(|line| line.contains("canary")), "{:#?}", heard[1]);
        let paths =
            ["/history 50", "/ids 50", "/around 1", "/before 9", "/since 1h", "/pins", "/bans", "/audit 9"];
        for path in paths.into_iter().chain(["/topic", "/who", "/search canaryafter", "/unread"]) {
            let shown = people[1].ask(path);
            assert!(
                !shown.iter().any(|line| line.contains("canary") || line.contains(&format!("{} ", room(n)))),
                "{path} once put out: {shown:#?}"
            );
        }
        for path in ["/bans", "/audit 9"] {
            assert_eq!(people[3].ask(path), ["No: you may not do that here"], "{path} without the role");
        }
    }
}

#[test]
#[allow(clippy::print_stdout, reason = "the number of cells is a figure of the record")]
fn every_cell_of_the_table_holds_on_every_path_of_reading() {
    let counts: Vec<usize> = Access::ALL.iter().map(|access| every_cell(*access)).collect();
    println!("{counts:?} cells");
    let alive = situations().iter().filter(|situation| !situation.archived).count();
    let (rooms, all, inside) = (situations().len(), PEOPLE.len(), 5);
    // Resume, rooms, who and four searches for all; unread for all but one; live where it lives; nine paths for members.
    let due = rooms * (all * 7 + all - 1 + inside * 9) + alive * all;
    assert_eq!(counts, vec![due; Access::ALL.len()]);
}

#[test]
fn to_those_outside_a_private_room_is_like_none_on_every_path() {
    let mut rig = Rig::start_in(world(Access::Private));
    let mut people: Vec<Client> = all_return(&rig).into_iter().map(|(client, _)| client).collect();
    hear_all(&mut people, "END-in");
    let mut run = 0;
    for who in [0, GONE] {
        for (n, situation) in situations().into_iter().enumerate() {
            // Whoever was asked in knows of it.
            if situation.invited && who == 0 {
                continue;
            }
            for form in [
                "/join ROOM",
                "/join ROOM wrong",
                "/who ROOM",
                "/in ROOM hello",
                "/leave ROOM",
                "/destroy ROOM",
                "/search canaryone in:ROOM",
            ] {
                let [there, nowhere] = [room(n), "#nowhere".into()].map(|name: String| {
                    let lines = people[who].ask(&form.replace("ROOM", &name));
                    lines.into_iter().map(|line| line.replace(&name, "ROOM")).collect::<Vec<_>>()
                });
                assert_eq!(there, nowhere, "{} {form} in {situation:?}", PEOPLE[who].0);
                run += 1;
            }
        }
    }
    assert_eq!(run, 7 * (7 + 10));
    // A room that is shut while somebody looks at it is gone from what they see.
    people[OWN].ask("/create #open");
    assert!(people[0].ask("/rooms").iter().any(|line| line.contains("#open ")));
    people[OWN].ask("/set access private");
    assert!(!people[0].ask("/rooms").iter().any(|line| line.contains("#open ")));
    rig.stop();
}
