//! `file_name`, `key_of`, `version_*`, `names_*`: keys as file names, both ways.

use std::ffi::CStr;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyModule};
use s3stream_core::name;

use crate::boundary::{Handle, guarded};
use crate::errors::raise;

struct NamesHandle(Mutex<name::Names>);

impl Handle for NamesHandle {
    const NAME: &'static CStr = c"s3stream.names";
}

/// The file name of one key on its own.
#[pyfunction]
fn file_name(py: Python<'_>, key: &str) -> PyResult<String> {
    guarded(py, || Ok(name::file_name(key)))
}

/// The key of a file name that was made from one.
#[pyfunction]
fn key_of(py: Python<'_>, file_name: &str) -> PyResult<String> {
    guarded(py, || name::key(file_name).map_err(|error| raise(py, &error)))
}

/// The path of one version of a key.
#[pyfunction]
fn version_file_name(py: Python<'_>, key: &str, version_id: &str) -> PyResult<String> {
    guarded(py, || Ok(name::version_file_name(key, version_id)))
}

/// The key and the version's id of a path that was made from them.
#[pyfunction]
fn version_of(py: Python<'_>, file_name: &str) -> PyResult<(String, String)> {
    guarded(py, || name::version_of(file_name).map_err(|error| raise(py, &error)))
}

/// File names for the keys of one listing.
#[pyfunction]
fn names_new(py: Python<'_>) -> PyResult<Bound<'_, PyCapsule>> {
    guarded(py, || NamesHandle(Mutex::default()).into_capsule(py))
}

/// The file name of the next key; keys come in ascending order.
#[pyfunction]
fn names_file_name(py: Python<'_>, names: &Bound<'_, PyCapsule>, key: &str) -> PyResult<String> {
    guarded(py, || {
        let names = NamesHandle::of(names)?;
        Ok(names.0.lock().unwrap_or_else(PoisonError::into_inner).file_name(key))
    })
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(file_name, module)?)?;
    module.add_function(wrap_pyfunction!(key_of, module)?)?;
    module.add_function(wrap_pyfunction!(version_file_name, module)?)?;
    module.add_function(wrap_pyfunction!(version_of, module)?)?;
    module.add_function(wrap_pyfunction!(names_new, module)?)?;
    module.add_function(wrap_pyfunction!(names_file_name, module)?)
}
