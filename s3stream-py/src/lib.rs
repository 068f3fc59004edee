//! The native module `s3stream._native`: so far its version and error table.
//!
//! A backup daemon runs every job in an interpreter of its own, and what a native module
//! keeps in a static is shared by all of them. So this module is flat: functions over plain
//! values, no class, no exception, no Python object in a static.

use pyo3::prelude::*;
use pyo3::types::PyModule;

/// The version of the library.
#[pyfunction]
fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Every kind of error as (number, name, errno), in the order of its number.
#[pyfunction]
fn error_kinds() -> Vec<(u8, &'static str, i32)> {
    s3stream_core::ErrorKind::ALL
        .into_iter()
        .map(|kind| (kind.number(), kind.name(), kind.errno()))
        .collect()
}

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(version, module)?)?;
    module.add_function(wrap_pyfunction!(error_kinds, module)?)
}
