//! How somebody stands to a room now, mutes and the like included: what the store does not know, for it knows no clock.

use chatroom_model::{Act, Kind, Name, Refusal, Standing, UserId, Where, Whom};
use chatroom_store::{Fault, Look, Reader};
use std::net::IpAddr;

/// Looks at a room as somebody may; a refusal where they may not do what they are about to.
pub(crate) fn look(
    reader: &Reader,
    (user, address): (UserId, IpAddr),
    place: &Where,
    act: Act,
) -> Result<Result<Look, Refusal>, Fault> {
    let mut look = match reader.look(user, place, act)? {
        Ok(look) => look,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(of) = reader.profile_of(user)? else { return Ok(Err(Refusal::NoKey)) };
    let (name, account) = (Name::kept(&of.name), of.account.as_deref().map(Name::kept));
    let (account, ident) = (account.as_ref(), of.ident.as_deref());
    let whom = Whom { name: &name, user: Some(user), account, ident, address: Some(address) };
    let now = crate::now();
    // Who has a voice or more keeps it where everybody is to be silent.
    let keeps = look.standing > Standing::Member;
    let meets = |kind| {
        let mut all = look.room.sanctions.iter().filter(|(other, _)| *other == kind);
        all.any(|(_, one)| one.meets(now, &whom) && !(keeps && kind == Kind::Mute && one.mask.is_wide()))
    };
    look.object.muted = meets(Kind::Mute) && !meets(Kind::Exempt);
    look.object.silent = look.room.registered_speak && account.is_none();
    Ok(look.may(act).map(|()| look))
}
