//! One value that several threads may want: one at a time has it, a closed one nobody.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

/// Between two looks at signals while another thread has the value.
const EVERY: Duration = Duration::from_millis(50);

/// A value that is lent to one call at a time.
pub(crate) struct Shared<T> {
    slot: Mutex<Slot<T>>,
    returned: Condvar,
}

enum Slot<T> {
    Here(Box<T>),
    Lent(Loan),
    Closed,
}

struct Loan {
    to: ThreadId,
    process: u32,
    /// Closed meanwhile: whoever has it drops it.
    is_closed: bool,
}

/// Why a value cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It was closed.
    Closed,
    /// The same thread has it: a signal handler or a callback calls back.
    Reentrant,
    /// A thread had it that a fork left behind.
    Forked,
    /// A signal handler raised while another thread had it.
    Interrupted,
}

impl<T> Shared<T> {
    pub(crate) fn new(value: T) -> Self {
        Shared { slot: Mutex::new(Slot::Here(Box::new(value))), returned: Condvar::new() }
    }

    /// Takes the value, waits while another thread has it and `go_on` says so.
    pub(crate) fn borrow(&self, go_on: impl Fn() -> bool) -> Result<Borrowed<'_, T>, Refused> {
        let mut slot = self.lock();
        loop {
            match &*slot {
                Slot::Closed => return Err(Refused::Closed),
                Slot::Lent(loan) if loan.is_closed => return Err(Refused::Closed),
                Slot::Lent(loan) if loan.process != std::process::id() => {
                    return Err(Refused::Forked);
                }
                Slot::Lent(loan) if loan.to == thread::current().id() => {
                    return Err(Refused::Reentrant);
                }
                Slot::Lent(_) => {
                    let waited = self.returned.wait_timeout(slot, EVERY);
                    let (again, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
                    if timeout.timed_out() {
                        // Handlers may call back: not under the lock.
                        drop(again);
                        if !go_on() {
                            return Err(Refused::Interrupted);
                        }
                        slot = self.lock();
                    } else {
                        slot = again;
                    }
                }
                Slot::Here(_) => return Ok(self.lend(&mut slot)),
            }
        }
    }

    /// Takes the value if nobody has it.
    pub(crate) fn borrow_now(&self) -> Option<Borrowed<'_, T>> {
        let mut slot = self.lock();
        matches!(&*slot, Slot::Here(_)).then(|| self.lend(&mut slot))
    }

    fn lend(&self, slot: &mut Slot<T>) -> Borrowed<'_, T> {
        let loan =
            Loan { to: thread::current().id(), process: std::process::id(), is_closed: false };
        match std::mem::replace(slot, Slot::Lent(loan)) {
            Slot::Here(value) => Borrowed { value: Some(value), shared: self },
            _ => unreachable!("the caller has just seen it here"),
        }
    }

    /// Closes it for good; the value, unless a call has it, which then drops it at its end.
    pub(crate) fn close(&self) -> Option<Box<T>> {
        let mut slot = self.lock();
        if let Slot::Lent(loan) = &mut *slot {
            loan.is_closed = true;
            return None;
        }
        match std::mem::replace(&mut *slot, Slot::Closed) {
            Slot::Here(value) => Some(value),
            _ => None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Slot<T>> {
        // Slots are replaced in one step: whole even if a thread panicked.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The value, until this is dropped.
pub(crate) struct Borrowed<'a, T> {
    value: Option<Box<T>>,
    shared: &'a Shared<T>,
}

impl<T> std::ops::Deref for Borrowed<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect("it is here until it is given back")
    }
}

impl<T> std::ops::DerefMut for Borrowed<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("it is here until it is given back")
    }
}

impl<T> Drop for Borrowed<'_, T> {
    fn drop(&mut self) {
        let mut value = self.value.take();
        let mut slot = self.shared.lock();
        let is_closed = matches!(&*slot, Slot::Lent(loan) if loan.is_closed);
        *slot = match value.take() {
            // After a panic nobody knows what state it is in.
            Some(here) if !is_closed && !thread::panicking() => Slot::Here(here),
            rest => {
                value = rest;
                Slot::Closed
            }
        };
        drop(slot);
        self.shared.returned.notify_all();
        drop(value);
    }
}
