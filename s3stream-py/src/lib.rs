//! The native module `s3stream._native`: functions over handles, and nothing else.
//!
//! A backup daemon runs every job in an interpreter of its own, and what a native module
//! keeps in a static is shared by all of them. So this module is flat: functions over plain
//! values and capsules, no class, no exception, no Python object in a static. The classes
//! that people see are Python's (`s3stream/*.py`), made afresh in every interpreter.
//!
//! Every function goes through [`boundary::guarded`], which turns a panic into
//! `InternalError`, and releases the GIL around whatever may wait ([`boundary::wait`]). No
//! thread of the core ever calls Python.

mod boundary;
mod buffer;
mod client;
mod convert;
mod errors;
mod list;
mod names;
mod patterns;
mod plan;
mod reader;
mod report;
mod shared;
mod stream;

use pyo3::prelude::*;
use pyo3::types::PyModule;

/// The version of the library.
#[pyfunction]
fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(version, module)?)?;
    boundary::register(module)?;
    errors::register(module)?;
    client::register(module)?;
    list::register(module)?;
    reader::register(module)?;
    stream::register(module)?;
    names::register(module)?;
    patterns::register(module)?;
    plan::register(module)?;
    report::register(module)
}
