//! What a bucket holds: objects, common prefixes, buckets, and the names of their states.

mod checksum;
mod details;
mod etag;
mod metadata;
mod rights;
mod words;

use std::borrow::Cow;

pub use self::checksum::{Algorithm, Checksum, ChecksumType};
pub use self::details::{Details, Encryption, LegalHold, RestoreStatus, Retention, RetentionMode};
pub use self::etag::ETag;
pub use self::metadata::{Metadata, MetadataValue};
pub use self::rights::{Acl, Grant, Grantee};
use crate::time::Timestamp;

/// One object, or one version of it, as a listing or a reply describes it.
///
/// A listing fills the fields of the first block; [`Client::head`](crate::Client::head) and
/// an opened reader fill the second too. Absent means that the server did not say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Object {
    /// The key, byte for byte.
    pub key: String,
    /// The size in bytes; 0 for a delete marker.
    pub size: u64,
    /// The entity tag, without its quotes.
    pub etag: Option<ETag>,
    /// When it was last written.
    pub last_modified: Option<Timestamp>,
    /// The storage class, in S3's spelling (`STANDARD`, `GLACIER`, ...).
    pub storage_class: Option<Cow<'static, str>>,
    /// The version, in a bucket that has versions; `null` is a version too.
    pub version_id: Option<String>,
    /// Whether it is the newest version; true where there are no versions.
    pub is_latest: bool,
    /// Whether it is a delete marker, which has no content and cannot be opened.
    pub is_delete_marker: bool,
    /// How the restore of an archived object stands. A listing says so where it was asked to:
    /// [`ListOptions::restore_status`](crate::ListOptions::restore_status).
    pub restore_status: Option<RestoreStatus>,

    /// The checksums that the server keeps (`x-amz-checksum-*`).
    pub checksums: Vec<Checksum>,
    /// What a reply says besides, and no listing: headers, metadata, encryption, lock.
    pub details: Option<Box<Details>>,
}

impl Object {
    /// An object of which only the key is known; set what else is.
    pub fn new(key: impl Into<String>) -> Self {
        Object {
            key: key.into(),
            size: 0,
            etag: None,
            last_modified: None,
            storage_class: None,
            version_id: None,
            is_latest: true,
            is_delete_marker: false,
            restore_status: None,
            checksums: Vec::new(),
            details: None,
        }
    }

    /// Its metadata: headers that were given when it was written, and the user's own fields;
    /// empty where no reply has told them.
    ///
    /// ```no_run
    /// # fn main() -> s3stream_core::Result<()> {
    /// let client = s3stream_core::blocking::Client::from_env()?;
    /// let object = client.head("bucket", "key", None)?;
    /// for (name, value) in &object.metadata().user {
    ///     println!("{name}: {}", value.text());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn metadata(&self) -> &Metadata {
        static NONE: Metadata = Metadata::new();
        self.details.as_deref().map_or(&NONE, |details| &details.metadata)
    }

    /// The media type, as text.
    pub fn content_type(&self) -> Option<Cow<'_, str>> {
        self.metadata().content_type.as_ref().map(MetadataValue::text)
    }
}

/// A group of keys that share a beginning up to a delimiter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommonPrefix {
    /// The shared beginning, the delimiter included.
    pub prefix: String,
}

/// A storage class as a field holds it: S3's own names are not copied for every object.
pub(crate) fn storage_class(name: &str) -> Cow<'static, str> {
    const KNOWN: [&str; 12] = [
        "STANDARD",
        "STANDARD_IA",
        "GLACIER",
        "DEEP_ARCHIVE",
        "GLACIER_IR",
        "INTELLIGENT_TIERING",
        "ONEZONE_IA",
        "REDUCED_REDUNDANCY",
        "EXPRESS_ONEZONE",
        "OUTPOSTS",
        "SNOW",
        "FSX_OPENZFS",
    ];
    match KNOWN.into_iter().find(|known| *known == name) {
        Some(known) => Cow::Borrowed(known),
        None => Cow::Owned(name.to_owned()),
    }
}

/// One item of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// An object, a version or a delete marker.
    Object(Object),
    /// A group of keys; only in a listing with a delimiter.
    CommonPrefix(CommonPrefix),
}

impl Entry {
    /// The key of an object, or the prefix of a group: what the listing is ordered by.
    pub fn name(&self) -> &str {
        match self {
            Entry::Object(object) => &object.key,
            Entry::CommonPrefix(group) => &group.prefix,
        }
    }
}

/// One bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bucket {
    /// The name.
    pub name: String,
    /// When it was created.
    pub created: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storage_class_is_any_name() {
        for name in ["STANDARD", "GLACIER", "COLD_OF_SOME_SERVER"] {
            assert_eq!(storage_class(name), name);
        }
    }
}
