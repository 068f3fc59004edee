//! The keys that requests are signed with, and when they are renewed.
//!
//! They are asked for by each attempt. Keys that do not end cost a lock and a count. Those that
//! do are renewed by whoever asks first, one at a time: the others go on with the old ones while
//! they serve, and wait where they do not. Who renews may be a call that is given up, or one of a
//! runtime that nobody drives for an hour: a turn that is dropped, or takes too long, passes on.

use std::sync::Arc;
#[cfg(feature = "credentials")]
use std::time::Duration;
use std::time::Instant;

use tokio::sync::Notify;

use crate::credentials::Credentials;
#[cfg(feature = "credentials")]
use crate::error::Error;
use crate::error::Result;
use crate::proto::freshness::{Age, age};
use crate::sync::{Mutex, lock};
use crate::time::Timestamp;

#[cfg(feature = "credentials")]
use crate::config::way::Way;
#[cfg(feature = "credentials")]
use crate::providers::Http;

/// A renewal that takes longer than this is another's to make: nobody drives it any more.
#[cfg(feature = "credentials")]
const LONGEST_TURN: Duration = Duration::from_secs(90);
/// After a renewal that failed, the old keys serve on for so long before the next is tried.
#[cfg(feature = "credentials")]
const REST: Duration = Duration::from_secs(10);
/// Who waited for a renewal that failed has failed with it.
#[cfg(feature = "credentials")]
const ECHO: Duration = Duration::from_secs(1);

/// The keys of a client, shared by all its runtimes.
pub(crate) struct Keys {
    state: Mutex<State>,
    changed: Notify,
    source: Source,
}

/// Where keys come from.
pub(crate) enum Source {
    /// From nowhere: what there is stays, unless it is replaced.
    Nowhere,
    #[cfg(feature = "credentials")]
    Way(Box<Way>),
}

struct State {
    current: Option<Arc<Credentials>>,
    /// A server has refused them as ended.
    is_refused: bool,
    obtained: Timestamp,
    /// Who renews them now, and since when.
    turn: Option<(u64, Instant)>,
    turns: u64,
    #[cfg(feature = "credentials")]
    failed: Option<(Instant, Error)>,
}

/// What somebody who needs keys has to do.
#[cfg(feature = "credentials")]
enum Look {
    Use(Option<Arc<Credentials>>),
    Fail(Error),
    Wait(Duration),
    /// With the number of the turn.
    Renew(u64),
}

impl Keys {
    /// Keys that are there already; `None` to sign nothing.
    pub(crate) fn fixed(keys: Option<Credentials>) -> Self {
        Keys::new(keys, Source::Nowhere)
    }

    pub(crate) fn new(keys: Option<Credentials>, source: Source) -> Self {
        let state = State {
            current: keys.map(Arc::new),
            is_refused: false,
            obtained: Timestamp::from(std::time::SystemTime::now()),
            turn: None,
            turns: 0,
            #[cfg(feature = "credentials")]
            failed: None,
        };
        Keys { state: Mutex::new(state), changed: Notify::new(), source }
    }

    /// Puts other keys into the place of those in use: the next attempt is signed with them.
    pub(crate) fn replace(&self, keys: Credentials, now: Timestamp) {
        let mut state = lock(&self.state);
        state.current = Some(Arc::new(keys));
        (state.is_refused, state.obtained) = (false, now);
        // Whoever renews keys now brings none that win over these.
        state.turn = None;
        drop(state);
        self.changed.notify_waiters();
    }

    /// Whether whoever replaces keys should do so now: they age, have ended, or were refused.
    pub(crate) fn wanted(&self, now: Timestamp) -> bool {
        let state = lock(&self.state);
        state.is_refused || state.age(now) != Age::Fresh
    }

    /// Keys that a server has refused as ended; true if an attempt with others is worth while.
    pub(crate) fn refused(&self, used: Option<&Arc<Credentials>>) -> bool {
        let mut state = lock(&self.state);
        let is_same = match (used, &state.current) {
            (Some(used), Some(current)) => Arc::ptr_eq(used, current),
            _ => return false,
        };
        if !is_same {
            // Others are there meanwhile.
            return true;
        }
        state.is_refused = true;
        match &self.source {
            Source::Nowhere => false,
            #[cfg(feature = "credentials")]
            Source::Way(_) => true,
        }
    }

    /// The keys in use, whatever their age.
    pub(crate) fn in_use(&self) -> Option<Arc<Credentials>> {
        lock(&self.state).current.clone()
    }

    /// The keys to sign the next attempt with; `None` to sign nothing.
    #[cfg(not(feature = "credentials"))]
    #[expect(clippy::unused_async, reason = "with the feature it waits")]
    pub(crate) async fn current(&self, _: Timestamp) -> Result<Option<Arc<Credentials>>> {
        Ok(self.in_use())
    }

