//! A backup: the whole workspace as this device knows it, in one file that the coordinator on paper opens.
//!
//! What is in it was signed and sealed by others before: the roster, the log of each circle with the pack from which
//! it is held, late letters. Only the keys are wrapped anew, and only those that open something of it, so that no
//! backup opens what was erased before it was made.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use cairn_wire::digest::half;
use cairn_wire::id::{CircleId, DeviceId};
use cairn_wire::pack::{DEVICES, Manifest, Offer};
use cairn_wire::roster::{DeviceKeys, Role};

use super::aside::Aside;
use super::packing::Offered;
use super::recovering::PAPER;
use super::sync::{Progress, Tally};
use super::{ServerAddress, Vault};
use crate::bundle::{BundleError, Head, Item, Items, Purpose, READERS, Span, Writer};
use crate::error::Error;
use crate::store::{CircleRow, StoreError};
use crate::transport::Transport;

/// Octets of the log read together.
const LOG: usize = 1 << 20;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackedUp {
    /// Every coordinator that calls itself the one on paper: each opens it. Anybody may call a device so, but nobody
    /// can keep the backup from the one that is on paper by that.
    pub papers: Vec<DeviceId>,
    /// Circles that each of them opens.
    pub circles: usize,
    /// Circles that there are. What is missing, this device or a coordinator on paper is not in.
    pub of: usize,
    /// Segments of their logs.
    pub segments: u64,
    /// Late letters.
    pub letters: u64,
    /// Changes of this device that are not in it, because they have not been sent.
    pub unsent: u64,
    /// Octets of the file.
    pub octets: u64,
}

/// A circle, and from where on its log goes into the backup.
struct Chosen {
    row: CircleRow,
    pack: Option<Offered>,
    from: u64,
}

impl Vault {
    /// Writes the whole workspace, as this device knows it, into a file for the coordinator on paper. The server is
    /// asked only for a pack that this device began with and did not keep.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] unless this device is a coordinator's; [`Error::NoRecovery`] without one on paper;
    /// [`Error::Unsent`] unless those may be missing; [`Error::ErasureUnderway`]; [`Error::NoPack`]; [`Error::Full`]
    /// and [`Error::Disk`]. Nothing is left of the file then.
    pub fn back_up(
        &mut self,
        transport: &dyn Transport,
        file: &Path,
        without_unsent: bool,
        mut watch: impl FnMut(Progress),
    ) -> Result<BackedUp, Error> {
        self.need_coordinator()?;
        let papers = self.papers()?;
        if papers.is_empty() {
            return Err(Error::NoRecovery);
        }
        let unsent = self.not_in_the_log()?;
        if unsent > 0 && !without_unsent {
            return Err(Error::Unsent(unsent));
        }
        if !self.unpacked_erasures()?.is_empty() || !self.awaiting_erasures()?.is_empty() {
            return Err(Error::ErasureUnderway);
        }
        let server = self.server()?.ok_or(Error::NoWorkspace)?;
        let mut tally = Tally::new(&mut watch);
        let names: Vec<_> = papers.iter().map(DeviceKeys::id).collect();
        let chosen = self.chosen(transport, &server, &names, &mut tally)?;
        let (circles, of) = (self.opened_by_each(&names, &chosen)?, self.roster()?.circles().len());
        let mut done = BackedUp { papers: names, circles, of, segments: 0, letters: 0, unsent, octets: 0 };
        let aside = Aside::new(file).map_err(disk)?;
        let readers: Vec<_> = papers.iter().collect();
        let writer =
            Writer::new(BufWriter::new(aside.file()), Purpose::Backup, &readers).map_err(unusable)?;
        let mut items = Items::new(writer);
        tally.waiting = chosen.iter().map(|one| one.row.cursor - one.from).sum();
        self.put_all(&mut items, &server, &papers, &chosen, &mut done, &mut tally)?;
        items.finish().map_err(unusable)?.flush().map_err(disk)?;
        done.octets = aside.put_in_place().map_err(disk)?;
        Ok(done)
    }

