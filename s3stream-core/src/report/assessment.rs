//! What a run comes to.

/// What a run comes to, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Assessment {
    /// The listing was complete, and every object in it was streamed or skipped on purpose.
    Complete,
    /// The listing was complete, and there was nothing in it.
    Empty,
    /// Nothing failed, but nobody said whether the listing was complete.
    Unknown,
    /// Something is missing: objects failed, the listing broke off, or the numbers disagree.
    Incomplete,
}

impl Assessment {
    /// Its name: `complete`, `empty`, `unknown`, `incomplete`.
    pub const fn name(self) -> &'static str {
        match self {
            Assessment::Complete => "complete",
            Assessment::Empty => "empty",
            Assessment::Unknown => "unknown",
            Assessment::Incomplete => "incomplete",
        }
    }
}
