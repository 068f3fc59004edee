//! Digests, and which one proves an object.
//!
//! See "Checking object integrity" in the Amazon S3 user guide: `x-amz-checksum-*` is of the
//! whole object or a composite of its parts; the ETag is the MD5 of a single-part upload
//! that is not under SSE-KMS or SSE-C, and the MD5 of the parts' MD5s of a multipart upload.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use sha2::Digest as _;

use super::response::ObjectHead;
use crate::object::Algorithm;
use crate::verdict::{Integrity, Method, Unproven};

/// What a reply offers to prove an object by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// A digest of all bytes.
    Whole { algorithm: Algorithm, expected: Vec<u8> },
    /// A digest of the digests of that many parts.
    Parts { algorithm: Algorithm, expected: Vec<u8>, parts: u32 },
    /// Nothing but the length, and why.
    Length(Unproven),
}

impl Proof {
    /// The strongest proof that the reply offers and the setting wants.
    pub(crate) fn choose(head: &ObjectHead, integrity: Integrity) -> Self {
        let wanted = |proof: &Proof| match integrity {
            Integrity::Full => true,
            Integrity::Cheap => proof.algorithm().is_some_and(Algorithm::is_cheap),
            Integrity::Length => false,
        };
        let mut left_out = Unproven::NoneOffered;
        for proof in Proof::offered(head) {
            if wanted(&proof) {
                return proof;
            }
            left_out = Unproven::NotAsked;
        }
        // A checksum that nobody can read, with nothing beside it.
        if left_out == Unproven::NoneOffered && !head.object.checksums.is_empty() {
            left_out = Unproven::NotCheckable;
        }
        Proof::Length(left_out)
    }

    /// All that the reply offers, the strongest first.
    fn offered(head: &ObjectHead) -> impl Iterator<Item = Self> {
        let stated = head.object.checksums.iter();
        stated
            .filter_map(|c| parse_stated(c.algorithm, &c.value, head.composite))
            .chain(Proof::of_etag(head))
    }

    /// Whether its digest is too slow to run in the way of a read.
    pub(crate) fn is_slow(&self) -> bool {
        self.algorithm().is_some_and(Algorithm::is_slow)
    }

    fn algorithm(&self) -> Option<Algorithm> {
        match self {
            Proof::Whole { algorithm, .. } | Proof::Parts { algorithm, .. } => Some(*algorithm),
            Proof::Length(_) => None,
        }
    }

    fn of_etag(head: &ObjectHead) -> Option<Self> {
        let etag = head.object.etag.as_ref().filter(|_| head.etag_is_md5)?;
        let algorithm = Algorithm::Md5;
        if let Some(md5) = etag.md5() {
            return Some(Proof::Whole { algorithm, expected: md5.to_vec() });
        }
        let (md5, parts) = etag.multipart()?;
        Some(Proof::Parts { algorithm, expected: md5.to_vec(), parts })
    }

    /// The method that a verdict names when this proof holds.
    pub(crate) fn method(&self) -> Method {
        match self {
            Proof::Whole { algorithm, .. } => Method::Checksum(*algorithm),
            Proof::Parts { .. } => Method::Composite,
            Proof::Length(_) => Method::Length,
        }
    }
}

/// Reads `base64` or `base64-N`; anything else is as if it were not there.
fn parse_stated(algorithm: Algorithm, value: &str, composite: Option<bool>) -> Option<Proof> {
    let (digits, parts) = match value.rsplit_once('-') {
        Some((digits, parts)) => {
            (digits, Some(parts.parse().ok().filter(|n| (1..=10_000).contains(n))?))
        }
        None => (value, None),
    };
    let expected = STANDARD.decode(digits).ok().filter(|e| e.len() == algorithm.length())?;
    match (composite, parts) {
        (Some(false) | None, None) => Some(Proof::Whole { algorithm, expected }),
        (Some(true) | None, Some(parts)) => Some(Proof::Parts { algorithm, expected, parts }),
        // Composite of unknown parts, or a whole one of parts: not to be relied upon.
        _ => None,
    }
}

