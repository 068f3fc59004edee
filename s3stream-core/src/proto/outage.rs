//! Whether an endpoint answers at all, and for how long a client waits until it does again.
//!
//! Attempts are for the object, time is for the endpoint. While the endpoint answers anything, an
//! object that fails is at fault itself. Where nothing is answered any more, nobody's attempts
//! mean anything: then all operations of a client wait together, on one clock, for as long as
//! `retry_for` says. So there is a *silence* from the first failure behind the last answer; it
//! becomes an *outage* once a request that has nothing to do with the object (the probe) fails
//! too; and it is *spent* when patience is.
//!
//! An endpoint that has never answered is a wrong address more often than a server that restarts,
//! so nobody waits for it: attempts are all that it gets, and a few seconds.
//!
//! Time is passed in, as the time since an epoch of the caller's.

use std::time::Duration;

/// What an endpoint that never answered is given, where nothing listens: more would not help.
const FIRST_CONTACT: Duration = Duration::from_secs(10);

/// How long is waited, and in which steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// The time that an outage may take; zero if nothing is waited for.
    pub(crate) retry_for: Duration,
    pub(crate) shortest_pause: Duration,
    pub(crate) longest_pause: Duration,
    /// No single request takes longer than this.
    pub(crate) longest_attempt: Duration,
}

/// What one client knows of its endpoint.
#[derive(Debug)]
pub(crate) struct Outage {
    terms: Terms,
    /// When it last answered.
    answered: Option<Duration>,
    silence: Option<Silence>,
    tally: Tally,
}

/// Failures, and no answer since.
#[derive(Debug)]
struct Silence {
    began: Duration,
    /// When a request last failed.
    failed: Duration,
    /// Up to when its time is counted.
    seen: Duration,
    /// The time of it in which somebody wanted an answer: a consumer that is away spends nothing.
    spent: Duration,
    stage: Stage,
    /// When the next request may go out, and how many have.
    due: Duration,
    turns: u32,
    /// The server has asked that none goes out before.
    not_before: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Some have failed; it may be their own fault.
    Suspected,
    /// The probe has failed too.
    Declared,
    /// Nobody waits any longer.
    Spent,
}

/// The outages of a client, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Those that began.
    pub(crate) began: u64,
    /// Those that an answer has ended.
    pub(crate) over: u64,
    /// How long all of them have lasted, the present one included.
    pub(crate) lasted: Duration,
}

/// What whoever has used up his attempts is told about the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It has answered meanwhile: the failure is not the endpoint's.
    Answers,
    /// It has never answered anything, or is not waited for.
    Unknown,
    /// It is the caller's turn to find out, by a request that any healthy endpoint answers.
    Probe,
    /// It is the caller's turn to repeat its own request, in this outage.
    Repeat(u64),
    /// Others find out, or it is too early; the outage, if there is one.
    Wait(Duration, Option<u64>),
    /// It has been waited for long enough: for so long.
    Spent(Duration),
}

impl Outage {
    pub(crate) fn new(terms: Terms) -> Self {
        Outage { terms, answered: None, silence: None, tally: Tally::default() }
    }

    /// Whether a request may go out. Once patience is spent, one in a while does, and the others
    /// fail without: thousands of objects must not each find out for themselves.
    pub(crate) fn admits(&mut self, now: Duration) -> bool {
        let terms = self.terms;
        let Some(silence) = &mut self.silence else { return true };
        let quiet = now.saturating_sub(silence.failed);
        if silence.stage == Stage::Spent && quiet >= terms.retry_for {
            // Nobody has asked for so long: whoever comes now finds patience again.
            self.end(now);
            return true;
        }
        silence.pass(now, &terms);
        silence.stage != Stage::Spent || quiet >= terms.longest_pause
    }

    /// A reply has come that is no plea for patience; how long the outage was that ends so.
    pub(crate) fn answered(&mut self, now: Duration) -> Option<Duration> {
        self.answered = Some(now);
        self.end(now)
    }

    fn end(&mut self, now: Duration) -> Option<Duration> {
        let silence = self.silence.take()?;
        if silence.stage == Stage::Suspected {
            return None;
        }
        let lasted = now.saturating_sub(silence.began);
        self.tally.over += 1;
        self.tally.lasted += lasted;
        Some(lasted)
    }

    /// A request was not answered, or only with a plea for patience: whether that is no news,
    /// because there is an outage.
    pub(crate) fn failed(&mut self, now: Duration, wish: Option<Duration>) -> bool {
        let terms = self.terms;
        if terms.retry_for.is_zero() {
            return false;
        }
        let silence = self.silence.get_or_insert_with(|| Silence::new(now));
        silence.pass(now, &terms);
        silence.failed = now;
        let is_known = silence.stage != Stage::Suspected;
        if is_known {
            silence.due = silence.due.min(now + terms.pause(silence.spent));
        }
        if let Some(wish) = wish {
            // What goes beyond our patience cannot be obeyed: the last try is just before its end.
            let left = silence.left(&terms).saturating_sub(terms.longest_pause);
            silence.not_before = silence.not_before.max(now + wish.min(left));
        }
        is_known
    }

