//! Whether somebody knows a name's password: bounded in tries, and no slower or faster for a name that nobody has.

use crate::passwords::{Phc, Secret, Verifier};
use crate::sequencer::Sequencer;
use crate::shard::Shard;
use chatroom_model::{Name, Refusal};
use std::net::IpAddr;
use std::sync::Arc;

/// Checks the password of a registered name, in the same time whether there is such a name or not; the answer is the hash
/// it was right for, or what the client is told.
pub(super) async fn prove<S: Sequencer>(
    shard: &Shard<S>,
    address: IpAddr,
    name: &Name,
    password: Secret,
) -> Result<String, String> {
    let phc = kept(shard, address, name).await?;
    let known = phc.as_deref().and_then(|phc| Phc::parse(phc).ok());
    let right = shard.shared.passwords.verify(known, password).await;
    match (right.map_err(|busy| busy.to_string())?, phc) {
        (true, Some(phc)) => {
            shard.shared.limits.succeeded(address, name.key());
            Ok(phc)
        }
        _ => Err(Refusal::BadPassword.to_string()),
    }
}

/// What SCRAM checks the proof of a name's password by, with the hash it is of; where there is none, what no proof is right
/// for, which looks the same.
pub(super) async fn verifier<S: Sequencer>(
    shard: &Shard<S>,
    address: IpAddr,
    name: &Name,
) -> Result<(Verifier, Option<String>), String> {
    let text = kept(shard, address, name).await?;
    let phc = text.as_deref().and_then(|text| Phc::parse(text).ok());
    let (verifier, known) = shard.shared.passwords.verifier(phc.as_ref(), name.key());
    Ok((verifier, text.filter(|_| known)))
}

/// What is kept of a name's password, unless too much was tried; why not is what the client is told.
async fn kept<S: Sequencer>(
    shard: &Shard<S>,
    address: IpAddr,
    name: &Name,
) -> Result<Option<String>, String> {
    let limited = shard.shared.limits.attempt(address, name.key(), std::time::Instant::now());
    limited.map_err(|limited| limited.to_string())?;
    let (readers, asked) = (Arc::clone(&shard.shared.readers), name.clone());
    let read = move || readers.read(|reader| reader.holder(&asked));
    let found = tokio::task::spawn_blocking(read).await.ok().and_then(Result::ok).flatten();
    Ok(found.and_then(|(_, phc)| phc))
}
