//! What a coordinator reads out to whoever comes back: 16 words, or a code to be scanned.

use std::fmt;

use zeroize::Zeroizing;

use super::words::{spelt, unspelt};
use crate::crypto::{RETURN_CODE, Release};
use crate::error::Error;

const PREFIX: &str = "cairnreturn1:";

/// What opens a departed device, together with its passphrase.
pub struct ReturnCode(pub(super) Release);

impl ReturnCode {
    /// For a QR code: capitals and digits.
    pub fn to_text(&self) -> Zeroizing<String> {
        let digits = Zeroizing::new(cairn_wire::codec::hex(&self.0.to_code()));
        Zeroizing::new(format!("{PREFIX}{}", *digits).to_uppercase())
    }

    /// For people who read it out, write or type it: words of a language's list. The last ones tell a mistake.
    pub fn to_words(&self, language: &str) -> Vec<&'static str> {
        spelt(&self.0.to_code(), language)
    }

    /// Reads [`ReturnCode::to_text`] or [`ReturnCode::to_words`], whatever blanks, lines and numbers stand between.
    ///
    /// # Errors
    /// [`Error::BadReturnCode`].
    pub fn read(typed: &str) -> Result<Self, Error> {
        let octets = octets(typed).ok_or(Error::BadReturnCode)?;
        Release::from_code(&octets).map(Self).ok_or(Error::BadReturnCode)
    }
}

fn octets(typed: &str) -> Option<Zeroizing<Vec<u8>>> {
    let joined = Zeroizing::new(typed.split_whitespace().collect::<String>().to_lowercase());
    let Some(at) = joined.find(PREFIX) else {
        let words: Vec<&str> =
            typed.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty()).collect();
        return unspelt(&words, RETURN_CODE).map(Zeroizing::new);
    };
    let digits = joined.get(at + PREFIX.len()..)?.as_bytes();
    if digits.len() != 2 * RETURN_CODE {
        return None;
    }
    let octet = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(octet).collect::<Option<Vec<u8>>>().map(Zeroizing::new)
}

impl fmt::Debug for ReturnCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReturnCode")
    }
}

#[cfg(test)]
mod tests {
    use super::super::word_languages;
    use super::*;

    #[test]
    fn a_code_is_read_from_words_of_every_language_and_from_its_text() {
        let code = ReturnCode(Release::generate().unwrap());
        let same = |typed: &str| *ReturnCode::read(typed).unwrap().0.to_code() == *code.0.to_code();
        for language in word_languages() {
            let words = code.to_words(language);
            assert_eq!(words.len(), 16);
            assert!(same(&words.join(" ")), "{language}");
            let numbered: Vec<String> =
                (1..).zip(&words).map(|(at, word)| format!("{at}. {word}\n")).collect();
            assert!(same(&numbered.concat().to_uppercase()), "{language}");
            let mut swapped = words.clone();
            swapped.swap(0, 9);
            assert!(swapped == words || ReturnCode::read(&swapped.join(" ")).is_err(), "{language}");
        }
        assert!(same(&code.to_text()));
        assert!(same(&format!(" {}\n", code.to_text().to_lowercase())));
        for bad in
            ["", "one two", "cairnreturn1:", "cairnreturn1:00", "cairnreturn1:+1+1", &code.to_text()[..40]]
        {
            assert!(matches!(ReturnCode::read(bad), Err(Error::BadReturnCode)), "{bad}");
        }
        assert_eq!(format!("{code:?}"), "ReturnCode", "it is not printed by mistake");
    }
}
