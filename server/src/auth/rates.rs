//! How often one device may ask: a bucket that fills steadily and is emptied by requests.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Buckets kept at once.
const MOST: usize = 100_000;

struct Bucket {
    tokens: f64,
    at: Instant,
}

/// A bucket for each name.
pub(crate) struct Rates {
    per_second: f64,
    burst: f64,
    buckets: Mutex<HashMap<[u8; 16], Bucket>>,
}

impl Rates {
    /// Buckets that hold `burst` requests and gain `per_second`.
    pub(crate) fn new(per_second: f64, burst: f64) -> Self {
        Self { per_second: per_second.max(0.0), burst: burst.max(1.0), buckets: Mutex::default() }
    }

    /// Takes one request out of a bucket, if there is one in it.
    pub(crate) fn allow(&self, name: [u8; 16]) -> bool {
        self.allow_at(name, Instant::now())
    }

    fn allow_at(&self, name: [u8; 16], now: Instant) -> bool {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let filled = |bucket: &Bucket| {
            let gained = now.saturating_duration_since(bucket.at).as_secs_f64() * self.per_second;
            (bucket.tokens + gained).min(self.burst)
        };
        if buckets.len() >= MOST {
            // A full bucket says nothing that a missing one does not.
            buckets.retain(|_, bucket| filled(bucket) < self.burst);
        }
        if buckets.len() >= MOST && !buckets.contains_key(&name) {
            return false;
        }
        let bucket = buckets.entry(name).or_insert(Bucket { tokens: self.burst, at: now });
        bucket.tokens = filled(bucket);
        bucket.at = now;
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_passes_then_the_steady_rate_and_others_are_not_touched() {
        let rates = Rates::new(2.0, 3.0);
        let start = Instant::now();
        let passed = (0..10).filter(|_| rates.allow_at([1; 16], start)).count();
        assert_eq!(passed, 3);
        assert!(rates.allow_at([2; 16], start));
        let later = start + Duration::from_secs(1);
        let passed = (0..10).filter(|_| rates.allow_at([1; 16], later)).count();
        assert_eq!(passed, 2);
    }
}
