//! Every limit at the limit and one more, and whose doings count together. Time is a number that the tests make up.

use super::*;
use std::sync::atomic::AtomicU16;

const NOBODY: [&str; 3] = ["192.0.2.1", "192.0.2.2", "2001:db8:1:1::1"];

fn limits(settings: &Settings) -> (Limits, Instant) {
    let now = Instant::now();
    (Limits::new(settings, now, || 0), now)
}

/// Only this limit, of so much.
fn only(which: Which, amount: &str) -> Settings {
    let mut settings = Settings::default();
    settings.exempt.clear();
    for limit in LIMITS {
        settings.set(limit.which, Amount::Off);
    }
    settings.set(which, which.limit().read(amount).unwrap());
    settings
}

fn caller(address: &str, user: u64) -> Caller {
    Caller { address: address.parse().unwrap(), user: (user > 0).then_some(UserId(user)) }
}

/// Does it until it is refused; how often it went, and the refusal.
fn until_refused<T>(mut once: impl FnMut() -> Result<T, Limited>) -> (usize, Limited) {
    for n in 0..100_000 {
        if let Err(limited) = once() {
            return (n, limited);
        }
    }
    panic!("nothing refuses it");
}

const KINDS: [Kind; 14] = [
    Kind::Command,
    Kind::Message,
    Kind::NewPerson,
    Kind::Read,
    Kind::Signal,
    Kind::Presence,
    Kind::Create,
    Kind::Join,
    Kind::Invite,
    Kind::React,
    Kind::Change,
    Kind::Moderate,
    Kind::Login,
    Kind::Register,
];

#[test]
fn every_limit_that_a_kind_meets_lets_its_burst_through_and_no_more() {
    for kind in KINDS {
        for which in kind.limits() {
            let (limits, now) = limits(&only(*which, "1/m burst 7"));
            let mut own = ConnectionBuckets::default();
            let who = caller(NOBODY[0], 1);
            let (went, limited) = until_refused(|| limits.admit(&who, &mut own, kind, now));
            assert_eq!((went, limited.which.which), (7, *which), "{kind:?}");
            assert_eq!(limited.retry_after.as_secs(), 60);
            limits.admit(&who, &mut own, kind, now + Duration::from_secs(59)).unwrap_err();
            limits.admit(&who, &mut own, kind, now + Duration::from_secs(60)).unwrap();
            assert_eq!(limits.refused().find(|(limit, _)| limit.which == *which).unwrap().1, 2);
        }
    }
}

#[test]
fn every_limit_is_met_by_something() {
    let elsewhere = [
        Which::ConnectsPerAddress,
        Which::OpenPerAddress,
        Which::UnnamedPerAddress,
        Which::AttemptsPerAccount,
        Which::AttemptsPerAccountAndAddress,
    ];
    for limit in LIMITS {
        let met = KINDS.iter().any(|kind| kind.limits().contains(&limit.which));
        assert!(met != elsewhere.contains(&limit.which), "{}", limit.key);
    }
}

#[test]
fn whose_a_limit_is_decides_what_counts_together() {
    let cases = [
        // limit, does another connection count, another user, another address
        (Which::MessagesPerConnection, false, false, false),
        (Which::MessagesPerUser, true, false, true),
        (Which::MessagesPerAddress, true, true, false),
    ];
    for (which, connection, user, address) in cases {
        let (limits, now) = limits(&only(which, "1/m burst 3"));
        let mut own = ConnectionBuckets::default();
        let say = |who: Caller, own: &mut ConnectionBuckets| limits.admit(&who, own, Kind::Message, now);
        until_refused(|| say(caller(NOBODY[0], 1), &mut own));
        let mut other = ConnectionBuckets::default();
        assert_eq!(say(caller(NOBODY[0], 1), &mut other).is_err(), connection, "{which:?}");
        assert_eq!(say(caller(NOBODY[0], 2), &mut other).is_err(), user, "{which:?}");
        assert_eq!(say(caller(NOBODY[1], 1), &mut other).is_err(), address, "{which:?}");
    }
}

#[test]
fn a_64_is_one_address_and_a_48_is_eight() {
    let (limits, now) = limits(&only(Which::LoginsPerAddress, "1/m burst 5"));
    let mut own = ConnectionBuckets::default();
    let mut login = |address: &str| limits.admit(&caller(address, 0), &mut own, Kind::Login, now);
    for n in 1..=5 {
        login(&format!("2001:db8:1:1::{n}")).unwrap();
    }
    login("2001:db8:1:1:ffff::1").unwrap_err();
    let (more, _) = {
        let mut network = 1;
        until_refused(|| {
            network += 1;
            login(&format!("2001:db8:1:{network:x}::1"))
        })
    };
    assert_eq!(more, 8 * 5 - 5);
    login("2001:db8:2:1::1").unwrap();
}

