//! Lists and tables that are too large to travel inside their form: cut into pieces on the way out, and put together
//! when the last of them is here.
//!
//! A form whose pieces are not all here waits; to everything else it is a form that has not arrived. A piece is
//! believed by its name alone, so that neither order nor sender matter.

use std::sync::Arc;

use cairn_wire::id::{ChainId, CircleId, DeviceId, DocumentId};

use super::forms::KnownForm;
use super::merge::{Held, Taking};
use crate::form::apart::{self, Apart, PieceName, Source};
use crate::form::{Form, limits};
use crate::segment::{FormEntry, shrink, swell};
use crate::store::{OutboxKind, OutboxRow, Rows, StoreError};

/// Octets of pieces by one device that are kept before a form names them. What is more waits in its segment.
const UNNAMED: u64 = 2 * limits::SHEETS as u64;

/// Keeps the tables of a form that is made here.
pub(super) fn keep_tables(rows: &Rows<'_>, form: &Form, device: &DeviceId) -> Result<(), StoreError> {
    for apart in form.apart.values() {
        let octets = apart.sheet().map(crate::form::Sheet::encode).unwrap_or_default();
        for piece in apart::pieces(&octets) {
            let name = PieceName::of(piece);
            rows.name_piece_of_table(&name, device)?;
            if !rows.knows_piece_of_table(&name)?.1 {
                rows.put_piece_of_table(&name, device, (piece.len(), &shrink(piece)))?;
            }
        }
    }
    Ok(())
}

/// Queues those pieces of a form's tables that have not gone through a circle yet.
pub(super) fn queue_tables(rows: &Rows<'_>, circle: &CircleId, form: &Form) -> Result<(), StoreError> {
    for name in form.pieces() {
        if rows.put_circle_piece(circle, &name)? {
            let bytes = piece(rows, &name)?.ok_or(StoreError::Unreadable("piece of a table"))?;
            let (kind, extra) = (OutboxKind::Piece, Vec::new());
            rows.put_outbox(circle, &OutboxRow { number: 0, kind, document: None, form: 0, bytes, extra })?;
        }
    }
    Ok(())
}

/// A piece that is here.
pub(super) fn piece(rows: &Rows<'_>, name: &PieceName) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(row) = rows.piece_of_table(name)? else { return Ok(None) };
    let piece = swell(&row.bytes, row.octets).map_err(|_| StoreError::Unreadable("piece of a table"))?;
    Ok(Some(piece))
}

/// Says where the tables of a form rest. They are read when somebody looks at them, once for all editions.
pub(super) fn fill(rows: &Rows<'_>, form: &mut Form, known: &[Arc<KnownForm>]) -> Result<(), StoreError> {
    for apart in form.apart.values_mut() {
        let others = known.iter().flat_map(|known| known.form.apart.values());
        match others.into_iter().find(|other| other.pieces == apart.pieces) {
            Some(same) => apart.share(same),
            None => apart.fill(source(rows, apart)?),
        }
    }
    Ok(())
}

fn source(rows: &Rows<'_>, apart: &Apart) -> Result<Source, StoreError> {
    let mut kept = Vec::with_capacity(apart.pieces.len());
    for name in &apart.pieces {
        kept.push(rows.piece_of_table(name)?.ok_or(StoreError::Unreadable("piece of a table"))?);
    }
    let octets = usize::try_from(apart.octets).unwrap_or(0).min(limits::SHEET);
    Ok(Box::new(move || {
        let mut whole = Vec::with_capacity(octets);
        for piece in &kept {
            whole.extend(swell(&piece.bytes, piece.octets).ok()?);
        }
        (whole.len() == octets).then_some(whole)
    }))
}

fn is_here(rows: &Rows<'_>, form: &Form) -> Result<bool, StoreError> {
    for name in form.pieces() {
        if !rows.knows_piece_of_table(&name)?.1 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Keeps a piece that comes with its form.
pub(super) fn keep_piece(rows: &Rows<'_>, piece: &[u8], device: &DeviceId) -> Result<(), StoreError> {
    let name = PieceName::of(piece);
    if !rows.knows_piece_of_table(&name)?.1 {
        rows.put_piece_of_table(&name, device, (piece.len(), &shrink(piece)))?;
    }
    Ok(())
}

/// Whether the tables of a form are here and are what it needs.
pub(super) fn is_complete(rows: &Rows<'_>, form: &Form, device: &DeviceId) -> Result<bool, StoreError> {
    for name in form.pieces() {
        rows.name_piece_of_table(&name, device)?;
    }
    if !is_here(rows, form)? {
        return Ok(false);
    }
    let mut form = form.clone();
    fill(rows, &mut form, &[])?;
    Ok(form.tables_are_whole().is_ok())
}

impl Taking<'_, '_> {
    /// Takes in a form with tables that travel apart: at once if they are here, else it waits. Gives a reason if it
    /// cannot be one.
    pub(super) fn form_with_tables(
        &mut self,
        mut form: Form,
        entry: &FormEntry,
        author: &DeviceId,
    ) -> Result<Option<&'static str>, StoreError> {
        for name in form.pieces() {
            self.rows.name_piece_of_table(&name, author)?;
        }
        if !is_here(&self.rows, &form)? {
            self.rows.put_waiting_form(author, &entry.form, &entry.dictionary)?;
            return Ok(None);
        }
        fill(&self.rows, &mut form, &self.forms)?;
        if form.tables_are_whole().is_err() {
            return Ok(Some("its tables are not what it says"));
        }
        self.whole_form(&form, entry, author)
    }

    /// Keeps a piece of a table. `bounded` where a device could fill this one with pieces that no form names.
    pub(super) fn piece(&mut self, piece: &[u8], author: &DeviceId, bounded: bool) -> Result<bool, Held> {
        let name = PieceName::of(piece);
        let (named, here) = self.rows.knows_piece_of_table(&name)?;
        let unnamed =
            || Ok::<_, StoreError>(self.rows.unnamed_octets(author)?.saturating_add(piece.len() as u64));
        if bounded && !named && !here && unnamed()? > UNNAMED {
            return Err(Held::Waits("its form has not arrived"));
        }
        self.rows.put_circle_piece(self.circle, &name)?;
        if !here {
            self.rows.put_piece_of_table(&name, author, (piece.len(), &shrink(piece)))?;
        }
        Ok(named && !here)
    }

    /// Takes in the forms that have waited for what came last.
    pub(super) fn forms_that_waited(&mut self, chain: ChainId, seq: u64) -> Result<(), StoreError> {
        for row in self.rows.waiting_forms()? {
            let Ok(form) = Form::decode(&row.bytes) else { continue };
            if !is_here(&self.rows, &form)? {
                continue;
            }
            self.rows.clear_waiting_form(row.number)?;
            let entry = FormEntry { form: row.bytes, dictionary: row.dictionary };
            if let Some(reason) = self.form_with_tables(form, &entry, &row.device)? {
                self.quarantine(chain, seq, DocumentId([0; 16]), reason, false, entry.form)?;
            }
        }
        Ok(())
    }
}
