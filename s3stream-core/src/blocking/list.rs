//! A listing as an iterator.

use std::sync::Arc;

use super::process::Process;
use crate::cancel::Canceller;
use crate::error::{Error, ErrorKind, Result};
use crate::list::{ListOptions, ListSummary};
use crate::object::Entry;

/// A listing in progress: one page in memory, the next one requested ahead.
///
/// [`ListOptions::parallel`] holds more.
///
/// An entry that cannot be read is an `Err` that names it ([`Error::is_of_entry`]), and the
/// listing goes on behind it. Any other error is the listing's own: it is the last item. See
/// [`ObjectList`](crate::ObjectList).
pub struct ObjectList {
    state: State,
    /// Its own error was an item: there is none behind it.
    is_told: bool,
}

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
        ObjectList { state: state.unwrap_or_else(State::Failed), is_told: false }
    }

    /// The next entry; `None` at the end. For callers who are no `for` loop: unlike the
    /// iterator it repeats the listing's own error for ever.
    ///
    /// # Errors
    /// As [`ObjectList::next`](crate::ObjectList::next).
    pub fn next_entry(&mut self) -> Result<Option<Entry>> {
        match &mut self.state {
            State::Failed(error) => Err(error.clone()),
            State::Listing { inner, process } => {
                let Some(list) = inner.as_mut() else { return Ok(None) };
                // Most entries are there already: no need to enter the runtime for them.
                match list.pop_ready() {
                    Some(entry) => Ok(Some(entry)),
                    None => process.run(list.next())?,
                }
            }
        }
    }

    /// The next entry if it is in memory already; `None` says nothing about the end.
    pub fn next_ready(&mut self) -> Option<Entry> {
        match &mut self.state {
            State::Listing { inner, .. } => inner.as_mut()?.pop_ready(),
            State::Failed(_) => None,
        }
    }

    /// How the listing stands; `None` if it never began.
    pub fn summary(&self) -> Option<ListSummary> {
        match &self.state {
            State::Listing { inner, .. } => inner.as_ref().map(|list| list.summary()),
            State::Failed(_) => None,
        }
    }

    /// Ends a wait in another thread with `Cancelled`; `None` if the listing never began.
    pub fn canceller(&self) -> Option<Canceller> {
        match &self.state {
            State::Listing { inner, .. } => inner.as_ref().map(|list| list.canceller()),
            State::Failed(_) => None,
        }
    }

    /// Whether an error is an item behind which there may be more: of one entry, or none at
    /// all, because the wait was given up.
    fn goes_on(&self, error: &Error) -> bool {
        match &self.state {
            State::Failed(_) => false,
            State::Listing { inner, .. } => {
                let has_failed = inner.as_ref().is_none_or(|list| list.has_failed());
                !has_failed && (error.is_of_entry() || error.kind() == ErrorKind::Cancelled)
            }
        }
    }
}

impl Iterator for ObjectList {
    type Item = Result<Entry>;

    fn next(&mut self) -> Option<Result<Entry>> {
        if self.is_told {
            return None;
        }
        let next = self.next_entry();
        if let Err(error) = &next {
            self.is_told = !self.goes_on(error);
        }
        next.transpose()
    }
}

impl Drop for ObjectList {
    fn drop(&mut self) {
        if let State::Listing { inner, process } = &mut self.state
            && !process.is_ours()
        {
            std::mem::forget(inner.take());
        }
    }
}
