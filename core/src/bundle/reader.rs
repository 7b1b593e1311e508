//! Reading a bundle, frame by frame: never more than one in memory, whatever the file claims.

use std::io::{self, Read};

use cairn_wire::digest::Hash;
use zeroize::Zeroizing;

use super::{BundleError, FRONT, MAGIC, Purpose, READERS, SEALED, STEP, VERSION, running};
use crate::crypto::{BUNDLE_WRAP, BundleKey, DeviceSecret};
use crate::segment::padded;

/// Reads a bundle. As an iterator it gives the content of each frame; the first error is the last thing it gives.
pub struct Reader<R: Read> {
    input: R,
    key: BundleKey,
    running: Hash,
    frames: u64,
    ended: bool,
}

impl<R: Read> Reader<R> {
    /// Reads the header and finds the key, if one of the wraps is for this device.
    ///
    /// # Errors
    /// [`BundleError::NotABundle`], [`BundleError::TooNew`], [`BundleError::OtherPurpose`],
    /// [`BundleError::NotForThis`], [`BundleError::Io`]; [`BundleError::Torn`] if the header is cut off.
    pub fn open(mut input: R, purpose: Purpose, device: &DeviceSecret) -> Result<Self, BundleError> {
        let mut header = vec![0; MAGIC.len() + 3];
        whole(&mut input, &mut header)?.ok_or(BundleError::NotABundle)?;
        let said = header.strip_prefix(MAGIC).ok_or(BundleError::NotABundle)?;
        let &[version, said_purpose, count] = said else { return Err(BundleError::NotABundle) };
        let count = usize::from(count);
        if version != VERSION {
            return Err(BundleError::TooNew);
        }
        if said_purpose != purpose.octet() {
            return Err(BundleError::OtherPurpose);
        }
        if count == 0 || count > READERS || !count.is_multiple_of(STEP) {
            return Err(BundleError::NotABundle);
        }
        let mut wraps = vec![0; count * BUNDLE_WRAP];
        let mut commitment = [0; 32];
        for part in [&mut wraps[..], &mut commitment] {
            whole(&mut input, part)?.ok_or(BundleError::Torn { frames: 0 })?;
        }
        header.extend(&wraps);
        header.extend(commitment);
        let opens = |wrap| BundleKey::unwrap(purpose.octet(), wrap, device).ok();
        let key = wraps.chunks(BUNDLE_WRAP).find_map(opens).ok_or(BundleError::NotForThis)?;
        if key.commitment()? != commitment {
            return Err(BundleError::Changed { frames: 0 });
        }
        Ok(Self { input, key, running: running(&[], &header), frames: 0, ended: false })
    }

    /// Good frames so far, the one that marks the end included.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// The content of the next frame; none at the end.
    ///
    /// # Errors
    /// [`BundleError::Torn`], [`BundleError::Changed`], [`BundleError::Io`]. Nothing can be read after that.
    pub fn next_frame(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, BundleError> {
        if self.ended {
            return Ok(None);
        }
        // Whatever goes wrong below, this is the end of it.
        self.ended = true;
        let (torn, changed) =
            (BundleError::Torn { frames: self.frames }, BundleError::Changed { frames: self.frames });
        let mut length = [0; 4];
        let Some(()) = whole(&mut self.input, &mut length)? else { return Err(torn) };
        let length = u32::from_be_bytes(length) as usize;
        if length > SEALED || padded(length) != length {
            return Err(changed);
        }
        let mut sealed = vec![0; length];
        let Some(()) = whole(&mut self.input, &mut sealed)? else { return Err(torn) };
        let key = self.key.derive_frame_key(self.frames)?;
        let Ok(message) = key.open(&self.running, &sealed) else { return Err(changed) };
        let mut message = Zeroizing::new(message);
        let Some((last, length)) = front(&message) else { return Err(changed) };
        if last && (length > 0 || self.input.read(&mut [0])? > 0) {
            return Err(changed);
        }
        message.drain(..FRONT);
        message.truncate(length);
        self.running = running(&self.running, &sealed);
        self.frames += 1;
        self.ended = last;
        Ok((!last).then_some(message))
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Result<Zeroizing<Vec<u8>>, BundleError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_frame().transpose()
    }
}

/// Whether it is the last frame, and how long its content is; none unless it is padded as it should be.
fn front(message: &[u8]) -> Option<(bool, usize)> {
    let (front, rest) = message.split_first_chunk::<FRONT>()?;
    let [last @ (0 | 1), length @ ..] = *front else { return None };
    let length = u32::from_be_bytes(length) as usize;
    let padding = rest.get(length..)?;
    padding.iter().all(|octet| *octet == 0).then_some((last == 1, length))
}

/// Fills the buffer; none if the input ends before.
fn whole(input: &mut impl Read, buffer: &mut [u8]) -> Result<Option<()>, io::Error> {
    match input.read_exact(buffer) {
        Ok(()) => Ok(Some(())),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}
