//! When an open vault is to be closed.

use std::time::{Duration, Instant, SystemTime};

use crate::vault::Lapses;

/// A moment by both clocks. The one that only runs forward stands still on a machine that sleeps; the other one can
/// be set. Whichever says that more has passed is believed: closing too early costs a passphrase.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    forward: Instant,
    wall: SystemTime,
}

impl Now {
    pub(super) fn read() -> Self {
        Self { forward: Instant::now(), wall: SystemTime::now() }
    }

    fn since(&self, earlier: &Self) -> Duration {
        let forward = self.forward.saturating_duration_since(earlier.forward);
        forward.max(self.wall.duration_since(earlier.wall).unwrap_or_default())
    }
}

/// What has happened, as far as closing is concerned.
#[derive(Debug)]
pub(super) struct Moments {
    lapses: Lapses,
    touched: Now,
    hidden: Option<Now>,
}

impl Moments {
    pub(super) fn new(lapses: Lapses, now: Now) -> Self {
        Self { lapses, touched: now, hidden: None }
    }

    pub(super) fn set(&mut self, lapses: Lapses) {
        self.lapses = lapses;
    }

    /// What was due before stays due: a touch that comes too late wakes nothing.
    pub(super) fn touch(&mut self, now: Now) {
        if !self.is_over(now) {
            self.touched = now;
        }
    }

    pub(super) fn hide(&mut self, now: Now) {
        self.hidden.get_or_insert(now);
    }

    pub(super) fn come_back(&mut self, now: Now) {
        if !self.is_over(now) {
            self.hidden = None;
            self.touched = now;
        }
    }

    /// Whether the vault is to be closed by now.
    pub(super) fn is_over(&self, now: Now) -> bool {
        self.left(now).is_zero()
    }

    /// How long until it is to be closed, if nothing happens.
    pub(super) fn left(&self, now: Now) -> Duration {
        let idle = self.lapses.idle.saturating_sub(now.since(&self.touched));
        match &self.hidden {
            None => idle,
            // Out of sight nobody touches anything; the other lapse is meant for that.
            Some(hidden) => self.lapses.background.saturating_sub(now.since(hidden)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAPSES: Lapses = Lapses { idle: Duration::from_secs(300), background: Duration::from_secs(120) };

    fn later(now: Now, seconds: u64) -> Now {
        let more = Duration::from_secs(seconds);
        Now { forward: now.forward + more, wall: now.wall + more }
    }

    #[test]
    fn it_closes_when_nobody_touches_it() {
        let begun = Now::read();
        let mut moments = Moments::new(LAPSES, begun);
        assert!(!moments.is_over(later(begun, 299)));
        moments.touch(later(begun, 299));
        assert!(!moments.is_over(later(begun, 598)));
        assert!(moments.is_over(later(begun, 599)));
        moments.touch(later(begun, 600));
        assert!(moments.is_over(later(begun, 601)), "a touch that comes too late wakes nothing");
    }

    #[test]
    fn it_closes_when_it_was_out_of_sight() {
        let begun = Now::read();
        let mut moments = Moments::new(LAPSES, begun);
        moments.hide(later(begun, 10));
        moments.hide(later(begun, 60));
        assert!(!moments.is_over(later(begun, 129)), "{moments:?}");
        assert!(moments.is_over(later(begun, 130)), "counted from when it went");
        moments.come_back(later(begun, 131));
        assert!(moments.is_over(later(begun, 131)));
        let mut moments = Moments::new(LAPSES, begun);
        moments.hide(later(begun, 10));
        moments.come_back(later(begun, 100));
        assert!(!moments.is_over(later(begun, 399)), "coming back is a touch");
        assert!(moments.is_over(later(begun, 400)));
    }

    #[test]
    fn at_once_means_at_once() {
        let begun = Now::read();
        let mut moments = Moments::new(Lapses { background: Duration::ZERO, ..LAPSES }, begun);
        assert!(!moments.is_over(begun));
        moments.hide(begun);
        assert!(moments.is_over(begun));
    }

    #[test]
    fn sleep_counts_and_a_clock_that_is_set_back_does_not() {
        let begun = Now::read();
        let moments = Moments::new(LAPSES, begun);
        let slept = Now { forward: begun.forward, wall: begun.wall + Duration::from_secs(301) };
        assert!(moments.is_over(slept));
        let set_back = Now {
            forward: begun.forward + Duration::from_secs(301),
            wall: begun.wall - Duration::from_secs(9000),
        };
        assert!(moments.is_over(set_back));
    }
}
