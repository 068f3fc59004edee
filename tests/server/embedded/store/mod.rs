//! The store behind the server: buckets in memory, also open to tests directly.
//!
//! What a test does through [`Store`] needs no HTTP and panics on misuse, such
//! as a bucket that was not created; the S3 operations use the fallible
//! functions of the bucket underneath.

mod attributes;
mod bucket;
mod checksum;
mod content;
mod generate;
mod list;
mod multipart;
mod object;
mod version_id;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use jiff::Timestamp;
use s3s::{S3Result, s3_error};

pub use attributes::{Attributes, Grant, Grantee, LegalHold, Restore, Retention, RetentionMode};
pub use bucket::{Deleted, Versioning};
pub use checksum::{Checksum, ChecksumAlgorithm, ChecksumType};
pub use content::{Chunks, Content};
pub use generate::{GenerateSpec, Generated, ODD_KEYS};
pub use object::NULL_VERSION;

pub(crate) use attributes::Bypass;
pub(crate) use bucket::{Bucket, Condition, Found, Locks, precondition_failed};
pub(crate) use checksum::ChecksumDigest;
pub(crate) use list::{Item, Last, PageQuery, Shown, Start};
pub(crate) use multipart::{Completion, NamedPart, Upload, UploadedPart};
pub(crate) use object::{Md5, ObjectData, hex, opaque_tag};

/// Choices of the server that the store follows.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The checksum of objects whose client named none.
    pub(crate) default_checksum: Option<ChecksumAlgorithm>,
    /// The smallest part but the last, in bytes.
    pub(crate) min_part_size: u64,
    /// The most entries of a listing's page.
    pub(crate) page_size: usize,
    /// Whether access control lists can be written.
    pub(crate) acls: Acls,
}

/// What becomes of access control lists that clients write (Object Ownership).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acls {
    Kept,
    /// BucketOwnerEnforced, the default on AWS since April 2023.
    Refused,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            default_checksum: Some(ChecksumAlgorithm::Crc64Nvme),
            min_part_size: 0,
            page_size: 1000,
            acls: Acls::Kept,
        }
    }
}

/// How [`Store::put_with`] stores an object.
#[derive(Clone, Debug, Default)]
pub struct PutOptions {
    /// Headers, metadata, storage class, tags.
    pub attributes: Attributes,
    /// The checksum to keep.
    pub checksum: ChecksumChoice,
    /// The entity tag to give.
    pub etag: EtagChoice,
}

/// What an object's entity tag is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EtagChoice {
    /// MD5 of the bytes.
    #[default]
    Md5,
    /// Nothing one could compute, as under SSE-KMS, which replies name.
    Opaque,
}

/// Which checksum an object gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChecksumChoice {
    /// The server's default.
    #[default]
    Default,
    /// None, as of objects older than the default.
    None,
    /// This one.
    Of(ChecksumAlgorithm),
}

/// What was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Entity tag without quotes.
    pub etag: String,
    /// `None` in a bucket that never was versioned.
    pub version_id: Option<String>,
    /// Algorithm and value, with `-N` if composite.
    pub checksum: Option<(ChecksumAlgorithm, String)>,
    /// Length in bytes.
    pub size: u64,
    /// When it was stored.
    pub last_modified: Timestamp,
}

/// All buckets; clones are the same store.
#[derive(Clone, Debug)]
pub struct Store {
    settings: Arc<Settings>,
    sequence: Arc<AtomicU64>,
    buckets: Arc<RwLock<BTreeMap<String, Arc<Bucket>>>>,
}

/// What tests do without HTTP. Every function but the first panics if the
/// bucket does not exist.
impl Store {
    /// Creates a bucket, unless it exists.
    pub fn create_bucket(&self, bucket: &str) {
        // It exists already otherwise, which is what the caller wants.
        let _created = self.try_create_bucket(bucket);
    }

    /// Enables versioning.
    pub fn enable_versioning(&self, bucket: &str) {
        self.existing(bucket).set_versioning(Versioning::Enabled);
    }

    /// Lets versions be locked, as a bucket made with Object Lock: it is versioned, too.
    pub fn enable_object_lock(&self, bucket: &str) {
        let bucket = self.existing(bucket);
        bucket.set_versioning(Versioning::Enabled);
        bucket.set_locks(Locks::Enabled);
    }

