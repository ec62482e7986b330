//! Reads the chat subset of Markdown; whatever is outside of it stays as typed. Knows no rendering.

use super::words::words;
use super::{MARKUP_BYTES, MARKUP_DEPTH, MARKUP_NODES, Node, Style, linkable};
use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// The nodes of a text; past a bound, the text as one node.
#[must_use]
pub fn parse(text: &str) -> Vec<Node> {
    // Most of what people say is words.
    let tree = if text.contains(MARKS) { tree(text) } else { None };
    tree.unwrap_or_else(|| words_alone(text))
}

/// Without one of these a text is words alone: no node but text begins without.
const MARKS: [char; 11] = ['*', '~', '`', '[', ']', '<', '>', '\\', '@', '#', ':'];

fn words_alone(text: &str) -> Vec<Node> {
    if text.is_empty() { Vec::new() } else { vec![Node::Text(text.to_owned())] }
}

fn tree(text: &str) -> Option<Vec<Node>> {
    if text.len() > MARKUP_BYTES {
        return None;
    }
    let mut reader = Reader {
        source: text,
        at: 0,
        pending: String::new(),
        open: Vec::new(),
        nodes: Vec::new(),
        count: 0,
        quotes: 0,
    };
    for source in blocks(text) {
        (reader.source, reader.at) = (source, 0);
        for (event, range) in Parser::new_ext(source, Options::ENABLE_STRIKETHROUGH).into_offset_iter() {
            reader.event(&event, range);
            if reader.count > MARKUP_NODES || reader.depth() > MARKUP_DEPTH {
                return None;
            }
        }
        reader.typed_to(source.len());
        reader.flush();
    }
    (reader.count <= MARKUP_NODES).then_some(reader.nodes)
}

/// The parts of a text, cut below each quote: in a chat a line without the mark answers what is quoted above it, where Markdown
/// would take it for more of that.
fn blocks(text: &str) -> Vec<&str> {
    let (mut blocks, mut begun, mut at) = (Vec::new(), 0, 0);
    let (mut quoted, mut fenced) = (false, false);
    for line in text.split_inclusive('\n') {
        let starts = line.trim_start_matches(' ');
        let quotes = !fenced && line.len() - starts.len() < 4 && starts.starts_with('>');
        if quoted && !quotes {
            blocks.push(&text[begun..at]);
            begun = at;
        }
        fenced ^= !quotes && ["```", "~~~"].iter().any(|fence| starts.starts_with(fence));
        quoted = quotes;
        at += line.len();
    }
    blocks.push(&text[begun..]);
    blocks
}

/// A line without the first mark of a quote, if it has one.
fn unquoted(line: &str) -> &str {
    let Some(rest) = line.trim_start_matches(' ').strip_prefix('>') else { return line };
    rest.strip_prefix(' ').unwrap_or(rest)
}

/// What an open tag becomes when it ends.
enum Open {
    Styled(Style, usize),
    Link(String),
    Fence,
    /// Not of the subset: what it has is shown where it stands.
    Typed,
}

/// Copies the source into nodes, all of it but the marks that were understood.
struct Reader<'a> {
    source: &'a str,
    /// The bytes of the source that are dealt with.
    at: usize,
    pending: String,
    open: Vec<(Open, Vec<Node>)>,
    nodes: Vec<Node>,
    count: usize,
    /// The quotes that are open.
    quotes: usize,
}

