//! Digests: of a whole object, and of the digests of its parts.
//!
//! See "Checking object integrity" in the Amazon S3 user guide. Which of them proves an
//! object is [`proof`](super::proof)'s to say.

use crc_fast::CrcAlgorithm;
use sha2::Digest as _;

use crate::object::Algorithm;

impl Algorithm {
    /// Whether it runs at 2 GB/s and more on one core.
    pub(crate) fn is_cheap(self) -> bool {
        matches!(self, Algorithm::Crc64Nvme | Algorithm::Crc32C | Algorithm::Crc32)
    }

    /// Whether it is too slow to run in the way of a read.
    pub(crate) fn is_slow(self) -> bool {
        !self.is_cheap()
    }

    /// Bytes in a digest.
    pub(crate) fn length(self) -> usize {
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
