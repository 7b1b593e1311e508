//! Restoring from a backup: what is in the file comes in by the same doors as what a server sends, and nothing is
//! believed for having been in the file.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use cairn_wire::codec::Malformed;
use cairn_wire::digest::{next_root, sha256};
use cairn_wire::id::CircleId;
use cairn_wire::pack::{DEVICES, Offer};
use cairn_wire::roster::Roster;
use cairn_wire::sync::Wrap;

use super::backup::unusable;
use super::packing::Offered;
use super::recovering::{Share, combined};
use super::sync::{Progress, Tally};
use super::take::{check_submit_keys, keep_keys};
use super::unpacking::Log;
use super::{Machine, ServerAddress, Vault};
use crate::bundle::{BundleError, Head, Item, Purpose, Reader};
use crate::error::Error;
use crate::store::SegmentState;
use crate::sync::Alarm;

/// Items that are taken in together, at most.
const TOGETHER: usize = 4096;
const NOT_SIGNED: &str = "something in it is not what its author signed; what stood before it is here";

/// What a restored vault lacks of a circle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The circle.
    pub circle: CircleId,
    /// What it is called, if that came before the tear.
    pub name: Option<String>,
    /// Segments of its log.
    pub segments: u64,
}

/// What came out of a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The clock of the device that made it, then: seconds since 1970.
    pub time: u64,
    /// Records that are here now.
    pub records: u64,
    /// Segments that came.
    pub segments: u64,
    /// Late letters that came.
    pub letters: u64,
    /// Whether the file was cut off, changed or unreadable somewhere: what stood before that is here.
    pub torn: bool,
    /// What is missing, of all that the file said at its beginning.
    pub missing: Vec<Missing>,
}

impl Vault {
    /// Makes the vault of the coordinator on paper in an empty folder, out of a backup and enough shares, without
    /// any network. What was cut off goes on when it is done again.
    ///
    /// # Errors
    /// As [`Vault::restore_from_shares`]; [`Error::BadBackup`], and no vault is made then; the same
    /// where something in it is not what its author signed, and then what stood before is here.
    pub fn restore_from_backup(
        folder: &Path,
        passphrase: &str,
        machine: &Machine,
        shares: &[Share],
        backup: &Path,
        server: Option<&ServerAddress>,
        mut watch: impl FnMut(Progress),
    ) -> Result<(Self, Restored), Error> {
        let device = combined(shares)?.device()?;
        let file = File::open(backup).map_err(|source| Error::Disk { what: "the backup", source })?;
        let mut bundle = Reader::open(BufReader::new(file), Purpose::Backup, &device).map_err(unusable)?;
        let first = bundle.next().transpose().map_err(unusable)?;
        let first = first.unwrap_or_default();
        let mut items = Item::each(&first);
        let Some(Ok(Item::Head(head))) = items.next() else { return Err(no_backup(())) };
        if shares.first().is_none_or(|share| share.workspace != head.workspace) {
            return Err(Error::BadBackup { problem: "it is of another workspace than these shares" });
        }
        let said = ServerAddress { url: head.url.clone(), key: head.server_key, proxy: None };
        let server = server.unwrap_or(&said);
        let mut vault = Self::paper_vault(folder, passphrase, machine, shares, server)?;
        let mut tally = Tally::new(&mut watch);
        tally.waiting =
            head.circles.iter().fold(0, |sum: u64, one| sum.saturating_add(one.to.saturating_sub(one.from)));
        let mut arriving = Arriving::new(&mut vault, &mut tally);
        let taken = arriving.all(items, bundle);
        let (segments, letters) = (arriving.segments, arriving.letters);
        // Whatever ended it, what is here is shown.
        vault.take_in(&mut tally)?;
        if tally.scrub {
            vault.store.scrub()?;
        }
        let torn = match taken {
            Err(Error::Tampered(_)) => return Err(Error::BadBackup { problem: NOT_SIGNED }),
            taken => taken?,
        };
        let missing = vault.missing(&head)?;
        let records = vault.counts()?.records;
        Ok((vault, Restored { time: head.time, records, segments, letters, torn, missing }))
    }

