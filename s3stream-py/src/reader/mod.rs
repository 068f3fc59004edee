//! `reader_*`: one object being read.

mod reading;

use std::ffi::CStr;
use std::io::SeekFrom;
use std::os::fd::IntoRawFd;
use std::sync::OnceLock;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyModule};
use s3stream_core::blocking::ObjectReader;
use s3stream_core::{Canceller, ETag, Object, OpenOptions, Verdict};

use self::reading::Reading;
use crate::boundary::{Handle, guarded, wait};
use crate::buffer::{Memory, Unseen, Writable};
use crate::client::ClientHandle;
use crate::convert::{self, ObjectFields};
use crate::errors::{Failure, raise};
use crate::shared::Shared;

const WHAT: &str = "reader";

/// A reader in Python's hands.
pub(crate) struct ReaderHandle {
    reading: Shared<Reading>,
    canceller: Canceller,
    /// What can still be asked when it is closed.
    left: OnceLock<Left>,
}

struct Left {
    object: Object,
    verdict: Option<Verdict>,
    is_newer_than_listed: bool,
}

impl Handle for ReaderHandle {
    const NAME: &'static CStr = c"s3stream.reader";
}

impl ReaderHandle {
    /// `is_known` unless its request may still be to be sent.
    pub(crate) fn new(reader: ObjectReader, is_known: bool) -> Self {
        let canceller = reader.canceller();
        let reading = Shared::new(Reading::new(reader, is_known));
        ReaderHandle { reading, canceller, left: OnceLock::new() }
    }

    /// Asks something of the reader; waits only while another call has it.
    fn ask<T: Send>(
        py: Python<'_>,
        capsule: &Bound<'_, PyCapsule>,
        question: impl FnOnce(&Reading) -> T + Send,
    ) -> PyResult<T> {
        let handle = ReaderHandle::of(capsule)?;
        match handle.reading.borrow_now() {
            Some(reading) => Ok(question(&reading)),
            None => ReaderHandle::tell(py, capsule, |reading| Ok(question(reading))),
        }
    }

    /// Tells the reader something that may take a request.
    fn tell<T: Send>(
        py: Python<'_>,
        capsule: &Bound<'_, PyCapsule>,
        order: impl FnOnce(&mut Reading) -> Result<T, Failure> + Send,
    ) -> PyResult<T> {
        let handle = ReaderHandle::of(capsule)?;
        let waited = wait(py, |signals| {
            let mut reading = handle.reading.borrow(|| signals.go_on())?;
            order(&mut reading)
        });
        waited.into_result()?.map_err(|failure| failure.raise(py, WHAT))
    }

    /// Fills memory of Python's; what an interrupted read has received is kept for the next.
    fn fill(
        &self,
        py: Python<'_>,
        memory: &mut Memory,
        is_to_the_end: bool,
    ) -> PyResult<Result<usize, Failure>> {
        let waited = wait(py, |signals| -> Result<usize, Failure> {
            let mut reading = self.reading.borrow(|| signals.go_on())?;
            let buffer = memory.as_mut();
            let filled = reading.read(buffer)?;
            if signals.has_raised() {
                reading.keep(&buffer[..filled]);
            } else if is_to_the_end {
                // The proof, or the error, comes behind the last byte.
                let mut beyond = [0];
                match reading.read(&mut beyond) {
                    Ok(0) => {}
                    Ok(_) => reading.keep(&beyond),
                    Err(_) if signals.has_raised() => reading.keep(&buffer[..filled]),
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(filled)
        });
        waited.into_result()
    }
}

/// Opens an object; the first bytes are on their way when it returns.
#[pyfunction]
#[pyo3(signature = (client, bucket, key, offset, length, version_id, if_match, listed))]
#[expect(clippy::too_many_arguments, reason = "the contract's `open` has so many")]
fn reader_open<'py>(
    py: Python<'py>,
    client: &Bound<'py, PyCapsule>,
    bucket: &str,
    key: &str,
    offset: u64,
    length: Option<u64>,
    version_id: Option<&str>,
    if_match: Option<&str>,
    listed: Option<(Option<String>, u64)>,
) -> PyResult<Bound<'py, PyCapsule>> {
    guarded(py, || {
        let client = ClientHandle::client(client)?;
        let mut options = OpenOptions::new().offset(offset);
        if let Some(length) = length {
            options = options.length(length);
        }
        if let Some(version_id) = version_id {
            options = options.version_id(version_id);
        }
        if let Some(etag) = if_match {
            options = options.if_match(etag);
        }
        if let Some((etag, size)) = listed {
            let mut listed = Object::new(key);
            listed.etag = etag.as_deref().and_then(ETag::parse);
            listed.size = size;
            options = options.listed(&listed);
        }
        let opened = wait(py, move |_| client.open(bucket, key, options)).into_result()?;
        let reader = opened.map_err(|error| raise(py, &error))?;
        ReaderHandle::new(reader, true).into_capsule(py)
    })
}

