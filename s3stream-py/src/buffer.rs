//! Memory of Python's that is read into: bytes in the making, and anybody's writable buffer.

use std::ffi::{c_int, c_void};
use std::ptr;

use pyo3::exceptions::PyOverflowError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

// Not in PyO3, because deprecated; in the stable ABI of every version, unlike the buffer
// protocol, which is there from 3.11 on only.
unsafe extern "C" {
    fn PyObject_AsWriteBuffer(
        object: *mut ffi::PyObject,
        buffer: *mut *mut c_void,
        length: *mut ffi::Py_ssize_t,
    ) -> c_int;
}

/// Any contiguous writable buffer, pinned for as long as this lives.
pub(crate) struct Writable<'py> {
    /// Holds the buffer of the object: it can neither move nor go meanwhile.
    _view: Bound<'py, PyAny>,
    memory: Memory,
}

impl<'py> Writable<'py> {
    /// Pins the buffer of `object`.
    ///
    /// # Errors
    /// `TypeError` if it has none, a read-only one, or one that is not contiguous.
    pub(crate) fn of(object: &Bound<'py, PyAny>) -> PyResult<Self> {
        let py = object.py();
        // SAFETY: `object` is an object; what comes back is a new reference or an error.
        let view = unsafe {
            Bound::from_owned_ptr_or_err(py, ffi::PyMemoryView_FromObject(object.as_ptr()))?
        };
        let (mut start, mut length) = (ptr::null_mut(), 0);
        // SAFETY: both places are valid; on success they describe memory that the view pins.
        if unsafe { PyObject_AsWriteBuffer(view.as_ptr(), &mut start, &mut length) } != 0 {
            return Err(PyErr::fetch(py));
        }
        let length = usize::try_from(length)?;
        Ok(Writable { _view: view, memory: Memory { start: start.cast(), length } })
    }

    /// The memory, to be filled without the GIL.
    pub(crate) fn memory(&mut self) -> &mut Memory {
        &mut self.memory
    }
}

/// Bytes that nobody has seen yet.
pub(crate) struct Unseen<'py> {
    bytes: Bound<'py, PyBytes>,
    memory: Memory,
}

impl<'py> Unseen<'py> {
    /// So many bytes, all zero.
    ///
    /// # Errors
    /// `MemoryError`, or `OverflowError` beyond what an address can reach.
    pub(crate) fn new(py: Python<'py>, length: u64) -> PyResult<Self> {
        let too_long = |_| PyOverflowError::new_err("more bytes than memory can have");
        let size = ffi::Py_ssize_t::try_from(length).map_err(too_long)?;
        // SAFETY: NULL asks for bytes to be filled in later, of which we have the only
        // reference; they are zeroed at once, because Rust's slices are never uninitialised.
        unsafe {
            let raw = ffi::PyBytes_FromStringAndSize(ptr::null(), size);
            let bytes: Bound<'py, PyBytes> =
                Bound::from_owned_ptr_or_err(py, raw)?.cast_into_unchecked();
            let start = ffi::PyBytes_AsString(raw).cast::<u8>();
            let length = usize::try_from(size)?;
            ptr::write_bytes(start, 0, length);
            Ok(Unseen { bytes, memory: Memory { start, length } })
        }
    }

    /// The memory, to be filled without the GIL.
    pub(crate) fn memory(&mut self) -> &mut Memory {
        &mut self.memory
    }

    /// The first bytes of it, now for everybody to see.
    pub(crate) fn seen(self, length: usize) -> Bound<'py, PyBytes> {
        if length == self.memory.length {
            return self.bytes;
        }
        PyBytes::new(self.bytes.py(), &self.bytes.as_bytes()[..length])
    }
}

/// A stretch of Python's memory.
pub(crate) struct Memory {
    start: *mut u8,
    length: usize,
}

// SAFETY: `detach` asks for it; the memory is pinned by its owner above, whichever thread
// writes to it.
unsafe impl Send for Memory {}

impl Memory {
    pub(crate) fn as_mut(&mut self) -> &mut [u8] {
        if self.length == 0 {
            // The buffer of an empty object may have no address.
            return &mut [];
        }
        // SAFETY: the owner pins it and says how long it is. A Python program that lets
        // another thread write to the same buffer meanwhile gets mixed bytes, as with any
        // `readinto`.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.length) }
    }
}
