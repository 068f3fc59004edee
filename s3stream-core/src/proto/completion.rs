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
            status.is_none_or(|status| !(300..500).contains(&status))
        }
        _ => false,
    }
}

/// Repetitions of a Complete of which nobody knows what it did: more would only meet what the
/// first one has done.
const MOST_REPETITIONS: u32 = 2;

/// CompleteMultipartUpload, from its first attempt to what is known of it.
///
/// Whoever drives it asks, and tells what came of it; it answers with what to do next.
#[derive(Clone, Debug)]
pub(crate) struct Completion {
    ours: Stored,
    attempts: u32,
    undecided: u32,
    /// The server has said that it is done.
    is_answered: bool,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Ask, once more if that may help.
    Ask,
    /// Look at what is under the key.
    Look,
    /// It is stored, which the server says or a proof does.
    Stored(Known),
    /// What is stored is another object.
    Damaged,
    /// It is not stored: the last error says why.
    Refused,
    /// Nobody knows.
    Unknown,
}

/// How it is known that an object is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// `None` where the server's word and the digests of the parts are all there is.
    pub(crate) by: Option<By>,
    /// The reply that says so never came.
    pub(crate) is_resolved: bool,
}

impl Completion {
    pub(crate) fn new(ours: Stored) -> Self {
        Completion { ours, attempts: 0, undecided: 0, is_answered: false }
    }

    /// What the object looks like if it is ours.
    pub(crate) fn ours(&self) -> &Stored {
        &self.ours
    }

    /// Whether an attempt may have stored it.
    pub(crate) fn is_undecided(&self) -> bool {
        self.undecided > 0 || self.is_answered
    }

    /// The server has said that it is done, and what it has made.
    pub(crate) fn answered(&mut self, crc64: Option<&str>, etag: Option<&ETag>) -> Step {
        self.is_answered = true;
        match self.ours.agrees(crc64, etag) {
            Proof::Ours(by) => self.stored(Some(by)),
            Proof::Foreign => Step::Damaged,
            // An empty one is RadosGW's first; another one says nothing or much: what is there
            // tells more.
            Proof::Unclear => Step::Look,
        }
    }

    /// An attempt has failed.
    pub(crate) fn failed(
        &mut self,
        failure: Failure,
        status: Option<u16>,
        code: Option<&str>,
    ) -> Step {
        self.attempts += 1;
        let is_first = self.attempts == 1;
        // Under 200 something came that is no reply of S3's: the server may have meant it.
        let is_garbled = failure == Failure::Final && status.is_none() && code.is_none();
        if is_garbled || is_undecided(failure, status) {
            self.undecided += 1;
            let goes_on = !is_garbled && self.undecided <= MOST_REPETITIONS;
            return if goes_on { Step::Ask } else { Step::Look };
        }
        match failure {
            // What has been written meanwhile wins: the upload would have to be sent anew.
            _ if code == Some("ConditionalRequestConflict") => self.refused(),
            Failure::Throttled(_) | Failure::Corrected | Failure::Stale | Failure::Transient => {
                Step::Ask
            }
            // An earlier attempt of ours may have ended it, also one that was put off.
            _ if code == Some("NoSuchUpload") && !is_first => Step::Look,
            _ => self.refused(),
        }
    }

    fn refused(&self) -> Step {
        if self.undecided > 0 { Step::Look } else { Step::Refused }
    }

    /// What is under the key was looked at; `None` if there is nothing.
    ///
    /// A refusal that came after an attempt of which nobody knows what it did is the last word
    /// only where something else is there.
    pub(crate) fn looked(&self, proof: Option<Proof>) -> Step {
        match proof {
            Some(Proof::Ours(by)) => self.stored(Some(by)),
            Some(Proof::Foreign) if self.is_answered => Step::Damaged,
            Some(Proof::Unclear) if self.is_answered => self.stored(None),
            _ => Step::Unknown,
        }
    }

    /// What is under the key could not be looked at.
    pub(crate) fn blind(&self) -> Step {
        if self.is_answered { self.stored(None) } else { Step::Unknown }
    }

    fn stored(&self, by: Option<By>) -> Step {
        Step::Stored(Known { by, is_resolved: !self.is_answered })
    }
}

#[cfg(test)]
#[path = "completion_tests.rs"]
mod tests;
