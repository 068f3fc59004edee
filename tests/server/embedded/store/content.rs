//! Object bodies that are served without a copy.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::checksum::{Checksum, ChecksumAlgorithm, ChecksumDigest};
use super::object::Md5;
use crate::pattern;

/// What one piece of a reply body holds at most. Larger pieces leave the
/// processor's cache between the store and the socket, smaller ones cost more
/// system calls.
const CHUNK: u64 = 256 << 10;

/// The bytes of an object.
#[derive(Clone, Debug)]
pub enum Content {
    /// One buffer.
    Whole(Bytes),
    /// The parts of a multipart upload, one after another.
    Parts(Arc<[Bytes]>),
    /// [`crate::pattern`] made while it is read: any size without memory.
    Pattern {
        /// Seed of the pattern.
        seed: u64,
        /// Length in bytes.
        length: u64,
    },
}

impl Content {
    /// Length in bytes.
    pub fn len(&self) -> u64 {
        match self {
            Self::Whole(bytes) => bytes.len() as u64,
            Self::Parts(parts) => parts.iter().map(|part| part.len() as u64).sum(),
            Self::Pattern { length, .. } => *length,
        }
    }

    /// Whether there is no byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of `range`, in pieces that share the store's memory.
    pub fn chunks(&self, range: Range<u64>) -> Chunks {
        Chunks {
            end: range.end.min(self.len()),
            position: range.start,
            part: 0,
            part_start: 0,
            content: self.clone(),
        }
    }

    /// All bytes in one buffer; a copy unless the content is one already.
    pub fn to_bytes(&self) -> Bytes {
        match self {
            Self::Whole(bytes) => bytes.clone(),
            _ => {
                let mut whole = Vec::new();
                self.chunks(0..self.len()).for_each(|chunk| whole.extend_from_slice(&chunk));
                whole.into()
            }
        }
    }

    /// MD5 and, if asked for, another checksum of all bytes, in one pass.
    pub(crate) fn digests(
        &self,
        algorithm: Option<ChecksumAlgorithm>,
    ) -> ([u8; 16], Option<Checksum>) {
        let mut md5 = Md5::new();
        let mut checksum = algorithm.map(ChecksumDigest::new);
        for chunk in self.chunks(0..self.len()) {
            md5.update(&chunk);
            if let Some(digest) = &mut checksum {
                digest.update(&chunk);
            }
        }
        (md5.finish(), checksum.map(ChecksumDigest::finish))
    }
}

/// The pieces of a [`Content`].
#[derive(Clone, Debug)]
pub struct Chunks {
    content: Content,
    position: u64,
    end: u64,
    part: usize,
    part_start: u64,
}

impl Chunks {
    /// How many bytes are still to come.
    pub fn remaining(&self) -> u64 {
        self.end.saturating_sub(self.position)
    }

    /// The part that holds the position, and the position in it.
    fn seek_part<'a>(
        parts: &'a [Bytes],
        part: &mut usize,
        part_start: &mut u64,
        position: u64,
    ) -> Option<(&'a Bytes, u64)> {
        loop {
            let bytes = parts.get(*part)?;
            let offset = position - *part_start;
            if offset < bytes.len() as u64 {
                return Some((bytes, offset));
            }
            *part_start += bytes.len() as u64;
            *part += 1;
        }
    }
}

impl Iterator for Chunks {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        let wanted = self.remaining().min(CHUNK);
        if wanted == 0 {
            return None;
        }
        let chunk = match &self.content {
            Content::Whole(bytes) => slice(bytes, self.position, wanted),
            Content::Parts(parts) => {
                let (bytes, offset) =
                    Self::seek_part(parts, &mut self.part, &mut self.part_start, self.position)?;
                slice(bytes, offset, wanted)
            }
            Content::Pattern { seed, .. } => {
                let mut chunk = vec![0; index(wanted)];
                pattern::fill(*seed, self.position, &mut chunk);
                chunk.into()
            }
        };
        self.position += chunk.len() as u64;
        Some(chunk)
    }
}

/// Up to `length` bytes of `bytes` from `offset`.
fn slice(bytes: &Bytes, offset: u64, length: u64) -> Bytes {
    let end = (offset + length).min(bytes.len() as u64);
    bytes.slice(index(offset)..index(end))
}

fn index(value: u64) -> usize {
    usize::try_from(value).expect("an offset within a buffer fits in usize")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_read_as_one() {
        let parts: Vec<Bytes> = vec!["abc".into(), "".into(), "defg".into(), "h".into()];
        let content = Content::Parts(parts.into());
        for start in 0..8 {
            for end in start..=8 {
                let read: Vec<u8> = content.chunks(start..end).flatten().collect();
                assert_eq!(read, b"abcdefgh"[index(start)..index(end)]);
            }
        }
        assert_eq!(content.to_bytes(), "abcdefgh");
    }

    #[test]
    fn pattern_equals_its_bytes() {
        let content = Content::Pattern { seed: 3, length: 600_001 };
        assert_eq!(content.to_bytes(), pattern::bytes(3, 0, 600_001));
    }
}
