//! Making, entering, keeping and ending rooms. Knows nothing of what is said in them.

use super::ONLINE_TOLD;
use super::actor::{Actor, Scene};
use crate::apply::fact::of;
use crate::place::{
    Access, LINE_MAX, MASKS_MAX, Mask, OWNED_MAX, ROOMS_MAX, Role, SLOW_MAX, Sanction, Setting, Where, Whom,
};
use crate::{
    Act, By, Deed, Event, Fact, Kind, LOBBY, Millis, Name, Needs, Object, Refusal, RoomId, RoomName,
    Standing, State, UserId, Way, can,
};

pub(super) fn create(actor: &Actor<'_>, name: &RoomName, access: Access) -> Result<Vec<Event>, Refusal> {
    let state = actor.state;
    if state.room_named(name).is_some() || state.room_lookalike(name).is_some() {
        return Err(Refusal::RoomNameTaken);
    }
    let at = crate::At { room: state.next_room, label: Some(name.as_str().into()), two: None, names: None };
    let mut events = vec![Event::Fact(Fact::RoomCreated { at: at.clone(), by: actor.by.user, access })];
    if let Some((user, who)) = actor.user {
        let owned = |room: &RoomId| {
            let members = &state.room(*room).expect("a member's room is there").members;
            members.get(&user).is_some_and(|member| member.role == Role::Owner)
        };
        // What visitors make ends with them.
        let lasts = actor.rules < 3 || !who.visitor;
        if lasts && state.rooms_of(user).filter(owned).count() >= OWNED_MAX {
            return Err(Refusal::TooMany("rooms of your own"));
        }
        if state.rooms_of(user).count() >= ROOMS_MAX {
            return Err(Refusal::TooMany("rooms"));
        }
        let (name, role) = (who.name.clone(), Role::Owner);
        events.push(Event::Fact(Fact::Joined { at, user, name, role, told: true }));
    }
    Ok(events)
}

pub(super) fn join(actor: &Actor<'_>, place: &Where, password: Option<&str>) -> Result<Vec<Event>, Refusal> {
    let (user, who) = actor.person()?;
    let scene = actor.find(place)?;
    if scene.room.members.contains_key(&user) {
        return Err(Refusal::AlreadyAMember);
    }
    let right = scene.room.password.as_deref().map(|hash| password == Some(hash));
    can(scene.standing, Act::Enter, &Object { password: right, ..scene.object })?;
    if actor.state.rooms_of(user).count() >= ROOMS_MAX {
        return Err(Refusal::TooMany("rooms"));
    }
    Ok(vec![Event::Fact(Fact::Joined {
        at: actor.state.at(scene.id),
        user,
        name: who.name.clone(),
        role: Role::Member,
        told: scene.room.online < ONLINE_TOLD,
    })])
}

pub(super) fn leave(actor: &Actor<'_>, place: &Where, reason: &str) -> Result<Vec<Event>, Refusal> {
    let (user, who) = actor.person()?;
    let scene = actor.enter(place, Act::Leave)?;
    if scene.room.direct.is_some() {
        return Err(Refusal::NotAllowed);
    }
    let way = if reason.is_empty() { Way::Left } else { Way::Parted { reason: said(reason)? } };
    Ok(out(actor.state, scene.id, vec![(user, who.name.clone())], &way))
}

/// Some go out: a room that is empty then ends, and one without an owner gets one.
fn out(state: &State, id: RoomId, going: Vec<(UserId, Name)>, way: &Way) -> Vec<Event> {
    let room = state.room(id).expect("somebody goes out of a room that is there");
    let told = room.online <= ONLINE_TOLD;
    let gone: Vec<UserId> = going.iter().map(|(user, _)| *user).collect();
    let left =
        |(user, name)| Event::Fact(Fact::Left { at: state.at(id), user, name, way: way.clone(), told });
    let mut events: Vec<_> = going.into_iter().map(left).collect();
    events.extend(after(state, id, &gone));
    events
}

/// Who does what follows from the rules alone.
pub(super) fn server() -> By {
    By { user: UserId(0), name: Name::kept("server") }
}

