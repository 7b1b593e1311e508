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

    /// How long the machine slept since, as far as only the other clock has gone on.
    fn slept_since(&self, earlier: &Self) -> Duration {
        let forward = self.forward.saturating_duration_since(earlier.forward);
        self.wall.duration_since(earlier.wall).unwrap_or_default().saturating_sub(forward)
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
    /// How many things go on that a person has wished.
    working: usize,
}

impl Moments {
    pub(super) fn new(lapses: Lapses, now: Now) -> Self {
        Self { lapses, touched: now, hidden: None, working: 0 }
    }

    /// As if nobody had touched anything for so much longer.
    #[cfg(test)]
    pub(super) fn age(&mut self, by: Duration) {
        let Now { forward, wall } = self.touched;
        self.touched = Now { forward: forward.checked_sub(by).unwrap(), wall: wall - by };
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

    /// Something begins that a person has wished: until it ends only sleep is idle time. `false` if it is too late.
    pub(super) fn begin(&mut self, now: Now) -> bool {
        let in_time = !self.is_over(now);
        if in_time {
            self.touched = now;
            self.working += 1;
        }
        in_time
    }

    /// It has ended, and somebody has waited for that.
    pub(super) fn end(&mut self, now: Now) {
        self.touch(now);
        self.working = self.working.saturating_sub(1);
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
        let idle = match self.working {
            0 => now.since(&self.touched),
            _ => now.slept_since(&self.touched),
        };
        let idle = self.lapses.idle.saturating_sub(idle);
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
    fn while_somebody_s_wish_is_done_nobody_is_idle_but_the_machine_may_sleep_or_be_put_away() {
        let begun = Now::read();
        let mut moments = Moments::new(LAPSES, begun);
        assert!(moments.begin(later(begun, 299)));
        assert!(!moments.is_over(later(begun, 300)), "a wish is a touch when it begins");
        assert!(!moments.is_over(later(begun, 9000)), "and as long as it takes");
        assert!(moments.begin(later(begun, 9000)));
        moments.end(later(begun, 9001));
        assert!(!moments.is_over(later(begun, 9900)), "another one goes on");
        moments.end(later(begun, 9900));
        assert!(!moments.is_over(later(begun, 10_199)));
        assert!(moments.is_over(later(begun, 10_200)), "then the time runs again");
        assert!(!moments.begin(later(begun, 10_201)) && moments.is_over(later(begun, 10_201)), "too late");

        let mut moments = Moments::new(LAPSES, begun);
        assert!(moments.begin(begun));
        let asleep =
            |seconds| Now { forward: begun.forward, wall: begun.wall + Duration::from_secs(seconds) };
        assert!(!moments.is_over(asleep(299)));
        assert!(moments.is_over(asleep(300)), "a machine that was put to sleep meanwhile");
        let mut moments = Moments::new(LAPSES, begun);
        assert!(moments.begin(begun));
        moments.hide(later(begun, 10));
        assert!(moments.is_over(later(begun, 130)), "out of sight");
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
