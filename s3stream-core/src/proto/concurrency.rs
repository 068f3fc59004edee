//! How many requests a stream of objects keeps in flight.
//!
//! A climber that must be paid for every step: from half of the ceiling it doubles while a
//! step brings a tenth more throughput. A step that does not is taken back, and the wait
//! until the next try doubles, so in n epochs there are no more than about log n steps up
//! and as many down. A server that asks for fewer requests halves it, once an epoch, and
//! puts the next try off as well. Nothing is learnt while the consumer is what is slow.

use std::time::Duration;

/// Fewer than this in flight hides no latency at all.
const FLOOR: usize = 2;

/// A step up is kept for this much more throughput.
const WORTH: f64 = 1.1;

/// Epochs until the next try after the first step that did not pay, and at most.
const FIRST_REST: u32 = 32;
const LONGEST_REST: u32 = 4_096;

/// Bytes that weigh as much as one request.
const REQUEST_WEIGHT: f64 = 65_536.0;

/// The number of requests in flight, and what it was found out by.
#[derive(Clone, Debug)]
pub(crate) struct Concurrency {
    ceiling: usize,
    current: usize,
    /// Before the step that is being tried; `None` when none is.
    tried: Option<Tried>,
    /// Epochs until the next try, and how many that were the last time.
    rest: u32,
    last_rest: u32,
    epoch: Epoch,
}

#[derive(Clone, Copy, Debug)]
struct Tried {
    from: usize,
    rate: f64,
}

/// A number of completed objects over which throughput is measured.
#[derive(Clone, Copy, Debug, Default)]
struct Epoch {
    /// When the objects that were in flight at the last step had all come.
    begun: Option<Duration>,
    completed: usize,
    weight: f64,
    has_waited: bool,
    is_throttled: bool,
}

impl Concurrency {
    /// At most `ceiling` requests, one at least.
    pub(crate) fn new(ceiling: usize) -> Self {
        let ceiling = ceiling.max(1);
        Concurrency {
            ceiling,
            current: (ceiling / 2).max(FLOOR).min(ceiling),
            tried: None,
            rest: 0,
            last_rest: FIRST_REST / 2,
            epoch: Epoch::default(),
        }
    }

    /// Requests to keep in flight.
    pub(crate) fn current(&self) -> usize {
        self.current
    }

    pub(crate) fn ceiling(&self) -> usize {
        self.ceiling
    }

    /// The consumer has come and found nothing ready.
    pub(crate) fn waited(&mut self) {
        self.epoch.has_waited = true;
    }

    /// The server has asked for fewer requests: many that are refused together count once.
    pub(crate) fn throttled(&mut self) {
        if std::mem::replace(&mut self.epoch.is_throttled, true) {
            return;
        }
        let fewer = (self.current / 2).max(FLOOR).min(self.current);
        self.settle(fewer);
        self.epoch.is_throttled = true;
    }

    /// An object of so many bytes has come; `now` is the time since any fixed moment.
    pub(crate) fn completed(&mut self, now: Duration, bytes: u64) {
        self.epoch.completed += 1;
        if self.epoch.completed <= self.current {
            // These were sent before the last step: they tell of the time before it.
            self.epoch.begun = Some(now);
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "a weight, not a count")]
        let weight = 1.0 + bytes as f64 / REQUEST_WEIGHT;
        self.epoch.weight += weight;
        if self.epoch.completed >= 3 * self.current {
            self.judge(now);
        }
    }

    fn judge(&mut self, now: Duration) {
        let epoch = std::mem::take(&mut self.epoch);
        let elapsed = now.saturating_sub(epoch.begun.unwrap_or(now)).as_secs_f64();
        if !epoch.has_waited || elapsed <= 0.0 {
            return;
        }
        let rate = epoch.weight / elapsed;
        match self.tried {
            Some(tried) if rate < tried.rate * WORTH => self.settle(tried.from),
            _ if self.rest > 0 => self.rest -= 1,
            _ if self.current < self.ceiling => {
                self.tried = Some(Tried { from: self.current, rate });
                self.current = (self.current * 2).min(self.ceiling);
            }
            _ => self.tried = None,
        }
    }

    /// Stays at a number for twice as long as the last time.
    fn settle(&mut self, current: usize) {
        self.current = current;
        self.tried = None;
        self.last_rest = (self.last_rest * 2).min(LONGEST_REST);
        self.rest = self.last_rest;
        self.epoch = Epoch::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays a server that takes `latency` for each request but serves `most` a second at
    /// most; returns the number in flight after each object.
    fn play(concurrency: &mut Concurrency, objects: usize, latency: f64, most: f64) -> Vec<usize> {
        let mut now = 0.0;
        (0..objects)
            .map(|_| {
                #[expect(clippy::cast_precision_loss, reason = "a small number")]
                let rate = (concurrency.current() as f64 / latency).min(most);
                now += 1.0 / rate;
                concurrency.waited();
                concurrency.completed(Duration::from_secs_f64(now), 4_096);
                concurrency.current()
            })
            .collect()
    }

    fn steps(seen: &[usize]) -> usize {
        seen.windows(2).filter(|pair| pair[0] != pair[1]).count()
    }

    #[test]
    fn a_distant_server_is_given_all_that_is_allowed() {
        let mut concurrency = Concurrency::new(16);
        assert_eq!(concurrency.current(), 8);
        let seen = play(&mut concurrency, 5_000, 0.02, f64::INFINITY);
        assert!(seen[100..].iter().all(|current| *current == 16));
        assert_eq!(steps(&seen), 1);
    }

    #[test]
    fn a_server_at_its_limit_is_not_pressed_and_the_number_does_not_swing() {
        let mut concurrency = Concurrency::new(64);
        let seen = play(&mut concurrency, 1_000_000, 0.002, 1_600.0);
        let settled = seen.iter().filter(|current| **current == 32).count();
        assert!(settled > 950_000, "{settled}");
        assert!(steps(&seen) < 30, "{} steps", steps(&seen));
    }

    #[test]
    fn nothing_changes_while_the_consumer_is_what_is_slow() {
        let mut concurrency = Concurrency::new(16);
        for n in 0..10_000 {
            concurrency.completed(Duration::from_millis(n), 1);
        }
        assert_eq!(concurrency.current(), 8);
    }

    #[test]
    fn refusals_halve_it_once_an_epoch_down_to_the_floor() {
        let mut concurrency = Concurrency::new(16);
        concurrency.throttled();
        concurrency.throttled();
        assert_eq!(concurrency.current(), 4);
        for _ in 0..10 {
            play(&mut concurrency, 100, 0.02, f64::INFINITY);
            concurrency.throttled();
        }
        assert_eq!(concurrency.current(), FLOOR);
        play(&mut concurrency, 1_000_000, 0.02, f64::INFINITY);
        assert_eq!(concurrency.current(), 16, "it recovers");
    }

    #[test]
    fn one_stays_one() {
        let mut concurrency = Concurrency::new(1);
        concurrency.throttled();
        play(&mut concurrency, 1_000, 0.01, f64::INFINITY);
        assert_eq!(concurrency.current(), 1);
    }
}
