//! Writing an edit of a record: one change for each document it touches, all in one transaction.

use std::collections::BTreeMap;

use cairn_wire::id::{CircleId, DocumentId, RecordId};

use super::forms::lookup;
use super::outgoing::must_fit;
use super::parts::{self, Held, Plan};
use super::records::outgoing_row;
use super::shelves::Shelves;
use super::{KnownForm, Vault, attaching};
use crate::change::{self, About, Lower, Stamp, Under, Written};
use crate::error::Error;
use crate::form::edition;
use crate::store::{PartRow, Rows, StoreError};

/// An edit on its way to disk.
pub(super) struct Edit<'a> {
    pub(super) record: &'a RecordId,
    /// The edition of the form it is made under; documents that have an earlier one are moved on to it.
    pub(super) known: &'a KnownForm,
    pub(super) shelves: &'a Shelves,
    /// The record's documents.
    pub(super) held: Vec<Held>,
    pub(super) plan: Plan,
    pub(super) lower: Lower,
}

impl Edit<'_> {
    /// The documents this device may write that have an earlier edition.
    pub(super) fn behind(&self) -> impl Iterator<Item = &Held> {
        let version = &self.known.form.version;
        let earlier = move |one: &&Held| edition::compare(&one.content.version, version).is_lt();
        self.held.iter().filter(earlier).filter(move |one| self.shelves.is_held(&one.row.circle))
    }
}

impl Vault {
    /// Writes an edit; `also` joins the transaction whether or not anything changes. A record that changes goes
    /// to the edit's edition as a whole, as far as this device may write it. `false` if nothing would change.
    pub(super) fn write(
        &mut self,
        edit: Edit<'_>,
        also: impl FnOnce(&Rows<'_>) -> Result<(), StoreError>,
    ) -> Result<bool, Error> {
        let mut changed = BTreeMap::new();
        for one in &edit.held {
            let Some(answers) = edit.plan.edits.get(&one.row.id) else { continue };
            let written = self.written(&edit, one, answers, false)?;
            changed.extend(written.map(|written| (one.row.id, written)));
        }
        if changed.is_empty() && edit.plan.begins.is_empty() {
            self.store.gesture(|rows| also(&rows))?;
            return Ok(false);
        }
        if !edit.plan.begins.is_empty() {
            self.need_fresh_handout()?;
        }
        self.take_along(&edit, &mut changed)?;
        self.keep_all(edit, changed, also)?;
        Ok(true)
    }

    /// Moves a record on to the edit's edition and changes nothing else. `false` if it is there.
    pub(super) fn write_move(&mut self, edit: Edit<'_>) -> Result<bool, Error> {
        let mut changed = BTreeMap::new();
        self.take_along(&edit, &mut changed)?;
        let moved = !changed.is_empty();
        self.keep_all(edit, changed, |_| Ok(()))?;
        Ok(moved)
    }

    /// Moves on what the edit did not touch.
    fn take_along(&self, edit: &Edit<'_>, changed: &mut BTreeMap<DocumentId, Written>) -> Result<(), Error> {
        for one in edit.behind() {
            if !changed.contains_key(&one.row.id) {
                let written = self.written(edit, one, &BTreeMap::new(), true)?;
                changed.extend(written.map(|written| (one.row.id, written)));
            }
        }
        Ok(())
    }

    fn written(
        &self,
        edit: &Edit<'_>,
        one: &Held,
        answers: &BTreeMap<String, Option<crate::form::Answer>>,
        always: bool,
    ) -> Result<Option<Written>, Error> {
        let time = self.clock.now().try_into().unwrap_or(i64::MAX);
        let stamp = Stamp { chain: self.circle_of(&one.row.circle)?, time };
        let forms = lookup(&self.forms);
        let under = Under { forms: &forms, version: &edit.known.form.version, always };
        Ok(change::edit_under(&one.row.bytes, &under, answers, &stamp, edit.lower)?)
    }

    fn keep_all(
        &mut self,
        edit: Edit<'_>,
        mut changed: BTreeMap<DocumentId, Written>,
        also: impl FnOnce(&Rows<'_>) -> Result<(), StoreError>,
    ) -> Result<(), Error> {
        let Edit { record, known, shelves, held: before, plan, .. } = edit;
        let time = self.clock.now().try_into().unwrap_or(i64::MAX);
        let (forms, lets_go) = (self.forms.clone(), self.hands_in_only());
        self.store.gesture(|rows| {
            attaching::queue(&rows, plan.answers(), lets_go)?;
            let mut held = parts::all(&rows, record)?;
            for one in before {
                let Some(written) = changed.remove(&one.row.id) else { continue };
                let content = change::read(&written.document)?;
                let row = PartRow { bytes: written.document.clone(), ..one.row };
                queue(&rows, &row.circle, &row.id, known.number, written.change)?;
                held = parts::keep(&rows, &forms, shelves, &held, Held { row, content })?;
            }
            for (part, (circle, answers)) in plan.begins {
                let (chain, counter) = rows.take_documents(&circle, 1)?;
                let (id, about) =
                    (DocumentId::of(chain, counter), About { record: *record, part: part.name() });
                let written = change::first(&known.form, &about, &answers, &Stamp { chain, time })?;
                let content = change::read(&written.document)?;
                queue(&rows, &circle, &id, known.number, written.change)?;
                let new = parts::fresh(id, circle, written.document, content);
                held = parts::keep(&rows, &forms, shelves, &held, new)?;
            }
            also(&rows)?;
            Ok::<_, Error>(())
        })
    }
}

fn queue(
    rows: &Rows<'_>,
    circle: &CircleId,
    document: &DocumentId,
    form: u64,
    change: Vec<u8>,
) -> Result<(), Error> {
    let row = outgoing_row(document, form, change);
    must_fit(&row)?;
    Ok(rows.put_outbox(circle, &row)?)
}
