//! Sealing a handout to the one device it is for.

use cairn_wire::id::WorkspaceId;
use cairn_wire::roster::DeviceKeys;

use super::{CryptoError, DeviceSecret, hybrid};

/// `HPKE(device, "cairn/handout/1" ‖ workspace, device's name, message)`: `encapsulated key[1120] ‖ ciphertext`.
pub fn seal_handout(workspace: WorkspaceId, to: &DeviceKeys, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
    hybrid::seal(&to.wrapping, &info(workspace), &to.id().0, message)
}

/// Opens [`seal_handout`].
pub fn open_handout(
    workspace: WorkspaceId,
    device: &DeviceSecret,
    sealed: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    hybrid::open(device.wrapping(), &info(workspace), &device.id().0, sealed)
}

fn info(workspace: WorkspaceId) -> Vec<u8> {
    [b"cairn/handout/1", &workspace.0[..]].concat()
}