    /// What of the circles in a backup is not here.
    fn missing(&self, head: &Head) -> Result<Vec<Missing>, Error> {
        let (rows, shelves) = (self.store.rows(), self.shelves().ok());
        let mut missing = Vec::new();
        for span in &head.circles {
            let held = rows.circle(&span.circle)?.map_or(0, |row| row.cursor);
            if held < span.to {
                let name = shelves.as_ref().and_then(|shelves| shelves.name(&span.circle));
                let (name, segments) = (name.map(str::to_owned), span.to - held);
                missing.push(Missing { circle: span.circle, name, segments });
            }
        }
        Ok(missing)
    }
}

fn no_backup<T>(_: T) -> Error {
    Error::BadBackup { problem: "what is in it is no backup" }
}

/// Taking a backup in, item by item.
struct Arriving<'a, 't, 'w> {
    vault: &'a mut Vault,
    tally: &'t mut Tally<'w>,
    /// Roster entries that came, those that were here before among them.
    entries: u64,
    /// The pack whose pieces come, and how many have.
    pack: Option<(Offered, u64)>,
    segments: u64,
    letters: u64,
}

impl<'a, 't, 'w> Arriving<'a, 't, 'w> {
    fn new(vault: &'a mut Vault, tally: &'t mut Tally<'w>) -> Self {
        Self { vault, tally, entries: 0, pack: None, segments: 0, letters: 0 }
    }

    /// Everything up to the end, or to where the file is torn: whether it is.
    fn all<R: std::io::Read>(
        &mut self,
        first: impl Iterator<Item = Result<Item, Malformed>>,
        bundle: Reader<R>,
    ) -> Result<bool, Error> {
        self.frame(first)?;
        for frame in bundle {
            match frame {
                Ok(frame) => self.frame(Item::each(&frame))?,
                Err(BundleError::Torn { .. } | BundleError::Changed { .. } | BundleError::Io(_)) => {
                    return Ok(true);
                }
                Err(other) => return Err(unusable(other)),
            }
        }
        Ok(false)
    }

    fn frame(&mut self, items: impl Iterator<Item = Result<Item, Malformed>>) -> Result<(), Error> {
        let (mut entries, mut wraps, mut log) = (Vec::new(), Vec::new(), Vec::new());
        for item in items {
            // The items of a frame may be so small that where they lie takes far more memory than the frame.
            if entries.len() + wraps.len() + log.len() >= TOGETHER {
                self.roster(std::mem::take(&mut entries), std::mem::take(&mut wraps))?;
                self.log(std::mem::take(&mut log))?;
            }
            match item.map_err(no_backup)? {
                Item::Entry(entry) => entries.push(entry),
                Item::Key { circle, epoch, sealed } => wraps.push(Wrap { circle, epoch, sealed }),
                Item::Segment { circle, seq, bytes } => log.push((circle, seq, bytes)),
                // Who may say it stands in the roster, and what stands before it comes before it.
                other => {
                    self.roster(std::mem::take(&mut entries), std::mem::take(&mut wraps))?;
                    self.log(std::mem::take(&mut log))?;
                    self.other(other)?;
                }
            }
        }
        self.roster(entries, wraps)?;
        self.log(log)?;
        self.tally.tell();
        Ok(())
    }

