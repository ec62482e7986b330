//! Shows nodes as lines of text, plain or with a terminal's styles. Nothing people wrote can act in either.

use super::{Node, Style};
use crate::text::clean;

/// The text without its marks, readable: links with their address, quotes behind `> `.
#[must_use]
pub fn plain(nodes: &[Node]) -> String {
    ansi(nodes, false)
}

/// The text in a terminal's styles; without `colour`, the same as [`plain`].
#[must_use]
pub fn ansi(nodes: &[Node], colour: bool) -> String {
    let mut screen = Screen { out: String::new(), colour, styles: Vec::new(), quotes: 0 };
    screen.nodes(nodes);
    screen.out
}

struct Screen {
    out: String,
    colour: bool,
    styles: Vec<&'static str>,
    quotes: usize,
}

impl Screen {
    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Text(text) => self.text(text),
                Node::Code(code) => self.styled("\x1b[7m", |screen| screen.text(code)),
                Node::Mention(name) => self.styled("\x1b[1m", |screen| screen.text(&format!("@{name}"))),
                Node::Room(name) => self.styled("\x1b[1m", |screen| screen.text(&format!("#{name}"))),
                Node::Link { url, shown } => self.link(url, shown),
                Node::Span(Style::Emphasis, inner) => self.styled("\x1b[3m", |screen| screen.nodes(inner)),
                Node::Span(Style::Strong, inner) => self.styled("\x1b[1m", |screen| screen.nodes(inner)),
                Node::Span(Style::Strike, inner) => self.styled("\x1b[9m", |screen| screen.nodes(inner)),
                Node::Span(Style::Quote, inner) => {
                    self.out.push_str("> ");
                    self.quotes += 1;
                    self.styled("\x1b[3m", |screen| screen.nodes(inner));
                    self.quotes -= 1;
                }
            }
        }
    }

    /// The address is always seen: a shown text may say something else.
    fn link(&mut self, url: &str, shown: &[Node]) {
        if matches!(shown, [Node::Text(text)] if text == url) || shown.is_empty() {
            return self.styled("\x1b[4m", |screen| screen.text(url));
        }
        self.nodes(shown);
        self.out.push_str(" (");
        self.styled("\x1b[4m", |screen| screen.text(url));
        self.out.push(')');
    }

    fn styled(&mut self, start: &'static str, inside: impl FnOnce(&mut Self)) {
        if !self.colour {
            return inside(self);
        }
        self.out.push_str(start);
        self.styles.push(start);
        inside(self);
        self.styles.pop();
        self.out.push_str("\x1b[0m");
        self.out.extend(self.styles.iter().copied());
    }

    fn text(&mut self, text: &str) {
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                self.out.push('\n');
                self.out.push_str(&"> ".repeat(self.quotes));
            }
            self.out.push_str(&clean(line));
        }
    }
}
