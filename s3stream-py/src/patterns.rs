//! `pattern_new`, `pattern_matches`: regular expressions that take linear time on any text.
//!
//! Python's own backtrack: some expressions take minutes for a text of thirty characters, with
//! the GIL held, and the texts are keys that strangers write.

use std::ffi::CStr;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyModule};
use regex::{Regex, RegexBuilder};

use crate::boundary::{Handle, guarded};

/// Bytes that a compiled expression may take: `(a{999}){999}` would take gigabytes.
const LARGEST: usize = 4 << 20;

struct Pattern(Regex);

impl Handle for Pattern {
    const NAME: &'static CStr = c"s3stream.pattern";
}

/// An expression that is to match a whole text; `.` matches a line break too.
#[pyfunction]
fn pattern_new<'py>(py: Python<'py>, expression: &str) -> PyResult<Bound<'py, PyCapsule>> {
    guarded(py, || {
        // On its own first: `a)|(b` would be one within a group.
        compile(expression)?;
        Pattern(compile(&format!(r"\A(?:{expression})\z"))?).into_capsule(py)
    })
}

/// Whether it matches the whole text.
#[pyfunction]
fn pattern_matches(py: Python<'_>, pattern: &Bound<'_, PyCapsule>, text: &str) -> PyResult<bool> {
    guarded(py, || Ok(Pattern::of(pattern)?.0.is_match(text)))
}

fn compile(expression: &str) -> PyResult<Regex> {
    RegexBuilder::new(expression)
        .dot_matches_new_line(true)
        .size_limit(LARGEST)
        .build()
        .map_err(|error| PyValueError::new_err(one_line(&error)))
}

/// The reason alone: the rest draws arrows below the expression, on lines of their own.
fn one_line(error: &regex::Error) -> String {
    let text = error.to_string();
    let reason = text.lines().last().unwrap_or_default();
    reason.trim().trim_start_matches("error: ").to_owned()
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(pattern_new, module)?)?;
    module.add_function(wrap_pyfunction!(pattern_matches, module)?)
}
