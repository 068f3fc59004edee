//! `stream_*`: many objects, fetched ahead of whoever reads them.

use std::borrow::Cow;
use std::ffi::CStr;

use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyModule};
use s3stream_core::blocking::ObjectStream;
use s3stream_core::{Canceller, ETag, Object, StreamOptions, Wanted};

use crate::boundary::{Handle, guarded, wait};
use crate::client::ClientHandle;
use crate::convert::timestamp;
use crate::errors::{Failure, raise};
use crate::reader::ReaderHandle;
use crate::shared::Shared;

const WHAT: &str = "stream";

struct StreamHandle {
    stream: Shared<ObjectStream>,
    canceller: Canceller,
}

impl Handle for StreamHandle {
    const NAME: &'static CStr = c"s3stream.stream";
}

impl StreamHandle {
    fn tell<T: Send>(
        py: Python<'_>,
        capsule: &Bound<'_, PyCapsule>,
        order: impl FnOnce(&mut ObjectStream) -> Result<T, Failure> + Send,
    ) -> PyResult<T> {
        let handle = StreamHandle::of(capsule)?;
        let waited = wait(py, |signals| {
            let mut stream = handle.stream.borrow(|| signals.go_on())?;
            order(&mut stream)
        });
        waited.into_result()?.map_err(|failure| failure.raise(py, WHAT))
    }
}

/// A stream that is fed by `stream_push`.
#[pyfunction]
fn stream_new<'py>(
    py: Python<'py>,
    client: &Bound<'py, PyCapsule>,
    bucket: &str,
    concurrency: usize,
) -> PyResult<Bound<'py, PyCapsule>> {
    guarded(py, || {
        let client = ClientHandle::client(client)?;
        let options = StreamOptions::new().concurrency(concurrency);
        let started = py.detach(move || client.object_stream(bucket, options));
        let stream = started.map_err(|error| raise(py, &error))?;
        let canceller = stream.canceller();
        StreamHandle { stream: Shared::new(stream), canceller }.into_capsule(py)
    })
}

/// Whether more is welcome.
#[pyfunction]
fn stream_has_room(py: Python<'_>, stream: &Bound<'_, PyCapsule>) -> PyResult<bool> {
    guarded(py, || match StreamHandle::of(stream)?.stream.borrow_now() {
        Some(stream) => Ok(stream.has_room()),
        None => StreamHandle::tell(py, stream, |stream| Ok(stream.has_room())),
    })
}

/// Adds an object. Without a size nothing else is known of it; times in microseconds.
#[pyfunction]
#[pyo3(signature = (
    stream, key, version_id, if_match, size, ahead, etag, last_modified, storage_class,
    is_delete_marker
))]
#[expect(clippy::too_many_arguments, reason = "so much may be known of an object")]
fn stream_push(
    py: Python<'_>,
    stream: &Bound<'_, PyCapsule>,
    key: String,
    version_id: Option<String>,
    if_match: Option<String>,
    size: Option<u64>,
    ahead: bool,
    etag: Option<&str>,
    last_modified: Option<i64>,
    storage_class: Option<String>,
    is_delete_marker: bool,
) -> PyResult<()> {
    guarded(py, || {
        let mut wanted = match size {
            None => {
                let wanted = Wanted::new(key);
                version_id.into_iter().fold(wanted, Wanted::version_id)
            }
            Some(size) => {
                let mut object = Object::new(key);
                object.size = size;
                object.version_id = version_id;
                object.etag = etag.and_then(ETag::parse);
                object.last_modified = last_modified.map(timestamp);
                object.storage_class = storage_class.map(Cow::Owned);
                object.is_delete_marker = is_delete_marker;
                Wanted::from(object)
            }
        }
        .ahead(ahead);
        if let Some(etag) = if_match {
            wanted = wanted.if_match(etag);
        }
        StreamHandle::tell(py, stream, |stream| {
            stream.push(wanted);
            Ok(())
        })
    })
}

/// Adds an entry of a listing that cannot be read: its reader fails.
#[pyfunction]
fn stream_push_unreadable(
    py: Python<'_>,
    stream: &Bound<'_, PyCapsule>,
    key: String,
    why: String,
) -> PyResult<()> {
    guarded(py, || {
        StreamHandle::tell(py, stream, |stream| {
            stream.push(Wanted::unreadable(key, why));
            Ok(())
        })
    })
}

/// The oldest that was pushed and not handed out yet, as a reader; `None` if there is none.
#[pyfunction]
fn stream_next<'py>(
    py: Python<'py>,
    stream: &Bound<'py, PyCapsule>,
) -> PyResult<Option<Bound<'py, PyCapsule>>> {
    guarded(py, || {
        let reader = StreamHandle::tell(py, stream, |stream| Ok(stream.next_reader()?))?;
        reader.map(|reader| ReaderHandle::new(reader, false).into_capsule(py)).transpose()
    })
}

/// Ends a wait of `stream_next` in another thread, the stream and its readers.
#[pyfunction]
fn stream_cancel(py: Python<'_>, stream: &Bound<'_, PyCapsule>) -> PyResult<()> {
    guarded(py, || {
        StreamHandle::of(stream)?.canceller.cancel();
        Ok(())
    })
}

/// Ends the stream and all its readers.
#[pyfunction]
fn stream_close(py: Python<'_>, stream: &Bound<'_, PyCapsule>) -> PyResult<()> {
    guarded(py, || {
        let handle = StreamHandle::of(stream)?;
        handle.canceller.cancel();
        py.detach(|| drop(handle.stream.close()));
        Ok(())
    })
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(stream_new, module)?)?;
    module.add_function(wrap_pyfunction!(stream_has_room, module)?)?;
    module.add_function(wrap_pyfunction!(stream_push, module)?)?;
    module.add_function(wrap_pyfunction!(stream_push_unreadable, module)?)?;
    module.add_function(wrap_pyfunction!(stream_next, module)?)?;
    module.add_function(wrap_pyfunction!(stream_cancel, module)?)?;
    module.add_function(wrap_pyfunction!(stream_close, module)?)
}
