//! Forms of which something is lost: the records filled with them are read all the same.

use std::collections::BTreeSet;

use super::Rescue;
use crate::form::Form;
use crate::form::apart::PieceName;
use crate::segment::Dictionary;
use crate::store::{FormRow, Rows, StoreError};
use crate::vault::tables::piece;

/// Forms that cannot be used as they are, until the log has been asked for what they lack.
#[derive(Default)]
pub(super) struct HeldForms {
    /// Forms that cannot be read at all: name and version.
    unreadable: Vec<(String, String)>,
    /// Those of which pieces of lists and tables are lost.
    waiting: Vec<(FormRow, Form)>,
}

impl HeldForms {
    pub(super) fn is_empty(&self) -> bool {
        self.unreadable.is_empty() && self.waiting.is_empty()
    }

    /// Takes those forms out that the vault could not be opened with. They wait for their pieces, like forms that
    /// have just arrived.
    pub(super) fn take(rows: &Rows<'_>) -> Result<Self, StoreError> {
        let (mut held, mut named) = (Self::default(), BTreeSet::new());
        for row in rows.forms()? {
            let Ok(form) = Form::decode(&row.bytes) else {
                rows.drop_form(row.number)?;
                held.unreadable.push((row.id, row.version));
                continue;
            };
            let mut whole = true;
            for name in form.pieces() {
                if !is_whole(rows, &name) {
                    // Nothing is in the way of the one that the log may hold.
                    rows.drop_piece_of_table(&name)?;
                    whole = false;
                }
                named.insert((name, row.device));
            }
            if !whole {
                rows.drop_form(row.number)?;
                rows.put_waiting_form(&row.device, &row.bytes, &row.dictionary)?;
                held.waiting.push((row, form));
            }
        }
        for (name, device) in named {
            rows.name_piece_of_table(&name, &device)?;
        }
        Ok(held)
    }

    /// Puts those back that the log did not make whole, with lists and tables that are empty where they are lost.
    pub(super) fn put_back(self, rows: &Rows<'_>, rescue: &mut Rescue) -> Result<(), StoreError> {
        let known: BTreeSet<(String, String)> =
            rows.forms()?.into_iter().map(|row| (row.id, row.version)).collect();
        rescue.forms_lost.extend(self.unreadable.into_iter().filter(|form| !known.contains(form)));
        for (row, form) in self.waiting {
            let name = (row.id.clone(), row.version.clone());
            if known.contains(&name) {
                continue;
            }
            for piece in form.pieces().filter(|name| !is_whole(rows, name)) {
                // It is no piece of anything, and reads as none.
                rows.put_piece_of_table(&piece, &row.device, (1, &[]))?;
            }
            let dictionary = Dictionary::new(row.dictionary.clone());
            rows.put_form_back(&row, dictionary.as_ref().map_or([0; 8], |dictionary| *dictionary.id()))?;
            rescue.lists_lost.push(name);
        }
        Ok(())
    }
}

/// Whether a piece is here and is what its name says.
fn is_whole(rows: &Rows<'_>, name: &PieceName) -> bool {
    piece(rows, name).ok().flatten().is_some_and(|piece| PieceName::of(&piece) == *name)
}
