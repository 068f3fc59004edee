//! What comes of the bytes that were delivered, step by step.

use super::super::encode::hex;
use super::super::parts::{Asking, Guesses, PartSizes, Weight, even_length};
use super::Etags;
use crate::object::{Algorithm, Checksum};
use crate::verdict::{Method, Unproven};

/// Advice where bytes are not the server's.
pub(super) const READ_AGAIN: &str = "read it again; if it persists, the stored object is damaged";

/// Parts whose lengths are asked for, one request each; of more, the rest is as they are.
const MOST_ASKED: u32 = 64;

/// What is to be done now that the digests have spoken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The bytes are the server's.
    Proven(Method),
    /// Their number is right, and no more is known.
    Unproven { reason: Unproven, is_probably_damaged: bool },
    /// They are not the server's.
    Damaged(Damage),
    /// Ask for the lengths of parts, as a [`Census`] says: [`Judge::parts_told`].
    AskParts,
    /// Read the object again and hash it at these part sizes: [`Judge::second_read`].
    ReadAgain(Vec<u64>),
}

/// Why bytes are not the server's, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Damage {
    pub(crate) message: String,
    pub(crate) advice: &'static str,
}

impl Step {
    fn damaged(message: impl Into<String>, advice: &'static str) -> Self {
        Step::Damaged(Damage { message: message.into(), advice })
    }

    /// Compares a digest of all bytes with the one that was stated; an MD5 is an ETag's.
    pub(crate) fn of_whole(
        algorithm: Algorithm,
        expected: &[u8],
        got: &[u8],
        etags: &mut Etags,
    ) -> Self {
        let is_etag = algorithm == Algorithm::Md5;
        if got == expected {
            if is_etag {
                etags.agreed();
            }
            return Step::Proven(Method::Checksum(algorithm));
        }
        let message = format!(
            "the bytes' {} is {} but the server's is {}",
            algorithm.name(),
            hex(got),
            hex(expected)
        );
        if !is_etag {
            return Step::damaged(message, READ_AGAIN);
        }
        etags.disagreed();
        Step::damaged(message, etags.advice())
    }
}

/// A composite digest of bytes that were read, for one part size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) part_size: u64,
    pub(crate) value: Vec<u8>,
    /// Of how many parts.
    pub(crate) parts: u32,
}

/// Judges an object that a composite of its parts' digests is to prove.
///
/// Its first read is hashed at [`sizes`](Judge::sizes), and
/// [`first_read`](Judge::first_read) says what is next; so does each step after it.
#[derive(Clone, Debug)]
pub(crate) struct Judge {
    expected: Vec<u8>,
    size: u64,
    parts: u32,
    sizes: Vec<u64>,
    source: Source,
    may_read_twice: bool,
    /// What the first read came to.
    first: Vec<Sum>,
}

/// What is known of the length of an object's first part before the object is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FirstPart {
    /// The server was not asked, or did not answer.
    Unasked,
    /// It answered, but not with that.
    Untold,
    /// So many bytes.
    Told(u64),
}

/// Who says what the part size is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// The server, of the first part.
    Told(u64),
    /// The server, of all parts: that is not to be doubted.
    Certain(u64),
    /// Nobody, who has been asked or needs not be.
    Guess(Weight),
    /// A guess that is good until it disagrees: then the server is asked.
    Unasked(Weight),
}

impl Judge {
    /// Of a composite digest of so many parts, in an object of that size.
    ///
    /// Whether to ask for the first part before is [`PartSizes::asking`]'s to say.
    pub(crate) fn new(
        expected: Vec<u8>,
        size: u64,
        parts: u32,
        first_part: FirstPart,
        habits: &mut PartSizes,
    ) -> Self {
        let Guesses { sizes, weight } = habits.guesses(size, parts);
        let (sizes, source) = match first_part {
            // A server that ignores the number answers with the whole object.
            FirstPart::Told(length) if length >= size => {
                habits.not_told();
                (sizes, Source::Guess(weight))
            }
            FirstPart::Told(length) => {
                habits.told();
                match even_length(size, parts, length, parts) {
                    Some(_) => (vec![length], Source::Told(length)),
                    // As long as that they would be more, or fewer: they are of several sizes.
                    None => (Vec::new(), Source::Guess(Weight::Open)),
                }
            }
            FirstPart::Untold => {
                habits.not_told();
                (sizes, Source::Guess(weight))
            }
            FirstPart::Unasked if habits.asking(size, parts) == Asking::Never => {
                (sizes, Source::Guess(weight))
            }
            FirstPart::Unasked => (sizes, Source::Unasked(weight)),
        };
        Judge { expected, size, parts, sizes, source, may_read_twice: true, first: Vec::new() }
    }

