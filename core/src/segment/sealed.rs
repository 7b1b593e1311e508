//! Records that were sealed when they were finished: boxes within segments, which the device that made them cannot
//! open again, whatever becomes of the segment around them.
//!
//! ```text
//! sealed = document[16] | epoch | box blob
//! box    = HPKE(submit key of that epoch, "cairn/sealed/1", associated data, packed batch)
//! associated data = "cairn/sealed/1" | workspace[16] | circle[16] | author[16] | epoch | document[16]
//! ```
//! The batch inside carries one change, the first of its document, in the name of a chain that was used for
//! nothing else. So a box depends on nothing that may change until it leaves: it goes into whatever segment is
//! sealed next, under whatever key.

use cairn_wire::codec::{Malformed, Reader, Writer};
use cairn_wire::id::{CircleId, DeviceId, DocumentId, WorkspaceId};
use cairn_wire::limits;
use cairn_wire::roster::HPKE_PUBLIC;

use super::{Batch, CarriedEntry, Packed, SegmentError};
use crate::crypto::{CryptoError, EpochSecret, seal_finished};

/// How a box begins that is kept aside.
const KEPT: &[u8] = b"cairn/sealed/1";

/// Whose box it is, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedPlace {
    /// Whose data.
    pub workspace: WorkspaceId,
    /// For whom.
    pub circle: CircleId,
    /// Who finished the record.
    pub author: DeviceId,
}

/// One sealed record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedEntry {
    /// Its only document, after which the record is named too.
    pub document: DocumentId,
    /// The epoch to whose submit key it is sealed.
    pub epoch: u64,
    /// The box.
    pub bytes: Vec<u8>,
}

impl SealedPlace {
    fn associated_data(&self, document: &DocumentId, epoch: u64) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.raw(b"cairn/sealed/1").raw(&self.workspace.0).raw(&self.circle.0).raw(&self.author.0);
        writer.int(epoch).raw(&document.0);
        writer.finish()
    }
}

impl SealedEntry {
    /// Seals the first change of a document for the holders of an epoch's secret.
    pub fn seal(
        packed: &Packed,
        place: &SealedPlace,
        document: DocumentId,
        epoch: u64,
        key: &[u8; HPKE_PUBLIC],
    ) -> Result<Self, CryptoError> {
        let data = place.associated_data(&document, epoch);
        Ok(Self { document, epoch, bytes: seal_finished(key, &data, packed.as_bytes())? })
    }

    /// What lies inside, before it is unpacked.
    pub fn unseal(&self, place: &SealedPlace, secret: &EpochSecret) -> Result<Packed, SegmentError> {
        let data = place.associated_data(&self.document, self.epoch);
        Ok(Packed::from_bytes(secret.open_finished(place.circle, &data, &self.bytes)?))
    }

    /// The one change that a box may hold; none for a box that holds anything else.
    pub fn only_change(&self, inside: Batch) -> Option<CarriedEntry> {
        let mut rest = inside;
        rest.time = 0;
        let [one] = <[CarriedEntry; 1]>::try_from(std::mem::take(&mut rest.carried)).ok()?;
        let fits = rest == Batch::default()
            && one.entry.document == self.document
            && DocumentId::of(one.origin, 0).prefix() == self.document.prefix();
        fits.then_some(one)
    }

    /// As it is kept aside on a device where it did not open; begins as no change does.
    pub fn to_kept(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.raw(KEPT);
        self.write(&mut writer);
        writer.finish()
    }

    /// Reads [`SealedEntry::to_kept`]; none if these are other bytes.
    pub fn from_kept(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes.strip_prefix(KEPT)?);
        let entry = Self::read(&mut reader).ok()?;
        reader.end().ok().map(|()| entry)
    }

    /// Appends the entry.
    pub fn write(&self, writer: &mut Writer) {
        writer.raw(&self.document.0).int(self.epoch).blob(&self.bytes);
    }

    /// Reads [`SealedEntry::write`].
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            document: DocumentId::read(reader)?,
            epoch: reader.int("sealed record's epoch")?,
            bytes: reader.blob(limits::SEGMENT, "sealed record")?.to_vec(),
        })
    }
}
