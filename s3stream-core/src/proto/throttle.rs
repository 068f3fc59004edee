//! Easing off when a server asks for fewer requests: one pace for all of a client.
//!
//! A token bucket of one token: while the server is content there is no limit; when it
//! answers `SlowDown`, requests are spaced, twice as far with every further refusal, and
//! drawn together again with every success. See "Best practices design patterns:
//! optimizing Amazon S3 performance" in the Amazon S3 user guide. Time is passed in, as the
//! time since an epoch of the caller's.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(10);
const WIDEST: Duration = Duration::from_secs(2);
const NARROWEST: Duration = Duration::from_millis(1);

/// The pace of one client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Throttle {
    /// Between two requests; zero for no limit.
    spacing: Duration,
    /// When the next request may go out.
    next: Duration,
    /// When the spacing was last widened.
    widened: Duration,
}

impl Throttle {
    /// Takes a place in the row; returns how long to wait for it.
    pub(crate) fn admit(&mut self, now: Duration) -> Duration {
        if self.spacing.is_zero() {
            return Duration::ZERO;
        }
        let at = self.next.max(now);
        self.next = at + self.spacing;
        at - now
    }

    /// The server has asked for fewer requests. Many in flight are refused together:
    /// that counts once for each spacing.
    pub(crate) fn refused(&mut self, now: Duration) {
        if !self.spacing.is_zero() && now < self.widened + self.spacing {
            return;
        }
        self.spacing = (self.spacing * 2).clamp(FIRST, WIDEST);
        self.widened = now;
        self.next = now + self.spacing;
    }

    /// The server has served a request.
    pub(crate) fn served(&mut self) {
        if self.spacing.is_zero() {
            return;
        }
        self.spacing = self.spacing * 9 / 10;
        if self.spacing < NARROWEST {
            self.spacing = Duration::ZERO;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn nothing_waits_until_the_server_refuses() {
        let mut throttle = Throttle::default();
        assert!((0..1_000).all(|_| throttle.admit(ms(0)).is_zero()));
    }

    #[test]
    fn refusals_space_requests_and_a_burst_of_them_counts_once() {
        let mut throttle = Throttle::default();
        for _ in 0..16 {
            throttle.refused(ms(100));
        }
        assert_eq!(throttle.admit(ms(100)), ms(10));
        assert_eq!(throttle.admit(ms(100)), ms(20));
        throttle.refused(ms(200));
        assert_eq!(throttle.admit(ms(200)), ms(20));
        assert_eq!(throttle.admit(ms(200)), ms(40));
    }

    #[test]
    fn the_spacing_is_bounded_and_ends() {
        let mut throttle = Throttle::default();
        for n in 0..20 {
            throttle.refused(Duration::from_secs(10 * n));
        }
        assert!(throttle.spacing <= WIDEST);
        for _ in 0..100 {
            throttle.served();
        }
        assert_eq!(throttle.admit(Duration::from_secs(1_000)), Duration::ZERO);
        assert_eq!(throttle.spacing, Duration::ZERO);
    }
}