    /// Ends every restore that was asked for, as hours do on AWS; returns how many there were.
    pub fn finish_restores(&self, bucket: &str) -> usize {
        self.existing(bucket).finish_restores()
    }

    /// What is kept about the current object beside its bytes, or `None` without one.
    pub fn attributes(&self, bucket: &str, key: &str) -> Option<Attributes> {
        let found = self.existing(bucket).find(key, None).ok()?;
        Some(found.data.attributes().cloned().unwrap_or_default())
    }

    /// Keys of the uploads that are neither completed nor aborted, in order.
    pub fn uploads(&self, bucket: &str) -> Vec<String> {
        let bucket = self.existing(bucket);
        let mut keys: Vec<_> =
            bucket.read().uploads.values().map(|upload| upload.key.clone()).collect();
        keys.sort();
        keys
    }

    /// Suspends versioning: what is put now becomes the `null` version.
    pub fn suspend_versioning(&self, bucket: &str) {
        self.existing(bucket).set_versioning(Versioning::Suspended);
    }

    /// Puts an object.
    pub fn put(&self, bucket: &str, key: &str, body: impl Into<Bytes>) -> Stored {
        self.put_with(bucket, key, body, PutOptions::default())
    }

    /// Puts an object with attributes or another checksum.
    pub fn put_with(
        &self,
        bucket: &str,
        key: &str,
        body: impl Into<Bytes>,
        options: PutOptions,
    ) -> Stored {
        self.put_content(bucket, key, Content::Whole(body.into()), options)
    }

    /// Puts `length` bytes of [`crate::pattern`], of which none is kept in memory.
    pub fn put_pattern(&self, bucket: &str, key: &str, seed: u64, length: u64) -> Stored {
        self.put_pattern_with(bucket, key, seed, length, PutOptions::default())
    }

    /// Puts a pattern with attributes or other digests. With an opaque ETag and
    /// no checksum nothing is computed: a terabyte takes no time.
    pub fn put_pattern_with(
        &self,
        bucket: &str,
        key: &str,
        seed: u64,
        length: u64,
        options: PutOptions,
    ) -> Stored {
        self.put_content(bucket, key, Content::Pattern { seed, length }, options)
    }

    /// Puts an object as a multipart upload of these parts, with the default
    /// checksum over all bytes.
    pub fn put_multipart(&self, bucket: &str, key: &str, parts: &[Bytes]) -> Stored {
        let checksum = self.settings.default_checksum;
        let checksum = checksum.map(|algorithm| (algorithm, ChecksumType::FullObject));
        self.put_multipart_with(bucket, key, parts, checksum, Attributes::default())
    }

    /// Puts an object as a multipart upload with that checksum.
    pub fn put_multipart_with(
        &self,
        bucket: &str,
        key: &str,
        parts: &[Bytes],
        checksum: Option<(ChecksumAlgorithm, ChecksumType)>,
        attributes: Attributes,
    ) -> Stored {
        let store = self.existing(bucket);
        let id = store.create_upload(key, checksum, attributes).expect("a key that S3 takes");
        let mut completion = Completion {
            parts: Vec::new(),
            checksum: None,
            size: None,
            condition: Condition::None,
        };
        for (number, bytes) in (1..).zip(parts) {
            let content = Content::Whole(bytes.clone());
            let (md5, checksum) = content.digests(checksum.map(|(algorithm, _)| algorithm));
            completion.parts.push(NamedPart { number, etag: hex(&md5), checksum });
            let part = UploadedPart {
                bytes: bytes.clone(),
                md5,
                checksum,
                last_modified: Timestamp::now(),
            };
            store.put_part(key, &id, number, part).expect("the upload was just created");
        }
        let found = store.complete_upload(key, &id, &completion);
        Stored::new(&found.expect("at least one part, and parts as large as the server wants"))
    }

    /// Deletes an object as DeleteObject does: in a versioned bucket, by a delete marker.
    pub fn delete(&self, bucket: &str, key: &str) -> Deleted {
        let deleted = self.existing(bucket).delete(key, None, Bypass::No);
        deleted.expect("a key that S3 takes")
    }

