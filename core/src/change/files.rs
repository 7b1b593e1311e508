//! Which files a document has ever named.

use std::collections::BTreeMap;

use automerge::legacy::OpType;
use cairn_wire::id::AttachmentId;

use super::{ChangeError, layout, rest, vet};
use crate::form::FileAnswer;

/// Every file that was ever an answer in `document`, also where another answer took its place since.
///
/// # Errors
/// [`ChangeError::Damaged`], [`ChangeError::TooNew`].
pub fn files(document: &[u8]) -> Result<Vec<FileAnswer>, ChangeError> {
    let document = rest::load(document)?;
    let found = rest::caught(|| {
        let mut found: BTreeMap<AttachmentId, FileAnswer> = BTreeMap::new();
        for change in document.get_changes(&[]) {
            for operation in &change.decode().operations {
                let (Some(_), OpType::Put(value)) = (vet::root_key(operation), &operation.action) else {
                    continue;
                };
                found.extend(layout::file(value).map(|file| (file.reference.id, file)));
            }
        }
        found.into_values().collect()
    });
    found.ok_or(ChangeError::Damaged)
}
