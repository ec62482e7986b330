//! Makes and checks password hashes, a few at a time, away from everybody who talks. Knows no user and stores nothing.

mod cost;
mod phc;
pub(crate) mod scram;
mod secret;

pub use cost::{Cost, MEMORY_KIB_MAX, MEMORY_KIB_MIN, PASSES_MAX};
pub use phc::{BadPhc, Phc};
pub use scram::{ROUNDS_MAX, ROUNDS_MIN, Verifier};
pub use secret::{BadPassword, PASSWORD_MAX, PASSWORD_MIN, Secret};

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

/// Hashes computed at once, if there are so many processors: each takes 19 MiB and a processor for some 30 ms.
const AT_ONCE_MAX: usize = 2;
/// Hashes that may wait beside those that are computed, about a second's worth; past this the client is told to try again.
pub const WAITING_MAX: usize = 64;

/// Too many passwords wait already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many people are logging in: try again in a moment")]
pub struct Busy;

/// Hashes passwords and checks them.
#[derive(Debug)]
pub struct Passwords {
    argon: Argon2<'static>,
    cost: Cost,
    /// What a password is checked against when there is no such user.
    nobody: Phc,
    /// Of what a name that nobody has is asked for in another way, so long as the server runs.
    secret: [u8; 32],
    /// Those that are computed.
    at_once: Arc<Semaphore>,
    /// Those that are computed or wait.
    queue: Arc<Semaphore>,
    /// Hashes computed so far.
    computed: Arc<AtomicU64>,
    runtime: Handle,
}

impl Passwords {
    /// Hashes at this cost, on the blocking threads of the current runtime: not on a shard's, where history is read.
    #[must_use]
    pub fn new(cost: Cost) -> Self {
        let cost = cost.within_bounds();
        let at_once = std::thread::available_parallelism().map_or(1, |n| n.get().min(AT_ONCE_MAX));
        Self {
            argon: Argon2::from(cost.params()),
            cost,
            nobody: Phc::of_nobody(cost),
            secret: rand::random(),
            at_once: Arc::new(Semaphore::new(at_once)),
            queue: Arc::new(Semaphore::new(at_once + WAITING_MAX)),
            computed: Arc::default(),
            runtime: Handle::current(),
        }
    }

    /// A new hash of a password. Whether it is a good one is for [`Secret::check`] to say, before.
    pub async fn hash(&self, password: Secret) -> Result<Phc, Busy> {
        let salt: [u8; 16] = rand::random();
        let argon = self.argon.clone();
        let rounds = self.cost.scram;
        let hash = move || {
            let hash: PasswordHash = argon.hash_password_with_salt(password.bytes(), &salt).ok()?;
            let verifier = (rounds > 0).then(|| Verifier::make(password.text(), rounds));
            Some(Phc::from(&hash).with(verifier.as_ref()))
        };
        self.compute(hash).await?.ok_or(Busy)
    }

    /// What SCRAM checks a proof by: what is kept of a password, or something that no proof is right for.
    #[must_use]
    pub(crate) fn verifier(&self, phc: Option<&Phc>, name: &str) -> (Verifier, bool) {
        match phc.and_then(Phc::verifier) {
            Some(verifier) => (verifier, true),
            None => (Verifier::of_nobody(&self.secret, name, self.cost.scram.max(ROUNDS_MIN)), false),
        }
    }

    /// Whether it is the password of a hash. Without a hash, as for a user there is not, it is not, after as much work.
    pub async fn verify(&self, phc: Option<Phc>, password: Secret) -> Result<bool, Busy> {
        let known = phc.is_some();
        let hash = phc.as_ref().unwrap_or(&self.nobody).read();
        let argon = self.argon.clone();
        // The hash brings its own cost. Memory that cannot be had is no wrong password.
        let verify = move || match argon.verify_password(password.bytes(), &hash) {
            Err(argon2::password_hash::Error::OutOfMemory) => None,
            checked => Some(checked.is_ok()),
        };
        let right = self.compute(verify).await?.ok_or(Busy)?;
        Ok(right && known)
    }

    /// Whether a hash was made at another cost than new ones: to be made anew when its password is next seen.
    #[must_use]
    pub fn needs_rehash(&self, phc: &Phc) -> bool {
        phc.cost() != Some(Cost { scram: 0, ..self.cost })
            || phc.verifier().is_some() != (self.cost.scram > 0)
    }

    /// Hashes computed so far, of users there are and are not.
    #[must_use]
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    async fn compute<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let place = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| Busy)?;
        let turn = Arc::clone(&self.at_once).acquire_owned().await.map_err(|_| Busy)?;
        let computed = Arc::clone(&self.computed);
        let work = self.runtime.spawn_blocking(move || {
            // Kept until the work is done, even when whoever asked is gone: an abandoned hash takes its time too.
            let _held = (place, turn);
            computed.fetch_add(1, Ordering::Relaxed);
            work()
        });
        work.await.map_err(|_| Busy)
    }
}

#[cfg(test)]
mod tests;
