//! The core's errors as Python's: classes are looked up by name when one is raised.

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyModule};
use s3stream_core::{Error, ErrorKind};

use crate::boundary::guarded;
use crate::shared::Refused;

/// Why a call on a handle failed.
pub(crate) enum Failure {
    /// The core says so.
    Core(Error),
    /// The handle cannot be used.
    Refused(Refused),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Core(error)
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Failure::Refused(refused)
    }
}

impl Failure {
    /// The exception; `what` is what was used: "reader", "listing".
    pub(crate) fn raise(self, py: Python<'_>, what: &str) -> PyErr {
        match self {
            Failure::Core(error) => raise(py, &error),
            Failure::Refused(Refused::Closed) => closed(what),
            Failure::Refused(Refused::Reentrant) => {
                PyRuntimeError::new_err(format!("reentrant call on a {what}"))
            }
            Failure::Refused(Refused::Forked) => PyValueError::new_err(format!(
                "the {what} was in use when the process forked: open it anew in the child"
            )),
            // The handler's exception takes precedence; without one there is no interruption.
            Failure::Refused(Refused::Interrupted) => PyRuntimeError::new_err("interrupted"),
        }
    }
}

/// The exception for using something after it was closed, as files have it.
pub(crate) fn closed(what: &str) -> PyErr {
    PyValueError::new_err(format!("I/O operation on closed {what}"))
}

/// The exception of a core error.
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    let instance = || -> PyResult<PyErr> {
        let class = py.import("s3stream.errors")?.getattr(class_name(error.kind()))?;
        let facts = PyDict::new(py);
        facts.set_item("line", error.to_string())?;
        facts.set_item("filename", error.url())?;
        facts.set_item("status", error.status())?;
        facts.set_item("code", error.code())?;
        facts.set_item("request_id", error.request_id())?;
        facts.set_item("attempts", error.attempts())?;
        facts.set_item("is_outage", error.is_outage())?;
        if error.is_of_entry() {
            facts.set_item("entry", error.key())?;
        }
        Ok(PyErr::from_value(class.call((error.message(),), Some(&facts))?))
    };
    instance().unwrap_or_else(|failed| failed)
}

/// The exception of a panic.
pub(crate) fn internal(py: Python<'_>, message: &str) -> PyErr {
    let instance = || -> PyResult<PyErr> {
        let class = py.import("s3stream.errors")?.getattr(class_name(ErrorKind::Internal))?;
        Ok(PyErr::from_value(class.call1((message,))?))
    };
    instance().unwrap_or_else(|failed| failed)
}

/// The Python class of a kind; a test holds it and `errors.py` together.
const fn class_name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidInput => "InvalidInputError",
        ErrorKind::NotFound => "NotFoundError",
        ErrorKind::AccessDenied => "AccessDeniedError",
        ErrorKind::Changed => "ChangedError",
        ErrorKind::Throttled => "ThrottledError",
        ErrorKind::TimedOut => "TimedOutError",
        ErrorKind::Connection => "TransportError",
        ErrorKind::Service => "ServiceError",
        ErrorKind::Protocol => "ProtocolError",
        ErrorKind::Integrity => "IntegrityError",
        ErrorKind::Cancelled => "CancelledError",
        ErrorKind::Archived => "ArchivedError",
        ErrorKind::AlreadyExists => "AlreadyExistsError",
        ErrorKind::Unsupported => "UnsupportedError",
        _ => "InternalError",
    }
}

/// Every kind of error as (number, name, errno, class), in the order of its number.
#[pyfunction]
fn error_kinds(py: Python<'_>) -> PyResult<Vec<(u8, &'static str, i32, &'static str)>> {
    guarded(py, || {
        let row = |kind: ErrorKind| (kind.number(), kind.name(), kind.errno(), class_name(kind));
        Ok(ErrorKind::ALL.into_iter().map(row).collect())
    })
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(error_kinds, module)?)
}
