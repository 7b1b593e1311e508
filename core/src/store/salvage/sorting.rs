//! Which pages of a database and of its write-ahead log are whole, and which of them are certainly the newest.
//!
//! Frames of the log stand for newer states of pages. Where one that was committed cannot be read, what is there of
//! its page is older, and so may be what leads to it: never is such a state given out as the newest.

use std::collections::{BTreeMap, BTreeSet};

use super::SALT;
use crate::crypto::{PAGE, PageCheck, VaultKey};
use crate::store::StoreError;
use crate::store::wal::{self, Sum, Sums};

const FRAME: usize = 24;

/// What is known of a page's state, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// It is the newest.
    Newest,
    /// The newest that was committed, as far as can be seen: a commit that was begun after it has no end.
    Behind,
    /// A frame that cannot be read and does not say which page it is of came after it.
    Unsure,
    /// A frame of this very page that cannot be read came after it.
    Older,
}

/// The pages, as they rest.
#[derive(Default)]
pub(super) struct Sorted {
    /// How many there are, as far as can be seen.
    pub(super) pages: u32,
    /// The salt of the database.
    pub(super) salt: [u8; SALT],
    /// The newest whole state of each.
    pub(super) whole: BTreeMap<u32, Vec<u8>>,
    /// Those that may not be the newest.
    pub(super) standing: BTreeMap<u32, Standing>,
    /// Those of which frames lie in the log.
    pub(super) touched: BTreeSet<u32>,
    /// Those of which no state is whole: number and octets.
    pub(super) damaged: Vec<(u32, Vec<u8>)>,
    /// Committed frames, and how many of them are damaged.
    pub(super) logged: (u32, u32),
    /// Whether the log goes on behind its last commit.
    pub(super) ends_torn: bool,
}

#[derive(Clone, Copy)]
struct Frame<'a> {
    /// The page it says it is of.
    number: u32,
    /// How many pages the database has with it; 0 inside a commit.
    size: u32,
    /// Whether it bears the log's mark, so that its header is likely to be whole.
    marked: bool,
    /// Whether its checksum follows from the frame before.
    follows: bool,
    page: &'a [u8],
}

impl Frame<'_> {
    /// The page it is of, if that is whole. One octet of the header may have changed and not the page.
    fn whole(&self, check: &PageCheck) -> Option<u32> {
        let near = (0..32).map(|bit| self.number ^ (1 << bit));
        std::iter::once(self.number)
            .chain(near)
            .find(|number| *number > 0 && check.is_whole(*number, self.page))
    }
}

/// The newest whole state of each page.
///
/// # Errors
/// [`StoreError::WrongKey`] if not one page is whole.
pub(super) fn sort(key: &VaultKey, octets: &[u8], log: &[u8], kept: &[u8]) -> Result<Sorted, StoreError> {
    let frames = frames(log);
    let pages: Vec<(u32, &[u8])> =
        octets.chunks(PAGE).zip(1..).map(|(page, number)| (number, page)).collect();
    let (salt, check) = best_salt(key, octets, kept, &pages, &frames).ok_or(StoreError::WrongKey)?;
    let mut sorted = Sorted { salt, ..Sorted::default() };
    for (number, page) in &pages {
        if check.is_whole(*number, page) {
            sorted.whole.insert(*number, page.to_vec());
        } else {
            sorted.damaged.push((*number, page.to_vec()));
        }
    }
    let count = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
    let most = count(pages.len()).saturating_add(count(frames.len()));
    // What was not committed in the end was never acknowledged.
    let committed =
        frames.iter().rposition(|frame| frame.marked && frame.size > 0).map_or(0, |last| last + 1);
    let (committed, tail) = frames.split_at_checked(committed).unwrap_or_default();
    for frame in committed {
        sorted.take(frame, &check, most);
    }
    sorted.ends_torn = sorted.take_tail(tail, &check, most);
    // A log that does not say what belongs to it may have held anything.
    if committed.is_empty() && !log.is_empty() && !header_is_whole(log) && log.iter().any(|octet| *octet != 0)
    {
        sorted.ends_torn = true;
        sorted.doubt(Standing::Unsure);
    }
    let size = committed.last().filter(|last| last.follows && last.marked).map(|last| last.size);
    if let Some(size) = size {
        // What lies behind the end was given back, and says what was once.
        sorted.whole.retain(|number, _| *number <= size);
        sorted.damaged.retain(|(number, _)| *number <= size);
    }
    let Sorted { whole, damaged, standing, .. } = &mut sorted;
    damaged.retain(|(number, _)| !whole.contains_key(number));
    standing.retain(|number, _| whole.contains_key(number));
    let seen = count(pages.len()).max(whole.keys().copied().max().unwrap_or(0));
    sorted.pages = size.map_or(seen, |size| seen.min(size));
    Ok(sorted)
}

