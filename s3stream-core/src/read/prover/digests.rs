//! The digests that run along with one read.

use super::hashing::Hasher;
use crate::object::Algorithm;
use crate::proto::checksum::{Digest, PartsDigest};
use crate::proto::proof::Sum;

/// Digests in progress, and how many bytes they have seen.
pub(crate) struct Digests {
    seen: u64,
    kind: Kind,
}

enum Kind {
    Whole(Box<Digest>),
    /// One for each part size that the object may have, and one of our own of all bytes, to
    /// compare a second read with.
    Parts {
        candidates: Vec<(u64, PartsDigest)>,
        own: Box<Digest>,
    },
}

/// What they have found.
pub(crate) struct Found {
    /// Bytes that they have seen.
    pub(crate) seen: u64,
    pub(crate) sums: Sums,
}

pub(crate) enum Sums {
    /// Nothing was digested.
    None,
    Whole(Vec<u8>),
    Parts {
        candidates: Vec<Sum>,
        /// Our own digest of all bytes.
        own: Vec<u8>,
    },
}

impl Digests {
    pub(crate) fn whole(algorithm: Algorithm) -> Self {
        Digests { seen: 0, kind: Kind::Whole(Box::new(Digest::new(algorithm))) }
    }

    pub(crate) fn parts(algorithm: Algorithm, sizes: &[u64]) -> Self {
        let candidates =
            sizes.iter().map(|size| (*size, PartsDigest::new(algorithm, *size))).collect();
        let own = Box::new(Digest::new(Algorithm::Crc64Nvme));
        Digests { seen: 0, kind: Kind::Parts { candidates, own } }
    }

    pub(crate) fn finish(self) -> Found {
        let sums = match self.kind {
            Kind::Whole(digest) => Sums::Whole(digest.finish()),
            Kind::Parts { candidates, own } => {
                let finish = |(part_size, digest): (u64, PartsDigest)| {
                    let (value, parts) = digest.finish();
                    Sum { part_size, value, parts }
                };
                let candidates = candidates.into_iter().map(finish).collect();
                Sums::Parts { candidates, own: own.finish() }
            }
        };
        Found { seen: self.seen, sums }
    }
}

impl Hasher for Digests {
    fn update(&mut self, piece: &[u8]) {
        self.seen += piece.len() as u64;
        match &mut self.kind {
            Kind::Whole(digest) => digest.update(piece),
            Kind::Parts { candidates, own } => {
                candidates.iter_mut().for_each(|(_, candidate)| candidate.update(piece));
                own.update(piece);
            }
        }
    }
}