    /// Whether an endpoint that nobody can connect to, and that has never answered, has had its
    /// time.
    pub(crate) fn is_nowhere(&self, now: Duration) -> bool {
        let began = self.silence.as_ref().map(|silence| silence.began);
        self.answered.is_none() && began.is_some_and(|began| now >= began + FIRST_CONTACT)
    }

    /// What is known about the endpoint since `since`, when the failed request was sent.
    pub(crate) fn ask(&mut self, now: Duration, since: Duration) -> Standing {
        let terms = self.terms;
        let Some(answered) = self.answered.filter(|_| !terms.retry_for.is_zero()) else {
            return Standing::Unknown;
        };
        let Some(silence) = self.silence.as_mut().filter(|_| answered < since) else {
            return Standing::Answers;
        };
        silence.pass(now, &terms);
        if silence.stage == Stage::Spent || silence.spent >= terms.retry_for {
            if silence.stage == Stage::Suspected {
                self.tally.began += 1;
            }
            silence.stage = Stage::Spent;
            return Standing::Spent(silence.spent);
        }
        let number = (silence.stage == Stage::Declared).then_some(self.tally.began);
        if now < silence.next() {
            return Standing::Wait((silence.next() - now).min(silence.left(&terms)), number);
        }
        // Whoever has the turn may never come back: it is lent for as long as a request takes.
        silence.due = now + terms.longest_attempt;
        silence.turns += 1;
        match number {
            // A server may answer all but the probe. But the request may be what brings it down,
            // so it is repeated ever more rarely: in between there is time to come up again.
            Some(number) if silence.turns.is_power_of_two() => Standing::Repeat(number),
            _ => Standing::Probe,
        }
    }

    /// The probe that was sent at `since` has failed too: whether an outage begins with that.
    pub(crate) fn declare(&mut self, now: Duration, since: Duration) -> bool {
        let terms = self.terms;
        let has_answered = self.answered.is_none_or(|answered| answered >= since);
        let Some(silence) = self.silence.as_mut().filter(|_| !has_answered) else {
            return false;
        };
        silence.due = silence.due.min(now + terms.pause(silence.spent));
        if silence.stage != Stage::Suspected {
            return false;
        }
        silence.stage = Stage::Declared;
        self.tally.began += 1;
        true
    }

    /// Whoever had the turn has given up in the middle of it.
    pub(crate) fn pass_turn(&mut self, now: Duration) {
        if let Some(silence) = &mut self.silence {
            silence.turns = silence.turns.saturating_sub(1);
            silence.due = now;
        }
    }

    /// The outages so far.
    pub(crate) fn tally(&self, now: Duration) -> Tally {
        let present = self.silence.as_ref().filter(|silence| silence.stage != Stage::Suspected);
        let lasts = present.map_or(Duration::ZERO, |silence| now.saturating_sub(silence.began));
        Tally { lasted: self.tally.lasted + lasts, ..self.tally }
    }
}

impl Silence {
    fn new(now: Duration) -> Self {
        Silence {
            began: now,
            failed: now,
            seen: now,
            spent: Duration::ZERO,
            stage: Stage::Suspected,
            due: now,
            turns: 0,
            not_before: now,
        }
    }

    /// When the next request goes out: the probe that decides whether this is an outage waits for
    /// nobody.
    fn next(&self) -> Duration {
        match self.stage {
            Stage::Suspected => self.due,
            Stage::Declared | Stage::Spent => self.due.max(self.not_before),
        }
    }

    fn left(&self, terms: &Terms) -> Duration {
        terms.retry_for.saturating_sub(self.spent)
    }

    /// Counts the time up to now, unless nobody can have waited for so long.
    fn pass(&mut self, now: Duration, terms: &Terms) {
        let longest = terms.longest_attempt.max(terms.longest_pause * 2);
        let longest = longest.max(self.next().saturating_sub(self.seen));
        self.spent += now.saturating_sub(self.seen).min(longest);
        self.seen = self.seen.max(now);
    }
}

impl Terms {
    /// The pause between two requests when so much time has been spent: a quarter of that.
    fn pause(&self, spent: Duration) -> Duration {
        (spent / 4).max(self.shortest_pause).min(self.longest_pause)
    }
}

#[cfg(test)]
#[path = "outage_tests.rs"]
mod tests;