/// What a room needs once some are no longer in it.
pub(super) fn after(state: &State, id: RoomId, gone: &[UserId]) -> Option<Event> {
    let room = state.room(id)?;
    let by = server();
    let stays = |user: &UserId| !gone.contains(user);
    let mut others = room.members.iter().filter(|(user, _)| stays(user));
    if id == LOBBY || others.clone().any(|(_, member)| member.role == Role::Owner) {
        return None;
    }
    if others.next().is_none() {
        return Some(Event::Fact(Fact::RoomDeleted { at: state.at(id), by }));
    }
    // One that an operator made without being in it never had an owner.
    if !gone.iter().any(|user| room.members.get(user).is_some_and(|member| member.role == Role::Owner)) {
        return None;
    }
    let heirs = room.members.iter().filter(|(user, _)| stays(user));
    let (user, heir) = heirs.max_by_key(|(user, member)| {
        (member.role, std::cmp::Reverse(member.since), std::cmp::Reverse(**user))
    })?;
    let name = state.user(*user)?.name.clone();
    let (role, voiced) = (Role::Owner, heir.voiced);
    let at = state.at(id);
    Some(Event::Fact(Fact::RoleSet {
        at,
        user: *user,
        name,
        role,
        by,
        was: None,
        voiced,
        was_voiced: voiced,
    }))
}

