//! Whether somebody knows a name's password: bounded in tries, and no slower or faster for a name that nobody has.

use crate::limits::Limited;
use crate::passwords::{Busy, Phc, Secret, Verifier};
use crate::sequencer::Sequencer;
use crate::shard::Shared;
use chatroom_model::{Name, Refusal};
use std::net::IpAddr;

/// Why a password is not proven.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotProven {
    /// It is another one, or nobody has that name.
    #[error("{}", Refusal::BadPassword)]
    Wrong,
    /// Too much was tried.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Too much is being checked.
    #[error(transparent)]
    Busy(#[from] Busy),
}

/// Checks the password of a registered name, in the same time whether there is such a name or not; the answer is the hash
/// it was right for, or what the client is told.
pub(crate) async fn prove<S: Sequencer>(
    shared: &Shared<S>,
    address: IpAddr,
    name: &Name,
    password: Secret,
) -> Result<String, NotProven> {
    let phc = kept(shared, address, name).await?;
    let known = phc.as_deref().and_then(|phc| Phc::parse(phc).ok());
    let right = shared.passwords.verify(known, password).await;
    match (right?, phc) {
        (true, Some(phc)) => {
            shared.limits.succeeded(address, name.key());
            Ok(phc)
        }
        _ => Err(NotProven::Wrong),
    }
}

/// What SCRAM checks the proof of a name's password by, with the hash it is of; where there is none, what no proof is right
/// for, which looks the same.
pub(crate) async fn verifier<S: Sequencer>(
    shared: &Shared<S>,
    address: IpAddr,
    name: &Name,
) -> Result<(Verifier, Option<String>), NotProven> {
    let text = kept(shared, address, name).await?;
    let phc = text.as_deref().and_then(|text| Phc::parse(text).ok());
    let (verifier, known) = shared.passwords.verifier(phc.as_ref(), name.key());
    Ok((verifier, text.filter(|_| known)))
}

/// What is kept of a name's password, unless too much was tried; why not is what the client is told.
async fn kept<S: Sequencer>(
    shared: &Shared<S>,
    address: IpAddr,
    name: &Name,
) -> Result<Option<String>, NotProven> {
    shared.limits.attempt(address, name.key(), std::time::Instant::now())?;
    let asked = name.clone();
    let found = shared.reads.read(move |reader| reader.holder(&asked)).await.ok().flatten();
    Ok(found.and_then(|(_, phc)| phc))
}
