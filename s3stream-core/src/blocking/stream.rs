//! Streams of objects as iterators.

use std::sync::Arc;

use super::process::Process;
use super::reader::ObjectReader;
use super::watch::tells_giving_up;
use crate::cancel::Canceller;
use crate::error::{Error, Result};
use crate::stream::{IntoWanted, StreamOptions, Wanted};

/// Objects in the order in which they are pushed, fetched ahead by the client's I/O thread.
///
/// See [`ObjectStream`](crate::ObjectStream). The thread starts with the first of these and
/// ends with the client.
pub struct ObjectStream {
    /// `None` only while it is dropped.
    inner: Option<crate::ObjectStream>,
    process: Arc<Process>,
}

impl ObjectStream {
    pub(super) fn start(
        process: Arc<Process>,
        bucket: &str,
        options: &StreamOptions,
    ) -> Result<Self> {
        let inner = process.client()?.stream_in(process.lane()?, bucket, options);
        Ok(ObjectStream { inner: Some(inner), process })
    }

    /// Whether more is welcome: pull your source and push while this is true.
    pub fn has_room(&self) -> bool {
        // After a fork its lock may be held by a thread that is not there.
        let stream = self.inner.as_ref().filter(|_| self.process.is_ours());
        stream.is_some_and(crate::ObjectStream::has_room)
    }

    /// Adds an object behind those before it.
    pub fn push(&mut self, wanted: impl Into<Wanted>) {
        if let Some(stream) = self.inner.as_mut().filter(|_| self.process.is_ours()) {
            stream.push(wanted);
        }
    }

    /// The oldest that was pushed and not handed out yet, once it is opened or has failed;
    /// `None` if there is none.
    ///
    /// # Errors
    /// `Cancelled`; `InvalidInput` after a fork. An object's own failure is its reader's.
    pub fn next_reader(&mut self) -> Result<Option<ObjectReader>> {
        let (Some(stream), process) = (&mut self.inner, &self.process) else { return Ok(None) };
        let reader = process.run(stream.next())??;
        Ok(reader.map(|reader| ObjectReader::new(Arc::clone(process), reader)))
    }

    /// Cancels the stream and all its readers.
    pub fn canceller(&self) -> Canceller {
        self.inner.as_ref().expect("a stream has its inside until it is dropped").canceller()
    }
}

impl Drop for ObjectStream {
    fn drop(&mut self) {
        if !self.process.is_ours() {
            // What it would wake belongs to the parent's thread: see `Process`.
            std::mem::forget(self.inner.take());
        }
    }
}

/// The readers of the objects that an iterator names, in its order.
///
/// The iterator is pulled on the caller's thread. An `Err` is its own failure (a listing that
/// broke off), or the stream's: it comes behind the objects before it, and is the last item.
/// An object's failure is its reader's: the first read returns it.
pub struct Streaming<I> {
    objects: Result<ObjectStream>,
    /// `None` once it has ended.
    source: Option<I>,
    failed: Option<Error>,
}

impl<I> Streaming<I> {
    pub(super) fn new(objects: Result<ObjectStream>, source: I) -> Self {
        Streaming { objects, source: Some(source), failed: None }
    }

    /// Cancels the stream and all its readers; `None` if it never began.
    pub fn canceller(&self) -> Option<Canceller> {
        self.objects.as_ref().ok().map(ObjectStream::canceller)
    }
}

impl<I> Iterator for Streaming<I>
where
    I: Iterator<Item: IntoWanted>,
{
    type Item = Result<ObjectReader>;

    fn next(&mut self) -> Option<Result<ObjectReader>> {
        let objects = match &mut self.objects {
            Ok(objects) => objects,
            Err(error) => {
                let error = error.clone();
                return self.source.take().map(|_| Err(error));
            }
        };
        while objects.has_room()
            && let Some(source) = &mut self.source
        {
            let (item, is_given_up) = tells_giving_up(|| source.next());
            match item.map(IntoWanted::into_wanted) {
                Some(Ok(wanted)) => objects.push(wanted),
                // Nobody's failure: the next call asks it again.
                Some(Err(error)) if is_given_up => return Some(Err(error)),
                Some(Err(error)) => {
                    self.failed = Some(error);
                    self.source = None;
                }
                None => self.source = None,
            }
        }
        match tells_giving_up(|| objects.next_reader()) {
            (Ok(Some(reader)), _) => Some(Ok(reader)),
            (Ok(None), _) => self.failed.take().map(Err),
            (Err(error), true) => Some(Err(error)),
            (Err(error), false) => {
                self.source = None;
                self.failed = None;
                // Said once: behind it there is nothing more to come.
                self.objects = Err(error.clone());
                Some(Err(error))
            }
        }
    }
}
