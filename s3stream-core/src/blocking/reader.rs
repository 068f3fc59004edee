//! A reader as `io::Read` and `io::Seek`.

use std::fmt;
use std::io::{self, SeekFrom};
use std::sync::Arc;

use bytes::Bytes;

use super::process::Process;
use crate::cancel::Canceller;
use crate::error::{Error, Result};
use crate::object::Object;
use crate::verdict::Verdict;

/// One object being read; ends only when its bytes are proven to be the server's.
///
/// `read` fills the whole buffer unless the object ends: an agent's blocks stay full. See
/// [`ObjectReader`](crate::ObjectReader) for pauses, errors and proof.
pub struct ObjectReader {
    /// `None` only while it is dropped.
    inner: Option<crate::ObjectReader>,
    process: Arc<Process>,
}

impl ObjectReader {
    pub(super) fn new(process: Arc<Process>, inner: crate::ObjectReader) -> Self {
        ObjectReader { inner: Some(inner), process }
    }

    /// The object, as the reply that was opened describes it.
    pub fn object(&self) -> &Object {
        self.inner().object()
    }

    /// The verdict; `None` until the end has been reached and proven.
    pub fn verdict(&self) -> Option<&Verdict> {
        self.inner().verdict()
    }

    /// Offset in the object of the next byte, in bytes.
    pub fn position(&self) -> u64 {
        self.inner().position()
    }

    /// Ends a wait in another thread with `Cancelled`.
    pub fn canceller(&self) -> Canceller {
        self.inner().canceller()
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
        process.run(fill(reader, buffer))?
    }

    /// The next piece as it came, without a copy; `None` at the proven end.
    ///
    /// # Errors
    /// As [`next_piece`](crate::ObjectReader::next_piece).
    pub fn next_piece(&mut self) -> Result<Option<Bytes>> {
        let (Some(reader), process) = (&mut self.inner, &self.process) else { return Ok(None) };
        process.run(reader.next_piece())?
    }

    fn inner(&self) -> &crate::ObjectReader {
        self.inner.as_ref().expect("a reader has its inside until it is dropped")
    }
}

async fn fill(reader: &mut crate::ObjectReader, buffer: &mut [u8]) -> Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        let piece = match reader.next_up_to(buffer.len() - filled).await {
            Ok(Some(piece)) => piece,
            Ok(None) => break,
            // The reader repeats it at the next call.
            Err(_) if filled > 0 => break,
            Err(error) => return Err(error),
        };
        copy(&piece, &mut buffer[filled..filled + piece.len()]);
        filled += piece.len();
    }
    Ok(filled)
}

/// Copies in pieces that stay on the vector path of glibc's memcpy: above a few KiB it
/// switches to `rep movsb`, which takes twice the time where source and destination are
/// not aligned alike, and behind a reply's head they never are.
fn copy(from: &[u8], to: &mut [u8]) {
    const PIECE: usize = 2 * 1024;
    for (from, to) in from.chunks(PIECE).zip(to.chunks_mut(PIECE)) {
        to.copy_from_slice(from);
    }
}

impl io::Read for ObjectReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(self.read_full(buffer)?)
    }
}

impl io::Seek for ObjectReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let base = match to {
            SeekFrom::Start(offset) => (0, i128::from(offset)),
            SeekFrom::Current(by) => (self.position(), i128::from(by)),
            SeekFrom::End(by) => (self.object().size, i128::from(by)),
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
