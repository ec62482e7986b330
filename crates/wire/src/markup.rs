//! What people write with emphasis, code and links, as one small tree of spans. Knows no page, terminal or protocol.

mod parse;
mod render;
mod words;

pub use parse::parse;
pub use render::{ansi, plain};

/// Bytes of a text that are looked at for markup; a longer text is shown as typed.
pub const MARKUP_BYTES: usize = 16 * 1024;
/// Spans that may stand in each other; a text with deeper ones is shown as typed.
pub const MARKUP_DEPTH: usize = 8;
/// Nodes a text may have; a text with more is shown as typed.
pub const MARKUP_NODES: usize = 512;

/// A piece of a text. What people wrote in it is not cleaned yet: renderers do that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Text, as typed.
    Text(String),
    /// Code in a line, or a fenced block of it.
    Code(String),
    /// `@name`, without the `@`; whether anybody has that name is not known here.
    Mention(String),
    /// `#room`, without the `#`; whether it exists is not known here.
    Room(String),
    /// An address by http, https or mailto, and what is shown beside it.
    Link {
        /// The address.
        url: String,
        /// The shown text; the address itself if people gave no other.
        shown: Vec<Node>,
    },
    /// Other nodes, in a style.
    Span(Style, Vec<Node>),
}

/// How a span looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `*emphasis*`
    Emphasis,
    /// `**strong**`
    Strong,
    /// `~~strike~~`
    Strike,
    /// `> quote`
    Quote,
}

/// Whether an address may be a link: by http, https or mailto, and with something after that.
#[must_use]
pub fn linkable(url: &str) -> bool {
    ["https://", "http://", "mailto:"].iter().any(|scheme| {
        url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            && url.len() > scheme.len()
    }) && !url.contains(|c: char| c.is_whitespace() || crate::text::acts(c))
}
