//! The digests that run along with one read.

use super::hashing::Hasher;
use crate::object::Algorithm;
use crate::proto::checksum::{Digest, PartsDigest};
use crate::proto::proof::Sum;

/// By what our own digest of all bytes is made: the default of S3 itself, and as fast as a copy.
const OWN: Algorithm = Algorithm::Crc64Nvme;

/// Digests in progress, and how many bytes they have seen.
pub(crate) struct Digests {
    seen: u64,
    kind: Kind,
    /// Of all bytes, whatever proves them; not made twice where the server's is of that kind.
    own: Option<Box<Digest>>,
}

enum Kind {
    Nothing,
    Whole(Algorithm, Box<Digest>),
    /// One for each part size that the object may have.
    Parts(Vec<(u64, PartsDigest)>),
}

/// Whether a digest of our own is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Own {
    Wanted,
    Unwanted,
}

/// What they have found.
pub(crate) struct Found {
    /// Bytes that they have seen.
    pub(crate) seen: u64,
    pub(crate) sums: Sums,
    /// Our own digest of all bytes.
    pub(crate) own: Option<Vec<u8>>,
}

/// What is compared with what the server states.
pub(crate) enum Sums {
    /// Nothing was digested that the server states.
    None,
    Whole(Vec<u8>),
    Parts(Vec<Sum>),
}

impl Digests {
    /// Our own alone.
    pub(crate) fn own() -> Self {
        Digests { seen: 0, kind: Kind::Nothing, own: Some(new(OWN)) }
    }

    pub(crate) fn whole(algorithm: Algorithm, own: Own) -> Self {
        let is_other = own == Own::Wanted && algorithm != OWN;
        let kind = Kind::Whole(algorithm, new(algorithm));
        Digests { seen: 0, kind, own: is_other.then(|| new(OWN)) }
    }

    /// With one of our own, to compare a second read with.
    pub(crate) fn parts(algorithm: Algorithm, sizes: &[u64]) -> Self {
        let candidates =
            sizes.iter().map(|size| (*size, PartsDigest::new(algorithm, *size))).collect();
        Digests { seen: 0, kind: Kind::Parts(candidates), own: Some(new(OWN)) }
    }

    pub(crate) fn finish(self) -> Found {
        let mut own = self.own.map(|digest| digest.finish());
        let sums = match self.kind {
            Kind::Nothing => Sums::None,
            Kind::Whole(algorithm, digest) => {
                let value = digest.finish();
                if algorithm == OWN {
                    own = Some(value.clone());
                }
                Sums::Whole(value)
            }
            Kind::Parts(candidates) => {
                let finish = |(part_size, digest): (u64, PartsDigest)| {
                    let (value, parts) = digest.finish();
                    Sum { part_size, value, parts }
                };
                Sums::Parts(candidates.into_iter().map(finish).collect())
            }
        };
        Found { seen: self.seen, sums, own }
    }
}

fn new(algorithm: Algorithm) -> Box<Digest> {
    Box::new(Digest::new(algorithm))
}

impl Hasher for Digests {
    fn update(&mut self, piece: &[u8]) {
        self.seen += piece.len() as u64;
        match &mut self.kind {
            Kind::Nothing => {}
            Kind::Whole(_, digest) => digest.update(piece),
            Kind::Parts(candidates) => {
                candidates.iter_mut().for_each(|(_, candidate)| candidate.update(piece));
            }
        }
        if let Some(own) = &mut self.own {
            own.update(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What digests find of some bytes.
    fn found(mut digests: Digests, bytes: &[u8]) -> Found {
        bytes.chunks(3).for_each(|piece| digests.update(piece));
        digests.finish()
    }

    #[test]
    fn our_own_digest_is_made_beside_any_other_and_never_twice() {
        let bytes = b"123456789";
        // The check value of CRC-64/NVME.
        let own = 0xae8b_1486_0a79_9888_u64.to_be_bytes().to_vec();
        for algorithm in [Algorithm::Sha256, Algorithm::Crc32, Algorithm::Md5] {
            let digests = Digests::whole(algorithm, Own::Wanted);
            assert_eq!(found(digests, bytes).own.as_ref(), Some(&own), "{algorithm:?}");
            assert_eq!(found(Digests::whole(algorithm, Own::Unwanted), bytes).own, None);
        }
        assert_eq!(found(Digests::own(), bytes).own.as_ref(), Some(&own));
        assert_eq!(found(Digests::parts(Algorithm::Md5, &[4]), bytes).own.as_ref(), Some(&own));
        let same = Digests::whole(Algorithm::Crc64Nvme, Own::Wanted);
        assert!(same.own.is_none(), "the server's is ours");
        assert_eq!(found(same, bytes).own, Some(own));
    }
}