    /// The keys to sign the next attempt with; `None` to sign nothing. Fetches them, or waits for
    /// whoever does.
    ///
    /// # Errors
    /// Those of the way, where there are no keys that still serve.
    #[cfg(feature = "credentials")]
    pub(crate) async fn current(
        &self,
        http: &Http,
        now: Timestamp,
    ) -> Result<Option<Arc<Credentials>>> {
        let Source::Way(way) = &self.source else { return Ok(self.in_use()) };
        let began = Instant::now();
        let provider = way.provider();
        let keeps_ended = provider.keeps_ended();
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Before the look: what changes behind it is not missed.
            changed.as_mut().enable();
            match self.look(now, began, keeps_ended) {
                Look::Use(keys) => return Ok(keys),
                Look::Fail(error) => return Err(error),
                Look::Wait(longest) => {
                    let _ = tokio::time::timeout(longest, changed).await;
                }
                Look::Renew(number) => {
                    let turn = Turn { keys: self, number };
                    let fetched = provider.fetch(http, now).await;
                    let fetched = fetched.and_then(|keys| {
                        if keeps_ended { Ok(keys) } else { lasting(keys, way, now) }
                    });
                    let outcome = self.renewed(number, fetched, now, keeps_ended);
                    drop(turn);
                    return outcome.map(Some);
                }
            }
        }
    }

    #[cfg(feature = "credentials")]
    fn look(&self, now: Timestamp, began: Instant, keeps_ended: bool) -> Look {
        let mut state = lock(&self.state);
        let age = if state.is_refused { Age::Over } else { state.age(now) };
        if age == Age::Fresh {
            return Look::Use(state.current.clone());
        }
        let must_wait = matches!(age, Age::Old | Age::Over);
        if let Some((_, since)) = state.turn
            && since.elapsed() < LONGEST_TURN
        {
            return match must_wait {
                true => Look::Wait(LONGEST_TURN.saturating_sub(since.elapsed())),
                false => Look::Use(state.current.clone()),
            };
        }
        if let Some((when, error)) = &state.failed {
            let is_kept = keeps_ended && state.current.is_some() && !state.is_refused;
            let serves = age != Age::Over || is_kept;
            if serves && when.elapsed() < REST {
                return Look::Use(state.current.clone());
            }
            if !serves && *when > began && when.elapsed() < ECHO {
                return Look::Fail(error.clone());
            }
        }
        state.turns += 1;
        let number = state.turns;
        state.turn = Some((number, Instant::now()));
        Look::Renew(number)
    }

    /// What comes of a renewal for whoever made it.
    #[cfg(feature = "credentials")]
    fn renewed(
        &self,
        number: u64,
        fetched: Result<Credentials>,
        now: Timestamp,
        keeps_ended: bool,
    ) -> Result<Arc<Credentials>> {
        let mut state = lock(&self.state);
        let is_overtaken = state.turn.is_none_or(|(turn, _)| turn != number);
        if is_overtaken && !state.is_refused && state.age(now) != Age::Over {
            // A caller has given others meanwhile, or somebody was faster.
            if let Some(keys) = &state.current {
                return Ok(Arc::clone(keys));
            }
        }
        match fetched {
            Ok(keys) => {
                let keys = Arc::new(keys);
                state.current = Some(Arc::clone(&keys));
                (state.is_refused, state.obtained, state.failed) = (false, now, None);
                Ok(keys)
            }
            Err(error) => {
                state.failed = Some((Instant::now(), error.clone()));
                let serves = state.age(now) != Age::Over || keeps_ended;
                match state.current.clone().filter(|_| serves && !state.is_refused) {
                    Some(old) => {
                        log::warn!("{error}; the keys that there are serve on");
                        Ok(old)
                    }
                    None => Err(error),
                }
            }
        }
    }
}

/// Keys, unless they have ended before they came.
#[cfg(feature = "credentials")]
fn lasting(keys: Credentials, way: &Way, now: Timestamp) -> Result<Credentials> {
    match keys.expires {
        Some(end) if end.unix_seconds() <= now.unix_seconds() => Err(Error::invalid(format!(
            "no credentials from {way}: the keys that it gives have ended already; check both \
             clocks"
        ))),
        _ => Ok(keys),
    }
}

impl State {
    fn age(&self, now: Timestamp) -> Age {
        match &self.current {
            Some(keys) => age(self.obtained, keys.expires, now),
            None => Age::Over,
        }
    }
}

/// Somebody's turn to renew the keys; it passes on when this is dropped.
#[cfg(feature = "credentials")]
struct Turn<'a> {
    keys: &'a Keys,
    number: u64,
}

#[cfg(feature = "credentials")]
impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.keys.state);
        // Another may have taken it over meanwhile.
        if state.turn.is_some_and(|(number, _)| number == self.number) {
            state.turn = None;
        }
        drop(state);
        self.keys.changed.notify_waiters();
    }
}

#[cfg(test)]
#[cfg(feature = "credentials")]
#[path = "keys_tests.rs"]
mod tests;
