//! Small random numbers that are the same on every machine: splitmix64 (Steele, Lea, Flood 2014).

/// A stream of random numbers that depends on its seed alone.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// The stream for one case of one seed, whatever cases come before it.
    pub(crate) fn for_case(seed: u64, case: u64) -> Self {
        let mut random = Self(seed);
        let start = random.next();
        Self(start ^ case.wrapping_mul(0xD1B5_4A32_D192_ED03))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`; 0 if there is none.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        // The remainder favours small numbers by less than one in a billion here.
        self.next().checked_rem(limit).unwrap_or(0)
    }

    /// A number from `from` to `to`.
    pub(crate) fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below((to + 1).saturating_sub(from))
    }

    /// `true` so many times in a hundred.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of several, each as likely; the empty word if there are none.
    pub(crate) fn word<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let at = usize::try_from(self.below(words.len() as u64)).unwrap_or(0);
        words.get(at).copied().unwrap_or_default()
    }

    /// One of several by its weight; the empty word if there are none.
    pub(crate) fn weighted<'a>(&mut self, words: &[(&'a str, u64)]) -> &'a str {
        let mut at = self.below(words.iter().map(|(_, weight)| weight).sum());
        for (word, weight) in words {
            if at < *weight {
                return word;
            }
            at -= weight;
        }
        ""
    }

    /// Up to `most` different ones, at least one, likelier ones first.
    pub(crate) fn several<'a>(&mut self, words: &[(&'a str, u64)], most: u64) -> Vec<&'a str> {
        let count = self.between(1, most);
        let mut chosen = Vec::new();
        for _ in 0..count {
            let word = self.weighted(words);
            if !chosen.contains(&word) {
                chosen.push(word);
            }
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_that_of_splitmix64() {
        let mut random = Random(1_234_567);
        let published = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423_u64];
        assert_eq!([random.next(), random.next(), random.next()], published);
    }

    #[test]
    fn weights_are_kept() {
        let mut random = Random::for_case(1, 1);
        let drawn =
            (0..10_000).filter(|_| random.weighted(&[("often", 9), ("seldom", 1)]) == "often").count();
        assert!((8_800..9_200).contains(&drawn), "{drawn}");
        assert_eq!(random.weighted(&[]), "");
    }
}
