//! A sum over what was listed that does not depend on its order.
//!
//! Each object adds SHA-256 of its key, ETag and size, modulo 2^256. So the fingerprints of the
//! shards of a bucket add up to the bucket's, whatever was listed first, and two listings that
//! differ in one object do not agree. It guards against accidents, not against somebody who
//! chooses keys.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use crate::object::Object;

/// What was listed, as one number: order-independent, and additive over ranges of keys.
///
/// ```
/// use s3stream_core::{Fingerprint, Object};
///
/// let (one, two) = (Object::new("a"), Object::new("b"));
/// let mut whole = Fingerprint::default();
/// [&two, &one].into_iter().for_each(|object| whole.add(object));
///
/// let (mut left, mut right) = (Fingerprint::default(), Fingerprint::default());
/// left.add(&one);
/// right.add(&two);
/// left.join(right);
/// assert_eq!(left, whole);
/// assert_eq!(whole.to_string().parse(), Ok(whole));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// Little-endian: the lowest digit first.
    digits: [u64; 4],
}

/// A text that is no fingerprint: 64 hexadecimal digits are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoFingerprint;

impl Fingerprint {
    /// Counts an object in: its key, ETag and size. Not its version: a reply names one where
    /// the listing does not, and the two are to agree.
    pub fn add(&mut self, object: &Object) {
        let etag = object.etag.as_ref().map_or("", |etag| etag.as_str());
        self.add_described(&object.key, etag, object.size);
    }

    /// Counts an object in that is known by these three alone; `etag` without its quotes, empty
    /// where there is none.
    pub fn add_described(&mut self, key: &str, etag: &str, size: u64) {
        let mut hash = Sha256::new();
        // Lengths before texts: no two objects are written as the same bytes.
        for text in [key, etag] {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        hash.update(size.to_be_bytes());
        self.sum(&Fingerprint::of(&hash.finalize().into()));
    }

    /// Counts in what another one has counted: of the next range of keys, of another shard.
    pub fn join(&mut self, other: Fingerprint) {
        self.sum(&other);
    }

    fn of(hash: &[u8; 32]) -> Self {
        let mut digits = [0; 4];
        for (digit, bytes) in digits.iter_mut().rev().zip(hash.chunks_exact(8)) {
            *digit = u64::from_be_bytes(bytes.try_into().expect("chunks of eight"));
        }
        Fingerprint { digits }
    }

    fn sum(&mut self, other: &Fingerprint) {
        let mut carry = false;
        for (digit, more) in self.digits.iter_mut().zip(other.digits) {
            let (sum, first) = digit.overflowing_add(more);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            (*digit, carry) = (sum, first || second);
        }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.digits.iter().rev().try_for_each(|digit| write!(f, "{digit:016x}"))
    }
}

impl FromStr for Fingerprint {
    type Err = NoFingerprint;

    fn from_str(text: &str) -> Result<Self, NoFingerprint> {
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NoFingerprint);
        }
        let mut digits = [0; 4];
        for (index, digit) in digits.iter_mut().rev().enumerate() {
            let part = &text[index * 16..][..16];
            *digit = u64::from_str_radix(part, 16).map_err(|_| NoFingerprint)?;
        }
        Ok(Fingerprint { digits })
    }
}

impl fmt::Display for NoFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no fingerprint: 64 hexadecimal digits are one")
    }
}

impl std::error::Error for NoFingerprint {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::ETag;

    fn object(key: &str, size: u64, etag: &str) -> Object {
        let mut object = Object::new(key);
        object.size = size;
        object.etag = ETag::parse(etag);
        object
    }

    fn of(objects: &[&Object]) -> Fingerprint {
        let mut sum = Fingerprint::default();
        objects.iter().for_each(|object| sum.add(object));
        sum
    }

    #[test]
    fn it_is_the_number_that_any_program_can_compute() {
        // python3: n = lambda b: len(b).to_bytes(8, "big") + b
        // hashlib.sha256(n(b"a/b") + n(b"abc") + (7).to_bytes(8, "big")).hexdigest()
        let known = "5585428e4e9beb7e0f094a6165207b807132984899a3ee3c3a6351481ce46dd0";
        assert_eq!(of(&[&object("a/b", 7, "\"abc\"")]).to_string(), known);
    }

    #[test]
    fn every_part_of_an_object_counts() {
        let different = [
            object("a", 1, "x"),
            object("b", 1, "x"),
            object("a", 2, "x"),
            object("a", 1, "y"),
            object("ax", 1, ""),
            object("", 1, "ax"),
        ];
        for (index, one) in different.iter().enumerate() {
            for other in &different[index + 1..] {
                assert_ne!(of(&[one]), of(&[other]), "{one:?} and {other:?}");
            }
        }
        assert_eq!(of(&[&object("a", 1, "W/\"x\"")]), of(&[&object("a", 1, "x")]));
        let mut versioned = object("a", 1, "x");
        versioned.version_id = Some("v".to_owned());
        assert_eq!(of(&[&versioned]), of(&[&object("a", 1, "x")]));
    }

    #[test]
    fn twice_is_not_once_and_order_is_nothing() {
        let (a, b) = (object("a", 1, "x"), object("b", 2, "y"));
        assert_eq!(of(&[&a, &b]), of(&[&b, &a]));
        assert_ne!(of(&[&a, &a]), of(&[&a]));
    }

    #[test]
    fn sums_carry_into_the_next_digit_and_wrap_at_the_end() {
        let text = |digits: [u64; 4]| Fingerprint { digits }.to_string();
        let mut sum = Fingerprint { digits: [u64::MAX, u64::MAX, 5, 0] };
        sum.join(Fingerprint { digits: [1, 0, 0, 0] });
        assert_eq!(sum.to_string(), text([0, 0, 6, 0]));
        let mut sum = Fingerprint { digits: [u64::MAX; 4] };
        sum.join(Fingerprint { digits: [2, 0, 0, 0] });
        assert_eq!(sum.to_string(), text([1, 0, 0, 0]));
    }

    #[test]
    fn a_text_is_one_or_is_refused() {
        assert_eq!("0".repeat(64).parse(), Ok(Fingerprint::default()));
        for wrong in ["", "0", &"0".repeat(63), &"0".repeat(65), &"g".repeat(64), &"+".repeat(64)] {
            assert_eq!(wrong.parse::<Fingerprint>(), Err(NoFingerprint), "{wrong}");
        }
        assert!("é".repeat(32).parse::<Fingerprint>().is_err());
    }
}