/// Reads into a contiguous writable buffer without a copy of its own; 0 at the proven end.
#[pyfunction]
fn reader_read_into(
    py: Python<'_>,
    reader: &Bound<'_, PyCapsule>,
    buffer: &Bound<'_, PyAny>,
) -> PyResult<usize> {
    guarded(py, || {
        let handle = ReaderHandle::of(reader)?;
        let mut writable = Writable::of(buffer)?;
        handle.fill(py, writable.memory(), false)?.map_err(|failure| failure.raise(py, WHAT))
    })
}

/// Reads so many bytes, fewer only at the end; all that are left if `size` is `None`.
#[pyfunction]
#[pyo3(signature = (reader, size))]
fn reader_read<'py>(
    py: Python<'py>,
    reader: &Bound<'py, PyCapsule>,
    size: Option<u64>,
) -> PyResult<Bound<'py, PyBytes>> {
    guarded(py, || {
        let handle = ReaderHandle::of(reader)?;
        let known = handle.reading.borrow_now().and_then(|reading| reading.known_remaining());
        let remaining = match known {
            Some(remaining) => remaining,
            None => ReaderHandle::tell(py, reader, |reading| {
                reading.open()?;
                Ok(reading.remaining())
            })?,
        };
        let mut unseen = Unseen::new(py, size.map_or(remaining, |size| size.min(remaining)))?;
        // Behind the last byte there is the proof to be had, or the error.
        let is_to_the_end = size.is_none() || remaining == 0 && size != Some(0);
        let filled = handle.fill(py, unseen.memory(), is_to_the_end)?;
        Ok(unseen.seen(filled.map_err(|failure| failure.raise(py, WHAT))?))
    })
}

/// Goes on at another offset; `whence` is 0, 1 or 2 as for files. Returns the offset.
#[pyfunction]
fn reader_seek(
    py: Python<'_>,
    reader: &Bound<'_, PyCapsule>,
    offset: i64,
    whence: i32,
) -> PyResult<u64> {
    guarded(py, || {
        let to =
            match whence {
                0 => SeekFrom::Start(u64::try_from(offset).map_err(|_| {
                    PyValueError::new_err(format!("negative seek position {offset}"))
                })?),
                1 => SeekFrom::Current(offset),
                2 => SeekFrom::End(offset),
                _ => return Err(PyValueError::new_err(format!("invalid whence ({whence})"))),
            };
        ReaderHandle::tell(py, reader, |reading| {
            if matches!(to, SeekFrom::End(_)) {
                // The size is not known before the object is.
                reading.open()?;
            }
            Ok(reading.seek(to)?)
        })
    })
}

/// Offset in the object of the next byte, in bytes.
#[pyfunction]
fn reader_tell(py: Python<'_>, reader: &Bound<'_, PyCapsule>) -> PyResult<u64> {
    guarded(py, || ReaderHandle::ask(py, reader, Reading::position))
}

