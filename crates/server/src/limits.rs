//! Who may do how much, and what is given up when it is too much for the server. Knows no clock, socket or protocol.
//!
//! A courtesy at the edge, before a request has its place: what is let through is decided like everything else.

mod address;
mod amount;
mod bucket;
mod keyed;
mod kind;
mod known;
mod numbers;
mod registry;
mod settings;
mod shed;

pub use address::{BadRange, Range};
pub use amount::{Amount, Per};
pub use kind::Kind;
pub use numbers::{BUSY, LIMITS, Limit, Which, Whose};
pub use registry::Place;
pub use settings::Settings;
pub use shed::{Fill, HISTORY, MODERATION, PRESENCE, SENDS, Shed, TYPING};

use address::{Net, WIDE};
use bucket::{Bucket, Left, Rate};
use chatroom_model::{Name, UserId};
use keyed::{KEYS_MAX, Keyed};
use known::Known;
use registry::{Full, Most, Registry};
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Reads of the store that may be asked for at once, by all; history is refused from six tenths of them on.
pub const READS_MAX: usize = 512;
/// When to try again while the server is busy.
const BREATH: Duration = Duration::from_secs(1);

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Where from.
    pub address: IpAddr,
    /// Who it is, once that is known.
    pub user: Option<UserId>,
}

/// A connection's own buckets, kept with it.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConnectionBuckets([Bucket; numbers::OF_CONNECTION]);

/// A "not now". Shown, it is the sentence a client is told, without a full stop.
#[derive(Clone, Copy, Debug)]
pub struct Limited {
    /// Which limit it was.
    pub which: &'static Limit,
    /// When it may be tried again; zero when nobody can know.
    pub retry_after: Duration,
}

/// How somebody stands with a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which limit it is.
    pub which: Which,
    /// How often it may be done by whoever has been quiet for long enough.
    pub most: u64,
    /// In how long that is allowed again.
    pub window: Duration,
    /// How often it may be done now.
    pub left: u64,
    /// When it may be done as often as can be.
    pub full_in: Duration,
}

impl Standing {
    /// Of two, how they stand with the limit they will meet first.
    pub(crate) fn nearest(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        [one, other].into_iter().flatten().min_by_key(|standing| standing.left)
    }
}

/// All limits of a server, with everybody's buckets.
pub struct Limits {
    enabled: AtomicBool,
    exempt: Vec<Range>,
    allowed: [Allowed; LIMITS.len()],
    refused: [AtomicU64; LIMITS.len()],
    shed: AtomicU64,
    began: Instant,
    secret: RandomState,
    registry: Arc<Registry>,
    reads: Arc<AtomicUsize>,
    queue: Box<dyn Fn() -> Fill + Send + Sync>,
    // Each protects its buckets; held while a few of them are looked at.
    users: Mutex<Keyed<(Which, UserId)>>,
    addresses: Mutex<Keyed<(Which, Net)>>,
    accounts: Mutex<Keyed<(Which, u64)>>,
    server: Mutex<Keyed<Which>>,
    known: Mutex<Known>,
    met: Mutex<Known>,
}

/// What a limit allows now. The two numbers may be of two settings for an instant, which only one request notices.
#[derive(Debug, Default)]
struct Allowed {
    /// Nanoseconds each, or how many at once; zero is off.
    each: AtomicU64,
    whole: AtomicU64,
}

