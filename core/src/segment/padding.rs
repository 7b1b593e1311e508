//! Sizes that tell little: Padmé (Nikitin et al., PETS 2019), at least 256 octets.

/// The smallest sealed message.
const SMALLEST: usize = 256;

/// The size a message of `len` octets is padded to: at most 12 % more, and only about
/// log log `len` bits of the length remain visible.
pub fn padded(len: usize) -> usize {
    if len <= SMALLEST {
        return SMALLEST;
    }
    let exponent = len.ilog2();
    let kept = exponent.ilog2() + 1;
    let mask = (1usize << (exponent - kept)) - 1;
    (len + mask) & !mask
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
            assert!(size <= SMALLEST || size * 100 <= len * 112, "{len} → {size}");
            assert_eq!(padded(size), size, "a padded size stays");
            sizes.insert(size);
        }
        assert!(sizes.len() <= 200, "{}", sizes.len());
    }
}
