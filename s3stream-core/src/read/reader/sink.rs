//! Where a read puts its bytes: into the consumer's buffer, or into pieces of their own.

use bytes::Bytes;

/// What the consumer has room for.
pub(super) struct Sink<'a> {
    /// Bytes at most.
    pub(super) most: usize,
    /// Empty if pieces are wanted.
    pub(super) buffer: &'a mut [u8],
}

/// What came.
pub(super) enum Got {
    Piece(Bytes),
    /// So many bytes, into the sink's buffer.
    Filled(usize),
}

impl Got {
    pub(super) fn len(&self) -> usize {
        match self {
            Got::Piece(piece) => piece.len(),
            Got::Filled(bytes) => *bytes,
        }
    }

    pub(super) fn into_piece(self) -> Bytes {
        match self {
            Got::Piece(piece) => piece,
            // A sink without a buffer is never filled.
            Got::Filled(_) => Bytes::new(),
        }
    }
}

/// Copies in pieces that stay on the vector path of glibc's memcpy: above a few KiB it
/// switches to `rep movsb`, which takes twice the time where source and destination are
/// not aligned alike, and behind a reply's head they never are.
pub(super) fn copy(from: &[u8], to: &mut [u8]) {
    const PIECE: usize = 2 * 1024;
    for (from, to) in from.chunks(PIECE).zip(to.chunks_mut(PIECE)) {
        to.copy_from_slice(from);
    }
}