    fn roster(&mut self, entries: Vec<Vec<u8>>, wraps: Vec<Wrap>) -> Result<(), Error> {
        if entries.is_empty() && wraps.is_empty() {
            return Ok(());
        }
        let known = self.vault.roster.as_ref().map_or(0, Roster::seq);
        let here = usize::try_from(known.saturating_sub(self.entries)).unwrap_or(usize::MAX);
        self.entries += entries.len() as u64;
        let new: Vec<Vec<u8>> = entries.into_iter().skip(here).collect();
        let roster = self.vault.extend_roster(&new)?;
        let (device, now) = (&self.vault.device, self.vault.clock.now());
        self.vault.store.gesture(|rows| {
            for (seq, entry) in (known + 1..).zip(&new) {
                rows.put_roster(seq, entry)?;
            }
            if let Some(roster) = roster.as_ref().filter(|_| !wraps.is_empty()) {
                keep_keys(&rows, roster, device, &wraps)?;
                check_submit_keys(&rows, roster, &rows.roster()?, now)?;
            }
            Ok::<_, Error>(())
        })?;
        self.vault.roster = roster;
        Ok(())
    }

    /// Segments go where they go on from what is held; what is held already does no harm.
    fn log(&mut self, log: Vec<(CircleId, u64, Vec<u8>)>) -> Result<(), Error> {
        let segments = &mut self.segments;
        let mut gaps = false;
        self.vault.store.gesture(|rows| {
            for (circle, seq, bytes) in &log {
                let Some(mut row) = rows.circle(circle)?.filter(|row| row.cursor < *seq) else { continue };
                if row.cursor + 1 != *seq {
                    gaps = true;
                    continue;
                }
                (row.cursor, row.root) = (*seq, next_root(&row.root, &sha256(&[bytes])));
                rows.put_segment(circle, *seq, SegmentState::New, &row.root, bytes)?;
                rows.put_circle(&row)?;
                *segments += 1;
            }
            Ok::<_, Error>(())
        })?;
        if gaps {
            return Err(no_backup(()));
        }
        self.tally.report.segments_down = self.segments;
        self.tally.waiting = self.tally.waiting.saturating_sub(log.len() as u64);
        Ok(())
    }

    fn other(&mut self, item: Item) -> Result<(), Error> {
        match item {
            Item::Letter { circle, device, bytes } => {
                let kept = self.vault.store.gesture(|rows| rows.put_letter(&circle, &device, &bytes))?;
                self.letters += u64::from(kept);
                Ok(())
            }
            Item::Pack { manifest, attestations } => self.pack(Offer { manifest, attestations }),
            Item::Piece(piece) => self.piece(&piece),
            _ => Err(no_backup(())),
        }
    }

    /// A pack is believed as a newcomer believes it.
    fn pack(&mut self, offer: Offer) -> Result<(), Error> {
        let pack = Offered::believed(offer, self.vault.roster()?).ok_or(Alarm::OtherPack)?;
        if self.vault.standing(&pack)?.len() < DEVICES {
            return Err(Alarm::OtherPack.into());
        }
        self.pack = Some((pack, 0));
        Ok(())
    }

    fn piece(&mut self, piece: &[u8]) -> Result<(), Error> {
        let Some((pack, number)) = self.pack.take() else { return Err(no_backup(())) };
        let manifest = &pack.signed.manifest;
        let named = usize::try_from(number).ok().and_then(|number| manifest.pieces.get(number));
        if named != Some(&sha256(&[piece])) {
            return Err(Alarm::OtherPack.into());
        }
        let (circle, hash, count) = (manifest.circle, pack.signed.hash, manifest.pieces.len() as u64);
        // A circle that the coordinator on paper is not in is passed over, and named as missing in the end.
        let row = self.vault.store.rows().circle(&circle)?;
        let behind = row.is_some_and(|row| row.cursor < manifest.seq);
        if behind {
            self.vault.store.gesture(|rows| {
                if rows.pieces_held(&circle, &hash)? <= number {
                    rows.put_piece(&circle, &hash, number, piece)?;
                }
                Ok::<_, Error>(())
            })?;
        }
        if number + 1 < count {
            self.pack = Some((pack, number + 1));
        } else if behind {
            self.vault.compare_pack(&pack.signed)?;
            self.vault.take_pack(&pack, Log::Stays, self.tally)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
