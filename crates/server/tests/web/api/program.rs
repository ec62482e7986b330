//! A program: somebody's key, and what it asks by it.

use crate::caller::{Answer, send};
use crate::rig::Rig;
use serde_json::{Value, json};
use std::net::SocketAddr;

/// Somebody's key.
#[derive(Clone)]
pub(super) struct Program {
    pub(super) address: SocketAddr,
    pub(super) key: String,
    /// Whose it is.
    pub(super) user: u64,
    /// The key's own number.
    pub(super) id: u64,
}

impl Answer {
    /// The body, which is JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|why| panic!("{why}: {self:?}"))
    }

    /// The status and the code of a problem.
    pub(super) fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let body = self.json();
        assert_eq!(body["status"], self.status, "{self:?}");
        assert!(body["title"].is_string() && body["detail"].is_string(), "{self:?}");
        (self.status, body["code"].as_str().unwrap().to_owned())
    }
}

/// Asks without a key.
pub(super) fn stranger(rig: &Rig, method: &str, path: &str, body: &Value) -> Answer {
    send(rig.address, method, &format!("/api/v1{path}"), "", body.to_string().as_bytes())
}

impl Program {
    /// Comes as a guest.
    pub(super) fn come(rig: &Rig, name: &str) -> Self {
        Self::by(rig, &json!({ "name": name }))
    }

    /// Comes as somebody who stays.
    pub(super) fn register(rig: &Rig, name: &str) -> Self {
        Self::by(rig, &json!({ "name": name, "password": "correct horse", "register": true }))
    }

    /// Comes by what is said.
    pub(super) fn by(rig: &Rig, coming: &Value) -> Self {
        let came = stranger(rig, "POST", "/sessions", coming);
        assert_eq!(came.status, 201, "{came:?}");
        let came = came.json();
        let key = came["key"].as_str().unwrap().to_owned();
        let (user, id) = (came["user"]["id"].as_u64().unwrap(), came["id"].as_u64().unwrap());
        Self { address: rig.address, key, user, id }
    }

    /// The same somebody by a key for these.
    pub(super) fn token(&self, scopes: &[&str]) -> Self {
        let given = self.does("POST", "/tokens", json!({ "label": "a bot", "scopes": scopes }));
        Self {
            key: given["key"].as_str().unwrap().to_owned(),
            id: given["id"].as_u64().unwrap(),
            ..self.clone()
        }
    }

    /// Asks something, with further header fields.
    pub(super) fn asks(&self, method: &str, path: &str, more: &str, body: &[u8]) -> Answer {
        let more = format!("Authorization: Bearer {}\r\n{more}", self.key);
        send(self.address, method, &format!("/api/v1{path}"), &more, body)
    }

    /// Asks something; no body where it is null.
    pub(super) fn ask(&self, method: &str, path: &str, body: Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.asks(method, path, "", body.as_bytes())
    }

    /// Does something, and is told what came of it; null where there is nothing to tell.
    pub(super) fn does(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.ask(method, path, body);
        assert!((200..300).contains(&answer.status), "{method} {path}: {answer:?}");
        if answer.status == 204 { Value::Null } else { answer.json() }
    }

    /// Looks at something.
    pub(super) fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, Value::Null);
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some("application/json")),
            "{path}: {answer:?}"
        );
        answer.json()
    }

    /// Is refused: by which status and code.
    pub(super) fn refused(&self, method: &str, path: &str, body: Value) -> (u16, String) {
        self.ask(method, path, body).problem()
    }

    /// Says something; which one it is.
    pub(super) fn says(&self, room: &str, text: &str) -> u64 {
        let said = self.does("POST", &format!("/rooms/{room}/messages"), json!({ "text": text }));
        said["seq"].as_u64().unwrap()
    }

    /// What is said in a room.
    pub(super) fn reads(&self, room: &str) -> Vec<String> {
        texts(&self.get(&format!("/rooms/{room}/messages"))["messages"])
    }
}

/// The texts of messages.
pub(super) fn texts(messages: &Value) -> Vec<String> {
    messages.as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap().to_owned()).collect()
}

/// A status and a code, as they are compared.
pub(super) fn no(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}
