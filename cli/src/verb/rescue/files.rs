//! Attached files that a rescue can still read.

use cairn_core::Vault;
use cairn_core::form::{Answer, FileAnswer};
use cairn_core::vault::{Draft, Presence};
use cairn_core::view::handle;
use cairn_core::wire::id::RecordId;
use serde_json::{Value, json};

use super::{Out, Written};
use crate::trouble::Trouble;

/// Writes every file of which what opens it and all pieces are whole into a folder, with a list of what is whose.
/// There is no folder where no record and no draft names a file.
pub(super) fn files(
    out: &Out,
    vault: &Vault,
    records: &[RecordId],
    drafts: &[Draft],
    written: &mut Written,
) -> Result<(), Trouble> {
    let mut named: Vec<(Value, FileAnswer, bool)> = Vec::new();
    for record in records {
        // A record that cannot be read is told of elsewhere.
        for view in vault.files_of(record).unwrap_or_default() {
            // What cannot be told may be lost.
            let lost = vault.is_lost(record, &view).unwrap_or(true);
            let whose =
                json!({ "record": record.to_string(), "handle": handle(record), "field": view.field });
            named.push((whose, view.file, lost));
        }
    }
    for draft in drafts {
        for (field, file) in
            draft.given.iter().filter_map(|(field, one)| Some((field, one.as_ref()?.file()?)))
        {
            // Nobody else has it.
            let lost = vault.presence(file).is_ok_and(|presence| presence != Presence::Here);
            named.push((json!({ "draft": draft.about.number, "field": field }), file.clone(), lost));
        }
    }
    if named.is_empty() {
        return Ok(());
    }
    let folder = out.folder("attachments")?;
    let mut list = Vec::new();
    for (number, (mut whose, file, mut lost)) in named.into_iter().enumerate() {
        let place = format!("{}-{}", number + 1, file.name_in_folder());
        // One that is damaged does not keep the others from being written.
        let content = vault.read_attachment(&file);
        let is_here = content.is_ok();
        lost |= matches!(content, Err(cairn_core::Error::Damaged { .. }));
        if let Ok(content) = content {
            folder.write(&place, &content)?;
            written.files += 1;
        } else if lost {
            written.files_lost += 1;
        } else {
            written.files_away += 1;
        }
        if let Some(whose) = whose.as_object_mut() {
            whose.insert("name".to_owned(), json!(file.shown_name()));
            whose.insert("lost".to_owned(), json!(lost && !is_here));
            whose.insert("file".to_owned(), if is_here { json!(place) } else { Value::Null });
        }
        list.push(whose);
    }
    folder.write("list.json", Value::Array(list).to_string().as_bytes())
}

/// The records of some views.
pub(super) fn ids<'a>(views: impl Iterator<Item = &'a cairn_core::view::RecordView>) -> Vec<RecordId> {
    views
        .filter(|view| view.answers.values().any(|one| one.file().is_some()) || has_rivals(view))
        .map(|view| view.id)
        .collect()
}

/// A file may stand in an unsettled answer alone.
fn has_rivals(view: &cairn_core::view::RecordView) -> bool {
    let mut rivals = view.conflicts.iter().flat_map(|conflict| &conflict.values);
    rivals.any(|(answer, _)| answer.as_ref().and_then(Answer::file).is_some())
}
