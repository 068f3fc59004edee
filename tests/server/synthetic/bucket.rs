//! The objects that there are, by number.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use crc_fast::{CrcAlgorithm, checksum, checksum_combine};

use crate::pattern;

/// Key of the one big object.
pub const BIG: &str = "big";

/// Digits of a small object's key.
const DIGITS: usize = 10;
/// What the big object repeats, in bytes.
const BLOCK: usize = 1 << 20;

/// `count` small objects and a big one.
pub(super) struct Bucket {
    count: u64,
    size: usize,
    /// What follows the key in a small object.
    filling: Vec<u8>,
    block: Bytes,
    big: u64,
    big_checksum: String,
}

/// One object, ready to be sent.
pub(super) struct Found {
    /// What is sent over and over to make up `size`.
    pub(super) block: Bytes,
    pub(super) size: u64,
    pub(super) etag: String,
    /// CRC64NVME of the whole, in base64 as S3 writes it.
    pub(super) checksum: String,
}

impl Bucket {
    pub(super) fn new(count: u64, size: usize, big: u64) -> Self {
        let block = Bytes::from(pattern::bytes(1, 0, BLOCK));
        Bucket {
            count: count.min(10_u64.pow(10)),
            size,
            filling: pattern::bytes(2, 0, size),
            big_checksum: base64(repeated_checksum(&block, big)),
            block,
            big,
        }
    }

    /// The object of that key.
    pub(super) fn find(&self, key: &str) -> Option<Found> {
        if key == BIG {
            return Some(Found {
                block: self.block.clone(),
                size: self.big,
                etag: self.etag(self.count),
                checksum: self.big_checksum.clone(),
            });
        }
        let number = number(key).filter(|number| *number < self.count)?;
        let mut content = self.filling.clone();
        // Each object is another one: a client that swaps two of them fails its checksum.
        let head = content.len().min(DIGITS);
        content[..head].copy_from_slice(&key.as_bytes()[DIGITS - head..]);
        Some(Found {
            size: content.len() as u64,
            etag: self.etag(number),
            checksum: base64(checksum(CrcAlgorithm::Crc64Nvme, &content)),
            block: Bytes::from(content),
        })
    }

    /// The numbers of the keys with that prefix; the big object is the last of all.
    pub(super) fn with_prefix(&self, prefix: &str) -> Range<u64> {
        let all = 0..self.count + 1;
        if prefix.is_empty() {
            return all;
        }
        if BIG.starts_with(prefix) {
            return self.count..all.end;
        }
        let is_number = prefix.bytes().all(|byte| byte.is_ascii_digit());
        let Some(missing) = DIGITS.checked_sub(prefix.len()).filter(|_| is_number) else {
            return 0..0;
        };
        let span = 10_u64.pow(u32::try_from(missing).expect("at most ten"));
        let first = prefix.parse::<u64>().unwrap_or(u64::MAX).saturating_mul(span);
        first.min(self.count)..first.saturating_add(span).min(self.count)
    }

    /// The number of the first key behind `after`, which need not be a key.
    pub(super) fn behind(&self, after: &str) -> u64 {
        let (mut low, mut high) = (0, self.count + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.key(middle).as_str() > after {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }

    /// The key of an object.
    pub(super) fn key(&self, number: u64) -> String {
        if number == self.count { BIG.to_owned() } else { format!("{number:010}") }
    }

    /// The ETag of an object: no MD5, as of one that was uploaded in parts.
    pub(super) fn etag(&self, number: u64) -> String {
        format!("\"synthetic-{}\"", self.key(number))
    }

    /// The size of an object, in bytes.
    pub(super) fn size(&self, number: u64) -> u64 {
        if number == self.count { self.big } else { self.size as u64 }
    }
}

fn number(key: &str) -> Option<u64> {
    let is_key = key.len() == DIGITS && key.bytes().all(|byte| byte.is_ascii_digit());
    key.parse().ok().filter(|_| is_key)
}

fn base64(checksum: u64) -> String {
    STANDARD.encode(checksum.to_be_bytes())
}

/// CRC64NVME of `length` bytes of a block that is repeated, without making them.
fn repeated_checksum(block: &[u8], length: u64) -> u64 {
    let algorithm = CrcAlgorithm::Crc64Nvme;
    let whole = block.len() as u64;
    let rest = usize::try_from(length % whole).expect("shorter than a block");
    let of_block = checksum(algorithm, block);
    let of_blocks = (0..length / whole)
        .fold(checksum(algorithm, b""), |sum, _| checksum_combine(algorithm, sum, of_block, whole));
    checksum_combine(algorithm, of_blocks, checksum(algorithm, &block[..rest]), rest as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksum_of_repeated_blocks_is_that_of_the_bytes() {
        for length in [0, 1, 9, 10, 35] {
            let bytes: Vec<u8> = b"0123456789".iter().copied().cycle().take(length).collect();
            let expected = checksum(CrcAlgorithm::Crc64Nvme, &bytes);
            assert_eq!(repeated_checksum(b"0123456789", length as u64), expected);
        }
    }

    #[test]
    fn keys_are_found_by_number_alone() {
        let bucket = Bucket::new(1000, 16, 1);
        assert!(bucket.find("0000000999").is_some());
        for key in ["0000001000", "999", "000000099x", "+000000999", ""] {
            assert!(bucket.find(key).is_none(), "{key}");
        }
        assert!(bucket.find("0000000001").unwrap().block.starts_with(b"0000000001"));
    }

    #[test]
    fn prefixes_and_places_are_numbers() {
        let bucket = Bucket::new(1000, 0, 1);
        assert_eq!(bucket.with_prefix(""), 0..1001);
        assert_eq!(bucket.with_prefix("bi"), 1000..1001);
        assert_eq!(bucket.with_prefix("000000012"), 120..130);
        assert_eq!(bucket.with_prefix("9"), 1000..1000);
        assert!(bucket.with_prefix("x").is_empty());
        assert_eq!(bucket.behind(""), 0);
        assert_eq!(bucket.behind("0000000041"), 42);
        assert_eq!(bucket.behind("0000000041x"), 42);
        assert_eq!(bucket.behind("a"), 1000);
        assert_eq!(bucket.behind("big"), 1001);
    }
}
