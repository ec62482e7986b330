//! Makes so what happened to rooms, people and messages. Decides nothing.

use crate::event::{Fact, Kind};
use crate::place::{Member, Sanction, Setting};
use crate::{Account, Hook, Ident, Key, Millis, NewHook, NewKey, Purge, Record, Room, RoomName, State};

impl State {
    pub(super) fn apply_fact(&mut self, record: &Record, fact: &Fact) {
        match fact {
            Fact::RoomCreated { at, access, .. } => {
                self.next_room.0 = at.room.0 + 1;
                let name = at.label.as_deref().map(RoomName::kept);
                self.put_room(
                    at.room,
                    Room {
                        name,
                        label: at.label.clone(),
                        access: *access,
                        made: record.time,
                        ..Room::default()
                    },
                );
            }
            Fact::Joined { at, user, role, .. } => {
                self.room_mut(at.room).invited.remove(user);
                let read = self.room_mut(at.room).last;
                // Slow mode is not shaken off by going out and in again.
                let spoke = if self.room_mut(at.room).slow > 0 { record.time } else { Millis(0) };
                let member = Member { role: *role, voiced: false, since: record.position, read, spoke };
                self.put_member(at.room, *user, member);
            }
            Fact::Left { at, user, .. } => self.take_member(at.room, *user),
            Fact::RoleSet { at, user, role, voiced, .. } => {
                if let Some(member) = self.room_mut(at.room).members.get_mut(user) {
                    (member.role, member.voiced) = (*role, *voiced);
                }
            }
            Fact::RoomSet { at, setting, by, .. } => {
                if let Setting::Name { name, .. } = setting {
                    self.rename_room(at.room, name.clone());
                }
                let room = self.room_mut(at.room);
                set(room, setting);
                if let Setting::Topic(text) = setting {
                    room.topic_by = (!text.is_empty()).then(|| (by.name.to_string(), record.time));
                }
            }
            Fact::RoomDeleted { at, .. } => self.take_room(at.room),
            Fact::Invited { word: true, .. } => {}
            Fact::Invited { at, user, .. } => {
                // Who was forgotten meanwhile takes no place.
                let mut invited = std::mem::take(&mut self.room_mut(at.room).invited);
                invited.retain(|id| self.user(*id).is_some());
                invited.insert(*user);
                self.room_mut(at.room).invited = invited;
            }
            Fact::Sanctioned { at, sort, sanction, lifted } => {
                let now = record.time;
                let sanctions = &mut self.room_mut(at.room).sanctions;
                sanctions
                    .retain(|(other, old)| old.holds(now) && (other != sort || old.mask != sanction.mask));
                if !lifted {
                    sanctions.push((*sort, sanction.clone()));
                }
            }
            Fact::Banned { sanction, lifted } => {
                let now = record.time;
                let bans: &mut Vec<Sanction> = self.bans_mut();
                bans.retain(|old| old.holds(now) && old.mask != sanction.mask);
                if !lifted {
                    bans.push(sanction.clone());
                }
            }
            // What became of a message stands beside it in the store; the state does not grow with what is said.
            Fact::Edited { author, .. } => _ = self.active(*author, record.time),
            Fact::Redacted { at, seq, .. } => self.room_mut(at.room).pins.retain(|pin| pin != seq),
            Fact::Reacted { user, .. } => _ = self.active(*user, record.time),
            Fact::Pinned { at, seq, on, .. } => {
                let pins = &mut self.room_mut(at.room).pins;
                pins.retain(|pin| pin != seq);
                if *on {
                    pins.push(*seq);
                }
            }
            // Who has said nothing to somebody yet is a member of nothing with them.
            Fact::ReadUpTo { room: None, .. } => {}
            Fact::ReadUpTo { room: Some(room), user, seq, .. } => {
                if let Some(member) = self.room_mut(*room).members.get_mut(user) {
                    member.read = *seq;
                }
            }
            Fact::Renamed { user, to, keeps, .. } => self.change_user(*user, |user| {
                user.name = to.clone();
                if let Some(account) = user.account.as_mut().filter(|_| !keeps) {
                    account.name = to.clone();
                }
            }),
            Fact::Registered { user, phc } => self.change_user(*user, |user| {
                user.visitor = false;
                user.account =
                    Some(Account { phc: phc.clone(), name: user.name.clone(), owner: None }.into());
                // A guest's one token was the guest's; from now on it is its session's.
                let session = user.sessions.first().copied().unwrap_or_default();
                for ticket in &mut user.tickets {
                    (ticket.session, ticket.seen) = (session, user.seen);
                }
            }),
            Fact::PasswordSet { user, phc } => self.change_user(*user, |user| {
                if let Some(account) = &mut user.account {
                    account.phc.clone_from(phc);
                }
                // A token of a session that has ended was got by the old password.
                let open = user.sessions.clone();
                user.tickets.retain(|ticket| open.contains(&ticket.session));
            }),
            Fact::AwaySet { user, text, .. } => self.touch_user(*user).away = text.clone(),
            Fact::ProfileSet { user, text } => self.touch_user(*user).profile = text.clone(),
            Fact::Ignored { user, other, on } => {
                // Who was forgotten meanwhile has no name by which they could be taken out.
                let mut ignores = std::mem::take(&mut self.touch_user(*user).ignores);
                ignores.retain(|id| id != other && self.user(*id).is_some());
                if *on {
                    ignores.insert(*other);
                }
                self.touch_user(*user).ignores = ignores;
            }
            Fact::OperatorSet { user, on } => self.touch_user(*user).operator = *on,
            // Only for others to see.
            Fact::AccountTold { .. } | Fact::InviteTold { .. } => {}
            // What is noted for programs is asked of the past.
            Fact::MetadataSet { .. } => {}
            Fact::IdentSet { user, ident, .. } => self.touch_user(*user).ident = Some(ident.clone().into()),
            Fact::TicketGiven { user, session, token } => {
                self.touch_user(*user).give(*token, *session, record.position);
            }
            Fact::KeyGiven { user, id, key } => {
                let NewKey { hash, label, scopes, until, room } = key.clone();
                self.put_key(
                    *user,
                    *id,
                    Key { hash, label, scopes, made: record.time, until, room, sessions: Vec::new() },
                );
            }
            Fact::BotMade { user, name, owner } => self.change_user(*user, |user| {
                user.account =
                    Some(Account { phc: String::new(), name: name.clone(), owner: Some(*owner) }.into());
                user.ident = Some(Ident::of(name.as_str(), "").with('B', true).into());
            }),
            Fact::KeyRevoked { user, id } => self.take_key(*user, *id),
            Fact::KeyUsed { user, id, session } => self.put_keyed(*user, *id, *session),
            Fact::HookAdded { at, id, hook, by } => {
                let NewHook { url, label, secret } = NewHook::clone(hook);
                let (by, made) = (by.clone(), record.time);
                self.put_hook(at.room, *id, Hook { url, label, secret, by, made, ended: None });
            }
            Fact::HookEnded { at, id, why, .. } => self.end_hook(at.room, *id, record.time, *why),
            Fact::Purged { at, purge, user, since, upto, until, .. } => {
                let purge = Purge { id: *purge, user: *user, since: *since, upto: *upto, until: *until };
                self.put_purge(at.room, purge);
            }
            Fact::PurgeUndone { at, purge, .. } | Fact::PurgeDone { at, purge, .. } => {
                self.take_purge(at.room, *purge);
            }
            Fact::Dropped { at, upto } => {
                let room = self.room_mut(at.room);
                room.dropped = *upto;
                room.pins.retain(|pin| pin > upto);
            }
        }
    }
}

fn set(room: &mut Room, setting: &Setting) {
    match setting {
        Setting::Topic(text) => room.topic = text.clone(),
        Setting::Access(access) => room.access = *access,
        Setting::Password(hash) => room.password = hash.clone(),
        Setting::Slow(seconds) => room.slow = *seconds,
        Setting::Limit(most) => room.limit = *most,
        Setting::Moderated(on) => room.moderated = *on,
        Setting::Retention(retention) => room.retention = *retention,
        Setting::Archived(on) => room.archived = *on,
        Setting::Outside(on) => room.outside = *on,
        Setting::OpenTopic(on) => room.open_topic = *on,
        Setting::RegisteredSpeak(on) => room.registered_speak = *on,
        Setting::RegisteredJoin(on) => room.registered_join = *on,
        Setting::NoCtcp(on) => room.no_ctcp = *on,
        // The state has it by its name.
        Setting::Name { .. } => {}
        Setting::Several(all) => all.iter().for_each(|one| set(room, one)),
    }
}

/// The sanctions of one sort.
pub(crate) fn of(room: &Room, sort: Kind) -> impl Iterator<Item = &Sanction> {
    room.sanctions.iter().filter(move |(other, _)| *other == sort).map(|(_, sanction)| sanction)
}
