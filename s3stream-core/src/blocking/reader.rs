//! A reader as `io::Read` and `io::Seek`.

use std::fmt;
use std::future::poll_fn;
use std::io::{self, SeekFrom};
use std::os::fd::OwnedFd;
use std::sync::Arc;

use bytes::Bytes;

use super::process::Process;
use crate::cancel::Canceller;
use crate::error::{Error, Result};
use crate::object::Object;
use crate::read::pipe::{self, Outcome};
use crate::verdict::Verdict;

/// One object being read; ends only when its bytes are proven to be the server's.
///
/// `read` fills the whole buffer unless the object ends: an agent's blocks stay full. See
/// [`ObjectReader`](crate::ObjectReader) for pauses, errors and proof.
pub struct ObjectReader {
    /// `None` only while it is dropped.
    inner: Option<crate::ObjectReader>,
    process: Arc<Process>,
    /// What becomes of it, once it is read through a pipe.
    pipe: Option<Outcome>,
}

impl ObjectReader {
    pub(super) fn new(process: Arc<Process>, inner: crate::ObjectReader) -> Self {
        ObjectReader { inner: Some(inner), process, pipe: None }
    }

    /// The object, as the reply that was opened describes it.
    pub fn object(&self) -> &Object {
        self.inner().object()
    }

    /// Whether the object is another one than was listed; false until the reply has come. See
    /// [`ObjectReader::is_newer_than_listed`](crate::ObjectReader::is_newer_than_listed).
    pub fn is_newer_than_listed(&self) -> bool {
        self.inner().is_newer_than_listed()
    }

    /// The verdict; `None` until the end has been reached and proven.
    pub fn verdict(&self) -> Option<&Verdict> {
        self.inner().verdict()
    }

    /// Offset in the object of the next byte, in bytes.
    pub fn position(&self) -> u64 {
        self.inner().position()
    }

    /// Bytes still to be delivered, as far as the object is known: see
    /// [`opened`](ObjectReader::opened).
    pub fn remaining(&self) -> u64 {
        self.inner().remaining()
    }

    /// Ends a wait in another thread with `Cancelled`.
    pub fn canceller(&self) -> Canceller {
        self.inner().canceller()
    }

    /// Sends the request if none has been sent yet, and describes the object that it opened.
    ///
    /// # Errors
    /// As [`Client::open`](super::Client::open). The reader has then failed.
    pub fn opened(&mut self) -> Result<&Object> {
        let process = Arc::clone(&self.process);
        let reader = self.inner.as_mut().expect("a reader has its inside until it is dropped");
        process.run(reader.opened())?
    }

    /// Fills `buffer`; fewer bytes only at the end, 0 only at the proven end.
    ///
    /// # Errors
    /// As [`next_piece`](crate::ObjectReader::next_piece). Bytes that were read before the
    /// failure are returned first; the next call then returns the error.
    pub fn read_full(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let (Some(reader), process) = (&mut self.inner, &self.process) else { return Ok(0) };
        if buffer.is_empty() {
            return Ok(0);
        }
        let mut filled = 0;
        match process.run(fill(reader, buffer, &mut filled)) {
            Ok(outcome) => outcome?,
            Err(error) => {
                if process.is_ours() {
                    reader.leave();
                }
                // The wait was given up: what is there is the caller's.
                if filled == 0 {
                    return Err(error);
                }
            }
        }
        Ok(filled)
    }

    /// The next piece as it came, without a copy; `None` at the proven end.
    ///
    /// # Errors
    /// As [`next_piece`](crate::ObjectReader::next_piece).
    pub fn next_piece(&mut self) -> Result<Option<Bytes>> {
        let (Some(reader), process) = (&mut self.inner, &self.process) else { return Ok(None) };
        process.run(reader.next_piece())?
    }

    /// A descriptor from which the rest of the object can be read, fed in the background.
    ///
    /// For agents that read(2) themselves, or poll(2). Its end says nothing: whether the
    /// object was whole, [`finish`](ObjectReader::finish) tells. From here on this reader
    /// itself reads no more. It is one end of a socket pair; closing it ends the feeding.
    ///
    /// # Errors
    /// `Internal` if there are no descriptors or threads left; `InvalidInput` after a fork, or
    /// if it was called before.
    pub fn open_pipe(&mut self) -> Result<OwnedFd> {
        let lane = self.process.lane()?;
        let Some(reader) = self.inner.as_mut().filter(|_| self.pipe.is_none()) else {
            return Err(Error::invalid("it has a pipe already"));
        };
        let (end, outcome) = pipe::open(&lane, reader.hand_over(lane.session()))?;
        self.pipe = Some(outcome);
        Ok(end.into())
    }

    /// The verdict of a read through a pipe; waits until everything has been written.
    ///
    /// To be called when the pipe's end was reached: before that it waits for whoever reads.
    /// Without a pipe it reads and discards what is left.
    ///
    /// # Errors
    /// As [`next_piece`](crate::ObjectReader::next_piece); `Cancelled` if the pipe was closed
    /// before its end.
    pub fn finish(&mut self) -> Result<Verdict> {
        let (Some(reader), process) = (&mut self.inner, &self.process) else {
            return Err(Error::invalid("the reader is closed"));
        };
        if let Some(pipe) = &self.pipe {
            let outcome = process.run(poll_fn(|cx| pipe.poll(cx)))?;
            reader.conclude_elsewhere(&outcome);
            return outcome;
        }
        while process.run(reader.next_piece())??.is_some() {}
        reader.verdict().cloned().ok_or_else(|| Error::invalid("the reader is closed"))
    }

    fn inner(&self) -> &crate::ObjectReader {
        self.inner.as_ref().expect("a reader has its inside until it is dropped")
    }
}

async fn fill(
    reader: &mut crate::ObjectReader,
    buffer: &mut [u8],
    filled: &mut usize,
) -> Result<()> {
    while *filled < buffer.len() {
        match poll_fn(|cx| reader.poll_into(cx, &mut buffer[*filled..])).await {
            Ok(0) => break,
            Ok(read) => *filled += read,
            // The reader repeats it at the next call.
            Err(_) if *filled > 0 => break,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl io::Read for ObjectReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(self.read_full(buffer)?)
    }
}

impl io::Seek for ObjectReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        // It drops a connection, which the parent's runtime would no longer be woken for.
        self.process.check_ours()?;
        let base = match to {
            SeekFrom::Start(offset) => (0, i128::from(offset)),
            SeekFrom::Current(by) => (self.position(), i128::from(by)),
            SeekFrom::End(by) => (self.opened()?.size, i128::from(by)),
        };
        let offset = u64::try_from(i128::from(base.0) + base.1)
            .map_err(|_| Error::invalid("cannot seek to before the first byte"))?;
        if let Some(reader) = &mut self.inner {
            reader.seek(offset);
        }
        Ok(offset)
    }
}

impl Drop for ObjectReader {
    fn drop(&mut self) {
        if !self.process.is_ours() {
            // Its socket is registered with the parent's runtime: see `Process`.
            std::mem::forget(self.inner.take());
        }
    }
}

impl fmt::Debug for ObjectReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