impl Algorithm {
    /// Whether it runs at 2 GB/s and more on one core.
    fn is_cheap(self) -> bool {
        matches!(self, Algorithm::Crc64Nvme | Algorithm::Crc32C | Algorithm::Crc32)
    }

    /// Whether it is too slow to run in the way of a read.
    pub(crate) fn is_slow(self) -> bool {
        !self.is_cheap()
    }

    /// Bytes in a digest.
    fn length(self) -> usize {
        match self {
            Algorithm::Sha256 => 32,
            Algorithm::Sha1 => 20,
            Algorithm::Md5 => 16,
            Algorithm::Crc64Nvme => 8,
            Algorithm::Crc32C | Algorithm::Crc32 => 4,
        }
    }
}

/// A digest in progress.
#[derive(Clone)]
pub(crate) enum Digest {
    Crc(crc_fast::Digest, usize),
    Sha256(sha2::Sha256),
    Sha1(sha1::Sha1),
    Md5(md5::Md5),
}

impl Digest {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        let crc = |kind| Digest::Crc(crc_fast::Digest::new(kind), algorithm.length());
        match algorithm {
            Algorithm::Sha256 => Digest::Sha256(sha2::Sha256::new()),
            Algorithm::Sha1 => Digest::Sha1(sha1::Sha1::new()),
            Algorithm::Md5 => Digest::Md5(md5::Md5::new()),
            Algorithm::Crc64Nvme => crc(CrcAlgorithm::Crc64Nvme),
            Algorithm::Crc32C => crc(CrcAlgorithm::Crc32Iscsi),
            Algorithm::Crc32 => crc(CrcAlgorithm::Crc32IsoHdlc),
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Digest::Crc(digest, _) => digest.update(bytes),
            Digest::Sha256(digest) => digest.update(bytes),
            Digest::Sha1(digest) => digest.update(bytes),
            Digest::Md5(digest) => digest.update(bytes),
        }
    }

    /// The digest's bytes, in the order that S3 encodes them.
    pub(crate) fn finish(self) -> Vec<u8> {
        match self {
            Digest::Crc(digest, length) => digest.finalize().to_be_bytes()[8 - length..].to_vec(),
            Digest::Sha256(digest) => digest.finalize().to_vec(),
            Digest::Sha1(digest) => digest.finalize().to_vec(),
            Digest::Md5(digest) => digest.finalize().to_vec(),
        }
    }
}

/// The digest of the digests of parts of one size.
#[derive(Clone)]
pub(crate) struct PartsDigest {
    algorithm: Algorithm,
    part_size: u64,
    left_in_part: u64,
    part: Digest,
    parts: Digest,
    count: u32,
}

impl PartsDigest {
    pub(crate) fn new(algorithm: Algorithm, part_size: u64) -> Self {
        PartsDigest {
            algorithm,
            part_size,
            left_in_part: part_size,
            part: Digest::new(algorithm),
            parts: Digest::new(algorithm),
            count: 0,
        }
    }

    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.left_in_part == 0 {
                self.close_part();
            }
            let take = usize::try_from(self.left_in_part).unwrap_or(usize::MAX).min(bytes.len());
            let (now, rest) = bytes.split_at(take);
            self.part.update(now);
            self.left_in_part -= now.len() as u64;
            bytes = rest;
        }
    }

    /// The digest's bytes, and of how many parts.
    pub(crate) fn finish(mut self) -> (Vec<u8>, u32) {
        // The last part, which may be shorter; an empty object is one empty part.
        self.close_part();
        (self.parts.finish(), self.count)
    }

    fn close_part(&mut self) {
        let part = std::mem::replace(&mut self.part, Digest::new(self.algorithm));
        self.parts.update(&part.finish());
        self.left_in_part = self.part_size;
        self.count += 1;
    }
}

#[cfg(test)]
#[path = "checksum_tests.rs"]
mod tests;
