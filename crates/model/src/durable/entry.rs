//! Entries as they travel and are kept where the log is not the store: one JSON object each.

use super::Unreadable;
use super::event::{Reason, hex, newer, unhex};
use crate::{
    Body, ClientId, Entry, Import, Millis, Name, NodeId, Position, Proof, Request, SessionId, TokenHash,
};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct V1 {
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
    StartNode { node: NodeId },
    OpenGuest { session: SessionId, name: String, token: String },
    OpenToken { session: SessionId, name: String, token: String },
    Close { session: SessionId, reason: Reason, seen: Position },
    Say { session: SessionId, body: String, client_id: Option<ClientId>, seen: Position },
    Tell { session: SessionId, to: String, body: String, client_id: Option<ClientId>, seen: Position },
    MarkSeen { node: NodeId, upto: Position, except: Vec<SessionId> },
    Import { author: String, at: Millis, body: String, id: ClientId },
}

/// Turns an entry into its durable form.
#[must_use]
pub fn write_entry(entry: &Entry) -> String {
    let request = match &entry.request {
        Request::StartNode { node } => Asked::StartNode { node: *node },
        Request::Open { session, name, proof: Proof::NewGuest(token) } => {
            Asked::OpenGuest { session: *session, name: name.to_string(), token: hex(&token.0) }
        }
        Request::Open { session, name, proof: Proof::Token(token) } => {
            Asked::OpenToken { session: *session, name: name.to_string(), token: hex(&token.0) }
        }
        Request::Close { session, reason, seen } => {
            Asked::Close { session: *session, reason: (*reason).into(), seen: *seen }
        }
        Request::Say { session, body, client_id, seen } => Asked::Say {
            session: *session,
            body: body.as_str().to_owned(),
            client_id: *client_id,
            seen: *seen,
        },
        Request::Tell { session, to, body, client_id, seen } => Asked::Tell {
            session: *session,
            to: to.to_string(),
            body: body.as_str().to_owned(),
            client_id: *client_id,
            seen: *seen,
        },
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
    let form = V1 {
        v: 1,
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
    let form: V1 = match serde_json::from_str(text) {
        Ok(form) => form,
        Err(e) => return Err(newer(text).unwrap_or(Unreadable::Damaged(e))),
    };
    let body = |text: &str| Body::parse(text).map_err(Unreadable::value);
    let request = match form.request {
        Asked::StartNode { node } => Request::StartNode { node },
        Asked::OpenGuest { session, name, token } => {
            let proof = Proof::NewGuest(TokenHash(unhex(&token)?));
            Request::Open { session, name: Name::kept(&name), proof }
        }
        Asked::OpenToken { session, name, token } => {
            let proof = Proof::Token(TokenHash(unhex(&token)?));
            Request::Open { session, name: Name::kept(&name), proof }
        }
        Asked::Close { session, reason, seen } => Request::Close { session, reason: reason.into(), seen },
        Asked::Say { session, body: text, client_id, seen } => {
            Request::Say { session, body: body(&text)?, client_id, seen }
        }
        Asked::Tell { session, to, body: text, client_id, seen } => {
            Request::Tell { session, to: Name::kept(&to), body: body(&text)?, client_id, seen }
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
