//! That a record was erased, as it travels inside the circle it was erased from.
//!
//! ```text
//! record[16] | salt[32] | documents count ([16])* | reason blob
//! ```
//! Everybody may know from the roster that something was erased; what it was stands only here.

use cairn_wire::codec::{Malformed, Reader, Writer};
use cairn_wire::digest::Hash;
use cairn_wire::id::{CircleId, DocumentId, RecordId, WorkspaceId};
use cairn_wire::roster::erasure_commitment;

/// Octets of a reason.
pub const REASON: usize = 500;
/// Documents that one entry can name: far more than one record has in a circle.
const DOCUMENTS: usize = 1024;

/// A record that is to be gone from a circle, and never to return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureEntry {
    /// The record.
    pub record: RecordId,
    /// What keeps outsiders from guessing the record from the roster.
    pub salt: [u8; 32],
    /// Its documents in this circle, as far as the author held them.
    pub documents: Vec<DocumentId>,
    /// Why, in a coordinator's words.
    pub reason: String,
}

impl ErasureEntry {
    /// What must stand in the roster.
    pub fn commitment(&self, workspace: WorkspaceId, circle: CircleId) -> Hash {
        erasure_commitment(workspace, circle, &self.record.0, &self.salt)
    }

    /// Appends the entry.
    pub fn write(&self, writer: &mut Writer) {
        writer.raw(&self.record.0).raw(&self.salt).count(self.documents.len());
        for document in &self.documents {
            writer.raw(&document.0);
        }
        writer.blob(self.reason.as_bytes());
    }

    /// Reads [`ErasureEntry::write`].
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (record, salt) = (RecordId(reader.array("record")?), reader.array("salt")?);
        let count = reader.count(DOCUMENTS.min(reader.remaining() / 16), "documents")?;
        let documents = (0..count).map(|_| DocumentId::read(reader)).collect::<Result<_, _>>()?;
        let reason = reader.blob(REASON, "reason")?.to_vec();
        let reason = String::from_utf8(reason).map_err(|_| reader.malformed("reason"))?;
        Ok(Self { record, salt, documents, reason })
    }
}
