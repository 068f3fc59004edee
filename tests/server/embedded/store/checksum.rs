//! The five checksums of S3, as values and as running digests.
//!
//! S3 User Guide, "Checking object integrity".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::{CrcAlgorithm, Digest as CrcDigest};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// An algorithm of `x-amz-checksum-*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChecksumAlgorithm {
    /// CRC-32 of zlib and gzip.
    Crc32,
    /// CRC-32C (Castagnoli).
    Crc32c,
    /// CRC-64/NVME: what S3 computes when the client names none.
    Crc64Nvme,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl ChecksumAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 5] =
        [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// The name in XML bodies and in `x-amz-checksum-algorithm`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The header that carries a value of this algorithm.
    pub fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// The algorithm of that name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// The checksum of `data`.
    pub fn checksum(self, data: &[u8]) -> Checksum {
        let mut digest = ChecksumDigest::new(self);
        digest.update(data);
        digest.finish()
    }

    /// How many bytes a value has.
    fn length(self) -> u8 {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// The CRC parameters, or `None` for a hash.
    fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 => None,
        }
    }
}

/// Whether a multipart object's checksum covers its bytes or its parts' checksums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChecksumType {
    /// The checksum of all bytes.
    FullObject,
    /// The checksum of the parts' checksums, shown with a `-N` suffix.
    Composite,
}

impl ChecksumType {
    /// The value of `x-amz-checksum-type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
        }
    }
}

/// A checksum of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checksum {
    algorithm: ChecksumAlgorithm,
    bytes: [u8; 32],
}

impl Checksum {
    /// Reads a header value: base64 of exactly the algorithm's length.
    pub fn from_base64(algorithm: ChecksumAlgorithm, text: &str) -> Option<Self> {
        let decoded = STANDARD.decode(text).ok()?;
        if decoded.len() != usize::from(algorithm.length()) {
            return None;
        }
        Some(Self::new(algorithm, &decoded))
    }

    /// The algorithm.
    pub fn algorithm(&self) -> ChecksumAlgorithm {
        self.algorithm
    }

    /// The value without padding.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.algorithm.length())]
    }

    /// The value as headers and XML show it.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.as_bytes())
    }

    /// The checksum of these bytes followed by `length` more whose checksum is
    /// `next`, or `None` where the algorithm cannot tell without the bytes.
    pub(crate) fn combine(&self, next: &Self, length: u64) -> Option<Self> {
        let crc = self.algorithm.crc()?;
        let value = crc_fast::checksum_combine(crc, self.crc_value(), next.crc_value(), length);
        Some(Self::from_crc(self.algorithm, value))
    }

    fn new(algorithm: ChecksumAlgorithm, value: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes[..value.len()].copy_from_slice(value);
        Self { algorithm, bytes }
    }

    fn from_crc(algorithm: ChecksumAlgorithm, value: u64) -> Self {
        let bytes = value.to_be_bytes();
        let width = usize::from(algorithm.length());
        Self::new(algorithm, &bytes[8 - width..])
    }

    fn crc_value(&self) -> u64 {
        self.as_bytes().iter().fold(0, |value, byte| (value << 8) | u64::from(*byte))
    }
}

/// A checksum in the making.
pub(crate) enum ChecksumDigest {
    Crc(ChecksumAlgorithm, CrcDigest),
    Sha1(Sha1),
    Sha256(Sha256),
}

impl ChecksumDigest {
    pub(crate) fn new(algorithm: ChecksumAlgorithm) -> Self {
        match (algorithm, algorithm.crc()) {
            (_, Some(crc)) => Self::Crc(algorithm, CrcDigest::new(crc)),
            (ChecksumAlgorithm::Sha1, None) => Self::Sha1(Sha1::new()),
            (_, None) => Self::Sha256(Sha256::new()),
        }
    }

    pub(crate) fn update(&mut self, data: &[u8]) {
        match self {
            Self::Crc(_, digest) => digest.update(data),
            Self::Sha1(digest) => digest.update(data),
            Self::Sha256(digest) => digest.update(data),
        }
    }

    pub(crate) fn finish(self) -> Checksum {
        match self {
            Self::Crc(algorithm, digest) => Checksum::from_crc(algorithm, digest.finalize()),
            Self::Sha1(digest) => Checksum::new(ChecksumAlgorithm::Sha1, &digest.finalize()),
            Self::Sha256(digest) => Checksum::new(ChecksumAlgorithm::Sha256, &digest.finalize()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_the_catalogues() {
        let check = |algorithm: ChecksumAlgorithm| algorithm.checksum(b"123456789").to_base64();
        assert_eq!(check(ChecksumAlgorithm::Crc32), "y/Q5Jg==");
        assert_eq!(check(ChecksumAlgorithm::Crc32c), "4waSgw==");
        assert_eq!(check(ChecksumAlgorithm::Crc64Nvme), "rosUhgp5mIg=");
    }

    #[test]
    fn combined_checksum_equals_the_whole() {
        for algorithm in ChecksumAlgorithm::ALL {
            let combined = algorithm.checksum(b"12345").combine(&algorithm.checksum(b"6789"), 4);
            let expected = algorithm.crc().map(|_| algorithm.checksum(b"123456789"));
            assert_eq!(combined, expected);
        }
    }
}
