//! What a device does differently that only hands in: it seals to a public key, keeps what it has sealed until
//! the server has it for good, and then lets go of all of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use cairn_wire::codec::Writer;
use cairn_wire::digest::half;
use cairn_wire::id::{ChainId, CircleId, DeviceId, DocumentId};
use cairn_wire::roster::{HPKE_PUBLIC, Role, Roster};

use super::merge::Taking;
use super::{Vault, fact};
use crate::change::{self, Content};
use crate::crypto::EpochSecret;
use crate::error::Error;
use crate::segment::{
    Batch, CarriedEntry, Dictionary, Next, Packed, Place, Sealed, SegmentError, seal, submit, unpack,
};
use crate::store::{ChainRow, Rows, StoreError};

/// What this device closes its segments with.
pub(super) enum Lid {
    /// The epoch's secret.
    Secret(EpochSecret),
    /// The epoch's submit key.
    Submit(Box<[u8; HPKE_PUBLIC]>),
}

impl Lid {
    /// Whether this device can open again what it closed.
    pub(super) fn opens(&self) -> bool {
        matches!(self, Self::Secret(_))
    }

    pub(super) fn seal(
        &self,
        packed: Packed,
        place: &Place,
        next: &Next,
        device: &crate::crypto::DeviceSecret,
    ) -> Result<Sealed, SegmentError> {
        match self {
            Self::Secret(secret) => seal(packed, place, next, secret, device),
            Self::Submit(key) => submit(&packed, place, next, key, device),
        }
    }
}

impl Vault {
    /// Whether this device only hands in; also once it has been taken out.
    pub fn hands_in_only(&self) -> bool {
        self.is_one(Role::SubmitOnly)
    }

    /// Whether this device only carries what others have sealed.
    pub fn carries_only(&self) -> bool {
        self.is_one(Role::Courier)
    }

    fn is_one(&self, role: Role) -> bool {
        let member = self.roster.as_ref().and_then(|roster| roster.member(&self.device.id()));
        member.is_some_and(|member| member.role == role)
    }

    /// Whether this device may read what others have written.
    ///
    /// # Errors
    /// [`Error::HandsInOnly`], [`Error::CarriesOnly`].
    pub fn need_reader(&self) -> Result<(), Error> {
        match (self.hands_in_only(), self.carries_only()) {
            (true, _) => Err(Error::HandsInOnly),
            (_, true) => Err(Error::CarriesOnly),
            _ => Ok(()),
        }
    }

    /// How many records a device that only hands in has handed in, and no longer has.
    ///
    /// # Errors
    /// What the disk says.
    pub fn handed_in(&self) -> Result<Option<u64>, Error> {
        if !self.hands_in_only() {
            return Ok(None);
        }
        Ok(Some(number(&self.store.rows(), fact::HANDED_IN)?))
    }

    /// How many sealed segments a device holds that only carries.
    ///
    /// # Errors
    /// What the disk says.
    pub fn carried(&self) -> Result<Option<u64>, Error> {
        if !self.carries_only() {
            return Ok(None);
        }
        let circles = self.store.rows().circles()?;
        Ok(Some(circles.iter().map(|row| row.cursor.saturating_sub(row.base)).sum()))
    }

    /// What closes a segment of that place; none if it has not arrived.
    pub(super) fn lid(&self, place: &Place) -> Result<Option<Lid>, Error> {
        if self.hands_in_to(&place.circle) {
            let key = self.roster()?.submit_key(&place.circle, place.epoch);
            return Ok(key.map(|key| Lid::Submit(Box::new(*key))));
        }
        Ok(self.store.rows().epoch(&place.circle, place.epoch)?.map(Lid::Secret))
    }

    /// After a gesture that let go of something: nothing of it may stay in the write-ahead log either.
    pub(super) fn sweep(&self) -> Result<(), Error> {
        Ok(self.store.checkpoint()?)
    }
}

/// What an own segment holds that was kept beside it.
pub(super) fn kept_batch(rows: &Rows<'_>, bytes: Vec<u8>) -> Result<Batch, StoreError> {
    let dictionary = |id: &_| {
        let bytes = rows.dictionary(id).ok().flatten()?;
        Dictionary::new(bytes).map(Arc::new)
    };
    unpack(&Packed::from_bytes(bytes), dictionary).map_err(|_| StoreError::Unreadable("kept segment"))
}

