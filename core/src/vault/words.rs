//! Passphrases that are offered: ordinary words, drawn at random.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::crypto::generate;
use crate::error::Error;

/// Bits of chance in each word.
const BITS: usize = 10;
/// The languages that have a list, and their lists (`core/words/README.md`).
const LISTS: [(&str, &str); 6] = [
    ("en", include_str!("../../words/en.txt")),
    ("ar", include_str!("../../words/ar.txt")),
    ("fr", include_str!("../../words/fr.txt")),
    ("ru", include_str!("../../words/ru.txt")),
    ("tg", include_str!("../../words/tg.txt")),
    ("uk", include_str!("../../words/uk.txt")),
];

/// The languages in which passphrases can be offered.
pub fn word_languages() -> impl Iterator<Item = &'static str> {
    LISTS.iter().map(|(language, _)| *language)
}

/// So many words with blanks between, drawn from the list of a language (`ru`, `ru-RU`; English where there is no
/// list): ten bits of chance for each word.
///
/// # Errors
/// [`Error::Bug`] without random numbers.
pub fn offer_passphrase(words: usize, language: &str) -> Result<Zeroizing<String>, Error> {
    let list = list(language);
    let mut offered = Zeroizing::new(String::new());
    for _ in 0..words {
        // 1,024 words: the remainder draws each alike.
        let drawn = usize::from(u16::from_be_bytes(generate()?)) % (1 << BITS);
        if !offered.is_empty() {
            offered.push(' ');
        }
        offered.push_str(list.get(drawn).copied().unwrap_or_default());
    }
    Ok(offered)
}

/// Octets in words of a language's list, ten bits in each, highest first; the last is filled with zeros.
pub(super) fn spelt(octets: &[u8], language: &str) -> Vec<&'static str> {
    let list = list(language);
    let bit = |at: usize| octets.get(at / 8).is_some_and(|octet| octet >> (7 - at % 8) & 1 == 1);
    (0..octets.len() * 8)
        .step_by(BITS)
        .map(|from| (from..from + BITS).fold(0, |number, at| number << 1 | usize::from(bit(at))))
        .map(|number| list.get(number).copied().unwrap_or_default())
        .collect()
}

/// So many octets from the words that spell them. Four letters of each word are enough.
pub(super) fn unspelt(words: &[&str], length: usize) -> Option<Vec<u8>> {
    if words.len() != (length * 8).div_ceil(BITS) {
        return None;
    }
    let beginning = |word: &str| -> String { word.to_lowercase().chars().take(4).collect() };
    let numbers = LISTS.iter().find_map(|(_, list)| {
        let known: BTreeMap<String, usize> = list.lines().map(beginning).zip(0..).collect();
        words.iter().map(|word| known.get(&beginning(word)).copied()).collect::<Option<Vec<usize>>>()
    })?;
    let bit =
        |at: usize| numbers.get(at / BITS).is_some_and(|number| number >> (BITS - 1 - at % BITS) & 1 == 1);
    let octet = |from: usize| (from..from + 8).fold(0u8, |octet, at| octet << 1 | u8::from(bit(at)));
    Some((0..length * 8).step_by(8).map(octet).collect())
}

/// The list of a language; the English one where there is none.
fn list(language: &str) -> Vec<&'static str> {
    let code = language.split(['-', '_']).next().unwrap_or_default();
    let found = LISTS.iter().find(|(known, _)| *known == code).or(LISTS.first());
    found.map(|(_, list)| list.lines().collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_list_has_a_thousand_and_twenty_four_words_that_nobody_takes_for_another() {
        for (language, list) in LISTS {
            let words: Vec<&str> = list.lines().collect();
            assert_eq!(words.len(), 1 << BITS, "{language}");
            let beginnings: BTreeSet<String> =
                words.iter().map(|word| word.chars().take(4).collect()).collect();
            assert_eq!(beginnings.len(), words.len(), "{language}");
            let plain = |word: &&str| {
                (4..=8).contains(&word.chars().count()) && word.chars().all(char::is_alphabetic)
            };
            assert!(words.iter().all(plain), "{language}");
        }
    }

    #[test]
    fn octets_are_spelt_in_every_language_and_four_letters_are_enough() {
        for (language, _) in LISTS {
            let octets: Vec<u8> = (0..64u8).map(|at| at.wrapping_mul(37)).collect();
            let words = spelt(&octets, language);
            assert_eq!(words.len(), 52);
            assert_eq!(unspelt(&words, 64), Some(octets.clone()), "{language}");
            let short: Vec<String> =
                words.iter().map(|word| word.to_uppercase().chars().take(4).collect()).collect();
            let short: Vec<&str> = short.iter().map(String::as_str).collect();
            assert_eq!(unspelt(&short, 64), Some(octets), "{language}");
            assert_eq!(unspelt(&words[1..], 64), None);
        }
        assert_eq!(unspelt(&["xyzw"; 52], 64), None);
    }

    #[test]
    fn words_are_drawn_from_the_whole_list_in_the_language_that_is_asked_for() {
        let drawn: BTreeSet<String> = (0..8000)
            .map(|_| offer_passphrase(5, "tg-TJ").unwrap())
            .flat_map(|offered| offered.split(' ').map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let list: BTreeSet<String> = LISTS[4].1.lines().map(str::to_owned).collect();
        assert_eq!(drawn, list, "40,000 draws miss none");
        let english = offer_passphrase(6, "xx").unwrap();
        assert_eq!(english.split(' ').count(), 6);
        assert!(english.split(' ').all(|word| LISTS[0].1.lines().any(|known| known == word)));
    }
}
