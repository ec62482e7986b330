//! Finds addresses, mentions and rooms among the words of a text. Knows nothing of styles.

use super::{Node, linkable};

/// Splits a text without other markup into nodes.
pub(super) fn words(text: &str, mut push: impl FnMut(Node)) {
    let mut done = 0;
    let mut at = 0;
    let mut before = ' ';
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if !before.is_alphanumeric()
            && before != '_'
            && before != '/'
            && let Some((node, length)) = starts(rest)
        {
            if let Some(typed) = text.get(done..at).filter(|typed| !typed.is_empty()) {
                push(Node::Text(typed.to_owned()));
            }
            push(node);
            at += length;
            done = at;
            before = 'x';
            continue;
        }
        before = rest.chars().next().unwrap_or(' ');
        at += before.len_utf8();
    }
    if let Some(typed) = text.get(done..).filter(|typed| !typed.is_empty()) {
        push(Node::Text(typed.to_owned()));
    }
}

/// The node that a text starts with, if it is not just text, and its bytes.
fn starts(text: &str) -> Option<(Node, usize)> {
    match text.chars().next()? {
        'h' | 'H' | 'm' | 'M' => {
            let end = text.find(|c: char| c.is_whitespace() || c == '<' || c == '>' || crate::text::acts(c));
            let url = text.get(..end.unwrap_or(text.len()))?;
            let mut url = url.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '"']);
            if !url.contains('(') {
                url = url.split_once(')').map_or(url, |(inside, _)| inside);
            }
            let shown = vec![Node::Text(url.to_owned())];
            linkable(url).then(|| (Node::Link { url: url.to_owned(), shown }, url.len()))
        }
        '@' => word(text).map(|word| (Node::Mention(word.to_owned()), word.len() + 1)),
        '#' => word(text).map(|word| (Node::Room(word.to_owned()), word.len() + 1)),
        _ => None,
    }
}

/// The word after the sign that a text starts with.
fn word(text: &str) -> Option<&str> {
    let rest = text.get(1..)?;
    let end =
        rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(rest.len());
    let word = rest.get(..end)?.trim_end_matches(['.', '-']);
    (!word.is_empty() && word.len() <= 64).then_some(word)
}
