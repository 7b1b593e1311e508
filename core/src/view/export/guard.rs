//! Keeping typed text from becoming a formula in somebody's spreadsheet.
//!
//! Spreadsheet programs run what begins with `=`, `+`, `-` or `@` (OWASP, "CSV Injection"). Whoever can
//! write one answer could so send every other answer of the table away. In CSV there is no way to say
//! "this is text", so such text gets an apostrophe before it.

/// Signs with which a formula begins, their full-width twins among them, and blanks that are dropped.
const SIGNS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Whether `text` is apostrophes, none or some, and then a sign.
fn is_dangerous(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(SIGNS)
}

/// `text`, with an apostrophe more if a spreadsheet could run it.
pub(super) fn guarded(text: &str) -> String {
    // Apostrophes that were there already are counted in, so that this can be undone.
    if is_dangerous(text) { format!("'{text}") } else { text.to_owned() }
}

/// Text from a cell of an exported CSV as it was before the export guarded it with an apostrophe.
pub fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_dangerous(rest) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_formula_survives_and_every_text_comes_back() {
        for dangerous in ["=1+1", "+992 00 000", "-", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1", "''-1"] {
            let guarded = guarded(dangerous);
            assert!(guarded.starts_with('\''), "{dangerous:?}");
            assert_eq!(unguarded(&guarded), dangerous);
        }
        for harmless in ["", "a=1", "'", "'tis", "О'Тест", "1-2"] {
            assert_eq!(guarded(harmless), harmless);
            assert_eq!(unguarded(harmless), harmless);
        }
    }
}
