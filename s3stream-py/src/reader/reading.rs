//! A reader of the core, and what an interrupted read has left behind.

use std::io::{Seek, SeekFrom};
use std::os::fd::OwnedFd;

use s3stream_core::blocking::ObjectReader;
use s3stream_core::{Error, Object, Verdict};

/// A reader that loses nothing when a signal handler raises in the middle of a read.
pub(super) struct Reading {
    reader: ObjectReader,
    /// Bytes that an interrupted read had received, the next ones to be delivered.
    kept: Vec<u8>,
    /// Whether the object is described by a reply, and not by a listing or not at all.
    is_known: bool,
}

impl Reading {
    /// `is_known` unless its request may still be to be sent.
    pub(super) fn new(reader: ObjectReader, is_known: bool) -> Self {
        Reading { reader, kept: Vec::new(), is_known }
    }

    pub(super) fn object(&self) -> &Object {
        self.reader.object()
    }

    pub(super) fn is_newer_than_listed(&self) -> bool {
        self.reader.is_newer_than_listed()
    }

    /// The verdict, once every byte has been delivered.
    pub(super) fn verdict(&self) -> Option<&Verdict> {
        self.reader.verdict().filter(|_| self.kept.is_empty())
    }

    /// Offset in the object of the next byte, in bytes.
    pub(super) fn position(&self) -> u64 {
        self.reader.position() - self.kept.len() as u64
    }

    /// Bytes that are left to read, as far as the object is known.
    pub(super) fn remaining(&self) -> u64 {
        self.reader.remaining() + self.kept.len() as u64
    }

    /// The same, unless that has to be asked for first.
    pub(super) fn known_remaining(&self) -> Option<u64> {
        self.is_known.then(|| self.remaining())
    }

    /// Fills `buffer`; fewer bytes only at the end or before an error.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        let kept = self.kept.len().min(buffer.len());
        buffer[..kept].copy_from_slice(&self.kept[..kept]);
        self.kept.drain(..kept);
        if kept > 0 && kept == buffer.len() {
            return Ok(kept);
        }
        match self.reader.read_full(&mut buffer[kept..]) {
            Ok(read) => {
                self.is_known = true;
                Ok(kept + read)
            }
            // The reader repeats it at the next call.
            Err(_) if kept > 0 => Ok(kept),
            Err(error) => Err(error),
        }
    }

    /// Sees to it that the object is known: sends its request if none has been sent yet.
    pub(super) fn open(&mut self) -> Result<(), Error> {
        if !self.is_known {
            self.reader.opened()?;
            self.is_known = true;
        }
        Ok(())
    }

    /// A descriptor that the rest of the object can be read from; see the core's `open_pipe`.
    pub(super) fn open_pipe(&mut self) -> Result<OwnedFd, Error> {
        if !self.kept.is_empty() {
            // The pipe begins at the next byte; what was kept is read once more.
            self.reader.seek(SeekFrom::Start(self.position())).map_err(core_error)?;
            self.kept.clear();
        }
        self.reader.open_pipe()
    }

    /// Reads and discards what is left, or waits for what goes through the pipe.
    pub(super) fn finish(&mut self) -> Result<Verdict, Error> {
        self.kept.clear();
        self.reader.finish()
    }

    /// Takes bytes back that were read but could not be handed over.
    pub(super) fn keep(&mut self, bytes: &[u8]) {
        self.kept.splice(..0, bytes.iter().copied());
    }

    /// Goes on elsewhere; returns the offset.
    pub(super) fn seek(&mut self, to: SeekFrom) -> Result<u64, Error> {
        let before = self.position();
        let to = match to {
            SeekFrom::Current(by) => {
                // What was kept has been read already, as far as the reader knows.
                let kept = i64::try_from(self.kept.len()).unwrap_or(i64::MAX);
                SeekFrom::Current(by.saturating_sub(kept))
            }
            other => other,
        };
        if self.goes_nowhere(to, before) {
            return Ok(before);
        }
        let offset = self.reader.seek(to).map_err(core_error)?;
        self.kept.clear();
        Ok(offset)
    }

    fn goes_nowhere(&self, to: SeekFrom, before: u64) -> bool {
        let (base, by) = match to {
            SeekFrom::Start(offset) => return offset == before,
            SeekFrom::Current(by) => (self.reader.position(), by),
            SeekFrom::End(by) => (self.object().size, by),
        };
        base.checked_add_signed(by) == Some(before)
    }
}

/// The error that the core has put into `std::io`'s.
fn core_error(error: std::io::Error) -> Error {
    let text = error.to_string();
    match error.into_inner().map(|inner| inner.downcast::<Error>()) {
        Some(Ok(error)) => *error,
        _ => unreachable!("the core's seek fails with its own error alone: {text}"),
    }
}
