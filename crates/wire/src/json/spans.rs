//! What people wrote with emphasis, code and links, as a list of spans. The text in it is as it was typed: pages show it as text.

use crate::markup::{Node, Style, parse};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// The spans of a text that is more than words.
#[derive(Clone, PartialEq, Eq)]
pub struct Spans(Vec<Node>);

impl Spans {
    /// Reads a text; none where the text itself says it all.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let nodes = parse(text);
        match nodes.as_slice() {
            [] => None,
            [Node::Text(all)] if all == text => None,
            _ => Some(Self(nodes)),
        }
    }
}

impl Serialize for Spans {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(One))
    }
}

struct One<'a>(&'a Node);

struct All<'a>(&'a [Node]);

impl Serialize for All<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(One))
    }
}

impl Serialize for One<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Node::Text(text) => to.serialize_str(text),
            Node::Code(code) => to.collect_map([("code", code)]),
            Node::Mention(name) => to.collect_map([("mention", name)]),
            Node::Room(name) => to.collect_map([("room", name)]),
            Node::Link { url, shown } => {
                let mut map = to.serialize_map(Some(2))?;
                map.serialize_entry("link", url)?;
                map.serialize_entry("shown", &All(shown))?;
                map.end()
            }
            Node::Span(style, inner) => to.collect_map([(word(*style), All(inner))]),
        }
    }
}

fn word(style: Style) -> &'static str {
    match style {
        Style::Emphasis => "emphasis",
        Style::Strong => "strong",
        Style::Strike => "strike",
        Style::Quote => "quote",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(text: &str) -> String {
        let mut out = String::new();
        super::super::write(&mut out, &Spans::of(text));
        out
    }

    #[test]
    fn what_is_only_words_has_no_spans() {
        for text in ["", " ", "hi", "two\nlines", "a * b", "\"quoted\"", "mail@example.org"] {
            assert_eq!(spans(text), "null", "{text:?}");
        }
    }

    #[test]
    fn what_is_more_has() {
        for (text, shown) in [
            ("hi @ann", r#"["hi ",{"mention":"ann"}]"#),
            ("@ann", r#"[{"mention":"ann"}]"#),
            ("#tea", r##"[{"room":"tea"}]"##),
            ("`a\"b`", r#"[{"code":"a\"b"}]"#),
            ("*a* **b** ~~c~~", r#"[{"emphasis":["a"]}," ",{"strong":["b"]}," ",{"strike":["c"]}]"#),
            ("**a *b***", r#"[{"strong":["a ",{"emphasis":["b"]}]}]"#),
            ("> q", r#"[{"quote":["q"]}]"#),
            ("[tea](https://example.org)", r#"[{"link":"https://example.org","shown":["tea"]}]"#),
            (r"\*a", r#"["*a"]"#),
        ] {
            assert_eq!(spans(text), shown, "{text}");
        }
    }
}
