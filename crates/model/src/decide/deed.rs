//! Which rule decides which deed. Decides nothing itself.

use super::actor::Actor;
use super::{Past, hook, key, message, people, room};
use crate::{Deed, Doer, Event, Kind, Millis, Needs, Position, Refusal, State};

pub(super) fn decide(
    state: &State,
    past: &impl Past,
    (now, at): (Millis, Position),
    rules: u16,
    doer: Doer,
    deed: &Deed,
) -> Result<Vec<Event>, Refusal> {
    if let Doer::Newcomer { address, .. } = doer {
        return key::come(state, (now, at), address, deed);
    }
    let mut actor = Actor::new(state, now, doer)?;
    // Whoever uses a key may lay it down, whatever it is for.
    if !matches!(deed, Deed::RevokeKey { key } if Some(*key) == actor.key) {
        actor.scoped(deed.scope())?;
    }
    if actor.only.is_some() {
        return Err(Refusal::KeyScope);
    }
    actor.rules = rules;
    let actor = &actor;
    if deed.needs() == Needs::Operator && !actor.is_operator() {
        return Err(Refusal::NotAllowed);
    }
    match deed {
        Deed::Create { room, access } => room::create(actor, room, *access),
        Deed::Join { room, password } => room::join(actor, room, password.as_deref()),
        Deed::Leave { room, reason } => room::leave(actor, room, reason),
        Deed::Set { room, setting } => room::set(actor, deed, room, setting),
        Deed::Delete { room } => room::delete(actor, room),
        Deed::Invite { room, user } => room::invite(actor, room, user),
        Deed::Kick { room, user, reason } => room::kick(actor, room, user, reason),
        Deed::Ban { room, mask, reason, until } => {
            room::sanction(actor, room, Kind::Ban, mask, reason, *until)
        }
        Deed::Mute { room, mask, reason, until } => {
            room::sanction(actor, room, Kind::Mute, mask, reason, *until)
        }
        Deed::Exempt { room, sort, mask, on: true } => room::sanction(actor, room, *sort, mask, "", None),
        Deed::Exempt { room, sort, mask, on: false } => room::lift(actor, room, *sort, mask),
        Deed::Unban { room, mask } => room::lift(actor, room, Kind::Ban, mask),
        Deed::Unmute { room, mask } => room::lift(actor, room, Kind::Mute, mask),
        Deed::Role { room, user, role, voiced } => room::role(actor, room, user, *role, *voiced),
        Deed::Edit { room, seq, body, client_id } => message::edit(actor, past, room, *seq, body, *client_id),
        Deed::Redact { room, seq, reason } => message::redact(actor, past, room, *seq, reason),
        Deed::React { room, seq, emoji, on } => message::react(actor, past, room, *seq, emoji, *on),
        Deed::Pin { room, seq, on } => message::pin(actor, past, room, *seq, *on),
        Deed::Read { room, seq, at } => message::read(actor, room, *seq, *at),
        Deed::Purge { room, user, since, until } => message::purge(actor, room, user, *since, *until),
        Deed::Unpurge { room, purge } => message::unpurge(actor, room, *purge),
        Deed::AddHook { room, hook: new } => hook::add(actor, at, room, new),
        Deed::EndHook { room, hook: id, why } => hook::end(actor, room, *id, *why),
        Deed::Nick { name } => people::nick(actor, name),
        Deed::Register { phc } => people::register(actor, phc),
        Deed::Password { phc } => people::password(actor, phc),
        Deed::Away { text } => people::away(actor, text.as_deref()),
        Deed::Profile { text } => people::profile(actor, text),
        Deed::Ignore { user, on } => people::ignore(actor, user, *on),
        Deed::BanHere { mask, reason, until } => people::ban_here(actor, mask, reason, *until),
        Deed::UnbanHere { mask } => people::unban_here(actor, mask),
        Deed::ResetPassword { user, phc } => people::reset_password(actor, user, phc),
        Deed::Operator { user, on } => people::operator(actor, user, *on),
        Deed::CreateAccount { name, phc, ident } => people::create(actor, name, phc, ident.as_ref()),
        Deed::Come { .. } | Deed::LogIn { .. } => Err(Refusal::AlreadySo),
        Deed::GiveKey { key } => key::give(actor, at, key),
        Deed::MakeBot { name, key } => key::make_bot(actor, at, name, key),
        Deed::BotKey { bot, key } => key::bot_key(actor, at, bot, key),
        Deed::EndBot { bot } => key::end_bot(actor, bot),
        Deed::RevokeKey { key } => key::revoke(actor, *key),
        Deed::Disconnect { user, reason } => people::disconnect(actor, user, reason),
        Deed::Ident { ident } => people::ident(actor, ident),
        Deed::Metadata { room, key, value } => {
            people::metadata(actor, past, room.as_ref(), key, value.as_deref())
        }
    }
}
