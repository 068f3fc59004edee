//! A writer as `io::Write`.

use std::fmt;
use std::io;
use std::sync::Arc;

use bytes::Bytes;

use super::process::Process;
use crate::cancel::Canceller;
use crate::error::{Error, Result};
use crate::write::{CreateOptions, Written};

/// One object being written; [`finish`](ObjectWriter::finish) alone makes it an object.
///
/// A writer that is dropped leaves nothing: `io::Write::flush`, the end of a scope and a panic
/// publish no prefix. See [`ObjectWriter`](crate::ObjectWriter) for parts, pauses and proof.
pub struct ObjectWriter {
    /// `None` once it was finished or aborted, and while it is dropped.
    inner: Option<crate::ObjectWriter>,
    process: Arc<Process>,
}

impl ObjectWriter {
    pub(super) fn create(
        process: Arc<Process>,
        bucket: &str,
        key: &str,
        options: CreateOptions,
    ) -> Result<Self> {
        let starter = Arc::clone(&process);
        let starting = Box::new(move || starter.lane());
        let inner = process.client()?.create_in(starting, bucket, key, options)?;
        Ok(ObjectWriter { inner: Some(inner), process })
    }

    /// Adds bytes to the object, without a copy. A call that was interrupted has taken them all
    /// the same.
    ///
    /// # Errors
    /// As [`ObjectWriter::write`](crate::ObjectWriter::write).
    pub fn write_bytes(&mut self, bytes: impl Into<Bytes>) -> Result<()> {
        self.process.check_ours()?;
        let writer = self.inner.as_mut().ok_or_else(closed)?;
        self.process.run(writer.write(bytes))?
    }

    /// Bytes that were written so far.
    pub fn position(&self) -> u64 {
        self.inner.as_ref().map_or(0, crate::ObjectWriter::position)
    }

    /// The id of the upload, once more than one part was written.
    pub fn upload_id(&self) -> Option<&str> {
        self.inner.as_ref()?.upload_id()
    }

    /// Ends a wait in another thread with `Cancelled`; the writer has failed then. `None` once
    /// it has ended.
    pub fn canceller(&self) -> Option<Canceller> {
        self.inner.as_ref().map(crate::ObjectWriter::canceller)
    }

    /// Completes the object. Later calls say that it is closed.
    ///
    /// # Errors
    /// As [`ObjectWriter::finish`](crate::ObjectWriter::finish).
    pub fn finish(&mut self) -> Result<Written> {
        self.process.check_ours()?;
        let writer = self.inner.take().ok_or_else(closed)?;
        self.process.run(writer.finish())?
    }

    /// Gives the object up, and removes what has been sent of it. Later calls do nothing.
    ///
    /// # Errors
    /// As [`ObjectWriter::abort`](crate::ObjectWriter::abort).
    pub fn abort(&mut self) -> Result<()> {
        self.process.check_ours()?;
        match self.inner.take() {
            Some(writer) => self.process.run(writer.abort())?,
            None => Ok(()),
        }
    }
}

pub(super) fn closed() -> Error {
    Error::invalid("it is closed")
}

impl io::Write for ObjectWriter {
    /// Takes all of it, as a copy.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_bytes(Bytes::copy_from_slice(bytes))?;
        Ok(bytes.len())
    }

    /// Does nothing: there is no half of an object.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for ObjectWriter {
    fn drop(&mut self) {
        if !self.process.is_ours() {
            // Its upload is the parent's, which may be writing on: see `Process`.
            std::mem::forget(self.inner.take());
        }
    }
}

impl fmt::Debug for ObjectWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectWriter").field("position", &self.position()).finish_non_exhaustive()
    }
}
