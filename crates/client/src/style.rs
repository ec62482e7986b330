//! Emphasis, code and links in what people say, for a terminal that can show them. Knows no terminal.

use chatroom_wire::line::heard::Heard;
use chatroom_wire::markup::{ansi, parse};

/// A line of the server with what somebody says in it shown in the terminal's styles; any other line as it is.
pub(crate) fn styled(line: &str) -> String {
    let heard = Heard::parse(line);
    let said = heard.said().or_else(|| heard.recent()).map(|said| said.text);
    let text = match heard {
        Heard::From { text, .. } => Some(text),
        _ => said,
    };
    match text.and_then(|text| line.strip_suffix(text).map(|before| (before, text))) {
        Some((before, text)) if !text.is_empty() => format!("{before}{}", ansi(&parse(text), true)),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_say_is_styled_and_nothing_else() {
        for line in [
            "*** bob joined the chat ***",
            "  **bold** in a list of ours",
            "[bob]: plain text",
            "Now in #tea.",
        ] {
            assert_eq!(styled(line), line);
        }
        for line in ["[bob]: **strong** words", " [bob]: **strong** words", "[From bob]: **strong** words"] {
            let shown = styled(line);
            assert!(shown.contains("\u{1b}[") && !shown.contains("**"), "{shown:?}");
            assert!(shown.contains("bob") && shown.ends_with(" words"), "{shown:?}");
        }
        assert!(styled("#tea [bob]: `code`").starts_with("#tea [bob]: \u{1b}["));
    }
}
