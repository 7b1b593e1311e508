//! The outside of a change: its frame.

use cairn_wire::digest::Hash;

/// The name of a change: SHA-256 over type, length and contents. None if it is no uncompressed change
/// or its checksum is wrong.
pub fn hash(change: &[u8]) -> Option<Hash> {
    let _ = change;
    None
}

/// Drops the nine octets that can be computed again: magic, checksum and type. None if `change` is not
/// exactly one uncompressed change with a right checksum.
pub fn strip(change: &[u8]) -> Option<&[u8]> {
    let _ = change;
    None
}

/// Puts back what [`strip`] dropped.
pub fn restore(stripped: &[u8]) -> Vec<u8> {
    stripped.to_vec()
}
