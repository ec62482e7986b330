//! What markup becomes, what it never becomes, and its bounds.

use chatroom_wire::markup::{MARKUP_BYTES, MARKUP_DEPTH, MARKUP_NODES, Node, Style, ansi, parse, plain};
use proptest::prelude::*;

fn shown(text: &str) -> String {
    plain(&parse(text))
}

#[test]
fn the_subset_is_understood_and_the_rest_is_as_typed() {
    for (text, expected) in [
        ("*a* **b** ~~c~~ `d`", "a b c d"),
        ("[x](https://e.org/a)", "x (https://e.org/a)"),
        ("see https://e.org/a_b_c.", "see https://e.org/a_b_c."),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("![a](https://e.org)", "![a](https://e.org)"),
        ("<b>*x*</b> &amp; :smile:", "<b>x</b> &amp; :smile:"),
        ("# a", "# a"),
        ("- a *b*", "- a b"),
        (r"\*a\* \@bob", "*a* @bob"),
        ("> a\n> b", "> a\n> b"),
        ("> a\nb", "> a\nb"),
        ("> a\n\nb\n> c\nd", "> a\n\nb\n> c\nd"),
        ("```\n> a\nb\n```\n> c\nd", "> a\nb\n> c\nd"),
        ("    > a\nb", "    > a\nb"),
        ("> a\n>\n> b\nc", "> a\n> \n> b\nc"),
        ("> > a\n> b\n> <i>\n>\nc", "> > a\n> > b\n> > <i>\n> \nc"),
        ("> ```\n> x\n> y\n> ```\nb", "> x\n> y\nb"),
        ("```rs\nlet x;\n```", "let x;"),
        ("__init__ and ~a~", "__init__ and ~a~"),
        ("  two  spaces ", "  two  spaces "),
    ] {
        assert_eq!(shown(text), expected, "{text:?}");
    }
    assert_eq!(parse("hi @bob"), [Node::Text("hi ".into()), Node::Mention("bob".into())]);
    assert_eq!(parse(r"\@bob"), [Node::Text("@bob".into())]);
    let quoted = |text: &str| Node::Span(Style::Quote, vec![Node::Text(text.into())]);
    for below in ["> a\nb", "> a\n\nb"] {
        let nodes = parse(below);
        assert!(
            matches!(&nodes[..], [quote, Node::Text(rest)] if *quote == quoted("a") && rest.trim_start() == "b"),
            "{nodes:?}"
        );
    }
    assert_eq!(parse("#tea"), [Node::Room("tea".into())]);
    assert_eq!(parse("`@bob`"), [Node::Code("@bob".into())]);
    assert_eq!(ansi(&parse("**a**"), true), "\x1b[1ma\x1b[0m");
}

#[test]
fn past_a_bound_a_text_is_as_typed() {
    let one = |text: &str| parse(text) == [Node::Text(text.to_owned())];
    let long = |bytes: usize| format!("*a*{}", "x".repeat(bytes - 3));
    assert!(!one(&long(MARKUP_BYTES)) && one(&long(MARKUP_BYTES + 1)));
    let deep = |depth: usize| format!("{}a", "> ".repeat(depth));
    assert!(!one(&deep(MARKUP_DEPTH)) && one(&deep(MARKUP_DEPTH + 1)));
    let many =
        |nodes: usize| format!("{}{}", "`a` ".repeat(nodes / 2), if nodes % 2 == 1 { "`a`" } else { "" });
    assert!(!one(&many(MARKUP_NODES)) && one(&many(MARKUP_NODES + 1)));
}

proptest! {
    #[test]
    fn nothing_acts(text in r"([*_~`>@#\[\]()\\! \n]|https://|[a-z]|\PC|\x1b|\x07|\u{202e}){0,80}") {
        let nodes = parse(&text);
        prop_assert!(!plain(&nodes).contains(|c: char| c != '\n' && chatroom_wire::text::acts(c)));
        let mut coloured = ansi(&nodes, true);
        for own in ["\x1b[0m", "\x1b[1m", "\x1b[3m", "\x1b[4m", "\x1b[7m", "\x1b[9m"] {
            coloured = coloured.replace(own, "");
        }
        prop_assert_eq!(coloured, plain(&nodes));
    }

    #[test]
    fn text_without_markup_is_the_text(text in "[a-zA-Z0-9äß語 .,!?:;'#@_-]{0,80}") {
        prop_assert_eq!(shown(&text), text);
    }
}
