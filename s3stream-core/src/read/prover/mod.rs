//! The proof of one read, on the consumer's side: it sees just the bytes that are delivered.
//!
//! Whatever a source loses, repeats or reorders on the way is noticed here, because a piece
//! gives its bytes only to who asks for the offset at which they lie, and because the end is
//! one only where the last byte has been delivered.

mod digests;
mod hashing;

use std::collections::VecDeque;
use std::ops::Range;

use bytes::Bytes;

pub(super) use self::digests::{Digests, Found, Sums};
use self::hashing::Hashing;
use super::evidence::{Evidence, Reach};
use super::piece::{Misplaced, Piece};
use super::source::Sink;
use crate::error::{Error, ErrorKind, Result};
use crate::object::Algorithm;
use crate::proto::checksum::Proof;
use crate::proto::encode::hex;
use crate::proto::parts;
use crate::verdict::{Integrity, Method, Unproven};

/// An object up to this size is held until it is proven: a damaged one is then read again,
/// and not a byte of it is ever delivered.
const HELD_UNTIL_PROVEN: u64 = 64 * 1024;

/// A slow digest of an object larger than this runs beside the read.
const WORTH_A_THREAD: u64 = 1 << 20;

/// The proof of a read in progress.
pub(super) struct Prover {
    integrity: Integrity,
    /// Offsets in the object: of the first byte to deliver, and of the next one to take.
    start: u64,
    next: u64,
    /// Behind the last byte to deliver; known once a reply has come.
    end: Option<u64>,
    stage: Stage,
    proof: Proof,
    /// The part size, where the server tells it.
    told: Option<u64>,
    hashing: Option<Hashing<Digests>>,
}

/// Where the bytes are that were taken.
enum Stage {
    /// With the consumer.
    Flowing,
    /// Here: a small object waits for its proof.
    Held(VecDeque<Piece>),
    /// Here: it is proven, and being delivered.
    Released(VecDeque<Piece>),
}

/// What becomes of a piece.
pub(super) enum Delivery {
    Held,
    Bytes(Bytes),
}

/// What the end of a read comes to.
pub(super) enum Settle {
    Proven(Method),
    /// The length agrees; nothing better was had.
    Unproven(Unproven),
    /// The digests disagree, and not a byte was delivered: it is read once more.
    Reread(String),
    /// The digests disagree, and the bytes are with the consumer.
    Damaged(String),
    /// The composite disagrees, where the server told the size of the first of so many parts.
    Parts(u32),
}

impl Prover {
    /// Nothing is known yet but where the read begins.
    pub(super) fn new(integrity: Integrity, start: u64) -> Self {
        Prover {
            integrity,
            start,
            next: start,
            end: None,
            stage: Stage::Flowing,
            proof: Proof::Length(Unproven::Range),
            told: None,
            hashing: None,
        }
    }

    /// The end is known before a reply has come.
    pub(super) fn ends_at(&mut self, end: u64) {
        self.end = Some(end);
    }

    /// A reply describes the object, and says how far this read goes: nothing was taken yet.
    ///
    /// # Errors
    /// `Internal` if something was.
    pub(super) fn opened(&mut self, evidence: &Evidence) -> Result<()> {
        self.follows(self.start)?;
        self.end = Some(evidence.end.max(self.start));
        let Reach::Whole { part_size } = evidence.reach else { return Ok(()) };
        let size = evidence.object().size;
        self.told = part_size;
        self.proof = Proof::choose(&evidence.head, self.integrity);
        self.stage = match size {
            0..=HELD_UNTIL_PROVEN => Stage::Held(VecDeque::new()),
            _ => Stage::Flowing,
        };
        self.hashing = match &self.proof {
            Proof::Length(_) => None,
            Proof::Whole { algorithm, .. } => {
                Some(hashing(Digests::whole(*algorithm), *algorithm, size))
            }
            Proof::Parts { algorithm, parts, .. } => {
                let sizes = match part_size {
                    Some(told) => vec![told],
                    None => parts::guesses(size, *parts),
                };
                Some(hashing(Digests::parts(*algorithm, &sizes), *algorithm, size))
            }
        };
        Ok(())
    }

    /// Offset in the object of the next byte that is delivered.
    pub(super) fn position(&self) -> u64 {
        let here = match &self.stage {
            Stage::Flowing => 0,
            Stage::Held(pieces) | Stage::Released(pieces) => {
                pieces.iter().map(|piece| piece.len() as u64).sum()
            }
        };
        self.next - here
    }

    /// Bytes still to be delivered, once a reply has come.
    pub(super) fn remaining(&self) -> Option<u64> {
        self.end.map(|end| end.saturating_sub(self.position()))
    }

    /// Whether bytes that were taken are here yet.
    pub(super) fn is_holding(&self) -> bool {
        self.position() != self.next
    }

    /// Bytes of the read.
    pub(super) fn taken(&self) -> u64 {
        self.next - self.start
    }

    /// Whether every byte has been taken.
    pub(super) fn is_complete(&self) -> bool {
        self.end == Some(self.next)
    }

