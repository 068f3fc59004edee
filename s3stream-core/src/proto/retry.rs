//! Whether a failed attempt is repeated, and after how long.
//!
//! One operation (a read from open to end, a listing) owns one [`Budget`] and lends it
//! to every request that it sends, so attempts never multiply. Failures count only while
//! nothing is gained: [`PROGRESS`] delivered bytes forgive all that went before. The wait
//! is exponential back-off with full jitter ("Exponential Backoff And Jitter", AWS
//! Architecture Blog), or what the server asks for in `Retry-After` (RFC 9110, 10.2.3).

use std::time::Duration;

/// Delivered bytes that forgive the failures before them.
pub(crate) const PROGRESS: u64 = 64 * 1024;

/// No object is worth more resumptions than this: the server cuts every few bytes.
const MOST_RESUMES: u32 = 10_000;

/// A server that asks for a longer pause than this is as good as down.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(300);

/// How patient an operation is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Policy {
    /// Failures without progress that end the operation; at least 1.
    pub(crate) max_attempts: u32,
    pub(crate) base_delay: Duration,
    pub(crate) max_delay: Duration,
}

impl Policy {
    /// The same with fewer attempts, for what is not needed.
    pub(crate) fn at_most(self, attempts: u32) -> Self {
        Policy { max_attempts: self.max_attempts.min(attempts), ..self }
    }
}

/// What sort of failure an attempt met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// A pooled connection that the server had closed: says nothing about the server.
    Stale,
    /// Passing by nature: a broken connection, a stall, a 5xx.
    Transient,
    /// The server asks for fewer requests.
    Throttled(Option<Duration>),
    /// Our clock, region or endpoint was wrong and has just been corrected.
    Corrected,
    /// Our keys had ended, and others are to be had.
    Renewed,
    /// Repeating it cannot help.
    Final,
}

/// Why a body is taken up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resume {
    /// It broke off.
    Forced,
    /// We dropped its connection because the consumer was away: free.
    Deliberate,
}

/// What to do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    RetryAfter(Duration),
    GiveUp,
}

/// What is left of an operation's patience.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    policy: Policy,
    failures: u32,
    stale: u32,
    corrections: u32,
    delivered: u64,
    resumes: u32,
    forced: u32,
    retries: u32,
}

/// Corrections that one operation may need: endpoint, region, clock, each once, and one over.
const MOST_CORRECTIONS: u32 = 4;

impl Budget {
    pub(crate) fn new(policy: Policy) -> Self {
        Budget {
            policy,
            failures: 0,
            stale: 0,
            corrections: 0,
            delivered: 0,
            resumes: 0,
            forced: 0,
            retries: 0,
        }
    }

    /// Requests repeated because they failed.
    pub(crate) fn retries(&self) -> u32 {
        self.retries
    }

    /// Bodies taken up again at an offset.
    pub(crate) fn resumes(&self) -> u32 {
        self.resumes
    }

    /// What a part of the operation took that had a budget of its own.
    pub(crate) fn join(&mut self, resumes: u32, retries: u32) {
        self.resumes += resumes;
        self.retries += retries;
    }

    /// Failures since the last progress, the one that ended the operation included.
    pub(crate) fn failures(&self) -> u32 {
        self.failures.max(1)
    }

    /// Bytes reached the consumer.
    pub(crate) fn delivered(&mut self, bytes: u64) {
        self.delivered += bytes;
        if self.delivered >= PROGRESS {
            self.delivered = 0;
            self.failures = 0;
            self.stale = 0;
            // Keys may end again and again in a job of hours.
            self.corrections = 0;
        }
    }

    /// A body is about to be taken up again; false if a server has forced that too often.
    pub(crate) fn resume(&mut self, resume: Resume) -> bool {
        self.resumes += 1;
        if resume == Resume::Forced {
            self.forced += 1;
        }
        self.forced <= MOST_RESUMES
    }

    /// Decides about a failure; `jitter` is uniform in 0 to 1.
    pub(crate) fn failed(&mut self, failure: Failure, jitter: f64) -> Decision {
        let decision = self.decide(failure, jitter);
        if decision != Decision::GiveUp {
            self.retries += 1;
        }
        decision
    }

