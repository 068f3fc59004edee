//! Objects, versions and delete markers.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use md5::Digest as _;

use super::attributes::Attributes;
use super::checksum::{Checksum, ChecksumAlgorithm, ChecksumDigest, ChecksumType};
use super::content::Content;
use crate::pattern::mix;

/// The version id of objects that were put while versioning was not enabled.
pub const NULL_VERSION: &str = "null";

/// An MD5 in the making.
pub(crate) struct Md5(md5::Md5);

impl Md5 {
    pub(crate) fn new() -> Self {
        Self(md5::Md5::new())
    }

    pub(crate) fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    pub(crate) fn finish(self) -> [u8; 16] {
        self.0.finalize().into()
    }
}

/// The entity tag: MD5 of the bytes, or of the parts' MD5s with their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Etag {
    pub(crate) md5: [u8; 16],
    /// Zero for an object that was put in one request.
    pub(crate) parts: u16,
}

impl Etag {
    /// The tag without quotes.
    pub(crate) fn to_text(self) -> String {
        let mut text = hex(&self.md5);
        if self.parts > 0 {
            text.push('-');
            text.push_str(&self.parts.to_string());
        }
        text
    }
}

/// A part of a finished multipart upload.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) size: u64,
    pub(crate) checksum: Option<Checksum>,
}

/// The data of one version, shared by everybody who reads it.
#[derive(Debug)]
pub(crate) struct ObjectData {
    pub(crate) content: Content,
    pub(crate) etag: Etag,
    pub(crate) checksum: Option<(Checksum, ChecksumType)>,
    /// Parts by number, from 1, without gaps; empty unless it was a multipart upload.
    pub(crate) parts: Box<[Part]>,
    /// Boxed and absent for plain objects: a million of them must stay small.
    attributes: Option<Box<Attributes>>,
}

impl ObjectData {
    /// An object put in one request, its digests computed here.
    pub(crate) fn new(
        content: Content,
        algorithm: Option<ChecksumAlgorithm>,
        attributes: Attributes,
    ) -> Self {
        let (md5, checksum) = content.digests(algorithm);
        Self::with_digests(content, md5, checksum, attributes)
    }

    /// An object as under SSE-KMS: its ETag tells nothing about its bytes.
    pub(crate) fn opaque(
        content: Content,
        algorithm: Option<ChecksumAlgorithm>,
        attributes: Attributes,
    ) -> Self {
        let attributes = attributes.header("x-amz-server-side-encryption", "aws:kms");
        Self::hidden(content, algorithm, attributes)
    }

    /// An object whose encryption hides its MD5.
    pub(crate) fn hidden(
        content: Content,
        algorithm: Option<ChecksumAlgorithm>,
        attributes: Attributes,
    ) -> Self {
        let checksum = algorithm.map(|algorithm| {
            let mut digest = ChecksumDigest::new(algorithm);
            content.chunks(0..content.len()).for_each(|chunk| digest.update(&chunk));
            digest.finish()
        });
        let etag = opaque_tag(content.len());
        Self::with_digests(content, etag, checksum, attributes)
    }

    /// An object put in one request, its digests known.
    pub(crate) fn with_digests(
        content: Content,
        md5: [u8; 16],
        checksum: Option<Checksum>,
        attributes: Attributes,
    ) -> Self {
        Self {
            content,
            etag: Etag { md5, parts: 0 },
            checksum: checksum.map(|checksum| (checksum, ChecksumType::FullObject)),
            parts: Box::default(),
            attributes: box_attributes(attributes),
        }
    }

    /// An object made of parts.
    pub(crate) fn multipart(
        content: Content,
        etag: Etag,
        checksum: Option<(Checksum, ChecksumType)>,
        parts: Box<[Part]>,
        attributes: Attributes,
    ) -> Self {
        Self { content, etag, checksum, parts, attributes: box_attributes(attributes) }
    }

    pub(crate) fn attributes(&self) -> Option<&Attributes> {
        self.attributes.as_deref()
    }