    /// Where the next bytes are to go.
    pub(super) fn sink<'a>(&self, most: usize, buffer: Option<&'a mut [u8]>) -> Sink<'a> {
        match (&self.stage, buffer) {
            (Stage::Held(_), _) => Sink::Hold,
            // What is hashed elsewhere must outlive the consumer's buffer.
            (_, Some(buffer)) if !matches!(self.hashing, Some(Hashing::Beside(_))) => {
                Sink::Fill(buffer)
            }
            _ => Sink::Cut(most),
        }
    }

    /// Takes a piece in, which is delivered with that.
    ///
    /// # Errors
    /// `Internal` if it is not the one that comes next.
    pub(super) fn take(&mut self, piece: Piece) -> Result<Delivery> {
        if let Stage::Held(pieces) = &mut self.stage {
            piece.begins_at(self.next).map_err(misplaced)?;
            self.next = within(self.next, piece.len(), self.end)?;
            if let Some(hashing) = &mut self.hashing {
                hashing.update(piece.bytes());
            }
            pieces.push_back(piece);
            return Ok(Delivery::Held);
        }
        let bytes = piece.into_bytes(self.next).map_err(misplaced)?;
        self.next = within(self.next, bytes.len(), self.end)?;
        if let Some(hashing) = &mut self.hashing {
            hashing.update(&bytes);
        }
        Ok(Delivery::Bytes(bytes))
    }

    /// Takes in what lies at the beginning of the consumer's buffer already; returns how many
    /// bytes that are.
    ///
    /// # Errors
    /// `Internal` if it is not what comes next.
    pub(super) fn filled(&mut self, at: &Range<u64>, buffer: &[u8]) -> Result<usize> {
        self.follows(at.start)?;
        let length = usize::try_from(at.end.saturating_sub(at.start)).unwrap_or(usize::MAX);
        let Some(bytes) = buffer.get(..length) else {
            return Err(misplaced(Misplaced { expected: self.next, found: at.end }));
        };
        self.next = within(self.next, length, self.end)?;
        if let Some(hashing) = &mut self.hashing {
            hashing.update_slice(bytes);
        }
        Ok(length)
    }

    /// Whether what begins at this offset is what comes next.
    ///
    /// # Errors
    /// `Internal` if it is not.
    pub(super) fn follows(&self, found: u64) -> Result<()> {
        if found == self.next {
            return Ok(());
        }
        Err(misplaced(Misplaced { expected: self.next, found }))
    }

    /// The source has ended: compares.
    ///
    /// # Errors
    /// `Internal` if bytes are missing that the source believes to have yielded.
    pub(super) fn finish(&mut self) -> Result<Settle> {
        if !self.is_complete() {
            let found = self.end.unwrap_or(u64::MAX);
            return Err(misplaced(Misplaced { expected: self.next, found }));
        }
        let Some(hashing) = self.hashing.take() else {
            return Ok(match &self.proof {
                Proof::Length(reason) => Settle::Unproven(*reason),
                Proof::Whole { .. } | Proof::Parts { .. } => {
                    Settle::Unproven(Unproven::NotCheckable)
                }
            });
        };
        let found = hashing.finish().map(Digests::finish);
        let Some(Found { seen, sums }) = found else {
            return Ok(self.disagrees("the digest could not be computed".to_owned()));
        };
        if seen != self.taken() {
            return Err(misplaced(Misplaced { expected: self.taken(), found: seen }));
        }
        Ok(self.judge(sums))
    }

    fn judge(&self, sums: Sums) -> Settle {
        match (sums, &self.proof) {
            (Sums::Whole(got), Proof::Whole { algorithm, expected }) => {
                if got == *expected {
                    return Settle::Proven(self.proof.method());
                }
                self.disagrees(format!(
                    "the bytes' {} is {} but the server's is {}",
                    algorithm.name(),
                    hex(&got),
                    hex(expected),
                ))
            }
            (Sums::Parts { candidates, .. }, Proof::Parts { expected, parts, .. }) => {
                let agrees = candidates.iter().any(|(_, sum, n)| sum == expected && n == parts);
                match self.told {
                    _ if agrees => Settle::Proven(self.proof.method()),
                    Some(_) => Settle::Parts(*parts),
                    None => Settle::Unproven(Unproven::NotCheckable),
                }
            }
            _ => Settle::Unproven(Unproven::NotCheckable),
        }
    }

    /// The bytes are not the server's.
    pub(super) fn disagrees(&self, why: String) -> Settle {
        match self.stage {
            Stage::Held(_) => Settle::Reread(why),
            Stage::Flowing | Stage::Released(_) => Settle::Damaged(why),
        }
    }

    /// What was held is forgotten: it comes once more, from the start.
    pub(super) fn rewind(&mut self) {
        self.next = self.start;
        self.stage = Stage::Flowing;
        self.hashing = None;
    }

    /// What was held is delivered from here on.
    pub(super) fn release(&mut self) {
        if let Stage::Held(pieces) = &mut self.stage {
            self.stage = Stage::Released(std::mem::take(pieces));
        }
    }

    /// What was held and is not delivered yet, `most` bytes at most.
    pub(super) fn released(&mut self, most: usize) -> Option<Bytes> {
        let at = self.position();
        let Stage::Released(pieces) = &mut self.stage else { return None };
        let piece = match pieces.front_mut() {
            Some(first) if first.len() > most => first.split_to(most),
            _ => pieces.pop_front()?,
        };
        // They were looked at when they were taken.
        piece.into_bytes(at).ok()
    }
}

fn hashing(digests: Digests, algorithm: Algorithm, size: u64) -> Hashing<Digests> {
    if algorithm.is_slow() && size > WORTH_A_THREAD {
        Hashing::beside(digests)
    } else {
        Hashing::here(digests)
    }
}

/// Where the next byte is behind so many, which are all within the read.
fn within(next: u64, length: usize, end: Option<u64>) -> Result<u64> {
    let behind = next.saturating_add(length as u64);
    match end {
        Some(end) if behind <= end => Ok(behind),
        _ => Err(misplaced(Misplaced { expected: end.unwrap_or(next), found: behind })),
    }
}

fn misplaced(Misplaced { expected, found }: Misplaced) -> Error {
    let message = format!(
        "bytes were lost on their way to the reader: {expected} was expected, {found} came; this is a bug of s3stream"
    );
    Error::new(ErrorKind::Internal, message)
}