#[test]
fn connections_are_counted_until_their_places_are_dropped() {
    let (limits, now) = limits(&only(Which::OpenPerAddress, "3 at once"));
    let connect = |address: &str| limits.connect(address.parse().unwrap(), now);
    let mut places: Vec<_> = (0..3).map(|_| connect(NOBODY[0]).unwrap()).collect();
    let limited = connect(NOBODY[0]).unwrap_err();
    assert_eq!(limited.to_string(), "too many connections from your address are open: try again later");
    connect(NOBODY[1]).unwrap();
    places.pop();
    places.push(connect(NOBODY[0]).unwrap());
    connect(NOBODY[0]).unwrap_err();

    let site: Vec<_> = (0..8)
        .flat_map(|n| (0..3).map(move |_| format!("2001:db8:1:{n}::1")))
        .map(|a| connect(&a).unwrap())
        .collect();
    connect("2001:db8:1:99::1").unwrap_err();
    connect("2001:db8:2:1::1").unwrap();
    drop((places, site));
    assert_eq!(limits.registry.len(), 0);
}

#[test]
fn whoever_has_logged_in_makes_room_for_those_who_have_not() {
    let (limits, now) = limits(&only(Which::UnnamedPerAddress, "2 at once"));
    let connect = || limits.connect(NOBODY[2].parse().unwrap(), now);
    let first = connect().unwrap();
    let _second = connect().unwrap();
    assert_eq!(connect().unwrap_err().which.which, Which::UnnamedPerAddress);
    first.named();
    first.named();
    let _third = connect().unwrap();
    connect().unwrap_err();
    drop(first);
    connect().unwrap_err();
}

#[test]
fn exempt_addresses_meet_no_limit_of_an_address_but_all_others() {
    let mut settings = only(Which::ConnectsPerAddress, "1/m burst 1");
    settings.set(Which::MessagesPerAddress, Amount::parse("1/m burst 1").unwrap());
    settings.set(Which::MessagesPerUser, Amount::parse("1/m burst 50").unwrap());
    settings.exempt = Settings::default().exempt;
    let (limits, now) = limits(&settings);
    for address in ["127.0.0.1", "::1", "127.255.0.9"] {
        (0..9).for_each(|_| drop(limits.connect(address.parse().unwrap(), now).unwrap()));
    }
    limits.connect(NOBODY[0].parse().unwrap(), now).unwrap();
    limits.connect(NOBODY[0].parse().unwrap(), now).unwrap_err();
    let mut own = ConnectionBuckets::default();
    let (went, limited) =
        until_refused(|| limits.admit(&caller("127.0.0.1", 1), &mut own, Kind::Message, now));
    assert_eq!((went, limited.which.which), (50, Which::MessagesPerUser));
}

#[test]
fn what_a_proxy_opens_counts_with_whom_it_is_for() {
    let mut settings = only(Which::ConnectsPerAddress, "1/m burst 2");
    settings.set(Which::OpenPerAddress, Amount::AtOnce(1));
    let (limits, now) = limits(&settings);
    let [proxy, client, other] = NOBODY.map(|address| address.parse().unwrap());
    let mut places: Vec<_> = (0..9).map(|_| limits.passing(proxy)).collect();
    assert!(places.iter().all(|place| place.address() == proxy) && limits.registry.len() == 0);
    places[0] = limits.connect(client, now).unwrap();
    places[1] = limits.connect(other, now).unwrap();
    assert_eq!((places[0].address(), places[1].address()), (client, other));
    let full = limits.connect(client, now).unwrap_err();
    assert_eq!(full.which.which, Which::OpenPerAddress);
    // The proxy's own connections count as anybody's.
    let _own = limits.connect(proxy, now).unwrap();
    places.clear();
    limits.connect(client, now).unwrap_err();
    limits.connect(other, now).unwrap();
}

#[test]
fn nobody_can_lock_another_out_of_an_account() {
    let mut settings = only(Which::AttemptsPerAccountAndAddress, "6/m burst 10");
    settings.set(Which::AttemptsPerAccount, Amount::parse("60/h burst 30").unwrap());
    let (limits, now) = limits(&settings);
    let attempt = |address: &str, account: &str| limits.attempt(address.parse().unwrap(), account, now);
    let home = "198.51.100.7";
    attempt(home, "ann").unwrap();
    limits.succeeded(home.parse().unwrap(), "ann");

    // One address guesses, then many do.
    assert_eq!(until_refused(|| attempt(NOBODY[0], "ann")).0, 10);
    let mut n = 0;
    let (went, limited) = until_refused(|| {
        n += 1;
        attempt(&format!("203.0.113.{n}"), "ann")
    });
    assert_eq!((went, limited.which.which), (30 - 10 - 1, Which::AttemptsPerAccount));
    // Another account, and the owner at home, notice nothing; at home too guesses end.
    attempt(NOBODY[0], "bob").unwrap();
    let (went, limited) = until_refused(|| attempt(home, "ann"));
    assert_eq!((went, limited.which.which), (10, Which::AttemptsPerAccountAndAddress));
    limits.succeeded(home.parse().unwrap(), "ann");
    assert_eq!(until_refused(|| attempt(home, "ann")).0, 10);
}

