//! MODE: what a room is, who is what in it, whom it keeps out; and the few modes a user has.

use super::rooms::{look, person, place};
use super::side::Outcome;
use super::{done, irc, no, numeric};
use crate::sequencer::Sequencer;
use crate::session::End;
use crate::session::commands::read;
use crate::session::talk::Talk;
use chatroom_model::{
    Access, Act, Deed, IDENT_MODES, Ident, Kind, Mask, Name, Refusal, Role, SEVERAL_MAX, SLOW_MAX, Setting,
    Standing, Where, room_password,
};
use chatroom_store::Look;
use chatroom_wire::irc::known::Known;
use chatroom_wire::irc::mask;
use chatroom_wire::irc::message::Message;
use chatroom_wire::irc::mode::{self, Asked as Letter, Change};
use chatroom_wire::irc::refusal::Asked;
use chatroom_wire::irc::reply::numeric::*;

/// MODE.
pub(super) async fn mode<S: Sequencer>(talk: &mut Talk<'_, S>, message: &Message<'_>) -> Result<(), End> {
    let target = message.param(0);
    if !target.starts_with('#') {
        return user(talk, target, message).await;
    }
    let asked = Asked::new("MODE", target);
    let Some(room) = place(talk, target, &asked) else { return Ok(()) };
    super::sync(talk).await?;
    let Some(seen) = look(talk, room.clone(), Act::See, &asked).await else { return Ok(()) };
    let params = message.params.get(1..).unwrap_or_default();
    if params.is_empty() {
        show(talk, target, &seen);
        return Ok(());
    }
    // What the room is changes at once, in one line; who is what in it, one by one.
    let mut settings = Settings { access: seen.room.access, all: Vec::new() };
    for letter in mode::room(params) {
        if let Letter::Change(change) = &letter
            && settings.take(talk, target, change)
        {
            continue;
        }
        settings.send(talk, target, &room).await?;
        match letter {
            Letter::List(letter) => list(talk, target, &room, letter).await,
            Letter::Unknown(letter) => {
                numeric(talk, ERR_UNKNOWNMODE, &[&letter.to_string(), "is an unknown mode char to me"]);
            }
            Letter::Missing(letter) => {
                let words = [target, &letter.to_string(), "*", "You must specify a parameter"];
                numeric(talk, ERR_INVALIDMODEPARAM, &words);
            }
            Letter::Change(change) => change_one(talk, target, &room, &change).await?,
        }
    }
    settings.send(talk, target, &room).await
}

fn show<S: Sequencer>(talk: &Talk<'_, S>, target: &str, look: &Look) {
    let room = &look.room;
    let mut letters = String::from("+");
    for (letter, on) in [
        ('C', room.no_ctcp),
        ('M', room.registered_speak),
        ('R', room.registered_join),
        ('i', !room.access.open()),
        ('m', room.moderated),
        ('n', !room.outside),
        ('s', !room.access.shown()),
        ('t', !room.open_topic),
    ] {
        if on {
            letters.push(letter);
        }
    }
    let mut params: Vec<String> = Vec::new();
    if room.password.is_some() {
        letters.push('k');
        // The word itself is kept nowhere.
        params.push("*".into());
    }
    if let Some(most) = room.limit {
        letters.push('l');
        params.push(most.to_string());
    }
    if room.slow > 0 {
        letters.push('S');
        params.push(room.slow.to_string());
    }
    let all: Vec<&str> = [target, &letters].into_iter().chain(params.iter().map(String::as_str)).collect();
    numeric(talk, RPL_CHANNELMODEIS, &all);
    let made = (room.made.0 / 1000).to_string();
    numeric(talk, RPL_CREATIONTIME, &[target, &made]);
}

async fn list<S: Sequencer>(talk: &mut Talk<'_, S>, target: &str, room: &Where, letter: char) {
    let asked = Asked::new("MODE", target);
    let Some(seen) = look(talk, room.clone(), Act::Members, &asked).await else { return };
    let now = crate::now();
    let (sort, row, end, word) = match letter {
        'b' => (Kind::Ban, RPL_BANLIST, RPL_ENDOFBANLIST, "ban"),
        'e' => (Kind::Exempt, RPL_EXCEPTLIST, RPL_ENDOFEXCEPTLIST, "exception"),
        'I' => (Kind::Welcome, RPL_INVEXLIST, RPL_ENDOFINVEXLIST, "invite exception"),
        _ => (Kind::Mute, RPL_QUIETLIST, RPL_ENDOFQUIETLIST, "quiet"),
    };
    // A list of its own numeric says which of them it is.
    let head: &[&str] = if letter == 'q' { &[target, "q"] } else { &[target] };
    // Where people connect from is for those who keep order.
    let keeps = seen.standing >= Standing::Moderator;
    let among = |other: Kind| other == sort || (letter == 'b' && other == Kind::Mute);
    for (other, of) in seen.room.sanctions.iter().filter(|(other, of)| among(*other) && of.holds(now)) {
        if matches!(of.mask, Mask::Address { .. }) && !keeps {
            continue;
        }
        let since = (of.since.unwrap_or_default().0 / 1000).to_string();
        let mute = if letter == 'b' && *other == Kind::Mute { mask::MUTE } else { "" };
        let shown = format!("{mute}{}", mask::show(&of.mask));
        numeric(talk, row, &[head, &[&shown, &of.by, &since]].concat());
    }
    let text = format!("End of channel {word} list");
    numeric(talk, end, &[head, &[&text]].concat());
}

