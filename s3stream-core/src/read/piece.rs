//! A piece of an object, which knows where in the object it belongs.

use bytes::Bytes;

use crate::send::memory::Reservation;

/// Bytes of one object from one offset on, and the memory that they are counted with.
///
/// Whoever hands pieces on cannot lose, repeat or reorder one unnoticed: the bytes are only
/// given to who asks for the offset at which they lie.
#[derive(Debug)]
pub(crate) struct Piece {
    offset: u64,
    bytes: Bytes,
    held: Option<Reservation>,
}

/// A piece that is not the one that comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Misplaced {
    pub(crate) expected: u64,
    pub(crate) found: u64,
}

impl Piece {
    /// Bytes that begin at `offset` in the object, and are counted elsewhere.
    pub(crate) fn new(offset: u64, bytes: Bytes) -> Self {
        Piece { offset, bytes, held: None }
    }

    /// The same, counted with memory of its own from here on.
    pub(crate) fn holding(self, held: Reservation) -> Self {
        Piece { held: Some(held), ..self }
    }

    /// Bytes in it.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes, for who keeps the piece.
    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Whether it is the one that comes next.
    ///
    /// # Errors
    /// The piece lies elsewhere in the object.
    pub(crate) fn begins_at(&self, at: u64) -> Result<(), Misplaced> {
        if self.offset == at {
            return Ok(());
        }
        Err(Misplaced { expected: at, found: self.offset })
    }

    /// The same bytes in memory of their own: the buffer that they were cut from is let go.
    pub(crate) fn copied(self) -> Self {
        Piece { bytes: Bytes::copy_from_slice(&self.bytes), ..self }
    }

    /// Cuts off the first `length` bytes, which keep no memory: the rest does.
    pub(crate) fn split_to(&mut self, length: usize) -> Piece {
        let bytes = self.bytes.split_to(length);
        let first = Piece::new(self.offset, bytes);
        self.offset += length as u64;
        first
    }

    /// The memory that it is counted with, for whoever counts it from here on.
    pub(crate) fn release(&mut self) -> Option<Reservation> {
        self.held.take()
    }

    /// Memory beyond its length, after something was cut off.
    pub(crate) fn surplus(&mut self) -> Option<Reservation> {
        let length = self.bytes.len() as u64;
        let held = self.held.as_mut()?;
        let surplus = held.bytes().checked_sub(length)?;
        Some(held.split(surplus))
    }

    /// The bytes, for who wants the ones at this offset.
    ///
    /// # Errors
    /// The piece lies elsewhere in the object.
    pub(crate) fn into_bytes(self, at: u64) -> Result<Bytes, Misplaced> {
        self.begins_at(at)?;
        Ok(self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::send::memory::Memory;

    #[test]
    fn a_piece_gives_its_bytes_only_to_who_asks_for_its_offset() {
        let mut rest = Piece::new(40, Bytes::from_static(b"abcdef"));
        let first = rest.split_to(2);
        assert_eq!(first.into_bytes(40).unwrap(), "ab");
        assert_eq!(rest.into_bytes(40), Err(Misplaced { expected: 40, found: 42 }));
    }

    #[test]
    fn what_is_cut_off_gives_its_memory_back() {
        let memory = Arc::new(Memory::new(100));
        let piece = Piece::new(0, Bytes::from_static(b"abcdef"));
        let mut piece = piece.holding(memory.reserve(6));
        let _first = piece.split_to(4);
        assert_eq!(piece.surplus().map(|surplus| surplus.bytes()), Some(4));
        assert_eq!(memory.used(), 2);
        drop(piece);
        assert_eq!(memory.used(), 0);
    }
}
