//! An object that the fault server holds, and what is true about it.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;

use crate::pattern;

/// A checksum algorithm of S3's `x-amz-checksum-*` headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// What AWS computes unasked since 2024.
    Crc64Nvme,
    /// Castagnoli.
    Crc32c,
    /// The one of zip and Ethernet.
    Crc32,
    /// Still offered.
    Sha1,
    /// The slow and strong one.
    Sha256,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 5] =
        [Self::Crc64Nvme, Self::Crc32c, Self::Crc32, Self::Sha1, Self::Sha256];

    /// Returns the name as the headers and the transcripts spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crc64Nvme => "crc64nvme",
            Self::Crc32c => "crc32c",
            Self::Crc32 => "crc32",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }

    /// Finds an algorithm by its name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// Returns the digest as the bytes that the header has in base64.
    pub fn digest(self, data: &[u8]) -> Vec<u8> {
        let crc = |algorithm| crc_fast::checksum(algorithm, data).to_be_bytes();
        match self {
            Self::Crc64Nvme => crc(CrcAlgorithm::Crc64Nvme).to_vec(),
            Self::Crc32c => crc(CrcAlgorithm::Crc32Iscsi)[4..].to_vec(),
            Self::Crc32 => crc(CrcAlgorithm::Crc32IsoHdlc)[4..].to_vec(),
            Self::Sha1 => Sha1::digest(data).to_vec(),
            Self::Sha256 => Sha256::digest(data).to_vec(),
        }
    }
}

/// What kind of ETag an object has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EtagKind {
    /// The MD5 of the content, as after a plain PUT.
    Md5,
    /// The MD5 of the parts' MD5s and their number, as after a multipart
    /// upload with parts of the content's `part_size`.
    Multipart,
    /// Sixteen bytes that are no digest of anything, as under SSE-KMS.
    Opaque,
    /// No ETag at all.
    Absent,
}

/// An object: its bytes come from [`pattern`], its descriptions from its bytes.
#[derive(Clone, Debug)]
pub struct Content {
    /// Length in bytes.
    pub size: u64,
    /// Seed of the pattern.
    pub seed: u64,
    /// Kind of the ETag.
    pub etag_kind: EtagKind,
    /// Checksums that an un-ranged reply shows.
    pub checksums: Vec<Algorithm>,
    /// Whether those checksums are composites of the parts' checksums.
    pub composite: bool,
    /// Part size of a multipart ETag or a composite checksum.
    pub part_size: u64,
    bytes: Arc<OnceLock<Vec<u8>>>,
    etag: Arc<OnceLock<Option<String>>>,
}

impl Content {
    /// Describes an object with an MD5 ETag and no checksums.
    pub fn new(size: u64, seed: u64) -> Self {
        Self {
            size,
            seed,
            etag_kind: EtagKind::Md5,
            checksums: Vec::new(),
            composite: false,
            part_size: 64 << 10,
            bytes: Arc::default(),
            etag: Arc::default(),
        }
    }

    /// Sets the kind of the ETag.
    #[must_use]
    pub fn etag_kind(mut self, kind: EtagKind) -> Self {
        self.etag_kind = kind;
        self.etag = Arc::default();
        self
    }

    /// Sets the part size of a multipart ETag and of composite checksums.
    #[must_use]
    pub fn part_size(mut self, part_size: u64) -> Self {
        self.part_size = part_size.max(1);
        self.etag = Arc::default();
        self
    }

    /// Sets the checksums that replies show.
    #[must_use]
    pub fn checksums(mut self, checksums: &[Algorithm]) -> Self {
        self.checksums = checksums.to_vec();
        self
    }

    /// Shows composites of the parts' checksums instead of those of the whole.
    #[must_use]
    pub fn composite(mut self) -> Self {
        self.composite = true;
        self
    }

