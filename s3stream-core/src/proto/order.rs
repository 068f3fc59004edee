//! In which order a server lists, and that no key comes twice where that order proves nothing.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

/// In which order a listing came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Order {
    /// By the bytes of the keys, as S3 lists.
    Ascending,
    /// In another order, which proves nothing: SeaweedFS lists directory by directory.
    Unordered,
}

impl Order {
    /// The name: `ascending` or `unordered`.
    pub const fn name(self) -> &'static str {
        match self {
            Order::Ascending => "ascending",
            Order::Unordered => "unordered",
        }
    }
}

/// Whether a server is known to list in another order. A part of its listing may ascend all the
/// same, and then nothing else would tell that keys of a range lie outside of it.
///
/// SeaweedFS lists directory by directory, and so does S3 its directory buckets (see "Directory
/// bucket naming rules" in the Amazon S3 user guide).
pub(crate) fn is_known_unordered(server: Option<&str>, bucket: &str) -> bool {
    server.is_some_and(|server| server.trim_start().starts_with("SeaweedFS"))
        || bucket.ends_with("--x-s3")
}

/// What was seen, as hashes of 128 bits: so many are told apart for certain, as far as
/// anybody can count. Of more than fit, nothing is said.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    hashes: HashSet<u128, BuildHasherDefault<Folded>>,
    most_bytes: u64,
    is_exact: bool,
}

/// Whether something was seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    First,
    Again,
    /// There is no room to remember it, and it is none of those that are remembered.
    Unknown,
}

impl Seen {
    /// A memory of at most so many bytes.
    pub(crate) fn new(most_bytes: u64) -> Self {
        Seen { hashes: HashSet::default(), most_bytes, is_exact: true }
    }

    /// The same that knows some things already; `is_exact` if those are all.
    pub(crate) fn with(most_bytes: u64, known: Vec<u128>, is_exact: bool) -> Self {
        let mut seen = Seen { is_exact, ..Seen::new(most_bytes) };
        for hash in known {
            seen.see_hash(hash);
        }
        seen
    }

    /// Sees something, and says whether that was seen before.
    pub(crate) fn see(&mut self, thing: &impl Hash) -> Sight {
        self.see_hash(fingerprint(thing))
    }

    /// The same for what was hashed already, by [`fingerprint`].
    pub(crate) fn see_hash(&mut self, hash: u128) -> Sight {
        if self.hashes.contains(&hash) {
            return Sight::Again;
        }
        if self.hashes.len() == self.hashes.capacity() && self.bytes_grown() > self.most_bytes {
            self.is_exact = false;
            return Sight::Unknown;
        }
        self.hashes.insert(hash);
        if self.is_exact { Sight::First } else { Sight::Unknown }
    }

    /// Whether everything that was seen is remembered.
    pub(crate) fn is_exact(&self) -> bool {
        self.is_exact
    }

    /// Forgets everything, but keeps the room.
    pub(crate) fn clear(&mut self) {
        self.hashes.clear();
        self.is_exact = true;
    }

    /// Bytes that it takes.
    pub(crate) fn bytes(&self) -> u64 {
        slots(self.hashes.capacity()).saturating_mul(SLOT)
    }

    /// Bytes that it would take if it grew: the table doubles.
    fn bytes_grown(&self) -> u64 {
        slots(self.hashes.capacity()).saturating_mul(2 * SLOT)
    }
}

/// A slot of the table: the hash, and a byte of its own.
const SLOT: u64 = 17;

/// The table's slots, of which it fills seven eighths.
fn slots(capacity: usize) -> u64 {
    (capacity as u64).saturating_mul(8).div_ceil(7).next_power_of_two()
}

/// 128 bits of a thing: two hashes of 64 that begin differently.
pub(crate) fn fingerprint(thing: &impl Hash) -> u128 {
    let half = |seed: u8| {
        let mut hasher = DefaultHasher::new();
        seed.hash(&mut hasher);
        thing.hash(&mut hasher);
        hasher.finish()
    };
    u128::from(half(0)) << 64 | u128::from(half(1))
}

/// What is a hash already needs no other.
#[derive(Clone, Copy, Debug, Default)]
struct Folded(u64);

impl Hasher for Folded {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u128(&mut self, hash: u128) {
        self.0 = u64::try_from(hash >> 64).unwrap_or_default();
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_without_an_order_are_known_by_their_names() {
        let table = [
            (Some("SeaweedFS 8000GB 4.48"), "b", true),
            (None, "logs--use1-az4--x-s3", true),
            (Some("AmazonS3"), "b", false),
            (Some("nginx"), "b--x-s3-b", false),
            (None, "b", false),
        ];
        for (server, bucket, is_unordered) in table {
            assert_eq!(is_known_unordered(server, bucket), is_unordered, "{server:?} {bucket}");
        }
    }

    #[test]
    fn what_comes_again_is_noticed() {
        let mut seen = Seen::new(1 << 20);
        for key in ["a", "b", "", "ab"] {
            assert_eq!(seen.see(&key), Sight::First, "{key}");
        }
        for key in ["b", "", "a", "ab"] {
            assert_eq!(seen.see(&key), Sight::Again, "{key}");
        }
        assert!(seen.is_exact());
    }

    #[test]
    fn it_never_takes_more_than_it_may_and_says_when_it_forgets() {
        let most = 64 * 1024;
        let mut seen = Seen::new(most);
        let mut known = 0;
        for number in 0..10_000_u32 {
            match seen.see(&number) {
                Sight::First => known += 1,
                Sight::Unknown => {}
                Sight::Again => panic!("{number} comes once"),
            }
            assert!(seen.bytes() <= most, "{} bytes", seen.bytes());
        }
        assert!(!seen.is_exact());
        assert!(known > most / 40, "{known} remembered");
        // What is remembered is still told apart.
        assert_eq!(seen.see(&0_u32), Sight::Again);
        seen.clear();
        assert_eq!((seen.see(&0_u32), seen.is_exact()), (Sight::First, true));
    }

    #[test]
    fn what_is_handed_over_is_known() {
        let known = ["a", "b"].iter().map(fingerprint).collect();
        let mut seen = Seen::with(1 << 20, known, true);
        assert_eq!((seen.see(&"b"), seen.see(&"c")), (Sight::Again, Sight::First));
        let mut partly = Seen::with(1 << 20, Vec::new(), false);
        assert_eq!((partly.see(&"c"), partly.is_exact()), (Sight::Unknown, false));
        assert_eq!(partly.see(&"c"), Sight::Again);
    }
}