/// Changes of what a room is, taken together.
struct Settings {
    /// Who gets in after those that were taken: `i` and `s` are its two sides.
    access: Access,
    all: Vec<Setting>,
}

impl Settings {
    /// Takes a change, if it is one of these; what is wrong with it has been said.
    fn take<S: Sequencer>(&mut self, talk: &Talk<'_, S>, target: &str, change: &Change<'_>) -> bool {
        let Change { on, letter, param } = *change;
        let param = param.unwrap_or_default();
        let setting = match letter {
            'i' | 's' => {
                let now = self.access;
                self.access = match letter {
                    'i' => Access::of(now.shown(), !on),
                    _ => Access::of(!on, now.open()),
                };
                Setting::Access(self.access)
            }
            'm' => Setting::Moderated(on),
            'n' => Setting::Outside(!on),
            't' => Setting::OpenTopic(!on),
            'C' => Setting::NoCtcp(on),
            'M' => Setting::RegisteredSpeak(on),
            'R' => Setting::RegisteredJoin(on),
            'k' if on => {
                if param.is_empty() || param.contains([' ', ',', ':']) || param.len() > 32 {
                    numeric(talk, ERR_INVALIDMODEPARAM, &[target, "k", "*", "Invalid key"]);
                    return true;
                }
                Setting::Password(Some(room_password(param)))
            }
            'k' => Setting::Password(None),
            'l' if on => match param.parse::<u32>() {
                Ok(most) if most > 0 => Setting::Limit(Some(most)),
                _ => {
                    numeric(talk, ERR_INVALIDMODEPARAM, &[target, "l", param, "Invalid limit"]);
                    return true;
                }
            },
            'l' => Setting::Limit(None),
            'S' if on => match param.parse::<u32>() {
                Ok(seconds) if seconds <= SLOW_MAX => Setting::Slow(seconds),
                _ => {
                    numeric(talk, ERR_INVALIDMODEPARAM, &[target, "S", param, "Invalid number of seconds"]);
                    return true;
                }
            },
            'S' => Setting::Slow(0),
            _ => return false,
        };
        // Of the same the last counts.
        self.all.retain(|other| std::mem::discriminant(other) != std::mem::discriminant(&setting));
        if self.all.len() < SEVERAL_MAX {
            self.all.push(setting);
        }
        true
    }

    /// Changes what was taken.
    async fn send<S: Sequencer>(
        &mut self,
        talk: &mut Talk<'_, S>,
        target: &str,
        room: &Where,
    ) -> Result<(), End> {
        let mut all = std::mem::take(&mut self.all);
        let setting = match all.len() {
            0 => return Ok(()),
            1 => all.remove(0),
            _ => Setting::Several(all),
        };
        done(talk, &Asked::new("MODE", target), Deed::Set { room: room.clone(), setting }).await?;
        Ok(())
    }
}

async fn change_one<S: Sequencer>(
    talk: &mut Talk<'_, S>,
    target: &str,
    room: &Where,
    change: &Change<'_>,
) -> Result<(), End> {
    let Change { on, letter, param } = *change;
    let mut asked = Asked::new("MODE", target);
    let param = param.unwrap_or_default();
    let deed = match letter {
        'o' | 'v' | 'O' => {
            asked.other = param.into();
            let Some(name) = person(talk, param) else { return Ok(()) };
            match role(talk, room, &name, letter, on).await {
                Some((role, voiced)) => Deed::Role { room: room.clone(), user: name, role, voiced },
                None => return Ok(()),
            }
        }
        'b' | 'q' | 'e' | 'I' => {
            let (mute, met) =
                param.strip_prefix(mask::MUTE).map_or((letter == 'q', param), |met| (true, met));
            let Ok(mask) = mask::parse(met) else {
                let words =
                    [target, &letter.to_string(), param, "Invalid mask: nick!*@*, *!*@u17 or *!*@10.0.0.0/8"];
                numeric(talk, ERR_INVALIDMODEPARAM, &words);
                return Ok(());
            };
            let (room, reason, until) = (room.clone(), String::new(), None);
            match (letter, on) {
                ('b', true) if !mute => Deed::Ban { room, mask, reason, until },
                ('b', false) if !mute => Deed::Unban { room, mask },
                ('e', on) => Deed::Exempt { room, sort: Kind::Exempt, mask, on },
                ('I', on) => Deed::Exempt { room, sort: Kind::Welcome, mask, on },
                (_, true) => Deed::Mute { room, mask, reason, until },
                (_, false) => Deed::Unmute { room, mask },
            }
        }
        _ => return Ok(()),
    };
    done(talk, &asked, deed).await?;
    Ok(())
}

