//! The outside of a change: its frame, and what may be dropped from it.
//!
//! ```text
//! magic 85 6f 4a 83 │ checksum[4] │ type u8 = 1 │ length (LEB128) │ contents
//! └────────── computed again: 9 ──────────────┘ └──────── stripped ────────┘
//! hash = SHA-256(type ‖ length ‖ contents)      checksum = hash[..4]
//! ```
//! (automerge.org/automerge-binary-format-spec, "chunk container")

use cairn_wire::digest::{Hash, sha256};
use cairn_wire::id::ChainId;
use cairn_wire::limits;

use super::leb::Leb;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
/// An uncompressed change: the only type of chunk that is ever parsed when it comes from outside.
pub(super) const CHANGE: u8 = 1;
/// Magic, checksum and type, in octets.
pub(super) const FRONT: usize = 9;

/// The name of a change: SHA-256 over type, length and contents. None if it is no uncompressed change
/// or its checksum is wrong.
pub fn hash(change: &[u8]) -> Option<Hash> {
    checked(change).map(|(hash, _)| hash)
}

/// Drops the nine octets that can be computed again: magic, checksum and type. None if `change` is not
/// exactly one uncompressed change with a right checksum.
pub fn strip(change: &[u8]) -> Option<&[u8]> {
    checked(change).map(|(_, stripped)| stripped)
}

/// Puts back what [`strip`] dropped.
pub fn restore(stripped: &[u8]) -> Vec<u8> {
    let mut change = Vec::with_capacity(FRONT + stripped.len());
    change.extend(front(&name(stripped)));
    change.extend(stripped);
    change
}

/// Takes a raw change apart: the names of the changes it builds on, and everything after them. None if it is
/// no change or names more than `limits::DEPENDENCIES`.
pub fn split(change: &[u8]) -> Option<(Vec<Hash>, &[u8])> {
    let mut rest = Leb(contents(strip(change)?)?);
    let count = usize::try_from(rest.unsigned()?).ok().filter(|count| *count <= limits::DEPENDENCIES)?;
    let deps = (0..count).map(|_| rest.take(32)?.try_into().ok()).collect::<Option<_>>()?;
    Some((deps, rest.0))
}

/// Puts together what [`split`] took apart.
pub fn join(deps: &[Hash], rest: &[u8]) -> Vec<u8> {
    // Dependencies are few, so their number takes one octet.
    let mut contents = vec![u8::try_from(deps.len()).unwrap_or(u8::MAX)];
    deps.iter().for_each(|dep| contents.extend(dep));
    contents.extend(rest);
    let mut stripped = Vec::with_capacity(contents.len() + 5);
    let mut length = contents.len();
    while length >= 0x80 {
        stripped.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    stripped.push(length as u8);
    stripped.extend(contents);
    restore(&stripped)
}

/// Who wrote a raw change, by its own word.
pub fn author(change: &[u8]) -> Option<ChainId> {
    let (_, rest) = split(change)?;
    let mut rest = Leb(rest);
    let length = rest.unsigned()?;
    ChainId::from_slice(rest.take(length)?)
}

/// The type of the chunk that `bytes` begins with.
pub(super) fn chunk_type(bytes: &[u8]) -> Option<u8> {
    bytes.get(FRONT - 1).copied()
}

/// The contents of a stripped change: what follows the length, if the length is right.
pub(super) fn contents(stripped: &[u8]) -> Option<&[u8]> {
    let mut rest = Leb(stripped);
    let length = rest.unsigned()?;
    (usize::try_from(length).ok()? == rest.0.len()).then_some(rest.0)
}

fn checked(change: &[u8]) -> Option<(Hash, &[u8])> {
    let (found, stripped) = change.split_at_checked(FRONT)?;
    contents(stripped)?;
    let hash = name(stripped);
    (found == front(&hash)).then_some((hash, stripped))
}

fn name(stripped: &[u8]) -> Hash {
    sha256(&[&[CHANGE], stripped])
}

fn front(hash: &Hash) -> [u8; FRONT] {
    let [a, b, c, d] = MAGIC;
    let [e, f, g, h, ..] = *hash;
    [a, b, c, d, e, f, g, h, CHANGE]
}

#[cfg(test)]
mod tests {
    use super::super::tests::{answers, chain, interview, record};
    use super::super::{About, Stamp, first};
    use super::*;

    fn change() -> Vec<u8> {
        let about = About { record: record(1), part: "case" };
        first(&interview(), &about, &answers(), &Stamp { chain: chain(1), time: 1_700_000_000 })
            .unwrap()
            .change
    }

    #[test]
    fn what_is_stripped_comes_back() {
        let change = change();
        let stripped = strip(&change).unwrap();
        assert_eq!(stripped.len() + 9, change.len());
        assert_eq!(restore(stripped), change);
    }

    #[test]
    fn what_is_taken_apart_is_put_together() {
        let change = change();
        let (deps, rest) = split(&change).unwrap();
        assert_eq!((deps.len(), join(&deps, rest)), (0, change.clone()));
        assert_eq!(author(&change), Some(chain(1)));
        let deps = vec![[1; 32], [2; 32]];
        let built = join(&deps, rest);
        assert_eq!(split(&built), Some((deps, rest)));
        assert_eq!(split(&change[1..]), None);
    }

    #[test]
    fn a_wrong_checksum_type_or_length_is_no_change() {
        let change = change();
        for place in [0, 4, 8, 9, change.len() - 1] {
            let mut wrong = change.clone();
            wrong[place] ^= 1;
            assert_eq!(strip(&wrong), None, "octet {place}");
        }
        assert_eq!(strip(&change[..change.len() - 1]), None);
        assert_eq!(strip(&[change.clone(), vec![0]].concat()), None);
        assert_eq!(strip(&[]), None);
    }

    #[test]
    fn the_name_is_the_one_automerge_gives() {
        let change = change();
        let parsed = automerge::Change::from_bytes(change.clone()).unwrap();
        assert_eq!(hash(&change), Some(parsed.hash().0));
    }
}
