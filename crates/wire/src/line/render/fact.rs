//! What happens to rooms, people and messages, as lines of text: between stars, which nobody's text can stand before.

use super::push;
use crate::line::words;
use chatroom_model::{At, Ending, Fact, Hook, Kind, LOBBY_NAME, Mask, Sanction, Setting, Way};
use std::fmt::Display;

pub(super) fn fact(out: &mut String, fact: &Fact) {
    match fact {
        Fact::Edited { at, seq, name, body, .. } if body.is_redacted() => {
            stars(out, &[room(at), " ", &seq.to_string(), " by ", name.as_str(), words::WAS_EDITED]);
        }
        Fact::Edited { at, seq, name, body, .. } => {
            let label = at.label.as_deref().unwrap_or_default();
            let space = if label.is_empty() { "" } else { " " };
            let from = if at.two.is_some() { words::FROM } else { "" };
            let (name, number) = (name.as_str(), seq.to_string());
            push(
                out,
                &[label, space, "[", from, name, words::EDITED, &number, "]: ", &super::one_line(body), "\n"],
            );
        }
        Fact::Sanctioned { at, sort, sanction, lifted } if matches!(sanction.mask, Mask::Address { .. }) => {
            // Where people connect from is for those who keep order; they have /bans and /audit.
            stars(out, &[&sanctioned(room(at), *sort, &"an address", sanction, *lifted)]);
        }
        other => {
            let text = sentence(other);
            if !text.is_empty() {
                stars(out, &[&text]);
            }
        }
    }
}

/// What an event says, as a sentence without an end; nothing where it is nobody's news.
pub fn sentence(fact: &Fact) -> String {
    match fact {
        Fact::RoomCreated { at, access, .. } => format!("{} is there now, {}", room(at), access.word()),
        Fact::Joined { at, name, role, .. } => match role {
            chatroom_model::Role::Member => format!("{name} joined {}", room(at)),
            role => format!("{name} joined {} as {}", room(at), role.word()),
        },
        Fact::Left { at, name, way: Way::Left, .. } => format!("{name} left {}", room(at)),
        Fact::Left { at, name, way: Way::Parted { reason }, .. } => {
            format!("{name} left {}{}", room(at), why(reason))
        }
        Fact::Left { at, name, way: Way::Kicked { by, reason }, .. } => {
            format!("{name} was put out of {} by {}{}", room(at), by.name, why(reason))
        }
        Fact::RoleSet { at, name, role, by, was, voiced, .. } => {
            let beside = match (*was == Some(*role), voiced) {
                (true, true) => ", with a voice",
                (true, false) => ", without a voice",
                _ => "",
            };
            format!("{name} is {} of {} now{beside}, says {}", role.word(), room(at), by.name)
        }
        Fact::RoomSet { at, setting, by, .. } => format!("{}: {}, says {}", room(at), set(setting), by.name),
        Fact::RoomDeleted { at, by } => format!("{} is no more, says {}", room(at), by.name),
        Fact::Invited { at, name, by, .. } => format!("{name} is invited to {} by {}", room(at), by.name),
        Fact::Sanctioned { at, sort, sanction, lifted } => {
            sanctioned(room(at), *sort, &sanction.mask, sanction, *lifted)
        }
        Fact::Banned { sanction, lifted } => {
            sanctioned("this server", Kind::Ban, &sanction.mask, sanction, *lifted)
        }
        Fact::Edited { at, seq, name, .. } => format!("{name} edited {seq} in {}", room(at)),
        Fact::Redacted { at, seq, by, reason, .. } => {
            format!("{seq} in {} was deleted by {}{}", room(at), by.name, why(reason))
        }
        Fact::Reacted { at, seq, name, emoji, on: true, .. } => {
            format!("{name} reacted to {seq} in {} with {emoji}", room(at))
        }
        Fact::Reacted { at, seq, name, emoji, on: false, .. } => {
            format!("{name} took {emoji} back from {seq} in {}", room(at))
        }
        Fact::Pinned { at, seq, by, on } => {
            format!("{seq} in {} was {} by {}", room(at), if *on { "pinned" } else { "unpinned" }, by.name)
        }
        Fact::ReadUpTo { .. } => String::new(),
        Fact::Renamed { from, to, .. } => format!("{from} is now {to}"),
        Fact::Registered { .. } => "your name is yours now, by your password".into(),
        Fact::PasswordSet { .. } => "your password is another one now".into(),
        Fact::AwaySet { name, text: Some(text), .. } => format!("{name} is away{}", why(text)),
        Fact::AwaySet { name, text: None, .. } => format!("{name} is back"),
        Fact::ProfileSet { .. } => "your profile is set".into(),
        Fact::Ignored { on, .. } => {
            if *on {
                "ignored from now on".into()
            } else {
                "no longer ignored".into()
            }
        }
        Fact::OperatorSet { on, .. } => {
            if *on {
                "you run this server now".into()
            } else {
                "you no longer run this server".into()
            }
        }
        // Whatever else stands in its address may be a secret.
        Fact::HookAdded { at, id, hook, by } => {
            let origin = Hook::origin(&hook.url);
            format!("{} is sent to {origin} (webhook {id}), says {}", room(at), by.name)
        }
        Fact::HookEnded { at, id, origin, by, why } => {
            let why = match why {
                Ending::Removed => format!("says {}", by.name),
                Ending::Gone => "which says that it is gone".into(),
                Ending::Failed => "which took nothing for too long".into(),
                Ending::Keeper => "since whoever added it may no longer".into(),
            };
            format!("{} is no longer sent to {origin} (webhook {id}), {why}", room(at))
        }
        Fact::BotMade { .. }
        | Fact::KeyGiven { .. }
        | Fact::KeyRevoked { .. }
        | Fact::KeyUsed { .. }
        | Fact::TicketGiven { .. }
        | Fact::IdentSet { .. }
        | Fact::MetadataSet { .. }
        | Fact::AccountTold { .. }
        | Fact::InviteTold { .. }
        | Fact::PurgeDone { .. } => String::new(),
        Fact::Purged { at, purge, name, by, .. } => {
            format!("what {name} wrote in {} was hidden by {}, as {purge}", room(at), by.name)
        }
        Fact::PurgeUndone { at, purge, by } => {
            format!("what was hidden as {purge} in {} was brought back by {}", room(at), by.name)
        }
        Fact::Dropped { at, upto } => format!("{} keeps nothing before {}", room(at), upto.0 + 1),
    }
}