    pub(crate) fn storage_class(&self) -> Option<&str> {
        self.attributes()?.storage_class.as_deref()
    }

    /// The same bytes with other attributes.
    pub(crate) fn with_attributes(&self, attributes: Attributes) -> Self {
        Self {
            content: self.content.clone(),
            etag: self.etag,
            checksum: self.checksum,
            parts: self.parts.clone(),
            attributes: box_attributes(attributes),
        }
    }

    /// The checksum as headers and XML show it.
    pub(crate) fn checksum_text(&self) -> Option<String> {
        let (checksum, checksum_type) = &self.checksum?;
        let text = checksum.to_base64();
        Some(match checksum_type {
            ChecksumType::FullObject => text,
            ChecksumType::Composite => format!("{text}-{}", self.parts.len()),
        })
    }

    /// The bytes that part `number` (from 1) covers; an object that was not a
    /// multipart upload is its own only part.
    pub(crate) fn part_range(&self, number: usize) -> Option<Range<u64>> {
        if self.parts.is_empty() {
            return (number == 1).then(|| 0..self.content.len());
        }
        let before = self.parts.get(..number.checked_sub(1)?)?;
        let start = before.iter().map(|part| part.size).sum();
        Some(start..start + self.parts.get(number - 1)?.size)
    }
}

fn box_attributes(attributes: Attributes) -> Option<Box<Attributes>> {
    (!attributes.is_plain()).then(|| Box::new(attributes))
}

/// An object version or a delete marker.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    /// Grows with every write to the store: newer versions have larger ones.
    pub(crate) sequence: u64,
    /// Written while versioning was not enabled.
    pub(crate) is_null: bool,
    pub(crate) last_modified: jiff::Timestamp,
    /// `None` for a delete marker.
    pub(crate) data: Option<Arc<ObjectData>>,
}

impl Version {
    /// The version id as clients see it.
    pub(crate) fn id(&self) -> String {
        if self.is_null {
            NULL_VERSION.to_owned()
        } else {
            super::version_id::encode(self.sequence)
        }
    }
}

/// All versions of one key; there is always one.
#[derive(Debug)]
pub(crate) struct Versions {
    newest: Version,
    /// Oldest first, so that a put appends.
    older: Vec<Version>,
}

impl Versions {
    pub(crate) fn new(version: Version) -> Self {
        Self { newest: version, older: Vec::new() }
    }

    pub(crate) fn newest(&self) -> &Version {
        &self.newest
    }

    /// Newest first, as ListObjectVersions lists them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Version> {
        std::iter::once(&self.newest).chain(self.older.iter().rev())
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Version> {
        std::iter::once(&mut self.newest).chain(self.older.iter_mut().rev())
    }

    /// Adds a version on top; a null version replaces the one there was.
    pub(crate) fn push(&mut self, version: Version) {
        if version.is_null {
            self.older.retain(|older| !older.is_null);
            if self.newest.is_null {
                self.newest = version;
                return;
            }
        }
        self.older.push(std::mem::replace(&mut self.newest, version));
    }

    /// Removes the version that `is_wanted` picks and returns it, and whether
    /// the key is now without versions.
    pub(crate) fn remove(
        &mut self,
        is_wanted: impl Fn(&Version) -> bool,
    ) -> Option<(Version, bool)> {
        if is_wanted(&self.newest) {
            return Some(match self.older.pop() {
                Some(next) => (std::mem::replace(&mut self.newest, next), false),
                None => (self.newest.clone(), true),
            });
        }
        let position = self.older.iter().position(is_wanted)?;
        Some((self.older.remove(position), false))
    }
}

/// What stands for an MD5 where encryption hides it: different at every call.
pub(crate) fn opaque_tag(length: u64) -> [u8; 16] {
    let mut tag = [0; 16];
    tag[..8].copy_from_slice(&mix(length).to_le_bytes());
    tag[8..].copy_from_slice(&random().to_le_bytes());
    tag
}

/// Different at every call.
fn random() -> u64 {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    mix(!CALLS.fetch_add(1, Ordering::Relaxed))
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}
