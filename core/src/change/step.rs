//! One step of an edit, as Automerge makes it.

use automerge::{
    AutomergeError, ObjId, ObjType, ROOT, ReadDoc, ScalarValue,
    transaction::{Transactable, Transaction},
};

use super::diff;

/// How many letters, removed and added together, are compared letter by letter; Automerge takes their square.
const LETTERS: usize = 1_500;

/// One step of an edit.
pub(super) enum Step {
    Put(String, ScalarValue),
    Begin(String, String),
    Write(ObjId, String),
}

impl Step {
    pub(super) fn make(self, transaction: &mut Transaction<'_>) -> Result<(), AutomergeError> {
        match self {
            Self::Put(key, value) => transaction.put(ROOT, key, value),
            Self::Begin(key, text) => {
                let object = transaction.put_object(ROOT, key, ObjType::Text)?;
                transaction.splice_text(&object, 0, 0, &text)
            }
            Self::Write(object, text) => write(transaction, &object, &text),
        }
    }
}

/// Makes `text` of what `object` says, by the smallest difference that can be found quickly.
fn write(transaction: &mut Transaction<'_>, object: &ObjId, text: &str) -> Result<(), AutomergeError> {
    let old = transaction.text(object)?;
    let (front, removed, added) = diff::middle(&old, text);
    if removed.chars().count() + added.chars().count() <= LETTERS {
        return transaction.update_text(object, text);
    }
    // From the back, so that what is in front stays where it is.
    for hunk in diff::hunks(removed, added).into_iter().rev() {
        let length = hunk.old.len().cast_signed();
        transaction.splice_text(object, front + hunk.old.start, length, &hunk.new)?;
    }
    Ok(())
}
