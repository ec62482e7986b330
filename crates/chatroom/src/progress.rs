//! A bar for long work, on standard error when that is a terminal and nowhere else. Knows nothing of the work.

use indicatif::{ProgressBar, ProgressStyle};

/// What is counted.
#[derive(Clone, Copy)]
pub(crate) enum Unit {
    /// Rows, messages, pages.
    Things,
    /// Bytes.
    Bytes,
}

/// A bar towards `of`; without a terminal it is silent.
pub(crate) fn bar(what: &'static str, of: u64, unit: Unit) -> ProgressBar {
    let counts = match unit {
        Unit::Things => "{human_pos}/{human_len}",
        Unit::Bytes => "{bytes}/{total_bytes}",
    };
    // Colour is left to the terminal's own: a bar needs none.
    let style = ProgressStyle::with_template(&format!("{{msg}} [{{bar:32}}] {counts} {{eta}}"))
        .expect("the template is one of two that are tested");
    ProgressBar::new(of).with_style(style.progress_chars("=> ")).with_message(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_templates_are_templates() {
        for unit in [Unit::Things, Unit::Bytes] {
            let bar = bar("testing", 10, unit);
            bar.inc(10);
            assert_eq!(bar.position(), 10);
        }
    }
}
