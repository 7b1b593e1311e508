//! Opening the boxes of sealed records: what lay in one is carried from then on. A box that does not open is kept
//! aside by itself and holds up nothing else of its segment.

use std::collections::BTreeMap;
use std::sync::Arc;

use cairn_wire::id::{ChainId, DeviceId};
use cairn_wire::limits;

use super::merge::Taking;
use crate::error::Error;
use crate::segment::{
    Batch, CarriedEntry, Dictionary, SealedEntry, SealedPlace, SegmentError, Verified, unpack,
};
use crate::store::{ChainRow, QuarantineRow, Rows, StoreError};

/// A box that stays shut.
pub(super) struct Shut {
    pub(super) entry: SealedEntry,
    pub(super) why: Why,
}

/// Why a box stays shut: in words without content, and whether that may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// No member's device makes such boxes.
    NotItsAuthors,
    /// Sealed to an epoch that had not begun when its segment was sealed.
    FromLater,
    /// Two boxes of one segment name one document.
    Twice,
    /// Everybody has let go of that epoch's key, or it never was for this device.
    NoKey,
    /// It is written with a form that is not here yet.
    NoForm,
    /// Opened together with the others it would take too much memory: it is opened alone.
    NoRoom,
}

impl Why {
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::NotItsAuthors => "what was handed in as a sealed record is none of its author's",
            Self::FromLater => "it was sealed to a key that its author could not have",
            Self::Twice => "two sealed records of one segment have one name",
            Self::NoKey => "the key that it was sealed to is not held any more",
            Self::NoForm => "its form has not arrived",
            Self::NoRoom => "it is opened by itself, after the rest of its segment",
        }
    }

    pub(super) fn may_pass(self) -> bool {
        matches!(self, Self::NoForm | Self::NoRoom)
    }
}

/// Opens the boxes of a segment as far as they open, up to [`limits::OPENED`] octets of changes at once, whatever
/// the segment holds; gives those that stay shut.
pub(super) fn open_boxes(
    rows: &Rows<'_>,
    verified: &Verified<'_>,
    batch: &mut Batch,
) -> Result<Vec<Shut>, StoreError> {
    let (place, epoch) = (verified.place(), verified.header().epoch);
    let (mut octets, mut shut) = (0, Vec::new());
    let mut seen = BTreeMap::new();
    for entry in std::mem::take(&mut batch.sealed) {
        if let Some(before) = seen.get(&entry.document) {
            if *before != entry {
                shut.push(Shut { entry, why: Why::Twice });
            }
            continue;
        }
        let opened = match () {
            () if entry.epoch > epoch => Err(Why::FromLater),
            () if octets >= limits::OPENED => Err(Why::NoRoom),
            () => open(rows, place, &entry)?,
        };
        seen.insert(entry.document, entry.clone());
        match opened {
            Ok(carried) => {
                octets += carried.entry.change.len();
                batch.carried.push(carried);
            }
            Err(why) => shut.push(Shut { entry, why }),
        }
    }
    Ok(shut)
}

/// Opens one box.
fn open(
    rows: &Rows<'_>,
    place: &SealedPlace,
    entry: &SealedEntry,
) -> Result<Result<CarriedEntry, Why>, StoreError> {
    let Some(secret) = rows.epoch(&place.circle, entry.epoch)? else { return Ok(Err(Why::NoKey)) };
    let inside = entry.unseal(place, &secret).and_then(|packed| {
        unpack(&packed, |id| {
            let bytes = rows.dictionary(id).ok().flatten()?;
            Dictionary::new(bytes).map(Arc::new)
        })
    });
    Ok(match inside {
        Err(SegmentError::UnknownDictionary) => Err(Why::NoForm),
        Err(_) => Err(Why::NotItsAuthors),
        Ok(inside) => entry.only_change(inside).ok_or(Why::NotItsAuthors),
    })
}

impl Taking<'_, '_> {
    /// Keeps what stayed shut; what only lacked room is tried again in this very run.
    pub(super) fn keep_shut(&mut self, shut: Vec<Shut>, chain: ChainId, seq: u64) -> Result<(), StoreError> {
        for Shut { entry, why } in shut {
            self.tally.unopened |= why == Why::NoRoom;
            self.quarantine(chain, seq, entry.document, why.reason(), why.may_pass(), entry.to_kept())?;
        }
        Ok(())
    }

    /// Opens a box that waited in quarantine, unless `octets` says that enough is open; none while it has to wait on.
    pub(super) fn open_kept(
        &mut self,
        row: &QuarantineRow,
        entry: &SealedEntry,
        octets: &mut usize,
    ) -> Result<Option<CarriedEntry>, Error> {
        let Some(chain) = self.rows.chain(&row.chain)?.filter(|_| *octets < limits::OPENED) else {
            return Ok(None);
        };
        let author = chain.device;
        let place = SealedPlace { workspace: self.roster.workspace(), circle: *self.circle, author };
        match open(&self.rows, &place, entry)? {
            Ok(carried) if self.may_carry_from(&carried.origin, author)? => {
                *octets += carried.entry.change.len();
                Ok(Some(carried))
            }
            Ok(_) => {
                self.rows.put_reason(row.number, Why::NotItsAuthors.reason(), false)?;
                Ok(None)
            }
            Err(why) => {
                self.rows.put_reason(row.number, why.reason(), why.may_pass())?;
                Ok(None)
            }
        }
    }

    /// Whether `author` may carry changes of this chain: only of its own earlier ones. A new chain is noted.
    pub(super) fn may_carry_from(&self, origin: &ChainId, author: DeviceId) -> Result<bool, StoreError> {
        match self.rows.chain(origin)? {
            Some(known) => Ok(known.device == author && known.circle == *self.circle),
            None => {
                self.rows.put_chain(&ChainRow {
                    chain: *origin,
                    circle: *self.circle,
                    device: author,
                    height: 0,
                    link: author.0,
                })?;
                Ok(true)
            }
        }
    }
}
