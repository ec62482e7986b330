//! What is wrong (RFC 9457). The codes are stable; the sentences are for people.

use serde::Serialize;
use std::borrow::Cow;

/// Why a request is not fulfilled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The status, as a word.
    pub title: &'static str,
    /// The status, as a number.
    pub status: u16,
    /// Which problem it is: for programs, and stable.
    pub code: &'static str,
    /// A sentence.
    pub detail: Cow<'static, str>,
}

impl Problem {
    /// The media type of what [`Problem::to_json`] makes.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    /// What was asked cannot be understood, and why.
    #[must_use]
    pub fn bad_request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self { title: "Bad Request", status: 400, code: "bad-request", detail: detail.into() }
    }

    /// The object, as a line. Its `type` is left out: the code says which problem it is, and there is nothing more to read.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("plain data always has a JSON form") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_one_line_whatever_it_says() {
        let detail = "no \"such\"\n\u{1b}[31mroom".into();
        let problem = Problem { title: "Not Found", status: 404, code: "not-found", detail };
        assert_eq!(
            problem.to_json(),
            concat!(
                r#"{"title":"Not Found","status":404,"code":"not-found","detail":"no \"such\"\n\u001b[31mroom"}"#,
                "\n"
            )
        );
    }
}
