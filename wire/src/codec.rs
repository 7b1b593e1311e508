//! Bytes in, values out.
//!
//! Integers are unsigned LEB128 in their shortest form; arrays have a fixed length; a blob is its
//! length followed by its bytes. A longer-than-needed integer is refused, so every value has one
//! encoding and a signature covers one meaning.

/// Why bytes could not be read. `at` counts octets from the start of what was being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed {what} at byte {at}")]
pub struct Malformed {
    /// Offset of the first octet that could not be understood.
    pub at: usize,
    /// What was expected there.
    pub what: &'static str,
}

/// Reads values from the front of a slice; never panics, never allocates more than it holds.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first octet of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at: 0 }
    }

    /// How many octets have been read.
    pub fn position(&self) -> usize {
        self.at
    }

    /// How many octets are left.
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The error for something wrong just here.
    pub fn malformed(&self, what: &'static str) -> Malformed {
        Malformed { at: self.at, what }
    }

    /// The next `len` octets.
    pub fn take(&mut self, len: usize, what: &'static str) -> Result<&'a [u8], Malformed> {
        let (head, tail) = self.rest.split_at_checked(len).ok_or(self.malformed(what))?;
        self.rest = tail;
        self.at += len;
        Ok(head)
    }

    /// The next octet.
    pub fn octet(&mut self, what: &'static str) -> Result<u8, Malformed> {
        Ok(self.array::<1>(what)?[0])
    }

    /// The next `N` octets as an array.
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], Malformed> {
        let at = self.malformed(what);
        self.take(N, what)?.try_into().map_err(|_| at)
    }

    /// An unsigned LEB128 integer in its shortest form.
    pub fn int(&mut self, what: &'static str) -> Result<u64, Malformed> {
        let start = self.malformed(what);
        let mut value: u64 = 0;
        for shift in (0..64).step_by(7) {
            let octet = self.octet(what)?;
            let low = u64::from(octet & 0x7f);
            if shift == 63 && low > 1 {
                return Err(start);
            }
            value |= low << shift;
            if octet & 0x80 == 0 {
                let padded = octet == 0 && shift > 0;
                return if padded { Err(start) } else { Ok(value) };
            }
        }
        Err(start)
    }

    /// An integer that counts things in memory, at most `max`.
    pub fn count(&mut self, max: usize, what: &'static str) -> Result<usize, Malformed> {
        let start = self.malformed(what);
        let value = usize::try_from(self.int(what)?).map_err(|_| start)?;
        if value > max { Err(start) } else { Ok(value) }
    }

    /// A length of at most `max` and that many octets.
    pub fn blob(&mut self, max: usize, what: &'static str) -> Result<&'a [u8], Malformed> {
        let len = self.count(max, what)?;
        self.take(len, what)
    }

    /// All that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        let rest = self.rest;
        self.at += rest.len();
        self.rest = &[];
        rest
    }

    /// Succeeds when nothing is left over.
    pub fn end(&self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.malformed("end")) }
    }
}

/// Appends values to a buffer in the one encoding [`Reader`] accepts.
#[derive(Debug, Default, Clone)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty buffer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends octets as they are.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Appends one octet.
    pub fn octet(&mut self, octet: u8) -> &mut Self {
        self.bytes.push(octet);
        self
    }

    /// Appends an integer as shortest LEB128.
    pub fn int(&mut self, mut value: u64) -> &mut Self {
        loop {
            let low = (value & 0x7f) as u8;
            value >>= 7;
            if value == 0 {
                self.bytes.push(low);
                return self;
            }
            self.bytes.push(low | 0x80);
        }
    }

    /// Appends a length or count.
    pub fn count(&mut self, value: usize) -> &mut Self {
        self.int(value as u64)
    }

    /// Appends a length and the octets.
    pub fn blob(&mut self, bytes: &[u8]) -> &mut Self {
        self.count(bytes.len()).raw(bytes)
    }

    /// How many octets have been written.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing has been written.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The finished bytes.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Lower-case hexadecimal, for people and file names.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, octet| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{octet:02x}");
        text
    })
}

/// Reads hexadecimal of exactly `2 * N` digits, upper or lower case.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != N * 2 {
        return None;
    }
    let mut out = [0u8; N];
    for (octet, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        let mut value = 0u8;
        for digit in pair {
            value = value << 4 | u8::try_from(char::from(*digit).to_digit(16)?).ok()?;
        }
        *octet = value;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn integers_come_back(value: u64) {
            let mut writer = Writer::new();
            writer.int(value);
            let bytes = writer.finish();
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.int("value"), Ok(value));
            prop_assert!(reader.end().is_ok());
        }

        #[test]
        fn any_integer_read_is_the_only_encoding(bytes in proptest::collection::vec(any::<u8>(), 0..12)) {
            let mut reader = Reader::new(&bytes);
            if let Ok(value) = reader.int("value") {
                let mut writer = Writer::new();
                writer.int(value);
                prop_assert_eq!(&writer.finish()[..], &bytes[..reader.position()]);
            }
        }
    }

    #[test]
    fn a_length_beyond_the_end_is_refused_before_allocating() {
        let mut writer = Writer::new();
        writer.int(u64::MAX / 2).raw(b"short");
        assert!(Reader::new(&writer.finish()).blob(usize::MAX, "blob").is_err());
    }

    #[test]
    fn hexadecimal_comes_back() {
        assert_eq!(unhex::<3>(&hex(&[0, 0xab, 0xff])), Some([0, 0xab, 0xff]));
        assert_eq!(unhex::<3>("00abf"), None);
        assert_eq!(unhex::<3>("00abfg"), None);
    }
}
