//! Attachments: photos, sounds, scans and files, sealed by a device and kept by the server in pieces.
//!
//! What opens one stands in the record that names it. The server sees pieces and their number; an attachment
//! is called by the hash over the hashes of its pieces ([`name`]), so nobody can put anything else under a
//! name that somebody has given, and whoever holds the pieces can give them back. Nothing lists attachments:
//! a device asks by names it has read.
//!
//! One request is a hello with an [`Ask`]. To put, pieces follow as the body ([`put_body`]); each counts
//! once it is on disk, whatever becomes of those after it.

use crate::codec::Writer;
use crate::digest::{Hash, half, sha256};
use crate::id::{AttachmentId, WorkspaceId};

mod answer;
mod ask;
mod body;
#[cfg(test)]
mod tests;

pub use answer::{Fetched, State, States};
pub use ask::Ask;
pub use body::{Part, PutStream, put_body};

const NAME_LABEL: &[u8] = b"cairn/attachment/1";

/// What the attachment with these sealed pieces is called:
/// the first half of `SHA-256("cairn/attachment/1" ‖ workspace ‖ SHA-256(piece)*)`.
pub fn name(workspace: WorkspaceId, pieces: &[Hash]) -> AttachmentId {
    let mut writer = Writer::new();
    for piece in pieces {
        writer.raw(piece);
    }
    AttachmentId(half(&sha256(&[NAME_LABEL, &workspace.0, &writer.finish()])))
}