    /// Deletes one version for good.
    ///
    /// # Panics
    /// If `version_id` did not come from this store, or is locked.
    pub fn delete_version(&self, bucket: &str, key: &str, version_id: &str) -> Deleted {
        let deleted = self.existing(bucket).delete(key, Some(version_id), Bypass::No);
        deleted.expect("an unlocked version of this store")
    }

    /// The bytes of the current object, or `None` if there is none.
    pub fn get(&self, bucket: &str, key: &str) -> Option<Bytes> {
        let found = self.existing(bucket).find(key, None).ok()?;
        Some(found.data.content.to_bytes())
    }

    /// What is stored under the key now, or `None`.
    pub fn head(&self, bucket: &str, key: &str) -> Option<Stored> {
        let found = self.existing(bucket).find(key, None).ok()?;
        Some(Stored::new(&found))
    }

    /// Keys of current objects, in order.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        let bucket = self.existing(bucket);
        let query = PageQuery {
            shown: Shown::Objects,
            prefix: "",
            delimiter: None,
            start: Start::Beginning,
            max_keys: usize::MAX,
        };
        let mut keys = Vec::new();
        let listed = bucket.list(&query, |item| {
            if let Item::Version { key, .. } = item {
                keys.push(key.to_owned());
            }
        });
        listed.expect("a listing from the beginning");
        keys
    }

    fn put_content(
        &self,
        bucket: &str,
        key: &str,
        content: Content,
        options: PutOptions,
    ) -> Stored {
        let algorithm = match options.checksum {
            ChecksumChoice::Default => self.settings.default_checksum,
            ChecksumChoice::None => None,
            ChecksumChoice::Of(algorithm) => Some(algorithm),
        };
        let data = match options.etag {
            EtagChoice::Md5 => ObjectData::new(content, algorithm, options.attributes),
            EtagChoice::Opaque => ObjectData::opaque(content, algorithm, options.attributes),
        };
        let found = self.existing(bucket).put(key, Arc::new(data), &Condition::None);
        Stored::new(&found.expect("a key that S3 takes"))
    }

    fn existing(&self, bucket: &str) -> Arc<Bucket> {
        self.bucket(bucket).unwrap_or_else(|_| panic!("create the bucket {bucket} first"))
    }
}

impl Store {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings: Arc::new(settings),
            // From 1: a sequence of 0 would be the first upload's complement.
            sequence: Arc::new(AtomicU64::new(1)),
            buckets: Arc::default(),
        }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn bucket(&self, name: &str) -> S3Result<Arc<Bucket>> {
        let buckets = self.buckets.read().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.get(name).cloned();
        bucket.ok_or_else(|| s3_error!(NoSuchBucket, "The specified bucket does not exist"))
    }

    pub(crate) fn buckets(&self) -> Vec<Arc<Bucket>> {
        let buckets = self.buckets.read().unwrap_or_else(PoisonError::into_inner);
        buckets.values().cloned().collect()
    }

    pub(crate) fn try_create_bucket(&self, name: &str) -> S3Result<()> {
        let mut buckets = self.buckets.write().unwrap_or_else(PoisonError::into_inner);
        if buckets.contains_key(name) {
            return Err(s3_error!(
                BucketAlreadyOwnedByYou,
                "Your previous request to create the named bucket succeeded and you already own it."
            ));
        }
        let bucket = Bucket::new(name, Arc::clone(&self.settings), Arc::clone(&self.sequence));
        buckets.insert(name.to_owned(), Arc::new(bucket));
        Ok(())
    }

    pub(crate) fn delete_bucket(&self, name: &str) -> S3Result<()> {
        let is_empty = self.bucket(name)?.is_empty();
        if !is_empty {
            return Err(s3_error!(BucketNotEmpty, "The bucket you tried to delete is not empty"));
        }
        let mut buckets = self.buckets.write().unwrap_or_else(PoisonError::into_inner);
        buckets.remove(name);
        Ok(())
    }
}

impl Stored {
    fn new(found: &Found) -> Self {
        let checksum = found.data.checksum.zip(found.data.checksum_text());
        Self {
            etag: found.data.etag.to_text(),
            version_id: found.version_id.clone(),
            checksum: checksum.map(|((checksum, _), text)| (checksum.algorithm(), text)),
            size: found.data.content.len(),
            last_modified: found.last_modified,
        }
    }
}
