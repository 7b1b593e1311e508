//! Seeded randomness: the same seed gives the same run, on every machine.

/// SplitMix64 (Steele, Lea and Flood, 2014): small, fast, and good enough to choose test cases.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall the same way for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The seed in `CAIRN_SEED`, or `default`; printed, so that a failure can be replayed.
    pub fn from_env(default: u64) -> (u64, Self) {
        let seed = number("CAIRN_SEED").unwrap_or(default);
        println!("seed {seed} (set CAIRN_SEED to replay)");
        (seed, Self::new(seed))
    }

    /// The seeds to run: `CAIRN_SEED` alone if it is set, else `CAIRN_SEEDS` (or `slice`) of them,
    /// from `CAIRN_FIRST_SEED` (or 1).
    pub fn seeds(slice: usize) -> Vec<u64> {
        match number("CAIRN_SEED") {
            Some(seed) => vec![seed],
            None => {
                let first = number("CAIRN_FIRST_SEED").unwrap_or(1);
                (first..first + size("CAIRN_SEEDS", slice) as u64).collect()
            }
        }
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `below` - 1.
    pub fn below(&mut self, below: usize) -> usize {
        (self.bits() % below.max(1) as u64) as usize
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of `from`.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// How large a slice to run: what `name` says, or `slice`.
pub fn size(name: &str, slice: usize) -> usize {
    number(name).and_then(|size| usize::try_from(size).ok()).unwrap_or(slice)
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}
