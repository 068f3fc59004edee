//! A plan in the making, step by step.

use std::sync::Arc;

use super::process::Process;
use crate::cancel::Canceller;
use crate::error::{Error, Result};
use crate::plan::{PlanOptions, Planned};

/// A plan being made; see [`Planning`](crate::plan::Planning).
pub struct Planning {
    state: State,
}

enum State {
    Planning { inner: Option<Box<crate::plan::Planning>>, process: Arc<Process> },
    Failed(Error),
}

impl Planning {
    pub(super) fn new(process: Result<Arc<Process>>, bucket: &str, options: PlanOptions) -> Self {
        let state = process.and_then(|process| {
            let inner = Some(Box::new(process.client()?.plan(bucket, options)));
            Ok(State::Planning { inner, process })
        });
        Planning { state: state.unwrap_or_else(State::Failed) }
    }

    /// Takes in up to so many entries; false once there are no more.
    ///
    /// # Errors
    /// As [`Planning::advance`](crate::plan::Planning::advance).
    pub fn advance(&mut self, entries: usize) -> Result<bool> {
        match &mut self.state {
            State::Failed(error) => Err(error.clone()),
            State::Planning { inner, process } => match inner.as_mut() {
                Some(inner) => process.run(inner.advance(entries))?,
                None => Ok(false),
            },
        }
    }

    /// Lists what is left, and makes the plan.
    ///
    /// # Errors
    /// As [`advance`](Planning::advance).
    pub fn finish(mut self) -> Result<Planned> {
        while self.advance(10_000)? {}
        match &mut self.state {
            State::Failed(error) => Err(error.clone()),
            State::Planning { inner, .. } => {
                inner.as_mut().expect("it is there until it is dropped").planned()
            }
        }
    }

    /// Objects taken in so far.
    pub fn objects(&self) -> u64 {
        self.inner().map_or(0, crate::plan::Planning::objects)
    }

    /// Their bytes.
    pub fn bytes(&self) -> u64 {
        self.inner().map_or(0, crate::plan::Planning::bytes)
    }

    /// Ends a wait in another thread with `Cancelled`; `None` if it never began.
    pub fn canceller(&self) -> Option<Canceller> {
        self.inner().map(crate::plan::Planning::canceller)
    }

    fn inner(&self) -> Option<&crate::plan::Planning> {
        match &self.state {
            State::Planning { inner, .. } => inner.as_deref(),
            State::Failed(_) => None,
        }
    }
}

impl Drop for Planning {
    fn drop(&mut self) {
        // Of before a fork: its sockets are the parent's too.
        if let State::Planning { inner, process } = &mut self.state
            && !process.is_ours()
        {
            std::mem::forget(inner.take());
        }
    }
}
