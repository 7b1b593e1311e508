//! Guessing at the screen: after some wrong passphrases each further one has to wait, and after many everything may
//! be wiped. It holds up whoever has the device in hand and no copy of it; against copies stands the device's key.
//!
//! File `tries`: `version u8 = 1 | wrong ones in a row u32 | second of the last u64 | wipe after u32, 0 for never`,
//! highest octet first.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// So many wrong ones do not wait.
const FREE: u32 = 4;
/// The first wait, in seconds; it doubles with each further one.
const FIRST: u64 = 5;
/// No wait is longer, in seconds.
const LONGEST: u64 = 3600;
const VERSION: u8 = 1;
const LENGTH: usize = 17;

/// What is known of earlier tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tries {
    wrong: u32,
    last: u64,
    /// After so many wrong ones everything is wiped; 0 for never.
    wipe_after: u32,
}

impl Tries {
    /// What the file says. One that cannot be read says nothing: it must not shut its owner out.
    pub(super) fn read(folder: &Path) -> Self {
        let known = |bytes: Vec<u8>| -> Option<Self> {
            let bytes: [u8; LENGTH] = bytes.try_into().ok()?;
            let (version, rest) = bytes.split_first_chunk::<1>()?;
            let (wrong, rest) = rest.split_first_chunk::<4>()?;
            let (last, rest) = rest.split_first_chunk::<8>()?;
            let (wipe_after, _) = rest.split_first_chunk::<4>()?;
            (*version == [VERSION]).then_some(Self {
                wrong: u32::from_be_bytes(*wrong),
                last: u64::from_be_bytes(*last),
                wipe_after: u32::from_be_bytes(*wipe_after),
            })
        };
        // Whatever somebody put there, no more than that is looked at.
        let read = |file: fs::File| {
            let mut bytes = Vec::new();
            file.take(LENGTH as u64 + 1).read_to_end(&mut bytes).map(|_| bytes).ok()
        };
        fs::File::open(path(folder)).ok().and_then(read).and_then(known).unwrap_or_default()
    }

    /// After how many wrong ones in a row everything is wiped.
    pub(super) fn limit(&self) -> Option<u32> {
        Some(self.wipe_after).filter(|after| *after > 0)
    }

    /// With another limit.
    pub(super) fn with_limit(self, after: Option<u32>) -> Self {
        Self { wipe_after: after.unwrap_or(0), ..self }
    }

    /// How long the next try has to wait, in seconds. A clock that was put back waits from anew.
    pub(super) fn wait(&self, now: u64) -> u64 {
        let Some(doubled) = self.wrong.checked_sub(FREE) else { return 0 };
        let wait = FIRST.checked_shl(doubled).filter(|wait| wait >> doubled == FIRST).unwrap_or(LONGEST);
        wait.min(LONGEST).saturating_sub(now.saturating_sub(self.last))
    }

    /// Notes a try before it is made, so that ending the program does not make it unseen. Where it cannot be noted
    /// the try is made all the same: a full disk must shut nobody out, and whoever can keep the file from being
    /// written can also remove it.
    pub(super) fn begin(self, folder: &Path, now: u64) -> Self {
        let begun = Self { wrong: self.wrong.saturating_add(1), last: now, ..self };
        _ = begun.write(folder);
        begun
    }

    /// Whether the tries, all of them wrong, are enough to wipe everything.
    pub(super) fn are_enough(&self) -> bool {
        self.wipe_after > 0 && self.wrong >= self.wipe_after
    }

    /// Forgets wrong tries: one was right.
    pub(super) fn end(self, folder: &Path) {
        _ = Self { wrong: 0, last: 0, ..self }.write(folder);
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), Error> {
        let bytes = [
            &[VERSION][..],
            &self.wrong.to_be_bytes(),
            &self.last.to_be_bytes(),
            &self.wipe_after.to_be_bytes(),
        ]
        .concat();
        let written = (|| {
            let mut file =
                fs::OpenOptions::new().write(true).create(true).truncate(false).open(path(folder))?;
            file.write_all(&bytes)?;
            file.sync_all()
        })();
        written.map_err(|source| Error::Disk { what: "the count of wrong passphrases", source })
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("tries")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_from_the_fifth_wrong_one_and_never_overflow() {
        let wait = |wrong, now| Tries { wrong, last: 1000, wipe_after: 0 }.wait(now);
        assert_eq!([0, 3, 4, 5, 6, 13, 14].map(|wrong| wait(wrong, 1000)), [0, 0, 5, 10, 20, 2560, 3600]);
        assert_eq!([4, 5].map(|wrong| wait(wrong, 1004)), [1, 6]);
        assert_eq!(wait(5, 1010), 0);
        assert_eq!(wait(5, 900), 10, "a clock that was put back waits from anew");
        assert_eq!(wait(u32::MAX, 1000), LONGEST);
    }

    #[test]
    fn what_is_noted_is_read_and_what_cannot_be_read_shuts_nobody_out() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Tries::read(dir.path()), Tries::default());
        let noted = Tries { wipe_after: 9, ..Tries::default() }.begin(dir.path(), 77);
        assert_eq!(noted, Tries { wrong: 1, last: 77, wipe_after: 9 });
        assert_eq!(Tries::read(dir.path()), noted);
        noted.end(dir.path());
        assert_eq!(Tries::read(dir.path()), Tries { wrong: 0, last: 0, wipe_after: 9 });
        for bytes in [&b""[..], b"x", &[2; LENGTH], &[1; LENGTH + 1]] {
            fs::write(path(dir.path()), bytes).unwrap();
            assert_eq!(Tries::read(dir.path()), Tries::default());
        }
    }
}
