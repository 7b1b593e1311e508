//! Sending what was attached, and fetching what others attached.
//!
//! Records go first. Then each file that waits goes up from where the server has it, the smallest first; a cut costs
//! at most the piece that was under way, and a file that the server does not take keeps none of the others. Files of
//! others come when somebody wants to see them.

use cairn_wire::attachment::State;
use cairn_wire::digest::{Hash, sha256};
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
/// After so many seconds it is asked again of all files whether the server has them.
const ASK_AGAIN: u64 = 7 * 24 * 60 * 60;

/// Whether a file can be held so by a server: its name follows from so many pieces, and from no other number.
fn fits(row: &AttachmentRow, state: State) -> bool {
    !matches!(state, State::Held { count, .. } if count != u64::from(row.pieces))
}

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
        let sent = self.look_after_sent(transport, &server, tally);
        let sent = sent.and_then(|()| self.send_all(transport, &server, tally));
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
        // A circle that this device has left is never heard of again.
        let circles = self.asked_circles()?.into_iter().map(|row| row.generation);
        let Some(generation) = circles.into_iter().find(|generation| !generation.is_empty()) else {
            return Ok(());
        };
        if self.store.rows().fact(fact::ATTACHMENTS_AT)?.as_ref() == Some(&generation) {
            return Ok(());
        }
        Ok(self.store.gesture(|rows| {
            rows.doubt_attachments()?;
            rows.put_fact(fact::ATTACHMENTS_AT, &generation)
        })?)
    }

    /// Asks about what the server was heard to have. A file whose record this device cannot open goes once it is heard
    /// of a second time; of all the others it is asked now and then, since a server that was put back does not say so:
    /// what it has lost waits again.
    fn look_after_sent(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        let (now, asked) = (self.clock.now(), self.store.rows().fact(fact::ATTACHMENTS_ASKED)?);
        let asked = asked.and_then(|bytes| Some(u64::from_be_bytes(bytes.try_into().ok()?)));
        let all = asked.is_none_or(|asked| now.abs_diff(asked) >= ASK_AGAIN);
        let sent = self.store.rows().sent_attachments(all)?;
        for some in sent.chunks(limits::ATTACHMENTS) {
            let ids: Vec<AttachmentId> = some.iter().map(|row| row.id).collect();
            let states = self.attachment_states(transport, server, &ids, tally)?;
            self.store.gesture(|rows| {
                for (row, state) in some.iter().zip(&states) {
                    let has_it = *state == State::Dropped || (fits(row, *state) && state.is_whole());
                    if !has_it {
                        rows.put_attachment_height(&row.id, 0, AttachmentState::Waits)?;
                    } else if row.lets_go && !rows.is_named(&row.id)? {
                        rows.forget_attachment(&row.id)?;
                    }
                }
                Ok::<_, Error>(())
            })?;
        }
        if !all {
            return Ok(());
        }
        Ok(self.store.gesture(|rows| {
            rows.doubt_attachment_drops()?;
            rows.put_fact(fact::ATTACHMENTS_ASKED, &now.to_be_bytes())
        })?)
    }

    fn send_all(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        let mut waiting = self.store.rows().attachments(AttachmentState::Waits)?;
        tally.attachments = waiting.len() as u64;
        waiting.extend(self.store.rows().attachments(AttachmentState::Stuck)?);
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
            if state == State::Dropped {
                return self.dropped(row);
            }
            if !fits(row, state) {
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
            let Some(pieces) = self.sound_pieces(row, &hashes, height)? else {
                self.store
                    .gesture(|rows| rows.put_attachment_height(&row.id, height, AttachmentState::Stuck))?;
                return Err(Error::Damaged { what: "an attached file".to_owned() });
            };
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

    /// The next pieces from number `height` on; none if one of them has rotted here, which must not be sent as if it
    /// were whole.
    fn sound_pieces(
        &self,
        row: &AttachmentRow,
        hashes: &[Hash],
        height: u32,
    ) -> Result<Option<Vec<Vec<u8>>>, Error> {
        let mut pieces = Vec::new();
        for number in height..row.pieces.min(height.saturating_add(TOGETHER)) {
            let piece = self.store.rows().attachment_piece(&row.id, number)?;
            let place = usize::try_from(number).unwrap_or(usize::MAX);
            match piece.filter(|piece| hashes.get(place) == Some(&sha256(&[piece]))) {
                Some(piece) => pieces.push(piece),
                None => return Ok(None),
            }
        }
        Ok(Some(pieces))
    }

    /// The server says that a coordinator had a file dropped, because its record was erased. When that arrives here,
    /// the file goes. Of a record that this device cannot open it never does: there the server's second word is enough,
    /// as it is for what was handed in.
    fn dropped(&mut self, row: &AttachmentRow) -> Result<(), Error> {
        self.store.gesture(|rows| match row.lets_go && row.state == AttachmentState::Stuck {
            true => rows.forget_attachment(&row.id),
            false => rows.put_attachment_height(&row.id, 0, AttachmentState::Stuck),
        })?;
        if row.lets_go { Ok(()) } else { Err(Error::Refused { reason: Reason::OtherContent }) }
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
                dropped.into_iter().try_for_each(|(id, _)| rows.put_attachment_dropped(id))
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

    /// Lets go of pieces of a file that have rotted here, if the server was heard to have them. Whether there were any.
    fn lets_rotten_go(&mut self, file: &FileAnswer) -> Result<bool, Error> {
        let (rows, id) = (self.store.rows(), file.reference.id);
        let state = rows.attachment(&id)?.map(|row| row.state);
        if state != Some(AttachmentState::Sent) {
            return Ok(false);
        }
        let mut rotten = Vec::new();
        for (hash, number) in rows.attachment_hashes(&id)?.into_iter().zip(0..) {
            let piece = rows.attachment_piece(&id, number)?;
            if piece.is_none_or(|piece| sha256(&[&piece]) != hash) {
                rotten.push(number);
            }
        }
        self.store.gesture(|rows| {
            rotten.iter().try_for_each(|number| rows.forget_attachment_piece(&id, *number))
        })?;
        Ok(!rotten.is_empty())
    }

    fn fetch_file(
        &mut self,
        transport: &dyn Transport,
        file: &FileAnswer,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        if self.presence(file)? == Presence::Here && !self.lets_rotten_go(file)? {
            return Ok(());
        }
        let server = self.server()?.ok_or(Error::NoWorkspace)?;
        let (workspace, reference) = (self.stored_workspace()?, file.reference.clone());
        let (pieces, octets) = shape(reference.octets);
        let opener = Opener::new(workspace, &reference)?;
        let (id, state) = (reference.id, AttachmentState::Sent);
        let row = AttachmentRow { id, pieces, octets, state, height: 0, lets_go: false };
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
