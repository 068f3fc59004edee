//! Checksums that S3 keeps beside an object.

/// A checksum as a reply states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// By which algorithm.
    pub algorithm: Algorithm,
    /// The value as sent: base64, with `-N` behind it where it is a composite of N parts.
    pub value: String,
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