    /// Whether an object may be read a second time: the setting `read_twice`.
    pub(crate) fn read_twice(mut self, may_read_twice: bool) -> Self {
        self.may_read_twice = may_read_twice;
        self
    }

    /// The part sizes at which the first read is hashed; none where nothing can be checked.
    pub(crate) fn sizes(&self) -> &[u64] {
        &self.sizes
    }

    /// What the server states, as it states it.
    pub(crate) fn stated(&self, algorithm: Algorithm) -> Checksum {
        Checksum::of_parts(algorithm, &self.expected, self.parts)
    }

    /// The lengths that are to be asked for after [`Step::AskParts`].
    pub(crate) fn census(&self) -> Census {
        Census::new(self.size, self.parts, self.told())
    }

    /// The digests of the first read, one for each of [`sizes`](Judge::sizes).
    pub(crate) fn first_read(&mut self, sums: Vec<Sum>, habits: &mut PartSizes) -> Step {
        if let Some(proven) = self.proven(&sums, habits) {
            return proven;
        }
        self.first = sums;
        match self.source {
            Source::Told(_) | Source::Unasked(_) => Step::AskParts,
            Source::Certain(_) | Source::Guess(_) => self.doubt(habits),
        }
    }

    /// What the server told of the lengths of the parts.
    pub(crate) fn parts_told(&mut self, told: Told, habits: &mut PartSizes) -> Step {
        match told {
            Told::Even(part_size) if self.first.iter().any(|sum| sum.part_size == part_size) => {
                Step::damaged("the composite checksum of its parts disagrees", READ_AGAIN)
            }
            Told::Even(part_size) => {
                self.source = Source::Certain(part_size);
                self.doubt(habits)
            }
            Told::Uneven => {
                Step::Unproven { reason: Unproven::NotCheckable, is_probably_damaged: false }
            }
            Told::Unknown => {
                if let Source::Unasked(weight) = self.source {
                    self.source = Source::Guess(weight);
                }
                self.doubt(habits)
            }
        }
    }

    /// The digests of the second read, one for each size that [`Step::ReadAgain`] named, and
    /// whether it gave the same bytes as the first: only then it speaks of what was delivered.
    pub(crate) fn second_read(
        &mut self,
        is_same: bool,
        sums: &[Sum],
        habits: &mut PartSizes,
    ) -> Step {
        if !is_same || !self.first.iter().all(|sum| sums.contains(sum)) {
            return Step::damaged(
                "two reads of it gave different bytes",
                "read it again; if it persists, look at the network and the proxies on the way",
            );
        }
        if let Some(proven) = self.proven(sums, habits) {
            return proven;
        }
        if let Source::Certain(_) = self.source {
            return Step::damaged(
                "the composite checksum of its parts disagrees, in two reads that were the same",
                READ_AGAIN,
            );
        }
        self.unexplained(Unproven::ReadTwice, habits)
    }

    /// There is no second read: it is not wished, or it failed.
    pub(crate) fn no_second_read(&mut self, habits: &mut PartSizes) -> Step {
        match self.source {
            // What a server told is no guess: to call it unproven would be too kind.
            Source::Told(_) => Step::damaged(
                "the composite checksum of its parts disagrees at the part size that the server \
                 told, and neither the other parts' sizes nor a second read could be had",
                READ_AGAIN,
            ),
            _ => self.unexplained(Unproven::NotReadTwice, habits),
        }
    }

