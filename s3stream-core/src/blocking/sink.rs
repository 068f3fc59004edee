//! A sink without async.

use std::sync::Arc;

use bytes::Bytes;

use super::process::Process;
use crate::cancel::Canceller;
use crate::error::Result;
use crate::write::{CreateOptions, PutOutcome, SinkOptions};

/// Objects stored behind whoever puts them, by the client's I/O thread.
///
/// See [`ObjectSink`](crate::ObjectSink). The thread starts with the first of these and ends
/// with the client.
pub struct ObjectSink {
    /// `None` once it has finished, and while it is dropped.
    inner: Option<crate::ObjectSink>,
    process: Arc<Process>,
}

impl ObjectSink {
    pub(super) fn start(process: Arc<Process>, options: SinkOptions) -> Result<Self> {
        let inner = process.client()?.sink_in(process.lane()?, options);
        Ok(ObjectSink { inner: Some(inner), process })
    }

    /// Adds an object, and waits until there is room for another one. A wait that was
    /// interrupted has added it all the same.
    ///
    /// # Errors
    /// As [`ObjectSink::put`](crate::ObjectSink::put).
    pub fn put(
        &mut self,
        bucket: &str,
        key: &str,
        bytes: impl Into<Bytes>,
        options: CreateOptions,
    ) -> Result<()> {
        self.process.check_ours()?;
        let sink = self.inner.as_mut().ok_or_else(super::writer::closed)?;
        sink.push(bucket, key, bytes, options)?;
        // Most of them wait for nothing: no need to enter the runtime for those.
        if sink.has_room() { Ok(()) } else { self.process.run(sink.room())? }
    }

    /// What has become of the oldest put that was not told yet; `None` if all were told.
    ///
    /// # Errors
    /// As [`ObjectSink::next`](crate::ObjectSink::next).
    pub fn next_result(&mut self) -> Result<Option<PutOutcome>> {
        self.process.check_ours()?;
        match &mut self.inner {
            Some(sink) => self.process.run(sink.next())?,
            None => Ok(None),
        }
    }

    /// What is known without waiting, in the order of the puts, each once.
    pub fn results(&mut self) -> Vec<PutOutcome> {
        // After a fork its lock may be held by a thread that is not there.
        let sink = self.inner.as_mut().filter(|_| self.process.is_ours());
        sink.map(crate::ObjectSink::results).unwrap_or_default()
    }

    /// Waits for all that was put, and tells what was not told yet. Later puts are refused.
    ///
    /// # Errors
    /// As [`ObjectSink::finish`](crate::ObjectSink::finish).
    pub fn finish(&mut self) -> Result<Vec<PutOutcome>> {
        let mut results = Vec::new();
        while let Some(outcome) = self.next_result()? {
            results.push(outcome);
        }
        self.inner = None;
        Ok(results)
    }

    /// Ends what is under way and all waits; `None` once it has finished.
    pub fn canceller(&self) -> Option<Canceller> {
        self.inner.as_ref().map(crate::ObjectSink::canceller)
    }
}

impl Drop for ObjectSink {
    fn drop(&mut self) {
        if !self.process.is_ours() {
            // What it would wake belongs to the parent's thread: see `Process`.
            std::mem::forget(self.inner.take());
        }
    }
}