fn room(at: &At) -> &str {
    match &at.label {
        Some(label) => label,
        None if at.two.is_some() => words::BETWEEN_US,
        None => LOBBY_NAME,
    }
}

fn sort_word(sort: Kind, lifted: bool) -> &'static str {
    match (sort, lifted) {
        (Kind::Ban, false) => "keeps out",
        (Kind::Ban, true) => "no longer keeps out",
        (Kind::Mute, false) => "mutes",
        (Kind::Mute, true) => "no longer mutes",
        (Kind::Exempt, false) => "lets stay and speak",
        (Kind::Exempt, true) => "no longer lets stay and speak",
        (Kind::Welcome, false) => "lets in",
        (Kind::Welcome, true) => "no longer lets in",
    }
}

/// Who does what to whom. The mask is given apart: not everybody is shown all of it.
fn sanctioned(who: &str, sort: Kind, mask: &dyn Display, sanction: &Sanction, lifted: bool) -> String {
    let does = sort_word(sort, lifted);
    if lifted {
        // For how long and why it held is no longer news, and were somebody else's words.
        return format!("{who} {does}: {mask}, says {}", sanction.by);
    }
    let reason = if sanction.reason.is_empty() { String::new() } else { format!(" ({})", sanction.reason) };
    let until = if sanction.until.is_some() { " for a time" } else { "" };
    format!("{who} {does}: {mask}{until}, says {}{reason}", sanction.by)
}

fn why(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(" ({reason})") }
}

fn set(setting: &Setting) -> String {
    let on = |on: &bool| if *on { "on" } else { "off" };
    match setting {
        Setting::Topic(text) if text.is_empty() => "no topic".into(),
        Setting::Topic(text) => format!("topic: {text}"),
        Setting::Access(access) => access.word().into(),
        Setting::Password(Some(_)) => "a password".into(),
        Setting::Password(None) => "no password".into(),
        Setting::Slow(0) => "slow mode off".into(),
        Setting::Slow(seconds) => format!("slow mode of {seconds} s"),
        Setting::Limit(Some(most)) => format!("at most {most} members"),
        Setting::Limit(None) => "no limit of members".into(),
        Setting::Moderated(is) => format!("moderation {}", on(is)),
        Setting::Retention(keep) => match (keep.age, keep.number) {
            (None, None) => "messages stay".into(),
            (Some(age), None) => format!("messages stay {} h", age / 3_600_000),
            (None, Some(number)) => format!("the last {number} messages stay"),
            (Some(age), Some(number)) => {
                format!("the last {number} messages stay, at most {} h", age / 3_600_000)
            }
        },
        Setting::Archived(true) => "archived".into(),
        Setting::Archived(false) => "open again".into(),
        Setting::Outside(true) => "who is not here may speak here too".into(),
        Setting::Outside(false) => "only who is here may speak here".into(),
        Setting::OpenTopic(true) => "everybody here may set the topic".into(),
        Setting::OpenTopic(false) => "moderators set the topic".into(),
        Setting::RegisteredSpeak(true) => "only those who are registered may speak".into(),
        Setting::RegisteredSpeak(false) => "who is not registered may speak too".into(),
        Setting::RegisteredJoin(true) => "only those who are registered may come in".into(),
        Setting::RegisteredJoin(false) => "who is not registered may come in too".into(),
        Setting::NoCtcp(true) => "programs ask each other nothing here".into(),
        Setting::NoCtcp(false) => "programs may ask each other".into(),
        Setting::Name { name, reason } => format!("is called {name} from now on{}", why(reason)),
        Setting::Several(all) => all.iter().map(set).collect::<Vec<_>>().join("; "),
    }
}

fn stars(out: &mut String, parts: &[&str]) {
    push(out, &[words::STARS, " "]);
    push(out, parts);
    push(out, &[" ", words::STARS, "\n"]);
}
