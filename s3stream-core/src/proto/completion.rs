//! Whether an object that was written is there: the judge of replies that came, and of those
//! that did not.
//!
//! That something is under the key proves nothing: it may be somebody else's. That an upload is
//! gone proves nothing: it may have been aborted. What proves an object is a digest of all of it
//! that the server states, or an ETag made of the digests of its parts.

use super::response::ObjectHead;
use super::retry::Failure;
use crate::object::{Algorithm, Checksum, ETag};

/// What the object must look like if it is ours.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) size: u64,
    /// CRC64NVME of the whole, in base64.
    pub(crate) crc64: Option<String>,
    /// Made of the digests: of the bytes, or of the parts.
    pub(crate) etag: Option<ETag>,
}

/// What a description says of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    Ours(By),
    /// It is another one.
    Foreign,
    /// It may be ours.
    Unclear,
}

/// What proves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// The digest of all of it, by CRC64NVME.
    Checksum,
    /// The ETag.
    Etag,
}

impl Stored {
    /// What a description of the object says.
    pub(crate) fn proof(&self, head: &ObjectHead) -> Proof {
        if head.tells_size() && head.object.size != self.size {
            return Proof::Foreign;
        }
        let is_composite = head.composite == Some(true);
        let stated = stated_crc64(&head.object.checksums).filter(|_| !is_composite);
        self.agrees(stated, head.object.etag.as_ref())
    }

    /// What a digest and an ETag say. An ETag that is another one says nothing: many servers
    /// make it of something else.
    fn agrees(&self, crc64: Option<&str>, etag: Option<&ETag>) -> Proof {
        match (crc64, &self.crc64) {
            (Some(stated), Some(ours)) if stated == ours => return Proof::Ours(By::Checksum),
            (Some(_), Some(_)) => return Proof::Foreign,
            _ => {}
        }
        if self.etag.is_some() && etag == self.etag.as_ref() {
            return Proof::Ours(By::Etag);
        }
        Proof::Unclear
    }
}

fn stated_crc64(checksums: &[Checksum]) -> Option<&str> {
    let crc64 = checksums.iter().find(|it| it.algorithm == Algorithm::Crc64Nvme);
    crc64.map(|it| it.value.as_str())
}

/// Whether a request may have been carried out although it has failed: the connection broke, the
/// reply did not come, or the server said that something went wrong in it.
pub(crate) fn is_undecided(failure: Failure, status: Option<u16>) -> bool {
    match failure {
        Failure::Stale | Failure::Transient => {
            status.is_none_or(|status| status >= 500 || status < 300)
        }
        _ => false,
    }
}
