//! Words by which two people make sure that they mean the same device.
//!
//! ```text
//! words = the first 64 bits of SHA-256("cairn/words/1" ‖ workspace ‖ device), 16 bits to a word
//! word  = consonant vowel consonant vowel consonant, for 4, 2, 4, 2 and 4 bits, highest first
//! ```
//! The spelling is that of proquints (Wilkerson, 2009): it needs no list, suits no language better than
//! another, and can be read out over a bad line. Whoever wants another device with the same words has to try
//! about 2⁶⁴ keys.

use cairn_wire::digest::sha256;
use cairn_wire::id::{DeviceId, WorkspaceId};

const CONSONANTS: [char; 16] =
    ['b', 'd', 'f', 'g', 'h', 'j', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'z'];
const VOWELS: [char; 4] = ['a', 'i', 'o', 'u'];
/// 16 bits each.
const WORDS: usize = 4;

/// The words of a device in a workspace, with blanks between them.
pub fn words(workspace: WorkspaceId, device: &DeviceId) -> String {
    let hash = sha256(&[b"cairn/words/1", &workspace.0, &device.0]);
    let words = hash.as_chunks::<2>().0.iter().take(WORDS);
    words.map(|two| word(u16::from_be_bytes(*two))).collect::<Vec<_>>().join(" ")
}

/// Whether somebody typed these words: case, blanks, commas and hyphens do not matter.
pub fn same_words(words: &str, typed: &str) -> bool {
    let letters = |text: &str| -> String {
        let kept = text.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, '-' | ','));
        kept.flat_map(char::to_lowercase).collect()
    };
    letters(words) == letters(typed)
}

fn word(bits: u16) -> String {
    let consonant = |shift: u32| CONSONANTS.get(usize::from(bits >> shift & 15)).copied();
    let vowel = |shift: u32| VOWELS.get(usize::from(bits >> shift & 3)).copied();
    [consonant(12), vowel(10), consonant(6), vowel(4), consonant(0)].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_spelled_as_proquints_are() {
        // The examples of the proposal: 127.0.0.1 and 63.84.220.193.
        let spelled: Vec<String> = [0x7f00, 0x0001, 0x3f54, 0xdcc1].into_iter().map(word).collect();
        assert_eq!(spelled, ["lusab", "babad", "gutih", "tugad"]);
    }

    #[test]
    fn another_device_or_workspace_has_other_words() {
        let one = words(WorkspaceId([1; 16]), &DeviceId([2; 16]));
        assert_eq!(one.split(' ').count(), 4);
        assert!(one.split(' ').all(|word| word.len() == 5));
        assert_ne!(one, words(WorkspaceId([1; 16]), &DeviceId([3; 16])));
        assert_ne!(one, words(WorkspaceId([3; 16]), &DeviceId([2; 16])));
        assert_eq!(one, words(WorkspaceId([1; 16]), &DeviceId([2; 16])), "control");
    }

    #[test]
    fn words_are_the_same_however_they_are_typed() {
        let right = "lusab babad gutih tugad";
        for typed in
            [right, "LUSAB-BABAD-GUTIH-TUGAD", " lusab,babad,\ngutih   tugad ", "lusabbabadgutihtugad"]
        {
            assert!(same_words(right, typed), "{typed}");
        }
        for typed in ["", "lusab babad gutih", "lusab babad gutih tugab", "babad lusab gutih tugad"] {
            assert!(!same_words(right, typed), "{typed}");
        }
    }
}
