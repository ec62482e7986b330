//! Entries as they travel and are kept where the log is not the store: one JSON object each.

use super::Unreadable;
use super::event::{Reason, hex, newer, unhex};
use crate::{
    Body, ClientId, CloseReason, Deed, Doer, Entry, How, Import, LOBBY, Millis, Name, NodeId, Position,
    Proof, Request, Seq, SessionId, TokenHash, Where,
};
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
        seen: Position,
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
    Token(TokenHash),
    Password { phc: String, token: TokenHash },
}

/// Whether form 1 says all of it.
fn plain(request: &Request) -> bool {
    match request {
        Request::Open { address, proof, .. } => address.is_none() && !matches!(proof, Proof::Password { .. }),
        Request::Say { room, how, reply, .. } => {
            *how == How::Said && reply.is_none() && matches!(room, Where::Id(LOBBY) | Where::With(_))
        }
        Request::Close { reason, .. } => !matches!(reason, CloseReason::Banned | CloseReason::Password),
        Request::Do { .. } | Request::Sweep => false,
        Request::StartNode { .. } | Request::MarkSeen { .. } | Request::Import(_) => true,
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
                Proof::Token(token) => Shown::Token(*token),
                Proof::Password { phc, token } => Shown::Password { phc: phc.clone(), token: *token },
            },
            address: *address,
        },
        Request::Close { session, reason, seen } => {
            Asked::Close { session: *session, reason: (*reason).into(), seen: *seen }
        }
        Request::Say { session, room, how, reply, body, client_id, seen } => {
            let (session, client_id, seen, body) = (*session, *client_id, *seen, body.as_str().to_owned());
            match room {
                Where::Id(LOBBY) if plain(&entry.request) => Asked::Say { session, body, client_id, seen },
                Where::With(to) if plain(&entry.request) => {
                    Asked::Tell { session, to: to.to_string(), body, client_id, seen }
                }
                _ => {
                    let (room, how, reply) = (room.clone(), *how, *reply);
                    Asked::SayIn { session, room, how, reply, body, client_id, seen }
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
        v: if plain(&entry.request) { 1 } else { 2 },
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
        Asked::Close { session, reason, seen } => Request::Close { session, reason: reason.into(), seen },
        Asked::OpenFrom { session, name, proof, address } => {
            let proof = match proof {
                Shown::Guest(token) => Proof::NewGuest(token),
                Shown::Token(token) => Proof::Token(token),
                Shown::Password { phc, token } => Proof::Password { phc, token },
            };
            Request::Open { session, name: Name::kept(&name), proof, address }
        }
        Asked::SayIn { session, room, how, reply, body: text, client_id, seen } => {
            Request::Say { session, room, how, reply, body: body(&text)?, client_id, seen }
        }
        Asked::Do { doer, deed } => Request::Do { doer, deed: deed.into() },
        Asked::Sweep => Request::Sweep,
        Asked::Say { session, body: text, client_id, seen } => {
            let (room, how, reply) = (Where::Id(LOBBY), How::Said, None);
            Request::Say { session, room, how, reply, body: body(&text)?, client_id, seen }
        }
        Asked::Tell { session, to, body: text, client_id, seen } => {
            let (room, how, reply) = (Where::With(Name::kept(&to)), How::Said, None);
            Request::Say { session, room, how, reply, body: body(&text)?, client_id, seen }
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
