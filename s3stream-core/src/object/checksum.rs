//! Checksums that S3 keeps beside an object.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A checksum as a reply states it, or as one would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// By which algorithm.
    pub algorithm: Algorithm,
    /// The value as sent: base64, with `-N` behind it where it is a composite of N parts.
    pub value: String,
}

impl Checksum {
    /// The checksum of these bytes, in S3's order: the highest first.
    pub(crate) fn of(algorithm: Algorithm, digest: &[u8]) -> Self {
        Checksum { algorithm, value: STANDARD.encode(digest) }
    }

    /// The same of the checksums of so many parts.
    pub(crate) fn of_parts(algorithm: Algorithm, digest: &[u8], parts: u32) -> Self {
        Checksum { algorithm, value: format!("{}-{parts}", STANDARD.encode(digest)) }
    }

    /// The value in hexadecimal, as `md5sum` and its like write it; the number of parts stays
    /// behind it. `None` where it is not base64.
    ///
    /// ```
    /// use s3stream_core::{Algorithm, Checksum};
    /// let checksum = Checksum { algorithm: Algorithm::Crc32, value: "y/Q5Jg==".to_owned() };
    /// assert_eq!(checksum.hex().as_deref(), Some("cbf43926"));
    /// ```
    pub fn hex(&self) -> Option<String> {
        let (digits, parts) = match self.value.split_once('-') {
            Some((digits, parts)) => (digits, Some(parts)),
            None => (self.value.as_str(), None),
        };
        let mut hex = String::with_capacity(2 * digits.len());
        for byte in STANDARD.decode(digits).ok()? {
            hex.push_str(&format!("{byte:02x}"));
        }
        Some(match parts {
            Some(parts) => format!("{hex}-{parts}"),
            None => hex,
        })
    }
}

/// A checksum algorithm that S3 stores beside an object.
///
/// See "Checking object integrity" in the Amazon S3 user guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// SHA-256.
    Sha256,
    /// SHA-1.
    Sha1,
    /// CRC-64/NVME, the default of S3 itself.
    Crc64Nvme,
    /// CRC-32C (Castagnoli).
    Crc32C,
    /// CRC-32 (zip).
    Crc32,
    /// MD5, as an ETag carries it.
    Md5,
}

impl Algorithm {
    /// The name in lower case, as in the header `x-amz-checksum-...`.
    pub const fn name(self) -> &'static str {
        match self {
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha1 => "sha1",
            Algorithm::Crc64Nvme => "crc64nvme",
            Algorithm::Crc32C => "crc32c",
            Algorithm::Crc32 => "crc32",
            Algorithm::Md5 => "md5",
        }
    }
}

/// Whether the checksums of an object that came in parts are of its bytes or of its parts'.
///
/// See `x-amz-checksum-type` of "HeadObject" in the Amazon S3 API reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChecksumType {
    /// Of all bytes.
    FullObject,
    /// Of the checksums of the parts.
    Composite,
}

impl ChecksumType {
    /// S3's word for it: `FULL_OBJECT` or `COMPOSITE`.
    pub const fn name(self) -> &'static str {
        match self {
            ChecksumType::FullObject => "FULL_OBJECT",
            ChecksumType::Composite => "COMPOSITE",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_written_as_s3_does_and_shown_in_hexadecimal() {
        let crc = [0xcb, 0xf4, 0x39, 0x26];
        let whole = Checksum::of(Algorithm::Crc32, &crc);
        assert_eq!((whole.value.as_str(), whole.hex().as_deref()), ("y/Q5Jg==", Some("cbf43926")));
        let parts = Checksum::of_parts(Algorithm::Crc32, &crc, 3);
        assert_eq!(parts.value, "y/Q5Jg==-3");
        assert_eq!(parts.hex().as_deref(), Some("cbf43926-3"));
        assert_eq!(Checksum { value: "?".to_owned(), ..whole }.hex(), None);
    }
}
