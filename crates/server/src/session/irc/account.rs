//! Accounts for people who are not in: of those who register while they connect (IRCv3 account-registration), and those that
//! whoever runs the server makes. Knows nothing of who may.

use crate::batch::What;
use crate::passwords::Secret;
use crate::sequencer::Sequencer;
use crate::shard::Shard;
use chatroom_model::{Deed, Ident, Name, Refusal};

/// Why there is no account: a code of REGISTER, and a sentence.
pub(super) struct No {
    pub(super) code: &'static str,
    pub(super) why: String,
}

impl No {
    pub(super) fn new(code: &'static str, why: impl ToString) -> Self {
        Self { code, why: why.to_string() }
    }

    /// It could not be made just now.
    pub(super) fn now(why: impl ToString) -> Self {
        Self::new("TEMPORARILY_UNAVAILABLE", why)
    }

    fn refused(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::NameRegistered | Refusal::NameInUse | Refusal::NameHeld => {
                Self::new("USERNAME_EXISTS", "Somebody has that name")
            }
            Refusal::NameConfusing => Self::new("BAD_ACCOUNT_NAME", "That name looks like another one"),
            refusal => Self::new("UNKNOWN_ERROR", refusal),
        }
    }
}

/// Makes an account for a name that nobody has; the answer is the hash of its password. What is answered is stored.
pub(super) async fn make<S: Sequencer>(shard: &Shard<S>, name: &Name, word: &str) -> Result<String, No> {
    let secret = Secret::new(word.to_owned());
    let shared = &shard.shared;
    secret.check(name.as_str(), shared.settings.password_min).map_err(|why| No::new("WEAK_PASSWORD", why))?;
    let phc = shared.passwords.hash(secret).await.map_err(No::now)?.as_str().to_owned();
    // Like everybody who comes by IRC, it begins in no room.
    let ident = Some(Ident::of(name.as_str(), ""));
    let deed = Deed::CreateAccount { name: name.clone(), phc: phc.clone(), ident };
    let done = tokio::select! {
        done = shared.calls.act(&*shared.sequencer, deed) => done,
        () = shared.stop.cancelled() => return Err(No::now("the server is stopping")),
    };
    match done.map_err(No::now)? {
        What::Done { .. } | What::Again(_) | What::Said(_) => Ok(phc),
        What::Refused(refusal) => Err(No::refused(&refusal)),
        What::NotStored(why) | What::NotConfirmed(why) => Err(No::now(why)),
    }
}
