//! Sealing by a device that only hands in: to the circle's submit key, so that it cannot open it again.

use cairn_wire::limits;
use cairn_wire::roster::HPKE_PUBLIC;
use cairn_wire::segment::Kind;

use super::{Next, Packed, Place, Sealed, SegmentError, header, signed};
use crate::crypto::{DeviceSecret, seal_submitted};

/// Octets of the encapsulated key, by which such a segment is longer than another with the same inside.
const ENCAPSULATED: usize = 1120;

/// Seals a packed batch as the chain's next segment, to the submit key of the place's epoch.
pub fn submit(
    packed: &Packed,
    place: &Place,
    next: &Next,
    key: &[u8; HPKE_PUBLIC],
    device: &DeviceSecret,
) -> Result<Sealed, SegmentError> {
    if packed.sealed_len() + ENCAPSULATED > limits::SEGMENT {
        return Err(SegmentError::TooLarge);
    }
    let header = header(Kind::Submitted, place, next)?;
    let associated_data = header.associated_data(place.workspace, place.circle, &place.roster_head);
    let ciphertext = seal_submitted(key, &associated_data, packed.as_bytes())?;
    Ok(signed(&header, &associated_data, &ciphertext, device))
}
