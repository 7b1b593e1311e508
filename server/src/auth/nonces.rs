//! Hellos that were used, remembered until their clock makes them useless anyway.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};

use cairn_wire::id::DeviceId;
use cairn_wire::refusal::Reason;

/// Hellos remembered at once: about 30 MB at most.
const MOST: usize = 200_000;

type Used = (DeviceId, [u8; 16]);

/// Used hellos.
pub(crate) struct Nonces {
    memory: Mutex<Memory>,
    most: usize,
}

#[derive(Default)]
struct Memory {
    used: HashSet<Used>,
    by_end: BTreeSet<(u64, Used)>,
}

impl Nonces {
    /// Nothing used yet.
    pub(crate) fn new() -> Self {
        Self { memory: Mutex::default(), most: MOST }
    }

    /// Uses a hello that would be accepted until `end`; a second time it is refused.
    pub(crate) fn remember(
        &self,
        device: DeviceId,
        nonce: [u8; 16],
        end: u64,
        now: u64,
    ) -> Result<(), Reason> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((ended, used)) = memory.by_end.first().copied() {
            if ended >= now {
                break;
            }
            memory.by_end.remove(&(ended, used));
            memory.used.remove(&used);
        }
        if memory.used.contains(&(device, nonce)) {
            return Err(Reason::Replay);
        }
        // Forgetting one early would let it be used again: better to wait.
        if memory.used.len() >= self.most {
            return Err(Reason::Busy);
        }
        memory.used.insert((device, nonce));
        memory.by_end.insert((end, (device, nonce)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICE: DeviceId = DeviceId([1; 16]);

    #[test]
    fn a_hello_is_used_once_until_its_clock_has_run_out() {
        let nonces = Nonces::new();
        assert_eq!(nonces.remember(DEVICE, [7; 16], 400, 100), Ok(()));
        assert_eq!(nonces.remember(DEVICE, [7; 16], 400, 400), Err(Reason::Replay));
        assert_eq!(nonces.remember(DeviceId([2; 16]), [7; 16], 400, 100), Ok(()), "another device's");
        assert_eq!(nonces.remember(DEVICE, [7; 16], 701, 401), Ok(()), "forgotten once it is too old");
    }

    #[test]
    fn memory_is_bounded_and_nothing_is_forgotten_early() {
        let nonces = Nonces { memory: Mutex::default(), most: 2 };
        nonces.remember(DEVICE, [1; 16], 400, 100).unwrap();
        nonces.remember(DEVICE, [2; 16], 400, 100).unwrap();
        assert_eq!(nonces.remember(DEVICE, [3; 16], 400, 100), Err(Reason::Busy));
        assert_eq!(nonces.remember(DEVICE, [1; 16], 400, 100), Err(Reason::Replay));
        assert_eq!(nonces.remember(DEVICE, [3; 16], 801, 401), Ok(()));
    }
}
