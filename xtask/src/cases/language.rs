//! Words of six languages in three scripts, all of them invented for tests.
//!
//! Given names are random syllables and surnames say "test", "sample" or "fictitious" in their language,
//! so that nobody can take a case for a person's. Places and organisations do not exist. Referral
//! sentences are about what happened next, never about what was done to anybody.

mod arabic;
mod english;
mod russian;
mod spanish;
mod tajik;
mod ukrainian;

use super::random::Random;

/// How a language is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    Latin,
    Cyrillic,
    Arabic,
}

impl Script {
    pub(crate) const ALL: [Self; 3] = [Self::Latin, Self::Cyrillic, Self::Arabic];

    /// Its name for files.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Latin => "latin",
            Self::Cyrillic => "cyrillic",
            Self::Arabic => "arabic",
        }
    }

    /// One of the languages that are written in it.
    pub(super) fn language(self, random: &mut Random) -> &'static Language {
        match (self, random.below(3)) {
            (Self::Latin, 0 | 1) => &english::ENGLISH,
            (Self::Latin, _) => &spanish::SPANISH,
            (Self::Cyrillic, 0) => &russian::RUSSIAN,
            (Self::Cyrillic, 1) => &tajik::TAJIK,
            (Self::Cyrillic, _) => &ukrainian::UKRAINIAN,
            (Self::Arabic, _) => &arabic::ARABIC,
        }
    }
}

/// Words of one language. In sentences `{place}` and `{number}` are filled in.
#[derive(Debug)]
pub(super) struct Language {
    /// Given names are made of these.
    pub(super) syllables: &'static [&'static str],
    /// Surnames of women and of men.
    pub(super) surnames: &'static [(&'static str, &'static str)],
    /// Salutations of women and of men.
    pub(super) salutations: (&'static str, &'static str),
    pub(super) places: &'static [&'static str],
    pub(super) states: &'static [&'static str],
    pub(super) country: &'static str,
    pub(super) streets: &'static [&'static str],
    pub(super) organisations: &'static [&'static str],
    /// A case worker, before a number.
    pub(super) worker: &'static str,
    /// Codes of citizenships that are frequent here.
    pub(super) citizenships: &'static [&'static str],
    pub(super) reasons: &'static [&'static str],
    pub(super) sentences: &'static [&'static str],
    /// The digits from nought to nine.
    pub(super) digits: [char; 10],
}

pub(super) const LATIN_DIGITS: [char; 10] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

impl Language {
    /// A number as people write it here.
    pub(super) fn number(&self, number: u64) -> String {
        let digit = |digit: char| {
            let at = digit.to_digit(10).and_then(|at| usize::try_from(at).ok());
            at.and_then(|at| self.digits.get(at)).copied().unwrap_or(digit)
        };
        number.to_string().chars().map(digit).collect()
    }
}
