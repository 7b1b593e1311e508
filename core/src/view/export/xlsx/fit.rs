//! What fits into a cell of a spreadsheet.

use rust_xlsxwriter::ExcelDateTime;

/// The longest text of a cell, in UTF-16 units.
const LONGEST: usize = 32_767;
/// Beyond fifteen digits spreadsheets round.
const LARGEST: u64 = 999_999_999_999_999;

/// As much of a text as a cell holds, and whether that is less than all.
pub(super) fn text(text: &str) -> (&str, bool) {
    let mut units = 0_usize;
    for (at, letter) in text.char_indices() {
        units = units.saturating_add(letter.len_utf16());
        if units > LONGEST {
            return (text.split_at(at).0, true);
        }
    }
    (text, false)
}

/// A whole number, if no digit of it gets lost.
#[allow(clippy::cast_precision_loss, reason = "fifteen digits fit exactly")]
pub(super) fn number(number: i64) -> Option<f64> {
    (number.unsigned_abs() <= LARGEST).then_some(number as f64)
}

/// A day `YYYY-MM-DD`, if spreadsheets count it.
pub(super) fn day(text: &str) -> Option<ExcelDateTime> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    // They know 1899 by its last day only, and as the zeroth of January 1900.
    let year = year.parse().ok().filter(|year| *year >= 1900)?;
    ExcelDateTime::from_ymd(year, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_between_letters_at_the_limit() {
        assert_eq!(text("short"), ("short", false));
        let fits = "я".repeat(LONGEST);
        assert_eq!(text(&fits), (fits.as_str(), false));
        let long = format!("{}😀", "я".repeat(LONGEST - 1));
        assert_eq!(text(&long), (&long[..2 * (LONGEST - 1)], true));
    }

    #[test]
    fn what_spreadsheets_would_round_or_misdate_stays_text() {
        assert_eq!(number(-999_999_999_999_999), Some(-999_999_999_999_999.0));
        assert_eq!(number(1_000_000_000_000_000), None);
        assert_eq!(number(i64::MIN), None);
        assert!(day("1900-01-01").is_some());
        for strange in ["1899-12-31", "1850-06-01", "", "2026-02-30", "2026"] {
            assert!(day(strange).is_none(), "{strange}");
        }
    }
}
