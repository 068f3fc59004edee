//! Waiting after a failure: for the object, or for an endpoint that answers nothing.

use std::pin::pin;
use std::time::Duration;

use tokio::sync::Notify;

use super::{Failed, Reply, Session, jitter};
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::proto::outage::{Outage, Standing, Terms};
use crate::proto::request::Request;
use crate::proto::retry::{Budget, Decision, Failure};
use crate::proto::throttle::Throttle;
use crate::stats::Stats;
use crate::sync::{Mutex, lock};

/// What all operations of a client know together about their endpoint.
pub(super) struct Patience {
    outage: Mutex<Outage>,
    /// Told when somebody has found something out.
    news: Notify,
    /// Why the last outage was given up.
    last: Mutex<Option<Error>>,
}

impl Patience {
    pub(super) fn new(config: &Config) -> Self {
        let outage = Outage::new(Terms {
            retry_for: config.retry.retry_for,
            shortest_pause: config.retry.base_delay,
            longest_pause: config.retry.max_delay,
            longest_attempt: config.stall_timeout,
        });
        Patience { outage: Mutex::new(outage), news: Notify::new(), last: Mutex::new(None) }
    }
}

/// A turn to find out; whoever is dropped in the middle of it passes it on.
struct Turn<'a>(Option<&'a Session>);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(session) = self.0 {
            session.outage(Outage::pass_turn);
            session.endurance.news.notify_waiters();
        }
    }
}

impl Session {
    /// Decides about a failure of an operation, and waits if it is to be repeated.
    ///
    /// # Errors
    /// The failure, if it is final.
    pub(crate) async fn wait(
        &self,
        failure: Failure,
        budget: &mut Budget,
        error: Error,
    ) -> Result<()> {
        self.wait_since(self.now(), failure, budget, error).await
    }

    /// The same for a request that was sent at that time.
    pub(super) async fn wait_since(
        &self,
        sent: Duration,
        failure: Failure,
        budget: &mut Budget,
        error: Error,
    ) -> Result<()> {
        if failure == Failure::Final && error.is_outage() {
            // It was not even sent.
            return Err(error);
        }
        if matches!(failure, Failure::Throttled(_)) && error.kind() == ErrorKind::Throttled {
            self.counters.throttle();
            self.pace(Throttle::refused);
        }
        let is_silence = failure.is_silence();
        let is_known = is_silence && self.outage(|outage, now| outage.failed(now, failure.wish()));
        // In an outage that is known already an attempt is none.
        let decision =
            if is_known { Decision::Ask(Duration::ZERO) } else { budget.failed(failure, jitter()) };
        let is_nowhere =
            failure == Failure::Unreachable && self.outage(|outage, now| outage.is_nowhere(now));
        match decision {
            Decision::GiveUp => return Err(error.with_attempts(budget.failures())),
            Decision::RetryAfter(_) if is_nowhere => {
                return Err(error.with_attempts(budget.failures()));
            }
            Decision::RetryAfter(delay) => pause(delay).await,
            Decision::Ask(delay) => {
                pause(delay).await;
                self.endure(sent, budget, error).await?;
            }
        }
        self.counters.retry();
        Ok(())
    }

    /// Finds out whether a failure is the object's own or the endpoint's, and waits for that.
    ///
    /// # Errors
    /// The failure, if the object has used up its attempts or the endpoint our patience.
    async fn endure(&self, sent: Duration, budget: &mut Budget, error: Error) -> Result<()> {
        let mut in_outage = None;
        loop {
            let mut news = pin!(self.endurance.news.notified());
            news.as_mut().enable();
            let repeats = match self.outage(|outage, now| outage.ask(now, sent)) {
                Standing::Answers | Standing::Unknown => match in_outage {
                    Some(outage) => budget.outlives(outage),
                    None => budget.repeats(),
                },
                Standing::Repeat(outage) => budget.outlives(outage),
                Standing::Spent(spent) => return Err(self.give_up(spent, budget, error)),
                Standing::Probe => {
                    self.probe(&error).await;
                    continue;
                }
                Standing::Wait(pause, outage) => {
                    in_outage = in_outage.or(outage);
                    // Whichever comes first.
                    let _ = tokio::time::timeout(pause, news).await;
                    continue;
                }
            };
            return if repeats { Ok(()) } else { Err(error.with_attempts(budget.failures())) };
        }
    }

    /// Asks for what any healthy endpoint answers, whatever the answer is.
    async fn probe(&self, why: &Error) {
        let mut turn = Turn(Some(self));
        let request = Request::probe(why.bucket());
        let place = self.learned.place(&request, &self.config.service);
        let sent = self.now();
        // Twice, because a connection out of the pool may have been closed meanwhile.
        for _ in 0..2 {
            let (time, Ok(place)) = (self.time(), &place) else { break };
            let Ok(keys) = self.signing_keys(time).await else { break };
            let outcome = self.attempt(&request, place, time, keys.as_ref()).await;
            let is_stale = matches!(&outcome, Err(Failed::Broken(broken))
                if super::from_broken(broken).0 == Failure::Stale);
            if !is_stale {
                break;
            }
        }
        turn.0 = None;
        if self.outage(|outage, now| outage.declare(now, sent)) {
            log::warn!(
                "{} answers nothing any more, and is waited for up to {} s: {why}",
                self.config.service,
                self.config.retry.retry_for.as_secs()
            );
        }
        self.endurance.news.notify_waiters();
    }

    fn give_up(&self, spent: Duration, budget: &Budget, error: Error) -> Error {
        let error = error
            .with_attempts(budget.failures())
            .advised(format!("nothing was answered for {} s (retry_for)", spent.as_secs()))
            .of_outage();
        *lock(&self.endurance.last) = Some(error.clone());
        self.endurance.news.notify_waiters();
        error
    }

    /// Whether a request may go out at all.
    ///
    /// # Errors
    /// Why the endpoint was given up, a moment ago.
    pub(super) fn admit(&self) -> Result<()> {
        let is_admitted = self.outage(Outage::admits);
        match &*lock(&self.endurance.last) {
            Some(error) if !is_admitted => Err(error.clone().with_attempts(0)),
            _ => Ok(()),
        }
    }

    /// Notes what an attempt says about the endpoint.
    pub(super) fn note(&self, outcome: &Result<Reply, Failed>) {
        let is_answer = match outcome {
            Ok(_) | Err(Failed::Unfit(_)) => true,
            Err(Failed::Refused(refusal)) => !refusal.failure().is_silence(),
            Err(Failed::Broken(_) | Failed::Stalled) => false,
        };
        if !is_answer {
            return;
        }
        if let Some(lasted) = self.outage(Outage::answered) {
            log::warn!("{} answers again, after {} s", self.config.service, lasted.as_secs());
        }
        self.endurance.news.notify_waiters();
    }

    /// What this client has done so far.
    pub(crate) fn stats(&self) -> Stats {
        let tally = self.outage(|outage, now| outage.tally(now));
        Stats {
            outages: tally.began,
            outages_over: tally.over,
            outage_seconds: tally.lasted.as_secs(),
            ..self.counters.read()
        }
    }

    /// The time, as everything here counts it.
    pub(super) fn now(&self) -> Duration {
        self.epoch.elapsed()
    }

    fn outage<T>(&self, look: impl FnOnce(&mut Outage, Duration) -> T) -> T {
        look(&mut lock(&self.endurance.outage), self.now())
    }
}

async fn pause(delay: Duration) {
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
}
