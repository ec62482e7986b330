//! Entries as they travel and are kept where the log is not the store: one JSON object each.

use super::Unreadable;
use super::event::{Reason, hex, newer, unhex};
use super::version::{LATEST, is_latest};
use crate::{Access, Alias, Say};
use crate::{
    Body, ClientId, CloseReason, Deed, Doer, Entry, How, Ident, Import, KeyId, LOBBY, Mask, Millis, Name,
    NodeId, Position, Proof, Request, Seq, SessionId, Tags, TokenHash, UserId, Where,
};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    v: u16,
    position: Position,
    time: Millis,
    rules: u16,
    salt: String,
    request: Asked,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Asked {
    StartNode {
        node: NodeId,
    },
    OpenGuest {
        session: SessionId,
        name: String,
        token: String,
    },
    OpenToken {
        session: SessionId,
        name: String,
        token: String,
    },
    Close {
        session: SessionId,
        reason: Reason,
        seen: Position,
        #[serde(default, skip_serializing_if = "CompactString::is_empty")]
        why: CompactString,
    },
    Say {
        session: SessionId,
        body: String,
        client_id: Option<ClientId>,
        seen: Position,
    },
    Tell {
        session: SessionId,
        to: String,
        body: String,
        client_id: Option<ClientId>,
        seen: Position,
    },
    SayIn {
        session: SessionId,
        room: Where,
        how: How,
        reply: Option<Seq>,
        body: String,
        client_id: Option<ClientId>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        tags: String,
        seen: Position,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        called: Option<String>,
        /// Who says it, where it is no session.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        doer: Option<Doer>,
    },
    OpenFrom {
        session: SessionId,
        name: String,
        proof: Shown,
        address: Option<IpAddr>,
    },
    Do {
        doer: Doer,
        deed: Deed,
    },
    Sweep,
    MarkSeen {
        node: NodeId,
        upto: Position,
        except: Vec<SessionId>,
    },
    Import {
        author: String,
        at: Millis,
        body: String,
        id: ClientId,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Shown {
    Guest(TokenHash),
    Visitor(Ident),
    Token(TokenHash),
    Key(UserId, KeyId),
    Password {
        phc: String,
        token: TokenHash,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        called: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        over: Option<SessionId>,
    },
}

/// Whether form 1 says all of it.
fn plain(request: &Request) -> bool {
    match request {
        Request::Open { address, proof, .. } => {
            address.is_none() && matches!(proof, Proof::NewGuest(_) | Proof::Token(_))
        }
        Request::Say(said) if says_more(said) => false,
        Request::Say(Say { room, how, reply, .. }) => {
            *how == How::Said && reply.is_none() && matches!(room, Where::Id(LOBBY) | Where::With(_))
        }
        Request::Close { reason, why, .. } => {
            why.is_empty()
                && !matches!(
                    reason,
                    CloseReason::Banned | CloseReason::Password | CloseReason::Killed | CloseReason::Revoked
                )
        }
        Request::Do { .. } | Request::Sweep => false,
        Request::StartNode { .. } | Request::MarkSeen { .. } | Request::Import(_) => true,
    }
}

/// Whether something is said that could not be said before form 3.
fn says_more(said: &Say) -> bool {
    !matches!(said.doer, Doer::Session { .. })
        || !said.tags.is_empty()
        || said.body.as_str().contains('\n')
        || said.called.is_some()
}

/// The form a request needs: 1 says all that the first builds had, so that they read what they would have written.
fn version(request: &Request) -> u16 {
    let latest = match request {
        Request::Open { proof, .. } => {
            matches!(
                proof,
                Proof::Visitor(_)
                    | Proof::Key(..)
                    | Proof::Password { called: Some(_), .. }
                    | Proof::Password { over: Some(_), .. }
            )
        }
        Request::Say(said) => says_more(said),
        Request::Close { reason, why, .. } => {
            matches!(reason, CloseReason::Killed | CloseReason::Revoked) || !why.is_empty()
        }
        Request::Do { doer: Doer::Key { .. } | Doer::Newcomer { .. }, .. } => true,
        Request::Do { deed, .. } => match &**deed {
            Deed::Leave { reason, .. } => !reason.is_empty(),
            Deed::Edit { body, .. } => body.contains('\n'),
            Deed::CreateAccount { .. }
            | Deed::Disconnect { .. }
            | Deed::Come { .. }
            | Deed::LogIn { .. }
            | Deed::GiveKey { .. }
            | Deed::MakeBot { .. }
            | Deed::BotKey { .. }
            | Deed::EndBot { .. }
            | Deed::RevokeKey { .. }
            | Deed::AddHook { .. }
            | Deed::EndHook { .. }
            | Deed::Ident { .. }
            | Deed::Metadata { .. }
            | Deed::Read { at: Some(_), .. }
            | Deed::Role { voiced: true, .. } => true,
            Deed::Exempt { .. } | Deed::Create { access: Access::Hidden, .. } => true,
            Deed::Ban { mask, .. }
            | Deed::Unban { mask, .. }
            | Deed::Mute { mask, .. }
            | Deed::Unmute { mask, .. }
            | Deed::BanHere { mask, .. }
            | Deed::UnbanHere { mask, .. } => matches!(mask, Mask::Registered(_) | Mask::Client(_)),
            Deed::Set { setting, .. } => is_latest(setting),
            _ => false,
        },
        _ => false,
    };
    match latest {
        true => LATEST,
        false if plain(request) => 1,
        false => 2,
    }
}

/// Turns an entry into its durable form.
#[must_use]
pub fn write_entry(entry: &Entry) -> String {
    let request = match &entry.request {
        Request::StartNode { node } => Asked::StartNode { node: *node },
        Request::Open { session, name, proof: Proof::NewGuest(token), address: None } => {
            Asked::OpenGuest { session: *session, name: name.to_string(), token: hex(&token.0) }
        }
        Request::Open { session, name, proof: Proof::Token(token), address: None } => {
            Asked::OpenToken { session: *session, name: name.to_string(), token: hex(&token.0) }
        }
        Request::Open { session, name, proof, address } => Asked::OpenFrom {
            session: *session,
            name: name.to_string(),
            proof: match proof {
                Proof::NewGuest(token) => Shown::Guest(*token),
                Proof::Visitor(ident) => Shown::Visitor(Ident::clone(ident)),
                Proof::Token(token) => Shown::Token(*token),
                Proof::Key(user, key) => Shown::Key(*user, *key),
                Proof::Password { phc, token, called, over } => {
                    let called = called.as_ref().map(ToString::to_string);
                    Shown::Password { phc: phc.clone(), token: *token, called, over: *over }
                }
            },
            address: *address,
        },
        Request::Close { session, reason, seen, why } => {
            Asked::Close { session: *session, reason: (*reason).into(), seen: *seen, why: why.clone() }
        }
        Request::Say(Say { doer, room, how, reply, body, client_id, tags, seen, called }) => {
            let (session, doer) = match *doer {
                Doer::Session { session, .. } => (session, None),
                doer => (SessionId(0), Some(doer)),
            };
            let (client_id, seen, body) = (*client_id, *seen, body.as_str().to_owned());
            match room {
                Where::Id(LOBBY) if plain(&entry.request) => Asked::Say { session, body, client_id, seen },
                Where::With(to) if plain(&entry.request) => {
                    Asked::Tell { session, to: to.to_string(), body, client_id, seen }
                }
                _ => {
                    let (room, how, reply) = (room.clone(), *how, *reply);
                    let tags = tags.as_str().to_owned();
                    let called = called.as_ref().map(|called| called.as_str().to_owned());
                    Asked::SayIn { session, room, how, reply, body, client_id, tags, seen, called, doer }
                }
            }
        }
        Request::Do { doer, deed } => Asked::Do { doer: *doer, deed: Deed::clone(deed) },
        Request::Sweep => Asked::Sweep,
        Request::MarkSeen { node, upto, except } => {
            Asked::MarkSeen { node: *node, upto: *upto, except: except.clone() }
        }
        Request::Import(line) => Asked::Import {
            author: line.author.to_string(),
            at: line.at,
            body: line.body.as_str().to_owned(),
            id: line.id,
        },
    };
    let form = Form {
        v: version(&entry.request),
        position: entry.position,
        time: entry.time,
        rules: entry.rules,
        salt: hex(&entry.salt),
        request,
    };
    serde_json::to_string(&form).expect("plain data always has a JSON form")
}

/// Reads an entry back.
pub fn read_entry(text: &str) -> Result<Entry, Unreadable> {
    let form: Form = match serde_json::from_str(text) {
        Ok(form) => form,
        Err(e) => return Err(newer(text).unwrap_or(Unreadable::Damaged(e))),
    };
    let body = |text: &str| Body::parse(text).map_err(Unreadable::value);
    let request = match form.request {
        Asked::StartNode { node } => Request::StartNode { node },
        Asked::OpenGuest { session, name, token } => {
            let proof = Proof::NewGuest(TokenHash(unhex(&token)?));
            Request::Open { session, name: Name::kept(&name), proof, address: None }
        }
        Asked::OpenToken { session, name, token } => {
            let proof = Proof::Token(TokenHash(unhex(&token)?));
            Request::Open { session, name: Name::kept(&name), proof, address: None }
        }
        Asked::Close { session, reason, seen, why } => {
            Request::Close { session, reason: reason.into(), seen, why }
        }
        Asked::OpenFrom { session, name, proof, address } => {
            let proof = match proof {
                Shown::Guest(token) => Proof::NewGuest(token),
                Shown::Visitor(ident) => Proof::Visitor(ident.into()),
                Shown::Token(token) => Proof::Token(token),
                Shown::Key(user, key) => Proof::Key(user, key),
                Shown::Password { phc, token, called, over } => {
                    let called = called.as_deref().map(Name::kept).map(Box::new);
                    Proof::Password { phc, token, called, over }
                }
            };
            Request::Open { session, name: Name::kept(&name), proof, address }
        }
        Asked::SayIn { session, room, how, reply, body: text, client_id, tags, seen, called, doer } => {
            let doer = doer.unwrap_or(session.into());
            let tags = Tags::parse(&tags).ok_or_else(|| Unreadable::value("tags that are none"))?;
            let called = called.as_deref().map(Alias::kept).map(Box::new);
            let body = body(&text)?;
            Request::Say(Say { doer, room, how, reply, body, client_id, tags, seen, called })
        }
        Asked::Do { doer, deed } => Request::Do { doer, deed: deed.into() },
        Asked::Sweep => Request::Sweep,
        Asked::Say { session, body: text, client_id, seen } => {
            let said = Say::new(session, Where::Id(LOBBY), body(&text)?);
            Request::Say(Say { client_id, seen, ..said })
        }
        Asked::Tell { session, to, body: text, client_id, seen } => {
            let said = Say::new(session, Where::With(Name::kept(&to)), body(&text)?);
            Request::Say(Say { client_id, seen, ..said })
        }
        Asked::MarkSeen { node, upto, except } => Request::MarkSeen { node, upto, except },
        Asked::Import { author, at, body: text, id } => {
            Request::Import(Import { author: author.into(), at, body: body(&text)?, id })
        }
    };
    Ok(Entry {
        position: form.position,
        time: form.time,
        rules: form.rules,
        salt: unhex(&form.salt)?,
        request,
    })
}