impl Reader<'_> {
    fn event(&mut self, event: &Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(*tag, range),
            Event::Code(code) => {
                self.typed_to(range.start);
                self.flush();
                self.push(Node::Code(code.to_string()));
                self.at = self.at.max(range.end);
            }
            Event::Text(_) => {
                let escaped = self.source.get(self.at..range.start).is_some_and(|gap| gap.ends_with('\\'))
                    && self.slice(&range).starts_with(|c: char| c.is_ascii_punctuation());
                self.typed_to(range.start - usize::from(escaped));
                if escaped && let Some(first) = self.slice(&range).chars().next() {
                    self.flush();
                    self.push(Node::Text(first.to_string()));
                    self.at = range.start + first.len_utf8();
                }
                self.typed_to(range.end);
            }
            // Breaks, rules, HTML and the rest: as typed, with what comes next.
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        let source = self.slice(&range);
        let (open, mark) = match tag {
            Tag::Emphasis if source.starts_with('*') => (Open::Styled(Style::Emphasis, 1), 1),
            Tag::Strong if source.starts_with("**") => (Open::Styled(Style::Strong, 2), 2),
            Tag::Strikethrough if source.starts_with("~~") => (Open::Styled(Style::Strike, 2), 2),
            Tag::BlockQuote(_) => {
                (Open::Styled(Style::Quote, 0), if source.starts_with("> ") { 2 } else { 1 })
            }
            Tag::Link { link_type: LinkType::Inline | LinkType::Autolink, dest_url, .. }
                if linkable(dest_url) =>
            {
                (Open::Link(dest_url.to_string()), 1)
            }
            Tag::CodeBlock(CodeBlockKind::Fenced(_)) => {
                (Open::Fence, source.find('\n').map_or(source.len(), |end| end + 1))
            }
            _ => {
                self.open.push((Open::Typed, Vec::new()));
                return;
            }
        };
        self.typed_to(range.start);
        self.flush();
        self.quotes += usize::from(matches!(tag, Tag::BlockQuote(_)));
        self.at = self.at.max(range.start + mark);
        self.open.push((open, std::mem::take(&mut self.nodes)));
    }

    fn end(&mut self, tag: TagEnd, mut range: Range<usize>) {
        let Some((open, outer)) = self.open.pop() else { return };
        // The break behind a quote is not of it.
        if tag == TagEnd::BlockQuote(None) && self.slice(&range).ends_with('\n') {
            range.end -= 1;
        }
        let node = match open {
            Open::Typed => {
                if matches!(tag, TagEnd::Image | TagEnd::Link) {
                    self.typed_to(range.end);
                }
                return;
            }
            Open::Styled(style, mark) => {
                self.typed_to(range.end.saturating_sub(mark));
                self.flush();
                Node::Span(style, std::mem::replace(&mut self.nodes, outer))
            }
            Open::Link(url) => {
                self.flush();
                Node::Link { url, shown: std::mem::replace(&mut self.nodes, outer) }
            }
            Open::Fence => {
                let code = std::mem::take(&mut self.pending);
                self.nodes = outer;
                Node::Code(code.trim_end_matches('\n').to_owned())
            }
        };
        self.quotes -= usize::from(matches!(tag, TagEnd::BlockQuote(_)));
        self.at = self.at.max(range.end);
        self.push(node);
    }

    fn slice(&self, range: &Range<usize>) -> &str {
        self.source.get(range.clone()).unwrap_or_default()
    }

    /// Takes over the source up to there as it is typed, without the marks of the quote it stands in.
    fn typed_to(&mut self, end: usize) {
        let gap = self.source.get(self.at..end).unwrap_or_default();
        let begins = self.source.get(..self.at).is_some_and(|before| before.ends_with('\n'));
        for (n, line) in gap.split('\n').enumerate() {
            if n > 0 {
                self.pending.push('\n');
            }
            let marked = if n > 0 || begins { self.quotes } else { 0 };
            self.pending.push_str((0..marked).fold(line, |line, _| unquoted(line)));
        }
        self.at = self.at.max(end);
    }

    fn flush(&mut self) {
        let text = std::mem::take(&mut self.pending);
        if self.open.iter().any(|(open, _)| matches!(open, Open::Link(_))) {
            if !text.is_empty() {
                self.push(Node::Text(text));
            }
            return;
        }
        words(&text, |node| self.push(node));
    }

    fn push(&mut self, node: Node) {
        if let (Some(Node::Text(last)), Node::Text(more)) = (self.nodes.last_mut(), &node) {
            last.push_str(more);
            return;
        }
        self.count += 1;
        self.nodes.push(node);
    }

    fn depth(&self) -> usize {
        self.open.iter().filter(|(open, _)| !matches!(open, Open::Typed)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_marks_is_words_alone() {
        // What begins a block, a list, an entity or a rule in Markdown, and is none of ours.
        let letters =
            [' ', '\n', '\t', 'h', '1', '.', ')', '(', '-', '+', '=', '_', '|', '&', '!', '"', '/', 'é'];
        assert!(letters.iter().all(|letter| !MARKS.contains(letter)));
        for n in 0..letters.len().pow(4) {
            let mut text = String::new();
            let mut rest = n;
            while rest > 0 {
                text.push(letters[rest % letters.len()]);
                rest /= letters.len();
            }
            for text in [text.clone(), format!("a\n\n{text}"), format!("{text}\n---\n1. b")] {
                assert_eq!(tree(&text).unwrap(), words_alone(&text), "{text:?}");
            }
        }
    }
}
