//! Answers inside texts that people read: `Where did ${name} go?`

/// The names of the questions that a text refers to.
#[cfg(any(feature = "office", test))]
pub(super) fn references(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.trim())
}

/// A text with answers in the place of references.
pub(super) fn filled_in(text: &str, answer: impl Fn(&str) -> String) -> String {
    let mut pieces = text.split("${");
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once('}') {
            Some((name, rest)) => {
                filled.push_str(&answer(name.trim()));
                filled.push_str(rest);
            }
            None => {
                filled.push_str("${");
                filled.push_str(piece);
            }
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_and_filled_in() {
        let text = "${a} and ${ b }, ${open";
        assert_eq!(references(text).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(filled_in(text, |name| format!("<{name}>")), "<a> and <b>, ${open");
        assert_eq!(filled_in("نام ${a}؟", |_| "e\u{301}".to_owned()), "نام e\u{301}؟");
        // An answer that looks like a reference is an answer.
        assert_eq!(filled_in("${a}", |_| "${b}".to_owned()), "${b}");
    }
}