    fn decide(&mut self, failure: Failure, jitter: f64) -> Decision {
        match failure {
            Failure::Final => {
                self.failures += 1;
                Decision::GiveUp
            }
            // Each stale connection leaves the pool when it is met, so one free retry
            // for each of a few is bounded by the pool; then it counts like any other.
            Failure::Stale if self.stale < 1 => {
                self.stale += 1;
                Decision::RetryAfter(Duration::ZERO)
            }
            Failure::Corrected | Failure::Renewed if self.corrections < MOST_CORRECTIONS => {
                self.corrections += 1;
                Decision::RetryAfter(Duration::ZERO)
            }
            Failure::Corrected | Failure::Renewed => Decision::GiveUp,
            Failure::Stale | Failure::Transient => self.back_off(None, jitter),
            Failure::Throttled(wish) => self.back_off(wish, jitter),
        }
    }

    fn back_off(&mut self, wish: Option<Duration>, jitter: f64) -> Decision {
        self.failures += 1;
        if self.failures >= self.policy.max_attempts {
            return Decision::GiveUp;
        }
        match wish {
            Some(wish) if wish > LONGEST_RETRY_AFTER => Decision::GiveUp,
            Some(wish) => Decision::RetryAfter(wish),
            None => Decision::RetryAfter(self.ceiling().mul_f64(jitter.clamp(0.0, 1.0))),
        }
    }

    /// The longest wait after this many failures: doubled each time, up to the cap.
    fn ceiling(&self) -> Duration {
        let doublings = (self.failures - 1).min(20);
        let wait = self.policy.base_delay.saturating_mul(1 << doublings);
        wait.min(self.policy.max_delay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(max_attempts: u32) -> Budget {
        Budget::new(Policy {
            max_attempts,
            base_delay: Duration::from_millis(100),
            max_delay: Duration::from_secs(1),
        })
    }

    fn wait(decision: Decision) -> Duration {
        match decision {
            Decision::RetryAfter(wait) => wait,
            Decision::GiveUp => panic!("gave up"),
        }
    }

    #[test]
    fn waits_double_up_to_the_cap_and_jitter_scales_them() {
        let mut budget = budget(8);
        let waits: Vec<_> =
            (0..6).map(|_| wait(budget.failed(Failure::Transient, 1.0)).as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1000, 1000]);
        assert_eq!(wait(budget.failed(Failure::Transient, 0.5)).as_millis(), 500);
        assert_eq!(budget.failed(Failure::Transient, 0.5), Decision::GiveUp);
        assert_eq!(budget.failures(), 8);
    }

    #[test]
    fn progress_forgives_and_a_trickle_does_not() {
        let mut budget = budget(2);
        for _ in 0..100 {
            assert_ne!(budget.failed(Failure::Transient, 0.0), Decision::GiveUp);
            budget.delivered(PROGRESS);
        }
        assert_ne!(budget.failed(Failure::Transient, 0.0), Decision::GiveUp);
        budget.delivered(PROGRESS - 1);
        assert_eq!(budget.failed(Failure::Transient, 0.0), Decision::GiveUp);
    }

    #[test]
    fn one_stale_connection_is_free_and_the_next_counts() {
        let mut budget = budget(2);
        assert_eq!(wait(budget.failed(Failure::Stale, 1.0)), Duration::ZERO);
        assert_ne!(budget.failed(Failure::Stale, 1.0), Decision::GiveUp);
        assert_eq!(budget.failed(Failure::Stale, 1.0), Decision::GiveUp);
    }

    #[test]
    fn corrections_are_free_but_end() {
        let mut budget = budget(1);
        for _ in 0..MOST_CORRECTIONS {
            assert_eq!(wait(budget.failed(Failure::Corrected, 1.0)), Duration::ZERO);
        }
        assert_eq!(budget.failed(Failure::Corrected, 1.0), Decision::GiveUp);
    }

    #[test]
    fn retry_after_is_obeyed_up_to_five_minutes() {
        let mut budget = budget(8);
        let seconds = Duration::from_secs;
        let throttled = |s| Failure::Throttled(Some(seconds(s)));
        assert_eq!(wait(budget.failed(throttled(7), 0.0)), seconds(7));
        assert_eq!(budget.failed(throttled(301), 0.0), Decision::GiveUp);
    }

    #[test]
    fn resumes_have_an_end() {
        let mut budget = budget(1);
        assert!((0..MOST_RESUMES).all(|_| budget.resume(Resume::Forced)));
        assert!(budget.resume(Resume::Deliberate));
        assert!(!budget.resume(Resume::Forced));
    }
}

#[cfg(test)]
#[path = "retry_counts_tests.rs"]
mod counts;
