//! Leaves of tables, read one by one. The layout is SQLite's own (file format, sections 1.6, 2.1). Every length is
//! checked; what does not fit is left out.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::types::Value;
use zeroize::Zeroizing;

use super::sorting::Standing;
use crate::crypto::{PAGE, PAGE_CONTENT};

/// Kinds of pages that hold rows: of tables with row numbers, and of those without (whose inner pages hold rows too).
const TABLE_LEAF: u8 = 0x0d;
const INDEX_LEAF: u8 = 0x0a;
const INDEX_INNER: u8 = 0x02;
/// No row has more columns.
const WIDEST: usize = 64;
/// No row is longer.
const LONGEST: usize = 64 << 20;

/// All pages in plain, and which of them are whole.
pub(super) struct Pages {
    plain: Zeroizing<Vec<u8>>,
    whole: BTreeMap<u32, Standing>,
    /// Those of which newer states lie in the write-ahead log.
    touched: BTreeSet<u32>,
}

/// A row, as far as it could be read.
#[derive(Debug)]
pub(super) struct Row {
    /// Its number, if its table has any.
    pub(super) number: Option<i64>,
    /// How many columns it has.
    pub(super) width: usize,
    pub(super) columns: Vec<Value>,
    /// Whether pages that hold the rest of it are damaged, or hold something else by now.
    pub(super) is_torn: bool,
    /// Whether it may have been changed or removed since.
    pub(super) may_be_older: bool,
    /// Whether its parts may be of two rows: only what proves itself whole can be believed.
    pub(super) may_be_mixed: bool,
}

/// A row's octets, as far as they could be had.
struct Payload {
    octets: Zeroizing<Vec<u8>>,
    is_torn: bool,
    may_be_older: bool,
    may_be_mixed: bool,
}

impl Pages {
    /// `plain` are the octets of all pages; `whole` the pages that are, and how new they are.
    pub(super) fn new(
        plain: Zeroizing<Vec<u8>>,
        whole: BTreeMap<u32, Standing>,
        touched: BTreeSet<u32>,
    ) -> Self {
        Self { plain, whole, touched }
    }

    /// How many pages the first one says that there are.
    pub(super) fn size_said_by_the_first(&self) -> Option<u32> {
        let said = u32::from_be_bytes(*self.plain.get(28..)?.first_chunk::<4>()?);
        (said > 0).then_some(said)
    }

    fn page(&self, number: u32) -> Option<&[u8]> {
        let at = usize::try_from(number).ok()?.checked_sub(1)?.checked_mul(PAGE)?;
        self.plain.get(at..at.checked_add(PAGE_CONTENT)?).filter(|_| self.whole.contains_key(&number))
    }

    /// Every row of every leaf; those that are certainly the newest come first.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row> {
        let mut leaves: Vec<(Standing, u32)> =
            self.whole.iter().map(|(number, standing)| (*standing, *number)).collect();
        leaves.sort_unstable();
        let leaves = leaves.into_iter().filter(|(_, number)| *number > 1);
        let pages = leaves.filter_map(move |(_, number)| Some((number, self.page(number)?)));
        pages.flat_map(move |(number, page)| {
            let kind = page.first().copied().unwrap_or_default();
            let inner = if kind == INDEX_INNER { 4 } else { 0 };
            let holds_rows = [TABLE_LEAF, INDEX_LEAF, INDEX_INNER].contains(&kind);
            let count = short(page, 3).filter(|_| holds_rows).unwrap_or(0);
            (0..count).filter_map(move |cell| {
                let at = short(page, 8 + inner + 2 * cell)?;
                self.row(number, page.get(at + inner..)?, kind == TABLE_LEAF)
            })
        })
    }

    fn row(&self, leaf: u32, cell: &[u8], is_numbered: bool) -> Option<Row> {
        let (length, used) = number(cell)?;
        let cell = cell.get(used..)?;
        let (row_number, used) = if is_numbered { number(cell)? } else { (0, 0) };
        let payload = self.payload(leaf, cell.get(used..)?, usize::try_from(length).ok()?, is_numbered)?;
        let Payload { octets, is_torn, may_be_older, may_be_mixed } = payload;
        let (width, columns) = columns(&octets, is_torn)?;
        let number = is_numbered.then_some(row_number);
        Some(Row { number, width, columns, is_torn, may_be_older, may_be_mixed })
    }

    fn standing(&self, page: u32) -> Standing {
        self.whole.get(&page).copied().unwrap_or(Standing::Older)
    }

    /// A row's octets, those in other pages among them.
    fn payload(&self, leaf: u32, cell: &[u8], length: usize, is_table: bool) -> Option<Payload> {
        if length > LONGEST {
            return None;
        }
        let mut worst = self.standing(leaf);
        let most = if is_table { PAGE_CONTENT - 35 } else { (PAGE_CONTENT - 12) * 64 / 255 - 23 };
        let done = |octets: Vec<u8>, is_torn, worst, touched| Payload {
            octets: Zeroizing::new(octets),
            is_torn,
            may_be_older: worst > Standing::Newest,
            may_be_mixed: worst >= Standing::Unsure && touched,
        };
        if length <= most {
            return Some(done(cell.get(..length)?.to_vec(), false, worst, false));
        }
        let least = (PAGE_CONTENT - 12) * 32 / 255 - 23;
        let here = least + (length - least) % (PAGE_CONTENT - 4);
        let here = if here <= most { here } else { least };
        let mut octets = cell.get(..here)?.to_vec();
        let mut next = long(cell, here)?;
        let mut touched = self.touched.contains(&leaf);
        while octets.len() < length {
            let is_touched = self.touched.contains(&next);
            // An older leaf may lead to a page that is another row's by now, and a leaf to what a page was once.
            let foreign = (self.standing(leaf) == Standing::Older && is_touched)
                || self.standing(next) == Standing::Older;
            let Some(page) = self.page(next).filter(|_| !foreign) else {
                return Some(done(octets, true, worst, touched));
            };
            let more = (length - octets.len()).min(PAGE_CONTENT - 4);
            octets.extend_from_slice(page.get(4..4 + more)?);
            (worst, touched) = (worst.max(self.standing(next)), touched || is_touched);
            next = long(page, 0)?;
        }
        // That the leaf was written over is no doubt about an older one: nothing else was.
        let touched = touched && self.standing(leaf) != Standing::Older;
        Some(done(octets, false, worst, touched))
    }
}