    fn doubt(&mut self, habits: &mut PartSizes) -> Step {
        let tried = self.first.iter().map(|sum| sum.part_size);
        let mut sizes: Vec<u64> = tried.collect();
        match self.source {
            Source::Certain(part_size) => sizes.push(part_size),
            Source::Told(_) | Source::Guess(Weight::Likely) | Source::Unasked(Weight::Likely) => {
                sizes.extend(habits.further(self.size, self.parts, &sizes));
            }
            Source::Guess(Weight::Open) | Source::Unasked(Weight::Open) => {
                return Step::Unproven {
                    reason: Unproven::NotCheckable,
                    is_probably_damaged: false,
                };
            }
        }
        if !self.may_read_twice {
            return self.no_second_read(habits);
        }
        Step::ReadAgain(sizes)
    }

    fn proven(&self, sums: &[Sum], habits: &mut PartSizes) -> Option<Step> {
        let agrees = |sum: &&Sum| sum.value == self.expected && sum.parts == self.parts;
        let agreed = sums.iter().find(agrees)?;
        habits.agreed(agreed.part_size, self.parts);
        Some(Step::Proven(Method::Composite))
    }

    fn unexplained(&self, reason: Unproven, habits: &mut PartSizes) -> Step {
        let tried: Vec<u64> = self.first.iter().map(|sum| sum.part_size).collect();
        let is_probably_damaged = habits.suspects(self.parts, &tried);
        habits.unexplained();
        Step::Unproven { reason, is_probably_damaged }
    }

    fn told(&self) -> Option<u64> {
        match self.source {
            Source::Told(first) => Some(first),
            _ => None,
        }
    }
}

/// What a server tells of the lengths of an object's parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// All but the last are as long as this.
    Even(u64),
    /// They are of several lengths: an upload may have them.
    Uneven,
    /// It does not tell.
    Unknown,
}

/// Asks for the lengths of parts, one after another, until it is known whether they are even.
#[derive(Clone, Debug)]
pub(crate) struct Census {
    size: u64,
    parts: u32,
    first: Option<u64>,
    asked: u32,
    told: Option<Told>,
}

impl Census {
    /// Of an object of that size and so many parts; the first one's length may be known.
    pub(crate) fn new(size: u64, parts: u32, first: Option<u64>) -> Self {
        Census { size, parts, first, asked: 0, told: None }
    }

    /// The number of the part to ask for next; `None` when all is known that will be.
    pub(crate) fn next(&self) -> Option<u32> {
        if self.told.is_some() {
            return None;
        }
        if self.first.is_none() {
            return Some(1);
        }
        let rest = self.parts - 1;
        if self.asked >= rest.min(MOST_ASKED) {
            return None;
        }
        // The second, and the last, in which all that is uneven adds up; then what is between.
        Some(match self.asked {
            0 => 2,
            1 => self.parts,
            n => 2 + (rest - 1) * (n - 1) / (rest.min(MOST_ASKED) - 1),
        })
    }

    /// The length of the part that was asked for, where the server told it of this object.
    pub(crate) fn answer(&mut self, length: Option<u64>) {
        let Some(number) = self.next() else { return };
        let Some(length) = length else {
            self.told = Some(Told::Unknown);
            return;
        };
        let Some(first) = self.first else {
            self.began(length);
            return;
        };
        self.asked += 1;
        if even_length(self.size, self.parts, first, number) != Some(length) {
            self.told = Some(Told::Uneven);
        }
    }

    /// What was told; unknown before the end.
    pub(crate) fn told(&self) -> Told {
        match (self.told, self.first) {
            (Some(told), _) => told,
            (None, Some(first)) if self.next().is_none() => Told::Even(first),
            _ => Told::Unknown,
        }
    }

    fn began(&mut self, length: u64) {
        // A server that ignores the number answers with the whole object.
        if length >= self.size && self.parts > 1 {
            self.told = Some(Told::Unknown);
        } else if even_length(self.size, self.parts, length, self.parts).is_none() {
            self.told = Some(Told::Uneven);
        } else {
            self.first = Some(length);
        }
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "census_tests.rs"]
mod census_tests;
