//! Passphrases that are offered: ordinary words, drawn at random.

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
    let code = language.split(['-', '_']).next().unwrap_or_default();
    let list = LISTS.iter().find(|(known, _)| *known == code).or(LISTS.first());
    let list: Vec<&str> = list.map(|(_, list)| list.lines().collect()).unwrap_or_default();
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