    /// Every coordinator that belongs and calls itself the one on paper. Devices choose their names, so which of them
    /// is on paper nothing tells; were one chosen, an impostor could be it, and the shares would open nothing. Those
    /// who belong longest come first, should there be more than a bundle has room for.
    fn papers(&self) -> Result<Vec<DeviceKeys>, Error> {
        let rows = self.store.rows();
        let mut papers = Vec::new();
        for (device, member) in self.roster()?.members() {
            let may = member.role == Role::Coordinator && member.belongs();
            if may && rows.name(device)?.as_deref() == Some(PAPER) {
                papers.push((member.since, member.keys.clone()));
            }
        }
        papers.sort_by_key(|(since, _)| *since);
        Ok(papers.into_iter().map(|(_, keys)| keys).take(READERS).collect())
    }

    /// How many of the circles each of these opens.
    fn opened_by_each(&self, papers: &[DeviceId], chosen: &[Chosen]) -> Result<usize, Error> {
        let roster = self.roster()?;
        let opened = |paper| chosen.iter().filter(|one| roster.may_read(paper, &one.row.circle)).count();
        Ok(papers.iter().map(opened).min().unwrap_or_default())
    }

    /// What this device has said and has not seen in the log.
    fn not_in_the_log(&self) -> Result<u64, Error> {
        let rows = self.store.rows();
        let mut waiting = rows.outbox_len()? + rows.unacknowledged()?;
        for circle in rows.circles()?.iter().filter(|row| row.sealed == row.acknowledged) {
            waiting += rows.sealed_from(&circle.circle, 0, 0)?.len() as u64;
        }
        Ok(waiting)
    }

    /// The circles that both this device and one of the coordinators on paper may read.
    fn chosen(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        papers: &[DeviceId],
        tally: &mut Tally<'_>,
    ) -> Result<Vec<Chosen>, Error> {
        let roster = self.roster()?.clone();
        let mut chosen = Vec::new();
        let read = |row: &CircleRow| papers.iter().any(|paper| roster.may_read(paper, &row.circle));
        for row in self.asked_circles()?.into_iter().filter(read) {
            let pack = match row.base {
                0 => None,
                _ => Some(self.foundation(transport, server, &row, tally)?),
            };
            let from = pack.as_ref().map_or(0, |pack| pack.signed.manifest.seq);
            chosen.push(Chosen { row, pack, from });
        }
        Ok(chosen)
    }

    /// A pack for what this device no longer has of a log; fetched if it is not kept here.
    fn foundation(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        row: &CircleRow,
        tally: &mut Tally<'_>,
    ) -> Result<Offered, Error> {
        if let Some(kept) = self.store.rows().kept(&row.circle)? {
            let offer = Offer { manifest: kept.manifest, attestations: kept.attestations };
            if let Some(pack) = Offered::believed(offer, self.roster()?)
                && self.bears(&pack, row)?
            {
                return Ok(pack);
            }
        }
        for pack in self.offered(transport, server, &[row.circle], tally)? {
            if self.bears(&pack, row)? {
                self.fetch_pieces(transport, server, &pack.signed, tally)?;
                self.compare_pack(&pack.signed)?;
                self.store.gesture(|rows| rows.keep_pack(&row.circle, &pack.kept()))?;
                return Ok(pack);
            }
        }
        Err(Error::NoPack)
    }

    /// Whether a newcomer would begin with this pack, and this device's log goes on from it.
    fn bears(&self, pack: &Offered, row: &CircleRow) -> Result<bool, Error> {
        let Manifest { seq, root, .. } = &pack.signed.manifest;
        let held = match *seq {
            seq if seq == row.base => Some(half(&row.base_root)),
            seq if seq == row.cursor => Some(half(&row.root)),
            seq => self.store.rows().half_root(&row.circle, seq)?,
        };
        let within = (row.base..=row.cursor).contains(seq);
        Ok(within && held == Some(half(root)) && self.standing(pack)?.len() >= DEVICES)
    }

