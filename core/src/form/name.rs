//! What a name for machines may look like.

use super::limits;

/// Whether it can name a question or a group: like an XML name without a colon, so that every
/// other tool that reads XLSForm accepts it too (<https://www.w3.org/TR/xml/#NT-Name>).
pub(super) fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    let starts_well = letters.next().is_some_and(|first| first.is_alphabetic() || first == '_');
    starts_well
        && name.len() <= limits::NAME
        && letters.all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | '\u{B7}'))
}

/// Whether it can name a choice or a list: one word, because several choices are written with
/// blanks between them, and without `/`, because paths are made of names.
pub(super) fn is_word(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= limits::NAME
        && !name.chars().any(|letter| letter.is_whitespace() || letter.is_control() || letter == '/')
}

/// Whether it can be a form's id: something, on one line.
pub(super) fn is_id(id: &str) -> bool {
    !id.trim().is_empty() && id.len() <= limits::NAME && !id.chars().any(char::is_control)
}

/// Whether it can name a file that lies beside others: on one line, in no folder, hidden from nobody.
pub(super) fn is_file(name: &str) -> bool {
    !name.trim().is_empty()
        && name.len() <= limits::NAME
        && !name.starts_with('.')
        && !name.chars().any(|letter| letter.is_control() || matches!(letter, '/' | '\\' | ':'))
}

/// Whether it says what a file is, as `image/jpeg`, or nothing.
pub(super) fn is_media_type(text: &str) -> bool {
    let word = |word: &str| {
        let sign = |letter: u8| letter.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&letter);
        !word.is_empty() && word.bytes().all(sign)
    };
    let halves = text.split_once('/').is_some_and(|(kind, form)| word(kind) && word(form));
    text.is_empty() || text.len() <= limits::MEDIA_TYPE && halves
}

/// Text from outside as it is safe to quote in a message: on one line, not long, and without signs that turn the
/// line around.
pub(super) fn quoted(text: &str) -> String {
    let text: String = text.chars().filter(|letter| !super::digits::is_direction_mark(*letter)).collect();
    const SHOWN: usize = 60;
    let mut short: String =
        text.chars().take(SHOWN).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if text.chars().nth(SHOWN).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_scripts_are_names() {
        for name in ["con_Consent", "__version__", "имя", "نام", "a.b-c", "x1"] {
            assert!(is_name(name), "{name}");
        }
    }

    #[test]
    fn what_would_break_a_path_or_an_xml_element_is_no_name() {
        for name in ["", "1st", "a b", "a/b", "-a", "a:b", "a\u{A0}b", "${x}", &"n".repeat(257)] {
            assert!(!is_name(name), "{name}");
        }
        for name in ["", "a b", "a/b", "a\tb"] {
            assert!(!is_word(name), "{name}");
        }
        assert!(is_word("1-2.x:é"));
    }

    #[test]
    fn quoted_text_is_short_and_on_one_line() {
        assert_eq!(quoted("a\n\u{202E}b"), "a b");
        assert_eq!(quoted(&"é".repeat(61)).chars().count(), 61);
    }
}
