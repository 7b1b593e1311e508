//! Sizes that tell little: few of them below 16 KiB, and Padmé's (Nikitin et al., PETS 2019) above.
//!
//! Single records and edits are what tells most, and they are small; there an octet more matters less than
//! a size that says which one it was. Up to 32 KiB, which is what a segment is packed towards, there are
//! 39 sizes.

/// The smallest sealed message, and the finest step.
const SMALLEST: usize = 256;
/// Half of [`SMALLEST`]: below 512 octets there are two sizes only.
const FINEST: usize = 128;
/// Up to here, four sizes for each doubling.
const COARSE: usize = 16 << 10;

/// The size a message of `len` octets is padded to: at most a quarter more from 512 octets to 16 KiB, and
/// at most 7 % more above.
pub fn padded(len: usize) -> usize {
    if len <= SMALLEST {
        return SMALLEST;
    }
    // The doubling that `len` closes: 512 is the last of the sizes from 257 on.
    let exponent = (len - 1).ilog2();
    let step = if len <= COARSE {
        (1usize << (exponent - 2)).max(FINEST)
    } else {
        1usize << (exponent - exponent.ilog2() - 1)
    };
    len.next_multiple_of(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_grow_little_and_are_few() {
        let mut sizes = std::collections::BTreeSet::new();
        for len in 0..=262_144 {
            let size = padded(len);
            assert!(size >= len);
            let most = match len {
                0..=SMALLEST => SMALLEST,
                257..=512 => len + FINEST - 1,
                513..=COARSE => len * 5 / 4,
                _ => len * 107 / 100,
            };
            assert!(size <= most, "{len} → {size}");
            assert_eq!(padded(size), size, "a padded size stays");
            sizes.insert(size);
        }
        assert_eq!(sizes.range(..=32_768).count(), 39);
        assert!(sizes.len() <= 150, "{}", sizes.len());
    }
}
