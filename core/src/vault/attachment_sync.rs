//! Sending what was attached, and fetching what others attached.
//!
//! Records go first. Then each file that waits goes up from where the server has it, the smallest first; a cut costs
//! at most the piece that was under way, and a file that the server does not take keeps none of the others. Files of
//! others come when somebody wants to see them.

use cairn_wire::attachment::State;
use cairn_wire::digest::sha256;
use cairn_wire::id::AttachmentId;
use cairn_wire::limits;
use cairn_wire::refusal::Reason;

use super::attachments::Presence;
use super::sync::{Progress, SyncReport, Tally};
use super::{ServerAddress, Vault, fact};
use crate::attachment::{Opener, shape};
use crate::error::Error;
use crate::form::FileAnswer;
use crate::store::{AttachmentRow, AttachmentState};
use crate::transport::Transport;

/// Pieces in one request: each counts once the server has it, so more only make whoever watches wait.
const TOGETHER: u32 = 8;
/// Octets of pieces asked for in one answer.
const DOWN: u64 = 512 << 10;

impl Vault {
    /// Sends what waits, and has dropped what was erased. That the road breaks or the server will not is no error:
    /// what is left waits, and the records have gone.
    pub(super) fn send_attachments(
        &mut self,
        transport: &dyn Transport,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        self.notice_other_server()?;
        let server = self.server()?.ok_or(Error::NoWorkspace)?;
        let sent = self.send_all(transport, &server, tally);
        let sent = sent.and_then(|()| self.drop_erased(transport, &server, tally));
        tally.report.attachments_left = self.attachments_waiting()?;
        match sent {
            Err(Error::Offline) => Ok(()),
            Err(Error::Refused { reason }) => {
                tally.report.attachments_refused = Some(reason);
                Ok(())
            }
            sent => sent,
        }
    }

    /// A server with another data folder than the one that took the files may lack them.
    fn notice_other_server(&mut self) -> Result<(), Error> {
        let rows = self.store.rows();
        let circles = rows.circles()?;
        let Some(generation) = circles.first().map(|row| row.generation.clone()) else { return Ok(()) };
        if generation.is_empty() || rows.fact(fact::ATTACHMENTS_AT)?.as_ref() == Some(&generation) {
            return Ok(());
        }
        Ok(self.store.gesture(|rows| {
            rows.doubt_attachments()?;
            rows.put_fact(fact::ATTACHMENTS_AT, &generation)
        })?)
    }