/// A read of the store that is under way until this is dropped.
#[derive(Debug)]
pub struct Reading(Arc<AtomicUsize>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Limits {
    /// The limits of a server that begins now; `queue` says how full the engine's queue is.
    pub fn new(settings: &Settings, now: Instant, queue: impl Fn() -> Fill + Send + Sync + 'static) -> Self {
        let limits = Self {
            enabled: AtomicBool::new(false),
            exempt: settings.exempt.clone(),
            allowed: Default::default(),
            refused: std::array::from_fn(|_| AtomicU64::new(0)),
            shed: AtomicU64::new(0),
            began: now,
            secret: RandomState::new(),
            registry: Arc::default(),
            reads: Arc::default(),
            queue: Box::new(queue),
            users: Mutex::new(Keyed::new(KEYS_MAX)),
            addresses: Mutex::new(Keyed::new(KEYS_MAX)),
            accounts: Mutex::new(Keyed::new(KEYS_MAX)),
            server: Mutex::new(Keyed::new(LIMITS.len())),
            known: Mutex::default(),
            met: Mutex::default(),
        };
        limits.set(settings);
        limits
    }

    /// Takes over other numbers while the server runs. Which addresses are exempt stays as it was.
    pub fn set(&self, settings: &Settings) {
        for (limit, allowed) in LIMITS.iter().zip(&self.allowed) {
            let (each, whole) = match settings.amount(limit.which) {
                Amount::Off => (0, 0),
                Amount::AtOnce(most) => (u64::from(most), 0),
                rate => rate.rate().unwrap_or((0, 0)),
            };
            allowed.each.store(each, Ordering::Relaxed);
            allowed.whole.store(whole, Ordering::Relaxed);
        }
        self.enabled.store(settings.enabled, Ordering::Relaxed);
    }

    /// Lets somebody do something, or says which limit it meets. A refusal costs nothing in the bucket that was empty. Of the
    /// limits that count beyond this connection, it answers with the one that is nearest.
    pub fn admit(
        &self,
        who: &Caller,
        connection: &mut ConnectionBuckets,
        kind: Kind,
        now: Instant,
    ) -> Result<Option<Standing>, Limited> {
        if !self.on() {
            return Ok(None);
        }
        self.has_time_for(kind)?;
        let mut nearest = None;
        for &which in kind.limits() {
            let left = self.take(which, who, connection, now)?;
            if let (Some(left), Whose::User | Whose::Address) = (left, which.limit().whose) {
                nearest = Standing::nearest(nearest, self.standing(which, left));
            }
        }
        Ok(nearest)
    }

    /// How somebody stands with a limit they met just now; nothing where waiting does not help.
    pub fn met(&self, limited: &Limited) -> Option<Standing> {
        self.standing(limited.which.which, Left { times: 0, full_in: Duration::ZERO })
            .map(|standing| Standing { full_in: standing.window, ..standing })
    }

    fn standing(&self, which: Which, left: Left) -> Option<Standing> {
        let rate = self.rate(which)?;
        let (most, window) = (rate.whole / rate.each, Duration::from_nanos(rate.whole));
        Some(Standing { which, most, window, left: left.times, full_in: left.full_in })
    }

    /// Lets a connection in and counts it with its address until its place is dropped.
    pub fn connect(&self, address: IpAddr, now: Instant) -> Result<Place, Limited> {
        let nets = if self.on() && !self.is_exempt(address) {
            self.of_address(Which::ConnectsPerAddress, address, now)?;
            let most = |times| Most {
                open: self.at_once(Which::OpenPerAddress, times),
                unnamed: self.at_once(Which::UnnamedPerAddress, times),
            };
            let net = Net::of(address);
            [Some((net, most(1))), net.site().map(|site| (site, most(WIDE as u32)))]
        } else {
            [None, None]
        };
        self.registry.enter(address, nets).map_err(|full| {
            let which = match full {
                Full::Open => Which::OpenPerAddress,
                Full::Unnamed => Which::UnnamedPerAddress,
            };
            self.limited(which, Duration::ZERO)
        })
    }

    /// A place for a connection that a proxy opens: it counts nowhere until it is known for whom, since a proxy passes on as
    /// many as there are.
    #[must_use]
    pub fn passing(&self, proxy: IpAddr) -> Place {
        self.registry.place(proxy, [None, None])
    }

    /// Lets a password be tried at an account (its name in the form in which names compare), known or not.
    ///
    /// Nobody can lock another out: what others get wrong holds back only those who have not logged in from where they
    /// are now.
    pub fn attempt(&self, address: IpAddr, account: &str, now: Instant) -> Result<(), Limited> {
        if !self.on() {
            return Ok(());
        }
        self.has_time_for(Kind::Login)?;
        let who = Caller { address, user: None };
        self.take(Which::LoginsPerAddress, &who, &mut ConnectionBuckets::default(), now)?;
        let pair = self.pair(account, address);
        let account = self.secret.hash_one(account);
        self.keyed(&self.accounts, |which| (which, pair), Which::AttemptsPerAccountAndAddress, now)?;
        if self.known.lock().expect("nobody panics while remembering").has(pair) {
            return Ok(());
        }
        self.keyed(&self.accounts, |which| (which, account), Which::AttemptsPerAccount, now)?;
        self.take(Which::LoginsPerServer, &who, &mut ConnectionBuckets::default(), now)?;
        Ok(())
    }

    /// The password was right: this address may try as before, and what others try at the account does not concern it.
    pub fn succeeded(&self, address: IpAddr, account: &str) {
        let pair = self.pair(account, address);
        let mut accounts = self.accounts.lock().expect("nobody panics while taking from a bucket");
        accounts.fill(&(Which::AttemptsPerAccountAndAddress, pair));
        self.known.lock().expect("nobody panics while remembering").add(pair);
    }

    /// Whether it has to be asked if somebody writes to this person for the first time: nobody who has been admitted to is a
    /// stranger any more, however long their first message takes.
    pub(crate) fn may_be_strangers(&self, user: UserId, other: &Name) -> bool {
        let pair = self.secret.hash_one((user, other.key()));
        self.on() && !self.met.lock().expect("nobody panics while remembering").has(pair)
    }

    /// From here on these two are no strangers.
    pub(crate) fn have_met(&self, user: UserId, other: &Name) {
        let pair = self.secret.hash_one((user, other.key()));
        self.met.lock().expect("nobody panics while remembering").add(pair);
    }

    /// Counts a read of the store until it is dropped.
    #[must_use]
    pub fn reading(&self) -> Reading {
        self.reads.fetch_add(1, Ordering::Relaxed);
        Reading(Arc::clone(&self.reads))
    }

    /// How much is given up now.
    #[must_use]
    pub fn level(&self) -> Shed {
        let reads = self.reads.load(Ordering::Relaxed).min(READS_MAX) * 1000 / READS_MAX;
        Shed::level((self.queue)(), reads as Fill)
    }

    /// How often each limit was met.
    pub fn refused(&self) -> impl Iterator<Item = (&'static Limit, u64)> {
        LIMITS.iter().zip(self.refused.iter().map(|n| n.load(Ordering::Relaxed)))
    }

    /// How often something was refused because the server was busy.
    #[must_use]
    pub fn shed(&self) -> u64 {
        self.shed.load(Ordering::Relaxed)
    }

    fn has_time_for(&self, kind: Kind) -> Result<(), Limited> {
        if self.level().sheds(kind) {
            self.shed.fetch_add(1, Ordering::Relaxed);
            return Err(Limited { which: &BUSY, retry_after: BREATH });
        }
        Ok(())
    }

    fn on(&self) -> bool {
        self.enabled.load(Ordering::Relaxed)
    }

    fn is_exempt(&self, address: IpAddr) -> bool {
        self.exempt.iter().any(|range| range.contains(address))
    }

    fn take(
        &self,
        which: Which,
        who: &Caller,
        connection: &mut ConnectionBuckets,
        now: Instant,
    ) -> Result<Option<Left>, Limited> {
        match which.limit().whose {
            Whose::Connection => {
                let bucket = &mut connection.0[which as usize];
                let taken = self.rate(which).map(|rate| bucket.take(rate, self.nanos(now)));
                taken.transpose().map_err(|after| self.limited(which, after))
            }
            Whose::User => match who.user {
                Some(user) => self.keyed(&self.users, |which| (which, user), which, now),
                None => Ok(None),
            },
            Whose::Address if self.is_exempt(who.address) => Ok(None),
            Whose::Address => self.of_address(which, who.address, now),
            Whose::Server => self.keyed(&self.server, |which| which, which, now),
            // An account is not a caller: see `attempt`.
            Whose::Account => Ok(None),
        }
    }

    /// Takes from the bucket of an address, and from that of its site, which fills so many times as fast.
    fn of_address(&self, which: Which, address: IpAddr, now: Instant) -> Result<Option<Left>, Limited> {
        let Some(rate) = self.rate(which) else { return Ok(None) };
        let now = self.nanos(now);
        let net = Net::of(address);
        let mut addresses = self.addresses.lock().expect("nobody panics while taking from a bucket");
        let mut taken = addresses.take((which, net), rate, now);
        if let (Ok(left), Some(site)) = (taken, net.site()) {
            let of_site = addresses.take((which, site), Rate { each: rate.each / WIDE, ..rate }, now);
            taken = of_site.map(|of_site| if of_site.times < left.times { of_site } else { left });
        }
        taken.map(Some).map_err(|after| self.limited(which, after))
    }

    fn keyed<K: Copy + Eq + std::hash::Hash>(
        &self,
        table: &Mutex<Keyed<K>>,
        key: impl Fn(Which) -> K,
        which: Which,
        now: Instant,
    ) -> Result<Option<Left>, Limited> {
        let Some(rate) = self.rate(which) else { return Ok(None) };
        let mut table = table.lock().expect("nobody panics while taking from a bucket");
        table.take(key(which), rate, self.nanos(now)).map(Some).map_err(|after| self.limited(which, after))
    }

    fn limited(&self, which: Which, retry_after: Duration) -> Limited {
        self.refused[which as usize].fetch_add(1, Ordering::Relaxed);
        Limited { which: which.limit(), retry_after }
    }

    fn rate(&self, which: Which) -> Option<Rate> {
        let allowed = self.allowed.get(which as usize)?;
        let each = allowed.each.load(Ordering::Relaxed);
        (each > 0).then(|| Rate { each, whole: allowed.whole.load(Ordering::Relaxed) })
    }

    fn at_once(&self, which: Which, times: u32) -> Option<u32> {
        let most = self.allowed[which as usize].each.load(Ordering::Relaxed);
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        (most > 0).then(|| most.saturating_mul(times))
    }

    fn pair(&self, account: &str, address: IpAddr) -> u64 {
        self.secret.hash_one((account, Net::of(address)))
    }

    fn nanos(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.began).as_nanos()).unwrap_or(u64::MAX)
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits")
            .field("enabled", &self.on())
            .field("level", &self.level())
            .finish_non_exhaustive()
    }
}

impl Limited {
    /// Whether the server is busy, and not this caller too fast.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.which.which == Which::Busy
    }
}

impl fmt::Display for Limited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.which.told)?;
        // Rounded up: who waits so long is let through.
        let seconds = self.retry_after.as_millis().div_ceil(1000);
        match seconds {
            0 => f.write_str(": try again later"),
            1..=120 => write!(f, ": try again in {seconds} s"),
            _ => write!(f, ": try again in {} min", seconds.div_ceil(60)),
        }
    }
}

impl std::error::Error for Limited {}

#[cfg(test)]
mod tests;