impl Sorted {
    /// Takes a committed frame: a newer state of its page, or the knowledge that there was one.
    fn take(&mut self, frame: &Frame<'_>, check: &PageCheck, most: u32) {
        self.logged.0 += 1;
        if let Some(number) = frame.whole(check) {
            self.whole.insert(number, frame.page.to_vec());
            self.standing.remove(&number);
            self.touched.insert(number);
            return;
        }
        self.logged.1 += 1;
        if frame.marked && (1..=most).contains(&frame.number) {
            self.standing.insert(frame.number, Standing::Older);
            self.touched.insert(frame.number);
        } else {
            self.doubt(Standing::Unsure);
        }
    }

    /// What lies behind the last commit was not acknowledged, or its end is damaged; says whether there is any.
    fn take_tail(&mut self, tail: &[Frame<'_>], check: &PageCheck, most: u32) -> bool {
        let mut any = false;
        let marked = tail.iter().rposition(|frame| frame.marked).map_or(0, |last| last + 1);
        for (at, frame) in tail.iter().enumerate() {
            // What was there before the log was begun anew follows from nothing in it.
            if at >= marked && !frame.follows {
                break;
            }
            any = true;
            match frame.whole(check).or(Some(frame.number).filter(|number| (1..=most).contains(number))) {
                Some(number) => self.worsen(number, Standing::Behind),
                None => self.doubt(Standing::Behind),
            }
        }
        any
    }

    fn doubt(&mut self, standing: Standing) {
        let all: Vec<u32> = self.whole.keys().copied().collect();
        for number in all {
            self.worsen(number, standing);
        }
    }

    fn worsen(&mut self, number: u32, standing: Standing) {
        let now = self.standing.entry(number).or_insert(standing);
        *now = (*now).max(standing);
    }
}

/// The salt under which most pages are whole.
fn best_salt(
    key: &VaultKey,
    octets: &[u8],
    kept: &[u8],
    pages: &[(u32, &[u8])],
    frames: &[Frame<'_>],
) -> Option<([u8; SALT], PageCheck)> {
    let first_pages = frames.iter().filter(|frame| frame.number == 1).map(|frame| frame.page);
    let salts = [octets, kept].into_iter().chain(first_pages).filter_map(|from| from.first_chunk::<SALT>());
    let counted = salts.collect::<BTreeSet<_>>().into_iter().map(|salt| {
        let check = PageCheck::new(key, salt);
        let whole = pages.iter().filter(|(number, page)| check.is_whole(*number, page)).count();
        let logged = frames.iter().filter(|frame| check.is_whole(frame.number, frame.page)).count();
        (whole + logged, *salt, check)
    });
    let best = counted.max_by_key(|(whole, _, _)| *whole).filter(|(whole, _, _)| *whole > 0);
    best.map(|(_, salt, check)| (salt, check))
}

fn sums(log: &[u8]) -> Sums {
    Sums { is_big: wal::word(log, 0) & 1 == 1 }
}

fn header_is_whole(log: &[u8]) -> bool {
    let begin = log.get(..24).map(|header| sums(log).over((0, 0), header));
    begin.is_some_and(|begin| begin == wal::stored(log, 24))
}

/// Every frame of the log, whether or not it belongs to what the log holds now; the last may be cut off.
fn frames(log: &[u8]) -> Vec<Frame<'_>> {
    let chunks = || log.get(wal::HEADER..).unwrap_or_default().chunks(FRAME + PAGE);
    let chunks = || chunks().filter(|frame| frame.len() >= FRAME);
    let marks: Vec<Sum> = chunks().map(|frame| wal::stored(frame, 8)).collect();
    let mark = wal::stored(log, 16);
    // Where the log's own header is damaged, its frames say which of them belong together.
    let mark = if header_is_whole(log) || marks.contains(&mark) {
        mark
    } else {
        let twice = marks.iter().zip(marks.iter().skip(1)).find(|(one, next)| one == next);
        twice.map(|(one, _)| *one).or(marks.first().copied()).unwrap_or(mark)
    };
    let sums = sums(log);
    let mut before = wal::stored(log, 24);
    let read = |frame| {
        let sum = sums.over(before, frame_part(frame, 0, 8));
        let sum = sums.over(sum, frame_part(frame, FRAME, usize::MAX));
        before = wal::stored(frame, 16);
        Frame {
            number: wal::word(frame, 0),
            size: wal::word(frame, 4),
            marked: wal::stored(frame, 8) == mark,
            follows: sum == before,
            page: frame_part(frame, FRAME, usize::MAX),
        }
    };
    chunks().map(read).collect()
}

fn frame_part(frame: &[u8], from: usize, to: usize) -> &[u8] {
    frame.get(from..to.min(frame.len())).unwrap_or_default()
}
