//! One member of the archive into the bucket.

use std::io::{self, Read, Write};

use s3stream_core::blocking::{Client, ObjectWriter};
use s3stream_core::report::{ArchiveCheck, MemberError, Record};
use s3stream_core::{Error, ErrorKind, Object, Result, Written};

use super::arguments::RestoreArguments;
use super::rules::{Decision, decide, options};

/// What became of an object.
pub(super) enum Restored {
    Written(Box<Written>),
    /// It would have been written, and its bytes are proven.
    WouldBe,
    /// The very object is there already.
    IsThere,
    Left(&'static str),
}

/// Why an object was not restored.
pub(super) enum Fault {
    /// The archive is not what the manifest says.
    Member(MemberError),
    /// The server did not take it.
    Server(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Fault::Server(error)
    }
}

/// Where objects go.
pub(super) struct Target<'a> {
    pub(super) client: &'a Client,
    pub(super) bucket: &'a str,
    pub(super) arguments: &'a RestoreArguments,
}

impl Target<'_> {
    /// Restores the member of a record under `key`. The archive stands behind it afterwards,
    /// unless that failed.
    pub(super) fn restore<R: Read>(
        &self,
        archive: &mut ArchiveCheck<R>,
        record: &Record,
        key: &str,
    ) -> std::result::Result<Restored, Fault> {
        let Some(crc) = record.crc64nvme.as_deref() else {
            let why = "its record keeps no digest".to_owned();
            return Err(Fault::Member(MemberError::Unproven(why)));
        };
        let condition = match decide(self.arguments.replace, record, self.there(key)?.as_ref()) {
            Decision::Write(condition) => condition,
            Decision::IsThere => return Ok(Restored::IsThere),
            Decision::Left(why) => return Ok(Restored::Left(why)),
        };
        if self.arguments.dry_run {
            archive.member(record).map_err(Fault::Member)?;
            return Ok(Restored::WouldBe);
        }
        let options = options(self.arguments, record, crc).condition(condition);
        let writer = self.client.create(self.bucket, key, options)?;
        let mut sink = Sink { writer, failed: None };
        match archive.copy(record, &mut sink) {
            Ok(()) => Ok(Restored::Written(Box::new(sink.writer.finish()?))),
            Err(error) => {
                // What is damaged never becomes an object. That the abort fails is the lesser
                // harm: the upload is no object, and the first failure is to be told.
                let _ = sink.writer.abort();
                Err(sink.failed.map_or(Fault::Member(error), Fault::Server))
            }
        }
    }

    /// What is there under a key.
    fn there(&self, key: &str) -> Result<Option<Object>> {
        match self.client.head(self.bucket, key, None) {
            Ok(object) => Ok(Some(object)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A writer whose failure is kept as it is.
struct Sink {
    writer: ObjectWriter,
    failed: Option<Error>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.writer.write_bytes(bytes.to_vec()) {
            Ok(()) => Ok(bytes.len()),
            Err(error) => {
                let message = error.to_string();
                self.failed = Some(error);
                Err(io::Error::other(message))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
