//! How a document rests in the vault.
//!
//! ```text
//! layout u8      │ one chunk: the single change of a document that has never been edited,
//!               │            or a whole Automerge document, not deflated
//! ```
//! Layout 4 is that of a document in which a file was attached: who does not know it would take the answer for
//! emptied. Layout 3 is that of a document that was moved on to a later edition of its form: who does not know it would hold
//! people to what the earlier one asks. Layout 2 is that of a document in which somebody said why there is no answer, or with rows of repeats, or with
//! answers that merge in ways of their own: who knows only layout 1 would take some of it for empty. Everything
//! else rests in layout 1, to the octet as before.
//!
//! A fresh record rests as its first change, which saves building and saving a document for each record
//! of an import. Only this room reads these bytes; they never travel.

use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::{Automerge, Change, ChangeHash, OnPartialLoad, ROOT, ReadDoc, ScalarValue, Value};

use super::{ChangeError, editions, frame, layout};

const LAYOUT: u8 = 1;
const SECOND: u8 = 2;
const MOVED: u8 = 3;
const FILES: u8 = 4;

/// What rests.
pub(super) enum Resting<'a> {
    /// A first change that nobody has built on.
    Single(&'a [u8]),
    /// A saved document.
    Whole(&'a [u8]),
}

/// What a reader of a single change must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    First,
    Second,
    Files,
}

/// The resting bytes of a first change.
pub(super) fn single(change: &[u8], needs: Needs) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 + change.len());
    bytes.push(match needs {
        Needs::First => LAYOUT,
        Needs::Second => SECOND,
        Needs::Files => FILES,
    });
    bytes.extend(change);
    bytes
}

/// The resting bytes of a document. Not deflated: the vault encrypts pages of fixed size anyway, and
/// packs are compressed together.
pub(super) fn whole(document: &Automerge) -> Vec<u8> {
    let saved = document.save_nocompress();
    let mut bytes = Vec::with_capacity(1 + saved.len());
    bytes.push(match () {
        () if has_files(document) => FILES,
        () if editions::is_moved(document) => MOVED,
        () if is_second(document) => SECOND,
        () => LAYOUT,
    });
    bytes.extend(saved);
    bytes
}

/// Whether the document says something that a reader of the first layout would misread.
fn is_second(document: &Automerge) -> bool {
    says(document, layout::is_second)
}

/// Whether a file stands in the document.
fn has_files(document: &Automerge) -> bool {
    says(document, |_, value| value.and_then(layout::file).is_some())
}

/// Whether any value that stands in the document is one of those.
fn says(document: &Automerge, is_one: impl Fn(&str, Option<&ScalarValue>) -> bool) -> bool {
    document.map_range(ROOT, ..).filter(|item| !item.key.starts_with('~')).any(|item| {
        let values = if item.conflict { document.get_all(ROOT, item.key.as_ref()) } else { Ok(Vec::new()) };
        let rivals = values.unwrap_or_default();
        let shown = Value::from(item.value.clone());
        let mut all = rivals.iter().map(|(value, _)| value).chain([&shown]);
        all.any(|value| is_one(&item.key, value.as_scalar()))
    })
}

/// Which of the two `bytes` are.
pub(super) fn open(bytes: &[u8]) -> Result<Resting<'_>, ChangeError> {
    match bytes.split_first() {
        None => Err(ChangeError::Damaged),
        Some((&(LAYOUT | SECOND | MOVED | FILES), chunk)) => match frame::chunk_type(chunk) {
            Some(frame::CHANGE) => Ok(Resting::Single(chunk)),
            Some(0) => Ok(Resting::Whole(chunk)),
            _ => Err(ChangeError::Damaged),
        },
        Some((&layout, _)) => Err(ChangeError::TooNew { layout }),
    }
}

/// The document that rests as `bytes`. Its hashes are checked.
pub(super) fn load(bytes: &[u8]) -> Result<Automerge, ChangeError> {
    let chunk = match open(bytes)? {
        Resting::Single(change) => {
            frame::strip(change).ok_or(ChangeError::Damaged)?;
            change
        }
        Resting::Whole(chunk) => chunk,
    };
    let strict = automerge::LoadOptions::new().on_partial_load(OnPartialLoad::Error);
    caught(|| Automerge::load_with_options(chunk, strict))
        .and_then(Result::ok)
        .filter(|document| !document.get_heads().is_empty())
        .ok_or(ChangeError::Damaged)
}

/// The change in `bytes`, if Automerge can parse them.
pub(super) fn parse(bytes: &[u8]) -> Option<Change> {
    caught(|| Change::from_bytes(bytes.to_vec())).and_then(Result::ok)
}

/// The heads, ascending.
pub(super) fn heads(document: &Automerge) -> Vec<[u8; 32]> {
    document.get_heads().into_iter().map(|ChangeHash(hash)| hash).collect()
}

/// Runs `work`; nothing if it panics. Automerge panics on some malformed bytes; whatever `work` was
/// changing must be dropped then.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}
