//! What a device must know that can read nothing: forms, and what its circles are called and hold.
//!
//! ```text
//! "cairnout" | version u8 = 1 | workspace[16] | author[16] | device[16] | roster seq | signature[64] | sealed
//! sealed    = HPKE to the device (core/src/crypto/handout.rs) of: count (circle[16] | batch blob)*
//! signature = Ed25519(author, "cairn/handout/1" ‖ workspace ‖ roster head[32] ‖ all before it ‖ H(sealed))
//! ```
//! It is a file, handed over by whatever road: nobody but the device opens it, and the device believes only a
//! coordinator who is in the circles. The batches hold forms and labels and nothing else.

use cairn_wire::codec::{Malformed, Reader, Writer};
use cairn_wire::digest::sha256;
use cairn_wire::id::{CircleId, DeviceId, WorkspaceId};
use cairn_wire::limits;
use cairn_wire::roster::{DeviceKeys, Role, Roster};

use super::Batch;
use crate::crypto::{CryptoError, DeviceSecret, open_handout, seal_handout};

const MAGIC: &[u8; 8] = b"cairnout";
const VERSION: u8 = 1;
const LABEL: &[u8] = b"cairn/handout/1";
/// Octets of one batch in it: every form a workspace may ever need with its tables, uncompressed.
const BATCH: usize = 64 << 20;

/// Why a handout was not made or not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandoutError {
    /// Not a handout, or damaged.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Made by a newer version.
    #[error("made by a newer version")]
    TooNew,
    /// It was made for another device or workspace.
    #[error("it was made for another device")]
    NotForThis,
    /// It names a roster entry that has not arrived.
    #[error("its roster entry has not arrived")]
    RosterAhead,
    /// Nobody who may has signed it.
    #[error("no coordinator of the workspace has signed it")]
    NotEntitled,
    /// It holds more than any device takes.
    #[error("too large for a handout")]
    TooLarge,
    /// It cannot be opened or sealed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// An opened handout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handout {
    /// The coordinator who made it.
    pub author: DeviceId,
    /// The newest roster entry its author knew.
    pub roster_seq: u64,
    /// Forms and labels, by circle.
    pub circles: Vec<(CircleId, Batch)>,
}

impl Handout {
    /// Seals and signs it for one device; the roster must be the one it was made by.
    pub fn seal(
        circles: &[(CircleId, Batch)],
        roster: &Roster,
        author: &DeviceSecret,
        to: &DeviceKeys,
    ) -> Result<Vec<u8>, HandoutError> {
        let mut writer = Writer::new();
        writer.count(circles.len());
        for (circle, batch) in circles {
            let batch = batch.encode();
            if batch.len() > BATCH {
                return Err(HandoutError::TooLarge);
            }
            writer.raw(&circle.0).blob(&batch);
        }
        let sealed = seal_handout(roster.workspace(), to, &writer.finish())?;
        let mut writer = Writer::new();
        writer.raw(MAGIC).octet(VERSION).raw(&roster.workspace().0);
        writer.raw(&author.id().0).raw(&to.id().0).int(roster.seq());
        let header = writer.finish();
        let signature = author.sign(&signed_bytes(roster, roster.seq(), &header, &sealed)?);
        Ok([&header[..], &signature, &sealed].concat())
    }

    /// Reads, believes and opens one. Its author must be a coordinator who belongs and is in every circle of
    /// which it says anything.
    pub fn open(bytes: &[u8], roster: &Roster, device: &DeviceSecret) -> Result<Self, HandoutError> {
        let mut reader = Reader::new(bytes);
        if reader.array::<8>("handout")? != *MAGIC {
            return Err(reader.malformed("handout").into());
        }
        if reader.octet("handout version")? != VERSION {
            return Err(HandoutError::TooNew);
        }
        let workspace = WorkspaceId::read(&mut reader)?;
        let author = DeviceId::read(&mut reader)?;
        let to = DeviceId::read(&mut reader)?;
        let roster_seq = reader.int("roster number")?;
        let header = bytes.get(..reader.position()).unwrap_or_default();
        let signature: [u8; 64] = reader.array("signature")?;
        let sealed = reader.rest();
        if workspace != roster.workspace() || to != device.id() {
            return Err(HandoutError::NotForThis);
        }
        let signed = signed_bytes(roster, roster_seq, header, sealed)?;
        let member = roster.member(&author).filter(|one| one.role == Role::Coordinator && one.belongs());
        if !member.is_some_and(|member| member.keys.signing.verifies(&signed, &signature)) {
            return Err(HandoutError::NotEntitled);
        }
        let opened = open_handout(workspace, device, sealed)?;
        let mut reader = Reader::new(&opened);
        let count = reader.count(limits::CIRCLES, "circles")?;
        let mut circles = Vec::with_capacity(count);
        for _ in 0..count {
            let circle = CircleId::read(&mut reader)?;
            let batch = Batch::decode(reader.blob(BATCH, "batch")?)?;
            if !roster.is_in(&author, &circle) {
                return Err(HandoutError::NotEntitled);
            }
            circles.push((circle, batch));
        }
        reader.end()?;
        Ok(Self { author, roster_seq, circles })
    }
}

fn signed_bytes(
    roster: &Roster,
    roster_seq: u64,
    header: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, HandoutError> {
    let head = roster.head_at(roster_seq).ok_or(HandoutError::RosterAhead)?;
    Ok([LABEL, &roster.workspace().0, &head, header, &sha256(&[sealed])].concat())
}
