//! One object into the archive.

use std::io;

use s3stream_core::blocking::ObjectReader;
use s3stream_core::report::{Failure, Record};
use s3stream_core::{Error, ErrorKind, Object, Result, Verdict};

use crate::archive::{Archive, Known};
use crate::show::Progress;

/// Read and written at once; all that the command itself keeps of an object.
const BUFFER: usize = 256 * 1024;

/// Copies objects, one after another, through one buffer.
pub(crate) struct Copier {
    buffer: Vec<u8>,
}

/// The record of an object as its reply describes it, with the verdict once there is one.
pub(crate) type Describe<'a> = &'a dyn Fn(&Object, Option<&Verdict>) -> Record;

/// Why an object is not in the archive.
pub(crate) struct Fault {
    /// As the reply that was opened describes it, or the listing if there was none.
    pub(crate) described: Box<Object>,
    pub(crate) cause: Cause,
}

pub(crate) enum Cause {
    /// It could not be read.
    Read(Error),
    /// What was read is not what was announced: no error of the client, but none to trust.
    Length(Failure),
    /// It could not be written. No other object can be, either.
    Write(io::Error),
}

impl From<Error> for Cause {
    fn from(error: Error) -> Self {
        Cause::Read(error)
    }
}

impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Self {
        Cause::Write(error)
    }
}

impl Copier {
    pub(crate) fn new() -> Self {
        Copier { buffer: vec![0; BUFFER] }
    }

    /// Copies an object to its proven end; a member that was begun is left to the caller
    /// to abandon if it fails.
    pub(crate) fn copy(
        &mut self,
        reader: &mut ObjectReader,
        name: &str,
        describe: Describe<'_>,
        archive: &mut Archive,
        progress: &mut Progress,
    ) -> Result<Record, Fault> {
        let object = reader.object().clone();
        let copied = self.transfer(reader, &object, name, describe, archive, progress);
        copied.map_err(|cause| Fault { described: Box::new(object), cause })
    }

    fn transfer(
        &mut self,
        reader: &mut ObjectReader,
        object: &Object,
        name: &str,
        describe: Describe<'_>,
        archive: &mut Archive,
        progress: &mut Progress,
    ) -> Result<Record, Cause> {
        // Read before the header is written: what fails early leaves no member behind.
        let mut filled = self.fill(reader)?;
        let written_at = object.last_modified.map_or(0, |time| time.unix_seconds());
        let written_at = u64::try_from(written_at).unwrap_or(0);
        // A small object has ended by now, and all is known of it.
        let known = if reader.verdict().is_some() { Known::Before } else { Known::Behind };
        let attributes = describe(object, reader.verdict()).attributes();
        archive.begin(name, object.size, written_at, &attributes, known)?;
        while filled > 0 {
            if filled as u64 > archive.missing() {
                return Err(disagrees("more bytes came than the reply announced"));
            }
            archive.write(&self.buffer[..filled])?;
            progress.bytes(filled as u64);
            filled = self.fill(reader)?;
        }
        if archive.missing() > 0 {
            return Err(disagrees("fewer bytes came than the reply announced"));
        }
        let Some(verdict) = reader.verdict() else {
            return Err(disagrees("the end came without a verdict"));
        };
        let mut record = describe(object, Some(verdict));
        if let Some(placed) = archive.end(&record.attributes())? {
            record.name = Some(name.to_owned());
            placed.enter(&mut record);
        }
        Ok(record)
    }

    /// Fills the buffer, or reads to the proven end; an error comes at once, not after the
    /// bytes before it, so that small objects fail before they are begun.
    fn fill(&mut self, reader: &mut ObjectReader) -> Result<usize> {
        let mut filled = 0;
        while filled < self.buffer.len() {
            match reader.read_full(&mut self.buffer[filled..])? {
                0 => break,
                read => filled += read,
            }
        }
        Ok(filled)
    }
}

/// The reader promises that this cannot be; a backup looks all the same.
fn disagrees(message: &str) -> Cause {
    Cause::Length(Failure::new(ErrorKind::Integrity, message))
}
