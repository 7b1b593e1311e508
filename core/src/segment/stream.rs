//! Compression of something long that is written and read piece by piece: zstd (RFC 8878) with a window of
//! 8 MiB, so that a phone can read what an office has written.

use std::io::{self, BufReader, Read, Write};

use zstd::stream::{read, write};
use zstd::zstd_safe::{CParameter, DParameter};

/// The window, as a power of two.
const WINDOW_LOG: u32 = 23;
/// Above this many octets a higher effort would take minutes.
const EFFORT: i32 = 12;

/// Compresses what is written; what is ready can be taken out at any time.
pub struct Compressor(write::Encoder<'static, Vec<u8>>);

impl Compressor {
    /// Nothing written yet.
    pub fn new() -> io::Result<Self> {
        let mut encoder = write::Encoder::new(Vec::new(), EFFORT)?;
        encoder.set_parameter(CParameter::WindowLog(WINDOW_LOG))?;
        encoder.set_parameter(CParameter::EnableLongDistanceMatching(true))?;
        Ok(Self(encoder))
    }

    /// Adds `bytes`.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    /// The compressed octets that are ready; the caller takes what it wants from the front.
    pub fn ready(&mut self) -> &mut Vec<u8> {
        self.0.get_mut()
    }

    /// The rest.
    pub fn finish(self) -> io::Result<Vec<u8>> {
        self.0.finish()
    }
}

/// Decompresses what comes from `source`, no more than is asked for.
pub struct Decompressor<R: Read>(read::Decoder<'static, BufReader<R>>);

impl<R: Read> Decompressor<R> {
    /// Begins at the front of `source`.
    pub fn new(source: R) -> io::Result<Self> {
        let mut decoder = read::Decoder::new(source)?.single_frame();
        decoder.set_parameter(DParameter::WindowLogMax(WINDOW_LOG))?;
        Ok(Self(decoder))
    }
}

impl<R: Read> Read for Decompressor<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}
