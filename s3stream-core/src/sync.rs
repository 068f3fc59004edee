//! Locks and atomics; a model checker's under `cfg(model)`.
//!
//! Whatever two threads agree upon by hand takes them from here, so that `tests/models` can
//! play every interleaving of it. The name of the condition is our own: tokio reads
//! `cfg(loom)`, and loses its sockets by it.

use std::sync::PoisonError;

#[cfg(not(model))]
pub(crate) use std::sync::{Mutex, MutexGuard, atomic};

#[cfg(model)]
pub(crate) use loom::sync::{Mutex, MutexGuard, atomic};

/// Locks, whoever panicked while holding it: only for values that are replaced in one step,
/// and so are whole at any moment.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
