//! Seeded dice, and what they do to octets.

/// SplitMix64 (Steele, Lea and Flood, 2014).
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Others for the same seed, by name.
    pub(crate) fn named(seed: u64, name: &str) -> Self {
        let mixed = name.bytes().fold(seed, |state, octet| Self(state ^ u64::from(octet)).bits());
        Self(mixed)
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.bits() % (end as u64).max(1)).unwrap()
    }

    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// Changes a few places: flips, cuts, repeats, puts one of `words` in.
    pub(crate) fn spoil(&mut self, octets: &mut Vec<u8>, words: &[&str]) {
        for _ in 0..=self.below(4) {
            let at = self.below(octets.len() + 1);
            let end = (at + self.below(32)).min(octets.len());
            match self.below(8) {
                0 | 1 if at < octets.len() => octets[at] ^= 1 << self.below(8),
                2 if at < octets.len() => {
                    octets[at] = *self.one(&[0, 1, 0x7f, 0x80, 0xff, b'"', b'<', b'{', b','])
                }
                3 => drop(octets.drain(at..end)),
                4 => {
                    let again = octets[at..end].repeat(1 + self.below(40));
                    octets.splice(at..at, again);
                }
                5 if self.once_in(8) => octets.truncate(at),
                6 => {
                    let run = vec![self.bits() as u8; 1 + self.below(10)];
                    octets.splice(at..at, run);
                }
                _ if words.is_empty() => {}
                _ => {
                    let word = self.one(words).bytes().collect::<Vec<_>>();
                    octets.splice(at..at, word);
                }
            }
        }
    }
}
