//! Whether the write-ahead log is whole, before SQLite reads it.
//!
//! SQLite takes a log in up to the first frame whose checksum is wrong and says nothing about the rest: after a power
//! cut that is right, since the rest was never acknowledged. But each commit is synced before the next begins
//! (`synchronous = FULL`), so at most one commit can lie behind a tear. Where more than one does, octets have changed
//! by themselves, and opening would forget in silence what was acknowledged.
//!
//! Checksums and headers are in clear and over encrypted pages: no key is needed. The layout is SQLite's own
//! ("WAL-Index Format", file format 4.1): a header of 32 octets, then frames of 24 octets and a page.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::Path;

pub(super) const HEADER: usize = 32;
const FRAME: usize = 24;
/// The checksums' octet order is in the last bit.
const MAGIC: u32 = 0x377f_0682;
const PAGES: std::ops::RangeInclusive<usize> = 512..=65_536;

/// A checksum, or the mark of a log: two numbers.
pub(super) type Sum = (u32, u32);

/// Whether acknowledged commits lie behind a frame that cannot be believed. A log that is not there is whole.
///
/// # Errors
/// What the disk says.
pub(super) fn is_damaged(path: &Path) -> io::Result<bool> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        file => file?,
    };
    has_lost(&mut BufReader::with_capacity(1 << 18, file))
}

fn has_lost(log: &mut impl Read) -> io::Result<bool> {
    let mut header = [0; HEADER];
    // Nothing was ever synced into a log without a header.
    if !fills(log, &mut header)? || header == [0; HEADER] {
        return Ok(false);
    }
    let (magic, page) = (word(&header, 0), word(&header, 8) as usize);
    let sums = Sums { is_big: magic & 1 == 1 };
    let begin = sums.over((0, 0), header.get(..24).unwrap_or_default());
    // It lies in one sector and is synced before any frame: it is whole, or something has changed it.
    if magic & !1 != MAGIC || !PAGES.contains(&page) || begin != stored(&header, 24) {
        return Ok(true);
    }
    let salts = stored(&header, 16);
    let mut walk = Walk { sum: begin, torn: false, may_chain: false, commits: 0 };
    let mut frame = vec![0; FRAME + page];
    while fills(log, &mut frame)? {
        if !walk.step(&sums, salts, &frame) {
            break;
        }
    }
    Ok(walk.commits > 1)
}

/// Going through the frames.
struct Walk {
    /// The checksum up to here, as the last frame says it.
    sum: Sum,
    /// Whether a frame could not be believed.
    torn: bool,
    /// Whether the frame after the tear has been seen; it need not follow from the torn one.
    may_chain: bool,
    /// Commits from the tear on.
    commits: u32,
}

impl Walk {
    /// Takes a frame in; `false` when what follows was never a part of this log.
    fn step(&mut self, sums: &Sums, salts: Sum, frame: &[u8]) -> bool {
        let (is_ours, commits) = (stored(frame, 8) == salts, word(frame, 4) != 0);
        let sum = sums.over(self.sum, frame.get(..8).unwrap_or_default());
        let sum = sums.over(sum, frame.get(FRAME..).unwrap_or_default());
        let follows = sum == stored(frame, 16);
        self.sum = stored(frame, 16);
        if !self.torn {
            self.torn = !(is_ours && follows);
            self.commits += u32::from(self.torn && commits && (is_ours || follows));
            return true;
        }
        // What was begun and not committed may lie here from before: it does not follow from what stands before it.
        let first = !std::mem::replace(&mut self.may_chain, true);
        if !is_ours || !(first || follows) {
            return false;
        }
        self.commits += u32::from(commits);
        true
    }
}

/// SQLite's checksum of a log.
pub(super) struct Sums {
    /// Whether it is over numbers with the highest octet first.
    pub(super) is_big: bool,
}

impl Sums {
    /// The checksum of these octets after others with the checksum `from`.
    pub(super) fn over(&self, from: Sum, bytes: &[u8]) -> Sum {
        let number = |octets: [u8; 4]| {
            if self.is_big { u32::from_be_bytes(octets) } else { u32::from_le_bytes(octets) }
        };
        let (pairs, _) = bytes.as_chunks::<8>();
        pairs.iter().fold(from, |(one, two), [a, b, c, d, e, f, g, h]| {
            let one = one.wrapping_add(number([*a, *b, *c, *d])).wrapping_add(two);
            (one, two.wrapping_add(number([*e, *f, *g, *h])).wrapping_add(one))
        })
    }
}

/// The number at a place; 0 where there is none.
pub(super) fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()).map_or(0, |octets| u32::from_be_bytes(*octets))
}

/// Two numbers at a place.
pub(super) fn stored(bytes: &[u8], at: usize) -> Sum {
    (word(bytes, at), word(bytes, at + 4))
}

/// Fills the whole of it, or says that the file ends before.
fn fills(from: &mut impl Read, whole: &mut [u8]) -> io::Result<bool> {
    match from.read_exact(whole) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    /// The log of a plain database after some commits, and where each ends.
    fn log(commits: usize) -> (Vec<u8>, Vec<usize>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plain.db");
        let wal = dir.path().join("plain.db-wal");
        let database = Connection::open(&path).unwrap();
        database.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).unwrap();
        database.execute_batch("CREATE TABLE t (a); PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        let mut ends = Vec::new();
        for number in 0..commits {
            database.execute("INSERT INTO t VALUES (randomblob(?1))", [9_000 * (number as i64 % 3)]).unwrap();
            ends.push(std::fs::metadata(&wal).unwrap().len() as usize);
        }
        (std::fs::read(&wal).unwrap(), ends)
    }

    fn judged(mut bytes: &[u8]) -> bool {
        has_lost(&mut bytes).unwrap()
    }

    #[test]
    fn a_log_that_ends_anywhere_is_torn_and_not_damaged() {
        let (bytes, ends) = log(6);
        assert!(!judged(&bytes), "whole");
        let last = ends[ends.len() - 2];
        for len in (0..bytes.len()).step_by(397) {
            assert!(!judged(&bytes[..len]), "cut at {len}");
        }
        // The last commit is torn: some of its sectors did not arrive.
        for sector in last / 512 + 1..bytes.len() / 512 {
            let mut torn = bytes.clone();
            torn[sector * 512..(sector + 1) * 512].fill(0);
            assert!(!judged(&torn), "sector {sector}");
        }
    }

    #[test]
    fn any_bit_that_flips_before_the_last_commit_is_damage() {
        let (bytes, ends) = log(6);
        let last = ends[ends.len() - 2];
        for bit in (0..last * 8).step_by(307).chain(0..64 * 8) {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(judged(&flipped), "bit {bit}");
        }
    }

    #[test]
    fn what_is_no_log_never_panics() {
        for bytes in [&[7; 31][..], &[7; 32], &[0; 5000], &[255; 70_000]] {
            judged(bytes);
        }
        let mut huge = log(1).0;
        huge[8..12].copy_from_slice(&[0xff; 4]);
        assert!(judged(&huge), "a page size that nobody has");
    }
}