/// Lets go of everything that the server has for good: own segments, what was in them, and each record of which
/// nothing waits any more; where a device hands in to single circles only, what it has sealed for these. Belongs
/// into the gesture that notes the acknowledgement.
pub(super) fn let_go(
    rows: &Rows<'_>,
    roster: &Roster,
    device: &DeviceId,
    now: u64,
) -> Result<(), StoreError> {
    let mut waiting: BTreeSet<DocumentId> = BTreeSet::new();
    let everywhere = roster.member(device).is_some_and(|member| member.role == Role::SubmitOnly);
    for row in rows.circles()? {
        let stay = roster.circles().get(&row.circle).and_then(|known| known.newest_stay(device));
        if !everywhere && !stay.is_some_and(|stay| stay.hands_in) {
            continue;
        }
        let (circle, height) = (row.circle, row.acknowledged);
        if let Some(sealed) = rows.sealed(&circle, height)? {
            let link = half(&sealed.hash);
            rows.put_chain(&ChainRow { chain: row.chain, circle, device: *device, height, link })?;
        }
        rows.clear_sealed_up_to(&circle, height)?;
        rows.clear_plain(&circle, height)?;
        waiting.extend(documents_that_wait(rows, &circle)?);
    }
    rows.put_gone(&waiting, now)?;
    if !everywhere {
        return Ok(());
    }
    let gone = rows.forget_records_without(waiting)?;
    let before = number(rows, fact::HANDED_IN)?;
    rows.put_fact(fact::HANDED_IN, &before.saturating_add(gone).to_be_bytes())
}

/// The documents of which something has not reached the server.
fn documents_that_wait(rows: &Rows<'_>, circle: &CircleId) -> Result<BTreeSet<DocumentId>, StoreError> {
    let outbox = rows.outbox(circle, usize::MAX, usize::MAX)?;
    let mut waiting: BTreeSet<_> = outbox.into_iter().filter_map(|row| row.document).collect();
    for bytes in rows.plains(circle)? {
        let batch = kept_batch(rows, bytes)?;
        let carried = batch.carried.iter().map(|carried| &carried.entry);
        waiting.extend(batch.changes.iter().chain(carried).map(|entry| entry.document));
        waiting.extend(batch.sealed.iter().map(|sealed| sealed.document));
    }
    Ok(waiting)
}

fn number(rows: &Rows<'_>, name: &str) -> Result<u64, StoreError> {
    let fact = rows.fact(name)?;
    Ok(fact.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes))
}

impl Taking<'_, '_> {
    /// Keeps aside what a device may not say that only hands in: all but its name and its own records.
    pub(super) fn only_own_records(
        &mut self,
        batch: &mut Batch,
        author: DeviceId,
        (chain, seq): (ChainId, u64),
    ) -> Result<(), StoreError> {
        for share in std::mem::take(&mut batch.shares) {
            let mut writer = Writer::new();
            share.write(&mut writer);
            let reason = "a device that only hands in shares nothing";
            self.quarantine(chain, seq, DocumentId([0; 16]), reason, false, writer.finish())?;
        }
        for entry in std::mem::take(&mut batch.departures) {
            let reason = "a device that only hands in does not depart";
            self.quarantine(chain, seq, DocumentId([0; 16]), reason, false, entry.to_bytes())?;
        }
        let foreign = "a device that only hands in changes no records but its own";
        for entry in std::mem::take(&mut batch.changes) {
            if is_own(&self.rows, self.circle, &author, chain, &entry.document)? {
                batch.changes.push(entry);
            } else {
                let bytes = change::restore(&entry.change);
                self.quarantine(chain, seq, entry.document, foreign, false, bytes)?;
            }
        }
        for carried in std::mem::take(&mut batch.carried) {
            let CarriedEntry { origin, entry } = &carried;
            if is_own(&self.rows, self.circle, &author, *origin, &entry.document)? {
                batch.carried.push(carried);
            } else {
                let bytes = change::restore(&carried.entry.change);
                self.quarantine(carried.origin, seq, carried.entry.document, foreign, false, bytes)?;
            }
        }
        Ok(())
    }

    /// Whether a new document may belong to the record it names. The record's case may live in a circle of which
    /// this device knows nothing; here it must at least not be another device's.
    pub(super) fn adds_to_own(&self, content: &Content) -> Result<bool, Error> {
        let Some(chain) = self.rows.chain(&content.begun.chain)? else { return Ok(true) };
        let owners = self.rows.owners(self.circle, &DocumentId(content.record.0))?;
        Ok(self.may_read(&chain.device) || owners.iter().all(|owner| *owner == chain.device))
    }
}

/// Whether what bears this name was begun by a device that only hands in, as far as this circle tells: the name
/// begins as one of the device's chains does, and as nobody else's. `origin` is a chain of the device that may be
/// named here for the first time.
fn is_own(
    rows: &Rows<'_>,
    circle: &CircleId,
    device: &DeviceId,
    origin: ChainId,
    name: &DocumentId,
) -> Result<bool, StoreError> {
    let owners = rows.owners(circle, name)?;
    let first = owners.is_empty() && DocumentId::of(origin, 0).prefix() == name.prefix();
    Ok(first || (!owners.is_empty() && owners.iter().all(|owner| owner == device)))
}
