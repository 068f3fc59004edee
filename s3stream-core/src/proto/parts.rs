//! The part size of a multipart upload: told by the server, known of the bucket, or guessed.
//!
//! A multipart ETag and a composite checksum are made of the parts' digests, so checking one
//! needs the parts' sizes. HeadObject with `partNumber=1` tells the first one's where it is
//! implemented ("HeadObject", Amazon S3 API reference). RadosGW ignores the parameter and
//! Swift answers 405; then the sizes that usual tools use are tried, and before them what
//! agreed with other objects of the bucket, which mostly come from the same tool.

use super::response::ObjectHead;
use crate::object::Object;

const MIB: u64 = 1 << 20;
const MILLION: u64 = 1_000_000;

/// What upload tools use when nobody tells them otherwise, the commonest first: AWS's own
/// (8), rclone and the smallest allowed (5), restic and minio-go (16), s3cmd (15), Hadoop (64,
/// 100, 128); of whole millions of bytes, Backblaze's recommendation (100) and smallest (5).
const USUAL: [u64; 31] = [
    8 * MIB,
    5 * MIB,
    16 * MIB,
    15 * MIB,
    64 * MIB,
    100 * MILLION,
    10 * MIB,
    5 * MILLION,
    32 * MIB,
    100 * MIB,
    128 * MIB,
    50 * MIB,
    25 * MIB,
    20 * MIB,
    10 * MILLION,
    50 * MILLION,
    8 * MILLION,
    256 * MIB,
    512 * MIB,
    1_024 * MIB,
    20 * MILLION,
    25 * MILLION,
    16 * MILLION,
    32 * MILLION,
    64 * MILLION,
    6 * MIB,
    7 * MIB,
    200 * MILLION,
    250 * MILLION,
    500 * MILLION,
    1_000 * MILLION,
];

/// How many guesses are hashed side by side: each costs a digest of the whole object.
pub(crate) const MOST_GUESSES: usize = 2;

/// How many more are tried in a second read, which holds nobody up.
const MOST_AGAIN: usize = 4;

/// Part sizes that are remembered of one bucket.
const MOST_REMEMBERED: usize = 4;

/// So many objects that agree at one size, and none that does not, make it the only guess.
const SETTLED: u32 = 3;

/// After so many disagreements that nothing explains, and fewer agreements, a bucket's parts
/// are of sizes that nobody guesses: to read every object of it twice would help nobody.
const MOST_UNEXPLAINED: u32 = 16;

/// A server that so many times did not tell the size of a part does not tell it.
const MOST_SILENCES: u32 = 2;

/// Whether an object of `size` bytes has `parts` parts when all but the last hold `part_size`.
pub(crate) fn fits(size: u64, parts: u32, part_size: u64) -> bool {
    part_size > 0 && size.div_ceil(part_size).max(1) == u64::from(parts)
}

/// The length of one part when all but the last are as long as the first; `None` where
/// the numbers, which are the server's, do not fit each other.
pub(crate) fn even_length(size: u64, parts: u32, first: u64, number: u32) -> Option<u64> {
    if !fits(size, parts, first) || !(1..=parts).contains(&number) {
        return None;
    }
    if number < parts {
        return Some(first);
    }
    size.checked_sub(first.checked_mul(u64::from(parts - 1))?)
}

/// The length of a part that the reply to a HEAD with `partNumber` tells of this object.
///
/// A reply with another ETag, or with none, speaks of another object: the request cannot be
/// bound to one on servers that ignore If-Match.
pub(crate) fn told_length(reply: &ObjectHead, object: &Object) -> Option<u64> {
    let is_same = reply.object.etag.is_some() && reply.object.etag == object.etag;
    let total = reply.content_range.and_then(|range| range.total);
    reply.content_length.filter(|_| is_same && total.is_none_or(|total| total == object.size))
}

/// Part sizes to try, and what it means when none of them agrees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Guesses {
    /// The likeliest first; may be empty.
    pub(crate) sizes: Vec<u64>,
    pub(crate) weight: Weight,
}

/// What a disagreement at guessed part sizes says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// A likely size is among them, so the bytes may be damaged: worth a second look.
    Likely,
    /// Any other size is as likely: it says nothing.
    Open,
}

/// Whether to ask the server before the first read is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    First,
    /// There is nothing to be told, or a guess is good enough until it disagrees.
    OnlyInDoubt,
    Never,
}

/// What the objects of one bucket have taught about their part sizes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PartSizes {
    /// Part size and how many objects agreed at it, the commonest first.
    agreed: Vec<(u64, u32)>,
    /// Objects of one part that agreed: their part size is their own.
    agreed_alone: u32,
    /// Objects that agreed at no size, though two reads of them were the same.
    unexplained: u32,
    told: u32,
    silences: u32,
}

