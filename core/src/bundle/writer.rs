//! Writing a bundle, frame by frame.

use std::io::Write;

use cairn_wire::digest::Hash;
use cairn_wire::roster::DeviceKeys;

use super::{BundleError, FRAME, FRONT, MAGIC, Purpose, READERS, STEP, TAG, VERSION, running};
use crate::crypto::BundleKey;
use crate::segment::padded;

/// Writes a bundle. Without [`Writer::finish`] it reads as torn.
pub struct Writer<W: Write> {
    out: W,
    key: BundleKey,
    running: Hash,
    frames: u64,
}

impl<W: Write> Writer<W> {
    /// Writes the header, for these readers.
    ///
    /// # Errors
    /// [`BundleError::TooLarge`] for more than [`READERS`]; [`BundleError::Io`]; [`BundleError::Crypto`].
    pub fn new(mut out: W, purpose: Purpose, readers: &[&DeviceKeys]) -> Result<Self, BundleError> {
        if readers.len() > READERS {
            return Err(BundleError::TooLarge);
        }
        let key = BundleKey::generate()?;
        let count = readers.len().max(1).next_multiple_of(STEP);
        let mut header = MAGIC.to_vec();
        header.extend([VERSION, purpose.octet(), u8::try_from(count).map_err(|_| BundleError::TooLarge)?]);
        for reader in readers {
            header.extend(key.wrap(purpose.octet(), reader)?);
        }
        for _ in readers.len()..count {
            header.extend(BundleKey::wrap_for_nobody(purpose.octet())?);
        }
        header.extend(key.commitment()?);
        out.write_all(&header)?;
        Ok(Self { out, key, running: running(&[], &header), frames: 0 })
    }

    /// Writes one frame of at most [`FRAME`] octets.
    ///
    /// # Errors
    /// [`BundleError::TooLarge`], of which nothing is written; [`BundleError::Io`].
    pub fn frame(&mut self, content: &[u8]) -> Result<(), BundleError> {
        self.put(0, content)
    }

    /// Marks the end; gives back what it was written to, not flushed.
    ///
    /// # Errors
    /// [`BundleError::Io`].
    pub fn finish(mut self) -> Result<W, BundleError> {
        self.put(1, &[])?;
        Ok(self.out)
    }

    fn put(&mut self, last: u8, content: &[u8]) -> Result<(), BundleError> {
        if content.len() > FRAME {
            return Err(BundleError::TooLarge);
        }
        let length = u32::try_from(content.len()).map_err(|_| BundleError::TooLarge)?;
        let size = padded(FRONT + content.len() + TAG) - TAG;
        let mut message = Vec::with_capacity(size + TAG);
        message.push(last);
        message.extend(length.to_be_bytes());
        message.extend_from_slice(content);
        message.resize(size, 0);
        let sealed = self.key.derive_frame_key(self.frames)?.seal(&self.running, message)?;
        let length = u32::try_from(sealed.len()).map_err(|_| BundleError::TooLarge)?;
        self.out.write_all(&length.to_be_bytes())?;
        self.out.write_all(&sealed)?;
        self.running = running(&self.running, &sealed);
        self.frames += 1;
        Ok(())
    }
}
