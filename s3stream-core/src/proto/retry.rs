//! Whether a failed attempt is repeated, and after how long.
//!
//! One operation (a read from open to end, a listing) owns one [`Budget`] and lends it
//! to every request that it sends, so attempts never multiply. Failures count only while
//! nothing is gained: [`PROGRESS`] delivered bytes forgive all that went before. The wait
//! is exponential back-off with full jitter ("Exponential Backoff And Jitter", AWS
//! Architecture Blog), or what the server asks for in `Retry-After` (RFC 9110, 10.2.3).
//!
//! Attempts are the object's. Whoever has used them up asks first whether the endpoint answers
//! anything at all ([`outage`](super::outage)); an outage, however long, counts as one of them.

use std::time::Duration;

/// Delivered bytes that forgive the failures before them.
pub(crate) const PROGRESS: u64 = 64 * 1024;

/// No object is worth more resumptions than this: the server cuts every few bytes.
const MOST_RESUMES: u32 = 10_000;

/// Without patience for outages, a server that asks for a longer pause is as good as down.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(300);

/// How patient an operation is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Policy {
    /// Failures without progress that end the operation; at least 1.
    pub(crate) max_attempts: u32,
    pub(crate) base_delay: Duration,
    pub(crate) max_delay: Duration,
    /// How long an endpoint may answer nothing; zero if attempts are all that counts.
    pub(crate) retry_for: Duration,
}

impl Policy {
    /// The same with fewer attempts and no patience, for what is not needed.
    pub(crate) fn at_most(self, attempts: u32) -> Self {
        let max_attempts = self.max_attempts.min(attempts);
        Policy { max_attempts, retry_for: Duration::ZERO, ..self }
    }

    /// Whether an outage of the endpoint is waited for.
    fn is_patient(&self) -> bool {
        !self.retry_for.is_zero()
    }
}

/// What sort of failure an attempt met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// A pooled connection that the server had closed: says nothing about the server.
    Stale,
    /// Passing by nature: a broken connection, a stall, a 5xx.
    Transient,
    /// No connection could be made.
    Unreachable,
    /// The server asks for fewer requests.
    Throttled(Option<Duration>),
    /// Our clock, region or endpoint was wrong and has just been corrected.
    Corrected,
    /// Our keys had ended, and others are to be had.
    Renewed,
    /// Repeating it cannot help.
    Final,
}

impl Failure {
    /// Whether the endpoint has not answered, or only with a plea for patience.
    pub(crate) fn is_silence(self) -> bool {
        matches!(self, Failure::Transient | Failure::Unreachable | Failure::Throttled(_))
    }

    /// The pause that the server asks for.
    pub(crate) fn wish(self) -> Option<Duration> {
        match self {
            Failure::Throttled(wish) => wish,
            _ => None,
        }
    }
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
    /// After so long, if the endpoint has answered nothing else by then, it is asked whether it
    /// answers anything.
    Ask(Duration),
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
    /// Outages of the endpoint without progress in between, and the last of them.
    outages: u32,
    outage: u64,
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
            outages: 0,
            outage: 0,
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
            self.outages = 0;
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
        if matches!(decision, Decision::RetryAfter(_)) {
            self.retries += 1;
        }
        decision
    }

    /// The endpoint answers, so the failure was the object's: whether it has attempts left.
    pub(crate) fn repeats(&mut self) -> bool {
        let repeats = self.failures < self.policy.max_attempts;
        self.retries += u32::from(repeats);
        repeats
    }

    /// The endpoint answered nothing in this outage: the attempts in it were none, and all of it
    /// counts as one. False if that is one too many: a key may be what brings the server down.
    pub(crate) fn outlives(&mut self, outage: u64) -> bool {
        if self.outage != outage {
            self.outage = outage;
            self.outages += 1;
        }
        self.failures = self.outages;
        let repeats = self.outages <= self.policy.max_attempts;
        self.retries += u32::from(repeats);
        repeats
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
            Failure::Stale | Failure::Transient | Failure::Unreachable => {
                self.back_off(None, jitter)
            }
            Failure::Throttled(wish) => self.back_off(wish, jitter),
        }
    }

    fn back_off(&mut self, wish: Option<Duration>, jitter: f64) -> Decision {
        self.failures += 1;
        let is_patient = self.policy.is_patient();
        if self.failures >= self.policy.max_attempts {
            return if is_patient { Decision::Ask(Duration::ZERO) } else { Decision::GiveUp };
        }
        match wish {
            // An object that is refused for long, where others are not, must not hold them up.
            Some(wish) if is_patient && wish > self.policy.max_delay => {
                Decision::Ask(self.policy.max_delay)
            }
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
            retry_for: Duration::ZERO,
        })
    }

    fn patient(max_attempts: u32) -> Budget {
        let mut budget = budget(max_attempts);
        budget.policy.retry_for = Duration::from_secs(600);
        budget
    }

    fn wait(decision: Decision) -> Duration {
        match decision {
            Decision::RetryAfter(wait) => wait,
            decision => panic!("{decision:?}"),
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
    fn whoever_has_patience_asks_before_giving_up() {
        let mut budget = patient(2);
        assert_ne!(budget.failed(Failure::Unreachable, 0.0), Decision::GiveUp);
        assert_eq!(budget.failed(Failure::Transient, 0.0), Decision::Ask(Duration::ZERO));
        assert!(!budget.repeats(), "the endpoint answers, and the attempts are used up");
        assert_eq!((budget.failures(), budget.retries()), (2, 1));
    }

    #[test]
    fn a_long_pause_is_obeyed_only_where_the_endpoint_grants_it_to_nobody() {
        let mut budget = patient(3);
        let seconds = Duration::from_secs;
        let throttled = |s| Failure::Throttled(Some(seconds(s)));
        assert_eq!(wait(budget.failed(throttled(1), 0.0)), seconds(1));
        assert_eq!(budget.failed(throttled(600), 0.0), Decision::Ask(seconds(1)));
        assert!(budget.repeats(), "it is an attempt like any other");
        assert_eq!((budget.failures(), budget.retries()), (2, 2));
    }

    #[test]
    fn an_outage_counts_as_one_attempt_and_outages_have_an_end() {
        let mut budget = patient(3);
        for outage in 1..=3 {
            while budget.failed(Failure::Transient, 0.0) != Decision::Ask(Duration::ZERO) {}
            assert!(budget.outlives(outage), "{outage}");
            assert!(budget.outlives(outage), "it is the same one");
            assert_eq!(u64::from(budget.failures()), outage);
        }
        assert!(!budget.outlives(4));
        budget.delivered(PROGRESS);
        assert!(budget.outlives(5), "between the two it went on");
    }

    #[test]
    fn what_is_not_needed_waits_for_no_outage() {
        let mut budget = Budget::new(patient(8).policy.at_most(1));
        assert_eq!(budget.failed(Failure::Transient, 0.0), Decision::GiveUp);
    }

    #[test]
    fn silence_is_what_no_healthy_endpoint_answers() {
        let wish = Some(Duration::from_secs(1));
        for failure in [Failure::Transient, Failure::Unreachable, Failure::Throttled(wish)] {
            assert!(failure.is_silence(), "{failure:?}");
        }
        for failure in [Failure::Stale, Failure::Corrected, Failure::Final] {
            assert!(!failure.is_silence(), "{failure:?}");
            assert_eq!(failure.wish(), None);
        }
        assert_eq!(Failure::Throttled(wish).wish(), wish);
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
