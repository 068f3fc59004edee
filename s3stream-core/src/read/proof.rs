//! The proof of one read: digests that run beside it, and what they say at its end.

use bytes::Bytes;

use crate::error::{Error, ErrorKind, Result};
use crate::proto::checksum::{Digest, PartsDigest, Proof};
use crate::proto::encode::hex;
use crate::proto::parts;
use crate::proto::request::Request;
use crate::proto::response::ObjectHead;
use crate::verdict::{Method, Unproven};

use super::hashing::{Hasher, Hashing};
use super::open::{Target, head_of};

/// Digests in progress, for the proof that a reply offered.
pub(super) struct Prover {
    proof: Proof,
    hashing: Option<Hashing<Digests>>,
}

/// A slow digest of an object larger than this runs beside the read.
const WORTH_A_THREAD: u64 = 1 << 20;

enum Digests {
    Whole(Box<Digest>),
    /// One for each part size that the object may have.
    Parts {
        candidates: Vec<PartsDigest>,
        source: Source,
    },
}

impl Hasher for Digests {
    fn update(&mut self, piece: &[u8]) {
        match self {
            Digests::Whole(digest) => digest.update(piece),
            Digests::Parts { candidates, .. } => {
                candidates.iter_mut().for_each(|candidate| candidate.update(piece));
            }
        }
    }
}

/// Who says what the part size is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Server,
    Guess,
}

/// What the digests say.
pub(super) enum Outcome {
    Proven(Method),
    /// The length agrees; nothing better was had.
    Unproven(Unproven),
    /// They disagree, and nothing but damage explains it.
    Mismatch(String),
    /// They disagree, but the parts may not be all of one size.
    Unclear,
}

impl Prover {
    /// Prepares for the proof that a whole reply offers; for one by parts, asks for their size.
    pub(super) async fn of_reply(head: &ObjectHead, target: &Target) -> Result<Self> {
        let size = head.object.size;
        let proof = Proof::choose(head, target.session.config.integrity);
        let (algorithm, digests) = match &proof {
            Proof::Length(reason) => return Ok(Prover::of_length(*reason)),
            Proof::Whole { algorithm, .. } => {
                (algorithm, Digests::Whole(Box::new(Digest::new(*algorithm))))
            }
            Proof::Parts { algorithm, parts, .. } => {
                let (sizes, source) = match told_part_size(target, size, *parts).await? {
                    Some(part_size) => (vec![part_size], Source::Server),
                    None => (parts::guesses(size, *parts), Source::Guess),
                };
                if sizes.is_empty() {
                    return Ok(Prover::of_length(Unproven::NotCheckable));
                }
                let candidates = sizes.iter().map(|s| PartsDigest::new(*algorithm, *s)).collect();
                (algorithm, Digests::Parts { candidates, source })
            }
        };
        let hashing = if algorithm.is_slow() && size > WORTH_A_THREAD {
            Hashing::beside(digests)
        } else {
            Hashing::here(digests)
        };
        Ok(Prover { proof, hashing: Some(hashing) })
    }

    /// No proof but the length, for this reason.
    pub(super) fn of_length(reason: Unproven) -> Self {
        Prover { proof: Proof::Length(reason), hashing: None }
    }

    pub(super) fn update(&mut self, piece: &Bytes) {
        if let Some(hashing) = &mut self.hashing {
            hashing.update(piece);
        }
    }

    /// Whether bytes can be hashed where they lie; otherwise they are handed to a thread.
    pub(super) fn takes_slices(&self) -> bool {
        !matches!(self.hashing, Some(Hashing::Beside(_)))
    }

    pub(super) fn update_slice(&mut self, bytes: &[u8]) {
        match &mut self.hashing {
            None => {}
            Some(Hashing::Here(hasher)) => hasher.update(bytes),
            Some(beside) => beside.update(&Bytes::copy_from_slice(bytes)),
        }
    }

    /// Compares; every byte has been seen.
    pub(super) fn finish(&mut self) -> Outcome {
        let Some(hashing) = self.hashing.take() else {
            return Outcome::Unproven(match self.proof {
                Proof::Length(reason) => reason,
                Proof::Whole { .. } | Proof::Parts { .. } => Unproven::NotCheckable,
            });
        };
        let Some(digests) = hashing.finish() else {
            return Outcome::Mismatch("the digest could not be computed".to_owned());
        };
        match (digests, &self.proof) {
            (Digests::Whole(digest), Proof::Whole { algorithm, expected }) => {
                let got = digest.finish();
                if got == *expected {
                    return Outcome::Proven(self.proof.method());
                }
                Outcome::Mismatch(format!(
                    "the bytes' {} is {} but the server's is {}",
                    algorithm.name(),
                    hex(&got),
                    hex(expected),
                ))
            }
            (Digests::Parts { candidates, source }, Proof::Parts { expected, parts, .. }) => {
                let agrees = candidates
                    .into_iter()
                    .map(PartsDigest::finish)
                    .any(|(got, count)| got == *expected && count == *parts);
                match source {
                    _ if agrees => Outcome::Proven(self.proof.method()),
                    Source::Server => Outcome::Unclear,
                    Source::Guess => Outcome::Unproven(Unproven::NotCheckable),
                }
            }
            _ => Outcome::Unproven(Unproven::NotCheckable),
        }
    }

    /// The number of parts of a proof by parts.
    pub(super) fn parts(&self) -> u32 {
        match self.proof {
            Proof::Parts { parts, .. } => parts,
            _ => 1,
        }
    }
}

/// The size of the first part, where the server tells it: HeadObject with `partNumber=1`.
/// RadosGW ignores the parameter and Swift answers 405: then nobody knows.
async fn told_part_size(target: &Target, size: u64, parts: u32) -> Result<Option<u64>> {
    let Some(first) = part_size(target, 1).await? else { return Ok(None) };
    let is_told = (parts > 1 && first < size) || (parts == 1 && first == size);
    Ok(Some(first).filter(|first| is_told && parts::fits(size, parts, *first)))
}

/// Whether all parts have the sizes that `first` and the total imply; asked only where a
/// composite disagrees, because an upload may have parts of many sizes.
pub(super) async fn parts_are_even(target: &Target, size: u64, parts: u32) -> Result<bool> {
    let Some(first) = part_size(target, 1).await? else { return Ok(false) };
    for number in 2..=parts {
        let expected = if number < parts { first } else { size - first * u64::from(parts - 1) };
        if part_size(target, number).await? != Some(expected) {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn part_size(target: &Target, number: u32) -> Result<Option<u64>> {
    let request = Request::head(&target.bucket, &target.key)
        .with_version(target.version_id.as_deref())
        .with_query("partNumber", number.to_string());
    let mut budget = target.session.budget();
    match head_of(target, &request, &mut budget).await {
        Ok(head) => Ok(head.content_length),
        Err(error) if error.kind() == ErrorKind::Cancelled => Err(error),
        // The size of a part is a help, not a need: the read itself goes on.
        Err(_) => Ok(None),
    }
}

/// The error of a proof that failed.
pub(super) fn mismatch(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Integrity, message)
        .with_advice(Some("read it again; if it persists, the stored object is damaged"))
}