pub(super) fn set(
    actor: &Actor<'_>,
    deed: &Deed,
    place: &Where,
    setting: &Setting,
) -> Result<Vec<Event>, Refusal> {
    let Needs::Act(act) = deed.needs() else { return Err(Refusal::NotAllowed) };
    let scene = actor.enter(place, act)?;
    if scene.room.direct.is_some() {
        return Err(Refusal::NotAllowed);
    }
    if !setting.is_proper() {
        return Err(Refusal::NotAllowed);
    }
    // Of several those that are so already are left out.
    let mut changed = Vec::new();
    for one in setting.each() {
        match is_news(actor, &scene, one) {
            Ok(()) => changed.push(one.clone()),
            Err(Refusal::AlreadySo) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    let setting = match changed.len() {
        0 => return Err(Refusal::AlreadySo),
        1 => changed.remove(0),
        _ => Setting::Several(changed),
    };
    let enters = setting.each().iter().any(|one| matches!(one, Setting::Access(_)));
    let was = (actor.rules >= 3 && enters).then_some(scene.room.access);
    let at = actor.state.at(scene.id);
    Ok(vec![Event::Fact(Fact::RoomSet { at, setting, by: actor.by.clone(), was })])
}

/// Whether a setting may be so, and is not so already.
fn is_news(actor: &Actor<'_>, scene: &Scene<'_>, setting: &Setting) -> Result<(), Refusal> {
    let room = scene.room;
    let same = match setting {
        Setting::Name { .. } if scene.id == LOBBY => return Err(Refusal::Lobby),
        Setting::Name { name, reason } => {
            said(reason)?;
            let other = |holder: Option<RoomId>| holder.is_some_and(|holder| holder != scene.id);
            if other(actor.state.room_named(name)) || other(actor.state.room_lookalike(name)) {
                return Err(Refusal::RoomNameTaken);
            }
            room.name.as_ref().is_some_and(|old| old.as_str() == name.as_str())
        }
        Setting::Topic(text) if text.len() > LINE_MAX => return Err(Refusal::TooMany("bytes in a topic")),
        Setting::Slow(seconds) if *seconds > SLOW_MAX => {
            return Err(Refusal::TooMany("seconds of slow mode"));
        }
        // To keep nothing is not to keep: nothing said would ever be read.
        Setting::Retention(keep) if keep.age.is_some_and(|age| age < 1) || keep.number == Some(0) => {
            return Err(Refusal::NotAllowed);
        }
        // Everybody starts there.
        Setting::Access(_) | Setting::Password(_) | Setting::Limit(_) | Setting::RegisteredJoin(_)
            if scene.id == LOBBY =>
        {
            return Err(Refusal::Lobby);
        }
        Setting::Topic(text) => room.topic == *text,
        Setting::Access(access) => room.access == *access,
        Setting::Password(hash) => room.password == *hash,
        Setting::Slow(seconds) => room.slow == *seconds,
        Setting::Limit(most) => room.limit == *most,
        Setting::Moderated(on) => room.moderated == *on,
        Setting::Retention(retention) => room.retention == *retention,
        Setting::Archived(on) => room.archived == *on,
        Setting::Outside(on) => room.outside == *on,
        Setting::OpenTopic(on) => room.open_topic == *on,
        Setting::RegisteredSpeak(on) => room.registered_speak == *on,
        Setting::RegisteredJoin(on) => room.registered_join == *on,
        Setting::NoCtcp(on) => room.no_ctcp == *on,
        Setting::Several(_) => return Err(Refusal::NotAllowed),
    };
    if same { Err(Refusal::AlreadySo) } else { Ok(()) }
}

pub(super) fn delete(actor: &Actor<'_>, place: &Where) -> Result<Vec<Event>, Refusal> {
    let scene = actor.enter(place, Act::Delete)?;
    if scene.id == LOBBY {
        return Err(Refusal::Lobby);
    }
    Ok(vec![Event::Fact(Fact::RoomDeleted { at: actor.state.at(scene.id), by: actor.by.clone() })])
}

pub(super) fn invite(actor: &Actor<'_>, place: &Where, name: &Name) -> Result<Vec<Event>, Refusal> {
    let scene = actor.find(place)?;
    // Before rules 3 only who keeps order asked anybody in.
    if actor.rules < 3 && matches!(scene.standing, Standing::Member | Standing::Voice) {
        return Err(Refusal::NotAllowed);
    }
    can(scene.standing, Act::Invite, &scene.object)?;
    let (user, who) = actor.other(name)?;
    // Who may keep others out lets in whom they ask.
    let keeps = actor.rules >= 3 && can(scene.standing, Act::Ban, &scene.object).is_ok();
    let lifted = if keeps { lifted(actor, &scene, Kind::Ban, &who.whom(user)) } else { Vec::new() };
    let again = scene.room.invited.contains(&user) && lifted.is_empty();
    if scene.room.members.contains_key(&user) || again {
        return Err(Refusal::AlreadySo);
    }
    let waiting = scene.room.invited.iter().filter(|id| actor.state.user(**id).is_some());
    if waiting.count() >= MASKS_MAX {
        return Err(Refusal::TooMany("invitations"));
    }
    let (at, name, by) = (actor.state.at(scene.id), who.name.clone(), actor.by.clone());
    let mut events = Vec::with_capacity(2);
    if actor.rules >= 3 {
        let (at, name, by) = (at.clone(), name.clone(), by.clone());
        events.push(Event::Fact(Fact::InviteTold { at, name, by }));
    }
    let word = matches!(scene.standing, Standing::Member | Standing::Voice);
    events.extend(lifted);
    events.push(Event::Fact(Fact::Invited { at, user, name, by, word }));
    Ok(events)
}

pub(super) fn kick(
    actor: &Actor<'_>,
    place: &Where,
    name: &Name,
    reason: &str,
) -> Result<Vec<Event>, Refusal> {
    let scene = actor.find(place)?;
    // Who may do it to nobody learns nothing of who is there.
    can(scene.standing, Act::Kick, &Object { below: true, ..scene.object })?;
    let (user, who) = actor.other(name)?;
    let member = scene.room.members.get(&user).ok_or(Refusal::TheyAreNotAMember)?;
    let below = scene.above_member(who, member.role);
    can(scene.standing, Act::Kick, &Object { below, ..scene.object })?;
    let way = Way::Kicked { by: actor.by.clone(), reason: said(reason)? };
    Ok(out(actor.state, scene.id, vec![(user, who.name.clone())], &way))
}

pub(super) fn sanction(
    actor: &Actor<'_>,
    place: &Where,
    sort: Kind,
    mask: &Mask,
    reason: &str,
    until: Option<Millis>,
) -> Result<Vec<Event>, Refusal> {
    let scene = actor.enter(place, if sort == Kind::Mute { Act::Mute } else { Act::Ban })?;
    // What is said carries no address.
    if sort == Kind::Mute && matches!(mask, Mask::Address { .. }) {
        return Err(Refusal::MuteOfAddress);
    }
    let met = if matches!(sort, Kind::Ban | Kind::Mute) { met(actor, &scene, mask)? } else { Vec::new() };
    if actor.rules >= 3
        && of(scene.room, sort).any(|old| {
            old.holds(actor.now) && old.mask == *mask && old.until == until && old.reason == reason
        })
    {
        return Err(Refusal::AlreadySo);
    }
    // What is over, or laid anew, takes no place.
    let others = of(scene.room, sort).filter(|old| old.holds(actor.now) && old.mask != *mask);
    if others.count() >= MASKS_MAX {
        return Err(Refusal::TooMany("bans and mutes"));
    }
    let by = actor.by.name.to_string();
    let holder = actor.holder(mask);
    let since = (actor.rules >= 3).then_some(actor.now);
    let sanction = Sanction { mask: mask.clone(), holder, by, reason: said(reason)?, until, since };
    let at = actor.state.at(scene.id);
    let mut events = vec![Event::Fact(Fact::Sanctioned { at, sort, sanction, lifted: false })];
    if sort == Kind::Ban && !met.is_empty() {
        let way = Way::Kicked { by: actor.by.clone(), reason: reason.to_owned() };
        events.extend(out(actor.state, scene.id, met, &way));
    }
    Ok(events)
}

/// Why something is done, in so many words as there may be.
pub(super) fn said(reason: &str) -> Result<String, Refusal> {
    if reason.len() > LINE_MAX { Err(Refusal::TooMany("bytes in a reason")) } else { Ok(reason.to_owned()) }
}

/// The members a mask meets by name or account. It must meet nobody who stands as high as the actor; a wide one leaves those
/// alone, the actor too, and whoever stays all the same.
fn met(actor: &Actor<'_>, scene: &Scene<'_>, mask: &Mask) -> Result<Vec<(UserId, Name)>, Refusal> {
    let mut met = Vec::new();
    for (id, member) in &scene.room.members {
        let user = actor.state.user(*id).expect("a member is a user");
        let whom = user.whom(*id);
        if mask.meets(&whom) {
            let wide = actor.rules >= 3 && mask.is_wide();
            let above = scene.above_member(user, member.role);
            let stays = || of(scene.room, Kind::Exempt).any(|one| one.meets(actor.now, &whom));
            if wide && (!above || *id == actor.by.user || stays()) {
                continue;
            }
            if !above {
                return Err(Refusal::NotAllowed);
            }
            met.push((*id, user.name.clone()));
        }
    }
    Ok(met)
}

pub(super) fn lift(actor: &Actor<'_>, place: &Where, sort: Kind, mask: &Mask) -> Result<Vec<Event>, Refusal> {
    let scene = actor.enter(place, if sort == Kind::Mute { Act::Mute } else { Act::Ban })?;
    let Some(old) = of(scene.room, sort).find(|old| old.mask == *mask && old.holds(actor.now)) else {
        return Err(Refusal::AlreadySo);
    };
    let sanction = Sanction { by: actor.by.name.to_string(), ..old.clone() };
    Ok(vec![Event::Fact(Fact::Sanctioned { at: actor.state.at(scene.id), sort, sanction, lifted: true })])
}

pub(super) fn role(
    actor: &Actor<'_>,
    place: &Where,
    name: &Name,
    role: Role,
    voiced: bool,
) -> Result<Vec<Event>, Refusal> {
    let scene = actor.find(place)?;
    can(scene.standing, Act::Role, &Object { below: true, ..scene.object })?;
    let (user, who) = actor.other(name)?;
    let member = scene.room.members.get(&user).ok_or(Refusal::TheyAreNotAMember)?;
    // An owner may make others owners, and whoever is something may give it up.
    let owner = scene.standing == Standing::Owner;
    let (now, next) = ((member.role, member.voiced), (role, voiced && role > Role::Voice));
    let down = actor.rules >= 3 && role <= member.role;
    let itself = user == actor.by.user && (owner || down);
    let below = (scene.above_member(who, member.role) || itself) && (scene.above(role) || owner || itself);
    can(scene.standing, Act::Role, &Object { below, ..scene.object })?;
    if next == now {
        return Err(Refusal::AlreadySo);
    }
    let last = member.role == Role::Owner && role < Role::Owner && scene.room.owners() == 1;
    // A visitor's room had no owner for good anyway.
    if last && !who.visitor && scene.standing != Standing::Operator {
        return Err(Refusal::LastOwner);
    }
    let (at, name, by) = (actor.state.at(scene.id), who.name.clone(), actor.by.clone());
    let was = (actor.rules >= 3).then_some(member.role);
    let (voiced, was_voiced) = (next.1, now.1);
    let mut events = vec![Event::Fact(Fact::RoleSet { at, user, name, role, by, was, voiced, was_voiced })];
    // Whoever is given a voice is not muted any more.
    if actor.rules >= 3 && role >= Role::Voice && next > now {
        events.extend(lifted(actor, &scene, Kind::Mute, &who.whom(user)));
    }
    Ok(events)
}

/// What was laid on somebody alone is lifted.
fn lifted(actor: &Actor<'_>, scene: &Scene<'_>, sort: Kind, whom: &Whom<'_>) -> Vec<Event> {
    let alone = of(scene.room, sort).filter(|old| old.meets(actor.now, whom) && !old.mask.is_wide());
    let lift = |old: &Sanction| {
        let sanction = Sanction { by: actor.by.name.to_string(), ..old.clone() };
        Event::Fact(Fact::Sanctioned { at: actor.state.at(scene.id), sort, sanction, lifted: true })
    };
    alone.map(lift).collect()
}