    /// Returns the whole content, made at the first call.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get_or_init(|| pattern::bytes(self.seed, 0, index(self.size)))
    }

    /// Returns the bytes in `range`, cut to the object.
    pub fn slice(&self, range: Range<u64>) -> &[u8] {
        let end = index(range.end.min(self.size));
        &self.bytes()[index(range.start).min(end)..end]
    }

    /// Returns the number of parts.
    pub fn part_count(&self) -> u64 {
        self.size.div_ceil(self.part_size).max(1)
    }

    /// Returns the ETag with its quotes, or `None` when the object has none.
    pub fn etag(&self) -> Option<&str> {
        self.etag
            .get_or_init(|| match self.etag_kind {
                EtagKind::Md5 => Some(format!("\"{}\"", self.md5())),
                EtagKind::Multipart => Some(self.multipart_etag(self.part_size)),
                EtagKind::Opaque => Some(format!("\"{}\"", self.opaque())),
                EtagKind::Absent => None,
            })
            .as_deref()
    }

    /// Returns the MD5 in hexadecimal.
    pub fn md5(&self) -> String {
        hex(&Md5::digest(self.bytes()))
    }

    /// Returns the quoted ETag of an upload in parts of `part_size` bytes.
    pub fn multipart_etag(&self, part_size: u64) -> String {
        let mut whole = Md5::new();
        let mut count = 0;
        for part in self.parts(part_size) {
            whole.update(Md5::digest(part));
            count += 1;
        }
        format!("\"{}-{count}\"", hex(&whole.finalize()))
    }

    /// Returns a checksum of the whole content in base64.
    pub fn checksum(&self, algorithm: Algorithm) -> String {
        STANDARD.encode(algorithm.digest(self.bytes()))
    }

    /// Returns a composite checksum: the checksum of the parts' checksums, in
    /// base64, a hyphen and the number of parts.
    pub fn composite_checksum(&self, algorithm: Algorithm, part_size: u64) -> String {
        let mut digests = Vec::new();
        let mut count = 0;
        for part in self.parts(part_size) {
            digests.extend(algorithm.digest(part));
            count += 1;
        }
        format!("{}-{count}", STANDARD.encode(algorithm.digest(&digests)))
    }

    /// Returns the `x-amz-checksum-*` headers of an un-ranged reply.
    pub fn checksum_headers(&self) -> Vec<(String, String)> {
        let mut headers: Vec<_> = self
            .checksums
            .iter()
            .map(|&algorithm| {
                let value = match self.composite {
                    true => self.composite_checksum(algorithm, self.part_size),
                    false => self.checksum(algorithm),
                };
                (format!("x-amz-checksum-{}", algorithm.name()), value)
            })
            .collect();
        if !headers.is_empty() {
            let kind = match self.composite {
                true => "COMPOSITE",
                false => "FULL_OBJECT",
            };
            headers.push(("x-amz-checksum-type".to_owned(), kind.to_owned()));
        }
        headers
    }

    fn parts(&self, part_size: u64) -> impl Iterator<Item = &[u8]> {
        let empty = self.bytes().is_empty().then_some(&[][..]);
        self.bytes().chunks(index(part_size.max(1))).chain(empty)
    }

    fn opaque(&self) -> String {
        hex(&Md5::digest(format!("opaque {} {}", self.size, self.seed).as_bytes()))
    }
}

/// Writes bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn index(position: u64) -> usize {
    usize::try_from(position).expect("objects of tests fit into memory")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn checksums_have_their_published_check_values() {
        // The check values of the catalogue of parametrised CRC algorithms.
        let check = |algorithm: Algorithm| hex(&algorithm.digest(b"123456789"));
        assert_eq!(check(Algorithm::Crc64Nvme), "ae8b14860a799888");
        assert_eq!(check(Algorithm::Crc32c), "e3069283");
        assert_eq!(check(Algorithm::Crc32), "cbf43926");
    }

    #[test]
    fn an_empty_object_has_the_md5_of_nothing() {
        let etag = "\"d41d8cd98f00b204e9800998ecf8427e\"";
        assert_eq!(Content::new(0, 1).etag(), Some(etag));
    }

    #[test]
    fn multipart_etags_count_their_parts() {
        let content = Content::new(100_000, 1).etag_kind(EtagKind::Multipart);
        assert!(content.etag().unwrap().ends_with("-2\""));
        assert!(content.multipart_etag(10_000).ends_with("-10\""));
        assert!(content.composite_checksum(Algorithm::Sha256, 50_000).ends_with("=-2"));
    }
}
