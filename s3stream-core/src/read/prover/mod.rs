//! The proof of one read, on the consumer's side: it sees just the bytes that are delivered.
//!
//! Whatever a source loses, repeats or reorders on the way is noticed here, because a piece
//! gives its bytes only to who asks for the offset at which they lie, and because the end is
//! one only where the last byte has been delivered.

mod claim;
mod digests;
mod hashing;

use std::collections::VecDeque;
use std::ops::Range;

use bytes::Bytes;

pub(super) use self::claim::Claim;
pub(super) use self::digests::{Digests, Found, Own, Sums};
pub(super) use self::hashing::Hasher;
use self::hashing::Hashing;
use super::evidence::Evidence;
use super::piece::{Misplaced, Piece};
use super::sink::Sink;
use crate::error::{Error, ErrorKind, Result};
use crate::verdict::Unproven;

/// An object up to this size is held until it is proven: a damaged one is then read again,
/// and not a byte of it is ever delivered.
const HELD_UNTIL_PROVEN: u64 = 64 * 1024;

/// A slow digest of an object larger than this runs beside the read.
const WORTH_A_THREAD: u64 = 1 << 20;

/// The proof of a read in progress.
pub(super) struct Prover {
    /// Offsets in the object: of the first byte to deliver, and of the next one to take.
    start: u64,
    next: u64,
    /// Behind the last byte to deliver; known once a reply has come.
    end: Option<u64>,
    stage: Stage,
    claim: Claim,
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

impl Prover {
    /// Nothing is known yet but where the read begins.
    pub(super) fn new(start: u64) -> Self {
        Prover {
            start,
            next: start,
            end: None,
            stage: Stage::Flowing,
            claim: Claim::Length(Unproven::Range),
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
    pub(super) fn opened(&mut self, evidence: &Evidence, claim: Claim, own: Own) -> Result<()> {
        self.follows(self.start)?;
        self.end = Some(evidence.end.max(self.start));
        self.stage = match evidence.object().size {
            0..=HELD_UNTIL_PROVEN if claim.is_of_the_whole() => Stage::Held(VecDeque::new()),
            _ => Stage::Flowing,
        };
        self.hashing = claim.digests(own).map(|digests| {
            if claim.is_slow() && evidence.object().size > WORTH_A_THREAD {
                Hashing::beside(digests)
            } else {
                Hashing::here(digests)
            }
        });
        self.claim = claim;
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

    /// The source has ended: the claim, what the digests say of the bytes that were taken, and
    /// our own digest of them.
    ///
    /// # Errors
    /// `Internal` if bytes are missing that the source believes to have yielded.
    pub(super) fn finish(&mut self) -> Result<(Claim, Sums, Option<Vec<u8>>)> {
        if !self.is_complete() {
            let found = self.end.unwrap_or(u64::MAX);
            return Err(misplaced(Misplaced { expected: self.next, found }));
        }
        let claim = std::mem::replace(&mut self.claim, Claim::Length(Unproven::Range));
        let Some(hashing) = self.hashing.take() else { return Ok((claim, Sums::None, None)) };
        let Found { seen, sums, own } = match hashing.finish() {
            Some(digests) => digests.finish(),
            None => return Err(Error::new(ErrorKind::Internal, "the digest's thread panicked")),
        };
        if seen != self.taken() {
            return Err(misplaced(Misplaced { expected: self.taken(), found: seen }));
        }
        Ok((claim, sums, own))
    }

    /// Whether none of what was taken has been delivered.
    pub(super) fn is_held(&self) -> bool {
        matches!(self.stage, Stage::Held(_))
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

#[cfg(test)]
mod tests;
