//! In how many ways octets can say the same word.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// One way to write text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    Plain,
    Lower,
    Upper,
    Utf16Little,
    Utf16Big,
    HexLower,
    HexUpper,
    Base64,
    Base64Url,
    JsonEscapes,
    Percent,
}

impl Spelling {
    pub(super) const ALL: [Self; 11] = [
        Self::Plain,
        Self::Lower,
        Self::Upper,
        Self::Utf16Little,
        Self::Utf16Big,
        Self::HexLower,
        Self::HexUpper,
        Self::Base64,
        Self::Base64Url,
        Self::JsonEscapes,
        Self::Percent,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Plain => "UTF-8",
            Self::Lower => "small letters",
            Self::Upper => "capitals",
            Self::Utf16Little => "UTF-16, little-endian",
            Self::Utf16Big => "UTF-16, big-endian",
            Self::HexLower => "hexadecimal, small",
            Self::HexUpper => "hexadecimal, capitals",
            Self::Base64 => "base64",
            Self::Base64Url => "base64 for addresses",
            Self::JsonEscapes => "JSON escapes",
            Self::Percent => "percent escapes",
        }
    }

    /// A whole text spelled so.
    pub(super) fn whole(self, text: &str) -> Vec<u8> {
        match self {
            Self::Plain => text.into(),
            Self::Lower => text.to_lowercase().into(),
            Self::Upper => text.to_uppercase().into(),
            Self::Utf16Little => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Utf16Big => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Self::HexLower => text.bytes().map(|octet| format!("{octet:02x}")).collect::<String>().into(),
            Self::HexUpper => text.bytes().map(|octet| format!("{octet:02X}")).collect::<String>().into(),
            Self::Base64 => STANDARD_NO_PAD.encode(text).into(),
            Self::Base64Url => URL_SAFE_NO_PAD.encode(text).into(),
            Self::JsonEscapes => text.chars().map(json).collect::<String>().into(),
            Self::Percent => text.bytes().map(percent).collect::<String>().into(),
        }
    }

    /// What to look for in order to find a word spelled so, wherever it stands in its text.
    pub(super) fn of(self, word: &str) -> Vec<Vec<u8>> {
        match self {
            // Three octets make four letters, so a word looks different from each of three beginnings;
            // letters that it shares with its neighbours are left out.
            Self::Base64 | Self::Base64Url => (0..3).map(|before| self.part(word, before)).collect(),
            _ => vec![self.whole(word)],
        }
    }

    fn part(self, word: &str, before: usize) -> Vec<u8> {
        let text = "\0".repeat(before) + word;
        let letters = self.whole(&text);
        let shared = before.saturating_mul(8).div_ceil(6);
        let whole = text.len().saturating_mul(8) / 6;
        letters.get(shared..whole).unwrap_or_default().to_vec()
    }
}

fn json(letter: char) -> String {
    if letter.is_ascii() {
        return letter.to_string();
    }
    letter.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
}

fn percent(octet: u8) -> String {
    if octet.is_ascii_alphanumeric() { char::from(octet).to_string() } else { format!("%{octet:02X}") }
}

#[cfg(test)]
mod tests {
    use super::super::holds;
    use super::*;

    #[test]
    fn a_word_is_found_wherever_it_stands_in_however_it_is_spelled() {
        for word in ["Canarybird", "Ҷувқтарона", "الكناريّة"] {
            for before in ["", "a", "ab", "abc", "я"] {
                let text = format!("{before}{word},");
                for spelling in Spelling::ALL {
                    let spelled = spelling.whole(&text);
                    assert!(
                        spelling.of(word).iter().any(|needle| holds(&spelled, needle)),
                        "{}",
                        spelling.name()
                    );
                    let other = spelling.whole("Quite another text, Nothing planted here at all, ничего");
                    assert!(
                        !spelling.of(word).iter().any(|needle| holds(&other, needle)),
                        "{}",
                        spelling.name()
                    );
                }
            }
        }
    }
}
