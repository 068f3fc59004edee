//! Where a read's bytes are to go: what its proof leaves open.

/// Where bytes go, and how many at most.
pub(crate) enum Sink<'a> {
    /// Pieces as they come: they wait for the proof of all of them.
    Hold,
    /// Pieces of so many bytes at most.
    Cut(usize),
    /// The consumer's memory, where that can be filled directly; else pieces of its length.
    Fill(&'a mut [u8]),
}

impl Sink<'_> {
    /// Bytes at most.
    pub(super) fn most(&self) -> usize {
        match self {
            Sink::Hold => usize::MAX,
            Sink::Cut(most) => *most,
            Sink::Fill(buffer) => buffer.len(),
        }
    }
}
