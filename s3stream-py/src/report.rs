//! `report_*`: what became of every object; lines of a manifest and a page for people.

use std::ffi::CStr;
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::{PyOSError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyDict, PyModule};
use s3stream_core::ErrorKind;
use s3stream_core::report::{
    Failure, Foot, Head, Listing, ManifestError, Outcome, Record, Report, Run, read_manifest,
};

use crate::boundary::{Handle, guarded};
use crate::convert::{microseconds, timestamp};

struct ReportHandle(Mutex<Report>);

impl Handle for ReportHandle {
    const NAME: &'static CStr = c"s3stream.report";
}

impl ReportHandle {
    fn report<'a>(capsule: &'a Bound<'_, PyCapsule>) -> PyResult<MutexGuard<'a, Report>> {
        Ok(ReportHandle::of(capsule)?.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A report of nothing yet.
#[pyfunction]
fn report_new(py: Python<'_>) -> PyResult<Bound<'_, PyCapsule>> {
    guarded(py, || ReportHandle(Mutex::default()).into_capsule(py))
}

/// A report of the records in the manifest at `path`, and what it says of its run.
#[pyfunction]
fn report_from_manifest(
    py: Python<'_>,
    path: PathBuf,
) -> PyResult<(Bound<'_, PyCapsule>, Bound<'_, PyDict>)> {
    guarded(py, || {
        let read = || read_manifest(BufReader::new(File::open(&path)?));
        let (report, run) = py.detach(read).map_err(|error| match error {
            ManifestError::Io(error) => PyErr::from(error),
            other => PyValueError::new_err(other.to_string()),
        })?;
        Ok((ReportHandle(Mutex::new(report)).into_capsule(py)?, fields_of(py, run)?))
    })
}

/// The first line of the manifest of a run.
#[pyfunction]
fn report_head<'py>(py: Python<'py>, run: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyBytes>> {
    guarded(py, || {
        let run = run_of(&Fields(run))?;
        written(py, |out| Head::of(&run).write_line(out))
    })
}

/// The last line of the manifest whose records a report was fed.
#[pyfunction]
fn report_foot<'py>(
    py: Python<'py>,
    report: &Bound<'py, PyCapsule>,
    run: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyBytes>> {
    guarded(py, || {
        let run = run_of(&Fields(run))?;
        let report = ReportHandle::report(report)?;
        written(py, |out| Foot::of(&report, &run).write_line(out))
    })
}

/// Takes one record into account; returns its line of the manifest.
#[pyfunction]
fn report_add<'py>(
    py: Python<'py>,
    report: &Bound<'py, PyCapsule>,
    record: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyBytes>> {
    guarded(py, || {
        let record = record_of(&Fields(record))?;
        ReportHandle::report(report)?.add(&record);
        written(py, |out| record.write_line(out))
    })
}

/// What is written, as bytes.
fn written(
    py: Python<'_>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> PyResult<Bound<'_, PyBytes>> {
    let mut text = Vec::new();
    write(&mut text).map_err(|error| PyOSError::new_err(error.to_string()))?;
    Ok(PyBytes::new(py, &text))
}

/// The counts of a report, and what it all comes to.
#[pyfunction]
fn report_summary<'py>(
    py: Python<'py>,
    report: &Bound<'py, PyCapsule>,
    run: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyDict>> {
    guarded(py, || {
        let (report, run) = (ReportHandle::report(report)?, run_of(&Fields(run))?);
        let summary = PyDict::new(py);
        summary.set_item("assessment", report.assess(&run).name())?;
        summary.set_item("streamed", report.streamed())?;
        summary.set_item("skipped", report.skipped())?;
        summary.set_item("failed", report.failed())?;
        summary.set_item("bytes", report.bytes())?;
        let methods = PyDict::new(py);
        for (name, count) in report.methods() {
            methods.set_item(name, count)?;
        }
        summary.set_item("methods", methods)?;
        summary.set_item("newer_than_listed", report.newer_than_listed())?;
        let unproven = PyDict::new(py);
        for (name, count) in report.unproven() {
            unproven.set_item(name, count)?;
        }
        summary.set_item("unproven", unproven)?;
        summary.set_item("probably_damaged", report.probably_damaged())?;
        Ok(summary)
    })
}

/// The page of a report.
#[pyfunction]
fn report_html<'py>(
    py: Python<'py>,
    report: &Bound<'py, PyCapsule>,
    run: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyBytes>> {
    guarded(py, || {
        let run = run_of(&Fields(run))?;
        let report = ReportHandle::report(report)?;
        written(py, |out| report.write_html(&run, out))
    })
}

/// A dictionary of Python's; a name that is absent is one that is not known.
struct Fields<'a, 'py>(&'a Bound<'py, PyDict>);

impl<'py> Fields<'_, 'py> {
    fn optional<T>(&self, name: &str) -> PyResult<Option<T>>
    where
        T: for<'b> FromPyObject<'b, 'py>,
    {
        match self.0.get_item(name)? {
            Some(value) if !value.is_none() => {
                let extracted = value.extract::<T>().map_err(Into::<PyErr>::into);
                // A lone surrogate is Python's own error, and says more than a type would.
                extracted.map(Some).map_err(|error| {
                    PyTypeError::new_err(format!("{name}: {}", error.value(value.py())))
                })
            }
            _ => Ok(None),
        }
    }

    fn text(&self, name: &str) -> PyResult<String> {
        Ok(self.optional(name)?.unwrap_or_default())
    }

    fn required(&self, name: &str) -> PyResult<String> {
        let value = self.optional(name)?;
        value.ok_or_else(|| PyTypeError::new_err(format!("{name} is missing")))
    }
}

fn record_of(fields: &Fields<'_, '_>) -> PyResult<Record> {
    let outcome = match fields.required("outcome")?.as_str() {
        "streamed" => Outcome::Streamed,
        "skipped" => Outcome::Skipped,
        "failed" => Outcome::Failed,
        other => {
            return Err(PyValueError::new_err(format!(
                "outcome is '{other}', not streamed, skipped or failed"
            )));
        }
    };
    let mut record = Record::new(&fields.required("bucket")?, &fields.required("key")?, outcome);
    record.version_id = fields.optional("version_id")?;
    record.size = fields.optional("size")?;
    record.etag = fields.optional("etag")?;
    record.last_modified = fields.optional("last_modified")?.map(timestamp);
    record.storage_class = fields.optional("storage_class")?;
    record.method = fields.optional("method")?;
    record.unproven = fields.optional("unproven")?;
    record.is_probably_damaged = fields.optional("is_probably_damaged")?.unwrap_or_default();
    record.bytes = fields.optional("bytes")?;
    record.is_newer_than_listed = fields.optional("is_newer_than_listed")?.unwrap_or_default();
    record.reread = fields.optional("reread")?;
    record.attempts = fields.optional("attempts")?;
    record.resumes = fields.optional("resumes")?;
    record.retries = fields.optional("retries")?;
    record.seconds = fields.optional("seconds")?;
    record.name = fields.optional("name")?;
    record.reason = fields.optional("reason")?;
    if let Some(kind) = fields.optional::<String>("error_kind")? {
        let mut failure = Failure::new(ErrorKind::Internal, fields.text("error_message")?);
        failure.kind = kind;
        failure.status = fields.optional("error_status")?;
        failure.code = fields.optional("error_code")?;
        record.error = Some(failure);
    }
    Ok(record)
}

fn run_of(fields: &Fields<'_, '_>) -> PyResult<Run> {
    let mut run = Run::default();
    run.bucket = fields.text("bucket")?;
    run.prefix = fields.text("prefix")?;
    run.start_after = fields.optional("start_after")?;
    run.end_at = fields.optional("end_at")?;
    run.endpoint = fields.optional("endpoint")?;
    run.destination = fields.optional("destination")?;
    run.manifest = fields.optional("manifest")?;
    run.tool = fields.text("tool")?;
    run.version = fields.text("version")?;
    run.started = fields.optional("started")?.map(timestamp);
    run.ended = fields.optional("ended")?.map(timestamp);
    run.listed = fields.optional("listed")?;
    run.listing = match fields.optional::<bool>("is_listing_complete")? {
        None => Listing::Unknown,
        Some(true) => Listing::Complete,
        Some(false) => Listing::Incomplete(fields.text("listing_error")?),
    };
    run.listing_end = fields.optional("listing_end")?;
    run.listing_order = fields.optional("listing_order")?;
    run.listing_remarks = fields.optional("listing_remarks")?.unwrap_or_default();
    run.rules = fields.optional("rules")?.unwrap_or_default();
    Ok(run)
}

/// A run as [`run_of`] takes it.
fn fields_of(py: Python<'_>, run: Run) -> PyResult<Bound<'_, PyDict>> {
    let fields = PyDict::new(py);
    fields.set_item("bucket", run.bucket)?;
    fields.set_item("prefix", run.prefix)?;
    fields.set_item("start_after", run.start_after)?;
    fields.set_item("end_at", run.end_at)?;
    fields.set_item("endpoint", run.endpoint)?;
    fields.set_item("destination", run.destination)?;
    fields.set_item("tool", run.tool)?;
    fields.set_item("version", run.version)?;
    fields.set_item("started", run.started.map(microseconds))?;
    fields.set_item("ended", run.ended.map(microseconds))?;
    fields.set_item("listed", run.listed)?;
    match run.listing {
        Listing::Complete => fields.set_item("is_listing_complete", true)?,
        Listing::Incomplete(why) => {
            fields.set_item("is_listing_complete", false)?;
            fields.set_item("listing_error", why)?;
        }
        _ => {}
    }
    fields.set_item("listing_end", run.listing_end)?;
    fields.set_item("listing_order", run.listing_order)?;
    fields.set_item("listing_remarks", run.listing_remarks)?;
    fields.set_item("rules", run.rules)?;
    Ok(fields)
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(report_new, module)?)?;
    module.add_function(wrap_pyfunction!(report_from_manifest, module)?)?;
    module.add_function(wrap_pyfunction!(report_head, module)?)?;
    module.add_function(wrap_pyfunction!(report_foot, module)?)?;
    module.add_function(wrap_pyfunction!(report_add, module)?)?;
    module.add_function(wrap_pyfunction!(report_summary, module)?)?;
    module.add_function(wrap_pyfunction!(report_html, module)?)
}