    fn send_all(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        let waiting = self.store.rows().attachments(AttachmentState::Waits)?;
        tally.attachments = waiting.len() as u64;
        for some in waiting.chunks(limits::ATTACHMENTS) {
            let ids: Vec<AttachmentId> = some.iter().map(|row| row.id).collect();
            let states = self.attachment_states(transport, server, &ids, tally)?;
            for (row, state) in some.iter().zip(states) {
                match self.send_one(transport, server, row, state, tally) {
                    Ok(()) => {}
                    // Others may be taken all the same.
                    Err(Error::Refused { reason }) => {
                        tally.report.attachments_refused = Some(reason);
                        if matches!(reason, Reason::Revoked | Reason::NotMember) {
                            return Ok(());
                        }
                    }
                    Err(Error::Damaged { .. }) => tally.report.attachments_damaged += 1,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    fn send_one(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        row: &AttachmentRow,
        mut state: State,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        let hashes = self.store.rows().attachment_hashes(&row.id)?;
        loop {
            if let State::Held { count, .. } = state
                && count != u64::from(row.pieces)
            {
                // The name follows from so many pieces: of no other number can the server hold it.
                return Err(Error::Refused { reason: Reason::OtherContent });
            }
            let height = u32::try_from(state.held()).unwrap_or(u32::MAX).min(row.pieces);
            let is_whole = state.is_whole();
            let known = if is_whole { AttachmentState::Sent } else { AttachmentState::Waits };
            self.store.gesture(|rows| rows.put_attachment_height(&row.id, height, known))?;
            if is_whole {
                tally.report.attachments_up += 1;
                tally.attachments = tally.attachments.saturating_sub(1);
                tally.tell();
                return Ok(());
            }
            if state == State::Dropped {
                // The record was erased; what is here goes when that arrives.
                return Err(Error::Refused { reason: Reason::OtherContent });
            }
            let mut pieces = Vec::new();
            for number in height..row.pieces.min(height.saturating_add(TOGETHER)) {
                let piece = self.store.rows().attachment_piece(&row.id, number)?;
                let place = usize::try_from(number).unwrap_or(usize::MAX);
                // What has rotted here must not be sent as if it were whole.
                let sound = piece.filter(|piece| hashes.get(place) == Some(&sha256(&[piece])));
                pieces.push(sound.ok_or_else(|| Error::Damaged { what: "an attached file".to_owned() })?);
            }
            let octets = pieces.iter().map(Vec::len).sum::<usize>();
            let first = u64::from(height);
            state = self.put_attachment(transport, server, row.id, &hashes, first, &pieces, tally)?;
            tally.report.attachment_bytes_up += octets as u64;
            if state.held() <= first && state != State::Dropped {
                // A server that takes nothing and says nothing would be asked for ever.
                return Err(Error::Refused { reason: Reason::Internal });
            }
        }
    }

    /// Has the server drop what only erased records named.
    fn drop_erased(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        if !self.is_coordinator() {
            return Ok(());
        }
        let mut gone = Vec::new();
        for id in self.store.rows().attachment_drops()? {
            // A copy that was made for another circle may still name it.
            if !self.store.rows().is_named(&id)? {
                gone.push(id);
            }
        }
        for some in gone.chunks(limits::ATTACHMENTS) {
            let states = match self.drop_attachments(transport, server, some, tally) {
                // The server does not know this coordinator yet, say: the next sync tries again.
                Err(Error::Refused { .. }) => return Ok(()),
                states => states?,
            };
            let dropped = some.iter().zip(states).filter(|(_, state)| *state == State::Dropped);
            self.store.gesture(|rows| {
                dropped.into_iter().try_for_each(|(id, _)| rows.forget_attachment_drop(id))
            })?;
        }
        Ok(())
    }

    /// Fetches a file that a record names, going on where it was cut off. What is fetched rests sealed in the vault.
    ///
    /// # Errors
    /// [`Error::FileNotSent`] while the server does not have it all: what there is of it is kept; [`Error::OtherFile`]
    /// where the server gives something else, of which nothing is kept; as [`Vault::sync`].
    pub fn fetch_attachment(
        &mut self,
        transport: &dyn Transport,
        file: &FileAnswer,
        mut watch: impl FnMut(Progress),
    ) -> Result<SyncReport, Error> {
        let mut tally = Tally::new(&mut watch);
        let done = self.fetch_file(transport, file, &mut tally);
        let done = self.under_other_keys(done, |vault| vault.fetch_file(transport, file, &mut tally));
        self.note_failure(done, None)?;
        Ok(tally.report)
    }

    fn fetch_file(
        &mut self,
        transport: &dyn Transport,
        file: &FileAnswer,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        if self.presence(file)? == Presence::Here {
            return Ok(());
        }
        let server = self.server()?.ok_or(Error::NoWorkspace)?;
        let (workspace, reference) = (self.stored_workspace()?, file.reference.clone());
        let (pieces, octets) = shape(reference.octets);
        let opener = Opener::new(workspace, &reference)?;
        let (id, state) = (reference.id, AttachmentState::Sent);
        let row = AttachmentRow { id, pieces, octets, state, height: 0 };
        loop {
            let first = self.store.rows().attachment_held(&id)?;
            if first >= pieces {
                break;
            }
            let fetched =
                self.fetch_attachment_pieces(transport, &server, id, u64::from(first), DOWN, tally)?;
            if fetched.pieces.is_empty() {
                return Err(Error::FileNotSent);
            }
            let mut kept = Vec::new();
            for (piece, number) in fetched.pieces.into_iter().zip(first..pieces) {
                // Before it is kept, since whoever holds it here takes it for the piece.
                if opener.piece(number, piece.clone()).is_err() {
                    break;
                }
                kept.push((number, piece));
            }
            if kept.is_empty() {
                return Err(Error::OtherFile);
            }
            tally.report.attachment_bytes_down +=
                kept.iter().map(|(_, piece)| piece.len() as u64).sum::<u64>();
            self.store.gesture(|rows| {
                rows.put_attachment(&row)?;
                for (number, piece) in &kept {
                    rows.put_attachment_piece(&id, *number, &sha256(&[piece]), piece)?;
                }
                Ok::<_, Error>(())
            })?;
            tally.tell();
        }
        tally.report.attachments_down += 1;
        Ok(())
    }
}