/// What somebody is to be, and whether with a voice beside it; nothing where they are that or more already.
async fn role<S: Sequencer>(
    talk: &Talk<'_, S>,
    room: &Where,
    name: &Name,
    letter: char,
    on: bool,
) -> Option<(Role, bool)> {
    let (user, place, name) = (talk.session.user.get(), room.clone(), name.clone());
    let (now, voiced) = read(talk, move |reader| {
        let Ok(look) = reader.look(user, &place, Act::Members)? else { return Ok(None) };
        reader.role_of(look.id, &name)
    })
    .await
    .flatten()
    .unwrap_or_default();
    // Who had a voice keeps it beside what is more.
    let voice = voiced || now == Role::Voice;
    match (letter, on) {
        ('O', true) => Some((Role::Owner, voice)),
        ('O', false) => Some((Role::Moderator, voice)),
        ('o', true) if now == Role::Owner => None,
        ('o', true) => Some((Role::Moderator, voice)),
        ('o', false) if now < Role::Moderator => None,
        ('o', false) if voice => Some((Role::Voice, false)),
        ('v', on) if voice == on => None,
        ('v', on) if now >= Role::Moderator => Some((now, on)),
        ('v', true) => Some((Role::Voice, false)),
        _ => Some((Role::Member, false)),
    }
}

/// How this client's user is known to programs.
pub(super) fn own_ident<S: Sequencer>(talk: &Talk<'_, S>) -> Ident {
    let people = talk.shard.people.borrow();
    let known = people.person(talk.session.user.get()).map(|person| person.ident.clone());
    known.unwrap_or_else(|| Ident::of("", ""))
}

/// A user's own modes.
async fn user<S: Sequencer>(talk: &mut Talk<'_, S>, target: &str, message: &Message<'_>) -> Result<(), End> {
    let own = target.eq_ignore_ascii_case(irc(talk).nick.borrow().as_str());
    if !own {
        super::sync(talk).await?;
        let there = super::people::profile(talk, target).await.is_some();
        if there {
            numeric(talk, ERR_USERSDONTMATCH, &["Can't change mode for other users"]);
        } else {
            numeric(talk, ERR_NOSUCHNICK, &[target, "No such nick"]);
        }
        return Ok(());
    }
    if message.params.len() < 2 {
        let operator = super::people::profile(talk, target).await.is_some_and(|found| found.operator);
        let ident = own_ident(talk);
        let mut letters: Vec<char> = ident.modes.chars().collect();
        letters.extend(operator.then_some('o'));
        letters.extend(irc(talk).wallops.get().then_some('w'));
        letters.sort_unstable();
        numeric(talk, RPL_UMODEIS, &[&format!("+{}", letters.iter().collect::<String>())]);
        return Ok(());
    }
    let mut changed = String::new();
    let mut unknown = false;
    let was = own_ident(talk);
    let mut ident = was.clone();
    for (on, letter) in mode::user(message.param(1)) {
        let before = match letter {
            'w' => irc(talk).wallops.replace(on),
            letter if IDENT_MODES.contains(&letter) => {
                let before = ident.is(letter);
                ident = ident.with(letter, on);
                before
            }
            // Nobody makes themselves an operator; giving it up is theirs.
            'o' if !on => {
                super::operator::give_up(talk).await?;
                continue;
            }
            'o' => continue,
            _ => {
                unknown = true;
                continue;
            }
        };
        if before != on {
            let sign = if on { '+' } else { '-' };
            if changed.rfind(['+', '-']).is_none_or(|at| !changed[at..].starts_with(sign)) {
                changed.push(sign);
            }
            changed.push(letter);
        }
    }
    if unknown {
        numeric(talk, ERR_UMODEUNKNOWNFLAG, &["Unknown MODE flag"]);
    }
    if ident != was {
        match super::act(talk, Deed::Ident { ident }).await? {
            Outcome::Done { .. } | Outcome::Refused(Refusal::AlreadySo) => {}
            Outcome::Refused(refusal) => {
                no(talk, &Asked::new("MODE", target), &refusal);
                return Ok(());
            }
            Outcome::Failed(why) => {
                numeric(talk, ERR_UNKNOWNERROR, &["MODE", &why]);
                return Ok(());
            }
        }
    }
    if !changed.is_empty() {
        let nick = irc(talk).nick.borrow().to_string();
        super::own(talk, "MODE", &[&nick, &changed]);
    }
    Ok(())
}