/// How many columns there are, and those that can be read.
fn columns(payload: &[u8], is_torn: bool) -> Option<(usize, Vec<Value>)> {
    let (length, used) = number(payload)?;
    let mut header = payload.get(used..usize::try_from(length).ok()?)?;
    let mut rest = payload.get(usize::try_from(length).ok()?..)?;
    let mut kinds = Vec::new();
    while !header.is_empty() {
        let (kind, used) = number(header)?;
        kinds.push(kind);
        header = header.get(used..)?;
        if kinds.len() > WIDEST {
            return None;
        }
    }
    let mut values = Vec::new();
    for kind in &kinds {
        let Some((value, used)) = value(*kind, rest) else {
            return is_torn.then_some((kinds.len(), values));
        };
        values.push(value);
        rest = rest.get(used..)?;
    }
    Some((kinds.len(), values))
}

fn value(kind: i64, rest: &[u8]) -> Option<(Value, usize)> {
    let integer = |octets: usize| -> Option<(Value, usize)> {
        let bytes = rest.get(..octets)?;
        let sign = if bytes.first().is_some_and(|first| first & 0x80 != 0) { -1_i64 } else { 0 };
        Some((Value::Integer(bytes.iter().fold(sign, |sum, octet| sum << 8 | i64::from(*octet))), octets))
    };
    match kind {
        0 => Some((Value::Null, 0)),
        1..=4 => integer(usize::try_from(kind).ok()?),
        5 => integer(6),
        6 => integer(8),
        7 => Some((Value::Real(f64::from_be_bytes(*rest.first_chunk::<8>()?)), 8)),
        8 | 9 => Some((Value::Integer(kind - 8), 0)),
        12.. => {
            let length = usize::try_from((kind - 12) / 2).ok()?;
            let bytes = rest.get(..length)?.to_vec();
            let value =
                if kind % 2 == 0 { Value::Blob(bytes) } else { Value::Text(String::from_utf8(bytes).ok()?) };
            Some((value, length))
        }
        _ => None,
    }
}

/// A number of up to nine octets, seven bits in each but the ninth; and how many octets it took.
fn number(bytes: &[u8]) -> Option<(i64, usize)> {
    let mut sum = 0_u64;
    for (at, octet) in bytes.iter().take(9).enumerate() {
        if at == 8 {
            return Some(((sum << 8 | u64::from(*octet)).cast_signed(), 9));
        }
        sum = sum << 7 | u64::from(octet & 0x7f);
        if octet & 0x80 == 0 {
            return Some((sum.cast_signed(), at + 1));
        }
    }
    None
}

fn short(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_be_bytes(*bytes.get(at..)?.first_chunk::<2>()?)))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk::<4>()?))
}
