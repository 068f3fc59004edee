//! What stands between Python and the core: panics, waits, and handles.

use std::any::Any;
use std::cell::Cell;
use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyCapsuleMethods};
use s3stream_core::blocking;

use crate::errors;

/// Runs the body of a function of the module; a panic becomes `InternalError`.
///
/// PyO3 would turn it into its own exception, whose type is shared by all interpreters.
pub(crate) fn guarded<T>(py: Python<'_>, body: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(body))
        .unwrap_or_else(|payload| Err(errors::internal(py, &describe(&*payload))))
}

fn describe(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "a panic without a message".to_owned())
}

thread_local! {
    /// Whether a handler has raised during the wait of this thread.
    static HAS_RAISED: Cell<bool> = const { Cell::new(false) };
}

/// What came of a wait, and the exception of a signal handler that ended it.
pub(crate) struct Waited<T> {
    pub(crate) outcome: T,
    pub(crate) interruption: Option<PyErr>,
}

/// Runs `body` without the GIL. While it waits, this thread runs the handlers of signals
/// twenty times a second; the exception of one (`KeyboardInterrupt`) ends the wait.
pub(crate) fn wait<T: Send>(py: Python<'_>, body: impl FnOnce(&Signals) -> T + Send) -> Waited<T> {
    let signals = Signals::of(py);
    HAS_RAISED.set(false);
    let outcome = py.detach(move || {
        let signals = signals;
        if signals.are_handled_here {
            blocking::watched(move || signals.go_on(), || body(&signals))
        } else {
            body(&signals)
        }
    });
    Waited { outcome, interruption: PyErr::take(py) }
}

impl<T> Waited<T> {
    /// The outcome, unless the wait was interrupted.
    pub(crate) fn into_result(self) -> PyResult<T> {
        match self.interruption {
            Some(exception) => Err(exception),
            None => Ok(self.outcome),
        }
    }
}

/// The thread's way back into its interpreter, to look at signals in the middle of a wait.
#[derive(Clone, Copy)]
pub(crate) struct Signals {
    state: *mut ffi::PyThreadState,
    are_handled_here: bool,
}

// SAFETY: `detach` asks for it, but runs its closure on the thread that called it; the state
// is not looked at anywhere else.
unsafe impl Send for Signals {}

impl Signals {
    fn of(_attached: Python<'_>) -> Self {
        // SAFETY: the thread is attached, so it has a state, and that an interpreter.
        unsafe {
            Signals {
                state: ffi::PyThreadState_Get(),
                // Handlers run in the main interpreter alone; its number is 0.
                are_handled_here: ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) == 0,
            }
        }
    }

    /// Runs what handlers there are to run; false if one raised, and its exception is left
    /// in the thread's state for [`wait`] to take.
    ///
    /// Not `Python::attach`: it would take whichever interpreter this thread met first.
    pub(crate) fn go_on(&self) -> bool {
        if !self.are_handled_here {
            return true;
        }
        // SAFETY: `wait` runs its body on the thread that this state belongs to, detached by
        // PyO3 with `PyEval_SaveThread`, which is how it is left again.
        let outcome = unsafe {
            ffi::PyEval_RestoreThread(self.state);
            let outcome = ffi::PyErr_CheckSignals();
            ffi::PyEval_SaveThread();
            outcome
        };
        HAS_RAISED.set(outcome != 0);
        outcome == 0
    }

    /// Whether a handler has raised: what was waited for has not come to its end.
    pub(crate) fn has_raised(&self) -> bool {
        self.are_handled_here && HAS_RAISED.get()
    }
}

/// A value of ours in Python's hands: a capsule, which frees it when nobody has it any more.
pub(crate) trait Handle: Sized + Send + Sync + 'static {
    /// What tells one kind of capsule from another.
    const NAME: &'static CStr;

    /// Hands the value over.
    fn into_capsule(self, py: Python<'_>) -> PyResult<Bound<'_, PyCapsule>> {
        PyCapsule::new_with_value_and_destructor(py, self, Self::NAME, |value, _| free(value))
    }

    /// The value in a capsule, for as long as the capsule is held.
    ///
    /// # Errors
    /// `ValueError` if the capsule is of another kind.
    fn of<'a>(capsule: &'a Bound<'_, PyCapsule>) -> PyResult<&'a Self> {
        let pointer = capsule.pointer_checked(Some(Self::NAME))?;
        // SAFETY: only `into_capsule` gives this name, and always to a `Self`, which lives as
        // long as the capsule.
        Ok(unsafe { pointer.cast::<Self>().as_ref() })
    }
}

/// Drops a value without the GIL: a connection may have to be closed, a look-up awaited.
fn free<T: Handle>(value: T) {
    // SAFETY: a capsule's destructor runs attached, and leaves as it came.
    let state = unsafe { ffi::PyEval_SaveThread() };
    // Nothing may unwind into the interpreter, and there is nobody left to tell.
    let _ = catch_unwind(AssertUnwindSafe(move || drop(value)));
    // SAFETY: it is the state that was saved above, on the same thread.
    unsafe { ffi::PyEval_RestoreThread(state) };
}
