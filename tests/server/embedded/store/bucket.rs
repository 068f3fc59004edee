//! A bucket: keys in the order of their UTF-8 bytes, each with its versions.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};

use super::attributes::{Attributes, Bypass, Restore};
use super::multipart::Upload;
use super::object::{NULL_VERSION, ObjectData, Version, Versions};
use super::{Settings, version_id};

/// The longest key in bytes that S3 takes.
const MAX_KEY_LENGTH: usize = 1024;

/// The versioning state of a bucket (PutBucketVersioning).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Versioning {
    /// Never enabled.
    #[default]
    Unversioned,
    /// Every put and delete adds a version.
    Enabled,
    /// Puts and deletes replace the `null` version, others stay.
    Suspended,
}

/// Whether versions of a bucket can be locked (Object Lock).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Locks {
    #[default]
    Absent,
    Enabled,
}

/// What must hold for a write to happen.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    None,
    /// `If-None-Match: *`
    Absent,
    /// `If-Match: "etag"`, without quotes.
    Etag(String),
}

/// What a delete did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// The version that was removed, or the delete marker that was added.
    pub version_id: Option<String>,
    /// Whether that is a delete marker.
    pub is_delete_marker: bool,
}

/// A version that was found, with the id to show for it.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) data: Arc<ObjectData>,
    pub(crate) last_modified: Timestamp,
    /// `None` in a bucket that never was versioned.
    pub(crate) version_id: Option<String>,
}

/// A bucket.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    pub(crate) created: Timestamp,
    pub(crate) settings: Arc<Settings>,
    sequence: Arc<AtomicU64>,
    state: RwLock<State>,
}

/// What changes in a bucket.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) objects: BTreeMap<Box<str>, Versions>,
    pub(crate) versioning: Versioning,
    pub(crate) locks: Locks,
    pub(crate) uploads: HashMap<String, Upload>,
}

impl Bucket {
    pub(crate) fn new(name: &str, settings: Arc<Settings>, sequence: Arc<AtomicU64>) -> Self {
        Self {
            name: name.to_owned(),
            created: Timestamp::now(),
            settings,
            sequence,
            state: RwLock::default(),
        }
    }

    /// The state for reading; a panic elsewhere leaves it whole, since every
    /// change is one insertion or removal.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn next_sequence(&self) -> u64 {
        self.sequence.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn versioning(&self) -> Versioning {
        self.read().versioning
    }

    pub(crate) fn set_versioning(&self, versioning: Versioning) {
        self.write().versioning = versioning;
    }

    pub(crate) fn locks(&self) -> Locks {
        self.read().locks
    }

    pub(crate) fn set_locks(&self, locks: Locks) {
        self.write().locks = locks;
    }

    /// Stores a version and returns it as found.
    pub(crate) fn put(
        &self,
        key: &str,
        data: Arc<ObjectData>,
        condition: &Condition,
    ) -> S3Result<Found> {
        check_key(key)?;
        let mut state = self.write();
        check_condition(state.objects.get(key), condition)?;
        let version = state.version(self.next_sequence(), Some(data));
        let found = state.found(&version);
        state.push(key, version);
        found.ok_or_else(|| s3_error!(InternalError))
    }

    /// Finds the current version, or the one with that id.
    pub(crate) fn find(&self, key: &str, version_id: Option<&str>) -> S3Result<Found> {
        let state = self.read();
        let versions = state.objects.get(key);
        let version = match version_id {
            None => versions.map(Versions::newest),
            Some(id) => {
                let wanted = WantedVersion::parse(id)?;
                let found = versions.and_then(|all| all.iter().find(|one| wanted.is(one)));
                Some(found.ok_or_else(no_such_version)?)
            }
        };
        let version = version.ok_or_else(no_such_key)?;
        state.found(version).ok_or_else(|| delete_marker_error(version, version_id.is_some()))
    }

    /// DeleteObject: a key or version that is not there is deleted all the same.
    pub(crate) fn delete(
        &self,
        key: &str,
        version_id: Option<&str>,
        bypass: Bypass,
    ) -> S3Result<Deleted> {
        check_key(key)?;
        let mut state = self.write();
        if let Some(id) = version_id {
            let wanted = WantedVersion::parse(id)?;
            state.check_lock(key, wanted, bypass)?;
            let removed = state.remove(key, |version| wanted.is(version));
            return Ok(Deleted {
                version_id: Some(id.to_owned()),
                is_delete_marker: removed.is_some_and(|version| version.data.is_none()),
            });
        }
        if state.versioning == Versioning::Unversioned {
            state.objects.remove(key);
            return Ok(Deleted::default());
        }
        let marker = state.version(self.next_sequence(), None);
        let version_id = Some(marker.id());
        state.push(key, marker);
        Ok(Deleted { version_id, is_delete_marker: true })
    }

    /// Replaces the data of a version in place, as PutObjectTagging does.
    pub(crate) fn update(
        &self,
        key: &str,
        version_id: Option<&str>,
        change: impl FnOnce(&ObjectData) -> ObjectData,
    ) -> S3Result<Option<String>> {
        let found = self.find(key, version_id)?;
        let changed = Arc::new(change(&found.data));
        let mut state = self.write();
        let version = state
            .objects
            .get_mut(key)
            .and_then(|versions| versions.iter_mut().find(|one| one.holds(&found.data)))
            .ok_or_else(no_such_key)?;
        version.data = Some(changed);
        Ok(found.version_id)
    }

