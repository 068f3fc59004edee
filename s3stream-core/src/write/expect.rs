//! What the bytes of an object must be, held against what they are.

use super::options::Expect;
use super::put::Whole;
use crate::error::{Error, ErrorKind, Result};
use crate::object::ETag;
use crate::proto::checksum::Digest;
use crate::proto::payload::base64;

impl Expect {
    /// Refuses bytes that are not the expected ones.
    pub(super) fn check_whole(&self, whole: &Whole) -> Result<()> {
        self.check_size(whole.payload.length())?;
        if self.checksum.is_some() {
            let mut digest = self.digest();
            let pieces = whole.payload.pieces().iter();
            pieces.for_each(|piece| digest.iter_mut().for_each(|digest| digest.update(piece)));
            self.check_digest(digest)?;
        }
        match &self.etag {
            Some(_) => self.check_etag(whole.md5().as_ref()),
            None => Ok(()),
        }
    }

    pub(super) fn check_size(&self, size: u64) -> Result<()> {
        match self.size {
            Some(expected) if expected != size => {
                Err(unexpected(&format!("{size} bytes were written, not {expected}")))
            }
            _ => Ok(()),
        }
    }

    /// A digest by which the bytes can be checked as they come.
    pub(super) fn digest(&self) -> Option<Digest> {
        self.checksum.as_ref().map(|checksum| Digest::new(checksum.algorithm))
    }

    pub(super) fn check_digest(&self, digest: Option<Digest>) -> Result<()> {
        let (Some(expected), Some(digest)) = (&self.checksum, digest) else { return Ok(()) };
        let value = base64(&digest.finish());
        if value == expected.value {
            return Ok(());
        }
        let name = expected.algorithm.name();
        Err(unexpected(&format!("their {name} is {value}, not {}", expected.value)))
    }

    /// The ETag that the bytes make, as far as it is known.
    pub(super) fn check_etag(&self, etag: Option<&ETag>) -> Result<()> {
        match &self.etag {
            Some(expected) if etag != Some(expected) => {
                let etag = etag.map_or_else(|| "another one".to_owned(), |etag| etag.quoted());
                Err(unexpected(&format!("their ETag is {etag}, not {}", expected.quoted())))
            }
            _ => Ok(()),
        }
    }
}

fn unexpected(what: &str) -> Error {
    let message = format!("the bytes are not the expected ones, and were not stored: {what}");
    Error::new(ErrorKind::Integrity, message)
}
