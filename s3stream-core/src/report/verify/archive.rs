//! The archive on disk against its manifest: no tar is parsed, the manifest holds offsets.

use std::fmt;
use std::io::{self, Read, Seek, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::{CrcAlgorithm, Digest};

use crate::report::Record;

/// Members of a tar are padded to this, and two such blocks of zeros end it.
const BLOCK: u64 = 512;

/// Read at once.
const BUFFER: usize = 256 * 1024;

/// An archive that is read from its beginning to its end, and compared with the records of its
/// manifest, member by member: every byte of it is looked at.
///
/// ```
/// use s3stream_core::report::{ArchiveCheck, MemberError, Outcome, Record, checksum};
///
/// let mut archive = vec![7; 512 + 3];
/// archive.resize(2 * 512 + 2 * 512, 0);
/// let mut record = Record::new("bucket", "key", Outcome::Streamed);
/// (record.offset, record.data_offset, record.bytes) = (Some(0), Some(512), Some(3));
/// record.header_crc64nvme = Some(checksum(&archive[..512]));
/// record.crc64nvme = Some(checksum(&archive[512..515]));
///
/// let mut check = ArchiveCheck::new(&archive[..]);
/// check.member(&record)?;
/// check.finish()?;
///
/// archive[513] ^= 1;
/// let damaged = ArchiveCheck::new(&archive[..]).member(&record).unwrap_err();
/// assert!(matches!(damaged, MemberError::Damaged(_)));
/// # Ok::<(), MemberError>(())
/// ```
#[derive(Debug)]
pub struct ArchiveCheck<R> {
    archive: R,
    position: u64,
    buffer: Vec<u8>,
}

/// What is wrong with a member of an archive.
#[derive(Debug)]
#[non_exhaustive]
pub enum MemberError {
    /// It is not what the record says; the next one can be looked at all the same.
    Damaged(String),
    /// The record does not say where it is, or keeps no digest of it: one of an earlier
    /// version, or of an archive that went to a stream which kept none.
    Unproven(String),
    /// The archive cannot be read.
    Io(io::Error),
    /// What was read cannot be written.
    Write(io::Error),
}

impl<R: Read> ArchiveCheck<R> {
    /// An archive that is read from its beginning.
    pub fn new(archive: R) -> Self {
        ArchiveCheck { archive, position: 0, buffer: vec![0; BUFFER] }
    }

    /// Reads the member of a record and compares it.
    ///
    /// # Errors
    /// `Damaged`, `Unproven`: the archive stands behind the member all the same, as far as the
    /// record says where that is. `Io` ends it.
    pub fn member(&mut self, record: &Record) -> Result<(), MemberError> {
        self.copy(record, &mut io::sink())
    }

    /// The same, and writes the content to `out`: to be thrown away if this fails.
    ///
    /// # Errors
    /// As [`member`](ArchiveCheck::member), and `Write`.
    pub fn copy(&mut self, record: &Record, out: &mut dyn Write) -> Result<(), MemberError> {
        let at = Location::of(record)?;
        let gap = self.gap(at.offset)?;
        let headers = self.digest(at.data_offset - at.offset, &mut io::sink())?;
        let content = self.digest(at.bytes, out)?;
        let padding = self.zeros(at.bytes.next_multiple_of(BLOCK) - at.bytes)?;
        gap?;
        at.compare("its headers", at.header.as_deref(), &headers)?;
        at.compare("its content", at.content.as_deref(), &content)?;
        padding.map_err(|()| damaged("its padding is not zeros"))
    }

    /// Passes over a member that is known to be no object: that of one that failed.
    ///
    /// # Errors
    /// As [`member`](ArchiveCheck::member), but for the digest of its content.
    pub fn pass_over(&mut self, record: &Record, size: u64) -> Result<(), MemberError> {
        let at = Location { bytes: size, content: None, ..Location::of_any(record)? };
        let gap = self.gap(at.offset)?;
        let headers = self.digest(at.data_offset - at.offset, &mut io::sink())?;
        self.digest(size.next_multiple_of(BLOCK), &mut io::sink())?;
        gap?;
        at.compare("its headers", at.header.as_deref(), &headers)
    }

    /// Where it stands, in bytes.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Reads over what is before a member; how many bytes that was.
    ///
    /// # Errors
    /// `Damaged` if the archive stands behind it already, `Unproven` if the record does not say
    /// where it is, `Io`.
    pub fn skip_to(&mut self, record: &Record) -> Result<u64, MemberError> {
        let between = self.before(record)?;
        self.each(between, |_| Ok(()))?;
        Ok(between)
    }

    fn before(&self, record: &Record) -> Result<u64, MemberError> {
        let offset = Location::of_any(record)?.offset;
        offset.checked_sub(self.position).ok_or_else(|| {
            MemberError::Damaged(format!(
                "its record says that it begins at {offset}, but the one before it ends at {}",
                self.position
            ))
        })
    }

    /// Reads what is behind the last member: two blocks of zeros, and nothing else.
    ///
    /// # Errors
    /// `Damaged`, `Io`.
    pub fn finish(mut self) -> Result<(), MemberError> {
        let is_zeros = self.zeros(2 * BLOCK)?;
        is_zeros.map_err(|()| damaged("what is behind the last member is not its end"))?;
        match self.archive.read(&mut self.buffer[..1]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(damaged("there is more behind the end of the archive")),
            Err(error) => Err(MemberError::Io(error)),
        }
    }

    /// Whether the member begins where the one before it ended; what is between is read over.
    fn gap(&mut self, offset: u64) -> Result<Result<(), MemberError>, MemberError> {
        let position = self.position;
        let wrong = || {
            MemberError::Damaged(format!(
                "its record says that it begins at {offset}, but the one before it ends at \
                 {position}"
            ))
        };
        match offset.checked_sub(position) {
            Some(0) => Ok(Ok(())),
            Some(between) => self.each(between, |_| Ok(())).map(|()| Err(wrong())),
            None => Err(wrong()),
        }
    }

    fn digest(&mut self, length: u64, out: &mut dyn Write) -> Result<String, MemberError> {
        let mut crc = Digest::new(CrcAlgorithm::Crc64Nvme);
        self.each(length, |bytes| {
            crc.update(bytes);
            out.write_all(bytes)
        })?;
        Ok(STANDARD.encode(crc.finalize().to_be_bytes()))
    }

    fn zeros(&mut self, length: u64) -> Result<Result<(), ()>, MemberError> {
        let mut is_zeros = true;
        self.each(length, |bytes| {
            is_zeros &= bytes.iter().all(|byte| *byte == 0);
            Ok(())
        })?;
        Ok(if is_zeros { Ok(()) } else { Err(()) })
    }

    fn each(
        &mut self,
        length: u64,
        mut take: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<(), MemberError> {
        let mut missing = length;
        while missing > 0 {
            let most = usize::try_from(missing).unwrap_or(BUFFER).min(BUFFER);
            let read = match self.archive.read(&mut self.buffer[..most]) {
                Ok(0) => {
                    let end = self.position;
                    let why = format!("the archive ends at {end}, {missing} bytes too early");
                    return Err(MemberError::Io(io::Error::new(io::ErrorKind::UnexpectedEof, why)));
                }
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(MemberError::Io(error)),
            };
            take(&self.buffer[..read]).map_err(MemberError::Write)?;
            self.position += read as u64;
            missing -= read as u64;
        }
        Ok(())
    }
}

impl<R: Read + Seek> ArchiveCheck<R> {
    /// Goes to a member without reading what is before it: one object is taken out of a large
    /// archive so.
    ///
    /// # Errors
    /// As [`skip_to`](ArchiveCheck::skip_to).
    pub fn seek_to(&mut self, record: &Record) -> Result<(), MemberError> {
        let between = self.before(record)?;
        let between = i64::try_from(between).map_err(|_| damaged("it is beyond any file"))?;
        self.archive.seek_relative(between).map_err(MemberError::Io)?;
        self.position += between.unsigned_abs();
        Ok(())
    }
}

/// Where a member is, and which digests it must have.
struct Location {
    offset: u64,
    data_offset: u64,
    bytes: u64,
    header: Option<String>,
    content: Option<String>,
}

impl Location {
    /// Of an object that is in the archive as a whole.
    fn of(record: &Record) -> Result<Location, MemberError> {
        let at = Location::of_any(record)?;
        match at.content {
            Some(_) => Ok(at),
            None => Err(unproven("its record keeps no digest")),
        }
    }

    fn of_any(record: &Record) -> Result<Location, MemberError> {
        let (Some(offset), Some(data_offset)) = (record.offset, record.data_offset) else {
            return Err(unproven("its record does not say where it is"));
        };
        if data_offset < offset {
            return Err(damaged("its record says that its content is before its headers"));
        }
        Ok(Location {
            offset,
            data_offset,
            bytes: record.bytes.unwrap_or_default(),
            header: record.header_crc64nvme.clone(),
            content: record.crc64nvme.clone(),
        })
    }

    fn compare(&self, what: &str, kept: Option<&str>, read: &str) -> Result<(), MemberError> {
        match kept {
            Some(kept) if kept != read => Err(MemberError::Damaged(format!(
                "{what} is not what was written: CRC-64/NVME {read}, recorded {kept}"
            ))),
            _ => Ok(()),
        }
    }
}

fn damaged(why: &str) -> MemberError {
    MemberError::Damaged(why.to_owned())
}

fn unproven(why: &str) -> MemberError {
    MemberError::Unproven(why.to_owned())
}

impl fmt::Display for MemberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MemberError::Damaged(why) | MemberError::Unproven(why) => f.write_str(why),
            MemberError::Io(error) | MemberError::Write(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for MemberError {}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
