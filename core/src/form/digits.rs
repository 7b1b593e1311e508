//! Numbers and dates as people type them, in the letters machines read.

/// Latin digits for Arabic-Indic and Persian ones, a plain minus and decimal point, no invisible
/// marks of writing direction, no blanks around. Everything else stays as it is.
pub fn latin(text: &str) -> String {
    let letters = text.chars().filter(|letter| !is_direction_mark(*letter)).map(|letter| match letter {
        '\u{660}'..='\u{669}' => digit(letter, '\u{660}'),
        '\u{6F0}'..='\u{6F9}' => digit(letter, '\u{6F0}'),
        '\u{66B}' => '.',
        '\u{60C}' => ',',
        '\u{61B}' => ';',
        '\u{2212}' => '-',
        other => other,
    });
    letters.collect::<String>().trim().to_owned()
}

fn digit(letter: char, zero: char) -> char {
    let value = u32::from(letter).saturating_sub(u32::from(zero));
    char::from_digit(value, 10).unwrap_or(letter)
}

/// Marks that come along when a number is copied out of right-to-left text.
pub(super) fn is_direction_mark(letter: char) -> bool {
    matches!(letter, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::latin;

    #[test]
    fn digits_of_arabic_and_persian_become_latin() {
        assert_eq!(latin("٠١٢٣٤٥٦٧٨٩"), "0123456789");
        assert_eq!(latin("۰۱۲۳۴۵۶۷۸۹"), "0123456789");
        assert_eq!(latin(" \u{200F}۳٫۵\u{A0}"), "3.5");
        assert_eq!(latin("−٥"), "-5");
        assert_eq!(latin("abc"), "abc");
    }
}
