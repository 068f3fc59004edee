//! An object that is sent in parts: how large each is, which have arrived, what they make.
//!
//! See "Uploading and copying objects using multipart upload" in the Amazon S3 user guide.

use super::checksum::Digest;
use super::completion::Stored;
use super::encode::hex;
use super::payload::base64;
use super::xml::Writer;
use crate::object::{Algorithm, ETag};

const MIB: u64 = 1 << 20;

/// A part of an object of unknown size, to begin with.
const USUAL_PART: u64 = 8 * MIB;

/// S3 takes no larger part.
pub(crate) const LARGEST_PART: u64 = 5 << 30;

/// S3 takes no more parts.
pub(crate) const MOST_PARTS: u32 = 10_000;

/// How large each part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PartSizes {
    /// All alike, but for the last.
    Equal { bytes: u64, most: u32 },
    /// Doubled after each tenth of the parts that there may be: 8 TiB, where there may be 10,000.
    Growing { most: u32 },
}

impl PartSizes {
    /// For an object of that size, as far as it is known; the error says what cannot be.
    pub(crate) fn new(
        size: Option<u64>,
        part_size: Option<u64>,
        max_parts: Option<u32>,
    ) -> Result<Self, String> {
        let most = max_parts.unwrap_or(MOST_PARTS);
        if !(1..=MOST_PARTS).contains(&most) {
            return Err(format!("max_parts: must be a number from 1 to {MOST_PARTS}"));
        }
        let bytes = match (part_size, size) {
            (Some(bytes), _) => bytes,
            (None, None) => return Ok(PartSizes::Growing { most }),
            (None, Some(size)) => {
                size.div_ceil(u64::from(most)).next_multiple_of(MIB).max(USUAL_PART)
            }
        };
        if !(1..=LARGEST_PART).contains(&bytes) {
            return Err("part_size: must be a number of bytes up to 5 GiB".to_owned());
        }
        if size.is_some_and(|size| size > bytes.saturating_mul(u64::from(most))) {
            return Err(format!(
                "an object of that size has no room in {most} parts of {bytes} bytes"
            ));
        }
        Ok(PartSizes::Equal { bytes, most })
    }

    /// Of the part with this number, the first being 1; `None` where there may be no more.
    pub(crate) fn of(self, number: u32) -> Option<u64> {
        match self {
            PartSizes::Equal { most, .. } | PartSizes::Growing { most } if number > most => None,
            PartSizes::Equal { bytes, .. } => Some(bytes),
            PartSizes::Growing { most } => {
                let doublings = number.saturating_sub(1) / most.div_ceil(10);
                Some((USUAL_PART << doublings.min(16)).min(LARGEST_PART))
            }
        }
    }
}

/// By what a server can tell that a part has arrived as it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PartDigest {
    /// A signed SHA-256: every server has to check the signature.
    Signed,
    /// CRC64NVME beside it, which makes a digest of the whole.
    SignedAndChecksum,
    /// CRC64NVME alone, where TLS keeps others away from both.
    Checksum,
}

impl PartDigest {
    /// By what the reply to CreateMultipartUpload says: who repeats the algorithm knows it.
    pub(crate) fn of(echoed: Option<&str>, is_encrypted: bool) -> Self {
        match echoed {
            Some(name) if name.eq_ignore_ascii_case("CRC64NVME") && is_encrypted => {
                PartDigest::Checksum
            }
            Some(name) if name.eq_ignore_ascii_case("CRC64NVME") => PartDigest::SignedAndChecksum,
            _ => PartDigest::Signed,
        }
    }

    pub(crate) fn is_signed(self) -> bool {
        self != PartDigest::Checksum
    }

    pub(crate) fn has_checksum(self) -> bool {
        self != PartDigest::Signed
    }
}

/// A part that the server has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredPart {
    /// As the server has said it: it is named so again.
    pub(crate) etag: String,
    /// `None` where the bytes never came by: a part that the server has copied.
    pub(crate) crc64: Option<u64>,
    pub(crate) size: u64,
}

/// The parts of an upload that have arrived.
#[derive(Clone, Debug, Default)]
pub(crate) struct Upload {
    parts: Vec<Option<StoredPart>>,
}

impl Upload {
    pub(crate) fn stored(&mut self, number: u32, part: StoredPart) {
        let index = number.saturating_sub(1) as usize;
        if self.parts.len() <= index {
            self.parts.resize(index + 1, None);
        }
        self.parts[index] = Some(part);
    }

    /// All parts up to this number, in their order; the error names the first that is missing.
    pub(crate) fn assemble(self, last: u32) -> Result<Assembly, u32> {
        let mut parts = Vec::with_capacity(last as usize);
        let mut stored = self.parts.into_iter();
        for number in 1..=last {
            parts.push(stored.next().flatten().ok_or(number)?);
        }
        Ok(Assembly { parts })
    }
}

/// All parts of an object.
#[derive(Clone, Debug)]
pub(crate) struct Assembly {
    parts: Vec<StoredPart>,
}

impl Assembly {
    /// What the object looks like if it is made of these parts.
    pub(crate) fn makes(&self) -> Stored {
        let size = self.parts.iter().map(|part| part.size).sum();
        Stored { size, crc64: self.crc64(), etag: self.etag() }
    }

    /// CRC64NVME of the whole, in base64.
    fn crc64(&self) -> Option<String> {
        let add = |whole, part: &StoredPart| Some(combine(whole, part.crc64?, part.size));
        self.parts.iter().try_fold(0, add).map(encoded)
    }

    /// The MD5 of the parts' MD5s, with their number: what AWS, RadosGW, Swift and MinIO make of
    /// them. `None` where one of the parts' ETags is no MD5.
    fn etag(&self) -> Option<ETag> {
        let mut digest = Digest::new(Algorithm::Md5);
        for part in &self.parts {
            digest.update(&ETag::parse(&part.etag)?.md5()?);
        }
        ETag::parse(&format!("{}-{}", hex(&digest.finish()), self.parts.len()))
    }

    /// The body of CompleteMultipartUpload.
    pub(crate) fn body(&self, digest: PartDigest) -> String {
        let mut xml = Writer::new("CompleteMultipartUpload");
        for (number, part) in (1..).zip(&self.parts) {
            xml.open("Part").element("PartNumber", &u32::to_string(&number));
            xml.element("ETag", &part.etag);
            if let Some(crc64) = part.crc64.filter(|_| digest.has_checksum()) {
                xml.element("ChecksumCRC64NVME", &encoded(crc64));
            }
            xml.close("Part");
        }
        xml.finish("CompleteMultipartUpload")
    }
}

/// A CRC64NVME as S3's fields hold it.
pub(crate) fn encoded(crc64: u64) -> String {
    base64(&crc64.to_be_bytes())
}

/// The CRC64NVME of what has the first, followed by so many bytes that have the second.
fn combine(first: u64, second: u64, length: u64) -> u64 {
    crc_fast::checksum_combine(crc_fast::CrcAlgorithm::Crc64Nvme, first, second, length)
}

#[cfg(test)]
#[path = "upload_tests.rs"]
mod tests;
