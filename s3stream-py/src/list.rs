//! `list_*`: a listing in progress.

use std::ffi::CStr;

use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyList, PyModule};
use s3stream_core::blocking::ObjectList;
use s3stream_core::{Canceller, Entry, ListOptions, ListSummary};

use crate::boundary::{Handle, guarded, wait};
use crate::client::ClientHandle;
use crate::convert;
use crate::errors::Failure;
use crate::shared::Shared;

/// Entries that one call hands over: enough to spare calls, few enough to begin at once.
const MOST: usize = 128;

struct ListHandle {
    list: Shared<ObjectList>,
    /// `None` if the listing could not begin; it fails at once then.
    canceller: Option<Canceller>,
}

impl Handle for ListHandle {
    const NAME: &'static CStr = c"s3stream.list";
}

/// Begins a listing; nothing is sent before the first `list_next`.
#[pyfunction]
#[pyo3(signature = (
    client, bucket, prefix, delimiter, start_after, end_at, versions, prove_end, ordered,
    restore_status
))]
#[expect(clippy::too_many_arguments, reason = "the selection of a listing has so many parts")]
fn list_new<'py>(
    py: Python<'py>,
    client: &Bound<'py, PyCapsule>,
    bucket: &str,
    prefix: &str,
    delimiter: Option<&str>,
    start_after: Option<&str>,
    end_at: Option<&str>,
    versions: bool,
    prove_end: bool,
    ordered: bool,
    restore_status: bool,
) -> PyResult<Bound<'py, PyCapsule>> {
    guarded(py, || {
        let client = ClientHandle::client(client)?;
        let mut options = ListOptions::new()
            .prefix(prefix)
            .versions(versions)
            .prove_end(prove_end)
            .ordered(ordered)
            .restore_status(restore_status);
        if let Some(delimiter) = delimiter {
            options = options.delimiter(delimiter);
        }
        if let Some(key) = start_after {
            options = options.start_after(key);
        }
        if let Some(key) = end_at {
            options = options.end_at(key);
        }
        let list = client.list(bucket, options);
        let canceller = list.canceller();
        ListHandle { list: Shared::new(list), canceller }.into_capsule(py)
    })
}

/// The next entries: waits for one, adds what is there already. False at the proven end.
///
/// They are put into `ready`, the last one first, and not returned: between a return and what
/// is done with it a signal handler may raise, and they would be lost.
#[pyfunction]
fn list_next(
    py: Python<'_>,
    list: &Bound<'_, PyCapsule>,
    ready: &Bound<'_, PyList>,
) -> PyResult<bool> {
    guarded(py, || {
        let handle = ListHandle::of(list)?;
        let waited = wait(py, |signals| -> Result<Vec<Entry>, Failure> {
            let mut list = handle.list.borrow(|| signals.go_on())?;
            let Some(first) = list.next_entry()? else { return Ok(Vec::new()) };
            let mut entries = vec![first];
            while entries.len() < MOST
                && let Some(entry) = list.next_ready()
            {
                entries.push(entry);
            }
            Ok(entries)
        });
        let entries = waited.into_result()?.map_err(|failure| failure.raise(py, "listing"))?;
        let has_more = !entries.is_empty();
        for entry in entries.into_iter().rev() {
            match entry {
                Entry::Object(object) => ready.append(convert::object(py, object))?,
                Entry::CommonPrefix(group) => ready.append(group.prefix)?,
            }
        }
        Ok(has_more)
    })
}

/// The fields of a `ListSummary`.
type SummaryFields = (&'static str, bool, &'static str, u32, u64, u64, Vec<String>);

/// How the listing stands; `None` if it never began.
#[pyfunction]
fn list_summary(py: Python<'_>, list: &Bound<'_, PyCapsule>) -> PyResult<Option<SummaryFields>> {
    guarded(py, || {
        let handle = ListHandle::of(list)?;
        let waited = wait(py, |signals| -> Result<Option<ListSummary>, Failure> {
            Ok(handle.list.borrow(|| signals.go_on())?.summary())
        });
        let summary = waited.into_result()?.map_err(|failure| failure.raise(py, "listing"))?;
        Ok(summary.map(|summary| {
            (
                summary.order.name(),
                summary.no_repeats,
                summary.end.name(),
                summary.early_ends,
                summary.unreadable,
                summary.without_time,
                summary.remarks(),
            )
        }))
    })
}

/// Ends a wait of `list_next` in another thread, and the listing with it.
#[pyfunction]
fn list_cancel(py: Python<'_>, list: &Bound<'_, PyCapsule>) -> PyResult<()> {
    guarded(py, || {
        if let Some(canceller) = &ListHandle::of(list)?.canceller {
            canceller.cancel();
        }
        Ok(())
    })
}

/// Ends the listing and frees its connection.
#[pyfunction]
fn list_close(py: Python<'_>, list: &Bound<'_, PyCapsule>) -> PyResult<()> {
    guarded(py, || {
        let handle = ListHandle::of(list)?;
        if let Some(canceller) = &handle.canceller {
            canceller.cancel();
        }
        py.detach(|| drop(handle.list.close()));
        Ok(())
    })
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(list_new, module)?)?;
    module.add_function(wrap_pyfunction!(list_next, module)?)?;
    module.add_function(wrap_pyfunction!(list_summary, module)?)?;
    module.add_function(wrap_pyfunction!(list_cancel, module)?)?;
    module.add_function(wrap_pyfunction!(list_close, module)?)
}