    fn put_all<W: Write>(
        &self,
        items: &mut Items<W>,
        server: &ServerAddress,
        papers: &[DeviceKeys],
        chosen: &[Chosen],
        done: &mut BackedUp,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        let (rows, roster) = (self.store.rows(), self.roster()?);
        let mut add = |item: Item| items.add(&item).map_err(unusable);
        add(Item::Head(Head {
            workspace: roster.workspace(),
            author: self.device.id(),
            time: self.time()?,
            url: server.url.clone(),
            server_key: server.key,
            circles: chosen.iter().map(Chosen::span).collect(),
        }))?;
        rows.roster()?.into_iter().try_for_each(|entry| add(Item::Entry(entry)))?;
        for Chosen { row, .. } in chosen {
            // All others that anything in here needs follow from the newest.
            if let Some((epoch, secret)) = rows.epochs(&row.circle)?.pop() {
                for paper in papers.iter().filter(|paper| roster.may_read(&paper.id(), &row.circle)) {
                    let sealed = secret.wrap(roster.workspace(), row.circle, epoch, paper)?;
                    add(Item::Key { circle: row.circle, epoch, sealed })?;
                }
            }
        }
        let held = |circle: &CircleId| chosen.iter().any(|one| one.row.circle == *circle);
        for letter in rows.letters()?.into_iter().filter(|letter| held(&letter.circle)) {
            add(Item::Letter { circle: letter.circle, device: letter.device, bytes: letter.bytes })?;
            done.letters += 1;
        }
        for Chosen { row, pack, from } in chosen {
            if let Some(pack) = pack {
                self.put_pack(&mut add, &row.circle, pack)?;
            }
            done.segments += self.put_log(&mut add, row, *from, tally)?;
        }
        Ok(())
    }

    fn put_pack(
        &self,
        add: &mut impl FnMut(Item) -> Result<(), Error>,
        circle: &CircleId,
        pack: &Offered,
    ) -> Result<(), Error> {
        let kept = pack.kept();
        add(Item::Pack { manifest: kept.manifest, attestations: kept.attestations })?;
        for number in 0..pack.signed.manifest.pieces.len() as u64 {
            let piece = self.store.rows().piece(circle, &kept.pack, number)?;
            add(Item::Piece(piece.ok_or(StoreError::Unreadable("kept pack"))?))?;
        }
        Ok(())
    }

    fn put_log(
        &self,
        add: &mut impl FnMut(Item) -> Result<(), Error>,
        row: &CircleRow,
        from: u64,
        tally: &mut Tally<'_>,
    ) -> Result<u64, Error> {
        let mut after = from;
        while after < row.cursor {
            let before = after;
            for segment in self.store.rows().segments_after(&row.circle, after, LOG)? {
                // Nothing may be missing, or what comes behind could not be believed.
                if segment.bytes.is_empty() {
                    return Err(Error::ErasureUnderway);
                }
                if segment.seq != after + 1 {
                    return Err(StoreError::Unreadable("log").into());
                }
                after = segment.seq;
                add(Item::Segment { circle: row.circle, seq: segment.seq, bytes: segment.bytes })?;
                tally.report.segments_up += 1;
                tally.waiting = tally.waiting.saturating_sub(1);
            }
            // Rows that are not there are asked for once.
            if after == before {
                return Err(StoreError::Unreadable("log").into());
            }
            tally.tell();
        }
        Ok(after - from)
    }
}

impl Chosen {
    fn span(&self) -> Span {
        Span { circle: self.row.circle, from: self.from, to: self.row.cursor }
    }
}

fn disk(source: io::Error) -> Error {
    match source.kind() {
        io::ErrorKind::StorageFull => Error::Full,
        _ => Error::Disk { what: "the backup", source },
    }
}

/// Why a file is no backup, or none for these shares.
pub(super) fn unusable(error: BundleError) -> Error {
    let problem = match error {
        BundleError::Io(source) => return disk(source),
        BundleError::TooNew => return Error::TooNew { what: "the backup" },
        BundleError::NotForThis => {
            "it is not sealed for these shares: it is of another workspace, or from before they were made"
        }
        BundleError::OtherPurpose => "it was made for something else",
        BundleError::NotABundle => "it does not begin as a backup does",
        BundleError::Torn { .. } => "it is cut off before anything can be read",
        BundleError::Changed { .. } => "it was changed before anything can be read",
        other => return Error::Bug(other.to_string()),
    };
    Error::BadBackup { problem }
}

#[cfg(test)]
mod tests;
