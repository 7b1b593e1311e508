//! Canaries: words that occur nowhere else, and the search for them in files.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

/// How a canary may look in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guise {
    /// As it is.
    Raw,
    /// In lower case, as a search index has it.
    Lower,
    /// In UTF-16, little end first.
    Utf16,
    /// In base64, at one of the three places it can begin.
    Base64(usize),
    /// In hexadecimal digits.
    Hex,
    /// In hexadecimal digits, in capitals.
    HexCapitals,
}

/// Every guise there is.
pub const GUISES: [Guise; 8] = [
    Guise::Raw,
    Guise::Lower,
    Guise::Utf16,
    Guise::Base64(0),
    Guise::Base64(1),
    Guise::Base64(2),
    Guise::Hex,
    Guise::HexCapitals,
];

impl Guise {
    /// The octets of a canary in this guise.
    pub fn octets(self, canary: &str) -> Vec<u8> {
        let hex = || canary.bytes().map(|octet| format!("{octet:02x}")).collect::<String>();
        match self {
            Self::Raw => canary.as_bytes().to_vec(),
            Self::Lower => canary.to_lowercase().into_bytes(),
            Self::Utf16 => canary.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Base64(at) => {
                let whole = base64(&[&vec![0; at][..], canary.as_bytes()].concat());
                // The outermost digits also hold bits of the neighbours.
                let (first, last) = ((at * 8).div_ceil(6), (at + canary.len()) * 8 / 6);
                whole[first..last].to_vec()
            }
            Self::Hex => hex().into_bytes(),
            Self::HexCapitals => hex().to_uppercase().into_bytes(),
        }
    }
}

/// Base64 (RFC 4648), without padding.
pub fn base64(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut digits = Vec::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().chain(&[0; 3]).take(3).fold(0, |word, octet| word << 8 | usize::from(*octet));
        digits.extend((0..=chunk.len()).map(|n| DIGITS[word >> (18 - 6 * n) & 63]));
    }
    digits
}

/// A search for many canaries at once.
pub struct Search {
    /// Patterns by their first four octets.
    patterns: HashMap<[u8; 4], Vec<(Vec<u8>, String, Guise)>>,
}

impl Search {
    /// A search for these canaries in every guise.
    pub fn new<'a>(canaries: impl IntoIterator<Item = &'a str>) -> Self {
        let mut patterns: HashMap<[u8; 4], Vec<_>> = HashMap::new();
        for canary in canaries {
            for guise in GUISES {
                let octets = guise.octets(canary);
                let start = *octets.first_chunk::<4>().expect("a canary is long enough");
                patterns.entry(start).or_default().push((octets, canary.to_owned(), guise));
            }
        }
        Self { patterns }
    }

    /// Which canaries in which guises these octets hold.
    pub fn octets(&self, bytes: &[u8]) -> BTreeSet<(String, Guise)> {
        let mut found = BTreeSet::new();
        for at in 0..bytes.len().saturating_sub(3) {
            let Some(start) = bytes[at..].first_chunk::<4>() else { break };
            let Some(patterns) = self.patterns.get(start) else { continue };
            for (octets, canary, guise) in patterns {
                if bytes[at..].starts_with(octets) {
                    found.insert((canary.clone(), *guise));
                }
            }
        }
        found
    }

    /// What is found in every file under a folder, names of files included.
    pub fn folder(&self, folder: &Path) -> Vec<(PathBuf, String, Guise)> {
        let mut found = Vec::new();
        for file in files(folder) {
            let mut bytes = file.as_os_str().as_encoded_bytes().to_vec();
            bytes.push(0);
            // A file may go away while others work in the folder.
            bytes.extend(fs::read(&file).unwrap_or_default());
            let here = self.octets(&bytes);
            found.extend(here.into_iter().map(|(canary, guise)| (file.clone(), canary, guise)));
        }
        found
    }
}

/// Every file under a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}