    /// Changes what is known of a version beside its bytes.
    pub(crate) fn update_attributes(
        &self,
        key: &str,
        version_id: Option<&str>,
        change: impl FnOnce(&mut Attributes),
    ) -> S3Result<Option<String>> {
        self.update(key, version_id, |data| {
            let mut attributes = data.attributes().cloned().unwrap_or_default();
            change(&mut attributes);
            data.with_attributes(attributes)
        })
    }

    /// Makes the copies of all restores that are under way; returns how many.
    pub(crate) fn finish_restores(&self) -> usize {
        let mut finished = 0;
        for versions in self.write().objects.values_mut() {
            for version in versions.iter_mut() {
                let Some(data) = &version.data else { continue };
                let Some(Restore::Ongoing { days }) = data.attributes().and_then(|own| own.restore)
                else {
                    continue;
                };
                let mut attributes = data.attributes().cloned().unwrap_or_default();
                attributes.restore = Some(Restore::until(days));
                version.data = Some(Arc::new(data.with_attributes(attributes)));
                finished += 1;
            }
        }
        finished
    }

    /// Whether DeleteBucket may remove it: delete markers count as content.
    pub(crate) fn is_empty(&self) -> bool {
        self.read().objects.is_empty()
    }
}

impl State {
    /// A new version as the bucket's versioning state wants it.
    fn version(&self, sequence: u64, data: Option<Arc<ObjectData>>) -> Version {
        Version {
            sequence,
            is_null: self.versioning != Versioning::Enabled,
            last_modified: Timestamp::now(),
            data,
        }
    }

    fn push(&mut self, key: &str, version: Version) {
        match self.objects.get_mut(key) {
            Some(versions) => versions.push(version),
            None => {
                self.objects.insert(key.into(), Versions::new(version));
            }
        }
    }

    fn remove(&mut self, key: &str, is_wanted: impl Fn(&Version) -> bool) -> Option<Version> {
        let (removed, is_last) = self.objects.get_mut(key)?.remove(is_wanted)?;
        if is_last {
            self.objects.remove(key);
        }
        Some(removed)
    }

    /// A lock keeps a version, but nothing keeps a delete marker from coming on top.
    fn check_lock(&self, key: &str, wanted: WantedVersion, bypass: Bypass) -> S3Result<()> {
        let versions = self.objects.get(key);
        let version = versions.and_then(|all| all.iter().find(|one| wanted.is(one)));
        let attributes = version.and_then(|one| one.data.as_ref()?.attributes());
        if attributes.is_some_and(|own| own.is_locked(Timestamp::now(), bypass)) {
            return Err(s3_error!(
                AccessDenied,
                "Access Denied because object protected by object lock."
            ));
        }
        Ok(())
    }

    fn found(&self, version: &Version) -> Option<Found> {
        Some(Found {
            data: version.data.clone()?,
            last_modified: version.last_modified,
            version_id: (self.versioning != Versioning::Unversioned).then(|| version.id()),
        })
    }
}

impl Version {
    fn holds(&self, data: &Arc<ObjectData>) -> bool {
        self.data.as_ref().is_some_and(|own| Arc::ptr_eq(own, data))
    }
}

/// A version id that a client sent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum WantedVersion {
    Null,
    Sequence(u64),
}

impl WantedVersion {
    pub(crate) fn parse(id: &str) -> S3Result<Self> {
        if id == NULL_VERSION {
            return Ok(Self::Null);
        }
        version_id::decode(id)
            .map(Self::Sequence)
            .ok_or_else(|| s3_error!(InvalidArgument, "Invalid version id specified"))
    }

    pub(crate) fn is(self, version: &Version) -> bool {
        match self {
            Self::Null => version.is_null,
            Self::Sequence(sequence) => !version.is_null && version.sequence == sequence,
        }
    }
}

pub(crate) fn check_key(key: &str) -> S3Result<()> {
    if key.is_empty() || key.len() > MAX_KEY_LENGTH {
        return Err(s3_error!(KeyTooLongError, "Your key is too long"));
    }
    Ok(())
}

pub(crate) fn check_condition(versions: Option<&Versions>, condition: &Condition) -> S3Result<()> {
    let current = versions.and_then(|versions| versions.newest().data.as_ref());
    match (condition, current) {
        (Condition::None, _) | (Condition::Absent, None) => Ok(()),
        (Condition::Absent, Some(_)) => Err(precondition_failed()),
        (Condition::Etag(_), None) => Err(no_such_key()),
        (Condition::Etag(etag), Some(data)) if data.etag.to_text() == *etag => Ok(()),
        (Condition::Etag(_), Some(_)) => Err(precondition_failed()),
    }
}

pub(crate) fn precondition_failed() -> S3Error {
    s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold")
}

pub(crate) fn no_such_key() -> S3Error {
    s3_error!(NoSuchKey, "The specified key does not exist.")
}

fn no_such_version() -> S3Error {
    s3_error!(NoSuchVersion, "The specified version does not exist.")
}

/// GetObject on a delete marker: 404 as the current version, 405 by its id.
fn delete_marker_error(marker: &Version, by_id: bool) -> S3Error {
    let mut headers = HeaderMap::new();
    let mut insert = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    insert("content-type", "application/xml");
    insert("x-amz-delete-marker", "true");
    insert("x-amz-version-id", &marker.id());
    let mut error = if by_id {
        insert("allow", "DELETE");
        S3Error::with_message(
            S3ErrorCode::MethodNotAllowed,
            "The specified method is not allowed against this resource.",
        )
    } else {
        no_such_key()
    };
    error.set_headers(headers);
    error
}
