//! What stands between Python and the core: panics, waits, and handles.

use std::any::Any;
use std::cell::Cell;
use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::time::{Duration, Instant};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyCapsuleMethods, PyDict, PyModule};
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
    /// When this thread last called what is to be called while it waits, or began to wait.
    static CALLED: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Under this name the state of a thread keeps what is to be called while it waits.
const WHILE_WAITING: &str = "s3stream.while_waiting";

/// Between two such calls: each takes the GIL.
const EVERY: Duration = Duration::from_secs(1);

/// Names what this thread calls about once a second while it waits here; `None` to end that.
///
/// It stands in the thread's own state, for a static is shared by all interpreters. It must not
/// wait here itself; its exception ends the wait as that of a signal handler does.
#[pyfunction]
#[pyo3(signature = (call))]
fn while_waiting(py: Python<'_>, call: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
    guarded(py, || match (call, thread_state(py)) {
        (Some(call), Some(state)) => state.set_item(WHILE_WAITING, call),
        (None, Some(state)) if state.contains(WHILE_WAITING)? => state.del_item(WHILE_WAITING),
        _ => Ok(()),
    })
}

/// The dictionary that each thread of an interpreter has for itself.
fn thread_state(py: Python<'_>) -> Option<Bound<'_, PyDict>> {
    // SAFETY: the thread is attached; what it returns is borrowed, or null.
    let state = unsafe { Bound::from_borrowed_ptr_or_opt(py, ffi::PyThreadState_GetDict()) };
    state.and_then(|state| state.cast_into().ok())
}

fn called_while_waiting(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    thread_state(py)?.get_item(WHILE_WAITING).ok().flatten()
}

/// What came of a wait, and the exception of a signal handler that ended it.
pub(crate) struct Waited<T> {
    pub(crate) outcome: T,
    pub(crate) interruption: Option<PyErr>,
}

/// Runs `body` without the GIL. While it waits, this thread runs the handlers of signals
/// twenty times a second; the exception of one (`KeyboardInterrupt`) ends the wait. And once a
/// second it calls what [`while_waiting`] names.
pub(crate) fn wait<T: Send>(py: Python<'_>, body: impl FnOnce(&Signals) -> T + Send) -> Waited<T> {
    let call = called_while_waiting(py);
    let signals = Signals::of(py, call.as_ref());
    HAS_RAISED.set(false);
    CALLED.set(call.is_some().then(Instant::now));
    let outcome = py.detach(move || {
        let signals = signals;
        if signals.are_watched() {
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
    /// What is called while this thread waits, which [`wait`] keeps alive; or null.
    call: *mut ffi::PyObject,
}

// SAFETY: `detach` asks for it, but runs its closure on the thread that called it; state and
// object are not looked at anywhere else.
unsafe impl Send for Signals {}

impl Signals {
    fn of(_attached: Python<'_>, call: Option<&Bound<'_, PyAny>>) -> Self {
        // SAFETY: the thread is attached, so it has a state, and that an interpreter.
        unsafe {
            Signals {
                state: ffi::PyThreadState_Get(),
                // Handlers run in the main interpreter alone; its number is 0.
                are_handled_here: ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) == 0,
                call: call.map_or(ptr::null_mut(), Bound::as_ptr),
            }
        }
    }

    /// Whether there is anything to do while this thread waits.
    fn are_watched(&self) -> bool {
        self.are_handled_here || !self.call.is_null()
    }

    /// Runs what handlers there are to run; false if one raised, and its exception is left
    /// in the thread's state for [`wait`] to take.
    ///
    /// Not `Python::attach`: it would take whichever interpreter this thread met first.
    pub(crate) fn go_on(&self) -> bool {
        let is_called = !self.call.is_null() && is_due();
        if !self.are_handled_here && !is_called {
            return true;
        }
        // SAFETY: `wait` runs its body on the thread that this state belongs to, detached by
        // PyO3 with `PyEval_SaveThread`, which is how it is left again; it keeps `call` alive.
        let has_raised = unsafe {
            ffi::PyEval_RestoreThread(self.state);
            let mut has_raised = self.are_handled_here && ffi::PyErr_CheckSignals() != 0;
            if is_called && !has_raised {
                let answer = ffi::PyObject_CallObject(self.call, ptr::null_mut());
                has_raised = answer.is_null();
                ffi::Py_XDECREF(answer);
            }
            ffi::PyEval_SaveThread();
            has_raised
        };
        HAS_RAISED.set(has_raised);
        !has_raised
    }

    /// Whether a handler has raised: what was waited for has not come to its end.
    pub(crate) fn has_raised(&self) -> bool {
        self.are_watched() && HAS_RAISED.get()
    }
}

/// Whether it is time for the next call of what is called while this thread waits; true once.
fn is_due() -> bool {
    let is_due = CALLED.get().is_some_and(|called| called.elapsed() >= EVERY);
    if is_due {
        CALLED.set(Some(Instant::now()));
    }
    is_due
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

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(while_waiting, module)?)
}
