//! A listing as an iterator.

use std::sync::Arc;

use super::process::Process;
use crate::cancel::Canceller;
use crate::error::{Error, Result};
use crate::list::ListOptions;
use crate::object::Entry;

/// A listing in progress: one page in memory, the next one requested ahead.
///
/// [`ListOptions::parallel`] holds more.
///
/// Ends with `None` only at the proven end; an error is repeated for ever. See
/// [`ObjectList`](crate::ObjectList).
pub struct ObjectList(State);

enum State {
    Listing { inner: Option<Box<crate::ObjectList>>, process: Arc<Process> },
    Failed(Error),
}

impl ObjectList {
    pub(super) fn new(process: Result<Arc<Process>>, bucket: &str, options: ListOptions) -> Self {
        let state = process.and_then(|process| {
            let inner = Some(Box::new(process.client()?.list(bucket, options)));
            Ok(State::Listing { inner, process })
        });
        ObjectList(state.unwrap_or_else(State::Failed))
    }

    /// The next entry if it is in memory already; `None` says nothing about the end.
    pub fn next_ready(&mut self) -> Option<Entry> {
        match &mut self.0 {
            State::Listing { inner, .. } => inner.as_mut()?.pop_ready(),
            State::Failed(_) => None,
        }
    }

    /// Ends a wait in another thread with `Cancelled`; `None` if the listing never began.
    pub fn canceller(&self) -> Option<Canceller> {
        match &self.0 {
            State::Listing { inner, .. } => inner.as_ref().map(|list| list.canceller()),
            State::Failed(_) => None,
        }
    }
}

impl Iterator for ObjectList {
    type Item = Result<Entry>;

    fn next(&mut self) -> Option<Result<Entry>> {
        match &mut self.0 {
            State::Failed(error) => Some(Err(error.clone())),
            State::Listing { inner, process } => {
                let list = inner.as_mut()?;
                // Most entries are there already: no need to enter the runtime for them.
                if let Some(entry) = list.pop_ready() {
                    return Some(Ok(entry));
                }
                match process.run(list.next()) {
                    Ok(next) => next.transpose(),
                    Err(error) => Some(Err(error)),
                }
            }
        }
    }
}

impl Drop for ObjectList {
    fn drop(&mut self) {
        if let State::Listing { inner, process } = &mut self.0
            && !process.is_ours()
        {
            std::mem::forget(inner.take());
        }
    }
}