impl PartSizes {
    /// Part sizes to hash an object at while it is read.
    pub(crate) fn guesses(&self, size: u64, parts: u32) -> Guesses {
        if let Some(settled) = self.settled().filter(|settled| fits(size, parts, *settled)) {
            return Guesses { sizes: vec![settled], weight: Weight::Likely };
        }
        let mut sizes = self.usual(size, parts);
        let mut is_likely = !sizes.is_empty();
        if sizes.is_empty() {
            sizes = grown(size, parts);
            is_likely = sizes.len() == 1 && is_only_round(size, parts);
        }
        sizes.truncate(MOST_GUESSES);
        let weight = if is_likely && !self.is_odd() { Weight::Likely } else { Weight::Open };
        Guesses { sizes, weight }
    }

    /// Further sizes for a second read, behind those that disagreed in the first.
    pub(crate) fn further(&self, size: u64, parts: u32, tried: &[u64]) -> Vec<u64> {
        let mut sizes: Vec<u64> = Vec::new();
        for one in self.usual(size, parts).into_iter().chain(grown(size, parts)) {
            if !tried.contains(&one) && !sizes.contains(&one) && sizes.len() < MOST_AGAIN {
                sizes.push(one);
            }
        }
        sizes
    }

    /// Whether to ask the server for the part size of such an object, and when.
    pub(crate) fn asking(&self, size: u64, parts: u32) -> Asking {
        if parts == 1 || (self.told == 0 && self.silences >= MOST_SILENCES) {
            return Asking::Never;
        }
        match self.settled() {
            Some(settled) if fits(size, parts, settled) => Asking::OnlyInDoubt,
            _ => Asking::First,
        }
    }

    /// The server told a part size.
    pub(crate) fn told(&mut self) {
        self.told = self.told.saturating_add(1);
    }

    /// The server was asked for a part size and did not tell it.
    pub(crate) fn not_told(&mut self) {
        self.silences = self.silences.saturating_add(1);
    }

    /// An object of that many parts agreed at this part size.
    pub(crate) fn agreed(&mut self, part_size: u64, parts: u32) {
        if parts == 1 {
            self.agreed_alone = self.agreed_alone.saturating_add(1);
            return;
        }
        match self.agreed.iter_mut().find(|(known, _)| *known == part_size) {
            Some((_, times)) => *times = times.saturating_add(1),
            None => {
                self.agreed.truncate(MOST_REMEMBERED - 1);
                self.agreed.push((part_size, 1));
            }
        }
        self.agreed.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    }

    /// An object agreed at no size that was tried, though two reads of it were the same.
    pub(crate) fn unexplained(&mut self) {
        self.unexplained = self.unexplained.saturating_add(1);
    }

    /// Whether an object that disagrees at these sizes is probably damaged: most others of
    /// the bucket agreed, all at one size, and this is among them.
    pub(crate) fn suspects(&self, parts: u32, tried: &[u64]) -> bool {
        if parts == 1 {
            return self.agreed_alone > self.unexplained;
        }
        match self.agreed[..] {
            [(only, times)] => times > self.unexplained && tried.contains(&only),
            _ => false,
        }
    }

    /// Every likely size that fits, the likeliest first.
    fn usual(&self, size: u64, parts: u32) -> Vec<u64> {
        if parts == 1 {
            return vec![size.max(1)];
        }
        let known = self.agreed.iter().map(|(part_size, _)| *part_size);
        let mut sizes = Vec::new();
        for one in known.chain(USUAL) {
            if fits(size, parts, one) && !sizes.contains(&one) {
                sizes.push(one);
            }
        }
        sizes
    }

    fn settled(&self) -> Option<u64> {
        match self.agreed[..] {
            [(only, times)] if times >= SETTLED && self.unexplained == 0 => Some(only),
            _ => None,
        }
    }

    /// Whether the part sizes of this bucket are nobody's guess.
    fn is_odd(&self) -> bool {
        let agreed = self.agreed.iter().map(|(_, times)| *times).chain([self.agreed_alone]);
        let agreed = agreed.fold(0, u32::saturating_add);
        self.unexplained >= MOST_UNEXPLAINED && self.unexplained > agreed
    }
}

/// Round sizes to which a tool grows its usual one where that would need too many parts.
fn grown(size: u64, parts: u32) -> Vec<u64> {
    if parts == 1 {
        return Vec::new();
    }
    [MIB, MILLION].into_iter().filter_map(|unit| least_round(size, parts, unit)).collect()
}

/// The smallest multiple of `unit` that can be the part size.
fn least_round(size: u64, parts: u32, unit: u64) -> Option<u64> {
    let least = size.checked_div(u64::from(parts))?.max(1);
    let round = least.checked_next_multiple_of(unit)?;
    // Where the division has a rest, a size that divides evenly may be one too small.
    [Some(round), round.checked_add(unit)].into_iter().flatten().find(|one| fits(size, parts, *one))
}

/// Whether one whole MiB or one whole million fits and no other: for many parts, few do.
fn is_only_round(size: u64, parts: u32) -> bool {
    let of_unit = |unit: u64| {
        let least = least_round(size, parts, unit);
        let next = least.and_then(|least| least.checked_add(unit));
        usize::from(least.is_some()) + usize::from(next.is_some_and(|n| fits(size, parts, n)))
    };
    of_unit(MIB) + of_unit(MILLION) == 1
}

#[cfg(test)]
#[path = "parts_tests.rs"]
mod tests;
