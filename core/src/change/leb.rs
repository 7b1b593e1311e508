//! Reading the numbers a change is made of: LEB128, as DWARF and WebAssembly define it.

/// A cursor over bytes; every read moves it on, or gives nothing at the end or on a malformed number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leb<'a>(pub(super) &'a [u8]);

impl<'a> Leb<'a> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub(super) fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    /// An unsigned number in its shortest form.
    pub(super) fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for place in 0..10 {
            let byte = self.byte()?;
            if place == 9 && byte > 1 {
                return None;
            }
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return (place == 0 || byte != 0).then_some(value);
            }
        }
        None
    }

    /// A signed number.
    pub(super) fn signed(&mut self) -> Option<i64> {
        let mut value = 0i64;
        for place in 0..10 {
            let byte = self.byte()?;
            value |= i64::from(byte & 0x7f).checked_shl(7 * place)?;
            if byte & 0x80 == 0 {
                let used = 7 * (place + 1);
                let negative = byte & 0x40 != 0 && used < 64;
                return Some(if negative { value | (-1 << used) } else { value });
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_the_standard_writes_them() {
        assert_eq!(Leb(&[0xe5, 0x8e, 0x26]).unsigned(), Some(624_485));
        assert_eq!(Leb(&[0xc0, 0xbb, 0x78]).signed(), Some(-123_456));
        assert_eq!(Leb(&[0x7f]).signed(), Some(-1));
        assert_eq!(
            Leb(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]).unsigned(),
            Some(u64::MAX)
        );
        let lowest = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f];
        assert_eq!(Leb(&lowest).signed(), Some(i64::MIN));
    }

    #[test]
    fn cut_overlong_and_too_large_numbers_are_refused() {
        assert_eq!(Leb(&[]).unsigned(), None);
        assert_eq!(Leb(&[0x80]).unsigned(), None);
        assert_eq!(Leb(&[0x80, 0x00]).unsigned(), None);
        assert_eq!(Leb(&[0xff; 11]).unsigned(), None);
        assert_eq!(Leb(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]).unsigned(), None);
        assert_eq!(Leb(&[0xff; 11]).signed(), None);
    }

    #[test]
    fn taking_more_than_there_is_gives_nothing() {
        let mut bytes = Leb(&[1, 2, 3]);
        assert_eq!(bytes.take(4), None);
        assert_eq!(bytes.take(u64::MAX), None);
        assert_eq!(bytes.take(3), Some(&[1, 2, 3][..]));
    }
}