/// The fields of the object, as the reply that was opened describes it.
#[pyfunction]
fn reader_object<'py>(
    py: Python<'py>,
    reader: &Bound<'py, PyCapsule>,
) -> PyResult<ObjectFields<'py>> {
    guarded(py, || {
        let object = match ReaderHandle::of(reader)?.left.get() {
            Some(left) => left.object.clone(),
            None => ReaderHandle::ask(py, reader, |reading| reading.object().clone())?,
        };
        Ok(convert::object(py, object))
    })
}

/// Whether the object is another one than was listed; false until the reply has come.
#[pyfunction]
fn reader_is_newer_than_listed(py: Python<'_>, reader: &Bound<'_, PyCapsule>) -> PyResult<bool> {
    guarded(py, || match ReaderHandle::of(reader)?.left.get() {
        Some(left) => Ok(left.is_newer_than_listed),
        None => ReaderHandle::ask(py, reader, Reading::is_newer_than_listed),
    })
}

/// The fields of the verdict; `None` before the proven end.
#[pyfunction]
fn reader_verdict(
    py: Python<'_>,
    reader: &Bound<'_, PyCapsule>,
) -> PyResult<Option<convert::VerdictFields>> {
    guarded(py, || {
        let verdict = match ReaderHandle::of(reader)?.left.get() {
            Some(left) => left.verdict.clone(),
            None => ReaderHandle::ask(py, reader, |reading| reading.verdict().cloned())?,
        };
        Ok(verdict.as_ref().map(convert::verdict))
    })
}

/// A descriptor that the rest of the object can be read from, fed in the background.
#[pyfunction]
fn reader_open_pipe(py: Python<'_>, reader: &Bound<'_, PyCapsule>) -> PyResult<i32> {
    guarded(py, || {
        let end = ReaderHandle::tell(py, reader, |reading| Ok(reading.open_pipe()?))?;
        Ok(end.into_raw_fd())
    })
}

/// The fields of the verdict, at the end: of the pipe, or of the rest, which is discarded.
#[pyfunction]
fn reader_finish(
    py: Python<'_>,
    reader: &Bound<'_, PyCapsule>,
) -> PyResult<convert::VerdictFields> {
    guarded(py, || {
        let verdict = ReaderHandle::tell(py, reader, |reading| Ok(reading.finish()?))?;
        Ok(convert::verdict(&verdict))
    })
}

/// Ends a wait in another thread, and the reader with it.
#[pyfunction]
fn reader_cancel(py: Python<'_>, reader: &Bound<'_, PyCapsule>) -> PyResult<()> {
    guarded(py, || {
        ReaderHandle::of(reader)?.canceller.cancel();
        Ok(())
    })
}

/// Ends the reader and frees its connection; a read in another thread ends as cancelled.
#[pyfunction]
fn reader_close(py: Python<'_>, reader: &Bound<'_, PyCapsule>) -> PyResult<()> {
    guarded(py, || {
        let handle = ReaderHandle::of(reader)?;
        handle.canceller.cancel();
        py.detach(|| {
            if let Some(reading) = handle.reading.close() {
                handle.left.get_or_init(|| Left {
                    object: reading.object().clone(),
                    verdict: reading.verdict().cloned(),
                    is_newer_than_listed: reading.is_newer_than_listed(),
                });
            }
        });
        Ok(())
    })
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(reader_open, module)?)?;
    module.add_function(wrap_pyfunction!(reader_read_into, module)?)?;
    module.add_function(wrap_pyfunction!(reader_read, module)?)?;
    module.add_function(wrap_pyfunction!(reader_seek, module)?)?;
    module.add_function(wrap_pyfunction!(reader_tell, module)?)?;
    module.add_function(wrap_pyfunction!(reader_object, module)?)?;
    module.add_function(wrap_pyfunction!(reader_is_newer_than_listed, module)?)?;
    module.add_function(wrap_pyfunction!(reader_verdict, module)?)?;
    module.add_function(wrap_pyfunction!(reader_open_pipe, module)?)?;
    module.add_function(wrap_pyfunction!(reader_finish, module)?)?;
    module.add_function(wrap_pyfunction!(reader_cancel, module)?)?;
    module.add_function(wrap_pyfunction!(reader_close, module)?)
}