#[test]
fn what_is_shed_is_refused_in_words_and_counted() {
    let fill = Arc::new(AtomicU16::new(SENDS));
    let now = Instant::now();
    let queue = Arc::clone(&fill);
    let limits = Limits::new(&Settings::default(), now, move || queue.load(Ordering::Relaxed));
    let who = caller(NOBODY[0], 1);
    let mut own = ConnectionBuckets::default();
    let limited = limits.admit(&who, &mut own, Kind::Message, now).unwrap_err();
    assert_eq!(limited.which.which, Which::Busy);
    assert_eq!(limited.to_string(), "the server is busy: try again in 1 s");
    limits.admit(&who, &mut own, Kind::Moderate, now).unwrap();
    assert_eq!(limits.attempt(who.address, "ann", now).unwrap_err().which.which, Which::Busy);
    assert_eq!(limits.shed(), 2);
    fill.store(SENDS - 1, Ordering::Relaxed);
    limits.admit(&who, &mut own, Kind::Message, now).unwrap();
    fill.store(0, Ordering::Relaxed);
    let threshold = (READS_MAX * usize::from(HISTORY)).div_ceil(1000);
    let mut reads: Vec<_> = (0..threshold - 1).map(|_| limits.reading()).collect();
    limits.admit(&who, &mut own, Kind::Read, now).unwrap();
    reads.push(limits.reading());
    limits.admit(&who, &mut own, Kind::Read, now).unwrap_err();
    limits.admit(&who, &mut own, Kind::Message, now).unwrap();
    drop(reads);
    limits.admit(&who, &mut own, Kind::Read, now).unwrap();
}

#[test]
fn limits_can_be_changed_and_switched_off_while_they_are_in_use() {
    let (limits, now) = limits(&only(Which::MessagesPerConnection, "1/m burst 2"));
    let who = caller(NOBODY[0], 1);
    let mut own = ConnectionBuckets::default();
    let mut say = |limits: &Limits| limits.admit(&who, &mut own, Kind::Message, now);
    assert_eq!(until_refused(|| say(&limits)).0, 2);
    limits.set(&only(Which::MessagesPerConnection, "1/m burst 5"));
    assert_eq!(until_refused(|| say(&limits)).0, 3);
    limits.set(&Settings::off());
    (0..1000).for_each(|_| assert_eq!(say(&limits).unwrap(), None));
}

#[test]
fn the_sentences_say_when() {
    let limited = |after| Limited { which: Which::MessagesPerUser.limit(), retry_after: after };
    for (after, text) in [(1, "in 1 s"), (1001, "in 2 s"), (120_000, "in 120 s"), (121_000, "in 3 min")] {
        let said = limited(Duration::from_millis(after)).to_string();
        assert_eq!(said, format!("too many messages: try again {text}"));
    }
}

#[test]
fn a_class_of_two_hundred_behind_one_address_meets_no_limit() {
    let (limits, now) = limits(&Settings::default());
    let address = NOBODY[0].parse().unwrap();
    let mut places = Vec::new();
    for user in 1..=200u64 {
        places.push(limits.connect(address, now).unwrap());
        let mut own = ConnectionBuckets::default();
        let who = Caller { address, user: Some(UserId(user)) };
        for kind in
            [Kind::Login, Kind::Register, Kind::Read, Kind::Join, Kind::Join, Kind::Message, Kind::Message]
        {
            limits.admit(&who, &mut own, kind, now).unwrap();
        }
        places[places.len() - 1].named();
    }
}

#[test]
fn who_is_let_through_is_told_which_limit_is_nearest_and_how_near() {
    let mut settings = only(Which::MessagesPerUser, "1/s burst 4");
    settings.set(Which::MessagesPerAddress, Amount::parse("1/m burst 6").unwrap());
    settings.set(Which::MessagesPerConnection, Amount::parse("1/m burst 1").unwrap());
    let (limits, now) = limits(&settings);
    let say =
        |user| limits.admit(&caller(NOBODY[0], user), &mut ConnectionBuckets::default(), Kind::Message, now);
    let told = |which, most, window, left, full_in| {
        let (window, full_in) = (Duration::from_secs(window), Duration::from_secs(full_in));
        Standing { which, most, window, left, full_in }
    };
    let (user, address) = (Which::MessagesPerUser, Which::MessagesPerAddress);
    assert_eq!(say(1).unwrap(), Some(told(user, 4, 4, 3, 1)));
    assert_eq!(say(1).unwrap(), Some(told(user, 4, 4, 2, 2)));
    // Two who are fresh: the first has as many left as the address has, and the second has more.
    assert_eq!(say(2).unwrap(), Some(told(user, 4, 4, 3, 1)));
    assert_eq!(say(3).unwrap(), Some(told(address, 6, 360, 2, 240)));
    say(3).unwrap();
    assert_eq!(say(4).unwrap(), Some(told(address, 6, 360, 0, 360)));
    let limited = say(5).unwrap_err();
    assert_eq!(limits.met(&limited), Some(told(address, 6, 360, 0, 360)));
    assert_eq!(limits.met(&Limited { which: &BUSY, retry_after: Duration::ZERO }), None);
}
